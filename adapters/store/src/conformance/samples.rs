//! Things to store.

use bondhub_core::{
    audit::{Act, Actor, AuditEntry},
    bond::{BondKind, BondState, BondTerms, Cause, Instrument, Medium, Rule},
    calendar::{Period, Timestamp},
    event::{EventIdentity, Stamp},
    identifier::{BondId, BondNumber, PartyCode, ProcurementId},
    money::{Currency, Money},
    party::{Language, MailAddress, Name, OpenPgpCertificate, Party, Role, SigningCertificate},
    ports::store::{
        BondRow, CaseWrite, Channel, Claim, Commit, EndedKeys, EventRow, EventState, KeyName,
        KeyRow, MovementRow, OutboxRow, Store, StoreError, VersionRow, Wanted,
    },
    procurement::{BondFact, CaseFile, Fact, Lesson},
};
use chrono::{NaiveDate, TimeDelta};
use uuid::Uuid;

/// So many seconds after the beginning of these tests, and some microseconds.
pub fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-04-01T00:00:00.123456Z".parse().unwrap();
    start + TimeDelta::seconds(seconds)
}

pub fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, day).unwrap()
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub fn procurement(name: &str) -> ProcurementId {
    ProcurementId::parse(name).unwrap()
}

pub fn party(code: &str) -> PartyCode {
    PartyCode::parse(code).unwrap()
}

pub fn bond_id(number: &str) -> BondId {
    BondId::new(party("S1"), BondNumber::parse(number).unwrap())
}

/// What is told of a change.
pub fn told(at: Timestamp) -> AuditEntry {
    let actor = Actor::CommandLine("keiko".to_owned());
    AuditEntry::new(at, actor, Act::AccountChanged, "account:x")
}

/// The same, with a change that could take mails along.
pub fn telling(at: Timestamp) -> Commit {
    Commit {
        now: at,
        audit: vec![told(at)],
        ..Commit::default()
    }
}

/// Writes the case `name`, loaded at `version`.
pub fn case(name: &str, version: i64) -> CaseWrite {
    CaseWrite {
        file: CaseFile::new(procurement(name)),
        version,
        due_at: None,
        waits: Vec::new(),
    }
}

/// Writes a case that knows a bond, loaded at `version`.
pub fn knowing(name: &str, version: i64, row: &BondRow) -> CaseWrite {
    let mut write = case(name, version);
    let stamp = Stamp {
        time: at(0),
        sequence: 0,
        event: EventIdentity {
            id: name.to_owned(),
            source: "/issuer".to_owned(),
        },
    };
    let fact = Fact::Bond {
        bond: row.bond.clone(),
        fact: BondFact::Registered(row.terms.clone()),
    };
    let lesson = Lesson {
        stamp,
        facts: vec![fact],
    };
    write.file.learn(&lesson).unwrap();
    write
}

pub fn commit(cases: Vec<CaseWrite>) -> Commit {
    Commit {
        now: at(0),
        cases,
        ..Commit::default()
    }
}

pub fn event(name: &str, received: i64) -> EventRow {
    let identity = EventIdentity {
        id: name.to_owned(),
        source: "//e-bidding".to_owned(),
    };
    EventRow {
        id: EventRow::key(&identity, ""),
        identity,
        kind: "bid.submitted".to_owned(),
        subject: Some(procurement("P-1")),
        time: at(-5),
        digest: format!("digest of {name}"),
        state: EventState::Applied,
        rejection: None,
        waits_for: None,
        body: format!("{{\"id\":\"{name}\"}}").into_bytes(),
        sealed: false,
        content_type: Some("application/cloudevents+json".to_owned()),
        received_at: at(received),
    }
}

pub fn terms(procurement_id: &str) -> BondTerms {
    BondTerms {
        kind: BondKind::Bid,
        instrument: Instrument::SuretyBond,
        medium: Medium::Electronic,
        principal: party("C1"),
        obligee: party("O1"),
        procurement: procurement(procurement_id),
        lot: None,
        contract: None,
        amount: Money::new(12_000_000, Currency::JPY).unwrap(),
        period: Period::new(day(1), day(30)).unwrap(),
        wording: "発行機関は保証する。".to_owned(),
        opening_at: Some(at(1000)),
        forfeitable: true,
        converts_to: None,
        takes_over: None,
        attachments: Vec::new(),
    }
}

pub fn cause() -> Cause {
    Cause {
        rule: Rule::Registered,
        at: at(-5),
        source: "//e-bidding#1".to_owned(),
    }
}

pub fn bond(number: &str, case: &str) -> BondRow {
    BondRow {
        bond: bond_id(number),
        terms: terms(case),
        version: 1,
        state: BondState::InForce,
        cause: cause(),
    }
}

pub fn version(number: &str, version: u32) -> VersionRow {
    VersionRow {
        bond: bond_id(number),
        version,
        terms: terms("P-1"),
        cause: cause(),
    }
}

pub fn key(kid: &str, number: &str, edition: u32, role: Role) -> KeyRow {
    KeyRow {
        kid: kid.to_owned(),
        bond: bond_id(number),
        version: edition,
        edition,
        holder: party("C1"),
        role,
        digest: vec![1, 2, 3],
        statement: vec![4, 5, 6],
        issued_at: at(1),
    }
}

pub fn ended(number: &str, role: Option<Role>, edition: u32) -> EndedKeys {
    EndedKeys {
        bond: bond_id(number),
        role,
        edition,
        reason: "updated".to_owned(),
    }
}

pub fn movement(number: u128, bond: &str, effective: u32, delta: i64) -> MovementRow {
    MovementRow {
        id: id(number),
        bond: bond_id(bond),
        principal: party("C1"),
        holder: party("C1"),
        obligee: party("O1"),
        effective: day(effective),
        delta,
        currency: Currency::JPY,
        bonds: i32::try_from(delta.signum()).unwrap(),
        held: i32::try_from(delta.signum()).unwrap(),
        recorded: day(1),
    }
}

/// A mail without a key.
pub fn mail(number: u128) -> OutboxRow {
    OutboxRow {
        id: id(number),
        channel: Channel::Mail,
        procurement: procurement("P-1"),
        name: "state_changed".to_owned(),
        recipient: Some(party("C1")),
        to: vec![MailAddress::parse("desk@contractor.example.jp").unwrap()],
        message_id: format!("<{number}@bondhub.example.jp>"),
        body: b"From: hub\r\n\r\n\x00\xff".to_vec(),
        carries: None,
        encrypted_to: None,
        created_at: at(0),
    }
}

/// A mail that carries the key of `number` issued in `edition`.
pub fn key_mail(row: u128, number: &str, role: Role, edition: u32) -> OutboxRow {
    OutboxRow {
        name: "key".to_owned(),
        carries: Some(KeyName {
            bond: bond_id(number),
            role,
            edition,
        }),
        encrypted_to: Some("AAAA".to_owned()),
        ..mail(row)
    }
}

pub fn publication(number: u128) -> OutboxRow {
    OutboxRow {
        channel: Channel::Event,
        name: "bond.updated".to_owned(),
        recipient: None,
        to: Vec::new(),
        message_id: format!("event-{number}"),
        body: b"[]".to_vec(),
        ..mail(number)
    }
}

pub fn claim(token: u128, until: i64) -> Claim {
    Claim {
        token: id(token),
        until: at(until),
    }
}

pub fn a_party(code: &str) -> Party {
    Party {
        code: party(code),
        roles: vec![Role::Contractor, Role::Issuer],
        name_ja: Name::parse("関東建設").unwrap(),
        name_en: Name::parse("Kanto Construction").unwrap(),
        mail: vec![MailAddress::parse("desk@contractor.example.jp").unwrap()],
        language: Language::Ja,
        members: Vec::new(),
        accepts: None,
    }
}

pub fn certificate(code: &str, fingerprint: &str) -> OpenPgpCertificate {
    OpenPgpCertificate {
        party: party(code),
        fingerprint: fingerprint.to_owned(),
        bytes: vec![0, 1, 255],
        usable_until: Some(at(100_000)),
        modern: true,
        revoked_at: None,
        added_at: at(2),
    }
}

pub fn signing(code: &str, fingerprint: &str) -> SigningCertificate {
    SigningCertificate {
        party: party(code),
        fingerprint: fingerprint.to_owned(),
        der: vec![48, 130],
        valid_from: at(-1000),
        valid_until: at(100_000),
        revoked_at: None,
        entrusted_key: None,
        added_at: at(2),
    }
}

/// The version of a case as it is stored; 0 if there is none.
pub async fn stored_version(store: &dyn Store, name: &str) -> i64 {
    let wanted = Wanted {
        cases: vec![procurement(name)],
        ..Wanted::default()
    };
    let loaded = store.load(&wanted).await.unwrap();
    loaded.cases.values().next().map_or(0, |case| case.version)
}

/// Commits things of the case `P-1`, which is new or as it is stored.
pub async fn commit_to_case(store: &dyn Store, fill: impl FnOnce(&mut Commit)) {
    let version = stored_version(store, "P-1").await;
    let mut commit = commit(vec![case("P-1", version)]);
    fill(&mut commit);
    store.commit(&commit).await.unwrap();
}

pub fn is_conflict(outcome: &Result<(), StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Conflict))
}

pub fn is_refused(outcome: &Result<(), StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Refused { .. }))
}
