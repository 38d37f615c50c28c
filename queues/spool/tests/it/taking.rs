//! From `new/` to the hub to `done/`.

use std::{fs, os::unix::fs::symlink, time::Duration};

use bondhub_core::ports::queue::{Intake as _, QueueError};
use bondhub_spool::FILE_HEADER;
use tokio::time::timeout;

use super::support::{Place, body, next, nothing_comes, settle, within};

#[tokio::test]
async fn files_are_taken_by_name_and_done_once_acknowledged() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    place.feed("b.json", r#"{"id":"b"}"#);
    place.feed("a.json", r#"{"id":"a"}"#);
    let first = next(&mut intake).await;
    assert_eq!(first.arrival.headers[FILE_HEADER], "a.json");
    assert_eq!(body(&first), r#"{"id":"a"}"#);
    assert_eq!(
        place.names("new"),
        ["a.json", "b.json"],
        "not before the hub has it"
    );
    first.receipt.acknowledge().await;
    assert_eq!(place.names("done"), ["a.json"]);
    assert_eq!(settle(&mut intake).await, r#"{"id":"b"}"#);
    assert_eq!(place.names("done"), ["a.json", "b.json"]);
    assert!(place.names("new").is_empty());
    nothing_comes(&mut intake).await;
}

#[tokio::test]
async fn a_file_of_several_events_is_done_when_the_last_is_acknowledged_in_whatever_order() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    place.feed("a.json", "[1, 2, 3]");
    place.feed("b.jsonl", "4\n5\n");
    let mut deliveries = Vec::new();
    for expected in ["1", "2", "3", "4", "5"] {
        let delivery = next(&mut intake).await;
        assert_eq!(body(&delivery), expected);
        deliveries.push(delivery);
    }
    for (left, expected) in [(4, 0), (3, 1), (0, 1), (0, 1), (0, 2)] {
        deliveries
            .remove(left.min(deliveries.len() - 1))
            .receipt
            .acknowledge()
            .await;
        assert_eq!(place.names("done").len(), expected);
        if expected == 1 {
            assert_eq!(place.names("done"), ["b.jsonl"]);
        }
    }
}

#[tokio::test]
async fn what_was_under_way_at_a_crash_comes_again_and_what_was_done_does_not() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    place.feed("a.json", "1");
    place.feed("b.json", "[2, 3]");
    settle(&mut intake).await;
    let second = next(&mut intake).await;
    let third = next(&mut intake).await;
    second.receipt.acknowledge().await;
    drop((third, intake));

    let mut intake = place.open().intake().unwrap();
    assert_eq!(settle(&mut intake).await, "2");
    assert_eq!(settle(&mut intake).await, "3");
    nothing_comes(&mut intake).await;
    assert_eq!(place.names("done"), ["a.json", "b.json"]);
}

#[tokio::test]
async fn a_delivery_that_is_dropped_unsettled_comes_again_after_a_rest() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    place.feed("a.json", "1");
    drop(next(&mut intake).await);
    assert_eq!(settle(&mut intake).await, "1");
    assert_eq!(place.names("done"), ["a.json"]);
}

#[tokio::test]
async fn after_a_stop_nothing_more_comes_and_receipts_still_count() {
    let place = Place::new();
    let spool = place.open();
    let mut intake = spool.intake().unwrap();
    place.feed("a.json", "1");
    place.feed("b.json", "[2, 3]");
    let first = next(&mut intake).await;
    let second = next(&mut intake).await;
    intake.stop().await;
    assert!(within(intake.next()).await.unwrap().is_none());
    second.receipt.acknowledge().await;
    drop(intake);
    assert!(
        matches!(spool.intake(), Err(QueueError::Misfit(_))),
        "the lock is held as long as a receipt can move a file"
    );
    first.receipt.acknowledge().await;
    assert_eq!(place.names("done"), ["a.json"]);
    let mut again = spool.intake().unwrap();
    assert_eq!(settle(&mut again).await, "2", "3 was never handed out");
}

#[tokio::test]
async fn two_intakes_on_one_spool_are_a_misfit() {
    let place = Place::new();
    let _intake = place.open().intake().unwrap();
    let Err(error) = place.open().intake() else {
        panic!("the second one may take files too");
    };
    let sentence = error.to_string();
    assert!(matches!(error, QueueError::Misfit(_)), "{sentence}");
    assert!(sentence.contains("in use by another process"), "{sentence}");
}

#[tokio::test]
async fn what_is_no_event_file_is_left_alone() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    let outside = place.data.path().join("outside.json");
    fs::write(&outside, "1").unwrap();
    symlink(&outside, place.path("new/link.json")).unwrap();
    symlink("nowhere", place.path("new/broken.json")).unwrap();
    fs::create_dir(place.path("new/directory.json")).unwrap();
    for name in ["half.json.tmp", ".hidden.json", "readme.txt", "none"] {
        place.feed(name, "1");
    }
    nothing_comes(&mut intake).await;
    place.feed("z.json", "2");
    assert_eq!(settle(&mut intake).await, "2");
    assert_eq!(place.names("new").len(), 7);
    assert_eq!(fs::read_to_string(outside).unwrap(), "1");
}

#[tokio::test]
async fn a_link_that_became_a_file_is_taken() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    symlink("nowhere", place.path("new/a.json")).unwrap();
    nothing_comes(&mut intake).await;
    fs::remove_file(place.path("new/a.json")).unwrap();
    place.feed("a.json", "1");
    assert_eq!(settle(&mut intake).await, "1");
}

#[tokio::test]
async fn a_name_that_vanished_after_it_was_listed_is_passed_over() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    for name in ["a.json", "b.json", "c.json"] {
        place.feed(name, format!("{name:?}"));
    }
    let first = next(&mut intake).await;
    fs::remove_file(place.path("new/b.json")).unwrap();
    assert_eq!(settle(&mut intake).await, r#""c.json""#);
    first.receipt.acknowledge().await;
    assert_eq!(place.names("done"), ["a.json", "c.json"]);
}

#[tokio::test]
async fn a_file_renamed_over_one_under_way_is_taken_too() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    place.feed("a.json", "1");
    let old = next(&mut intake).await;
    place.feed("a.json", "2");
    nothing_comes(&mut intake).await;
    old.receipt.acknowledge().await;
    assert_eq!(
        place.names("new"),
        ["a.json"],
        "the new one was not delivered yet"
    );
    assert_eq!(settle(&mut intake).await, "2");
    assert_eq!(place.names("done"), ["a.json"]);
}

#[tokio::test]
async fn a_file_that_grew_under_way_is_taken_again() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    place.feed("a.json", "[1");
    let half = next(&mut intake).await;
    assert_eq!(body(&half), "[1");
    fs::write(place.path("new/a.json"), "[1, 2]").unwrap();
    half.receipt.acknowledge().await;
    assert_eq!(settle(&mut intake).await, "1");
    assert_eq!(settle(&mut intake).await, "2");
}

#[tokio::test]
async fn a_name_that_was_done_before_replaces_nothing() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    for content in ["1", "2", "3"] {
        place.feed("a.json", content);
        assert_eq!(settle(&mut intake).await, content);
    }
    assert_eq!(place.names("done"), ["a.2.json", "a.3.json", "a.json"]);
    assert_eq!(fs::read_to_string(place.path("done/a.json")).unwrap(), "1");
}

#[tokio::test]
async fn a_file_without_events_is_done_at_once_and_an_empty_text_is_delivered() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    place.feed("a.json", "[]");
    place.feed("b.jsonl", "\n");
    place.feed("c.json", "");
    assert_eq!(settle(&mut intake).await, "");
    assert_eq!(place.names("done"), ["a.json", "b.jsonl", "c.json"]);
}

#[tokio::test]
async fn bytes_that_are_no_json_are_delivered_as_they_are() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    place.feed("a.json", b"\xff\xfe nonsense");
    let delivery = next(&mut intake).await;
    assert_eq!(delivery.arrival.body, b"\xff\xfe nonsense");
}

#[tokio::test]
async fn a_huge_file_is_delivered_cut_and_kept_whole() {
    let mut place = Place::new();
    place.settings.event_limit = 10;
    place.settings.file_limit = 1000;
    let mut intake = place.open().intake().unwrap();
    place.feed("a.jsonl", "1\n".repeat(501));
    let delivery = next(&mut intake).await;
    assert_eq!(delivery.arrival.body.len(), 11);
    delivery.receipt.acknowledge().await;
    let kept = fs::metadata(place.path("done/a.jsonl")).unwrap();
    assert_eq!(kept.len(), 1002);
    nothing_comes(&mut intake).await;
}

#[tokio::test]
async fn dropping_the_wait_for_a_delivery_loses_none() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    for number in 0..30 {
        place.feed(&format!("{number:02}.jsonl"), format!("{number}\n{number}"));
    }
    let mut seen = Vec::new();
    within(async {
        while seen.len() < 60 {
            if let Ok(next) = timeout(Duration::from_micros(300), intake.next()).await {
                let delivery = next.unwrap().unwrap();
                seen.push(body(&delivery));
                delivery.receipt.acknowledge().await;
            }
        }
    })
    .await;
    let expected: Vec<String> = (0..60).map(|number| (number / 2).to_string()).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn directories_that_were_removed_are_made_again() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    fs::remove_dir_all(place.path("new")).unwrap();
    nothing_comes(&mut intake).await;
    place.feed("a.json", "1");
    assert_eq!(settle(&mut intake).await, "1");
}

#[tokio::test]
async fn a_file_that_cannot_be_moved_is_moved_later_and_not_delivered_again() {
    let place = Place::new();
    let mut intake = place.open().intake().unwrap();
    place.feed("a.json", "1");
    let delivery = next(&mut intake).await;
    fs::remove_dir(place.path("done")).unwrap();
    fs::write(place.path("done"), "in the way").unwrap();
    delivery.receipt.acknowledge().await;
    nothing_comes(&mut intake).await;
    fs::remove_file(place.path("done")).unwrap();
    place.feed("b.json", "2");
    assert_eq!(settle(&mut intake).await, "2");
    assert_eq!(place.names("done"), ["a.json", "b.json"]);
}
