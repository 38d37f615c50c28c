//! Submitting to the spool, and the file of own events.

use std::{fs, time::Duration};

use bondhub_core::ports::queue::{Publish as _, Submit as _};

use super::support::{Place, body, event, next, settle, within};

#[tokio::test]
async fn what_is_submitted_comes_in_the_order_of_submission() {
    let place = Place::new();
    let spool = place.open();
    let publisher = spool.publisher();
    for number in 0..12 {
        publisher
            .submit(event(&format!("e-{number}")))
            .await
            .unwrap();
    }
    let mut intake = spool.intake().unwrap();
    for number in 0..12 {
        assert_eq!(
            settle(&mut intake).await,
            format!(r#"{{"id":"e-{number}"}}"#)
        );
    }
}

#[tokio::test]
async fn names_sort_by_time_and_differ_among_processes() {
    let place = Place::new();
    for second in [1_790_000_000, 1_790_000_001] {
        place
            .open_at(second)
            .publisher()
            .submit(event("e"))
            .await
            .unwrap();
    }
    let process = std::process::id();
    assert_eq!(
        place.names("new"),
        [
            format!("20260921T141320.000000Z-0000000001-{process:08x}00000000.json"),
            format!("20260921T141321.000000Z-0000000001-{process:08x}00000000.json"),
        ]
    );
}

#[tokio::test]
async fn names_go_on_when_the_clock_goes_back() {
    let place = Place::new();
    let spool = place.open_falling(1_790_000_009);
    let publisher = spool.publisher();
    for number in 0..3 {
        publisher
            .submit(event(&format!("e-{number}")))
            .await
            .unwrap();
    }
    let mut intake = spool.intake().unwrap();
    for number in 0..3 {
        assert_eq!(
            settle(&mut intake).await,
            format!(r#"{{"id":"e-{number}"}}"#)
        );
    }
}

#[tokio::test]
async fn a_submission_wakes_a_waiting_intake() {
    let mut place = Place::new();
    place.settings.interval = Duration::from_hours(1);
    let spool = place.open();
    let mut intake = spool.intake().unwrap();
    let publisher = spool.publisher();
    let (delivery, submitted) = within(async {
        tokio::join!(next(&mut intake), async {
            while !place.path("lock").exists() {
                tokio::task::yield_now().await;
            }
            publisher.submit(event("e-1")).await
        })
    })
    .await;
    submitted.unwrap();
    assert_eq!(body(&delivery), r#"{"id":"e-1"}"#);
}

#[tokio::test]
async fn nothing_half_written_is_left_in_the_spool() {
    let place = Place::new();
    let publisher = place.open().publisher();
    fs::remove_dir(place.path("new")).unwrap();
    fs::write(place.path("new"), "in the way").unwrap();
    let error = publisher.submit(event("e-1")).await.unwrap_err();
    assert!(error.to_string().contains("cannot be written to the spool"));
    fs::remove_file(place.path("new")).unwrap();
    fs::create_dir(place.path("new")).unwrap();
    publisher.submit(event("e-1")).await.unwrap();
    assert_eq!(place.names("new").len(), 1);
}

#[tokio::test]
async fn own_events_are_appended_as_json_lines() {
    let place = Place::new();
    let publisher = place.open().publisher();
    for batch in [[event("e-1"), event("e-2")], [event("e-3"), event("e-4")]] {
        let answers = publisher.publish(&batch).await;
        assert!(answers.iter().all(Result::is_ok) && answers.len() == 2);
    }
    let written = fs::read_to_string(&place.settings.events_out).unwrap();
    let ids = ["e-1", "e-2", "e-3", "e-4"].map(|id| format!("{{\"id\":\"{id}\"}}\n"));
    assert_eq!(written, ids.concat());
}

#[tokio::test]
async fn a_line_torn_by_a_crash_does_not_swallow_the_next_event() {
    let place = Place::new();
    fs::write(&place.settings.events_out, "{\"id\":\"e-1\"}\n{\"id\":").unwrap();
    let answers = place.open().publisher().publish(&[event("e-2")]).await;
    assert!(answers[0].is_ok());
    let written = fs::read_to_string(&place.settings.events_out).unwrap();
    let last = written.lines().last().unwrap();
    assert_eq!(last, r#"{"id":"e-2"}"#);
}

#[tokio::test]
async fn each_event_of_a_batch_that_cannot_be_written_is_answered() {
    let place = Place::new();
    fs::create_dir(&place.settings.events_out).unwrap();
    let answers = place
        .open()
        .publisher()
        .publish(&[event("e-1"), event("e-2")])
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 2);
}
