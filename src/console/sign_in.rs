//! Signing in and out: password with one-time password, or a passkey.

use std::sync::Arc;

use async_trait::async_trait;
use axum::{
    Json,
    extract::Query,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bondhub_core::account::Viewer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Access, Identify, Posted, Route, Trouble, Visit, cookie, navigation::local_path, origin::Origin,
};
use crate::desk::{AssertionAnswer, Attempt, Began, Desk, DeskError, SignInRefusal};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign-in", Access::Anyone, page),
        Route::post("/sign-in", Access::Anyone, sign_in),
        Route::post("/sign-in/passkey/ask", Access::Anyone, ask),
        Route::post("/sign-in/passkey", Access::Anyone, with_passkey),
        Route::post("/sign-out", Access::Anyone, sign_out),
    ]
}

/// The sessions the desk keeps.
pub struct Sessions(pub Arc<Desk>);

#[async_trait]
impl Identify for Sessions {
    async fn viewer(&self, session: &str) -> Result<Option<Viewer>, DeskError> {
        self.0.viewer(session).await
    }
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Default, Serialize)]
struct Tells {
    next: String,
    name: String,
    errors: Vec<Wrong>,
}

/// A sentence about a field.
#[derive(Serialize)]
pub(super) struct Wrong {
    pub(super) field: &'static str,
    pub(super) text: String,
}

async fn page(visit: Visit, Query(asked): Query<Next>) -> Result<Response, Trouble> {
    let tells = Tells {
        next: local_path(&asked.next).to_owned(),
        ..Tells::default()
    };
    visit.page("sign_in", tells)
}

async fn sign_in(visit: Visit, origin: Origin, form: Posted) -> Result<Response, Trouble> {
    let attempt = Attempt {
        name: form.text("name"),
        password: form.exact("password"),
        code: form.text("code"),
        address: origin.address.as_deref(),
        agent: origin.agent.as_deref(),
        replaces: visit.session(),
    };
    let next = local_path(form.text("next")).to_owned();
    match visit.console().desk.sign_in(attempt).await {
        Ok(began) => Ok(enter(&visit, &began, &next)),
        Err(refusal) => {
            let (status, text) = sentence(&visit, refusal)?;
            let tells = Tells {
                next,
                name: form.text("name").to_owned(),
                errors: vec![Wrong {
                    field: "name",
                    text,
                }],
            };
            visit.page_as(status, "sign_in", tells)
        }
    }
}

/// The status and sentence of a refusal; a failure of the hub is trouble.
pub(super) fn sentence(
    visit: &Visit,
    refusal: SignInRefusal,
) -> Result<(StatusCode, String), Trouble> {
    match refusal {
        SignInRefusal::Wrong => Ok((
            StatusCode::UNPROCESSABLE_ENTITY,
            visit.text("sign_in.wrong"),
        )),
        SignInRefusal::Later { seconds } => {
            let seconds = seconds.to_string();
            let text = visit.text_with("sign_in.later", &[("seconds", &seconds)]);
            Ok((StatusCode::TOO_MANY_REQUESTS, text))
        }
        SignInRefusal::Desk(error) if error.is_refusal() => {
            let (text, _) = Trouble::from(error).sentence(visit);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, text))
        }
        SignInRefusal::Desk(error) => Err(error.into()),
    }
}

/// Keeps the new session's id in the browser.
pub(super) fn keep(visit: &Visit, began: &Began) {
    visit.set_cookie(cookie::SESSION, &began.cookie, None);
}

fn enter(visit: &Visit, began: &Began, next: &str) -> Response {
    keep(visit, began);
    match began.recovery_left {
        Some(left) => {
            let left = left.to_string();
            visit.done("/account", "sign_in.recovery_left", &[("left", &left)])
        }
        None => visit.redirect(next),
    }
}

async fn ask(visit: Visit) -> Result<Response, Trouble> {
    let request = visit.console().desk.ask_for_passkey().await?;
    let body = json!({"request": *request.id, "options": request.options});
    Ok(Json(body).into_response())
}

#[derive(Deserialize)]
struct Used {
    request: String,
    id: String,
    client_data: String,
    authenticator_data: String,
    signature: String,
    user_handle: String,
    next: String,
}

async fn with_passkey(visit: Visit, origin: Origin, form: Posted) -> Result<Response, Trouble> {
    let used: Used = form.json()?;
    let answer = AssertionAnswer {
        request: used.request,
        credential: bytes(&used.id)?,
        client_data: bytes(&used.client_data)?,
        authenticator_data: bytes(&used.authenticator_data)?,
        signature: bytes(&used.signature)?,
        user_handle: bytes(&used.user_handle)?,
    };
    let (address, agent) = (origin.address.as_deref(), origin.agent.as_deref());
    let desk = &visit.console().desk;
    let began = desk.sign_in_with_passkey(&answer, address, agent, visit.session());
    match began.await {
        Ok(began) => {
            keep(&visit, &began);
            let body = json!({"next": local_path(&used.next)});
            Ok(Json(body).into_response())
        }
        Err(refusal) => {
            let (status, text) = passkey_sentence(&visit, refusal)?;
            Ok(said(status, &text))
        }
    }
}

fn passkey_sentence(
    visit: &Visit,
    refusal: SignInRefusal,
) -> Result<(StatusCode, String), Trouble> {
    match refusal {
        SignInRefusal::Wrong => Ok((
            StatusCode::UNPROCESSABLE_ENTITY,
            visit.text("sign_in.passkey_wrong"),
        )),
        other => sentence(visit, other),
    }
}

/// A sentence for a script.
pub(super) fn said(status: StatusCode, text: &str) -> Response {
    let body: Value = json!({"error": text});
    (status, Json(body)).into_response()
}

/// Bytes as browsers' scripts send them.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, Trouble> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Trouble::BadForm("not base64url".to_owned()))
}

async fn sign_out(visit: Visit) -> Result<Response, Trouble> {
    if let Some(session) = visit.session() {
        visit.console().desk.sign_out(session).await?;
    }
    visit.clear_cookie(cookie::SESSION);
    super::open::let_go(&visit);
    Ok(visit.done("/sign-in", "sign_in.signed_out", &[]))
}
