//! Signed documents that an issuer hands in with their attachments. Each document is told of by itself, whatever becomes of the others.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use bondhub_core::{
    attachment::Enclosed,
    document::{Act, Statement},
    event::hex_digest,
    identifier::PartyCode,
    ports::store::EventState,
};

use super::{
    super::{Console, Posted, Trouble, Upload, Visit, parts::mistakes},
    Form, Outcome, own_party,
};
use crate::desk::{Desk, DeskError, LimitUse, Refusal, Taken};

/// A document, and what it claims to say.
struct Document<'a> {
    file: &'a Upload,
    statement: Option<Statement>,
}

/// Takes signed documents, one after the other.
pub(super) async fn take(
    visit: Visit,
    State(console): State<Arc<Console>>,
    form: Posted,
) -> Result<Response, Trouble> {
    let own = own_party(&visit)?;
    let claimed = |file| Document {
        file,
        statement: console.desk.claimed_statement(&file.bytes),
    };
    let documents: Vec<_> = form.files("document").map(claimed).collect();
    if documents.is_empty() {
        let errors = mistakes(&visit, &[("document", "register.no_document")]);
        return answer(&visit, StatusCode::UNPROCESSABLE_ENTITY, errors, Vec::new());
    }
    let attachments = Attachments::of(&form);
    // Before anything is taken: sent again with another document, what was taken would be a duplicate without it.
    let unbound = attachments.unbound(&visit, &documents);
    if !unbound.is_empty() {
        let mut told = untried(&visit, &documents, "register.nothing_tried");
        told.extend(unbound);
        return answer(&visit, StatusCode::UNPROCESSABLE_ENTITY, Vec::new(), told);
    }
    let (status, told) = each(&visit, &documents, &attachments, &own).await?;
    answer(&visit, status, Vec::new(), told)
}

fn answer(
    visit: &Visit,
    status: StatusCode,
    errors: Vec<super::Mistake>,
    taken: Vec<Outcome>,
) -> Result<Response, Trouble> {
    visit.page_as(status, "register", Form { errors, taken })
}

/// What became of each document. After a failure of the hub the rest is not tried, and what was done before it is told.
async fn each(
    visit: &Visit,
    documents: &[Document<'_>],
    attachments: &Attachments<'_>,
    own: &PartyCode,
) -> Result<(StatusCode, Vec<Outcome>), Trouble> {
    let desk = visit.desk()?;
    let (mut status, mut told) = (StatusCode::OK, Vec::new());
    let mut exceeded = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        match one(&desk, document, attachments, own).await {
            Ok(taken) => {
                told.push(row(visit, document, true, taken_key(taken.state)));
                exceeded.extend(limits_of(&desk, document).await);
            }
            Err(error) if error.is_refusal() => {
                status = StatusCode::UNPROCESSABLE_ENTITY;
                let (text, detail) = Trouble::from(error).sentence(visit);
                told.push(Outcome {
                    text,
                    detail,
                    ..row(visit, document, false, "register.not_tried")
                });
            }
            Err(error) => {
                tracing::error!("a document was not taken: {error}");
                status = Trouble::from(error).status();
                told.push(row(visit, document, false, "register.failed"));
                let rest = documents.get(number + 1..).unwrap_or_default();
                told.extend(untried(visit, rest, "register.not_tried"));
                break;
            }
        }
    }
    told.extend(warnings(visit, &exceeded));
    Ok((status, told))
}

/// The limits that are exceeded now. The document is taken: that they cannot be read now is no reason to tell anything else, the hub
/// looks at all limits by itself.
async fn limits_of(desk: &Desk, document: &Document<'_>) -> Vec<LimitUse> {
    let exceeded = desk.exceeded_by(&document.file.bytes).await;
    exceeded.unwrap_or_else(|error| {
        tracing::warn!("limits cannot be looked at: {error}");
        Vec::new()
    })
}

/// A warning for each limit, once.
fn warnings(visit: &Visit, exceeded: &[LimitUse]) -> Vec<Outcome> {
    let mut told: Vec<Outcome> = Vec::new();
    for used in exceeded {
        let contractor = visit.party_name(&used.contractor);
        let text = visit.text_with("paper.exceeded", &[("contractor", contractor.as_str())]);
        if told.iter().all(|one| one.text != text) {
            told.push(Outcome {
                file: visit.text("register.limits"),
                good: false,
                text,
                detail: String::new(),
            });
        }
    }
    told
}

/// An account hands in documents of its own party only, whoever signed them. What cannot be read is refused by the desk,
/// with the reason.
async fn one(
    desk: &Desk,
    document: &Document<'_>,
    attachments: &Attachments<'_>,
    own: &PartyCode,
) -> Result<Taken, DeskError> {
    if document
        .statement
        .as_ref()
        .is_some_and(|one| one.issuer != *own)
    {
        return Err(Refusal::OtherIssuersDocument {
            issuer: own.clone(),
        }
        .into());
    }
    let enclosed = attachments.of_document(document);
    desk.document_with(&document.file.bytes, enclosed).await
}

fn row(visit: &Visit, document: &Document<'_>, good: bool, key: &str) -> Outcome {
    Outcome {
        file: document.file.name.clone(),
        good,
        text: visit.text(key),
        detail: String::new(),
    }
}

fn untried(visit: &Visit, documents: &[Document<'_>], key: &str) -> Vec<Outcome> {
    let told = |document| row(visit, document, false, key);
    documents.iter().map(told).collect()
}

fn taken_key(state: Option<EventState>) -> &'static str {
    match state {
        None => "register.duplicate",
        Some(EventState::Waiting) => "register.waits",
        Some(EventState::Overtaken) => "register.overtaken",
        Some(_) => "register.taken",
    }
}

/// The attachments of a form, by digest. Each goes with the documents that bind it.
struct Attachments<'a>(Vec<(&'a Upload, String)>);

impl<'a> Attachments<'a> {
    fn of(form: &'a Posted) -> Self {
        let digested = |file: &'a Upload| (file, hex_digest(&file.bytes));
        Self(form.files("attachments").map(digested).collect())
    }

    fn of_document(&self, document: &Document<'_>) -> Enclosed {
        let mut enclosed = Enclosed::default();
        for (file, digest) in &self.0 {
            if binds(document, digest) {
                enclosed.add(file.bytes.to_vec());
            }
        }
        enclosed
    }

    /// What no document binds.
    fn unbound(&self, visit: &Visit, documents: &[Document<'_>]) -> Vec<Outcome> {
        let bound = |digest: &str| documents.iter().any(|document| binds(document, digest));
        let unbound = self.0.iter().filter(|(_, digest)| !bound(digest));
        let told = |(file, _): &(&Upload, String)| Outcome {
            file: file.name.clone(),
            good: false,
            text: visit.text("register.unbound"),
            detail: String::new(),
        };
        unbound.map(told).collect()
    }
}

fn binds(document: &Document<'_>, digest: &str) -> bool {
    let entries = match document.statement.as_ref().map(|statement| &statement.act) {
        Some(Act::Registration { bond, .. } | Act::Update { bond, .. }) => &bond.attachments[..],
        _ => &[],
    };
    entries.iter().any(|entry| entry.sha256 == digest)
}
