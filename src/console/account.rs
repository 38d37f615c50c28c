//! The own account: what it signs in with, where it is signed in, language and zone.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bondhub_core::{
    account::Permission,
    audit::Actor,
    party::Language,
    ports::store::{CodeKind, PasskeyRow, SessionRow},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Access, Flash, Posted, Route, Trouble, Visit, cookie,
    origin::Origin,
    sign_in::{Wrong, bytes, keep, said},
    welcome::{offered, recovery_codes, wrong_code},
    words::Moment,
};
use crate::desk::{Desk, DeskError, Refusal, RegistrationAnswer};

const SELF: Access = Access::May(Permission::ManageSelf);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/account", SELF, page),
        Route::post("/account/display", SELF, display),
        Route::get("/account/password", SELF, password_page),
        Route::post("/account/password", SELF, password),
        Route::post("/account/one-time", SELF, one_time),
        Route::post("/account/one-time/confirm", SELF, one_time_confirm),
        Route::post("/account/recovery-codes", SELF, new_codes),
        Route::post("/account/passkeys/ask", SELF, passkey_ask),
        Route::post("/account/passkeys", SELF, passkey_add),
        Route::post("/account/passkeys/remove", SELF, passkey_remove),
        Route::post("/account/sessions/end", SELF, session_end),
        Route::post("/account/sessions/end-all", SELF, sessions_end),
    ]
}

#[derive(Serialize)]
struct Tells {
    name: String,
    party: Option<String>,
    roles: Vec<String>,
    language: &'static str,
    zone: String,
    one_time: bool,
    codes_left: u64,
    passkeys: Vec<PasskeyTold>,
    sessions: Vec<SessionTold>,
}

#[derive(Serialize)]
struct PasskeyTold {
    id: String,
    label: String,
    added: Moment,
    used: Option<Moment>,
}

#[derive(Serialize)]
struct SessionTold {
    name: String,
    way: String,
    since: Moment,
    seen: Moment,
    address: String,
    agent: String,
    own: bool,
}

async fn page(visit: Visit) -> Result<Response, Trouble> {
    let viewer = visit.signed_in()?;
    let desk = own_desk(&visit)?;
    let row = desk.account(&viewer.account).await?;
    let passkeys = desk.passkeys(viewer).await?;
    let cookie = visit.session().unwrap_or_default();
    let sessions = desk.sessions(viewer, cookie).await?;
    let roles = viewer.roles.iter();
    let tells = Tells {
        name: viewer.account.to_string(),
        party: viewer.party.as_ref().map(|code| visit.party_name(code)),
        roles: roles
            .map(|role| visit.text(&format!("account_role.{role}")))
            .collect(),
        language: row.account.language.as_str(),
        zone: row.account.zone.clone(),
        one_time: row.totp.is_some_and(|totp| totp.confirmed_at.is_some()),
        codes_left: desk.codes_left(&viewer.account, CodeKind::Recovery).await?,
        passkeys: passkeys.iter().map(|one| told(&visit, one)).collect(),
        sessions: sessions
            .iter()
            .map(|(name, session, own)| session_told(&visit, name, session, *own))
            .collect(),
    };
    visit.page("account", tells)
}

fn told(visit: &Visit, passkey: &PasskeyRow) -> PasskeyTold {
    PasskeyTold {
        id: URL_SAFE_NO_PAD.encode(&passkey.id),
        label: passkey.label.clone(),
        added: visit.words().time(passkey.added_at),
        used: passkey.last_used_at.map(|at| visit.words().time(at)),
    }
}

fn session_told(visit: &Visit, name: &str, session: &SessionRow, own: bool) -> SessionTold {
    SessionTold {
        name: name.to_owned(),
        way: visit.text(&format!("signed_in_by.{}", session.signed_in_by.as_str())),
        since: visit.words().time(session.created_at),
        seen: visit.words().time(session.last_seen_at),
        address: session.address.clone().unwrap_or_default(),
        agent: session.agent.clone().unwrap_or_default(),
        own,
    }
}

async fn display(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    let bad = || Trouble::BadForm("language".to_owned());
    let language = Language::parse(form.text("language")).ok_or_else(bad)?;
    let viewer = visit.signed_in()?;
    let desk = own_desk(&visit)?;
    desk.change_own(viewer, language, form.text("zone")).await?;
    visit.clear_cookie(cookie::LANGUAGE);
    Ok(visit.done("/account", "account.display_done", &[]))
}

#[derive(Default, Serialize)]
struct PasswordTells {
    errors: Vec<Wrong>,
}

async fn password_page(visit: Visit) -> Result<Response, Trouble> {
    visit.page("password", PasswordTells::default())
}

async fn password(visit: Visit, origin: Origin, form: Posted) -> Result<Response, Trouble> {
    let again = |field, text| {
        let errors = vec![Wrong { field, text }];
        let tells = PasswordTells { errors };
        visit.page_as(StatusCode::UNPROCESSABLE_ENTITY, "password", tells)
    };
    let (current, new) = (form.exact("current"), form.exact("password"));
    if new != form.exact("password_again") {
        return again("password_again", visit.text("welcome.differ"));
    }
    let (address, agent) = (origin.address.as_deref(), origin.agent.as_deref());
    let desk = own_desk(&visit)?;
    let changed = desk.change_password(visit.signed_in()?, current, new, address, agent);
    match changed.await {
        Ok(began) => {
            keep(&visit, &began);
            Ok(visit.done("/account", "account.password_done", &[]))
        }
        Err(DeskError::Refused(refusal)) => {
            let field = field_of(&refusal);
            again(field, refusal.sentence(visit.language()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Which field of the form a refusal is about.
fn field_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::PasswordShort { .. }
        | Refusal::PasswordLong { .. }
        | Refusal::PasswordEasy
        | Refusal::PasswordCommon => "password",
        _ => "current",
    }
}

fn unprocessable(visit: &Visit, refusal: &Refusal) -> Response {
    let text = refusal.sentence(visit.language());
    said(StatusCode::UNPROCESSABLE_ENTITY, &text)
}

/// The desk, at which whoever is signed in acts.
fn own_desk(visit: &Visit) -> Result<Desk, Trouble> {
    let viewer = visit.signed_in()?;
    let actor = Actor::Account(viewer.account.to_string(), viewer.party.clone());
    Ok(visit.console().desk.by(actor))
}

/// What is dangerous asks for a session that has just begun.
pub(super) async fn is_fresh(visit: &Visit) -> Result<bool, Trouble> {
    let cookie = visit.session().unwrap_or_default();
    Ok(visit.console().desk.is_fresh(cookie).await?)
}

pub(super) fn sign_in_first(visit: &Visit) -> Response {
    visit.say(&Flash::new("account.sign_in_first", &[], false));
    visit.redirect("/sign-in")
}

async fn one_time(visit: Visit) -> Result<Response, Trouble> {
    if !is_fresh(&visit).await? {
        return Ok(sign_in_first(&visit));
    }
    let viewer = visit.signed_in()?;
    let offer = own_desk(&visit)?.offer_totp(&viewer.account).await?;
    offered(
        &visit,
        StatusCode::OK,
        &offer,
        "/account/one-time/confirm",
        &[],
    )
}

async fn one_time_confirm(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    let viewer = visit.signed_in()?;
    let (offer, code) = (form.text("offer"), form.text("code"));
    let desk = own_desk(&visit)?;
    match desk.confirm_totp(&viewer.account, offer, code).await? {
        Ok(codes) => recovery_codes(&visit, &codes),
        Err(again) => wrong_code(&visit, &again, "/account/one-time/confirm"),
    }
}

async fn new_codes(visit: Visit) -> Result<Response, Trouble> {
    if !is_fresh(&visit).await? {
        return Ok(sign_in_first(&visit));
    }
    let viewer = visit.signed_in()?;
    let desk = own_desk(&visit)?;
    let codes = desk.draw_recovery_codes(&viewer.account).await?;
    recovery_codes(&visit, &codes)
}

async fn passkey_ask(visit: Visit) -> Result<Response, Trouble> {
    if !is_fresh(&visit).await? {
        let text = visit.text("account.sign_in_first");
        return Ok(said(StatusCode::CONFLICT, &text));
    }
    let desk = own_desk(&visit)?;
    match desk.ask_for_new_passkey(visit.signed_in()?).await {
        Ok(request) => {
            let body = json!({"request": *request.id, "options": request.options});
            Ok(Json(body).into_response())
        }
        Err(DeskError::Refused(refusal)) => Ok(unprocessable(&visit, &refusal)),
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
struct Made {
    request: String,
    client_data: String,
    attestation_object: String,
    label: String,
}

async fn passkey_add(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    let made: Made = form.json()?;
    let answer = RegistrationAnswer {
        request: made.request,
        client_data: bytes(&made.client_data)?,
        attestation_object: bytes(&made.attestation_object)?,
        label: made.label,
    };
    let desk = own_desk(&visit)?;
    match desk.add_passkey(visit.signed_in()?, answer).await {
        Ok(()) => {
            visit.say(&Flash::new("account.passkey_added", &[], true));
            Ok(Json(json!({"next": "/account"})).into_response())
        }
        Err(DeskError::Refused(refusal)) => Ok(unprocessable(&visit, &refusal)),
        Err(error) => Err(error.into()),
    }
}

async fn passkey_remove(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    let id = bytes(form.text("passkey"))?;
    let desk = own_desk(&visit)?;
    desk.remove_passkey(visit.signed_in()?, &id).await?;
    Ok(visit.done("/account", "account.passkey_removed", &[]))
}

async fn session_end(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    let desk = own_desk(&visit)?;
    let viewer = visit.signed_in()?;
    desk.end_session(viewer, form.text("session")).await?;
    Ok(visit.done("/account", "account.session_ended", &[]))
}

async fn sessions_end(visit: Visit) -> Result<Response, Trouble> {
    let desk = own_desk(&visit)?;
    desk.sign_out_everywhere(visit.signed_in()?).await?;
    visit.clear_cookie(cookie::SESSION);
    Ok(visit.done("/sign-in", "sign_in.signed_out_everywhere", &[]))
}
