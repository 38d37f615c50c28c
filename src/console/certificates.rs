//! A party's certificates (R50): which are in use, handing in another one, and giving its code back.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use bondhub_core::{
    account::Permission,
    calendar::Timestamp,
    party::{OpenPgpCertificate, SigningCertificate},
    ports::store::EnrolmentRow,
};
use chrono::TimeDelta;
use serde::Serialize;

use super::{
    Access, Posted, Route, Trouble, Visit,
    account::{is_fresh, sign_in_first},
    open::whole_sentence,
    parts::{Badge, Mistake, mistakes},
    words::Moment,
};
use crate::desk::{DeskError, Proven};

const OWN: Access = Access::OfParty(Permission::ActForParty);
/// A certificate that ends within so many days is marked.
const SOON_DAYS: i64 = 30;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/certificates", OWN, page),
        Route::post("/certificates", OWN, hand_in),
        Route::post("/certificates/code", OWN, prove),
    ]
}

#[derive(Serialize)]
struct Tells {
    errors: Vec<Mistake>,
    openpgp: Vec<Certificate>,
    signing: Vec<Certificate>,
    waiting: Option<Waiting>,
    /// One is in use, which another would replace.
    replaces: bool,
}

#[derive(Serialize)]
struct Certificate {
    fingerprint: String,
    state: Badge,
    added: Moment,
    ends: Option<Moment>,
}

#[derive(Serialize)]
struct Waiting {
    fingerprint: String,
    since: Moment,
    ends: Moment,
    tries: u32,
    proven: bool,
}

async fn page(visit: Visit) -> Result<Response, Trouble> {
    show(&visit, StatusCode::OK, Vec::new()).await
}

async fn show(
    visit: &Visit,
    status: StatusCode,
    errors: Vec<Mistake>,
) -> Result<Response, Trouble> {
    let desk = visit.desk()?;
    let own = desk.own_certificates(visit.signed_in()?).await?;
    let now = desk.clock.now();
    let openpgp = own.openpgp.iter().map(|one| openpgp(visit, one, now));
    let signing = own.signing.iter().map(|one| signing(visit, one, now));
    let usable = |one: &OpenPgpCertificate| {
        one.revoked_at.is_none() && one.usable_until.is_none_or(|until| now < until)
    };
    let tells = Tells {
        errors,
        openpgp: openpgp.collect(),
        signing: signing.collect(),
        replaces: own.openpgp.iter().any(usable),
        waiting: own
            .waiting
            .filter(|row| now <= row.ends_at)
            .map(|row| waiting(visit, &row)),
    };
    visit.page_as(status, "certificates", tells)
}

fn openpgp(visit: &Visit, one: &OpenPgpCertificate, now: Timestamp) -> Certificate {
    Certificate {
        fingerprint: grouped(&one.fingerprint),
        state: state(visit, one.revoked_at, one.usable_until, now),
        added: visit.words().time(one.added_at),
        ends: one.usable_until.map(|until| visit.words().time(until)),
    }
}

fn signing(visit: &Visit, one: &SigningCertificate, now: Timestamp) -> Certificate {
    Certificate {
        fingerprint: grouped(&one.fingerprint),
        state: state(visit, one.revoked_at, Some(one.valid_until), now),
        added: visit.words().time(one.added_at),
        ends: Some(visit.words().time(one.valid_until)),
    }
}

fn state(
    visit: &Visit,
    revoked: Option<Timestamp>,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Badge {
    let (tone, key) = match (revoked, until) {
        (Some(_), _) => ("over", "certificates.not_used"),
        (None, Some(until)) if until <= now => ("bad", "certificates.ended"),
        (None, Some(until)) if until <= now + TimeDelta::days(SOON_DAYS) => {
            ("warn", "certificates.ends_soon")
        }
        (None, _) => ("good", "certificates.in_use"),
    };
    Badge::new(tone, visit.text(key))
}

fn waiting(visit: &Visit, row: &EnrolmentRow) -> Waiting {
    Waiting {
        fingerprint: grouped(&row.certificate.fingerprint),
        since: visit.words().time(row.certificate.added_at),
        ends: visit.words().time(row.ends_at),
        tries: row.tries_left,
        proven: row.is_proven(),
    }
}

/// A fingerprint as people compare it: groups of four.
fn grouped(fingerprint: &str) -> String {
    let letters: Vec<char> = fingerprint.chars().collect();
    let groups = letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

/// Takes a certificate. Who comes with an old session signs in first: a cookie stolen an hour ago must not suffice.
async fn hand_in(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    if !is_fresh(&visit).await? {
        return Ok(sign_in_first(&visit));
    }
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let Some(file) = form.file("certificate").filter(|one| !one.bytes.is_empty()) else {
        let errors = mistakes(&visit, &[("certificate", "certificates.no_file")]);
        return show(&visit, status, errors).await;
    };
    let (desk, viewer) = (visit.desk()?, visit.signed_in()?);
    let begun = desk.hand_in_certificate(viewer, &file.bytes, form.has("modern"));
    match begun.await {
        Ok(_) => Ok(visit.done("/certificates", "certificates.handed_in", &[])),
        Err(error) => wrong(&visit, "certificate", error).await,
    }
}

/// Takes the code back.
async fn prove(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    if !is_fresh(&visit).await? {
        return Ok(sign_in_first(&visit));
    }
    let (desk, viewer) = (visit.desk()?, visit.signed_in()?);
    match desk.prove_certificate(viewer, form.text("code")).await {
        Ok(Proven::InUse(_)) => Ok(visit.done("/certificates", "certificates.is_in_use", &[])),
        Ok(Proven::WaitsForOperator(_)) => {
            Ok(visit.done("/certificates", "certificates.waits_for_operator", &[]))
        }
        Err(error) => wrong(&visit, "code", error).await,
    }
}

async fn wrong(visit: &Visit, field: &str, error: DeskError) -> Result<Response, Trouble> {
    if !error.is_refusal() {
        return Err(error.into());
    }
    let trouble = Trouble::from(error);
    let mistake = Mistake::new(field, whole_sentence(&trouble, visit));
    Ok(show(visit, trouble.status(), vec![mistake])
        .await?
        .into_response())
}
