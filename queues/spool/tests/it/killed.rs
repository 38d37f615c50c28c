//! Processes that are killed while they take and submit.
//!
//! The victims are this test program itself, started again with the directory in a variable; run
//! without it, they have nothing to do.

use std::{
    collections::BTreeSet,
    env,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use bondhub_core::ports::queue::{Intake as _, Submit as _};

use super::support::{Place, body, event, nothing_comes, settle};

const DIRECTORY: &str = "BONDHUB_TEST_SPOOL_VICTIM";

/// A victim that has begun, and what it says.
fn victim(test: &str, data: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args([&format!("it::killed::{test}"), "--exact", "--nocapture"])
        .env(DIRECTORY, data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let says = BufReader::new(child.stdout.take().unwrap());
    (child, says)
}

/// Kills a victim after it said so many things; returns all that it said to its end.
fn kill_after(count: usize, test: &str, data: &Path) -> Vec<String> {
    let (mut child, says) = victim(test, data);
    let mut said = Vec::new();
    for line in says.lines().map_while(Result::ok) {
        said.extend(line.strip_prefix("done ").map(str::to_owned));
        if said.len() == count {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    said
}

#[tokio::test]
async fn the_victim_takes_and_acknowledges() {
    let Ok(data) = env::var(DIRECTORY) else {
        return;
    };
    let place = Place::at(Path::new(&data));
    let mut intake = place.open().intake().unwrap();
    while let Some(delivery) = intake.next().await.unwrap() {
        println!("\ndone {}", body(&delivery));
        delivery.receipt.acknowledge().await;
    }
}

#[tokio::test]
async fn the_victim_submits() {
    let Ok(data) = env::var(DIRECTORY) else {
        return;
    };
    let place = Place::at(Path::new(&data));
    let publisher = place.open().publisher();
    for number in 0.. {
        let event = event(&format!("{}-{number}", std::process::id()));
        let body = event.body.to_string();
        publisher.submit(event).await.unwrap();
        println!("\ndone {body}");
    }
}

#[tokio::test]
async fn whenever_the_taker_is_killed_each_event_is_taken_and_each_file_is_done() {
    let place = Place::new();
    drop(place.open());
    for file in 0..60 {
        let events: Vec<String> = (0..3).map(|event| format!("\"{file}-{event}\"")).collect();
        place.feed(
            &format!("{file:02}.json"),
            format!("[{}]", events.join(",")),
        );
    }
    let mut taken = BTreeSet::new();
    for count in [1, 8, 20, 3, 33] {
        let said = kill_after(
            count,
            "the_victim_takes_and_acknowledges",
            place.data.path(),
        );
        assert!(said.len() >= count, "the victim ended by itself");
        taken.extend(said);
    }
    let mut intake = place.open().intake().unwrap();
    while !place.names("new").is_empty() {
        taken.insert(settle(&mut intake).await);
    }
    nothing_comes(&mut intake).await;
    assert_eq!(taken.len(), 180);
    assert_eq!(place.names("done").len(), 60);
}

#[tokio::test]
async fn whenever_the_submitter_is_killed_what_it_was_told_is_safe_is_there() {
    let place = Place::new();
    drop(place.open());
    let mut safe = BTreeSet::new();
    for count in [1, 5, 12] {
        safe.extend(kill_after(count, "the_victim_submits", place.data.path()));
    }
    let mut intake = place.open().intake().unwrap();
    let mut taken = BTreeSet::new();
    while place.names("new").iter().any(|name| !name.starts_with('.')) {
        taken.insert(settle(&mut intake).await);
    }
    assert!(safe.len() >= 18 && taken.is_superset(&safe));
}
