//! Waiting for my signature (R12): an issuer whose token stays at its desk fetches what waits, signs it there in one go, and hands the
//! signatures in.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bondhub_core::{account::Permission, identifier::PartyCode, party::Role};
use serde::Serialize;

use super::{
    Access, Console, Posted, Route, Trouble, Upload, Visit,
    parts::{self, Link, Mistake, mistakes},
    words::Moment,
};
use crate::desk::{
    SignatureOutcome, Submitted, armor,
    signing_files::{Signatures, Statements},
};

const SIGNER: Access = Access::Of(Role::Issuer, Permission::SignForParty);
/// A page and a file hold at most so many.
const MOST: u32 = 1000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign", SIGNER, waiting),
        Route::get("/sign/statements", SIGNER, statements),
        Route::post("/sign", SIGNER, submit).with_documents(),
    ]
}

#[derive(Serialize)]
struct Waiting {
    errors: Vec<Mistake>,
    rows: Vec<Request>,
    more: bool,
    results: Vec<Outcome>,
}

#[derive(Serialize)]
struct Request {
    bond: Link,
    version: u32,
    role: String,
    holder: String,
    since: Moment,
    name: String,
}

#[derive(Serialize)]
struct Outcome {
    good: bool,
    bond: Option<String>,
    text: String,
    detail: String,
}

async fn waiting(visit: Visit, State(console): State<Arc<Console>>) -> Result<Response, Trouble> {
    page(&visit, &console, StatusCode::OK, Vec::new(), Vec::new()).await
}

async fn page(
    visit: &Visit,
    console: &Console,
    status: StatusCode,
    errors: Vec<Mistake>,
    results: Vec<Outcome>,
) -> Result<Response, Trouble> {
    let own = own_party(visit)?;
    let requests = console.desk.waiting_signatures(&own, MOST).await?;
    let rows = requests.iter().map(|request| Request {
        bond: Link::to_bond(&request.bond),
        version: request.version,
        role: parts::role(visit, request.role),
        holder: visit.party_name(&request.holder),
        since: visit.words().short_time(request.requested_at),
        name: request.kid.clone(),
    });
    let rows: Vec<_> = rows.collect();
    let more = rows.len() >= MOST as usize;
    let tells = Waiting {
        errors,
        rows,
        more,
        results,
    };
    visit.page_as(status, "sign", tells)
}

/// The exact bytes that wait, in the file that `bondhub key sign --from` reads. They hold no secret.
async fn statements(
    visit: Visit,
    State(console): State<Arc<Console>>,
) -> Result<Response, Trouble> {
    let own = own_party(&visit)?;
    let requests = console.desk.waiting_signatures(&own, MOST).await?;
    let bytes: Vec<_> = requests
        .into_iter()
        .map(|request| request.statement)
        .collect();
    let file = Statements::new(own, &bytes, console.desk.clock.now());
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"statements.json\"",
        ),
    ];
    Ok((headers, file.to_text()).into_response())
}

/// Takes signatures: a file of them, or single CMS blocks. Each stands alone.
async fn submit(
    visit: Visit,
    State(console): State<Arc<Console>>,
    form: Posted,
) -> Result<Response, Trouble> {
    let own = own_party(&visit)?;
    let files: Vec<_> = form.files("signatures").collect();
    if files.is_empty() {
        let errors = mistakes(&visit, &[("signatures", "sign.no_file")]);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page(&visit, &console, status, errors, Vec::new()).await;
    }
    let mut blocks = Vec::new();
    for file in files {
        match blocks_of(file) {
            Ok(found) => blocks.extend(found),
            Err(problem) => {
                let text = format!(
                    "{} ({}: {problem})",
                    visit.text("sign.unreadable"),
                    file.name
                );
                let errors = vec![Mistake::new("signatures", text)];
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return page(&visit, &console, status, errors, Vec::new()).await;
            }
        }
    }
    let (status, results) = each(&visit, &own, &blocks, form.has("check_only")).await?;
    page(&visit, &console, status, Vec::new(), results).await
}

/// What became of each signature. After a failure of the hub the rest is not tried, and what was done before it is told.
async fn each(
    visit: &Visit,
    own: &PartyCode,
    blocks: &[Vec<u8>],
    check_only: bool,
) -> Result<(StatusCode, Vec<Outcome>), Trouble> {
    let desk = visit.desk()?;
    let mut results = Vec::with_capacity(blocks.len());
    for (number, block) in blocks.iter().enumerate() {
        let one = std::slice::from_ref(block);
        match desk.submit_signatures(Some(own), one, check_only).await {
            Ok(submitted) => results.extend(submitted.iter().map(|one| told(visit, one))),
            Err(error) => {
                tracing::error!("a signature was not taken: {error}");
                results.push(not_done(visit, "sign.failed"));
                let rest = blocks.len().saturating_sub(number + 1);
                results.extend((0..rest).map(|_| not_done(visit, "sign.not_tried")));
                return Ok((Trouble::from(error).status(), results));
            }
        }
    }
    Ok((StatusCode::OK, results))
}

fn not_done(visit: &Visit, key: &str) -> Outcome {
    Outcome {
        good: false,
        bond: None,
        text: visit.text(key),
        detail: String::new(),
    }
}

fn blocks_of(file: &Upload) -> Result<Vec<Vec<u8>>, String> {
    if !file.bytes.starts_with(b"{") {
        // Each of several is told of by itself; what cannot be taken apart the desk refuses, with the reason.
        let blocks = armor::blocks(&file.bytes);
        return Ok(blocks.unwrap_or_else(|_| vec![file.bytes.to_vec()]));
    }
    let signatures = Signatures::read(&file.bytes).map_err(|error| error.to_string())?;
    signatures.blocks().map_err(|error| error.to_string())
}

fn told(visit: &Visit, one: &Submitted) -> Outcome {
    let detail = match &one.outcome {
        SignatureOutcome::Refused(reason) => reason.sentence(visit.language()),
        _ => String::new(),
    };
    let good = !matches!(one.outcome, SignatureOutcome::Refused(_));
    Outcome {
        good,
        bond: one.bond.as_ref().map(|bond| bond.number.to_string()),
        text: visit.text(&format!("signature.{}", one.outcome.as_str())),
        detail,
    }
}

fn own_party(visit: &Visit) -> Result<PartyCode, Trouble> {
    let party = visit.signed_in()?.party.clone();
    party.ok_or(Trouble::NotAllowed)
}
