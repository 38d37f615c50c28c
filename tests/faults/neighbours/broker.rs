//! The broker closes its connections, or somebody deletes the queue.

use bondhub_test_support::rabbitmq::Feed;
use chrono::TimeDelta;
use serde_json::Value;

use crate::{
    ending::SMALL,
    harness::{
        combination::{Combination, POSTGRES_RABBITMQ, SQLITE_RABBITMQ},
        papers::{event, tender},
        world::World,
    },
    load,
};

#[tokio::test(flavor = "multi_thread")]
async fn closed_connections_lose_nothing_on_sqlite() {
    closed_connections(SQLITE_RABBITMQ).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_connections_lose_nothing_on_postgresql() {
    closed_connections(POSTGRES_RABBITMQ).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_queue_is_declared_again_on_sqlite() {
    deleted_queue(SQLITE_RABBITMQ).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_queue_is_declared_again_on_postgresql() {
    deleted_queue(POSTGRES_RABBITMQ).await;
}

/// All connections of the virtual host are closed; the feed, whose are among them, comes back.
async fn close_connections(world: &mut World) {
    let host = world.host.as_ref().unwrap();
    host.close_connections().unwrap();
    world.feed = Some(Feed::connect(host).await.unwrap());
}

async fn closed_connections(on: Combination) {
    let mut world = World::set(on, SMALL).await;
    load::prepare(&world).await;
    world.open().await;
    load::send(&world).await;
    close_connections(&mut world).await;
    let some = async || world.taken().await > load::TOTAL / 2;
    world.eventually("the hub goes on", some).await;
    close_connections(&mut world).await;
    world.quiet(load::TOTAL).await;
    load::check(&world, false).await;
}

fn announcement(world: &World, number: u32) -> Value {
    let (case, id) = (format!("case-{number}"), format!("t-{number}"));
    let opening = world.now() + TimeDelta::days(30);
    event(&case, &id, "tender.announced", world.now(), tender(opening))
}

async fn deleted_queue(on: Combination) {
    let world = World::start(on).await;
    world.play(&[announcement(&world, 1)], 1).await;
    let feed = world.feed.as_ref().unwrap();
    feed.delete_queue("bondhub.events").await.unwrap();
    let bytes = serde_json::to_vec(&announcement(&world, 2)).unwrap();
    // The broker refuses what it cannot route: a feed publishes again, as this one does.
    let published = async || feed.publish("tender.announced", &bytes).await.is_ok();
    world
        .eventually("the queue is there again", published)
        .await;
    world.quiet(2).await;
}
