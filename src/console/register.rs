//! An issuer registers, updates and deletes bonds (R5): upload of what it signed, and a form that prepares what is to be signed.
//!
//! The form signs nothing: it gives the canonical statement (RFC 8785) and the command that signs it at the issuer's desk.

mod hand_in;
pub(super) mod settlement;

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{
    account::Permission,
    bond::Medium,
    document::{Act, Statement},
    identifier::{BondId, PartyCode},
    party::Role,
    task::TaskKind,
};
use serde::Serialize;

use super::{
    Access, Console, Posted, Route, Trouble, Visit,
    draft::{self, Draft},
    parts::{Choice, Mistake, bond_path, mistakes},
};
use crate::desk::MyBond;

const ISSUER: Access = Access::Of(Role::Issuer, Permission::ActForParty);

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/register", ISSUER, form),
        Route::post("/register", ISSUER, hand_in::take).with_documents(),
        Route::get("/register/prepare", ISSUER, prepare),
        Route::post("/register/prepare", ISSUER, prepared).with_documents(),
        Route::get("/register/deletion", ISSUER, deletion),
        Route::post("/register/deletion", ISSUER, deletion_prepared),
        Route::post("/register/statement", ISSUER, statement),
    ];
    routes.extend(settlement::routes());
    routes
}

/// Where an update of a bond is prepared; as a task of this kind asks, if somebody comes from one.
pub(super) fn update_path(bond: &BondId, task: Option<TaskKind>) -> String {
    let mut query = vec![("number", bond.number.as_str())];
    query.extend(task.map(|kind| ("task", kind.as_str())));
    with_query("/register/prepare", &query)
}

/// Where the performance bond of a reservation is prepared.
pub(super) fn continuation_path(reservation: &BondId) -> String {
    with_query(
        "/register/prepare",
        &[("reservation", reservation.number.as_str())],
    )
}

/// Where a bond's deletion is prepared.
pub(super) fn deletion_path(bond: &BondId) -> String {
    with_query("/register/deletion", &[("number", bond.number.as_str())])
}

fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let query = query.extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

#[derive(Serialize)]
struct Form {
    errors: Vec<Mistake>,
    taken: Vec<Outcome>,
}

/// What became of a document.
#[derive(Serialize)]
struct Outcome {
    file: String,
    good: bool,
    text: String,
    detail: String,
}

async fn form(visit: Visit) -> Result<Response, Trouble> {
    visit.page(
        "register",
        Form {
            errors: Vec::new(),
            taken: Vec::new(),
        },
    )
}

#[derive(Serialize)]
struct Prepare {
    errors: Vec<Mistake>,
    draft: Draft,
    is_update: bool,
    kinds: Vec<Choice>,
    instruments: Vec<Choice>,
    converts: Vec<Choice>,
}

/// What a query says under a name.
fn asked(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let found = pairs.find(|(given, _)| given == name);
    found.map(|(_, value)| value.into_owned())
}

/// One of the issuer's own bonds, for a document about it.
async fn own_bond(visit: &Visit, number: &str) -> Result<MyBond, Trouble> {
    let own = own_party(visit)?;
    let bond = super::bonds::bond_of(own.as_str(), number)?;
    let desk = &visit.console().desk;
    let mine = desk.my_bond(visit.signed_in()?, &bond).await?;
    // Of a paper bond the paper is the original: a signed document would be a second one (R41).
    if mine.bond.terms.medium == Medium::Electronic {
        return Ok(mine);
    }
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Err(Trouble::said(status, "draft.on_paper"))
}

/// The form: empty, with what a bond says now, or with what a reservation hands on (R6).
async fn prepare(visit: Visit, uri: Uri) -> Result<Response, Trouble> {
    let draft = if let Some(number) = asked(&uri, "number") {
        let task = asked(&uri, "task").and_then(|kind| TaskKind::parse(&kind));
        Draft::of(&visit, &own_bond(&visit, &number).await?, task)
    } else if let Some(number) = asked(&uri, "reservation") {
        let reservation = own_bond(&visit, &number).await?.bond.bond;
        let terms = visit.console().desk.continued(&reservation).await?;
        Draft::saying(&visit, &terms)
    } else {
        Draft::default()
    };
    ask(&visit, StatusCode::OK, draft, Vec::new())
}

fn ask(
    visit: &Visit,
    status: StatusCode,
    draft: Draft,
    errors: Vec<Mistake>,
) -> Result<Response, Trouble> {
    let tells = Prepare {
        errors,
        is_update: draft.is_update(),
        kinds: draft::kinds(visit),
        instruments: draft::instruments(visit),
        converts: draft::converts(visit),
        draft,
    };
    visit.page_as(status, "prepare", tells)
}

#[derive(Serialize)]
struct Prepared {
    statement: String,
    encoded: String,
    file: String,
    signed: String,
    number: String,
    /// The names of the files it binds.
    attachments: Vec<String>,
    back: String,
}

/// The statement, ready to be signed.
async fn prepared(
    visit: Visit,
    State(console): State<Arc<Console>>,
    form: Posted,
) -> Result<Response, Trouble> {
    let own = own_party(&visit)?;
    let draft = Draft::posted(&form);
    let now = console.desk.clock.now();
    let statement = match draft.statement(&visit, own, now) {
        Ok(statement) => statement,
        Err(errors) => {
            let errors = draft.with_files_again(&visit, errors);
            return ask(&visit, StatusCode::UNPROCESSABLE_ENTITY, draft, errors);
        }
    };
    ready(&visit, &statement, draft.number())
}

/// A statement with what is to be done with it.
fn ready(visit: &Visit, statement: &Statement, number: &str) -> Result<Response, Trouble> {
    let bytes = statement.to_bytes();
    let base = plain_file_name(number);
    let bond = super::bonds::bond_of(statement.issuer.as_str(), number)?;
    let tells = Prepared {
        statement: String::from_utf8_lossy(&bytes).into_owned(),
        encoded: STANDARD.encode(&bytes),
        file: format!("{base}.json"),
        signed: format!("{base}.p7m"),
        back: bond_path("/bonds", &bond),
        number: number.to_owned(),
        attachments: bound_by(&statement.act),
    };
    visit.page("prepared", tells)
}

fn bound_by(act: &Act) -> Vec<String> {
    let (Act::Registration { bond, .. } | Act::Update { bond, .. }) = act else {
        return Vec::new();
    };
    let names = bond.attachments.iter().map(|entry| entry.name.clone());
    names.collect()
}

#[derive(Serialize)]
struct Deletion {
    errors: Vec<Mistake>,
    number: String,
    reason: String,
    back: String,
    /// The owner holds a key: it has to agree.
    handed_over: bool,
}

/// The form of a deletion.
async fn deletion(visit: Visit, uri: Uri) -> Result<Response, Trouble> {
    let number = asked(&uri, "number").ok_or(Trouble::NotFound)?;
    let mine = own_bond(&visit, &number).await?;
    ask_deletion(&visit, &mine, StatusCode::OK, "", Vec::new())
}

fn ask_deletion(
    visit: &Visit,
    mine: &MyBond,
    status: StatusCode,
    reason: &str,
    errors: Vec<Mistake>,
) -> Result<Response, Trouble> {
    let bond = &mine.bond.bond;
    let tells = Deletion {
        errors,
        number: bond.number.to_string(),
        reason: reason.to_owned(),
        back: bond_path("/bonds", bond),
        handed_over: mine.keys.iter().any(|key| key.key.role == Role::Owner),
    };
    visit.page_as(status, "deletion", tells)
}

/// The statement of a deletion, ready to be signed.
async fn deletion_prepared(
    visit: Visit,
    State(console): State<Arc<Console>>,
    form: Posted,
) -> Result<Response, Trouble> {
    let mine = own_bond(&visit, form.text("number")).await?;
    let reason = form.text("reason");
    if reason.is_empty() {
        let errors = mistakes(&visit, &[("reason", "draft.empty")]);
        return ask_deletion(
            &visit,
            &mine,
            StatusCode::UNPROCESSABLE_ENTITY,
            reason,
            errors,
        );
    }
    let number = mine.bond.bond.number.clone();
    let statement = Statement {
        v: 1,
        issuer: own_party(&visit)?,
        signed_at: console.desk.clock.now(),
        act: Act::Deletion {
            number: number.clone(),
            procurement: mine.bond.terms.procurement.clone(),
            reason: reason.to_owned(),
        },
    };
    ready(&visit, &statement, number.as_str())
}

/// Letters, digits and dashes of a number, for a file's name on any system.
fn plain_file_name(number: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = number.chars().map(plain).take(60).collect();
    format!("bond-{name}")
}

/// The prepared statement as a file.
async fn statement(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    let bad = || Trouble::BadForm("no statement".to_owned());
    let bytes = STANDARD.decode(form.text("statement")).map_err(|_| bad())?;
    let statement = Statement::read(&bytes).map_err(|_| bad())?;
    if statement.issuer != own_party(&visit)? {
        return Err(Trouble::NotAllowed);
    }
    let name = plain_file_name(form.text("number"));
    let disposition = format!("attachment; filename=\"{name}.json\"");
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, bytes).into_response())
}

fn own_party(visit: &Visit) -> Result<PartyCode, Trouble> {
    let party = visit.signed_in()?.party.clone();
    party.ok_or(Trouble::NotAllowed)
}
