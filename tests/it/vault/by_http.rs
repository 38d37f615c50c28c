//! Attachments that come by HTTP.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_sent_by_http_arrives() {
    let server = Server::start(SQLITE_SPOOL, None).await;
    let world = &server.world;
    let file = pdf("by http");
    let statement = registration("B-1", terms(vec![entry("x.pdf", &file)]), world.now());
    let mut event = papers::document(&sign(statement, world), world.now());
    event["data"]["attachments"] =
        json!([{"sha256": hex_digest(&file), "content": STANDARD.encode(&file)}]);
    let answer = server.post("application/cloudevents+json", &event).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    world.quiet(1).await;
    let original = world.desk.original(&bond_id("B-1"), None).await.unwrap();
    assert_eq!(bytes_of(&original), [("x.pdf".to_owned(), file)]);
}
