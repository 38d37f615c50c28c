//! What is sent back, each with its schema.

use std::collections::BTreeSet;

use bondhub_core::{
    bond::{BondTerms, Rule},
    calendar::{Period, Timestamp},
    event::EventIdentity,
    identifier::{BondId, PartyCode, ProcurementId},
    matching::{Finding, Found},
    money::Money,
    party::{Language, Role},
    ports::store::{BondRow, EventRow, KeyState, KeyView, OutboxView, TaskView, VersionRow},
    rules::Policy,
    task::Subject,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::words::{BondCode, Code};
use crate::desk::{Behind, HandedOver, MatchSeen, Taken};

/// An amount in a currency's minor units.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Amount {
    /// Minor units, e.g. yen.
    amount: i64,
    /// ISO 4217.
    currency: String,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self {
            amount: money.amount(),
            currency: money.currency().as_str().to_owned(),
        }
    }
}

/// Days, both included.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Days {
    from: chrono::NaiveDate,
    to: chrono::NaiveDate,
}

impl From<Period> for Days {
    fn from(period: Period) -> Self {
        Self {
            from: period.from(),
            to: period.to(),
        }
    }
}

/// A bond as it is now. What it guarantees (`content`) is shown to its own parties, and to whoever reads its history.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Bond {
    #[schemars(with = "BondCode")]
    bond: BondId,
    #[schemars(with = "Code")]
    procurement: ProcurementId,
    lot: Option<String>,
    contract: Option<String>,
    kind: String,
    instrument: String,
    #[schemars(with = "Code")]
    principal: PartyCode,
    #[schemars(with = "Code")]
    obligee: PartyCode,
    version: u32,
    state: String,
    /// The rule behind the state.
    rule: String,
    /// When the fact behind it happened.
    since: Timestamp,
    /// What it guarantees.
    content: Option<Content>,
}

/// What a version of a bond guarantees.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Content {
    amount: Amount,
    period: Days,
    /// Null to its owner's account: the owner reads it with its key.
    wording: Option<String>,
}

/// How much is told of what a bond guarantees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing, to those who run the hub.
    Nothing,
    /// All but the wording, to its owner's account: an account is no key (R20).
    Standing,
    /// Everything.
    All,
}

impl Told {
    /// What the account of a party in this role is told of its bond.
    pub(super) fn to(role: Role) -> Self {
        match role {
            Role::Owner => Self::Standing,
            Role::Issuer | Role::Contractor => Self::All,
        }
    }
}

impl Content {
    fn of(terms: &BondTerms, told: Told) -> Option<Self> {
        (told != Told::Nothing).then(|| Self {
            amount: terms.amount.into(),
            period: terms.period.into(),
            wording: (told == Told::All).then(|| terms.wording.clone()),
        })
    }
}

/// A word of the core, as it is serialised.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

impl Bond {
    /// The row, with as much of its content as is `told`.
    pub(super) fn of(row: &BondRow, told: Told) -> Self {
        let terms = &row.terms;
        Self {
            bond: row.bond.clone(),
            procurement: terms.procurement.clone(),
            lot: terms.lot.as_ref().map(ToString::to_string),
            contract: terms.contract.as_ref().map(ToString::to_string),
            kind: terms.kind.as_str().to_owned(),
            instrument: terms.instrument.as_str().to_owned(),
            principal: terms.principal.clone(),
            obligee: terms.obligee.clone(),
            version: row.version,
            state: row.state.as_str().to_owned(),
            rule: word(&row.cause.rule),
            since: row.cause.at,
            content: Content::of(terms, told),
        }
    }
}

/// An earlier or the present version.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Version {
    version: u32,
    rule: String,
    at: Timestamp,
    content: Option<Content>,
}

impl Version {
    pub(super) fn of(row: &VersionRow, told: Told) -> Self {
        Self {
            version: row.version,
            rule: word(&row.cause.rule),
            at: row.cause.at,
            content: Content::of(&row.terms, told),
        }
    }

    /// A line of the history a party is told: the content of the version in force alone (R4).
    pub(super) fn of_line(
        (version, rule, at): (u32, Rule, Timestamp),
        now: &BondRow,
        told: Told,
    ) -> Self {
        let in_force = version == now.version;
        Self {
            version,
            rule: word(&rule),
            at,
            content: in_force.then(|| Content::of(&now.terms, told)).flatten(),
        }
    }
}

/// How a bond matches its case (R7).
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Match {
    /// `ok`, `curable` or `fatal`; what was waived does not count.
    grade: String,
    findings: Vec<MatchFinding>,
}

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
struct MatchFinding {
    #[serde(flatten)]
    finding: OpenFinding,
    waived: bool,
    /// When somebody waived it.
    waived_at: Option<Timestamp>,
}

impl From<MatchSeen> for Match {
    fn from(seen: MatchSeen) -> Self {
        let told = |found: &Found| MatchFinding {
            finding: OpenFinding::from(&found.finding),
            waived: found.waived.is_some(),
            waived_at: seen.waived_at.get(found.finding.what.code()).copied(),
        };
        Self {
            grade: seen.result.grade.as_str().to_owned(),
            findings: seen.result.findings.iter().map(told).collect(),
        }
    }
}

/// A document an issuer signed, without what it says.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SignedDocument {
    /// The version it brought about.
    version: u32,
    /// SHA-256 of its content.
    document: String,
    signed_at: Timestamp,
    /// Fingerprint of the certificate that signed.
    signer: String,
    /// `not_asked` (the hub asks no authority), `checked` or `unchecked`; null for documents from before that was kept.
    revocation: Option<String>,
    /// Why nobody could tell whether the signer's certificate was revoked.
    revocation_unchecked: Option<String>,
}

impl From<Behind> for SignedDocument {
    fn from(behind: Behind) -> Self {
        Self {
            revocation_unchecked: behind.unchecked().map(str::to_owned),
            revocation: behind.revocation.map(|one| one.as_str().to_owned()),
            version: behind.version,
            document: behind.document,
            signed_at: behind.signed_at,
            signer: behind.signer,
        }
    }
}

/// A key, without its secret.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Key {
    kid: String,
    #[schemars(with = "Code")]
    holder: PartyCode,
    role: String,
    version: u32,
    issued_at: Timestamp,
    works: bool,
    ended_at: Option<Timestamp>,
    /// Why it ended; told to its holder and to those who run the hub.
    reason: Option<String>,
}

impl Key {
    pub(super) fn of(view: &KeyView, with_reason: bool) -> Self {
        let (ended_at, reason) = match &view.state {
            KeyState::Live => (None, None),
            KeyState::Ended { at, reason } => (Some(*at), Some(reason.clone())),
        };
        Self {
            kid: view.key.kid.clone(),
            holder: view.key.holder.clone(),
            role: view.key.role.as_str().to_owned(),
            version: view.key.version,
            issued_at: view.key.issued_at,
            works: ended_at.is_none(),
            ended_at,
            reason: reason.filter(|_| with_reason),
        }
    }
}

/// A task.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Task {
    #[schemars(with = "Code")]
    procurement: ProcurementId,
    /// Kind and subject, e.g. `bond_missing|contract:K-1`.
    task: String,
    kind: String,
    /// What it is about; `bond` alone where a party may only know that the bond exists.
    subject: String,
    /// Who is asked; of such a bond nobody but the party itself is told.
    #[schemars(with = "Vec<Code>")]
    asked: Vec<PartyCode>,
    /// What was found; nothing of a bond under embargo, to those who run the hub neither.
    because: Vec<String>,
    opened_at: Timestamp,
    closed_at: Option<Timestamp>,
}

impl Task {
    /// A task as a party is told it, or those who run the hub (no party): of the bonds that are `hidden` a party is not told
    /// which they are, and nobody what was found of them (R21).
    pub(super) fn of(view: TaskView, hidden: &BTreeSet<BondId>, party: Option<&PartyCode>) -> Self {
        let sealed = matches!(&view.key.subject, Subject::Bond(bond) if hidden.contains(bond));
        let kind = view.key.kind.as_str();
        let (subject, asked) = match party.filter(|_| sealed) {
            Some(own) => ("bond".to_owned(), vec![own.clone()]),
            None => (view.key.subject.to_string(), view.task.asked),
        };
        let found = sentences(&view.task.because)
            .into_iter()
            .chain(view.task.note);
        Self {
            procurement: view.procurement,
            task: format!("{kind}|{subject}"),
            kind: kind.to_owned(),
            subject,
            asked,
            because: found.filter(|_| !sealed).collect(),
            opened_at: view.opened_at,
            closed_at: view.closed_at,
        }
    }
}

/// Findings in words; whoever wants them in Japanese reads the pages or the letters.
fn sentences(findings: &[Finding]) -> Vec<String> {
    let zone = Policy::default().zone;
    let sentence = |finding: &Finding| finding.what.sentence(Language::En, zone);
    findings.iter().map(sentence).collect()
}

/// An event that came, and what became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Event {
    id: Uuid,
    source: String,
    event: String,
    #[serde(rename = "type")]
    kind: String,
    procurement: Option<String>,
    time: Timestamp,
    received_at: Timestamp,
    state: String,
    waits_for: Option<String>,
    /// Why it was set aside.
    rejection: Option<Rejection>,
    digest: String,
}

/// Why an event was set aside.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Rejection {
    reason: String,
    pointer: Option<String>,
    message: String,
}

impl From<&EventRow> for Event {
    fn from(row: &EventRow) -> Self {
        let EventIdentity { id, source } = row.identity.clone();
        let rejection = row.rejection.as_ref().map(|one| Rejection {
            reason: one.reason.as_str().to_owned(),
            pointer: one.pointer.clone(),
            message: one.message.clone(),
        });
        Self {
            id: row.id,
            source,
            event: id,
            kind: row.kind.clone(),
            procurement: row.subject.as_ref().map(ToString::to_string),
            time: row.time,
            received_at: row.received_at,
            state: row.state.as_str().to_owned(),
            waits_for: row.waits_for.clone(),
            rejection,
            digest: row.digest.clone(),
        }
    }
}

/// A mail or an own event that leaves the hub, without its body.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Outgoing {
    id: Uuid,
    channel: String,
    #[schemars(with = "Code")]
    procurement: ProcurementId,
    name: String,
    #[schemars(with = "Option<Code>")]
    recipient: Option<PartyCode>,
    message_id: String,
    state: String,
    attempts: u32,
    due_at: Timestamp,
    last_reply: Option<String>,
    created_at: Timestamp,
    changed_at: Timestamp,
}

impl From<OutboxView> for Outgoing {
    fn from(view: OutboxView) -> Self {
        Self {
            id: view.id,
            channel: view.channel.as_str().to_owned(),
            procurement: view.procurement,
            name: view.name,
            recipient: view.recipient,
            message_id: view.message_id,
            state: view.state.as_str().to_owned(),
            attempts: view.attempts,
            due_at: view.due_at,
            last_reply: view.last_reply,
            created_at: view.created_at,
            changed_at: view.changed_at,
        }
    }
}

/// What became of an act.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Acted {
    /// Its row in the inbox.
    event: Uuid,
    /// Its state, or `duplicate`.
    state: String,
}

impl From<Taken> for Acted {
    fn from(taken: Taken) -> Self {
        let state = taken.state.map_or("duplicate", |state| state.as_str());
        Self {
            event: taken.id,
            state: state.to_owned(),
        }
    }
}

/// A bond that was handed over, with what does not match.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Handed {
    #[serde(flatten)]
    acted: Acted,
    /// What the match of the bond with its case finds and nobody waived (R7). It does not keep the bond back: the owner
    /// decides what it takes.
    findings: Vec<OpenFinding>,
}

/// Something that does not match.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OpenFinding {
    code: String,
    /// `curable` or `fatal`.
    grade: String,
    sentence: String,
}

impl From<&Finding> for OpenFinding {
    fn from(finding: &Finding) -> Self {
        let zone = Policy::default().zone;
        Self {
            code: finding.what.code().to_owned(),
            grade: finding.grade.as_str().to_owned(),
            sentence: finding.what.sentence(Language::En, zone),
        }
    }
}

impl From<HandedOver> for Handed {
    fn from(handed: HandedOver) -> Self {
        Self {
            findings: handed.findings.iter().map(OpenFinding::from).collect(),
            acted: handed.taken.into(),
        }
    }
}

/// Rows.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Listed<T> {
    /// The rows.
    pub(super) items: Vec<T>,
}

/// A document of which only the form is promised.
pub(super) type Free = serde_json::Map<String, Value>;
