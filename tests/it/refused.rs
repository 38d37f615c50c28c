//! Bad input is set aside with its reason, its place and its bytes, and the feed goes on (R35).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub::{
    assemble::demo_issuer,
    desk::{DeskError, Refusal, SignatureOutcome},
};
use bondhub_core::{
    event::{Reason, hex_digest},
    identifier::PartyCode,
    party::{Language, Role},
    ports::store::{EventRow, EventState},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    cast::{self, OWNER, WINNER},
    combination::{Combination, SQLITE_SPOOL, stories},
    papers::{self, CASE, bond, contract, event, registration, tender, with, yen},
    world::World,
};

stories! {
    what_cannot_be_read => super::unreadable;
    what_is_not_acceptable => super::unacceptable;
    what_is_not_authorised => super::unauthorised;
    a_corrected_event_is_taken_and_the_original_stays_marked => super::corrected;
    what_is_refused_again_stays_set_aside_however_often_it_is_sent => super::refused_again;
}

/// What is expected of a refused event: its class, and the place where there is one.
struct Refused {
    id: String,
    bytes: Vec<u8>,
    reason: Reason,
    pointer: Option<&'static str>,
}

impl Refused {
    fn event(event: &Value, reason: Reason, pointer: Option<&'static str>) -> Self {
        Self {
            id: event["id"].as_str().unwrap().to_owned(),
            bytes: serde_json::to_vec(event).unwrap(),
            reason,
            pointer,
        }
    }

    /// Bytes without an identity are known by their digest.
    fn bytes(bytes: &[u8], reason: Reason) -> Self {
        Self {
            id: hex_digest(bytes),
            bytes: bytes.to_vec(),
            reason,
            pointer: None,
        }
    }
}

/// Sends each, and after each a good event, which is applied.
async fn each_is_set_aside(world: &World, inputs: Vec<Refused>) {
    for (number, input) in inputs.into_iter().enumerate() {
        let before = world.taken().await;
        world.send_bytes("some.event", &input.bytes).await;
        let id = format!("good-{number}");
        let opening = world.now() + TimeDelta::days(30);
        let good = event(
            "case-good",
            &id,
            "tender.changed",
            world.now(),
            tender(opening),
        );
        world.send(&good).await;
        world.quiet(before + 2).await;
        assert_eq!(world.event(&id).await.state, EventState::Applied);
        let row = set_aside(world, &input.id).await;
        let rejection = row.rejection.clone().unwrap();
        let place = (rejection.reason, rejection.pointer.as_deref());
        assert_eq!(
            place,
            (input.reason, input.pointer),
            "{} {rejection}",
            input.id
        );
        assert!(!rejection.message.is_empty());
        check_bytes(world, &row, &input.bytes).await;
    }
}

async fn set_aside(world: &World, id: &str) -> EventRow {
    let rows = world.events().await;
    let found = rows
        .into_iter()
        .find(|row| row.identity.id == id && row.state == EventState::SetAside);
    found.unwrap_or_else(|| panic!("{id} was not set aside"))
}

/// The original is kept: as it came, or the same event in structured mode.
async fn check_bytes(world: &World, row: &EventRow, sent: &[u8]) {
    let kept = world.desk.event(row.id).await.unwrap().body;
    if row.kind.is_empty() {
        assert_eq!(kept, sent);
        return;
    }
    let (kept, sent): (Value, Value) = (
        serde_json::from_slice(&kept).unwrap(),
        serde_json::from_slice(sent).unwrap(),
    );
    for member in ["id", "source", "type", "data"] {
        assert_eq!(kept[member], sent[member], "{member}");
    }
}

async fn unreadable(on: Combination) {
    let world = World::start(on).await;
    let now = world.now();
    let good = event(CASE, "x", "tender.cancelled", now, json!({}));
    let mut nameless = good.clone();
    nameless.as_object_mut().unwrap().remove("id");
    let unknown = event(CASE, "u-1", "tender.exploded", now, json!({}));
    let limit = world.settings.hub.event_max_bytes;
    let inputs = vec![
        Refused::bytes(b"{\"specversion\": \"1.0\", ", Reason::NotJson),
        Refused::bytes(b"\"neither event nor release\"", Reason::NotAnEvent),
        Refused {
            pointer: Some("/id"),
            ..Refused::bytes(&serde_json::to_vec(&nameless).unwrap(), Reason::Invalid)
        },
        Refused::event(&unknown, Reason::UnknownType, Some("/type")),
    ];
    each_is_set_aside(&world, inputs).await;
    let long = with(good, "data", json!({"reason": "x".repeat(10 << 20)}));
    world.send(&long).await;
    world.quiet(9).await;
    let rows = world.events().await;
    let too_large = rows.iter().filter_map(|row| row.rejection.as_ref());
    let too_large: Vec<_> = too_large
        .filter(|rejection| rejection.reason == Reason::TooLarge)
        .collect();
    assert_eq!(too_large.len(), 1);
    assert!(too_large[0].message.contains(&limit.to_string()));
}

async fn unacceptable(on: Combination) {
    let world = World::start(on).await;
    let now = world.now();
    let concluded = with(contract(100_000_000, "2027-09-30"), "contractor", WINNER);
    let concluded = event(CASE, "c-1", "contract.concluded", now, concluded);
    world.play(std::slice::from_ref(&concluded), 1).await;
    let change = || with(contract(110_000_000, "2027-10-31"), "change", 1);
    let changed = |id: &str, data: Value| event(CASE, id, "contract.changed", now, data);
    let mut without_period = change();
    without_period.as_object_mut().unwrap().remove("period");
    let text = json!({"amount": "110000000", "currency": "JPY"});
    let dollars = json!({"amount": 110_000_000, "currency": "USD"});
    let backwards = json!({"from": "2027-10-31", "to": "2026-04-01"});
    let bid = json!({"contractor": "C101\r\nBcc: all@example.org"});
    let invalid = |event: &Value, pointer| Refused::event(event, Reason::Invalid, Some(pointer));
    let mut conflict = concluded.clone();
    conflict["data"]["amount"] = yen(1);
    each_is_set_aside(
        &world,
        vec![
            invalid(
                &changed("x-1", with(change(), "amount", text)),
                "/data/amount/amount",
            ),
            invalid(&changed("x-2", without_period), "/data/period"),
            invalid(
                &changed("x-3", with(change(), "amount", dollars)),
                "/data/amount/currency",
            ),
            invalid(
                &changed("x-4", with(change(), "amount", yen(-1))),
                "/data/amount/amount",
            ),
            invalid(
                &changed("x-5", with(change(), "period", backwards)),
                "/data/period",
            ),
            invalid(
                &event(CASE, "x-6", "bid.submitted", now, bid),
                "/data/contractor",
            ),
            Refused::event(&conflict, Reason::Conflict, None),
        ],
    )
    .await;
}

async fn unauthorised(on: Combination) {
    let world = World::start(on).await;
    let now = world.now();
    let first = registration("B-1", bond(CASE, "bid", WINNER, 6_000_000), now);
    world.play(&[world.signed(first)], 1).await;
    let other = demo_issuer("Another Surety", now - TimeDelta::days(30)).unwrap();
    let party = cast::party("S002", Role::Issuer, Language::Ja);
    world.desk.put_party(&party).await.unwrap();
    let code = PartyCode::parse("S002").unwrap();
    world.desk.pin(&code, &other.certificate_pem).await.unwrap();
    let second = registration("B-2", bond(CASE, "bid", WINNER, 6_000_000), now);
    let wrongly = papers::document(&papers::sign(second.clone(), &other, now), now);
    let mut tampered = papers::sign(second.clone(), &world.cast.issuer, now);
    let amount = tampered.windows(7).position(|window| window == b"6000000");
    tampered[amount.unwrap()] = b'9';
    let mut unsigned = papers::document(b"no signature", now);
    unsigned["data"]["document"] = STANDARD.encode(second.to_string()).into();
    let again = registration("B-1", bond(CASE, "bid", WINNER, 7_000_000), now);
    let elsewhere = registration("B-1", bond("case-other", "bid", WINNER, 6_000_000), now);
    let elsewhere = with(elsewhere, "type", "update");
    let document = |event: Value, reason| Refused::event(&event, reason, None);
    each_is_set_aside(
        &world,
        vec![
            document(unsigned, Reason::Signature),
            document(wrongly, Reason::Signature),
            document(papers::document(&tampered, now), Reason::Signature),
            document(world.signed(again), Reason::NotAllowed),
            document(world.signed(elsewhere), Reason::NotAllowed),
        ],
    )
    .await;
    let ledger = world.ledger().await;
    assert_eq!(ledger.bonds.len(), 1, "nothing changed (R5)");
    assert_eq!(ledger.cover("S001/B-1").0, 6_000_000);
    assert!(!ledger.holders("S001/B-1").contains(&OWNER));
}

async fn corrected(on: Combination) {
    let world = World::start(on).await;
    let now = world.now();
    let wrong = with(tender(now), "opening_at", "tomorrow");
    let wrong = event(CASE, "t-1", "tender.announced", now, wrong);
    world.play(&[wrong], 1).await;
    let original = set_aside(&world, "t-1").await;
    let right = event(
        CASE,
        "t-1",
        "tender.announced",
        now,
        tender(now + TimeDelta::days(9)),
    );
    let bytes = serde_json::to_vec(&right).unwrap();
    let taken = world
        .desk
        .resubmit(original.id, Some(&bytes))
        .await
        .unwrap();
    assert_eq!(taken[0].state, Some(EventState::Applied));
    world.quiet(2).await;
    let states = world.events().await;
    let state = |id| states.iter().find(|row| row.id == id).unwrap().state;
    assert_eq!(state(original.id), EventState::Resubmitted);
    assert_eq!(state(taken[0].id), EventState::Applied);
    let case = world
        .store()
        .case(&original.subject.unwrap())
        .await
        .unwrap();
    assert!(case.is_some());
    // A second time there is nothing to correct.
    assert!(world.desk.resubmit(original.id, None).await.is_err());
}

/// R35: a correction that is refused changes nothing, the second time either.
async fn refused_again(on: Combination) {
    let world = World::start(on).await;
    let now = world.now();
    let first = registration("B-1", bond(CASE, "bid", WINNER, 6_000_000), now);
    world.play(&[world.signed(first)], 1).await;
    let again = registration("B-1", bond(CASE, "bid", WINNER, 7_000_000), now);
    let again = world.signed(again);
    world.play(std::slice::from_ref(&again), 2).await;
    let original = set_aside(&world, again["id"].as_str().unwrap()).await;
    for attempt in 0..2 {
        let refused = world.desk.resubmit(original.id, None).await;
        let error = refused.expect_err("refused for the same reason");
        assert!(
            matches!(&error, DeskError::Rejected(_)),
            "{attempt}: {error}"
        );
    }
    let rows = world.events().await;
    let state = rows.iter().find(|row| row.id == original.id).unwrap().state;
    assert_eq!(state, EventState::SetAside);
    let attempts: Vec<_> = rows
        .iter()
        .filter(|row| row.identity == original.identity && row.id != original.id)
        .collect();
    assert_eq!(attempts.len(), 2, "each attempt is kept");
    for attempt in attempts {
        check_bytes(&world, attempt, &serde_json::to_vec(&again).unwrap()).await;
    }
    assert_eq!(world.ledger().await.cover("S001/B-1").0, 6_000_000);
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN CMS-----\n{text}\n-----END CMS-----\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_file_with_two_documents_or_with_text_around_one_nothing_is_taken() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let now = world.now();
    let signed = |number| {
        let terms = bond(CASE, "bid", WINNER, 6_000_000);
        papers::sign(registration(number, terms, now), &world.cast.issuer, now)
    };
    let (first, second) = (pem(&signed("B-1")), pem(&signed("B-2")));
    let files = [
        (format!("{first}{second}"), Refusal::SeveralBlocks),
        (format!("{first}{first}"), Refusal::SeveralBlocks),
        (format!("{first}and one more\n"), Refusal::TextAroundBlock),
        (format!("of today\n{first}"), Refusal::TextAroundBlock),
    ];
    for (file, expected) in files {
        let taken = world.desk.document(file.as_bytes()).await;
        let Err(DeskError::Refused(reason)) = taken else {
            panic!("{file}: {taken:?}");
        };
        assert_eq!(reason, expected, "{file}");
        assert!(world.desk.claimed_statement(file.as_bytes()).is_none());
        let blocks = [file.into_bytes()];
        let submitted = world.desk.submit_signatures(None, &blocks, false).await;
        let outcome = submitted.unwrap().remove(0).outcome;
        assert_eq!(outcome, SignatureOutcome::Refused(expected));
    }
    assert_eq!(world.taken().await, 0);
    assert!(world.ledger().await.bonds.is_empty());
    let alone = format!("\r\n{}\r\n", first.replace('\n', "\r\n"));
    world.desk.document(alone.as_bytes()).await.unwrap();
    assert_eq!(world.ledger().await.bonds.len(), 1);
}
