//! The database ends its connections while events come in.

use chrono::TimeDelta;

use crate::{
    ending::SMALL,
    harness::{
        combination::{Combination, POSTGRES_RABBITMQ, POSTGRES_SPOOL},
        world::World,
    },
    load,
};

#[tokio::test(flavor = "multi_thread")]
async fn ended_connections_lose_nothing_with_the_spool() {
    ended_connections(POSTGRES_SPOOL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_connections_lose_nothing_with_rabbitmq() {
    ended_connections(POSTGRES_RABBITMQ).await;
}

async fn ended_connections(on: Combination) {
    let mut world = World::set(on, SMALL).await;
    load::prepare(&world).await;
    world.open().await;
    let database = world.database.as_ref().unwrap();
    load::send(&world).await;
    // Again and again while the hub is at work, however far it is.
    for count in 1..load::TOTAL {
        let further = async || world.taken().await >= count;
        world.eventually("the hub goes on", further).await;
        database.end_connections().unwrap();
    }
    let all = async || world.taken().await == load::TOTAL;
    world.eventually("all events are taken", all).await;
    // An answer that was lost leaves a lease behind, which nobody works on: it ends with its time.
    world.clock.advance(TimeDelta::hours(1));
    world.quiet(load::TOTAL).await;
    load::check(&world, true).await;
}
