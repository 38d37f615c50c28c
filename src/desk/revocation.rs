//! Revocation lists that are missing or late: an operator's task each, until they are there again (R5, R60).

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    audit::{Act, AuditEntry},
    calendar::Timestamp,
    identifier::ProcurementId,
    ports::{
        signing::Revocation,
        store::{Book, Commit, TaskRow},
    },
    task::{OF_THE_HUB, Subject, Task, TaskKey, TaskKind},
};

use super::{Desk, DeskError, Refusal};
use crate::hub::read::pinned;

/// More open tasks are not looked through.
const MOST: u32 = 100_000;

/// What ought to be open.
type Ought = BTreeMap<TaskKey, Task>;

impl Desk {
    /// Opens what ought to be open about revocation lists, and closes what is open without reason. `late` are the
    /// authorities whose newest list is late, each with a sentence.
    pub(super) async fn ask_for_lists(
        &self,
        book: &Book,
        late: Vec<(String, String)>,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        let mut ought: Ought = late
            .into_iter()
            .map(|(authority, why)| task(authority, why))
            .collect();
        ought.extend(self.unchecked(book, now));
        let open = self.open_lists().await?;
        let of_the_hub = ProcurementId::parse(OF_THE_HUB);
        let of_the_hub = of_the_hub.map_err(|error| Refusal::ProcurementId {
            cause: error.to_string(),
        })?;
        let gone = open.keys().filter(|key| !ought.contains_key(*key));
        let closed: Vec<_> = gone.map(|key| (of_the_hub.clone(), key.clone())).collect();
        let told_of_gone: Vec<_> = closed
            .iter()
            .map(|(_, key)| self.about(Act::TaskClosed, key))
            .collect();
        let new: Vec<_> = ought
            .into_iter()
            .filter(|(key, task)| open.get(key) != Some(task))
            .collect();
        if new.is_empty() && closed.is_empty() {
            return Ok(());
        }
        let told_of_new = new.iter().map(|(key, _)| self.about(Act::TaskOpened, key));
        let commit = Commit {
            now,
            audit: told_of_gone.into_iter().chain(told_of_new).collect(),
            tasks_closed: closed,
            tasks_opened: new
                .into_iter()
                .map(|(key, task)| TaskRow {
                    procurement: of_the_hub.clone(),
                    key,
                    task,
                })
                .collect(),
            ..Commit::default()
        };
        Ok(self.store.commit(&commit).await?)
    }

    fn about(&self, act: Act, key: &TaskKey) -> AuditEntry {
        self.told(act, "hub").with("task", key.to_string())
    }

    /// The certificates in use of which no list tells whether they are revoked.
    fn unchecked(&self, book: &Book, now: Timestamp) -> Ought {
        let verifier = &self.reader.verifier;
        let in_use = book.signing.iter().filter(|one| {
            one.revoked_at.is_none() && one.valid_from <= now && now < one.valid_until
        });
        in_use
            .filter_map(|one| match verifier.revocation_of(&pinned(one), now) {
                Revocation::Unchecked(why) => {
                    Some(task(format!("{} {}", one.party, one.fingerprint), why))
                }
                Revocation::NotAsked | Revocation::Checked => None,
            })
            .collect()
    }

    async fn open_lists(&self) -> Result<Ought, DeskError> {
        let own: BTreeSet<TaskKind> = TaskKind::OWN.into();
        let open = self.store.tasks(false, MOST).await?.into_iter();
        let open = open.filter(|view| view.procurement.as_str() == OF_THE_HUB);
        let open = open.filter(|view| own.contains(&view.key.kind));
        Ok(open.map(|view| (view.key, view.task)).collect())
    }
}

fn task(name: String, why: String) -> (TaskKey, Task) {
    let key = TaskKey {
        kind: TaskKind::RevocationListNeeded,
        subject: Subject::Trust(name),
    };
    let task = Task {
        note: Some(why),
        ..Task::default()
    };
    (key, task)
}
