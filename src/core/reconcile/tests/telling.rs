//! R33, R51: who is told what, once; nobody is told of another bidder.

use super::{
    facts::{bid, bid_bond, bids_opened, morning, opening, outcome, rebid},
    story::Story,
};
use crate::{
    calendar::Timestamp,
    notice::{HubEvent, NoticeContent},
    procurement::{Fact, Scope, TenderOutcome},
    reconcile::Effect,
};

fn tendered() -> Story {
    let mut story = Story::new();
    story.on("04-01", opening("", "05-10"));
    story.on("04-02", bid_bond("A").registered());
    story.on("04-03", bid_bond("B").issuer("S2").registered());
    story
}

fn reminders(story: &Story, to: &str) -> Vec<i64> {
    let days = |content: &&NoticeContent| match content {
        NoticeContent::Expiring { days, .. } => Some(*days),
        _ => None,
    };
    story.told(to, "expiring").iter().filter_map(days).collect()
}

#[test]
fn the_first_opening_time_is_no_news() {
    let story = tendered();
    assert_eq!(story.notices().count(), 0);
}

#[test]
fn a_moved_opening_is_told_once_to_the_bidders_and_their_issuers_and_nobody_else() {
    let mut story = tendered();
    story.on("04-20", opening("", "05-20"));
    story.on("04-21", opening("", "05-20"));
    let moved = NoticeContent::OpeningMoved {
        scope: Scope::Tender,
        opening_at: morning("05-20"),
    };
    for party in ["A", "B", "S1", "S2"] {
        assert_eq!(story.told(party, "opening_moved"), [&moved], "{party}");
    }
    for party in ["C", "OWNER"] {
        assert_eq!(story.told(party, "opening_moved").len(), 0, "{party}");
    }
}

fn moved(story: &Story, to: &str) -> Vec<(String, Timestamp)> {
    let moved = |content: &&NoticeContent| match content {
        NoticeContent::OpeningMoved { scope, opening_at } => Some((scope.to_string(), *opening_at)),
        _ => None,
    };
    story
        .told(to, "opening_moved")
        .iter()
        .filter_map(moved)
        .collect()
}

fn at(scope: &str, day: &str) -> (String, Timestamp) {
    (scope.to_owned(), morning(day))
}

#[test]
fn an_earlier_opening_is_told_when_it_is_confirmed_and_not_before() {
    let mut story = tendered();
    story.on("04-10", opening("", "04-20"));
    assert_eq!(moved(&story, "A"), []);
    let confirmed = Fact::OpeningConfirmed {
        scope: Scope::Tender,
        at: morning("04-20"),
    };
    story.by("hanako", "04-11", vec![confirmed]);
    assert_eq!(moved(&story, "A"), [at("tender", "04-20")]);
}

#[test]
fn the_first_opening_of_a_lot_is_news_to_whoever_was_told_the_tenders() {
    let mut story = Story::with_lots(&["1", "2"]);
    story.on("04-01", opening("", "05-10"));
    story.on("04-02", bid_bond("A").lot("1").registered());
    story.on("04-02", bid_bond("B").lot("2").registered());
    story.on("04-20", opening("2", "05-20"));
    assert_eq!(moved(&story, "A"), []);
    assert_eq!(moved(&story, "B"), [at("lot:2", "05-20")]);
    story.on("05-11", rebid("1", "06-01"));
    assert_eq!(moved(&story, "A"), [at("lot:1", "06-01")]);
}

#[test]
fn a_tenders_opening_that_moves_a_lots_with_it_is_told_once_and_to_nobody_whose_lot_stays() {
    let mut story = Story::with_lots(&["1", "2"]);
    story.on("04-01", opening("", "05-10"));
    story.on("04-02", bid_bond("A").registered());
    story.on("04-02", bid_bond("B").issuer("S2").lot("2").registered());
    story.on("04-20", opening("2", "05-20"));
    story.on("04-21", opening("", "05-15"));
    assert_eq!(moved(&story, "B"), [at("lot:2", "05-20")], "its lot stays");
    story.on("04-22", opening("", "06-01"));
    assert_eq!(
        moved(&story, "A"),
        [
            at("lot:2", "05-20"),
            at("tender", "05-15"),
            at("tender", "06-01")
        ]
    );
    assert_eq!(
        moved(&story, "B"),
        [at("lot:2", "05-20"), at("lot:2", "06-01")]
    );
}

#[test]
fn no_notice_to_a_bidder_names_another_bidders_bond() {
    let mut story = tendered();
    story
        .on("04-20", opening("", "08-20"))
        .on("05-01", bid("A", ""))
        .on("05-01", bid("B", ""));
    story
        .on("05-10", bids_opened("", "05-10"))
        .on("05-11", rebid("", "08-25"));
    story.on("05-20", outcome("", TenderOutcome::Unsuccessful));
    let all: Vec<_> = story.notices().collect();
    assert!(all.len() > 10, "{}", all.len());
    for notice in all {
        let text = serde_json::to_string(&notice.content).unwrap();
        let (other, own) = match notice.to.as_str() {
            "A" | "S1" => ("B-B", "B-A"),
            "B" | "S2" => ("B-A", "B-B"),
            _ => continue,
        };
        assert!(
            !text.contains(other),
            "{} is told {text}, not {own} alone",
            notice.to
        );
    }
}

#[test]
fn an_owner_that_holds_no_key_is_not_told_that_a_bond_ended() {
    let mut story = tendered();
    story.on("05-01", bid("A", ""));
    story.on("05-20", outcome("", TenderOutcome::Unsuccessful));
    let told = story.told("OWNER", "state_changed");
    let text = serde_json::to_string(&told).unwrap();
    assert!(text.contains("B-A") && !text.contains("B-B"), "{text}");
}

#[test]
fn each_reminder_is_given_once_to_issuer_contractor_and_an_owner_with_a_key() {
    let mut story = tendered();
    story.on("05-01", bid("A", ""));
    for day in [
        "07-01", "07-02", "07-03", "08-01", "08-02", "08-24", "08-25",
    ] {
        story.until(day);
    }
    for party in ["A", "S1", "B", "S2", "OWNER"] {
        assert_eq!(reminders(&story, party), [60, 30, 7], "{party}");
    }
    assert_eq!(reminders(&story, "C"), [0; 0]);
}

#[test]
fn a_reminder_is_due_at_the_start_of_its_day() {
    let mut story = tendered();
    story.until("05-11");
    assert_eq!(
        story.plan.next_due_at,
        Some("2026-07-01T15:00:00Z".parse().unwrap())
    );
}

#[test]
fn only_the_tightest_reminder_is_given_where_several_are_due() {
    let mut story = Story::new();
    story.on("08-20", bid_bond("A").registered());
    assert_eq!(reminders(&story, "A"), [30]);
    story.until("08-24");
    assert_eq!(reminders(&story, "A"), [30, 7]);
}

#[test]
fn a_new_version_is_reminded_of_anew() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.until("08-25");
    assert_eq!(reminders(&story, "A"), [7]);
    story.on("08-26", bid_bond("A").until("09-30").updated());
    assert_eq!(reminders(&story, "A"), [7, 60]);
    story.until("09-24");
    assert_eq!(reminders(&story, "A"), [7, 60, 7]);
}

#[test]
fn a_bond_that_ended_is_not_reminded_of() {
    let mut story = tendered();
    story.on("05-20", outcome("", TenderOutcome::Unsuccessful));
    story.until("08-30");
    assert_eq!(reminders(&story, "A"), [0; 0]);
}

#[test]
fn a_task_is_told_once_and_again_only_when_it_asks_for_something_else() {
    let mut story = tendered();
    story.on("04-20", opening("", "08-10"));
    story.on("04-21", outcome("", TenderOutcome::Active));
    assert_eq!(story.told("A", "task_opened").len(), 1);
    story.on("04-22", opening("", "08-12"));
    assert_eq!(story.told("A", "task_opened").len(), 2);
}

#[test]
fn the_hub_publishes_what_happened_to_a_bond_without_its_amount() {
    let mut story = tendered();
    story.on("05-20", outcome("", TenderOutcome::Unsuccessful));
    let published: Vec<&HubEvent> = story
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Publish(event) => Some(event),
            _ => None,
        })
        .collect();
    let kinds: Vec<&str> = published.iter().map(|event| event.kind()).collect();
    assert_eq!(
        kinds[..3],
        ["bond.registered", "key.issued", "match.result"]
    );
    for kind in ["bond.released", "balance.changed"] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
    let text = serde_json::to_string(&published).unwrap();
    assert!(!text.contains("6000000"), "{text}");
}
