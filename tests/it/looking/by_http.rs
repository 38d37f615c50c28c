//! Over HTTP too nobody can tell an unknown key, a wrong secret and a dead key of somebody else apart (R20).

use super::*;
use crate::http::Server;

/// An answer without what differs from one to the next: the time, and the id of the look.
async fn answer(server: &Server, key: &[u8]) -> (u16, String, String) {
    let head = "Content-Type: application/octet-stream\r\n";
    let answer = server.ask("POST", "/api/v1/vault/open", head, key).await;
    let lines = answer
        .head
        .lines()
        .filter(|line| !line.starts_with("date:"));
    let head = lines.collect::<Vec<_>>().join("\n");
    (answer.status, head, answer.body)
}

pub(super) async fn alike(on: Combination) {
    let server = Server::start(on, None).await;
    let world = &server.world;
    let now = world.now();
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    let registered = world.signed(registration("B-1", terms, now));
    world.play(&[registered], 1).await;
    let own = world.live_key(WINNER, BOND).await;
    let file = KeyFile::parse(&own).unwrap();
    let unknown = forged(&file, &Kid::from_bytes([7; 10]), 7);
    let wrong = forged(&file, file.token.kid(), 7);
    let while_live = [
        answer(&server, &unknown).await,
        answer(&server, &wrong).await,
    ];
    let id = BondId::try_from(BOND.to_owned()).unwrap();
    let revoked = world.desk.revoke_keys(&id, Role::Contractor, false, "lost");
    revoked.await.unwrap();
    let dead_of_another = answer(&server, &wrong).await;
    assert_eq!(dead_of_another.0, 403);
    assert_eq!(
        while_live,
        [dead_of_another.clone(), dead_of_another.clone()]
    );
    let (status, _, told) = answer(&server, &own).await;
    assert_eq!(status, 403);
    assert!(told.contains("lost"), "its own holder is told: {told}");
    assert!(!dead_of_another.2.contains("lost"));
    let head = "Content-Type: application/octet-stream\r\n";
    for act in ["handover", "consent", "copy"] {
        let path = format!("/api/v1/vault/{act}");
        let mut answers = Vec::new();
        for key in [&unknown, &wrong] {
            let answer = server.ask("POST", &path, head, key).await;
            answers.push((answer.status, answer.body));
        }
        let expected = (dead_of_another.0, dead_of_another.2.clone());
        assert_eq!(answers, [expected.clone(), expected], "{act}");
    }
}
