//! `bondhub party …`.

use std::path::PathBuf;

use bondhub_core::{
    authentication::Way,
    identifier::PartyCode,
    party::{Language, MailAddress, Member, Name, Party, Role},
    ports::signing::TokenKey,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Failure,
    certificates::{self, Enrol, Prove},
    output::Output,
    pin,
};
use crate::{
    assemble,
    desk::{Desk, DeskError},
    settings::Settings,
};

/// Parties and their certificates.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Adds a party, or replaces what is known of it, its certificates excepted, and its members unless some are given.
    Add(Box<Add>),
    /// Changes what a party accepts.
    Set(Set),
    /// Lists the parties.
    List,
    /// Shows one party and its certificates.
    Show {
        /// Its code.
        code: String,
    },
    /// Certificates of parties.
    #[command(subcommand)]
    Cert(Cert),
}

/// A party to add.
#[derive(Debug, Args)]
pub(super) struct Add {
    /// Its code, by which feeds name it.
    code: String,
    /// What it does; may be given several times.
    #[arg(long = "role", required = true, value_parser = read_role)]
    roles: Vec<Role>,
    /// Its name in Japanese.
    #[arg(long)]
    name_ja: String,
    /// Its name in English.
    #[arg(long)]
    name_en: String,
    /// Where it reads mail; may be given several times, or not at all.
    #[arg(long = "mail", value_parser = MailAddress::parse)]
    mail: Vec<MailAddress>,
    /// The language it is written to in: ja or en.
    #[arg(long, default_value = "ja", value_parser = read_language)]
    language: Language,
    /// The least way to authenticate it accepts for its bonds: `key_secret`, `one_time_password`,
    /// `signed_key_file` or `passkey`; the installation's usual one if not given.
    #[arg(long, value_parser = read_way)]
    accepts: Option<Way>,
    /// A member of the joint venture that this party is, with its share in parts: `C101=60`; may be given several times.
    #[arg(long = "member", value_name = "CODE=SHARE", value_parser = read_member)]
    members: Vec<Member>,
    /// It is no joint venture any more: without this, the members known are kept.
    #[arg(long, conflicts_with = "members")]
    no_members: bool,
}

/// What to change of a party.
#[derive(Debug, Args)]
pub(super) struct Set {
    /// Its code.
    code: String,
    /// The least way to authenticate it accepts for its bonds: `key_secret`, `one_time_password`,
    /// `signed_key_file`, `passkey`, or `usual` for the installation's usual one.
    #[arg(long, value_parser = read_accepted)]
    accepts: Accepted,
}

/// A way, or none of one's own.
#[derive(Debug, Clone, Copy)]
struct Accepted(Option<Way>);

/// Certificates.
#[derive(Debug, Subcommand)]
pub(super) enum Cert {
    /// Enrols an OpenPGP certificate that an operator has verified in person, or pins an issuer's X.509 signing certificate; the file tells
    /// which.
    Add(AddCert),
    /// Hands in an OpenPGP certificate for a party; it is used once the code mailed to it came back.
    Enrol(Enrol),
    /// Takes the code of an enrolment back from the party, given in person.
    Prove(Prove),
    /// Confirms a certificate that its party has proven by its own access; compare the fingerprint with the party first.
    Confirm {
        /// The party's code.
        code: String,
    },
    /// Rejects a certificate that waits, proven or not.
    Reject {
        /// The party's code.
        code: String,
    },
    /// Lists the certificates that wait for their code or for a confirmation.
    Waiting,
    /// Lists a party's certificates.
    List {
        /// The party's code.
        code: String,
    },
    /// Stops using a certificate; mails encrypted to it that were not sent are not sent.
    Revoke {
        /// The party's code.
        code: String,
        /// The certificate's fingerprint.
        fingerprint: String,
    },
}

/// A certificate to add.
#[derive(Debug, Args)]
pub(super) struct AddCert {
    /// The party's code.
    code: String,
    /// OpenPGP certificate, X.509 certificate, or with --entrust a PKCS#12 or PEM file with a key.
    file: PathBuf,
    /// The holder's software reads the newest OpenPGP messages (SEIPDv2); GnuPG 2.2 does not.
    #[arg(long)]
    modern: bool,
    /// The issuer entrusts the private key in the file to the hub, which signs keys with it.
    #[arg(long)]
    entrust: bool,
    /// A file with the password of the private key; its last line end is cut off.
    #[arg(long, value_name = "FILE", requires = "entrust")]
    password_file: Option<PathBuf>,
    /// The key lies in the hub's own token: a `pkcs11:` URI. The file is then its X.509 certificate.
    #[arg(
        long,
        value_name = "URI",
        requires = "entrust",
        conflicts_with = "password_file"
    )]
    token: Option<String>,
    /// A file with the token's PIN; else `pin-source` of the URI, `BONDHUB_TOKEN_PIN`, or it is asked for.
    #[arg(long, value_name = "FILE", requires = "token")]
    pin_file: Option<PathBuf>,
}

fn read_role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "expected issuer, contractor or owner".to_owned())
}

fn read_language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "expected ja or en".to_owned())
}

fn read_way(text: &str) -> Result<Way, String> {
    Way::parse(text).ok_or_else(|| {
        "expected key_secret, one_time_password, signed_key_file or passkey".to_owned()
    })
}

fn read_member(text: &str) -> Result<Member, String> {
    let (code, share) = text
        .split_once('=')
        .ok_or_else(|| "expected CODE=SHARE, such as C101=60".to_owned())?;
    Ok(Member {
        party: PartyCode::parse(code).map_err(|error| format!("the party's code {error}"))?,
        share: share
            .parse()
            .map_err(|_| format!("`{share}` is no share: expected parts, such as 60"))?,
    })
}

fn read_accepted(text: &str) -> Result<Accepted, String> {
    if text == "usual" {
        return Ok(Accepted(None));
    }
    read_way(text).map(|way| Accepted(Some(way)))
}

impl Command {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        match self {
            Self::Add(add) => add.run(&desk, output).await,
            Self::Set(set) => set.run(&desk, output).await,
            Self::List => list(&desk, output).await,
            Self::Show { code } => show(&desk, &code, output).await,
            Self::Cert(Cert::Add(add)) => add.run(&desk, output).await,
            Self::Cert(Cert::Enrol(enrol)) => enrol.run(&desk, output).await,
            Self::Cert(Cert::Prove(prove)) => prove.run(&desk, output).await,
            Self::Cert(Cert::Confirm { code }) => certificates::confirm(&desk, &code, output).await,
            Self::Cert(Cert::Reject { code }) => certificates::reject(&desk, &code, output).await,
            Self::Cert(Cert::Waiting) => certificates::waiting(&desk, output).await,
            Self::Cert(Cert::List { code }) => {
                let certificates = certificates_of(&desk, &read_code(&code)?).await?;
                output.rows(
                    &["kind", "fingerprint", "usable_until", "revoked_at"],
                    &certificates,
                )
            }
            Self::Cert(Cert::Revoke { code, fingerprint }) => {
                desk.revoke_certificate(&read_code(&code)?, &fingerprint)
                    .await?;
                output.one(&json!({"party": code, "revoked": fingerprint}))
            }
        }
    }
}

impl Add {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let name = |text: &str, option| {
            Name::parse(text)
                .map_err(|error| Failure::refused(format!("{option}: the name {error}")))
        };
        let code = read_code(&self.code)?;
        let members = self.members_now(desk, &code).await?;
        let party = Party {
            code,
            roles: self.roles,
            name_ja: name(&self.name_ja, "--name-ja")?,
            name_en: name(&self.name_en, "--name-en")?,
            mail: self.mail,
            language: self.language,
            members,
            accepts: self.accepts,
        };
        desk.put_party(&party).await?;
        output.one(&row(&party))
    }

    /// Shares decide whose liability a bond is (R42): they are not lost because a name is corrected.
    async fn members_now(&self, desk: &Desk, code: &PartyCode) -> Result<Vec<Member>, Failure> {
        if self.no_members || !self.members.is_empty() {
            return Ok(self.members.clone());
        }
        match desk.party(code).await {
            Ok(known) => Ok(known.members),
            Err(DeskError::NotFound(_)) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Set {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let party = desk
            .set_accepted(&read_code(&self.code)?, self.accepts.0)
            .await?;
        output.one(&row(&party))
    }
}

impl AddCert {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let code = read_code(&self.code)?;
        let bytes = read_file(&self.file)?;
        let row = if let Some(uri) = &self.token {
            let pin = pin::read(self.pin_file.as_deref(), uri)?;
            let key = TokenKey {
                uri,
                pin: pin.as_deref().map(String::as_str),
                certificate: Some(&bytes),
            };
            let pinning = desk.entrust_token(&code, &key).await?;
            json!({"kind": "x509", "fingerprint": pinning.details.fingerprint,
                   "subject": pinning.details.subject, "entrusted": true})
        } else if self.entrust {
            let password = self
                .password_file
                .as_ref()
                .map(|file| read_line(file))
                .transpose()?;
            let pinning = desk
                .entrust(&code, &bytes, password.as_deref().map(String::as_str))
                .await?;
            json!({"kind": "x509", "fingerprint": pinning.details.fingerprint,
                   "subject": pinning.details.subject, "entrusted": true})
        } else if is_x509(&bytes) {
            let pinning = desk.pin(&code, &bytes).await?;
            json!({"kind": "x509", "fingerprint": pinning.details.fingerprint,
                   "subject": pinning.details.subject, "entrusted": false})
        } else {
            let enrolment = desk.enrol(&code, &bytes, self.modern).await?;
            json!({"kind": "openpgp", "fingerprint": enrolment.facts.fingerprint,
                   "user_id": enrolment.facts.user_id, "usable_until": enrolment.facts.usable_until,
                   "new": enrolment.is_new})
        };
        output.one(&row)
    }
}

/// X.509 is DER or says CERTIFICATE in its armor; anything else is for the OpenPGP reader to judge.
fn is_x509(bytes: &[u8]) -> bool {
    let armored = bytes
        .windows(22)
        .any(|window| window == b"-----BEGIN CERTIFICATE");
    armored || bytes.first() == Some(&0x30)
}

async fn list(desk: &Desk, output: Output) -> Result<(), Failure> {
    let book = desk.store.book().await.map_err(Failure::failed)?;
    let rows: Vec<Value> = book.parties.iter().map(row).collect();
    output.rows(
        &[
            "code", "roles", "name_ja", "name_en", "mail", "language", "accepts",
        ],
        &rows,
    )
}

async fn show(desk: &Desk, code: &str, output: Output) -> Result<(), Failure> {
    let code = read_code(code)?;
    let mut shown = row(&desk.party(&code).await?);
    if let Some(members) = shown.as_object_mut() {
        members.insert(
            "certificates".into(),
            certificates_of(desk, &code).await?.into(),
        );
    }
    output.one(&shown)
}

fn row(party: &Party) -> Value {
    json!({"code": party.code, "roles": party.roles, "name_ja": party.name_ja,
           "name_en": party.name_en, "mail": party.mail, "language": party.language,
           "accepts": party.accepts, "members": party.members})
}

async fn certificates_of(desk: &Desk, code: &PartyCode) -> Result<Vec<Value>, Failure> {
    desk.party(code).await?;
    let book = desk.store.book().await.map_err(Failure::failed)?;
    let openpgp = book.certificates.iter().filter(|one| one.party == *code).map(|one| {
        json!({"kind": "openpgp", "fingerprint": one.fingerprint, "usable_until": one.usable_until,
               "revoked_at": one.revoked_at})
    });
    let signing = book
        .signing
        .iter()
        .filter(|one| one.party == *code)
        .map(|one| {
            json!({"kind": "x509", "fingerprint": one.fingerprint, "usable_until": one.valid_until,
               "revoked_at": one.revoked_at, "entrusted": one.entrusted_key.is_some()})
        });
    Ok(openpgp.chain(signing).collect())
}

fn read_code(text: &str) -> Result<PartyCode, Failure> {
    PartyCode::parse(text).map_err(|error| Failure::misused(format!("the party's code {error}")))
}

/// Reads a file whole.
pub(super) fn read_file(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .map_err(|error| Failure::misused(format!("cannot read {}: {error}", path.display())))
}

/// Reads a secret from a file; its last line end is cut off.
pub(super) fn read_line(path: &std::path::Path) -> Result<zeroize::Zeroizing<String>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::misused(format!("cannot read {}: {error}", path.display())))?;
    let text = zeroize::Zeroizing::new(text);
    Ok(zeroize::Zeroizing::new(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}
