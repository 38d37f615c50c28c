//! The parties: an issuer, two contractors and an owner, with certificates made for the test.

use std::collections::BTreeMap;

use bondhub::{
    assemble::{DemoIssuer, demo_issuer},
    desk::Desk,
};
use bondhub_core::{
    identifier::PartyCode,
    party::{Language, MailAddress, Name, Party, Role},
};
use bondhub_test_support::openpgp::TestParty;
use chrono::TimeDelta;

pub(crate) const ISSUER: &str = "S001";
pub(crate) const WINNER: &str = "C101";
pub(crate) const LOSER: &str = "C102";
pub(crate) const OWNER: &str = "O001";

/// Everybody.
pub(crate) struct Cast {
    /// What the issuer signs with.
    pub(crate) issuer: DemoIssuer,
    /// Who reads mail, by code.
    pub(crate) readers: BTreeMap<&'static str, TestParty>,
}

const ROLES: [(&str, Role, Language); 4] = [
    (ISSUER, Role::Issuer, Language::Ja),
    (WINNER, Role::Contractor, Language::Ja),
    (LOSER, Role::Contractor, Language::En),
    (OWNER, Role::Owner, Language::Ja),
];

impl Cast {
    /// Makes the parties and enrols them; the issuer entrusts its key to the hub.
    pub(crate) async fn engage(desk: &Desk) -> Self {
        let since = desk.clock.now() - TimeDelta::days(30);
        let issuer = demo_issuer("Aozora Surety", since).unwrap();
        let mut readers = BTreeMap::new();
        for (code, role, language) in ROLES {
            desk.put_party(&party(code, role, language)).await.unwrap();
            let reader = TestParty::new(&address(code), since).unwrap();
            enrol(desk, code, &reader).await;
            readers.insert(code, reader);
        }
        let code = PartyCode::parse(ISSUER).unwrap();
        desk.entrust(&code, &issuer.key_pem, None).await.unwrap();
        Self { issuer, readers }
    }
}

/// Enrols a party's certificate.
pub(crate) async fn enrol(desk: &Desk, code: &str, reader: &TestParty) {
    let code = PartyCode::parse(code).unwrap();
    let certificate = reader.certificate().unwrap();
    desk.enrol(&code, &certificate, false).await.unwrap();
}

/// A party with one mail address.
pub(crate) fn party(code: &str, role: Role, language: Language) -> Party {
    Party {
        code: PartyCode::parse(code).unwrap(),
        roles: vec![role],
        name_ja: Name::parse("試験株式会社").unwrap(),
        name_en: Name::parse(&format!("{code} Ltd.")).unwrap(),
        mail: vec![MailAddress::parse(&address(code)).unwrap()],
        language,
        members: Vec::new(),
        accepts: None,
    }
}

/// Where a party reads mail.
pub(crate) fn address(code: &str) -> String {
    format!("{}@parties.example", code.to_lowercase())
}
