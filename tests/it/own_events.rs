//! The hub's own events reach other systems in the same envelope, and no secret is in one (R33).

use bondhub_core::{
    event::read_structured,
    key::KeyFile,
    ports::store::{Channel, OutboxState},
};
use bondhub_test_support::rabbitmq::Feed;
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    harness::{
        cast::{OWNER, WINNER},
        combination::{Combination, SQLITE_RABBITMQ, stories},
        papers::{CASE, bond, registration},
        world::World,
    },
    order,
};

stories! { they_are_published_in_the_same_envelope_without_secrets => super::published; }

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_listens_to_holds_no_mail_up_and_is_published_when_somebody_does() {
    let mut world = World::start(SQLITE_RABBITMQ).await;
    let feed = world.feed.as_ref().unwrap();
    feed.delete_queue("test.listener").await.unwrap();
    let now = world.now();
    for number in 1..=3 {
        let number = format!("B-{number}");
        let statement = registration(&number, bond(CASE, "bid", WINNER, 6_000_000), now);
        world.send(&world.signed(statement)).await;
    }
    let in_state = async |channel, state: OutboxState| {
        let rows = world.outbox().await;
        let own: Vec<_> = rows
            .into_iter()
            .filter(|row| row.channel == channel)
            .collect();
        own.len() >= 3 && own.iter().all(|row| row.state == state)
    };
    let left = async || in_state(Channel::Mail, OutboxState::Sent).await;
    world.eventually("the mails have left", left).await;
    let waits = async || in_state(Channel::Event, OutboxState::Retry).await;
    world.eventually("the events wait", waits).await;
    let rows = world.outbox().await;
    for row in rows.iter().filter(|row| row.channel == Channel::Event) {
        assert!(row.attempts > 0, "tried by the schedule");
        let reply = row.last_reply.as_deref().unwrap();
        assert!(reply.contains("nobody is bound"), "{reply}");
    }
    world.feed = Some(Feed::connect(world.host.as_ref().unwrap()).await.unwrap());
    world.clock.advance(TimeDelta::hours(7));
    world.quiet(3).await;
    assert!(world.heard().await.len() >= 3, "published at last");
}

async fn published(on: Combination) {
    let world = World::start(on).await;
    let events = order::events(&world);
    // One after the other: what one batch overtakes is not told.
    for (event, count) in events.iter().zip(1..) {
        world.play(std::slice::from_ref(event), count).await;
    }
    let heard = world.heard().await;
    let (mut kinds, mut balances) = (Vec::new(), Vec::new());
    for event in &heard {
        let envelope = read_structured(event.clone()).unwrap();
        assert_eq!(envelope.identity.source, "//bondhub.example/bondhub");
        assert!(envelope.subject.is_some(), "{event}");
        if envelope.kind == "balance.changed" {
            let case = envelope.subject.as_ref().unwrap().as_str();
            assert_eq!(case, "case-works", "nothing of bids before their opening");
            balances.push(envelope.data);
        }
        kinds.push(envelope.kind);
    }
    for kind in [
        "bond.registered",
        "bond.updated",
        "key.issued",
        "key.revoked",
        "balance.changed",
    ] {
        assert!(
            kinds.iter().any(|one| one == kind),
            "no {kind} in {kinds:?}"
        );
    }
    // The contractor and its bonds, never an amount.
    let moved = json!({"contractor": WINNER, "bonds": ["S001/P-1"]});
    assert!(balances.iter().all(|data| *data == moved), "{balances:?}");
    let rows = world.outbox().await;
    let rows = rows.iter().filter(|row| row.channel == Channel::Event);
    assert!(rows.count() > 0);
    let text = heard.iter().map(ToString::to_string).collect::<String>();
    assert!(!text.contains("BK1-"), "a key is in an event");
    assert!(!text.contains("BEGIN"), "a document or mail is in an event");
    for party in [WINNER, OWNER] {
        for file in world.key_files(party).values() {
            let written = String::from_utf8_lossy(file);
            let token = written
                .lines()
                .find(|line| line.starts_with("Key: "))
                .unwrap();
            let secret = token.rsplit('-').next().unwrap();
            assert!(KeyFile::parse(file).is_ok());
            assert!(!text.contains(secret), "a secret is in an event");
        }
    }
}
