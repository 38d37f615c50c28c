//! `bondhub bond …`.

mod enclosed;
mod original;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use bondhub_core::{
    bond::{BondKind, BondState},
    document::{self, Statement},
    identifier::{BondId, PartyCode, ProcurementId},
    ports::{
        Clock as _,
        signing::Revocation,
        store::{BondFilter, BondRow, BondView, KeyState},
    },
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Failure,
    key::copies,
    output::{Output, print_line},
    party::{read_file, read_line},
    pin,
};
use crate::{
    assemble,
    desk::{Behind, Desk, LimitUse, Taken},
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
    /// Signs a statement (JSON) with an issuer's PKCS#12 or PEM key or its token; needs no hub.
    Sign(Sign),
    /// Prints the registration of the performance bond that takes a reservation over, ready to be signed.
    Prepare(super::prepare::Prepare),
    /// Shows a bond with its versions and keys.
    Show {
        /// ISSUER/NUMBER.
        bond: String,
    },
    /// Takes an original out of the vault to look at: the signed document and its attachments. For
    /// operators and auditors.
    Original(original::Original),
    /// Tells whether a copy is genuine and of the current version, by the number printed on it.
    VerifyCopy {
        /// 16 letters, with or without dashes.
        number: String,
        /// The PDF in hand, to be compared with what was given out.
        #[arg(long, value_name = "PDF")]
        file: Option<PathBuf>,
    },
    /// Waives a curable finding of a bond's match (R7).
    Waive(Waive),
    /// Lists bonds.
    List(List),
}

/// A signed document.
#[derive(Debug, Args)]
pub(super) struct Document {
    /// CMS block, DER or PEM.
    file: PathBuf,
    /// The attachments it binds: each as often as there are files, in any order.
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
}

/// A statement to sign.
#[derive(Debug, Args)]
pub(super) struct Sign {
    /// The statement, JSON (docs/signed-documents.md).
    statement: PathBuf,
    /// PDF files to bind: name, size and digest are written into the statement.
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// PKCS#12, or PEM with certificate and private key; or where a token has the key, a `pkcs11:` URI.
    #[arg(long, value_name = "FILE|URI")]
    key: String,
    /// The certificate of a key in a token, if the token does not hold it.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// A file with the token's PIN; else it is read from `BONDHUB_TOKEN_PIN`, or asked for.
    #[arg(long, value_name = "FILE", conflicts_with = "password_file")]
    pin_file: Option<PathBuf>,
    /// A file with the key's password; its last line end is cut off.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Where the signed document goes; stdout (PEM) if not given.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// A finding to waive.
#[derive(Debug, Args)]
pub(super) struct Waive {
    /// ISSUER/NUMBER.
    bond: String,
    /// The finding's name, as `bondhub case show` tells it.
    finding: String,
    /// Why.
    #[arg(long)]
    reason: String,
    /// Who waives it; the operating system's user if not given.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Shows what would happen, and does nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Waive {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let bond = read_bond(&self.bond)?;
        let by = self.by.unwrap_or_else(crate::assemble::system_user);
        let deed = desk.waiver(&bond, &self.finding, &self.reason, &by).await?;
        super::case::perform(desk, &deed, self.dry_run, output).await
    }
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
    /// Only of this kind: bid, `performance_reservation` or performance.
    #[arg(long, value_parser = read_kind)]
    kind: Option<BondKind>,
    /// Only what comes after this bond, ISSUER/NUMBER: the last of the page before.
    #[arg(long)]
    after: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

fn read_kind(text: &str) -> Result<BondKind, String> {
    BondKind::parse(text)
        .ok_or_else(|| "expected bid, performance_reservation or performance".to_owned())
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
                let attachments = enclosed::read(&document.attach)?;
                let bytes = read_file(&document.file)?;
                let taken = desk.document_with(&bytes, attachments).await?;
                let exceeded = desk.exceeded_by(&bytes).await?;
                let mut row = taken_row(&taken);
                if let Some(members) = row.as_object_mut() {
                    members.insert("limits_exceeded".to_owned(), exceeded_rows(&exceeded));
                }
                output.one(&row)
            }
            Self::Show { bond } => show(&desk, &bond, output).await,
            Self::Original(original) => original.run(&desk, output).await,
            Self::VerifyCopy { number, file } => {
                copies::verify(&desk, &number, file.as_deref(), output).await
            }
            Self::Prepare(prepare) => prepare.run(&desk).await,
            Self::Waive(waive) => waive.run(&desk, output).await,
            Self::List(list) => list.run(&desk, output).await,
            Self::Sign(sign) => sign.run(),
        }
    }
}

/// Limits of the issuer that are exceeded now; they keep nothing out.
fn exceeded_rows(uses: &[LimitUse]) -> Value {
    let row = |used: &LimitUse| {
        json!({"contractor": used.contractor, "currency": used.currency, "limit": used.limit,
               "outstanding": used.outstanding})
    };
    uses.iter().map(row).collect()
}

/// What became of something that was taken.
pub(super) fn taken_row(taken: &Taken) -> Value {
    json!({"event": taken.id, "state": taken.state.map_or("duplicate", |state| state.as_str())})
}

impl Sign {
    /// Signs.
    pub(super) fn run(self) -> Result<(), Failure> {
        let bytes = read_file(&self.statement)?;
        let mut value = document::parse(&bytes).map_err(|rejection| {
            Failure::refused(format!("{}: {rejection}", self.statement.display()))
        })?;
        enclosed::bind(&mut value, &self.attach)?;
        let statement = canonical(&value)?;
        let pem = self.signed(&statement)?;
        match &self.to {
            None => {
                print_line(pem.trim_end());
                Ok(())
            }
            Some(path) => write_file(path, pem.as_bytes()),
        }
    }
}

impl Sign {
    fn signed(&self, statement: &[u8]) -> Result<String, Failure> {
        let refused = |error: anyhow::Error| Failure::refused(format!("{}: {error}", self.key));
        if assemble::is_in_token(&self.key) {
            return self.signed_in_token(statement, refused);
        }
        let password = self.password_file.as_deref().map(read_line).transpose()?;
        let key = read_file(Path::new(&self.key))?;
        let password = password.as_deref().map(String::as_str);
        assemble::sign_document(statement, &key, password, SystemClock.now()).map_err(refused)
    }

    fn signed_in_token(
        &self,
        statement: &[u8],
        refused: impl Fn(anyhow::Error) -> Failure,
    ) -> Result<String, Failure> {
        let certificate = self.certificate.as_deref().map(read_file).transpose()?;
        let pin = pin::read(self.pin_file.as_deref(), &self.key)?;
        assemble::sign_document_in_token(
            statement,
            &self.key,
            pin.as_deref().map(String::as_str),
            certificate.as_deref(),
            SystemClock.now(),
        )
        .map_err(refused)
    }
}

/// The canonical bytes of a statement, checked as the hub will check them: nothing that stands in the file goes unsigned.
fn canonical(value: &Value) -> Result<Vec<u8>, Failure> {
    let parsed = Statement::of(value).map_err(|rejection| {
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
    let mut row = view_row(&view);
    let behind = desk.documents_behind(&view).await?;
    let documents: Vec<Value> = behind.iter().map(behind_row).collect();
    if let Some(members) = row.as_object_mut() {
        members.insert("documents".into(), documents.into());
    }
    output.one(&row)
}

fn behind_row(one: &Behind) -> Value {
    let revocation = one.revocation.as_ref().map(Revocation::as_str);
    json!({"version": one.version, "document": one.document, "signed_at": one.signed_at, "signer": one.signer,
           "revocation": revocation, "revocation_unchecked": one.unchecked()})
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
            kind: self.kind,
            after: self.after.as_deref().map(read_bond).transpose()?,
            medium: None,
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
