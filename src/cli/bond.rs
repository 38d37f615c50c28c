//! `bondhub bond …`.

use std::{io::Write as _, path::PathBuf};

use bondhub_core::{
    bond::BondState,
    document::Statement,
    identifier::{BondId, PartyCode, ProcurementId},
    ports::{
        Clock as _,
        store::{BondFilter, BondRow, BondView, KeyState},
    },
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Failure,
    output::{Output, print_line},
    party::{read_file, read_line},
};
use crate::{
    assemble,
    desk::{Desk, Taken},
    hub::system::SystemClock,
    settings::Settings,
};

/// Bonds and the documents issuers sign.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Takes an issuer's signed registration.
    Register(Document),
    /// Takes an issuer's signed update, standing instruction or consent.
    Update(Document),
    /// Takes an issuer's signed deletion.
    Release(Document),
    /// Signs a statement (JSON) with an issuer's PKCS#12 or PEM key; needs no hub.
    Sign(Sign),
    /// Shows a bond with its versions and keys.
    Show {
        /// ISSUER/NUMBER.
        bond: String,
    },
    /// Lists bonds.
    List(List),
}

/// A signed document.
#[derive(Debug, Args)]
pub(super) struct Document {
    /// CMS block, DER or PEM.
    file: PathBuf,
}

/// A statement to sign.
#[derive(Debug, Args)]
pub(super) struct Sign {
    /// The statement, JSON (docs/signed-documents.md).
    statement: PathBuf,
    /// PKCS#12, or PEM with certificate and private key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// A file with the key's password; its last line end is cut off.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Where the signed document goes; stdout (PEM) if not given.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// Which bonds.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only of this issuer.
    #[arg(long)]
    issuer: Option<String>,
    /// Only of this contractor.
    #[arg(long)]
    principal: Option<String>,
    /// Only of this procurement.
    #[arg(long)]
    procurement: Option<String>,
    /// Only in this state, e.g. `in_force`.
    #[arg(long, value_parser = read_state)]
    state: Option<BondState>,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

fn read_state(text: &str) -> Result<BondState, String> {
    let all = BondState::ALL.map(BondState::as_str).join(", ");
    BondState::parse(text).ok_or_else(|| format!("expected one of {all}"))
}

impl Command {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        match self {
            Self::Register(document) | Self::Update(document) | Self::Release(document) => {
                let taken = desk.document(&read_file(&document.file)?).await?;
                output.one(&taken_row(&taken))
            }
            Self::Show { bond } => show(&desk, &bond, output).await,
            Self::List(list) => list.run(&desk, output).await,
            Self::Sign(sign) => sign.run(),
        }
    }
}

/// What became of something that was taken.
pub(super) fn taken_row(taken: &Taken) -> Value {
    json!({"event": taken.id, "state": taken.state.map_or("duplicate", |state| state.as_str())})
}

impl Sign {
    /// Signs.
    pub(super) fn run(self) -> Result<(), Failure> {
        let bytes = read_file(&self.statement)?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| {
            Failure::refused(format!("{}: not JSON: {error}", self.statement.display()))
        })?;
        let statement = canonical(&value)?;
        let password = self
            .password_file
            .as_ref()
            .map(|file| read_line(file))
            .transpose()?;
        let key = read_file(&self.key)?;
        let password = password.as_deref().map(String::as_str);
        let pem = assemble::sign_document(&statement, &key, password, SystemClock.now())
            .map_err(|error| Failure::refused(format!("{}: {error}", self.key.display())))?;
        match &self.to {
            None => {
                print_line(pem.trim_end());
                Ok(())
            }
            Some(path) => write_file(path, pem.as_bytes()),
        }
    }
}

/// The canonical bytes of a statement, checked as the hub will check them.
fn canonical(value: &Value) -> Result<Vec<u8>, Failure> {
    let parsed: Statement = bondhub_core::event::read_data(value).map_err(|rejection| {
        let pointer = rejection.pointer.clone().unwrap_or_default();
        Failure::refused(format!(
            "{}: {rejection}",
            pointer.trim_start_matches("/data")
        ))
    })?;
    let bytes = parsed.to_bytes();
    Statement::read(&bytes).map_err(|rejection| Failure::refused(rejection.to_string()))?;
    Ok(bytes)
}

fn write_file(path: &std::path::Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = std::fs::File::create(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| Failure::misused(format!("cannot write {}: {error}", path.display())))
}

/// Reads `ISSUER/NUMBER`.
pub(super) fn read_bond(text: &str) -> Result<BondId, Failure> {
    BondId::try_from(text.to_owned())
        .map_err(|_| Failure::misused(format!("`{text}` is not of the form ISSUER/NUMBER")))
}

async fn show(desk: &Desk, bond: &str, output: Output) -> Result<(), Failure> {
    let bond = read_bond(bond)?;
    let view = desk.store.bond(&bond).await.map_err(Failure::failed)?;
    let view = view.ok_or_else(|| Failure::not_found(format!("bond {bond} is not known")))?;
    output.one(&view_row(&view))
}

/// A bond with history and keys.
pub(super) fn view_row(view: &BondView) -> Value {
    let mut row = bond_row(&view.bond);
    let versions: Vec<Value> = view
        .versions
        .iter()
        .map(|one| {
            json!({"version": one.version, "amount": one.terms.amount.to_string(),
                   "period": one.terms.period, "rule": one.cause.rule, "at": one.cause.at})
        })
        .collect();
    let keys: Vec<Value> = view
        .keys
        .iter()
        .map(|one| {
            let (state, reason) = match &one.state {
                KeyState::Live => ("live".to_owned(), None),
                KeyState::Ended { at, reason } => (format!("ended {at}"), Some(reason.clone())),
            };
            json!({"kid": one.key.kid, "holder": one.key.holder, "role": one.key.role,
                   "version": one.key.version, "state": state, "reason": reason})
        })
        .collect();
    if let Some(members) = row.as_object_mut() {
        members.insert("versions".into(), versions.into());
        members.insert("keys".into(), keys.into());
    }
    row
}

fn bond_row(row: &BondRow) -> Value {
    let terms = &row.terms;
    json!({
        "bond": row.bond, "kind": terms.kind, "state": row.state, "version": row.version,
        "amount": terms.amount.to_string(), "from": terms.period.from(), "to": terms.period.to(),
        "principal": terms.principal, "obligee": terms.obligee, "procurement": terms.procurement,
        "lot": terms.lot, "contract": terms.contract, "because": row.cause.rule, "at": row.cause.at,
    })
}

impl List {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let party = |text: Option<String>| {
            text.map(|text| PartyCode::parse(&text))
                .transpose()
                .map_err(Failure::usage)
        };
        let filter = BondFilter {
            issuer: party(self.issuer)?,
            principal: party(self.principal)?,
            procurement: self
                .procurement
                .map(|text| ProcurementId::parse(&text))
                .transpose()
                .map_err(Failure::usage)?,
            state: self.state,
            limit: self.limit,
        };
        let bonds = desk.store.bonds(&filter).await.map_err(Failure::failed)?;
        let rows: Vec<Value> = bonds.iter().map(bond_row).collect();
        let columns = [
            "bond",
            "kind",
            "state",
            "version",
            "amount",
            "from",
            "to",
            "principal",
            "because",
        ];
        output.rows(&columns, &rows)
    }
}
