//! Loading and committing batches.

use std::sync::Arc;

use bondhub_core::{
    event::{EventIdentity, Stamp},
    identifier::PartyCode,
    money::{BasisPoints, Currency, Money},
    ports::store::{
        CaseListing, CaseWrite, Commit, DocumentRow, EventFilter, InstructionRow, MailFilter,
        Store, StoreError, TaskRow, Wanted,
    },
    procurement::Register,
    rules::StandingInstruction,
    task::{Subject, Task, TaskKey, TaskKind},
};

use super::{Database, samples::*};

/// A commit with a row for every table.
fn everything() -> Commit {
    Commit {
        events: vec![event("e1", 0)],
        documents: vec![document(b"first")],
        bonds: vec![bond("B-1", "P-1")],
        versions: vec![version("B-1", 1)],
        keys: vec![key("KID1", "B-1", 1, bondhub_core::party::Role::Contractor)],
        tasks_opened: vec![task()],
        movements: vec![movement(1, "B-1", 1, 500)],
        outbox: vec![mail(1)],
        ..commit(vec![case("P-1", 0)])
    }
}

fn task() -> TaskRow {
    TaskRow {
        procurement: procurement("P-1"),
        key: TaskKey {
            kind: TaskKind::BondMissing,
            subject: Subject::Bond(bond_id("B-1")),
        },
        task: Task::default(),
    }
}

fn document(sealed: &[u8]) -> DocumentRow {
    DocumentRow {
        digest: "d1".to_owned(),
        issuer: party("S1"),
        bond: Some(bond_id("B-1")),
        kind: "registration".to_owned(),
        signed_at: at(-10),
        signer: "f1".to_owned(),
        revocation: None,
        sealed: sealed.to_vec(),
    }
}

fn instruction() -> InstructionRow {
    InstructionRow {
        issuer: party("S1"),
        instruction: StandingInstruction {
            version: 1,
            signed_at: Some(at(0)),
            valid_from: at(0),
            valid_until: None,
            max_increase_bp: BasisPoints(3000),
            max_increase: Money::new(50, Currency::JPY).unwrap(),
            max_extension_days: 180,
        },
        document: "d1".to_owned(),
    }
}

/// Asserts that nothing of [`everything`] is there.
async fn assert_nothing(store: &dyn Store) {
    assert_eq!(stored_version(store, "P-1").await, 0, "case");
    assert_eq!(store.events(&EventFilter::default()).await.unwrap(), []);
    assert_eq!(store.bond(&bond_id("B-1")).await.unwrap(), None);
    assert_eq!(store.key("KID1").await.unwrap(), None);
    assert_eq!(store.tasks(true, 0).await.unwrap(), []);
    assert_eq!(store.outbox(&MailFilter::default()).await.unwrap(), []);
    assert_eq!(store.movements(None, 0).await.unwrap(), []);
}

pub async fn what_was_committed_is_loaded_after_a_restart(database: Arc<dyn Database>) {
    let mut written = everything();
    written.cases[0].file.title = Some(bondhub_core::procurement::Register {
        value: "橋梁補修工事".to_owned(),
        stamp: bondhub_core::event::Stamp {
            time: at(-5),
            sequence: 3,
            event: written.events[0].identity.clone(),
        },
    });
    database.open().await.commit(&written).await.unwrap();

    let store = database.open().await;
    let event = event("e1", 0);
    let wanted = Wanted {
        cases: vec![procurement("P-1"), procurement("P-none")],
        events: vec![event.id, id(99)],
        bonds: vec![bond_id("B-1"), bond_id("B-none")],
        ..Wanted::default()
    };
    let loaded = store.load(&wanted).await.unwrap();
    assert_eq!(loaded.cases.len(), 1);
    let case = &loaded.cases[&procurement("P-1")];
    assert_eq!((&case.file, case.version), (&written.cases[0].file, 1));
    assert_eq!(loaded.events, [(event.id, event.digest)].into());
    assert_eq!(loaded.homes, [(bond_id("B-1"), procurement("P-1"))].into());
    assert_eq!(loaded.generation, 0);
    let view = store.case(&procurement("P-1")).await.unwrap().unwrap();
    assert_eq!((view.file, view.due_at), (case.file.clone(), None));
    assert_eq!(view.changed_at, at(0));
}

pub async fn what_was_never_written_is_not_found(database: Arc<dyn Database>) {
    let store = database.open().await;
    let loaded = store.load(&Wanted::default()).await.unwrap();
    assert!(loaded.cases.is_empty() && loaded.events.is_empty() && loaded.homes.is_empty());
    assert_eq!(store.case(&procurement("P-1")).await.unwrap(), None);
    assert_eq!(store.next_due().await.unwrap(), None);
    assert_eq!(store.due(at(0), 10).await.unwrap(), []);
}

pub async fn a_case_of_another_version_is_a_conflict_and_leaves_nothing(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    store.commit(&commit(vec![case("P-2", 0)])).await.unwrap();
    store.commit(&commit(vec![case("P-2", 1)])).await.unwrap();

    let mut late = everything();
    late.cases.push(case("P-2", 1));
    assert!(is_conflict(&store.commit(&late).await));
    assert_nothing(store.as_ref()).await;
    assert_eq!(stored_version(store.as_ref(), "P-2").await, 2);
}

pub async fn a_new_case_that_exists_meanwhile_is_a_conflict(database: Arc<dyn Database>) {
    let store = database.open().await;
    let new = commit(vec![case("P-1", 0)]);
    store.commit(&new).await.unwrap();
    assert!(is_conflict(&store.commit(&new).await));
}

pub async fn a_case_that_never_was_cannot_be_written_at_a_version(database: Arc<dyn Database>) {
    let store = database.open().await;
    assert!(is_conflict(
        &store.commit(&commit(vec![case("P-1", 5)])).await
    ));
    assert_eq!(stored_version(store.as_ref(), "P-1").await, 0);
}

pub async fn an_event_taken_before_is_a_conflict_and_leaves_nothing(database: Arc<dyn Database>) {
    let store = database.open().await;
    let taken = Commit {
        events: vec![event("e9", 0)],
        ..commit(Vec::new())
    };
    store.commit(&taken).await.unwrap();

    let mut second = everything();
    second.events.push(event("e9", 0));
    assert!(is_conflict(&store.commit(&second).await));
    assert_eq!(stored_version(store.as_ref(), "P-1").await, 0);
    assert_eq!(
        store.events(&EventFilter::default()).await.unwrap().len(),
        1
    );
}

/// Commits `commit` from eight tasks on two stores at once; tells how many won.
async fn race(database: &Arc<dyn Database>, commits: Vec<Commit>) -> usize {
    let stores = [database.open().await, database.open().await];
    let mut tasks = Vec::new();
    for (index, commit) in commits.into_iter().enumerate() {
        let store = Arc::clone(&stores[index % 2]);
        tasks.push(tokio::spawn(async move { store.commit(&commit).await }));
    }
    let mut won = 0;
    for task in tasks {
        let outcome = task.await.unwrap();
        assert!(outcome.is_ok() || is_conflict(&outcome), "{outcome:?}");
        won += usize::from(outcome.is_ok());
    }
    won
}

fn with_own_event(index: usize, version: i64) -> Commit {
    Commit {
        events: vec![event(&format!("e{index}"), 0)],
        ..commit(vec![case("P-1", version)])
    }
}

pub async fn of_concurrent_commits_on_one_case_exactly_one_wins(database: Arc<dyn Database>) {
    let store = database.open().await;
    store.commit(&commit(vec![case("P-1", 0)])).await.unwrap();
    let commits = (0..8).map(|index| with_own_event(index, 1)).collect();
    assert_eq!(race(&database, commits).await, 1);
    assert_eq!(stored_version(store.as_ref(), "P-1").await, 2);
    assert_eq!(
        store.events(&EventFilter::default()).await.unwrap().len(),
        1
    );
}

pub async fn of_concurrent_commits_of_a_new_case_exactly_one_wins(database: Arc<dyn Database>) {
    let commits = (0..8).map(|index| with_own_event(index, 0)).collect();
    assert_eq!(race(&database, commits).await, 1);
    let store = database.open().await;
    assert_eq!(
        store.events(&EventFilter::default()).await.unwrap().len(),
        1
    );
}

pub async fn batches_that_share_cases_do_not_block_each_other_for_good(
    database: Arc<dyn Database>,
) {
    let names: Vec<String> = (0..20).map(|index| format!("P-{index}")).collect();
    let forth = names.iter().map(|name| case(name, 0)).collect();
    let back = names.iter().rev().map(|name| case(name, 0)).collect();
    let commits = vec![commit(forth), commit(back)];
    assert_eq!(race(&database, commits).await, 1);
    let store = database.open().await;
    assert_eq!(stored_version(store.as_ref(), "P-7").await, 1);
}

pub async fn a_failing_last_row_leaves_nothing(database: Arc<dyn Database>) {
    let store = database.open().await;
    let mut broken = everything();
    broken.movements.push(movement(1, "B-1", 1, 500));
    assert!(is_refused(&store.commit(&broken).await));
    assert_nothing(store.as_ref()).await;

    store.commit(&everything()).await.unwrap();
    assert_eq!(stored_version(store.as_ref(), "P-1").await, 1);
}

pub async fn an_empty_commit_is_no_error(database: Arc<dyn Database>) {
    let store = database.open().await;
    store.commit(&commit(Vec::new())).await.unwrap();
    assert_nothing(store.as_ref()).await;
}

pub async fn due_cases_come_earliest_first_and_not_before_they_are_due(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let due = |name: &str, seconds| {
        let mut write = case(name, 0);
        write.due_at = Some(at(seconds));
        write
    };
    let cases = vec![
        due("P-3", 30),
        due("P-1", 10),
        due("P-2", 20),
        case("P-0", 0),
    ];
    store.commit(&commit(cases)).await.unwrap();

    let names = |found: Vec<_>| {
        found
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<String>>()
    };
    assert_eq!(names(store.due(at(20), 10).await.unwrap()), ["P-1", "P-2"]);
    assert_eq!(names(store.due(at(99), 1).await.unwrap()), ["P-1"]);
    assert_eq!(store.due(at(9), 10).await.unwrap(), []);
    assert_eq!(store.next_due().await.unwrap(), Some(at(10)));

    store.commit(&commit(vec![case("P-1", 1)])).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(at(20)));
}

pub async fn a_commit_decided_with_older_parties_is_a_conflict(database: Arc<dyn Database>) {
    let store = database.open().await;
    let decided = |generation| Commit {
        generation: Some(generation),
        ..everything()
    };
    store.put_party(&a_party("C1"), at(0), &[]).await.unwrap();
    assert!(is_conflict(&store.commit(&decided(0)).await));
    assert_nothing(store.as_ref()).await;
    store.commit(&decided(1)).await.unwrap();
}

pub async fn an_instruction_raises_the_generation_and_makes_waiting_cases_due(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let mut waiting = case("P-1", 0);
    waiting.waits = vec!["instruction:S1".to_owned()];
    let mut other = case("P-2", 0);
    other.waits = vec!["instruction:S2".to_owned()];
    store.commit(&commit(vec![waiting, other])).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), None);

    let taken = Commit {
        now: at(7),
        instructions: vec![instruction()],
        ..commit(vec![case("P-3", 0)])
    };
    store.commit(&taken).await.unwrap();
    let book = store.book().await.unwrap();
    assert_eq!(
        (book.generation, book.instructions),
        (1, vec![instruction()])
    );
    assert_eq!(store.due(at(7), 10).await.unwrap(), [procurement("P-1")]);
}

pub async fn an_instruction_is_taken_once(database: Arc<dyn Database>) {
    let store = database.open().await;
    let taken = Commit {
        instructions: vec![instruction()],
        ..commit(Vec::new())
    };
    store.commit(&taken).await.unwrap();
    store.commit(&taken).await.unwrap();
    let book = store.book().await.unwrap();
    assert_eq!(book.instructions, [instruction()]);
}

pub async fn a_document_that_exists_is_left_as_it_is(database: Arc<dyn Database>) {
    let store = database.open().await;
    for sealed in [b"first".as_slice(), b"second"] {
        let commit = Commit {
            documents: vec![document(sealed)],
            ..commit(Vec::new())
        };
        let outcome: Result<(), StoreError> = store.commit(&commit).await;
        assert!(outcome.is_ok(), "{outcome:?}");
    }
}

pub async fn cases_are_listed_the_last_changed_first(database: Arc<dyn Database>) {
    let store = database.open().await;
    for (seconds, name) in [(1, "P-1"), (3, "P-2"), (2, "P-3")] {
        let mut written = commit(vec![case(name, 0)]);
        written.now = at(seconds);
        store.commit(&written).await.unwrap();
    }
    let names = async |limit| {
        let cases = store.cases(limit).await.unwrap();
        let names = cases.iter().map(|case| case.file.id.to_string());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(0).await, ["P-2", "P-3", "P-1"]);
    assert_eq!(names(2).await, ["P-2", "P-3"]);
}

pub async fn an_owners_cases_are_listed_by_id_page_by_page(database: Arc<dyn Database>) {
    let store = database.open().await;
    let owners = [("P-1", "O1"), ("P-2", "O2"), ("P_3", "O1"), ("P-4", "O1")];
    for (seconds, (name, owner)) in (1..).zip(owners) {
        let mut written = commit(vec![owned(name, owner, 0)]);
        written.now = at(seconds);
        store.commit(&written).await.unwrap();
    }
    let mut handed_on = commit(vec![owned("P-4", "O2", 1)]);
    handed_on.now = at(9);
    store.commit(&handed_on).await.unwrap();
    store.commit(&commit(vec![case("P-5", 0)])).await.unwrap();
    let names = async |owner: Option<&str>, named: &str, after: Option<&str>, limit| {
        let listing = CaseListing {
            owner: owner.map(|code| PartyCode::parse(code).unwrap()),
            named: Some(named.to_owned()),
            after: after.map(procurement),
            limit,
        };
        let cases = store.cases_of(&listing).await.unwrap();
        let names = cases.iter().map(|case| case.file.id.to_string());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(Some("O1"), "", None, 0).await, ["P_3", "P-1"]);
    assert_eq!(names(Some("O2"), "", None, 1).await, ["P-4"]);
    assert_eq!(names(Some("O2"), "", Some("P-4"), 1).await, ["P-2"]);
    assert_eq!(names(Some("O1"), "_", None, 0).await, ["P_3"], "no pattern");
    assert_eq!(
        names(None, "-", None, 0).await,
        ["P-5", "P-4", "P-2", "P-1"]
    );
}

fn owned(name: &str, owner: &str, version: i64) -> CaseWrite {
    let mut written = case(name, version);
    written.file.owner = Some(Register {
        value: PartyCode::parse(owner).unwrap(),
        stamp: Stamp {
            time: at(0),
            sequence: 0,
            event: EventIdentity {
                id: "e".to_owned(),
                source: "s".to_owned(),
            },
        },
    });
    written
}
