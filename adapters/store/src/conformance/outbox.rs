//! Leases, settlements, sweeps.

use std::{collections::BTreeSet, sync::Arc};

use bondhub_core::ports::store::{
    Channel, Claim, LeasedItem, MailFilter, OutboxRow, OutboxState, OutboxView, Resolution,
    Settled, Store, Swept, Verdict,
};
use uuid::Uuid;

use super::{Database, samples::*};

/// Commits rows at an instant, from which on they are due.
async fn put(store: &dyn Store, now: i64, rows: Vec<OutboxRow>, lease: Option<Claim>) {
    commit_to_case(store, |commit| {
        commit.now = at(now);
        commit.outbox = rows;
        commit.lease = lease;
    })
    .await;
}

pub(super) async fn view(store: &dyn Store, number: u128) -> OutboxView {
    let all = store.outbox(&MailFilter::default()).await.unwrap();
    all.into_iter().find(|row| row.id == id(number)).unwrap()
}

pub(super) async fn state(store: &dyn Store, number: u128) -> OutboxState {
    view(store, number).await.state
}

fn ids(items: &[LeasedItem]) -> Vec<Uuid> {
    items.iter().map(|item| item.row.id).collect()
}

fn settled(number: u128, verdict: Verdict) -> Settled {
    Settled {
        id: id(number),
        verdict,
    }
}

fn sent(number: u128) -> Settled {
    settled(number, Verdict::Sent("250 ok".to_owned()))
}

async fn settle(store: &dyn Store, token: u128, what: Settled, now: i64) {
    let granted = store.advance(id(token), &[what], &[], at(now)).await;
    assert!(granted.unwrap().is_empty());
}

async fn call(store: &dyn Store, token: u128, number: u128, now: i64) -> bool {
    let granted = store.advance(id(token), &[], &[id(number)], at(now)).await;
    granted.unwrap() == [id(number)]
}

async fn claim_mail(store: &dyn Store, token: u128, now: i64) -> Vec<LeasedItem> {
    let claim = claim(token, now + 60);
    let claimed = store.claim(Channel::Mail, claim, at(now), 10).await;
    claimed.unwrap()
}

pub async fn what_is_due_is_leased_oldest_first(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    let carried = key_mail(2, "B-1", bondhub_core::party::Role::Owner, 3);
    put(store, 20, vec![mail(1)], None).await;
    put(store, 10, vec![carried.clone(), mail(3)], None).await;
    put(store, 99, vec![mail(4)], None).await;
    let claimed = store.claim(Channel::Mail, claim(1, 80), at(20), 2).await;
    let claimed = claimed.unwrap();
    assert_eq!(ids(&claimed), [id(2), id(3)]);
    assert_eq!((&claimed[0].row, claimed[0].attempts), (&carried, 0));
    assert_eq!(ids(&claim_mail(store, 2, 20).await), [id(1)]);
    assert_eq!(claim_mail(store, 3, 20).await, []);
}

pub async fn another_channel_is_not_leased(database: Arc<dyn Database>) {
    let store = database.open().await;
    put(store.as_ref(), 0, vec![mail(1), publication(2)], None).await;
    let events = store.claim(Channel::Event, claim(1, 60), at(0), 10).await;
    let events = events.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].row, publication(2));
}

pub async fn concurrent_claims_never_share_a_row(database: Arc<dyn Database>) {
    let store = database.open().await;
    put(store.as_ref(), 0, (1..=120).map(mail).collect(), None).await;
    let stores = [Arc::clone(&store), database.open().await];
    let mut tasks = Vec::new();
    for token in 1..=8_u128 {
        let store = Arc::clone(&stores[usize::from(token % 2 == 0)]);
        tasks.push(tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = store.claim(Channel::Mail, claim(token, 60), at(0), 7).await;
                let claimed = ids(&claimed.unwrap());
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed);
            }
        }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    assert_eq!(all.len(), 120);
    assert_eq!(all.into_iter().collect::<BTreeSet<Uuid>>().len(), 120);
}

pub async fn what_is_committed_under_a_lease_belongs_to_its_holder(database: Arc<dyn Database>) {
    let store = database.open().await;
    put(store.as_ref(), 0, vec![mail(1)], Some(claim(5, 60))).await;
    let store = database.open().await;
    let store = store.as_ref();
    assert_eq!(claim_mail(store, 6, 0).await, []);
    assert!(!call(store, 6, 1, 1).await);
    assert!(call(store, 5, 1, 1).await);
    settle(store, 5, sent(1), 2).await;
    assert_eq!(state(store, 1).await, OutboxState::Sent);
}

pub async fn a_row_that_exists_is_left_as_it_is(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    put(store, 0, vec![mail(1)], Some(claim(5, 60))).await;
    settle(store, 5, sent(1), 1).await;
    let mut again = mail(1);
    again.name = "other".into();
    put(store, 2, vec![again, mail(2)], None).await;
    let first = view(store, 1).await;
    assert_eq!((first.state, first.name), (OutboxState::Sent, mail(1).name));
    assert_eq!(ids(&claim_mail(store, 6, 2).await), [id(2)]);
}

pub async fn what_was_sent_is_settled_and_what_comes_next_is_marked(database: Arc<dyn Database>) {
    let store = database.open().await;
    put(
        store.as_ref(),
        0,
        vec![mail(1), mail(2), mail(3)],
        Some(claim(5, 60)),
    )
    .await;
    assert!(call(store.as_ref(), 5, 1, 1).await);
    let next = [id(3), id(99), id(2), id(1)];
    let granted = store.advance(id(5), &[sent(1)], &next, at(2)).await;
    assert_eq!(
        granted.unwrap(),
        [id(3), id(2)],
        "as asked, without strangers"
    );
    let first = view(store.as_ref(), 1).await;
    assert_eq!(first.state, OutboxState::Sent);
    assert_eq!(first.last_reply.as_deref(), Some("250 ok"));
    assert_eq!((first.attempts, first.changed_at), (1, at(2)));
}

pub async fn another_token_settles_and_marks_nothing(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    put(store, 0, vec![mail(1)], Some(claim(5, 60))).await;
    let granted = store.advance(id(6), &[sent(1)], &[id(1)], at(1)).await;
    assert!(granted.unwrap().is_empty());
    assert_eq!(state(store, 1).await, OutboxState::Leased);
}

pub async fn a_lease_that_is_over_may_not_send(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    put(store, 0, vec![mail(1)], Some(claim(5, 60))).await;
    assert!(!call(store, 5, 1, 60).await, "over at its last instant");
    assert!(call(store, 5, 1, 59).await);
}

pub async fn a_token_from_before_a_second_claim_changes_nothing(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    put(store, 0, vec![mail(1)], Some(claim(5, 60))).await;
    assert_eq!(store.sweep(at(60)).await.unwrap().returned, 1);
    assert!(!call(store, 5, 1, 10).await, "taken away");
    assert_eq!(ids(&claim_mail(store, 6, 61).await), [id(1)]);
    let failed = settled(1, Verdict::Failed("550 no".to_owned()));
    settle(store, 5, failed, 62).await;
    let row = view(store, 1).await;
    assert_eq!((row.state, row.last_reply), (OutboxState::Leased, None));
    settle(store, 6, sent(1), 63).await;
    settle(store, 6, settled(1, Verdict::Failed("late".to_owned())), 64).await;
    assert_eq!(state(store, 1).await, OutboxState::Sent, "settled once");
}

pub async fn a_retry_counts_and_waits_for_its_time(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    put(store, 0, vec![mail(1)], Some(claim(5, 60))).await;
    let verdict = Verdict::Retry(at(30), "421 later\0".to_owned());
    settle(store, 5, settled(1, verdict), 1).await;
    let row = view(store, 1).await;
    assert_eq!((row.state, row.attempts), (OutboxState::Retry, 1));
    assert_eq!((row.due_at, row.changed_at), (at(30), at(1)));
    assert_eq!(row.last_reply.as_deref(), Some("421 later\u{fffd}"));
    assert_eq!(claim_mail(store, 6, 29).await, []);
    let claimed = claim_mail(store, 6, 30).await;
    assert_eq!((claimed[0].row.clone(), claimed[0].attempts), (mail(1), 1));
}

pub async fn what_is_given_back_does_not_count(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    put(store, 0, vec![mail(1)], Some(claim(5, 60))).await;
    let verdict = Verdict::GiveBack(at(30), "connection refused".to_owned());
    settle(store, 5, settled(1, verdict), 1).await;
    let claimed = claim_mail(store, 6, 30).await;
    assert_eq!((ids(&claimed), claimed[0].attempts), (vec![id(1)], 0));
}

pub async fn a_person_decides_about_failed_and_uncertain_rows_only(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    put(
        store,
        0,
        vec![mail(1), mail(2), mail(3)],
        Some(claim(5, 60)),
    )
    .await;
    let failed = settled(1, Verdict::Failed("550 no".to_owned()));
    let lost = settled(2, Verdict::Uncertain("lost".to_owned()));
    settle(store, 5, failed, 1).await;
    settle(store, 5, lost, 1).await;
    let resolve = async |number, what| store.resolve(id(number), what, at(9), &[]).await.unwrap();
    assert!(!resolve(3, Resolution::Resend).await, "leased");
    assert!(!resolve(99, Resolution::MarkSent).await, "not there");
    assert!(resolve(1, Resolution::Resend).await);
    assert!(!resolve(1, Resolution::Resend).await, "ready by now");
    assert!(resolve(2, Resolution::MarkSent).await);
    assert_eq!(state(store, 2).await, OutboxState::Sent);
    let claimed = claim_mail(store, 6, 9).await;
    assert_eq!((ids(&claimed), &claimed[0].row), (vec![id(1)], &mail(1)));
}

pub async fn a_sweep_ends_only_leases_that_are_over(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    put(store, 0, vec![mail(1)], Some(claim(5, 60))).await;
    put(store, 0, vec![mail(2)], Some(claim(5, 61))).await;
    assert_eq!(store.sweep(at(59)).await.unwrap(), Swept::default());
    let one = Swept {
        returned: 1,
        uncertain: 0,
    };
    assert_eq!(store.sweep(at(60)).await.unwrap(), one);
    assert_eq!(store.sweep(at(60)).await.unwrap(), Swept::default());
    assert_eq!(state(store, 1).await, OutboxState::Ready);
    assert_eq!(state(store, 2).await, OutboxState::Leased);
}

pub async fn a_mail_lost_while_being_sent_is_uncertain(database: Arc<dyn Database>) {
    let store = database.open().await;
    put(store.as_ref(), 0, vec![mail(1)], Some(claim(5, 60))).await;
    assert!(call(store.as_ref(), 5, 1, 1).await);
    let store = database.open().await;
    let one = Swept {
        returned: 0,
        uncertain: 1,
    };
    assert_eq!(store.sweep(at(60)).await.unwrap(), one);
    assert_eq!(state(store.as_ref(), 1).await, OutboxState::Uncertain);
    assert_eq!(
        claim_mail(store.as_ref(), 6, 100).await,
        [],
        "not sent again"
    );
}

pub async fn an_event_lost_while_being_published_is_published_again(database: Arc<dyn Database>) {
    let store = database.open().await;
    put(store.as_ref(), 0, vec![publication(1)], Some(claim(5, 60))).await;
    assert!(call(store.as_ref(), 5, 1, 1).await);
    assert_eq!(store.sweep(at(60)).await.unwrap().returned, 1);
    let again = store.claim(Channel::Event, claim(6, 90), at(60), 10).await;
    assert_eq!(ids(&again.unwrap()), [id(1)]);
}

pub async fn rows_are_listed_newest_first_as_filtered(database: Arc<dyn Database>) {
    let store = database.open().await;
    let mut newest = mail(1);
    newest.created_at = at(50);
    newest.recipient = Some(party("C2"));
    let mut elsewhere = publication(2);
    elsewhere.procurement = procurement("P-2");
    elsewhere.created_at = at(-50);
    put(store.as_ref(), 0, vec![elsewhere, mail(3), newest], None).await;
    put(store.as_ref(), 0, vec![mail(4)], Some(claim(5, 60))).await;
    let listed = async |filter: MailFilter| -> Vec<Uuid> {
        let rows = store.outbox(&filter).await.unwrap();
        rows.into_iter().map(|row| row.id).collect()
    };
    let any = MailFilter::default();
    assert_eq!(listed(any.clone()).await, [id(1), id(4), id(3), id(2)]);
    let first = MailFilter { limit: 1, ..any };
    assert_eq!(listed(first).await, [id(1)]);
    let events = MailFilter {
        channel: Some(Channel::Event),
        ..MailFilter::default()
    };
    assert_eq!(listed(events).await, [id(2)]);
    let leased = MailFilter {
        state: Some(OutboxState::Leased),
        ..MailFilter::default()
    };
    assert_eq!(listed(leased).await, [id(4)]);
    let to = MailFilter {
        recipient: Some(party("C2")),
        ..MailFilter::default()
    };
    assert_eq!(listed(to).await, [id(1)]);
    let of_case = MailFilter {
        procurement: Some(procurement("P-2")),
        ..MailFilter::default()
    };
    assert_eq!(listed(of_case).await, [id(2)]);
}

pub async fn what_leaves_by_a_closed_channel_is_leased_to_nobody(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        commit.outbox = vec![mail(1), publication(2)];
        commit.lease = Some(claim(5, 60));
        commit.closed = [Channel::Event].into();
    })
    .await;
    assert_eq!(state(store.as_ref(), 1).await, OutboxState::Leased);
    assert_eq!(state(store.as_ref(), 2).await, OutboxState::Ready);
    let claimed = store.claim(Channel::Event, claim(6, 60), at(0), 10).await;
    assert_eq!(ids(&claimed.unwrap()), [id(2)]);
}

pub async fn rows_are_counted_by_channel_and_state(database: Arc<dyn Database>) {
    let store = database.open().await;
    assert_eq!(store.outbox_counts().await.unwrap(), []);
    put(
        store.as_ref(),
        0,
        vec![mail(1), mail(2), publication(3)],
        None,
    )
    .await;
    put(store.as_ref(), 0, vec![mail(4)], Some(claim(5, 60))).await;
    let expected = [
        (Channel::Event, OutboxState::Ready, 1),
        (Channel::Mail, OutboxState::Leased, 1),
        (Channel::Mail, OutboxState::Ready, 2),
    ];
    assert_eq!(store.outbox_counts().await.unwrap(), expected);
    assert_eq!(store.open_outbox_counts().await.unwrap(), expected);
    settle(store.as_ref(), 5, sent(4), 1).await;
    let open = [expected[0], expected[2]];
    assert_eq!(store.open_outbox_counts().await.unwrap(), open, "done");
}
