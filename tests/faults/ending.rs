//! The process ends right after a step of the path; started again, it goes on where it was.

use std::os::unix::process::ExitStatusExt as _;

use bondhub_core::ports::store::OutboxState;
use chrono::TimeDelta;

use crate::{
    harness::{
        combination::Combination,
        process::{Hub, log},
        world::World,
    },
    load,
};

/// Small batches and rounds, so that every step is passed several times.
pub(crate) const SMALL: &str = "lanes = 2\nbatch_size = 3\nbatch_age_ms = 1\nrelay_batch = 2";

const SIGABRT: i32 = 6;

/// Killed when it has passed the step once, and again when it has passed it three times.
pub(crate) async fn killed(on: Combination, step: &str) {
    let world = World::set(on, SMALL).await;
    load::prepare(&world).await;
    load::send(&world).await;
    let mut hub = Hub::start(&world, &fault(step, 1, "abort"));
    let ended = hub.end(&world).await;
    assert_eq!(
        ended.signal(),
        Some(SIGABRT),
        "{step} was not passed: {}",
        log(&world)
    );
    end_leases(&world).await;
    let mut hub = Hub::start(&world, &fault(step, 3, "abort"));
    end_or_rest(&world, &mut hub).await;
    drop(hub);
    end_leases(&world).await;
    finish(&world).await;
    load::check(&world, true).await;
}

/// Told to stop when it has passed the step once, and again when it has passed it three times.
pub(crate) async fn told_to_stop(on: Combination, step: &str) {
    let world = World::set(on, SMALL).await;
    load::prepare(&world).await;
    load::send(&world).await;
    for pass in [1, 3] {
        let mut hub = Hub::start(&world, &fault(step, pass, "terminate"));
        if end_or_rest(&world, &mut hub).await {
            assert!(hub.ended().unwrap().success(), "{}", log(&world));
            assert_eq!(world.leased().await, 0, "{}", log(&world));
        }
    }
    finish(&world).await;
    load::check(&world, false).await;
}

/// Killed when it has passed the step twice, while another hub works beside it and goes on.
pub(crate) async fn taken_over(on: Combination, step: &str) {
    let world = World::set(on, SMALL).await;
    load::prepare(&world).await;
    let one = Hub::start(&world, &fault(step, 2, "abort"));
    let mut other = Hub::start(&world, &[]);
    load::send(&world).await;
    let taken = async || world.taken().await == load::TOTAL && !world.is_due().await;
    world.eventually("all events are taken", taken).await;
    // What the other hub has leased itself it has soon sent; what stays is the first one's.
    let done = async || nothing_waits(&world).await;
    world.eventually("what can be sent is sent", done).await;
    drop(one);
    end_leases(&world).await;
    world.quiet(load::TOTAL).await;
    other.tell_to_stop();
    let ended = other.end(&world).await;
    assert!(ended.success(), "{ended}: {}", log(&world));
    load::check(&world, true).await;
}

/// Whether nothing waits to be leased.
async fn nothing_waits(world: &World) -> bool {
    let rows = world.outbox().await;
    let waits = [OutboxState::Ready, OutboxState::Retry];
    !rows.iter().any(|row| waits.contains(&row.state))
}

/// Waits until the hub ends, or has nothing left to do; true if it ended.
async fn end_or_rest(world: &World, hub: &mut Hub) -> bool {
    let hub = std::sync::Mutex::new(hub);
    let rests = async || hub.lock().unwrap().ended().is_some() || world.rests(load::TOTAL).await;
    world.eventually("the hub ended or rests", rests).await;
    hub.into_inner().unwrap().ended().is_some()
}

/// Lets all leases end, as if their time had passed while no hub was there.
async fn end_leases(world: &World) {
    if let Some(database) = &world.database {
        // PostgreSQL finishes a statement whose sender is dead: what it leases then is not missed.
        let busy = "SELECT count(*) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'";
        let over = async || database.query(busy).unwrap() == "0";
        world
            .eventually("the dead hub's statements are over", over)
            .await;
    }
    let later = world.now() + TimeDelta::hours(1);
    world.store().sweep(later).await.unwrap();
}

/// Runs an undisturbed hub until everything is done, and tells it to stop.
async fn finish(world: &World) {
    let mut hub = Hub::start(world, &[]);
    hub.open(world).await;
    world.quiet(load::TOTAL).await;
    hub.tell_to_stop();
    let ended = hub.end(world).await;
    assert!(ended.success(), "{ended}: {}", log(world));
}

/// The environment that makes the hub end after the step was passed so often.
fn fault(step: &str, pass: u32, end: &str) -> [(&'static str, String); 1] {
    [("BONDHUB_FAULT", format!("{step}:{pass}:{end}"))]
}
