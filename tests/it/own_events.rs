//! The hub's own events reach other systems in the same envelope, and no secret is in one (R33).

use bondhub_core::{event::read_structured, key::KeyFile, ports::store::Channel};

use crate::{
    harness::{
        cast::{OWNER, WINNER},
        combination::{Combination, stories},
        world::World,
    },
    order,
};

stories! { they_are_published_in_the_same_envelope_without_secrets => super::published; }

async fn published(on: Combination) {
    let world = World::start(on).await;
    let events = order::events(&world);
    // One after the other: what one batch overtakes is not told.
    for (event, count) in events.iter().zip(1..) {
        world.play(std::slice::from_ref(event), count).await;
    }
    let heard = world.heard().await;
    let mut kinds: Vec<String> = Vec::new();
    for event in &heard {
        let envelope = read_structured(event.clone()).unwrap();
        assert_eq!(envelope.identity.source, "//bondhub.example/bondhub");
        assert!(envelope.subject.is_some(), "{event}");
        kinds.push(envelope.kind);
    }
    for kind in [
        "bond.registered",
        "bond.updated",
        "key.issued",
        "key.revoked",
    ] {
        assert!(
            kinds.iter().any(|one| one == kind),
            "no {kind} in {kinds:?}"
        );
    }
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
