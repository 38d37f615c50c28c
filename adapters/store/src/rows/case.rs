//! Cases, and everything a batch asks for at once.

use bondhub_core::{
    identifier::{BondId, BondNumber, PartyCode, ProcurementId},
    ports::store::{CaseView, Loaded, StoreError, StoredCase},
    procurement::CaseFile,
};
use uuid::Uuid;

use crate::{Instant, text::Place};

#[derive(Debug)]
pub struct Case {
    pub id: String,
    pub version: i64,
    pub state: String,
    pub due_at: Option<Instant>,
    pub changed_at: Instant,
}

fn file(id: &str, state: &str) -> Result<CaseFile, StoreError> {
    let place = Place {
        table: "procurement_case",
        row: &id,
    };
    place.json(state)
}

impl TryFrom<Case> for CaseView {
    type Error = StoreError;

    fn try_from(row: Case) -> Result<Self, StoreError> {
        Ok(Self {
            file: file(&row.id, &row.state)?,
            due_at: row.due_at.map(|time| time.0),
            changed_at: row.changed_at.0,
        })
    }
}

/// One thing of many that a batch asks for in one question.
#[derive(Debug)]
pub enum Found {
    /// A case: its id, version and file.
    Case(String, i64, String),
    /// An event and the digest of its content.
    Event(Uuid, String),
    /// A bond's issuer and number, and its case.
    Home(String, String, String),
    /// A compartment's issuer and number, and its wrapped data key.
    DataKey(String, String, Vec<u8>),
    /// The generation of the parties.
    Generation(i64),
}

/// Puts together what was found.
pub fn gather(found: impl IntoIterator<Item = Found>) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    for one in found {
        match one {
            Found::Case(id, version, state) => add_case(&mut loaded, &id, version, &state)?,
            Found::Event(id, digest) => {
                loaded.events.insert(id, digest);
            }
            Found::Home(issuer, number, procurement) => {
                add_home(&mut loaded, issuer, number, procurement)?;
            }
            Found::DataKey(issuer, number, wrapped) => {
                let row = super::vault::data_key(issuer, number, wrapped)?;
                loaded.data_keys.insert(row.compartment.clone(), row);
            }
            Found::Generation(generation) => loaded.generation = generation,
        }
    }
    Ok(loaded)
}

fn add_case(loaded: &mut Loaded, id: &str, version: i64, state: &str) -> Result<(), StoreError> {
    let file = file(id, state)?;
    let place = Place {
        table: "procurement_case",
        row: &id,
    };
    let name: ProcurementId = place.name(id.to_owned())?;
    loaded.cases.insert(name, StoredCase { file, version });
    Ok(())
}

fn add_home(
    loaded: &mut Loaded,
    issuer: String,
    number: String,
    procurement: String,
) -> Result<(), StoreError> {
    let bond = bond_id(issuer, number)?;
    let place = Place {
        table: "bond",
        row: &bond,
    };
    let home = place.name(procurement)?;
    loaded.homes.insert(bond, home);
    Ok(())
}

pub(super) fn bond_id(issuer: String, number: String) -> Result<BondId, StoreError> {
    let row = format!("{issuer}/{number}");
    let place = Place {
        table: "bond",
        row: &row,
    };
    let issuer: PartyCode = place.name(issuer)?;
    let number: BondNumber = place.name(number)?;
    Ok(BondId::new(issuer, number))
}
