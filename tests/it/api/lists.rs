//! Lists page by page, paper bonds, rehearsals, keys by hand.

use bondhub_core::account::Role;
use serde_json::{Value, json};

use super::{TOKEN, get, token_of};
use crate::{
    harness::{
        cast::{OWNER, WINNER},
        papers::CASE,
    },
    http::Server,
};

/// Sends JSON as whoever has the installation's token.
async fn send(server: &Server, method: &str, path: &str, body: &Value) -> (u16, String) {
    let head = format!("Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n");
    let body = serde_json::to_vec(body).unwrap();
    let answer = server
        .ask(method, &format!("/api/v1{path}"), &head, &body)
        .await;
    (answer.status, answer.body)
}

/// Paper is entered, listed page by page, and ended; a party lists its own and by its last change.
pub(super) async fn paged(server: &Server) {
    for number in ["P-1", "P-2"] {
        let bond = json!({
            "number": number, "kind": "performance", "instrument": "insurance", "contractor": WINNER,
            "owner": OWNER, "amount": 1000, "from": "2026-04-01", "to": "2027-03-31",
        });
        let (status, told) = send(server, "POST", "/paper-bonds/S001", &bond).await;
        assert_eq!(status, 200, "{told}");
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = get(server, &format!("/bonds?limit=1{after}")).await;
        seen.push(page["items"][0]["bond"].as_str().unwrap().to_owned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={}", next.replace('/', "%2F")),
            None => break,
        }
    }
    // Of B-1 nobody lists before the opening that it is there (R21); pages are as long as without it.
    assert_eq!(seen, ["S001/P-1", "S001/P-2"]);
    let bids = get(server, "/bonds?kind=bid").await;
    assert_eq!(bids["items"], json!([]));
    let clerk = token_of(&server.world, Role::Clerk, Some(WINNER)).await;
    let own = "/api/v1/bonds?order=changed&limit=1";
    let page = server.ask("GET", own, &clerk, b"").await.json();
    assert_eq!(
        page["items"][0]["content"]["amount"]["amount"], 1000,
        "{page}"
    );
    assert!(page["next"].is_string());
    let head = format!("{clerk}Content-Type: application/json\r\n");
    let path = "/api/v1/bonds/S001/B-1/keys/issue";
    let issue = server.ask("POST", path, &head, br#"{"role":"owner"}"#);
    issue.await.problem(422);
    let would = json!({"step": "bid.submitted", "data": {"contractor": WINNER}});
    let (status, told) = send(
        server,
        "POST",
        &format!("/cases/{CASE}/steps/rehearse"),
        &would,
    )
    .await;
    assert_eq!(status, 200, "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["state"], "applied", "{told}");
    assert_eq!(
        told["keys_issued"],
        json!([]),
        "of bonds before the opening nothing is told (R21)"
    );
    let bond = get(server, "/bonds/S001/B-1").await;
    let keys = bond["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1, "nothing was done: {bond}");
    let (status, told) = send(server, "DELETE", "/paper-bonds/S001/P-2", &Value::Null).await;
    assert_eq!(status, 200, "{told}");
    let instructions = get(server, "/parties/S001/standing-instructions").await;
    assert_eq!(
        instructions["items"][0]["instruction"]["max_extension_days"],
        180
    );
}
