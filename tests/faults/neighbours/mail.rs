//! The mail server: what it refuses, what it answers too late or never.

use bondhub_core::ports::store::{Channel, OutboxState, OutboxView};
use bondhub_test_support::smtp_sink::Fault;
use chrono::TimeDelta;

use crate::harness::{
    cast::{LOSER, WINNER},
    combination::{Combination, stories},
    papers::{bond, registration},
    world::World,
};

stories! {
    a_mail_whose_reply_is_lost_is_uncertain_and_not_sent_again => super::lost_reply;
    a_mail_whose_connection_breaks_in_its_data_is_uncertain_as_well => super::broken_data;
    a_mail_refused_for_now_is_sent_later => super::refused_for_now;
    a_mail_refused_for_good_fails_and_is_not_sent_again => super::refused_for_good;
    mails_wait_for_a_server_that_is_away_and_intake_goes_on => super::away;
}

/// Registers the bond of a contractor: its key mail and notices follow.
async fn register(world: &World, number: &str, principal: &str) {
    let terms = bond("case-1", "bid", principal, 6_000_000);
    let event = world.signed(registration(number, terms, world.now()));
    world.send(&event).await;
}

async fn mails(world: &World) -> Vec<OutboxView> {
    let mut rows = world.outbox().await;
    rows.retain(|row| row.channel == Channel::Mail);
    rows
}

/// Waits until there are mails and all of them are in a state.
async fn all_are(world: &World, state: OutboxState) {
    let are = async || {
        let rows = mails(world).await;
        !rows.is_empty() && rows.iter().all(|row| row.state == state)
    };
    world.eventually(state.as_str(), are).await;
}

fn taken(world: &World, row: &OutboxView) -> u32 {
    let stored = world.sink.stored();
    stored.get(&row.message_id).map_or(0, |mail| mail.count)
}

async fn lost_reply(on: Combination) {
    uncertain_after(on, Fault::LoseReply, 1).await;
}

/// The hub has written the final dot, and cannot know that it never got there.
async fn broken_data(on: Combination) {
    uncertain_after(on, Fault::BreakBeforeDot, 0).await;
}

/// The mail server took each mail so often, and the hub does not send it again.
async fn uncertain_after(on: Combination, fault: Fault, times: u32) {
    let world = World::start(on).await;
    world.sink.set_fault(fault);
    register(&world, "B-1", WINNER).await;
    all_are(&world, OutboxState::Uncertain).await;
    let uncertain = mails(&world).await;
    world.sink.set_fault(Fault::None);
    world.clock.advance(TimeDelta::hours(2));
    // What comes later is sent: had the uncertain ones been due, they would have gone before it.
    register(&world, "B-2", LOSER).await;
    world.quiet(2).await;
    let now = mails(&world).await;
    for before in uncertain {
        let row = now.iter().find(|row| row.id == before.id).unwrap();
        assert_eq!(row.state, OutboxState::Uncertain, "{row:?}");
        assert_eq!(taken(&world, row), times, "{row:?}");
    }
    assert!(now.iter().any(|row| row.state == OutboxState::Sent));
}

async fn refused_for_now(on: Combination) {
    let world = World::start(on).await;
    let refusal = "452 4.3.1 disk full";
    world.sink.set_fault(Fault::RefuseData(refusal.to_owned()));
    register(&world, "B-1", WINNER).await;
    all_are(&world, OutboxState::Retry).await;
    for row in mails(&world).await {
        assert!(row.last_reply.as_ref().unwrap().contains("452"), "{row:?}");
        assert!(row.due_at > world.now(), "{row:?}");
        assert_eq!(row.attempts, 1);
    }
    world.sink.set_fault(Fault::None);
    world.clock.advance(TimeDelta::hours(2));
    all_are(&world, OutboxState::Sent).await;
    for row in mails(&world).await {
        assert_eq!(taken(&world, &row), 1, "{row:?}");
    }
}

async fn refused_for_good(on: Combination) {
    let world = World::start(on).await;
    let refusal = "554 5.7.1 not here";
    world.sink.set_fault(Fault::RefuseData(refusal.to_owned()));
    register(&world, "B-1", WINNER).await;
    all_are(&world, OutboxState::Failed).await;
    let failed = mails(&world).await;
    world.sink.set_fault(Fault::None);
    world.clock.advance(TimeDelta::hours(2));
    register(&world, "B-2", LOSER).await;
    world.quiet(2).await;
    for before in failed {
        assert!(before.last_reply.as_ref().unwrap().contains("554"));
        assert_eq!(taken(&world, &before), 0, "{before:?}");
    }
}

async fn away(on: Combination) {
    let world = World::start(on).await;
    world.sink.set_fault(Fault::RefuseConnections);
    for number in 1..=5 {
        register(&world, &format!("B-{number}"), WINNER).await;
    }
    let taken_all = async || world.taken().await == 5;
    world.eventually("intake goes on", taken_all).await;
    assert_eq!(world.ledger().await.bonds.len(), 5);
    assert_eq!(world.sink.taken(), 0);
    world.sink.set_fault(Fault::None);
    world.quiet(5).await;
    for row in mails(&world).await {
        assert_eq!(row.state, OutboxState::Sent, "{row:?}");
        assert_eq!(taken(&world, &row), 1, "{row:?}");
    }
}
