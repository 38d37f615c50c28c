//! What a party lists of its own.

use std::sync::Arc;

use bondhub_core::{
    bond::{BondKind, BondState, Medium},
    identifier::{BondId, BondNumber, PartyCode},
    matching::{Discrepancy, Finding, Grade},
    party::Role,
    ports::store::{BondRow, ListOrder, Listing, Store, TaskRow, TaskView},
    task::{Subject, Task, TaskKey, TaskKind},
};

use super::{Database, samples::*};

fn listing(code: &str, role: Role) -> Listing {
    Listing {
        party: party(code),
        role,
        order: ListOrder::LastChanged,
        state: None,
        kind: None,
        procurement: None,
        after: None,
        limit: 2,
    }
}

/// Every row of a list, two at a time.
async fn all(store: &dyn Store, mut listing: Listing) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let page = store.bonds_of(&listing).await.unwrap();
        let Some(last) = page.last() else {
            return found;
        };
        assert!(page.len() <= 2);
        listing.after = Some(last.mark());
        found.extend(page.iter().map(|one| one.row.bond.to_string()));
        assert!(found.len() < 20, "the list does not end: {found:?}");
    }
}

/// Commits bonds at a moment: their last change.
async fn put(store: &dyn Store, name: &str, seconds: i64, bonds: Vec<BondRow>) {
    let mut commit = commit(vec![case(name, 0)]);
    commit.now = at(seconds);
    commit.bonds = bonds;
    store.commit(&commit).await.unwrap();
}

fn of_issuer(issuer: &str, number: &str, case: &str) -> BondRow {
    let mut row = bond(number, case);
    row.bond = BondId::new(party(issuer), BondNumber::parse(number).unwrap());
    row
}

pub async fn an_issuer_lists_its_own_bonds_newest_first_page_by_page(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    put(
        store,
        "P-1",
        1,
        vec![bond("B-1", "P-1"), bond("B-2", "P-1"), bond("B-3", "P-1")],
    )
    .await;
    put(
        store,
        "P-2",
        5,
        vec![bond("A-9", "P-2"), of_issuer("R9", "X", "P-2")],
    )
    .await;
    let own = all(store, listing("S1", Role::Issuer)).await;
    assert_eq!(own, ["S1/A-9", "S1/B-3", "S1/B-2", "S1/B-1"]);
    let principal = all(store, listing("C1", Role::Contractor)).await;
    assert_eq!(principal, ["S1/A-9", "R9/X", "S1/B-3", "S1/B-2", "S1/B-1"]);
    assert!(all(store, listing("C1", Role::Issuer)).await.is_empty());
    let page = store.bonds_of(&listing("S1", Role::Issuer)).await.unwrap();
    assert_eq!(page[0].changed_at, at(5));
    assert_eq!(page[0].row, bond("A-9", "P-2"));
}

pub async fn a_list_by_number_goes_on_after_a_number(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    put(
        store,
        "P-1",
        1,
        vec![
            bond("b", "P-1"),
            bond("a", "P-1"),
            of_issuer("R9", "c", "P-1"),
            bond("B", "P-1"),
        ],
    )
    .await;
    let by_number = |code, role| Listing {
        order: ListOrder::Number,
        ..listing(code, role)
    };
    let own = all(store, by_number("S1", Role::Issuer)).await;
    assert_eq!(own, ["S1/B", "S1/a", "S1/b"], "byte by byte");
    let principal = all(store, by_number("C1", Role::Contractor)).await;
    assert_eq!(principal, ["R9/c", "S1/B", "S1/a", "S1/b"]);
}

pub async fn a_list_is_filtered_by_state_kind_and_case(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    let mut frozen = bond("B-2", "P-1");
    frozen.state = BondState::Frozen;
    let mut reservation = bond("B-3", "P-1");
    reservation.terms.kind = BondKind::PerformanceReservation;
    // A wording that looks like another kind is text.
    "\"kind\":\"bid\"".clone_into(&mut reservation.terms.wording);
    put(
        store,
        "P-1",
        1,
        vec![bond("B-1", "P-1"), frozen, reservation],
    )
    .await;
    put(store, "P-2", 2, vec![bond("B-4", "P-2")]).await;
    for (code, role) in [("S1", Role::Issuer), ("C1", Role::Contractor)] {
        for order in [ListOrder::LastChanged, ListOrder::Number] {
            let plain = Listing {
                order,
                ..listing(code, role)
            };
            let state = Some(BondState::Frozen);
            let in_state = Listing {
                state,
                ..plain.clone()
            };
            assert_eq!(all(store, in_state).await, ["S1/B-2"]);
            let kind = Some(BondKind::PerformanceReservation);
            let of_kind = Listing {
                kind,
                ..plain.clone()
            };
            assert_eq!(all(store, of_kind).await, ["S1/B-3"]);
            let bids = Listing {
                kind: Some(BondKind::Bid),
                state: Some(BondState::InForce),
                ..plain.clone()
            };
            assert_eq!(all(store, bids).await.len(), 2);
            let of_case = Listing {
                procurement: Some(procurement("P-2")),
                ..plain
            };
            assert_eq!(all(store, of_case).await, ["S1/B-4"]);
        }
    }
}

pub async fn an_owner_lists_what_it_was_handed_and_nothing_else(database: Arc<dyn Database>) {
    let store = database.open().await;
    let mut on_paper = bond("B-4", "P-1");
    on_paper.terms.medium = Medium::Paper;
    commit_to_case(store.as_ref(), |commit| {
        commit.bonds = vec![
            bond("B-1", "P-1"),
            bond("B-2", "P-1"),
            bond("B-3", "P-1"),
            on_paper,
        ];
        let mut handed = key("k1", "B-1", 1, Role::Owner);
        handed.holder = party("O1");
        let mut ended = key("k2", "B-2", 1, Role::Owner);
        ended.holder = party("O1");
        let mut elsewhere = key("k3", "B-3", 1, Role::Owner);
        elsewhere.holder = party("O2");
        commit.keys = vec![
            handed,
            ended,
            elsewhere,
            key("k4", "B-3", 1, Role::Contractor),
        ];
        commit.ended_keys = vec![super::samples::ended("B-2", Some(Role::Owner), 1)];
    })
    .await;
    let mut own = all(store.as_ref(), listing("O1", Role::Owner)).await;
    own.sort();
    assert_eq!(own, ["S1/B-1", "S1/B-2", "S1/B-4"]);
    assert!(
        all(store.as_ref(), listing("O2", Role::Owner))
            .await
            .is_empty()
    );
}

/// A finding that names somebody who is not asked.
fn named(principal: &str) -> Finding {
    Finding {
        grade: Grade::Curable,
        what: Discrepancy::NoBid {
            principal: party(principal),
        },
    }
}

fn task(kind: TaskKind, bond: &str, asked: &[&str]) -> TaskRow {
    TaskRow {
        procurement: procurement("P-1"),
        key: TaskKey {
            kind,
            subject: Subject::Bond(bond_id(bond)),
        },
        task: Task {
            asked: asked
                .iter()
                .map(|code| PartyCode::parse(code).unwrap())
                .collect(),
            because: ["S_1", "S_1 and \"S%1\" are named here"]
                .map(named)
                .to_vec(),
            ..Task::default()
        },
    }
}

pub async fn a_party_lists_the_open_tasks_that_ask_it(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        commit.tasks_opened = vec![
            task(TaskKind::ChangeRequest, "B-1", &["S_1"]),
            task(TaskKind::ClaimWindow, "B-2", &["O1", "S_1"]),
            task(TaskKind::ExtensionNeeded, "B-3", &["SX1"]),
            task(TaskKind::RebidBondNeeded, "B-4", &["S%1"]),
        ];
    })
    .await;
    let asked = async |code| {
        let tasks = store.tasks_of(&party(code), None, 10).await.unwrap();
        let kinds = tasks.iter().map(|view| view.key.kind);
        kinds.collect::<Vec<_>>()
    };
    assert_eq!(
        asked("S_1").await,
        [TaskKind::ChangeRequest, TaskKind::ClaimWindow]
    );
    assert_eq!(asked("S%1").await, [TaskKind::RebidBondNeeded]);
    assert_eq!(asked("O1").await, [TaskKind::ClaimWindow]);
    assert!(asked("S").await.is_empty());
    let over = task(TaskKind::ChangeRequest, "B-1", &["S_1"]);
    let mut commit = commit(Vec::new());
    commit.now = at(9);
    commit.tasks_closed = vec![(over.procurement, over.key)];
    store.commit(&commit).await.unwrap();
    assert_eq!(asked("S_1").await, [TaskKind::ClaimWindow]);
    let all = store.tasks_ever_of(&party("S_1"), 10).await.unwrap();
    let closed: Vec<_> = all.iter().map(|view| view.closed_at.is_some()).collect();
    assert_eq!(closed, [false, true], "open ones first");
}

pub async fn tasks_of_others_take_no_place_in_a_partys_list(database: Arc<dyn Database>) {
    let store = database.open().await;
    // Each names S_1, and only the last ones ask it.
    let others =
        (1..=5).map(|number| task(TaskKind::ChangeRequest, &format!("B-{number}"), &["O1"]));
    let own = (6..=8).map(|number| task(TaskKind::ChangeRequest, &format!("B-{number}"), &["S_1"]));
    let tasks = others.chain(own).collect::<Vec<_>>();
    commit_to_case(store.as_ref(), |commit| commit.tasks_opened = tasks).await;
    let asked = async |case: Option<&str>, limit| {
        let (party, case) = (party("S_1"), case.map(procurement));
        let tasks = store.tasks_of(&party, case.as_ref(), limit);
        let tasks = tasks.await.unwrap().into_iter();
        let bond = |view: TaskView| view.key.subject.to_string();
        tasks.map(bond).collect::<Vec<_>>()
    };
    let all = asked(None, 10).await;
    assert_eq!(all.len(), 3);
    assert_eq!(asked(None, 2).await, all[..2]);
    assert_eq!(asked(Some("P-1"), 10).await, all);
    assert!(asked(Some("P-2"), 10).await.is_empty());
    let ever = async |limit| {
        let tasks = store.tasks_ever_of(&party("S_1"), limit).await.unwrap();
        let told = tasks.iter();
        let told = told.map(|view| (view.key.subject.to_string(), view.closed_at.is_some()));
        told.collect::<Vec<_>>()
    };
    let mut over = commit(Vec::new());
    over.now = at(9);
    over.tasks_closed = [1, 2, 3, 7]
        .map(|number| task(TaskKind::ChangeRequest, &format!("B-{number}"), &[]))
        .map(|row| (row.procurement, row.key))
        .to_vec();
    store.commit(&over).await.unwrap();
    let told = ever(10).await;
    assert_eq!(
        told.iter().map(|(_, closed)| *closed).collect::<Vec<_>>(),
        [false, false, true],
        "the closed one is the last"
    );
    for limit in [1, 2, 3] {
        let first = told.iter().take(usize::try_from(limit).unwrap());
        assert_eq!(ever(limit).await, first.cloned().collect::<Vec<_>>());
    }
}
