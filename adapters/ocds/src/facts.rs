//! What one release teaches.

mod awards;
mod bids;
mod contracts;
mod ending;
mod tender;

use bondhub_core::{
    calendar::Timestamp,
    event::{Envelope, Rejection},
    identifier::{LotId, PartyCode},
    procurement::{Fact, Scope},
};

use crate::{node::Node, package};

type Facts = Result<Vec<Fact>, Rejection>;

/// A release and what its parts need to know of it.
struct Release<'a> {
    root: Node<'a>,
    tags: Vec<String>,
    time: Timestamp,
}

impl Release<'_> {
    fn is_tagged(&self, tag: &str) -> bool {
        self.tags.iter().any(|one| one == tag)
    }
}

/// The facts of a release, in the order of the process.
pub(crate) fn facts(envelope: &Envelope) -> Facts {
    let release = release(envelope)?;
    let mut facts = tender::facts(&release)?;
    facts.extend(bids::facts(&release)?);
    facts.extend(awards::facts(&release, &facts)?);
    facts.extend(contracts::facts(&release)?);
    Ok(facts)
}

fn release(envelope: &Envelope) -> Result<Release<'_>, Rejection> {
    let root = Node::new(&envelope.data, "/data");
    if !envelope.data.is_object() {
        return Err(root.refuse("a release is a JSON object"));
    }
    let ocid = package::ocid(&root)?;
    if envelope.subject.as_ref() != Some(&ocid) {
        let message = format!("`subject` is not the release's `ocid`, {ocid}");
        return Err(Rejection::at("/subject", message));
    }
    Ok(Release {
        tags: root.texts("tag"),
        time: envelope.time,
        root,
    })
}

/// The lots a part of a release is about.
fn related_lots(part: &Node<'_>) -> Vec<LotId> {
    let mut lots = Vec::new();
    for lot in part.texts("relatedLots") {
        lots.extend(LotId::parse(&lot).ok().filter(|lot| !lots.contains(lot)));
    }
    lots
}

/// The scopes of such a part: its lots, or the whole tender.
fn scopes(lots: &[LotId]) -> Vec<Scope> {
    if lots.is_empty() {
        return vec![Scope::Tender];
    }
    lots.iter().cloned().map(Scope::Lot).collect()
}

/// The codes of the organisations a list refers to, each once.
fn party_codes(
    release: &Release<'_>,
    references: &[Node<'_>],
) -> Result<Vec<PartyCode>, Rejection> {
    let parties = release.root.objects("parties")?;
    let mut codes = Vec::new();
    for reference in references {
        codes.extend(party_code(&parties, reference).filter(|code| !codes.contains(code)));
    }
    Ok(codes)
}

/// By the reference's id, or else by its name where exactly one party bears it.
fn party_code(parties: &[Node<'_>], reference: &Node<'_>) -> Option<PartyCode> {
    if let Some(code) = reference.id(PartyCode::parse) {
        return Some(code);
    }
    let name = reference.text("name")?;
    let mut namesakes = parties
        .iter()
        .filter(|party| party.text("name") == Some(name));
    let only = namesakes.next().filter(|_| namesakes.next().is_none())?;
    only.id(PartyCode::parse)
}

/// The one supplier of an award or contract; a consortium has no code of its own here.
fn sole_supplier(release: &Release<'_>, part: &Node<'_>) -> Result<Option<PartyCode>, Rejection> {
    let parties = release.root.objects("parties")?;
    let suppliers = part.objects("suppliers")?;
    let mut codes = suppliers
        .iter()
        .map(|supplier| party_code(&parties, supplier));
    let first = codes.next().flatten();
    let all_the_same = codes.all(|code| code == first);
    Ok(first.filter(|_| all_the_same))
}
