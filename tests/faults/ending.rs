//! The process ends right after a step of the path; started again, it goes on where it was.

use std::os::unix::process::ExitStatusExt as _;

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

/// Waits until the hub ends, or has nothing left to do; true if it ended.
async fn end_or_rest(world: &World, hub: &mut Hub) -> bool {
    let hub = std::sync::Mutex::new(hub);
    let rests = async || hub.lock().unwrap().ended().is_some() || world.rests(load::TOTAL).await;
    world.eventually("the hub ended or rests", rests).await;
    hub.into_inner().unwrap().ended().is_some()
}

/// Lets all leases end, as if their time had passed while no hub was there.
async fn end_leases(world: &World) {
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
