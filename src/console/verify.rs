//! Whether a copy is genuine (R23): where its QR code leads, for anybody who holds one.
//!
//! A page tells what the copy itself says, and whether it is still true: no amount, no party that is not printed beside the number.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use bondhub_core::key::Kid;
use serde::{Deserialize, Serialize};

use super::{
    Access, Console, Posted, Route, Trouble, Visit,
    origin::Origin,
    parts::{Mistake, mistakes},
    words::Moment,
};
use crate::desk::CopyCheck;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/verify", Access::Anyone, ask),
        Route::get("/verify/{id}", Access::Anyone, told),
        Route::post("/verify/{id}", Access::Anyone, compared).with_documents(),
    ]
}

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    number: String,
}

#[derive(Serialize)]
struct Tells {
    number: String,
    copy: Option<Genuine>,
    unconfirmed: bool,
    /// What a file that was sent turned out to be; none if none was.
    same: Option<bool>,
    errors: Vec<Mistake>,
}

#[derive(Serialize)]
struct Genuine {
    bond: String,
    version: u32,
    made_at: Moment,
    is_current: bool,
    is_in_force: bool,
    sha256: String,
    path: String,
}

/// Asks for a copy's number; with one, leads to its page.
async fn ask(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let number = asked.number.trim();
    if let Ok(id) = Kid::parse(number) {
        return Ok(visit.redirect(&format!("/verify/{id}")));
    }
    let (status, errors) = if number.is_empty() {
        (StatusCode::OK, Vec::new())
    } else {
        let errors = mistakes(&visit, &[("number", "verify.no_number")]);
        (StatusCode::UNPROCESSABLE_ENTITY, errors)
    };
    let tells = Tells {
        number: number.chars().take(40).collect(),
        copy: None,
        unconfirmed: false,
        same: None,
        errors,
    };
    visit.page_as(status, "verify", tells)
}

async fn told(
    visit: Visit,
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    origin: Origin,
) -> Result<Response, Trouble> {
    let check = console.desk.verify_copy(&id, address(&origin)).await?;
    show(&visit, &id, &check, None, Vec::new())
}

/// The same with the PDF in hand: the digest of its bytes is compared, and they are forgotten.
async fn compared(
    visit: Visit,
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    origin: Origin,
    form: Posted,
) -> Result<Response, Trouble> {
    let check = console.desk.verify_copy(&id, address(&origin)).await?;
    let Some(file) = form.file("pdf").filter(|file| !file.bytes.is_empty()) else {
        let errors = mistakes(&visit, &[("pdf", "verify.no_file")]);
        return show(&visit, &id, &check, None, errors);
    };
    let same = check.is_of(&file.bytes);
    show(&visit, &id, &check, Some(same), Vec::new())
}

fn show(
    visit: &Visit,
    id: &str,
    check: &CopyCheck,
    same: Option<bool>,
    errors: Vec<Mistake>,
) -> Result<Response, Trouble> {
    let copy = genuine(visit, id, check);
    let status = match (&copy, errors.is_empty()) {
        (None, _) => StatusCode::NOT_FOUND,
        (Some(_), true) => StatusCode::OK,
        (Some(_), false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let tells = Tells {
        number: id.chars().take(40).collect(),
        unconfirmed: copy.is_none(),
        same: same.filter(|_| copy.is_some()),
        errors: errors.into_iter().filter(|_| copy.is_some()).collect(),
        copy,
    };
    visit.page_as(status, "verify", tells)
}

fn genuine(visit: &Visit, id: &str, check: &CopyCheck) -> Option<Genuine> {
    let CopyCheck::Genuine {
        bond,
        version,
        made_at,
        sha256,
        is_current,
        is_in_force,
    } = check
    else {
        return None;
    };
    Some(Genuine {
        bond: bond.to_string(),
        version: *version,
        made_at: visit.words().time(*made_at),
        is_current: *is_current,
        is_in_force: *is_in_force,
        sha256: sha256.clone(),
        path: format!("/verify/{}", Kid::parse(id).ok()?),
    })
}

fn address(origin: &Origin) -> Option<IpAddr> {
    origin.address.as_deref().and_then(|text| text.parse().ok())
}
