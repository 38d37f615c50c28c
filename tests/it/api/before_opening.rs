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

/// There is never a list of bond holders before the opening, for those who run the hub neither.
pub(super) async fn lists(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    let world = &server.world;
    let now = world.now();
    let opened = "ocds-jp0001-R8-0099";
    let on_the_way = tender(now + TimeDelta::hours(1));
    let past = tender(now - TimeDelta::hours(1));
    let mut events = vec![
        event(CASE, "t-1", "tender.announced", now, on_the_way),
        event(opened, "t-9", "tender.announced", now, past),
    ];
    for (case, numbers) in [(CASE, ["B-1", "B-3"]), (opened, ["B-2", "B-4"])] {
        for (number, contractor) in numbers.into_iter().zip([WINNER, LOSER]) {
            let terms = bond(case, "bid", contractor, 6_000_000);
            events.push(world.signed(registration(number, terms, now)));
        }
    }
    world.play(&events, 6).await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = get(&server, &format!("/bonds?limit=1{after}")).await;
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "as long as asked: {page}");
        seen.push(items[0]["bond"].as_str().unwrap().to_owned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={}", next.replace('/', "%2F")),
            None => break,
        }
    }
    assert_eq!(seen, ["S001/B-2", "S001/B-4"]);
    let bonds = async |case: &str| {
        let shown = get(&server, &format!("/cases/{case}")).await;
        let listed = get(&server, "/cases").await;
        let mut listed = listed["items"].as_array().unwrap().iter();
        let same = listed.find(|one| one["id"] == case).unwrap();
        assert_eq!(same["bonds"], shown["bonds"], "{case}");
        shown["bonds"].as_array().unwrap().len()
    };
    assert_eq!((bonds(CASE).await, bonds(opened).await), (0, 2));
    let one = get(&server, "/bonds/S001/B-1").await;
    assert_eq!(one["state"], "in_force", "a bond they name they find");
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
