//! What the audit log is told of a batch (R70): each event that was taken, and each effect of a plan
//! that changes state, with its rule and the event behind it.

use bondhub_core::{
    audit::{Act, Actor, AuditEntry},
    bond::Cause,
    identifier::{BondId, ContractId, ProcurementId},
    matching::MatchResult,
    ports::store::EventState,
    procurement::{BondFact, Fact, RateInForce},
    reconcile::Effect,
};
use serde_json::json;

use super::{Content, Draft, Incoming};

/// The subject of a bond's entries.
fn of_bond(bond: &BondId) -> String {
    format!("bond:{bond}")
}

/// The subject of a case's entries.
fn of_case(procurement: &ProcurementId) -> String {
    format!("case:{procurement}")
}

/// Tells that an event was taken, before what it caused: `from` is where that begins.
pub(super) fn taken(draft: &mut Draft<'_>, event: &Incoming, state: EventState, from: usize) {
    let mut told = documents(draft, event, state);
    told.insert(0, arrival(draft, event, state));
    let caused = draft
        .commit
        .audit
        .split_off(from.min(draft.commit.audit.len()));
    draft.commit.audit.extend(told);
    draft.commit.audit.extend(caused);
}

fn actor(event: &Incoming) -> Actor {
    let source = || Actor::Feed(event.row.identity.source.clone());
    event.actor.clone().unwrap_or_else(source)
}

fn arrival(draft: &Draft<'_>, event: &Incoming, state: EventState) -> AuditEntry {
    let row = &event.row;
    let subject = match &row.subject {
        Some(procurement) => of_case(procurement),
        None => format!("event:{}", row.id),
    };
    let act = match state {
        EventState::SetAside => Act::EventSetAside,
        _ => reported(event).unwrap_or(Act::EventTaken),
    };
    let at_desk = matches!(row.kind.as_str(), "act" | "paper");
    if let (Some((act, bond)), true, Act::EventTaken) = (by_hand(event), at_desk, act) {
        return AuditEntry::new(draft.now, actor(event), act, of_bond(bond))
            .with("event", row.identity.to_string());
    }
    let entry = AuditEntry::new(draft.now, actor(event), act, subject)
        .with("event", row.identity.to_string())
        .with("type", row.kind.as_str())
        .with("digest", row.digest.as_str())
        .with("state", state.as_str());
    match &event.content {
        Content::Refused(rejection) => entry.with("reason", rejection.reason.as_str()),
        Content::Facts { .. } | Content::Instruction(..) | Content::Waits(_) => entry,
    }
}

/// What a person reported where a feed could have (R8).
fn reported(event: &Incoming) -> Option<Act> {
    let by_hand = event.row.identity.source.starts_with("act:");
    let Content::Facts { lesson, .. } = &event.content else {
        return None;
    };
    let act = lesson.facts.iter().find_map(|fact| match fact {
        Fact::OpeningConfirmed { .. } => Some(Act::OpeningConfirmed),
        Fact::Bond {
            fact: BondFact::Waived(_),
            ..
        } => Some(Act::FindingWaived),
        _ => None,
    });
    by_hand.then(|| act.unwrap_or(Act::ProcedureActed))
}

/// The act of a person behind an event of the desk.
fn by_hand(event: &Incoming) -> Option<(Act, &BondId)> {
    let Content::Facts { lesson, .. } = &event.content else {
        return None;
    };
    let paper = event.row.kind == "paper";
    lesson.facts.iter().find_map(|fact| {
        let Fact::Bond { bond, fact } = fact else {
            return None;
        };
        let act = match fact {
            BondFact::HandedOver => Act::BondHandedOver,
            BondFact::OwnerConsents => Act::DeletionConsented,
            BondFact::KeysRevoked { .. } => Act::KeysRevoked,
            BondFact::KeyByHand { .. } => Act::KeyByHand,
            BondFact::KeySigned { .. } => Act::KeySigned,
            BondFact::Registered(_) | BondFact::Updated(_) if paper => Act::PaperEntered,
            BondFact::Deleted if paper => Act::PaperEnded,
            _ => return None,
        };
        Some((act, bond))
    })
}

/// The signed documents that were kept with an event.
fn documents(draft: &Draft<'_>, event: &Incoming, state: EventState) -> Vec<AuditEntry> {
    if state == EventState::SetAside {
        return Vec::new();
    }
    let (act, subject, document) = match &event.content {
        Content::Facts {
            document: Some(document),
            ..
        } => {
            let subject = document.bond.as_ref().map(of_bond);
            (Act::DocumentKept, subject.unwrap_or_default(), document)
        }
        Content::Instruction(row, document) => {
            let subject = format!("party:{}", row.issuer);
            (Act::InstructionTaken, subject, document)
        }
        Content::Facts { document: None, .. } | Content::Waits(_) | Content::Refused(_) => {
            return Vec::new();
        }
    };
    let entry = AuditEntry::new(draft.now, actor(event), act, subject)
        .with("kind", document.kind.as_str())
        .with("document", document.digest.as_str())
        .with("issuer", document.issuer.as_str())
        .with("signer", document.signer.as_str())
        .with("signed_at", json!(document.signed_at))
        .with("revocation", document.revocation.as_str());
    vec![match document.revocation.why() {
        Some(why) => entry.with("revocation_unchecked", why),
        None => entry,
    }]
}

/// Tells an effect of a plan. Keys and letters are told when they are made (`hub/prepare`): one that is
/// overtaken within its batch never was.
pub(super) fn effect(draft: &mut Draft<'_>, procurement: &ProcurementId, effect: &Effect) {
    let (case, now) = (of_case(procurement), draft.now);
    let entry = |act, subject: String| AuditEntry::new(now, Actor::Hub, act, subject);
    let told = match effect {
        Effect::Register {
            bond, cause, basis, ..
        } => caused(entry(Act::BondRegistered, of_bond(bond)), cause)
            .with("case", procurement.as_str())
            .with("version", 1)
            .with("basis", basis.to_string()),
        Effect::Revise {
            bond,
            version,
            cause,
            basis,
            ..
        } => caused(entry(Act::BondRevised, of_bond(bond)), cause)
            .with("version", *version)
            .with("basis", basis.to_string()),
        Effect::Move { bond, state, cause } => {
            caused(entry(Act::BondMoved, of_bond(bond)), cause).with("state", state.as_str())
        }
        Effect::EndKeys {
            bond,
            role,
            edition,
            reason,
        } => entry(Act::KeysEnded, of_bond(bond))
            .with("role", json!(role))
            .with("edition", *edition)
            .privately("reason", reason.as_str()),
        Effect::Post {
            bond,
            effective,
            delta,
            currency,
            ..
        } => entry(Act::LedgerPosted, of_bond(bond))
            .with("effective", json!(effective))
            .privately("delta", *delta)
            .privately("currency", currency.as_str()),
        Effect::OpenTask { key, .. } => entry(Act::TaskOpened, case).with("task", key.to_string()),
        Effect::CloseTask { key } => entry(Act::TaskClosed, case).with("task", key.to_string()),
        Effect::Wait { on, .. } => entry(Act::WaitBegan, case).with("for", on.to_string()),
        Effect::Placed { on } => entry(Act::WaitEnded, case).with("for", on.to_string()),
        Effect::OpeningTold { scope, at } => entry(Act::OpeningTold, case)
            .with("scope", scope.to_string())
            .with("opening_at", json!(at)),
        Effect::OpenedTold { scope, at } => entry(Act::OpenedTold, case)
            .with("scope", scope.to_string())
            .with("opened_at", json!(at)),
        Effect::RateKept { contract, rate } => {
            rate_kept(entry(Act::RateKept, case), contract, rate)
        }
        Effect::Matched { bond, result, .. } => {
            matched(entry(Act::MatchChanged, of_bond(bond)), result)
        }
        Effect::Reminded { bond, days } => {
            entry(Act::Reminded, of_bond(bond)).with("days", json!(days))
        }
        Effect::AskSignature { .. }
        | Effect::IssueKey { .. }
        | Effect::Tell(_)
        | Effect::Publish(_)
        | Effect::Stand { .. }
        | Effect::Foresee { .. }
        | Effect::KeepBalances { .. } => return,
    };
    let told = match &draft.behind {
        Some(event) => told.with("event", event.to_string()),
        None => told,
    };
    draft.commit.audit.push(told);
}

fn rate_kept(entry: AuditEntry, contract: &ContractId, rate: &RateInForce) -> AuditEntry {
    entry
        .with("contract", contract.as_str())
        .with("required", rate.guarantee.required)
        .with("rate_bp", json!(rate.guarantee.rate_bp))
        .with("round_up_to", rate.round_up_to)
}

/// What tells of amounts stands beside the chain, as amounts do (R21).
fn matched(entry: AuditEntry, result: &MatchResult) -> AuditEntry {
    let codes = |result: &MatchResult| -> Vec<&str> {
        result.open().map(|finding| finding.what.code()).collect()
    };
    let told = result.without_amounts();
    entry
        .with("grade", told.grade.as_str())
        .with("findings", codes(&told))
        .privately("grade", result.grade.as_str())
        .privately("findings", codes(result))
}

fn caused(entry: AuditEntry, cause: &Cause) -> AuditEntry {
    entry
        .with("rule", json!(cause.rule))
        .with("cause_at", json!(cause.at))
        .with("cause", cause.source.as_str())
}
