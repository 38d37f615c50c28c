//! Events that come too early or too late, and those that cannot be placed yet (R34).

use bondhub::assemble::demo_issuer;
use bondhub_core::{
    event::{Reason, hex_digest},
    identifier::PartyCode,
    party::{Language, Role},
    ports::store::EventState,
};
use bondhub_test_support::openpgp::TestParty;
use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{
    cast::{self, OWNER, WINNER},
    combination::{Combination, stories},
    papers::{self, CASE, at, bond, contract, event, registration, tender, with},
    world::World,
};

stories! {
    an_opening_before_its_announcement => super::opening_first;
    a_contract_change_before_its_conclusion => super::change_first;
    an_older_change_after_a_newer_one => super::older_change;
    a_bid_after_its_bond_was_released => super::after_the_release;
    an_event_of_an_unknown_party_waits_for_it => super::unknown_party;
    a_document_of_an_unknown_issuer_waits_for_its_certificate => super::unknown_issuer;
    documents_that_waited_are_taken_in_their_order_and_a_refused_one_is_set_aside => super::refused_at_last;
    a_key_waits_for_its_holders_certificate => super::without_certificate;
}

async fn opening_first(on: Combination) {
    let world = World::start(on).await;
    let opening = world.now() - TimeDelta::hours(1);
    let opened = json!({"opened_at": at(opening)});
    world
        .play(&[event(CASE, "o-1", "bid.opened", opening, opened)], 1)
        .await;
    let before = opening - TimeDelta::days(1);
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    let events = [
        event(CASE, "t-1", "tender.announced", before, tender(opening)),
        world.signed(registration("B-1", terms, before)),
        event(
            CASE,
            "b-1",
            "bid.submitted",
            before,
            json!({"contractor": WINNER}),
        ),
    ];
    world.play(&events, 4).await;
    for row in world.events().await {
        assert_eq!(row.state, EventState::Applied, "{}", row.identity);
    }
    let ledger = world.ledger().await;
    assert_eq!(ledger.state("S001/B-1"), "in_force");
    assert_eq!(ledger.holders("S001/B-1"), [WINNER, OWNER]);
}

async fn change_first(on: Combination) {
    let world = World::start(on).await;
    let start = world.now() - TimeDelta::hours(5);
    let changed = with(contract(120_000_000, "2027-10-31"), "change", 1);
    let later = start + TimeDelta::hours(1);
    world
        .play(&[event(CASE, "c-2", "contract.changed", later, changed)], 1)
        .await;
    let concluded = with(contract(100_000_000, "2027-09-30"), "contractor", WINNER);
    let events = [
        event(CASE, "c-1", "contract.concluded", start, concluded),
        world.signed(papers::instruction(start)),
        world.signed(registration(
            "P-1",
            papers::performance(CASE, WINNER, 10_000_000),
            start,
        )),
    ];
    world.play(&events, 4).await;
    let cover = world.ledger().await.cover("S001/P-1");
    assert_eq!(cover, (12_000_000, "2027-10-31".to_owned()));
}

async fn older_change(on: Combination) {
    let world = World::start(on).await;
    let start = world.now() - TimeDelta::hours(5);
    let after = |hours| start + TimeDelta::hours(hours);
    let concluded = with(contract(100_000_000, "2027-09-30"), "contractor", WINNER);
    let change = |number: i64, amount| with(contract(amount, "2027-10-31"), "change", number);
    let events = [
        event(CASE, "c-1", "contract.concluded", start, concluded),
        world.signed(papers::instruction(start)),
        world.signed(registration(
            "P-1",
            papers::performance(CASE, WINNER, 10_000_000),
            start,
        )),
        event(
            CASE,
            "c-3",
            "contract.changed",
            after(2),
            change(2, 120_000_000),
        ),
    ];
    world.play(&events, 4).await;
    let before = world.ledger().await;
    assert_eq!(before.cover("S001/P-1").0, 12_000_000);
    let late = [
        ("c-2", change(1, 110_000_000)),
        ("c-4", change(2, 115_000_000)),
    ];
    let late = late.map(|(id, data)| event(CASE, id, "contract.changed", after(1), data));
    world.play(&late, 6).await;
    assert_eq!(world.ledger().await, before);
    // Of change 2 something newer was known: it counts, but what was said before it is kept too.
    for id in ["c-2", "c-4"] {
        assert_eq!(world.event(id).await.state, EventState::Applied);
    }
}

async fn after_the_release(on: Combination) {
    let world = World::start(on).await;
    let now = world.now();
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    let events = [
        event(
            CASE,
            "t-1",
            "tender.announced",
            now,
            tender(now + TimeDelta::days(9)),
        ),
        world.signed(registration("B-1", terms, now)),
        event(
            CASE,
            "t-2",
            "tender.cancelled",
            now,
            json!({"reason": "budget"}),
        ),
    ];
    world.play(&events, 3).await;
    assert_eq!(world.ledger().await.state("S001/B-1"), "released");
    let bid = event(
        CASE,
        "b-1",
        "bid.submitted",
        world.now(),
        json!({"contractor": WINNER}),
    );
    world.play(&[bid], 4).await;
    let ledger = world.ledger().await;
    assert_eq!(
        ledger.state("S001/B-1"),
        "released",
        "never revived by itself"
    );
    assert!(ledger.holders("S001/B-1").is_empty());
    assert_eq!(world.event("b-1").await.state, EventState::Applied);
}

async fn unknown_party(on: Combination) {
    let world = World::start(on).await;
    let now = world.now();
    let opening = now + TimeDelta::days(9);
    let events = [
        event(CASE, "t-1", "tender.announced", now, tender(opening)),
        world.signed(registration(
            "B-1",
            bond(CASE, "bid", "C777", 6_000_000),
            now,
        )),
    ];
    world.play(&events, 2).await;
    let rows = world.events().await;
    let waits: Vec<_> = rows
        .iter()
        .filter_map(|row| row.waits_for.clone())
        .collect();
    assert_eq!(waits, ["party:C777"]);
    let reader = TestParty::new(&cast::address("C777"), now - TimeDelta::days(30)).unwrap();
    let party = cast::party("C777", Role::Contractor, Language::Ja);
    world.desk.put_party(&party).await.unwrap();
    cast::enrol(&world.desk, "C777", &reader).await;
    let placed = async || {
        let rows = world.events().await;
        rows.iter().all(|row| row.state == EventState::Applied)
    };
    world.eventually("the event is placed", placed).await;
    world.quiet(2).await;
    assert_eq!(world.ledger().await.holders("S001/B-1"), ["C777"]);
    let mails = world.mails_to("C777");
    let opened = mails.values().filter_map(|mail| {
        reader
            .open_mail(&mail.bytes, &world.hub_certificate, world.now())
            .ok()
    });
    assert_eq!(opened.count(), mails.len());
    assert!(!mails.is_empty());
}

async fn unknown_issuer(on: Combination) {
    let world = World::start(on).await;
    let now = world.now();
    let other = demo_issuer("Another Surety", now - TimeDelta::days(30)).unwrap();
    let statement = registration("X-1", bond(CASE, "bid", WINNER, 6_000_000), now);
    let statement = with(statement, "issuer", "S900");
    let cms = papers::sign(statement, &other, now);
    world.play(&[papers::document(&cms, now)], 1).await;
    let row = world.event(&hex_digest(&cms)).await;
    assert_eq!(row.state, EventState::Waiting);
    assert_eq!(row.waits_for.as_deref(), Some("signer:S900"));
    let party = cast::party("S900", Role::Issuer, Language::Ja);
    world.desk.put_party(&party).await.unwrap();
    let code = PartyCode::parse("S900").unwrap();
    world
        .desk
        .entrust(&code, &other.key_pem, None)
        .await
        .unwrap();
    let known = async || world.ledger().await.bonds.contains_key("S900/X-1");
    world.eventually("the document is taken", known).await;
    world.quiet(1).await;
    assert_eq!(
        world.event(&hex_digest(&cms)).await.state,
        EventState::Applied
    );
    assert_eq!(world.ledger().await.holders("S900/X-1"), [WINNER]);
}

async fn refused_at_last(on: Combination) {
    let world = World::start(on).await;
    let now = world.now();
    let other = demo_issuer("Another Surety", now - TimeDelta::days(30)).unwrap();
    let signed = |amount: i64| {
        let statement = registration("X-1", bond(CASE, "bid", WINNER, amount), now);
        papers::sign(with(statement, "issuer", "S900"), &other, now)
    };
    let (first, second) = (signed(6_000_000), signed(7_000_000));
    let papers = [&first, &second].map(|cms| papers::document(cms, now));
    world.play(&papers[..1], 1).await;
    world.play(&papers[1..], 2).await;
    let party = cast::party("S900", Role::Issuer, Language::Ja);
    world.desk.put_party(&party).await.unwrap();
    let code = PartyCode::parse("S900").unwrap();
    let key = &other.key_pem;
    world.desk.entrust(&code, key, None).await.unwrap();
    let aside = async || {
        let row = world.event(&hex_digest(&second)).await;
        row.state == EventState::SetAside
    };
    world.eventually("the second is set aside", aside).await;
    let row = world.event(&hex_digest(&second)).await;
    assert_eq!(row.rejection.unwrap().reason, Reason::NotAllowed);
    assert_eq!(row.waits_for, None);
    let kept = world.desk.event(row.id).await.unwrap().body;
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(kept["data"], papers[1]["data"], "as it came");
    let ledger = world.ledger().await;
    assert_eq!(ledger.cover("S900/X-1").0, 6_000_000);
    let state = world.event(&hex_digest(&first)).await.state;
    assert_eq!(state, EventState::Applied);
}

async fn without_certificate(on: Combination) {
    let world = World::start(on).await;
    let now = world.now();
    let party = cast::party("C500", Role::Contractor, Language::En);
    world.desk.put_party(&party).await.unwrap();
    let terms = bond(CASE, "bid", "C500", 6_000_000);
    world
        .play(&[world.signed(registration("B-1", terms, now))], 1)
        .await;
    let ledger = world.ledger().await;
    assert_eq!(ledger.state("S001/B-1"), "in_force");
    assert!(
        ledger.holders("S001/B-1").is_empty(),
        "no key goes into the void"
    );
    let task = format!("{CASE} certificate_needed");
    assert!(
        ledger.tasks.iter().any(|one| one.starts_with(&task)),
        "{:?}",
        ledger.tasks
    );
    let reader = TestParty::new(&cast::address("C500"), now - TimeDelta::days(30)).unwrap();
    cast::enrol(&world.desk, "C500", &reader).await;
    let issued = async || world.ledger().await.holders("S001/B-1") == ["C500"];
    world.eventually("the key is issued", issued).await;
    world.quiet(1).await;
    let tasks = world.ledger().await.tasks;
    assert!(!tasks.iter().any(|one| one.starts_with(&task)), "{tasks:?}");
    let key = world
        .outbox()
        .await
        .into_iter()
        .find(|row| row.name == "key")
        .unwrap();
    let mail = &world.sink.stored()[&key.message_id];
    let opened = reader.open_mail(&mail.bytes, &world.hub_certificate, world.now());
    assert!(opened.is_ok());
}
