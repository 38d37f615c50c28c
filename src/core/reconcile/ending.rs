//! What every bond shares: deletion, settled claims, the end of the period, and final ends.

use super::{
    bidding, performance,
    scene::{Scene, Verdict, cause},
};
use crate::{
    bond::{BondKind, BondState, BondTerms, Cause, Rule},
    calendar::{Timestamp, start_of},
    document::ClaimOutcome,
    event::Stamp,
    identifier::BondId,
    matching::reservation_difference,
    procurement::{BondFile, BondRecord},
};

/// How a bond ought to stand now, and when that may change by time alone.
pub(crate) struct Standing {
    pub(crate) state: BondState,
    pub(crate) cause: Option<Cause>,
    /// When an end takes effect: its cause's time, or later where releases are held back.
    pub(crate) ended: Option<Timestamp>,
    pub(crate) next: Option<Timestamp>,
    /// A final end was carried out that the facts no longer bear out (R30, award cancelled).
    pub(crate) contradicted: bool,
    /// A final end was carried out, and the issuer has signed the bond again since.
    pub(crate) reinstated: bool,
}

/// The bond's standing: the facts' verdict, unless a final end was carried out.
pub(crate) fn standing(
    scene: &Scene<'_>,
    bond: &BondId,
    file: &BondFile,
    terms: &BondTerms,
) -> Standing {
    let record = scene.file.carried.bonds.get(bond);
    let by_facts = |overruled| {
        let verdict = verdict(scene, bond, file, terms, overruled);
        at_now(scene, terms, verdict)
    };
    let overruled = record.and_then(|record| record.overruled);
    let Some(record) = record.filter(|record| !record.state.is_outstanding()) else {
        return by_facts(overruled);
    };
    if signed_again(file, record) {
        return Standing {
            reinstated: true,
            ..by_facts(overruled.max(Some(record.cause.at)))
        };
    }
    let by_facts = by_facts(overruled);
    Standing {
        state: record.state,
        cause: Some(record.cause.clone()),
        ended: Some(effective(scene, record.state, &record.cause)),
        next: by_facts.next,
        contradicted: by_facts.state.is_outstanding(),
        reinstated: false,
    }
}

/// The issuer signed the bond again after it had ended: not the document the hub knew then, whatever
/// its date, and not one that was under way.
fn signed_again(file: &BondFile, record: &BondRecord) -> bool {
    let newer = file.signed.as_ref().is_some_and(|signed| {
        signed.stamp.event != record.basis && Some(signed.stamp.time) > record.ended_at
    });
    newer && last_deletion(file).is_none()
}

fn not_overruled(overruled: Option<Timestamp>, verdict: Verdict) -> Verdict {
    match &verdict {
        Verdict::End(_, cause) | Verdict::Freeze(cause) if Some(cause.at) <= overruled => {
            Verdict::Keep
        }
        _ => verdict,
    }
}

fn verdict(
    scene: &Scene<'_>,
    bond: &BondId,
    file: &BondFile,
    terms: &BondTerms,
    overruled: Option<Timestamp>,
) -> Verdict {
    let by_case = if terms.kind.is_bid_stage() {
        let by_bidding = bidding::verdict(scene, file, terms);
        earlier(scene, taken_over(scene, bond, terms), by_bidding)
    } else {
        performance::verdict(scene, file, terms)
    };
    let by_case = not_overruled(overruled, by_case);
    let over = period_over(scene, terms, &by_case);
    let deleted = deleted(scene, bond, file, terms, &by_case);
    earlier(scene, deleted, earlier(scene, over, by_case))
}

/// Of an end and what else is said, the end that takes effect first.
fn earlier(scene: &Scene<'_>, end: Option<Verdict>, other: Verdict) -> Verdict {
    let when = |verdict: &Verdict| match verdict {
        Verdict::End(state, cause) => Some(effective(scene, *state, cause)),
        Verdict::Keep | Verdict::Freeze(_) => None,
    };
    match end {
        Some(end) if when(&other).is_none_or(|other| when(&end) < Some(other)) => end,
        _ => other,
    }
}

/// When an end takes effect. Releases by events are held back as configured; what the issuer signed
/// (a deletion, the settlement of a claim) is not.
fn effective(scene: &Scene<'_>, state: BondState, cause: &Cause) -> Timestamp {
    let signed = matches!(cause.rule, Rule::DeletedByIssuer | Rule::ClaimSettled);
    if state == BondState::Released && !signed {
        cause.at + scene.policy().release_hold
    } else {
        cause.at
    }
}

/// A performance bond that names the reservation converts it, whatever the contract's feed says (R6).
fn taken_over(scene: &Scene<'_>, bond: &BondId, terms: &BondTerms) -> Option<Verdict> {
    if terms.kind != BondKind::PerformanceReservation {
        return None;
    }
    let heirs = scene
        .file
        .bonds
        .iter()
        .filter(|(id, _)| id.issuer == bond.issuer);
    let stamp = heirs
        .filter_map(|(_, file)| Some((file.signed.as_ref()?, file.documents.first()?)))
        .filter(|(signed, _)| signed.value.takes_over.as_ref() == Some(&bond.number))
        .filter(|(signed, _)| reservation_difference(&signed.value, Some(terms)).is_none())
        .map(|(_, first)| &first.stamp)
        .min()?;
    Some(Verdict::End(
        BondState::Converted,
        cause(Rule::TakenOver, stamp),
    ))
}

/// A claim may follow: the bond is frozen until the issuer has settled the claim, unless its period
/// was over before.
pub(crate) fn claim(
    scene: &Scene<'_>,
    file: &BondFile,
    terms: &BondTerms,
    frozen: Cause,
) -> Verdict {
    if over_at(scene, terms).is_none_or(|over| frozen.at >= over) {
        return Verdict::Keep;
    }
    let settled = file.settled.as_ref();
    let Some(settled) = settled.filter(|settled| settled.stamp.time >= frozen.at) else {
        return Verdict::Freeze(frozen);
    };
    let state = match settled.value {
        ClaimOutcome::Paid => BondState::Claimed,
        ClaimOutcome::Waived => BondState::Released,
    };
    Verdict::End(state, cause(Rule::ClaimSettled, &settled.stamp))
}

/// The issuer deleted the bond, and may: the owner holds no key to it, or agrees (E25). With the
/// owner's consent it ends when both have spoken. A deletion ends no claim. By their dates alone hand-over and deletion
/// are not compared, since the issuer dates its document itself; but once a deletion was carried out, a hand-over
/// afterwards is of a bond that is over.
fn deleted(
    scene: &Scene<'_>,
    bond: &BondId,
    file: &BondFile,
    terms: &BondTerms,
    other: &Verdict,
) -> Option<Verdict> {
    let deleted = last_deletion(file)?;
    let record = scene.file.carried.bonds.get(bond);
    let over = record
        .filter(|record| record.cause.rule == Rule::DeletedByIssuer)
        .and_then(|record| record.ended_at);
    let mut handed_over = super::keys::handed_over_at(scene, bond, file, terms);
    let stamp = if handed_over.any(|at| over.is_none_or(|over| at < over)) {
        deleted.max(consent(file)?.clone())
    } else {
        deleted
    };
    let claimed = match other {
        Verdict::Keep => false,
        Verdict::Freeze(frozen) => frozen.at <= stamp.time,
        Verdict::End(_, cause) => cause.rule == Rule::ClaimSettled,
    };
    (!claimed).then(|| Verdict::End(BondState::Released, cause(Rule::DeletedByIssuer, &stamp)))
}

/// The owner's consent to a deletion; it is about what the issuer had signed by then.
pub(crate) fn consent(file: &BondFile) -> Option<&Stamp> {
    let consent = &file.owner_consents.as_ref()?.stamp;
    let signed = &file.signed.as_ref()?.stamp;
    (consent > signed).then_some(consent)
}

/// The issuer's deletion, unless it signed the bond again afterwards.
pub(crate) fn last_deletion(file: &BondFile) -> Option<Stamp> {
    let deleted = file.deleted.as_ref()?;
    let signed_again = file
        .signed
        .as_ref()
        .is_some_and(|signed| signed.stamp > deleted.stamp);
    (!signed_again).then(|| deleted.stamp.clone())
}

/// The period is over. A frozen bond does not expire: the claim came in time.
fn period_over(scene: &Scene<'_>, terms: &BondTerms, other: &Verdict) -> Option<Verdict> {
    let claimed = match other {
        Verdict::Keep => false,
        Verdict::Freeze(_) => true,
        Verdict::End(_, cause) => cause.rule == Rule::ClaimSettled,
    };
    let at = over_at(scene, terms).filter(|_| !claimed)?;
    let cause = Cause {
        rule: Rule::PeriodOver,
        at,
        source: format!("end of {}", terms.period.to()),
    };
    Some(Verdict::End(BondState::Expired, cause))
}

/// The first instant after the bond's last day.
fn over_at(scene: &Scene<'_>, terms: &BondTerms) -> Option<Timestamp> {
    let day = terms.period.to().succ_opt()?;
    Some(start_of(day, scene.policy().zone))
}

/// A verdict becomes a standing when its time has come.
fn at_now(scene: &Scene<'_>, terms: &BondTerms, verdict: Verdict) -> Standing {
    match verdict {
        Verdict::Keep => alive(terms, None),
        Verdict::Freeze(cause) => Standing {
            state: BondState::Frozen,
            cause: Some(cause),
            ..alive(terms, None)
        },
        Verdict::End(state, cause) => {
            let at = effective(scene, state, &cause);
            if scene.now < at {
                return alive(terms, Some(at));
            }
            Standing {
                state,
                cause: Some(cause),
                ended: Some(at),
                ..alive(terms, None)
            }
        }
    }
}

fn alive(terms: &BondTerms, next: Option<Timestamp>) -> Standing {
    let state = BondState::alive(terms.kind);
    Standing {
        state,
        cause: None,
        ended: None,
        next,
        contradicted: false,
        reinstated: false,
    }
}
