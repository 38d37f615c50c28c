//! The tender: owner, title, lots, opening times, and how it ended where it ended without an award.

use bondhub_core::{
    event::Rejection,
    identifier::{LotId, PartyCode, ProcurementId},
    procurement::{Fact, Lot, Scope, TenderOutcome},
};

use super::{Facts, Release};
use crate::node::Node;

pub(super) fn facts(release: &Release<'_>) -> Facts {
    let tender = release.root.object("tender")?;
    let mut facts: Vec<Fact> = owner(release, tender.as_ref())?
        .map(Fact::Owner)
        .into_iter()
        .collect();
    facts.extend(follows(release)?);
    let lots = match &tender {
        Some(tender) => tender.objects("lots")?,
        None => Vec::new(),
    };
    if let Some(tender) = &tender {
        facts.extend(title(tender));
        facts.extend(lot_names(&lots));
        facts.extend(openings(tender, &lots)?);
    }
    facts.extend(outcomes(release, tender.as_ref(), &lots));
    Ok(facts)
}

/// The bonds' obligee: the buyer, who signs the contract; where none is told, the procuring entity.
fn owner(release: &Release<'_>, tender: Option<&Node<'_>>) -> Result<Option<PartyCode>, Rejection> {
    let buyer = release.root.object("buyer")?;
    let entity = match tender {
        Some(tender) => tender.object("procuringEntity")?,
        None => None,
    };
    let parties = release.root.objects("parties")?;
    let named = [buyer, entity]
        .into_iter()
        .flatten()
        .find_map(|party| super::party_code(&parties, &party));
    Ok(named.or_else(|| {
        ["buyer", "procuringEntity"]
            .iter()
            .find_map(|role| in_role(&parties, role))
    }))
}

fn in_role(parties: &[Node<'_>], role: &str) -> Option<PartyCode> {
    let holds = |party: &&Node<'_>| party.texts("roles").iter().any(|one| one == role);
    parties.iter().find(holds)?.id(PartyCode::parse)
}

/// The failed procedure this one follows (E5).
fn follows(release: &Release<'_>) -> Result<Option<Fact>, Rejection> {
    let own = release.root.text("ocid");
    let other = release
        .root
        .objects("relatedProcesses")?
        .into_iter()
        .filter(|process| {
            let kinds = process.texts("relationship");
            kinds.iter().any(|kind| kind == "unsuccessfulProcess")
                && process.text("scheme") == Some("ocid")
                && process.text("identifier") != own
        })
        .find_map(|process| process.reference("identifier", ProcurementId::parse));
    Ok(other.map(Fact::Follows))
}

fn title(tender: &Node<'_>) -> Option<Fact> {
    let title = tender.text("title")?;
    Some(Fact::Title(plain_line(title)))
}

/// A publisher's line breaks are blanks: titles go into mail subjects and lists.
fn plain_line(text: &str) -> String {
    let plain = text.replace(char::is_control, " ");
    plain.chars().take(500).collect()
}

fn lot_names(lots: &[Node<'_>]) -> Option<Fact> {
    let mut names: Vec<Lot> = Vec::new();
    for lot in lots {
        let Some(id) = lot.id(LotId::parse) else {
            continue;
        };
        if names.iter().all(|other| other.id != id) {
            let title = lot.text("title").map(plain_line).unwrap_or_default();
            names.push(Lot { id, title });
        }
    }
    (!names.is_empty()).then_some(Fact::Lots(names))
}

/// `bidOpening.date`; where no opening is told, the end of the tender period stands for it.
///
/// A lot's own deadline never stands against an opening told for the whole tender.
fn openings(tender: &Node<'_>, lots: &[Node<'_>]) -> Facts {
    let told = opening(tender)?;
    let whole = match told {
        None => deadline(tender)?,
        told => told,
    };
    let mut facts: Vec<Fact> = whole
        .map(|at| Fact::Opening {
            scope: Scope::Tender,
            at,
        })
        .into_iter()
        .collect();
    for lot in lots {
        let own = match opening(lot)? {
            None if told.is_none() => deadline(lot)?,
            own => own,
        };
        if let (Some(id), Some(at)) = (lot.id(LotId::parse), own) {
            let scope = Scope::Lot(id);
            facts.push(Fact::Opening { scope, at });
        }
    }
    Ok(facts)
}

type Time = Result<Option<bondhub_core::calendar::Timestamp>, Rejection>;

fn opening(part: &Node<'_>) -> Time {
    part.object("bidOpening")?
        .map_or(Ok(None), |opening| opening.time("date"))
}

fn deadline(part: &Node<'_>) -> Time {
    part.object("tenderPeriod")?
        .map_or(Ok(None), |period| period.time("endDate"))
}

/// The lots' own statuses; the tender's is their aggregate and only counts where no lot has one (E11).
fn outcomes(release: &Release<'_>, tender: Option<&Node<'_>>, lots: &[Node<'_>]) -> Vec<Fact> {
    if lots.iter().any(|lot| lot.text("status").is_some()) {
        return lots.iter().filter_map(lot_outcome).collect();
    }
    let told = tender.and_then(outcome);
    let cancelled = release.is_tagged("tenderCancellation");
    let outcome = match told {
        None | Some(TenderOutcome::Active) if cancelled => Some(TenderOutcome::Cancelled),
        told => told,
    };
    let whole = outcome.map(|outcome| Fact::Outcome {
        scope: Scope::Tender,
        outcome,
    });
    whole.into_iter().collect()
}

fn lot_outcome(lot: &Node<'_>) -> Option<Fact> {
    let scope = Scope::Lot(lot.id(LotId::parse)?);
    let outcome = outcome(lot)?;
    Some(Fact::Outcome { scope, outcome })
}

fn outcome(part: &Node<'_>) -> Option<TenderOutcome> {
    match part.text("status")? {
        "active" => Some(TenderOutcome::Active),
        "cancelled" | "withdrawn" => Some(TenderOutcome::Cancelled),
        "unsuccessful" => Some(TenderOutcome::Unsuccessful),
        _ => None,
    }
}
