//! One bond, as programs are shown it: what is content, what is history, how it matches its case (R4, R7, R20, R24).

use super::*;

const BOND: &str = "/api/v1/bonds/S001/B-1";
const WORDING: &str = "入札保証金に代わる保証";

/// A bid bond that is a million short, with a wording, and what handed it over.
fn short(world: &World) -> [Value; 2] {
    let now = world.now();
    let terms = with(bond(CASE, "bid", WINNER, 5_000_000), "wording", WORDING);
    let bid = json!({"contractor": WINNER, "amount": papers::yen(120_000_000)});
    [
        world.signed(registration("B-1", terms, now)),
        event(CASE, "b-1", "bid.submitted", now, bid),
    ]
}

/// An opening an hour from now, or an hour ago.
fn announced(world: &World, hours: i64) -> Value {
    let now = world.now();
    let opening = now + TimeDelta::hours(hours);
    event(CASE, "t-1", "tender.announced", now, tender(opening))
}

/// The same bond for a million more.
fn raised(world: &World) -> Value {
    let terms = with(bond(CASE, "bid", WINNER, 5_500_000), "wording", WORDING);
    let update = registration("B-1", terms, world.now());
    world.signed(with(update, "type", "update"))
}

async fn get(server: &Server, head: &str, path: &str) -> Value {
    let answer = server.ask("GET", path, head, b"").await;
    assert_eq!(answer.status, 200, "{path} {}", answer.body);
    answer.json()
}

pub(super) async fn findings(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    let world = &server.world;
    let [registered, bid] = short(world);
    world.play(&[announced(world, 1), registered, bid], 3).await;
    let owner = head(world, "owner", Role::Clerk, Some(OWNER)).await;
    let operator = head(world, "operator", Role::Operator, None).await;
    server.ask("GET", BOND, &owner, b"").await.problem(404);
    let shown = get(&server, &operator, BOND).await;
    assert_eq!(shown["match"], Value::Null, "before the opening");

    let now = world.now();
    let other = "ocds-jp0001-R8-0099";
    let terms = bond(other, "bid", WINNER, 5_000_000);
    let bid = json!({"contractor": WINNER, "amount": papers::yen(120_000_000)});
    let opened = tender(now - TimeDelta::hours(1));
    let events = [
        event(other, "t-9", "tender.announced", now, opened),
        world.signed(registration("B-9", terms, now)),
        event(other, "b-9", "bid.submitted", now, bid),
    ];
    world.play(&events, 6).await;
    let path = "/api/v1/bonds/S001/B-9";
    let shown = get(&server, &owner, path).await;
    assert_eq!(shown["content"]["amount"]["amount"], 5_000_000);
    assert_eq!(shown["match"]["grade"], "curable");
    let found = &shown["match"]["findings"][0];
    let code = found["code"].as_str().unwrap();
    assert_eq!((code, &found["grade"]), ("amount_short", &json!("curable")));
    assert!(
        found["sentence"]
            .as_str()
            .is_some_and(|text| text.contains("6,000,000")),
        "{found}"
    );
    assert_eq!(
        (&found["waived"], &found["waived_at"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        shown["keys"].as_array().unwrap().len(),
        1,
        "its own: {shown}"
    );

    let body = json!({"finding": code, "reason": "軽微"}).to_string();
    let json = format!("{owner}Content-Type: application/json\r\n");
    let waivers = format!("{path}/waivers");
    let waived = server.ask("POST", &waivers, &json, body.as_bytes()).await;
    assert_eq!(waived.status, 200, "{}", waived.body);
    for (who, head) in [("owner", &owner), ("operator", &operator)] {
        let shown = get(&server, head, path).await;
        assert_eq!(shown["match"]["grade"], "ok", "{who}");
        let found = &shown["match"]["findings"][0];
        assert_eq!(found["waived"], true, "{who}");
        assert!(found["waived_at"].is_string(), "{who}: {found}");
    }
}

pub(super) async fn wording(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    let world = &server.world;
    let [registered, bid] = short(world);
    world
        .play(&[announced(world, -1), registered, bid], 3)
        .await;
    for (party, reads) in [(OWNER, false), ("S001", true), (WINNER, true)] {
        let head = head(world, &party.to_lowercase(), Role::Clerk, Some(party)).await;
        let expected = if reads { json!(WORDING) } else { Value::Null };
        let one = get(&server, &head, BOND).await;
        let listed = get(&server, &head, "/api/v1/bonds").await;
        let version = &one["versions"][0];
        for shown in [&one, &listed["items"][0], version] {
            assert_eq!(shown["content"]["amount"]["amount"], 5_000_000, "{party}");
            assert_eq!(shown["content"]["wording"], expected, "{party}: {shown}");
        }
    }
    let key = world.live_key(OWNER, "S001/B-1").await;
    let opened = server.ask("POST", "/api/v1/vault/open", "", &key).await;
    assert_eq!(opened.json()["content"]["content"]["wording"], WORDING);
}

/// What each version is shown to say, and which of them the audit log tells to have been read.
async fn read(server: &Server, head: &str) -> (Vec<Value>, Vec<String>) {
    let shown = get(server, head, BOND).await;
    let versions = shown["versions"].as_array().unwrap().clone();
    let amount = |version: &Value| version["content"]["amount"]["amount"].clone();
    let shared = format!("Authorization: Bearer {TOKEN}\r\n");
    let told = get(
        server,
        &shared,
        "/api/v1/audit?subject=bond:S001/B-1&limit=1000",
    )
    .await;
    let entries = told["items"].as_array().unwrap().iter();
    let reads = entries.filter(|entry| entry["act"] == "original_read");
    let reads = reads.map(|entry| {
        let (by, details) = (&entry["beside"]["actor"], &entry["details"]);
        format!(
            "{} by {}",
            details["version"],
            by.as_str().unwrap_or_default()
        )
    });
    (versions.iter().map(amount).collect(), reads.collect())
}

pub(super) async fn history(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    let world = &server.world;
    let [registered, bid] = short(world);
    let events = [announced(world, -1), registered, bid, raised(world)];
    world.play(&events, 4).await;
    let (old, new) = (json!(5_000_000), json!(5_500_000));
    for party in [OWNER, "S001", WINNER] {
        let head = head(world, &party.to_lowercase(), Role::Clerk, Some(party)).await;
        let (amounts, told) = read(&server, &head).await;
        assert_eq!(amounts, [Value::Null, new.clone()], "{party}");
        assert_eq!(told, [""; 0], "{party}");
    }
    let operator = head(world, "operator", Role::Operator, None).await;
    let (amounts, told) = read(&server, &operator).await;
    assert_eq!(
        (amounts, told),
        (vec![Value::Null, Value::Null], Vec::new())
    );
    let auditor = head(world, "auditor", Role::Auditor, None).await;
    let (amounts, told) = read(&server, &auditor).await;
    assert_eq!(amounts, [old, new]);
    assert_eq!(told, ["1 by auditor", "2 by auditor"]);
    let (_, told) = read(&server, &auditor).await;
    assert_eq!(told.len(), 4, "each time");
}

pub(super) async fn sealed_history(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    let world = &server.world;
    let [registered, bid] = short(world);
    let events = [announced(world, 1), registered, bid, raised(world)];
    world.play(&events, 4).await;
    let auditor = head(world, "auditor", Role::Auditor, None).await;
    let (amounts, told) = read(&server, &auditor).await;
    assert_eq!(
        (amounts, told),
        (vec![Value::Null, Value::Null], Vec::new())
    );
}
