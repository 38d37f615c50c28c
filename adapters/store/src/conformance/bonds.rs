//! Bonds and tasks.

use std::sync::Arc;

use bondhub_core::{
    bond::{BondKind, BondState, Medium},
    identifier::{BondId, BondNumber, PartyCode},
    matching::{Discrepancy, Finding, Grade},
    ports::store::{BondFilter, Store, TaskRow, TaskView},
    task::{Subject, Task, TaskKey, TaskKind},
};

use super::{Database, samples::*};

pub async fn a_bond_reads_back_with_its_history(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        commit.bonds = vec![bond("B-1", "P-1"), bond("B-2", "P-1")];
        commit.versions = vec![version("B-1", 1), version("B-2", 1)];
    })
    .await;
    let mut second = bond("B-1", "P-1");
    second.version = 2;
    second.state = BondState::Frozen;
    commit_to_case(store.as_ref(), |commit| {
        commit.bonds = vec![second.clone()];
        commit.versions = vec![version("B-1", 2)];
    })
    .await;

    let store = database.open().await;
    let view = store.bond(&bond_id("B-1")).await.unwrap().unwrap();
    assert_eq!(view.bond, second);
    assert_eq!(view.versions, [version("B-1", 1), version("B-1", 2)]);
    assert_eq!(view.keys, []);
}

pub async fn a_bond_that_is_not_there_is_none(database: Arc<dyn Database>) {
    let store = database.open().await;
    assert_eq!(store.bond(&bond_id("B-1")).await.unwrap(), None);
}

pub async fn a_bond_of_another_case_is_a_conflict_and_keeps_its_case(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        commit.bonds = vec![bond("B-1", "P-1")];
    })
    .await;
    let mut stolen = commit(vec![case("P-2", 0)]);
    stolen.bonds = vec![bond("B-2", "P-2"), bond("B-1", "P-2")];
    assert!(is_conflict(&store.commit(&stolen).await));
    assert_eq!(stored_version(store.as_ref(), "P-2").await, 0);
    assert_eq!(store.bond(&bond_id("B-2")).await.unwrap(), None);
    let view = store.bond(&bond_id("B-1")).await.unwrap().unwrap();
    assert_eq!(view.bond, bond("B-1", "P-1"));
}

pub async fn of_a_bond_listed_twice_the_last_counts(database: Arc<dyn Database>) {
    let store = database.open().await;
    let mut last = bond("B-1", "P-1");
    last.state = BondState::Released;
    commit_to_case(store.as_ref(), |commit| {
        commit.bonds = vec![bond("B-1", "P-1"), last.clone()];
    })
    .await;
    let found = store.bonds(&BondFilter::default()).await.unwrap();
    assert_eq!(found, [last]);
}

pub async fn a_version_that_exists_is_refused(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        commit.versions = vec![version("B-1", 1)];
    })
    .await;
    let mut again = commit(vec![case("P-1", 1)]);
    again.versions = vec![version("B-1", 1)];
    assert!(is_refused(&store.commit(&again).await));
}

async fn listed(store: &dyn Store, filter: BondFilter) -> Vec<String> {
    let found = store.bonds(&filter).await.unwrap();
    found.iter().map(|row| row.bond.to_string()).collect()
}

pub async fn bonds_are_listed_by_issuer_and_number_as_filtered(database: Arc<dyn Database>) {
    let store = database.open().await;
    let mut other_issuer = bond("b-3", "P-1");
    other_issuer.bond = BondId::new(party("R9"), BondNumber::parse("b-3").unwrap());
    let mut other_principal = bond("B-2", "P-1");
    other_principal.terms.principal = party("C2");
    let mut released = bond("a-1", "P-2");
    released.state = BondState::Released;
    released.terms.medium = Medium::Paper;
    let mut everything = commit(vec![case("P-1", 0), case("P-2", 0)]);
    everything.bonds = vec![released, other_principal, bond("B-1", "P-1"), other_issuer];
    store.commit(&everything).await.unwrap();

    let store = store.as_ref();
    let all = listed(store, BondFilter::default()).await;
    assert_eq!(
        all,
        ["R9/b-3", "S1/B-1", "S1/B-2", "S1/a-1"],
        "byte by byte"
    );
    let by_issuer = BondFilter {
        issuer: Some(party("R9")),
        ..BondFilter::default()
    };
    assert_eq!(listed(store, by_issuer).await, ["R9/b-3"]);
    let by_principal = BondFilter {
        principal: Some(party("C2")),
        ..BondFilter::default()
    };
    assert_eq!(listed(store, by_principal).await, ["S1/B-2"]);
    let mut reserved = bond("B-7", "P-1");
    reserved.terms.kind = BondKind::PerformanceReservation;
    commit_to_case(store, |commit| commit.bonds = vec![reserved]).await;
    let by_kind = BondFilter {
        kind: Some(BondKind::PerformanceReservation),
        ..BondFilter::default()
    };
    assert_eq!(listed(store, by_kind).await, ["S1/B-7"]);
    let after = BondFilter {
        after: Some(bond_id("B-1")),
        limit: 2,
        ..BondFilter::default()
    };
    assert_eq!(listed(store, after).await, ["S1/B-2", "S1/B-7"]);
    let by_case_and_state = BondFilter {
        procurement: Some(procurement("P-2")),
        state: Some(BondState::Released),
        ..BondFilter::default()
    };
    assert_eq!(listed(store, by_case_and_state).await, ["S1/a-1"]);
    let on_paper = BondFilter {
        medium: Some(Medium::Paper),
        limit: 1,
        ..BondFilter::default()
    };
    assert_eq!(
        listed(store, on_paper).await,
        ["S1/a-1"],
        "before the limit"
    );
    let two = BondFilter {
        limit: 2,
        ..BondFilter::default()
    };
    assert_eq!(listed(store, two).await, ["R9/b-3", "S1/B-1"]);
}

/// A finding about this party; none about nobody.
fn found(about: &str) -> Vec<Finding> {
    let principal = PartyCode::parse(about).ok();
    let finding = principal.map(|principal| Finding {
        grade: Grade::Curable,
        what: Discrepancy::NoBid { principal },
    });
    finding.into_iter().collect()
}

fn task(number: &str, because: &str) -> TaskRow {
    TaskRow {
        procurement: procurement("P-1"),
        key: TaskKey {
            kind: TaskKind::ChangeRequest,
            subject: Subject::Bond(bond_id(number)),
        },
        task: Task {
            asked: vec![party("S1")],
            because: found(because),
            ..Task::default()
        },
    }
}

fn view(row: TaskRow, opened: i64, closed: Option<i64>) -> TaskView {
    TaskView {
        procurement: row.procurement,
        key: row.key,
        task: row.task,
        opened_at: at(opened),
        closed_at: closed.map(at),
    }
}

/// Opens and closes tasks at an instant.
async fn tasks(store: &dyn Store, now: i64, opened: Vec<TaskRow>, closed: Vec<TaskRow>) {
    commit_to_case(store, |commit| {
        commit.now = at(now);
        commit.tasks_opened = opened;
        let closed = closed.into_iter().map(|row| (row.procurement, row.key));
        commit.tasks_closed = closed.collect();
    })
    .await;
}

pub async fn tasks_come_open_ones_first_then_by_age(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    tasks(store, 1, vec![task("B-1", "a")], vec![]).await;
    tasks(store, 2, vec![task("B-3", "b")], vec![]).await;
    tasks(store, 3, vec![task("B-2", "c")], vec![task("B-1", "")]).await;

    let open = [
        view(task("B-3", "b"), 2, None),
        view(task("B-2", "c"), 3, None),
    ];
    assert_eq!(store.tasks(false, 0).await.unwrap(), open);
    let all = store.tasks(true, 0).await.unwrap();
    assert_eq!(all[..2], open);
    assert_eq!(all[2..], [view(task("B-1", "a"), 1, Some(3))]);
    assert_eq!(store.tasks(true, 1).await.unwrap(), open[..1]);
}

pub async fn a_task_changed_while_open_keeps_its_age(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    tasks(store, 1, vec![task("B-1", "a")], vec![]).await;
    tasks(store, 2, vec![task("B-1", "b")], vec![]).await;
    let open = store.tasks(false, 0).await.unwrap();
    assert_eq!(open, [view(task("B-1", "b"), 1, None)]);
}

pub async fn a_closed_task_can_be_opened_again(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    tasks(store, 1, vec![task("B-1", "a")], vec![]).await;
    tasks(store, 2, vec![], vec![task("B-1", "")]).await;
    tasks(store, 3, vec![], vec![task("B-1", "")]).await;
    let closed = store.tasks(true, 0).await.unwrap();
    assert_eq!(closed, [view(task("B-1", "a"), 1, Some(2))], "closed once");
    tasks(store, 4, vec![task("B-1", "again")], vec![]).await;
    let open = store.tasks(true, 0).await.unwrap();
    assert_eq!(open, [view(task("B-1", "again"), 4, None)]);
}

pub async fn a_task_opened_and_closed_in_one_commit_ends_as_its_case_says(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let (open, over) = (task("B-1", "open"), task("B-2", "over"));
    let mut both = commit(vec![case("P-1", 0)]);
    let carried = &mut both.cases[0].file.carried;
    carried.tasks.insert(open.key.clone(), open.task.clone());
    both.tasks_opened = vec![task("B-1", "first"), open.clone(), over.clone()];
    both.tasks_closed = vec![
        (over.procurement.clone(), over.key.clone()),
        (open.procurement.clone(), open.key.clone()),
    ];
    store.commit(&both).await.unwrap();
    let left = store.tasks(false, 0).await.unwrap();
    assert_eq!(left, [view(open, 0, None)]);
}

pub async fn the_database_answers(database: Arc<dyn Database>) {
    database.open().await.ping().await.unwrap();
}
