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

/// A PDF as large as this, to the byte.
fn large_pdf(size: usize) -> Vec<u8> {
    let mut padding = size - pdf("").len();
    // The place of the table is written with more digits then.
    padding -= pdf(&"x".repeat(padding)).len() - size;
    let file = pdf(&"x".repeat(padding));
    assert_eq!(file.len(), size);
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_takes_an_attachment_of_the_largest_size_and_none_that_is_a_byte_larger() {
    const TOKEN: &str = "a-token-of-more-than-16";
    let server = Server::start(SQLITE_SPOOL, Some(TOKEN)).await;
    let world = &server.world;
    let head = format!("Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n");
    let send = async |number: &str, file: &[u8]| {
        let terms = terms(vec![entry("x.pdf", file)]);
        let cms = sign(registration(number, terms, world.now()), world);
        let body =
            json!({"document": STANDARD.encode(cms), "attachments": [STANDARD.encode(file)]});
        let body = serde_json::to_vec(&body).unwrap();
        server.ask("POST", "/api/v1/documents", &head, &body).await
    };
    let largest = world.settings.vault.attachment_max_bytes;
    let file = large_pdf(largest);
    let answer = send("B-1", &file).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let original = world.desk.original(&bond_id("B-1"), None).await.unwrap();
    assert!(
        bytes_of(&original) == [("x.pdf".to_owned(), file)],
        "as it was sent"
    );
    let problem = send("B-2", &large_pdf(largest + 1)).await.problem(413);
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("has 20971521 bytes, at most 20971520 are taken"),
        "{detail}"
    );
    assert!(world.store().bond(&bond_id("B-2")).await.unwrap().is_none());
}
