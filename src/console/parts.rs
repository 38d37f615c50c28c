//! What several pages tell: a bond's terms, its history and keys, tasks, and what is wrong with a form.

use std::collections::BTreeSet;

use bondhub_core::{
    account::Permission,
    bond::{BondKind, BondState, BondTerms, Rule},
    calendar::Timestamp,
    identifier::BondId,
    matching::Finding,
    party::Role,
    ports::store::{BondRow, KeyState, KeyView, TaskView},
    task::{Subject, TaskKind},
};
use serde::Serialize;

use super::{Visit, words::Moment};

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Mistake {
    /// The field's id.
    field: String,
    /// What is wrong, as a sentence.
    text: String,
    /// What the field is called, for the list of all mistakes.
    label: Option<String>,
}

impl Mistake {
    /// Whether it is about this field.
    pub(super) fn is_about(&self, field: &str) -> bool {
        self.field == field
    }

    pub(super) fn new(field: &str, text: String) -> Self {
        let field = field.to_owned();
        Self {
            field,
            text,
            label: None,
        }
    }

    /// With what its field is called, as `label` says by the field's id.
    pub(super) fn labelled(mut self, label: impl Fn(&str) -> Option<String>) -> Self {
        self.label = label(&self.field);
        self
    }
}

/// Mistakes by field and key of the sentence.
pub(super) fn mistakes(visit: &Visit, found: &[(&str, &str)]) -> Vec<Mistake> {
    let mistake = |(field, key): &(&str, &str)| Mistake::new(field, visit.text(key));
    found.iter().map(mistake).collect()
}

/// A label and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    label: String,
    value: String,
}

impl Row {
    pub(super) fn new(label: String, value: String) -> Self {
        Self { label, value }
    }
}

/// A choice of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Choice {
    value: String,
    label: String,
}

impl Choice {
    pub(super) fn new(value: &str, label: String) -> Self {
        let value = value.to_owned();
        Self { value, label }
    }

    /// Whether it is the choice of nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// Whether it stands for this value.
    pub(super) fn is(&self, value: &str) -> bool {
        self.value == value
    }

    /// What it is called.
    pub(super) fn label(&self) -> &str {
        &self.label
    }
}

/// A state, and how it is marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Badge {
    tone: &'static str,
    text: String,
}

impl Badge {
    pub(super) fn new(tone: &'static str, text: String) -> Self {
        Self { tone, text }
    }

    pub(super) fn of(visit: &Visit, state: BondState) -> Self {
        let tone = match state {
            BondState::InForce => "good",
            BondState::Reserved => "info",
            BondState::Frozen => "warn",
            BondState::Expired | BondState::Claimed => "bad",
            BondState::Released | BondState::Converted => "over",
        };
        let text = visit.text(&format!("bond_state.{}", state.as_str()));
        Self { tone, text }
    }
}

/// What a bond says.
pub(super) fn terms(visit: &Visit, row: &BondRow) -> Vec<Row> {
    let terms = &row.terms;
    let words = visit.words();
    let named = |code| format!("{} ({code})", visit.party_name(code));
    let mut rows = Vec::new();
    let mut add = |key: &str, value: String| {
        let label = visit.text(&format!("bond.{key}"));
        rows.push(Row { label, value });
    };
    add("number", row.bond.number.to_string());
    add(
        "kind",
        visit.text(&format!("bond_kind.{}", terms.kind.as_str())),
    );
    add(
        "instrument",
        visit.text(&format!("instrument.{}", terms.instrument.as_str())),
    );
    add(
        "medium",
        visit.text(&format!("medium.{}", terms.medium.as_str())),
    );
    add("issuer", named(&row.bond.issuer));
    add("principal", named(&terms.principal));
    add("obligee", named(&terms.obligee));
    add("procurement", terms.procurement.to_string());
    add_some(&mut add, "lot", terms.lot.as_ref().map(ToString::to_string));
    add_some(
        &mut add,
        "contract",
        terms.contract.as_ref().map(ToString::to_string),
    );
    add("amount", words.money(&terms.amount));
    add("period", words.period(terms.period));
    add_some(
        &mut add,
        "opening_at",
        terms.opening_at.map(|at| words.time(at).text),
    );
    add_some(
        &mut add,
        "takes_over",
        terms.takes_over.as_ref().map(ToString::to_string),
    );
    add("version", row.version.to_string());
    add_some(&mut add, "wording", wording(terms));
    rows
}

fn add_some(add: &mut impl FnMut(&str, String), key: &str, value: Option<String>) {
    if let Some(value) = value {
        add(key, value);
    }
}

fn wording(terms: &BondTerms) -> Option<String> {
    (!terms.wording.is_empty()).then(|| terms.wording.clone())
}

/// A step of a bond's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Happened {
    at: Moment,
    text: String,
    /// Which version it made; none for a change of state alone.
    version: Option<u32>,
}

/// How a bond came to what it is: its versions, then the cause of its state where that is another one. Oldest first.
pub(super) fn history(
    visit: &Visit,
    versions: &[(u32, Rule, Timestamp)],
    row: &BondRow,
) -> Vec<Happened> {
    let words = visit.words();
    let text = |rule: Rule| visit.text(&format!("rule.{}", rule.as_str()));
    let mut steps: Vec<_> = versions
        .iter()
        .map(|(version, rule, at)| Happened {
            at: words.time(*at),
            text: text(*rule),
            version: Some(*version),
        })
        .collect();
    let cause = (row.cause.rule, row.cause.at);
    if versions.last().map(|(_, rule, at)| (*rule, *at)) != Some(cause) {
        steps.push(Happened {
            at: words.time(cause.1),
            text: text(cause.0),
            version: None,
        });
    }
    steps
}

/// A key, without anything that opens a bond.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Key {
    role: String,
    holder: String,
    version: u32,
    name: String,
    issued_at: Moment,
    state: Badge,
    ended_at: Option<Moment>,
    reason: Option<String>,
}

/// The keys, newest first.
pub(super) fn keys(visit: &Visit, all: &[KeyView]) -> Vec<Key> {
    all.iter().rev().map(|view| key(visit, view)).collect()
}

fn key(visit: &Visit, view: &KeyView) -> Key {
    let row = &view.key;
    let words = visit.words();
    let (is_alive, ended_at, reason) = match &view.state {
        KeyState::Live => (true, None, None),
        KeyState::Ended { at, reason } => (false, Some(words.time(*at)), Some(reason.clone())),
    };
    let state = if is_alive {
        Badge::new("good", visit.text("bond.key_works"))
    } else {
        Badge::new("over", visit.text("bond.key_ended"))
    };
    Key {
        role: role(visit, row.role),
        holder: visit.party_name(&row.holder),
        version: row.version,
        name: row.kid.clone(),
        issued_at: words.time(row.issued_at),
        state,
        ended_at,
        reason,
    }
}

/// What a role is called.
pub(super) fn role(visit: &Visit, role: Role) -> String {
    visit.text(&format!("role.{}", role.as_str()))
}

/// A task, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Task {
    pub(super) kind: &'static str,
    title: String,
    procurement: String,
    /// What it is about: a bond's path, or a contract's name.
    bond: Option<Link>,
    contract: Option<String>,
    amount: Option<String>,
    period: Option<String>,
    opening_at: Option<Moment>,
    because: Vec<String>,
    opened_at: Moment,
    /// Where the visitor does what is asked.
    next: Option<Link>,
}

/// A bond's name and page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Link {
    path: String,
    text: String,
}

impl Link {
    pub(super) fn to_bond(bond: &bondhub_core::identifier::BondId) -> Self {
        Self {
            path: bond_path("/bonds", bond),
            text: bond.number.to_string(),
        }
    }
}

/// Tasks in words. Bonds that are hidden are not named (R21).
pub(super) fn tasks(visit: &Visit, all: &[TaskView], hidden: &BTreeSet<BondId>) -> Vec<Task> {
    all.iter().map(|view| task(visit, view, hidden)).collect()
}

fn task(visit: &Visit, view: &TaskView, hidden: &BTreeSet<BondId>) -> Task {
    let words = visit.words();
    // Of what is hidden, what is needed tells as much as its name.
    let shown = !matches!(&view.key.subject, Subject::Bond(bond) if hidden.contains(bond));
    let needed = Some(&view.task).filter(|_| shown);
    let (bond, contract) = match &view.key.subject {
        Subject::Bond(_) if !shown => (None, None),
        Subject::Bond(bond) => (Some(Link::to_bond(bond)), None),
        Subject::Contract(contract) => (None, Some(contract.to_string())),
        Subject::Opening(_) | Subject::Wait(_) | Subject::Trust(_) => (None, None),
    };
    let kind = view.key.kind.as_str();
    Task {
        kind,
        title: visit.text(&format!("task.{kind}")),
        procurement: view.procurement.to_string(),
        bond,
        contract,
        amount: needed
            .and_then(|task| task.amount.as_ref())
            .map(|amount| words.money(amount)),
        period: needed
            .and_then(|task| task.period)
            .map(|period| words.period(period)),
        opening_at: view.task.opening_at.map(|at| words.time(at)),
        because: needed.map_or_else(Vec::new, |task| findings(visit, &task.because)),
        opened_at: words.time(view.opened_at),
        next: next(visit, view),
    }
}

/// Where what a task asks is done, for whoever may do it: the issuer's next document, the owner's word.
fn next(visit: &Visit, view: &TaskView) -> Option<Link> {
    let viewer = visit.viewer()?;
    let own = viewer.party.as_ref()?;
    if !viewer.may(Permission::ActForParty) {
        return None;
    }
    let link = |key: &str, path: String| {
        let text = visit.text(key);
        Some(Link { path, text })
    };
    let kind = view.key.kind;
    match (kind, &view.key.subject) {
        (
            TaskKind::ChangeRequest
            | TaskKind::DecreaseProposed
            | TaskKind::ExtensionNeeded
            | TaskKind::RebidBondNeeded
            | TaskKind::MatchFailed,
            Subject::Bond(bond),
        ) if bond.issuer == *own => {
            let path = super::register::update_path(bond, Some(kind));
            link("tasks.prepare_update", path)
        }
        (TaskKind::MatchFailed, Subject::Bond(_)) | (TaskKind::BondMissing, _)
            if visit.party_roles().contains(&Role::Owner) =>
        {
            link("cases.to_case", super::cases::path(&view.procurement))
        }
        (TaskKind::OpeningBroughtForward, _) => {
            let path = super::acts::path(super::acts::Act::ConfirmOpening, &view.procurement);
            link("act_do.opening_confirmed", path)
        }
        (TaskKind::OwnerConsentNeeded, _) => link("open.title", "/open".to_owned()),
        (TaskKind::PerformanceBondNeeded, _) if visit.party_roles().contains(&Role::Issuer) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("as", Role::Issuer.as_str());
            query.append_pair("kind", BondKind::PerformanceReservation.as_str());
            query.append_pair("case", view.procurement.as_str());
            link("tasks.to_reservation", format!("/bonds?{}", query.finish()))
        }
        _ => None,
    }
}

/// The path of a page about something whose name may hold slashes.
pub(super) fn path_below(below: &str, name: &str) -> String {
    format!("{below}/{}", encoded(name, true))
}

/// What does not match, one sentence each.
pub(super) fn findings(visit: &Visit, all: &[Finding]) -> Vec<String> {
    let zone = visit.console().desk.directories.newest().rules.policy.zone;
    let sentence = |finding: &Finding| finding.what.sentence(visit.language(), zone);
    all.iter().map(sentence).collect()
}

/// The path of a page about a bond: issuer and number, each as one or more segments.
pub(super) fn bond_path(below: &str, bond: &bondhub_core::identifier::BondId) -> String {
    let issuer = encoded(bond.issuer.as_str(), false);
    let number = encoded(bond.number.as_str(), true);
    format!("{below}/{issuer}/{number}")
}

/// A text as part of a path (RFC 3986); a number keeps its slashes.
fn encoded(text: &str, slashes: bool) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        if plain || (slashes && byte == b'/') {
            out.push(char::from(byte));
        } else {
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use bondhub_core::identifier::BondId;

    use super::*;

    #[test]
    fn a_bonds_path_names_it_whatever_is_in_its_name() {
        let path = |text: &str| bond_path("/bonds", &BondId::try_from(text.to_owned()).unwrap());
        assert_eq!(path("S001/2026/0042"), "/bonds/S001/2026/0042");
        assert_eq!(path("A%2FB/第1号"), "/bonds/A%2FB/%E7%AC%AC1%E5%8F%B7");
        assert_eq!(path("S/a?b#c d"), "/bonds/S/a%3Fb%23c%20d");
    }
}
