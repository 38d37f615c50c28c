//! What programs are told before the opening (R21).

use super::*;

/// An hour before the opening: a bid bond was handed over, and its issuer wants to delete it.
async fn to_be_deleted(world: &World) {
    let now = world.now();
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    let bid = json!({"contractor": WINNER});
    let opening = now + TimeDelta::hours(1);
    let events = [
        event(CASE, "t-1", "tender.announced", now, tender(opening)),
        world.signed(registration("B-1", terms, now)),
        event(CASE, "b-1", "bid.submitted", now, bid),
    ];
    world.play(&events, 3).await;
    // Documents about one bond are ordered by the time they were signed at.
    let now = world.now();
    let deletion = json!({"v": 1, "issuer": "S001", "signed_at": papers::at(now), "type": "deletion",
                          "number": "B-1", "procurement": CASE, "reason": "withdrawn"});
    world.play(&[world.signed(deletion)], 4).await;
}

async fn asked(server: &Server, head: &str, path: &str) -> Answer {
    let path = format!("/api/v1{path}");
    let answer = server.ask("GET", &path, head, b"").await;
    assert_eq!(answer.status, 200, "{path} {}", answer.body);
    answer
}

pub(super) async fn tasks(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    let world = &server.world;
    to_be_deleted(world).await;
    let owner = head(world, "owner", Role::Clerk, Some(OWNER)).await;
    for (state, path) in [("open", "/tasks"), ("closed too", "/tasks?closed=true")] {
        let answer = asked(&server, &owner, path).await;
        let items = answer.json()["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), 1, "{state}: {}", answer.body);
        assert_eq!(items[0]["kind"], "owner_consent_needed");
        assert_eq!(items[0]["task"], "owner_consent_needed|bond");
        assert_eq!(items[0]["subject"], "bond");
        assert_eq!(items[0]["because"], json!([]));
        for told in ["B-1", "S001", WINNER] {
            assert!(
                !answer.body.contains(told),
                "{state}: {told} in {}",
                answer.body
            );
        }
    }
    // The issuer asked for it itself, and those who run the hub know which bonds there are.
    let operator = head(world, "operator", Role::Operator, None).await;
    let answer = asked(&server, &operator, "/tasks").await;
    assert!(
        answer.body.contains("owner_consent_needed|bond:S001/B-1"),
        "{}",
        answer.body
    );
}

pub(super) async fn times(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    let world = &server.world;
    to_be_deleted(world).await;
    let path = format!("/cases/{CASE}");
    for (name, party) in [("owner", OWNER), ("contractor", WINNER), ("issuer", "S001")] {
        let head = head(world, name, Role::Clerk, Some(party)).await;
        let case = asked(&server, &head, &path).await.json();
        assert_eq!(case["changed_at"], Value::Null, "{name}");
        assert_eq!(case["due_at"], Value::Null, "{name}");
    }
    let operator = head(world, "operator", Role::Operator, None).await;
    let case = asked(&server, &operator, &path).await.json();
    assert!(case["changed_at"].is_string(), "{case}");
}

/// What was found of a bond under embargo: that it is a million short tells its amount.
pub(super) async fn findings(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    let world = &server.world;
    let now = world.now();
    let terms = bond(CASE, "bid", WINNER, 5_000_000);
    let bid = json!({"contractor": WINNER, "amount": papers::yen(120_000_000)});
    let opening = now + TimeDelta::hours(1);
    let events = [
        event(CASE, "t-1", "tender.announced", now, tender(opening)),
        world.signed(registration("B-1", terms, now)),
        event(CASE, "b-1", "bid.submitted", now, bid),
    ];
    world.play(&events, 3).await;
    let operator = head(world, "operator", Role::Operator, None).await;
    let issuer = head(world, "issuer", Role::Clerk, Some("S001")).await;
    for (who, told) in [(&operator, 0), (&issuer, 1)] {
        let tasks = asked(&server, who, "/tasks").await.json();
        assert_eq!(tasks["items"][0]["task"], "match_failed|bond:S001/B-1");
        let because = tasks["items"][0]["because"].as_array().unwrap();
        assert_eq!(because.len(), told, "{tasks}");
    }
}
