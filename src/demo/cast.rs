//! The cast: an issuer, two contractors and an owner, with keys made for the play.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;
use bondhub_core::{
    calendar::Timestamp,
    identifier::PartyCode,
    party::{Language, MailAddress, Name, Party, Role},
};
use chrono::TimeDelta;

use crate::{
    assemble::{DemoIssuer, DemoReader, demo_issuer, demo_reader},
    cli::write_new,
    desk::Desk,
};

/// The issuer.
pub(super) const ISSUER: &str = "S001";
/// The contractor that wins.
pub(super) const WINNER: &str = "C101";
/// The contractor that loses.
pub(super) const LOSER: &str = "C102";
/// The owner.
pub(super) const OWNER: &str = "O001";

/// The parties and their keys.
pub(super) struct Cast {
    /// What the issuer signs with.
    pub(super) issuer: DemoIssuer,
    /// Who reads mail, by code.
    pub(super) readers: BTreeMap<String, DemoReader>,
}

struct Part {
    code: &'static str,
    role: Role,
    ja: &'static str,
    en: &'static str,
    mail: &'static str,
    language: Language,
}

const ROLES: [Part; 4] = [
    Part {
        code: ISSUER,
        role: Role::Issuer,
        ja: "あおぞら保証株式会社",
        en: "Aozora Surety Co., Ltd.",
        mail: "bonds@aozora-surety.example",
        language: Language::Ja,
    },
    Part {
        code: WINNER,
        role: Role::Contractor,
        ja: "みどり建設株式会社",
        en: "Midori Construction Co., Ltd.",
        mail: "office@midori.example",
        language: Language::Ja,
    },
    Part {
        code: LOSER,
        role: Role::Contractor,
        ja: "サンライズ土木株式会社",
        en: "Sunrise Civil Works Ltd.",
        mail: "bids@sunrise.example",
        language: Language::En,
    },
    Part {
        code: OWNER,
        role: Role::Owner,
        ja: "未来市",
        en: "Mirai City",
        mail: "keiyaku@mirai-city.example",
        language: Language::Ja,
    },
];

impl Cast {
    /// Makes the parties and enrols them at the hub; their secret keys go to `directory/keys`.
    pub(super) async fn engage(
        desk: &Desk,
        directory: &Path,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let issuer = demo_issuer("Aozora Surety Co., Ltd.", now - TimeDelta::days(1))?;
        let keys = directory.join("keys");
        write_new(&keys.join("issuer-ca.pem"), || {
            Ok(issuer.authority_pem.clone())
        })?;
        write_new(&keys.join("issuer.pem"), || {
            Ok(issuer.certificate_pem.clone())
        })?;
        let mut readers = BTreeMap::new();
        for role in &ROLES {
            desk.put_party(&party(role)?).await?;
            let reader = demo_reader(role.en, role.mail, now - TimeDelta::days(1))?;
            let code = PartyCode::parse(role.code)?;
            desk.enrol(&code, &reader.certificate_armored()?, false)
                .await
                .with_context(|| format!("enrol {}", role.code))?;
            let secret = format!("{}.secret.asc", role.code);
            write_new(&keys.join(secret), || Ok(reader.secret_armored()?.to_vec()))?;
            readers.insert(role.code.to_owned(), reader);
        }
        let code = PartyCode::parse(ISSUER)?;
        desk.entrust(&code, &issuer.key_pem, None)
            .await
            .context("entrust the issuer's key")?;
        Ok(Self { issuer, readers })
    }
}

fn party(role: &Part) -> anyhow::Result<Party> {
    Ok(Party {
        code: PartyCode::parse(role.code)?,
        roles: vec![role.role],
        name_ja: Name::parse(role.ja)?,
        name_en: Name::parse(role.en)?,
        mail: vec![MailAddress::parse(role.mail)?],
        language: role.language,
        members: Vec::new(),
        accepts: None,
    })
}
