//! `bondhub key sign`: an issuer signs the keys that wait for its signature, all in one go (R12).

use std::path::{Path, PathBuf};

use bondhub_core::{
    identifier::PartyCode,
    key::Statement,
    ports::{Clock as _, store::SigningRequest},
};
use clap::Args;
use serde_json::{Value, json};

use crate::{
    assemble::{self, DeskKey},
    cli::{
        Failure,
        output::Output,
        party::{read_file, read_line},
        pin,
    },
    desk::{Desk, SignatureOutcome, Submitted, signing_files},
    hub::system::SystemClock,
    settings::Settings,
};

/// More than an issuer signs in one go.
const MOST: u32 = 100_000;

/// What to sign, and with what.
#[derive(Debug, Args)]
pub(in crate::cli) struct Sign {
    /// Whose signature is meant. Without --key what waits is listed, and nothing is signed.
    #[arg(long, value_name = "CODE")]
    issuer: Option<String>,
    /// PKCS#12, or PEM with certificate and private key; or a `pkcs11:` URI.
    #[arg(long, value_name = "FILE|URI")]
    key: Option<String>,
    /// A file with the key's password; its last line end is cut off.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// A file with the token's PIN; else `pin-source` of the URI, `BONDHUB_TOKEN_PIN`, or it is asked for once.
    #[arg(long, value_name = "FILE")]
    pin_file: Option<PathBuf>,
    /// The certificate, PEM or DER, where the token holds none.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Says what would be done, and does nothing.
    #[arg(long)]
    dry_run: bool,
    /// Writes what waits into a file, to be signed at a desk without a hub.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "import", "key"])]
    export: Option<PathBuf>,
    /// Signs what such a file holds; needs no hub.
    #[arg(long, value_name = "FILE", conflicts_with = "import")]
    from: Option<PathBuf>,
    /// Where the signatures go.
    #[arg(long, value_name = "FILE", requires = "from")]
    to: Option<PathBuf>,
    /// Takes the signatures of such a file.
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    import: Option<PathBuf>,
}

impl Sign {
    /// Whether it is done at a desk without a hub.
    pub(in crate::cli) fn needs_no_hub(&self) -> bool {
        self.from.is_some()
    }

    /// Signs what a file holds.
    pub(in crate::cli) fn run_without_hub(self, output: Output) -> Result<(), Failure> {
        let from = self.from.as_deref().unwrap_or(Path::new(""));
        let file = signing_files::Statements::read(&read_file(from)?)
            .map_err(|error| Failure::refused(format!("{}: {error}", from.display())))?;
        let parsed = file.parsed().map_err(Failure::failed)?;
        let own = self.issuer()?;
        if own.is_some_and(|own| own != file.issuer) {
            let message = format!("{}: it is for {}", from.display(), file.issuer);
            return Err(Failure::refused(message));
        }
        let rows: Vec<Value> = parsed.iter().map(statement_row).collect();
        if !self.is_to_sign() {
            return output.rows(&STATEMENT_COLUMNS, &rows);
        }
        let to = self.to.as_deref();
        let to = to.ok_or_else(|| Failure::misused("--to: say where the signatures go"))?;
        let key = self.open_key()?;
        let statements = file.statements.iter().map(String::as_bytes);
        let blocks = sign_all(&key, statements)?;
        let signatures = signing_files::Signatures::new(file.issuer, &blocks);
        write(to, &signatures.to_text())?;
        output.one(&json!({"signed": blocks.len(), "with": key.certificate().subject, "to": to}))
    }

    /// Lists, exports, imports, or signs at the hub's database.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let issuer = self.issuer()?;
        if let Some(import) = &self.import {
            let file = signing_files::Signatures::read(&read_file(import)?)
                .map_err(|error| Failure::refused(format!("{}: {error}", import.display())))?;
            let blocks = file
                .blocks()
                .map_err(|error| Failure::refused(error.to_string()))?;
            let desk = desk(settings).await?;
            let own = issuer.as_ref().or(Some(&file.issuer));
            return submit(&desk, own, &blocks, self.dry_run, output).await;
        }
        let issuer = issuer.ok_or_else(|| Failure::misused("--issuer: say whose signature"))?;
        let desk = desk(settings).await?;
        let waiting = desk.waiting_signatures(&issuer, MOST).await?;
        if let Some(export) = &self.export {
            return self.export(export, &issuer, &waiting, output);
        }
        if !self.is_to_sign() {
            let rows: Vec<Value> = waiting.iter().map(request_row).collect();
            return output.rows(&REQUEST_COLUMNS, &rows);
        }
        let key = self.open_key()?;
        let statements = waiting.iter().map(|request| request.statement.as_slice());
        let blocks = sign_all(&key, statements)?;
        submit(&desk, Some(&issuer), &blocks, false, output).await
    }

    fn export(
        &self,
        to: &Path,
        issuer: &PartyCode,
        waiting: &[SigningRequest],
        output: Output,
    ) -> Result<(), Failure> {
        let statements: Vec<Vec<u8>> = waiting.iter().map(|one| one.statement.clone()).collect();
        let now = SystemClock.now();
        let file = signing_files::Statements::new(issuer.clone(), &statements, now);
        if !self.dry_run {
            write(to, &file.to_text())?;
        }
        output.one(&json!({"waiting": statements.len(), "issuer": issuer, "to": to}))
    }

    fn is_to_sign(&self) -> bool {
        self.key.is_some() && !self.dry_run
    }

    fn issuer(&self) -> Result<Option<PartyCode>, Failure> {
        let code = self.issuer.as_deref().map(PartyCode::parse);
        code.transpose()
            .map_err(|error| Failure::misused(format!("--issuer: {error}")))
    }

    /// Opens the key once: one login, one PIN entry, any number of signatures.
    fn open_key(&self) -> Result<DeskKey, Failure> {
        let key = self.key.as_deref();
        let key = key.ok_or_else(|| Failure::misused("--key: say with which key"))?;
        let opened = if DeskKey::is_token(key) {
            let certificate = self.certificate.as_deref().map(read_file).transpose()?;
            let pin = pin::read(self.pin_file.as_deref(), key)?;
            let pin = pin.as_deref().map(String::as_str);
            DeskKey::token(key, pin, certificate.as_deref())
        } else {
            let password = self.password_file.as_deref().map(read_line).transpose()?;
            let password = password.as_deref().map(String::as_str);
            DeskKey::file(&read_file(Path::new(key))?, password)
        };
        opened.map_err(|error| Failure::refused(format!("--key: {error:#}")))
    }
}

async fn desk(settings: &Settings) -> Result<std::sync::Arc<Desk>, Failure> {
    assemble::desk(settings).await.map_err(Failure::failed)
}

fn sign_all<'a>(
    key: &DeskKey,
    statements: impl Iterator<Item = &'a [u8]>,
) -> Result<Vec<Vec<u8>>, Failure> {
    let now = SystemClock.now();
    let blocks = statements.map(|statement| key.sign(statement, now));
    blocks
        .collect::<anyhow::Result<_>>()
        .map_err(|error| Failure::refused(format!("--key: {error:#}")))
}

/// Hands signatures in; a refused one makes the command fail, when all others are done.
async fn submit(
    desk: &Desk,
    issuer: Option<&PartyCode>,
    blocks: &[Vec<u8>],
    dry_run: bool,
    output: Output,
) -> Result<(), Failure> {
    let submitted = desk.submit_signatures(issuer, blocks, dry_run).await?;
    let rows: Vec<Value> = submitted.iter().map(submitted_row).collect();
    output.rows(&["kid", "bond", "role", "outcome", "reason"], &rows)?;
    let refused = submitted
        .iter()
        .filter(|one| matches!(one.outcome, SignatureOutcome::Refused(_)))
        .count();
    if refused == 0 {
        Ok(())
    } else {
        let all = submitted.len();
        Err(Failure::refused(format!(
            "{refused} of {all} signatures were refused; the others stand"
        )))
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::misused(format!("cannot write {}: {error}", path.display())))
}

const REQUEST_COLUMNS: [&str; 6] = ["kid", "bond", "version", "role", "holder", "since"];
const STATEMENT_COLUMNS: [&str; 6] = ["kid", "bond", "version", "role", "holder", "until"];

fn request_row(request: &SigningRequest) -> Value {
    json!({"kid": request.kid, "bond": request.bond, "version": request.version,
           "role": request.role, "holder": request.holder, "since": request.requested_at})
}

fn statement_row(statement: &Statement) -> Value {
    json!({"kid": statement.kid, "bond": format!("{}/{}", statement.issuer, statement.bond),
           "version": statement.revision, "role": statement.audience.role,
           "holder": statement.audience.party, "until": statement.expires_at})
}

fn submitted_row(submitted: &Submitted) -> Value {
    let reason = match &submitted.outcome {
        SignatureOutcome::Refused(reason) => Some(reason.to_string()),
        _ => None,
    };
    json!({"kid": submitted.kid, "bond": submitted.bond, "role": submitted.role,
           "outcome": submitted.outcome.as_str(), "reason": reason})
}
