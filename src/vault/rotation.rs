//! Changing the master key: everything that lies under another one is put under the current one, in
//! batches that are one transaction each. Killed at any step, it goes on where it was: what is done
//! already names the new key. Originals are not touched, only the keys they lie under.

use std::ops::ControlFlow;

use bondhub_core::{
    audit::AuditEntry,
    identifier::{BondNumber, PartyCode},
    ports::{
        Clock, Randomness,
        store::{
            Compartment, DataKeyRow, Resealed, SEALED_HEAD, SealedItem, SealedKind, Store,
            StoreError,
        },
    },
};

use super::{DataKey, MasterKey, SealError, oldest_document_place, seal::hex};
use crate::{
    desk::one_time_place,
    hub::{directory::entrusted_place, prepare::request_place, read::event_place},
};

/// How much of one kind lies under one master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What.
    pub kind: SealedKind,
    /// The name of the master key; none for the oldest form, which does not say.
    pub key: Option<String>,
    /// Whether it is the current one.
    pub current: bool,
    /// Whether it can be used.
    pub known: bool,
    /// How much.
    pub count: u64,
}

/// How far a rotation is with one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What.
    pub kind: SealedKind,
    /// How many were put under the current master key.
    pub done: u64,
    /// How many there were to do when it began.
    pub of: u64,
}

/// What a rotation did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rotated {
    /// How many things were put under the current master key.
    pub done: u64,
    /// What could not be: damaged, or under a key that is not configured. One sentence each, the first
    /// hundred of them.
    pub problems: Vec<String>,
    /// How many could not be.
    pub failed: u64,
    /// Whether it was told to stop before its end.
    pub stopped: bool,
}

const MOST_PROBLEMS: usize = 100;

/// A change of the master key.
pub struct Rotation<'a> {
    /// The store.
    pub store: &'a dyn Store,
    /// The master keys.
    pub master: &'a MasterKey,
    /// For wrapping.
    pub randomness: &'a dyn Randomness,
    /// The time.
    pub clock: &'a dyn Clock,
    /// So many things in one transaction.
    pub batch: u32,
    /// By whom: each batch is told with this, its time, kind and number.
    pub told: AuditEntry,
}

impl Rotation<'_> {
    /// How much lies under which master key.
    pub async fn status(&self) -> Result<Vec<Status>, StoreError> {
        let counts = self.store.sealed_counts().await?;
        let mut all: Vec<Status> = Vec::new();
        for count in counts {
            let key = name(&count.head);
            let current = count.head == self.master.head();
            let same = |one: &&mut Status| one.kind == count.kind && one.key == key;
            match all.iter_mut().find(same) {
                Some(one) => one.count += count.count,
                None => all.push(Status {
                    kind: count.kind,
                    current,
                    known: key.as_ref().is_none_or(|key| self.master.knows(key)),
                    key,
                    count: count.count,
                }),
            }
        }
        Ok(all)
    }

    /// Puts everything under the current master key. `told` hears of each committed batch, and may
    /// stop the rotation there.
    pub async fn run(
        &self,
        told: &mut (dyn FnMut(Progress) -> ControlFlow<()> + Send),
    ) -> Result<Rotated, StoreError> {
        let mut rotated = Rotated::default();
        for kind in SealedKind::ALL {
            self.kind(kind, told, &mut rotated).await?;
            if rotated.stopped {
                break;
            }
        }
        Ok(rotated)
    }

    async fn kind(
        &self,
        kind: SealedKind,
        told: &mut (dyn FnMut(Progress) -> ControlFlow<()> + Send),
        rotated: &mut Rotated,
    ) -> Result<(), StoreError> {
        let of = self.to_do(kind).await?;
        let (head, mut done) = (self.master.head(), 0);
        let mut after = (String::new(), String::new());
        loop {
            let page = self.store.sealed_otherwise(kind, &head, &after, self.batch);
            let page = page.await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.key.clone();
            let anew = self.anew(kind, page, rotated);
            let entry = AuditEntry {
                at: self.clock.now(),
                ..self.told.clone()
            };
            done += self.store.reseal(kind, &anew, &entry).await?;
            rotated.done += anew.len() as u64;
            if told(Progress { kind, done, of }).is_break() {
                rotated.stopped = true;
                return Ok(());
            }
        }
    }

    async fn to_do(&self, kind: SealedKind) -> Result<u64, StoreError> {
        let status = self.status().await?;
        let open = status.iter().filter(|one| one.kind == kind && !one.current);
        Ok(open.map(|one| one.count).sum())
    }

    fn anew(
        &self,
        kind: SealedKind,
        page: Vec<SealedItem>,
        rotated: &mut Rotated,
    ) -> Vec<Resealed> {
        let mut anew = Vec::new();
        for item in page {
            match self.one(kind, &item) {
                Ok(after) => anew.push(Resealed {
                    key: item.key,
                    before: item.bytes,
                    after,
                }),
                Err(error) => {
                    rotated.failed += 1;
                    if rotated.problems.len() < MOST_PROBLEMS {
                        rotated.problems.push(error.to_string());
                    }
                }
            }
        }
        anew
    }

    fn one(&self, kind: SealedKind, item: &SealedItem) -> Result<Vec<u8>, SealError> {
        let place = match kind {
            SealedKind::DataKey => return self.data_key(item),
            SealedKind::Event => event_place(item.key.0.parse().unwrap_or_default()),
            SealedKind::Entrusted => entrusted_place(&item.key.1),
            SealedKind::OneTimePassword => one_time_place(&item.key.0),
            SealedKind::Request => request_place(&item.key.0),
            SealedKind::Document => oldest_document_place(&item.key.0),
        };
        self.master.reseal(&place, &item.bytes, self.randomness)
    }

    fn data_key(&self, item: &SealedItem) -> Result<Vec<u8>, SealError> {
        let (issuer, number) = (&item.key.0, &item.key.1);
        let damaged = |_| SealError::Damaged(format!("data_key:{issuer}/{number}"));
        let number = Some(number).filter(|number| !number.is_empty());
        let row = DataKeyRow {
            compartment: Compartment {
                issuer: PartyCode::parse(issuer).map_err(damaged)?,
                number: number
                    .map(|number| BondNumber::parse(number))
                    .transpose()
                    .map_err(damaged)?,
            },
            wrapped: item.bytes.clone(),
        };
        DataKey::rewrap(&row, self.master, self.randomness)
    }
}

/// The master key's name out of the first bytes of what is sealed.
fn name(head: &[u8]) -> Option<String> {
    match head.split_first() {
        Some((2, name)) if name.len() == SEALED_HEAD - 1 => Some(hex(name)),
        _ => None,
    }
}
