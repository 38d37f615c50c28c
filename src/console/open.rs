//! Opening a bond with its key (R20–R23), handing it over (R14), agreeing to a deletion (E25).
//!
//! The key is never in an address and never in a page: the form takes it, the hub holds it for a while ([`super::held`]), and each page
//! looks again.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use zeroize::Zeroizing;

use super::{
    Access, Console, Posted, Route, Trouble, Visit, cookie,
    held::{HeldKey, MINUTES, TakenUp},
    open_view::{self, Opened},
    origin::Origin,
    parts::{Mistake, mistakes},
    token,
};
use crate::{
    desk::{DeskError, GivenCopy},
    vault::{OpenRefusal, Presented},
};

/// How long a browser keeps the name of a held key: as long as the hub holds the key.
const SECONDS: u64 = MINUTES.unsigned_abs() * 60;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/open", Access::Anyone, form),
        Route::post("/open", Access::Anyone, take_key),
        Route::get("/open/bond", Access::Anyone, bond),
        Route::post("/open/hand-over", Access::Anyone, hand_over),
        Route::post("/open/consent", Access::Anyone, consent),
        Route::post("/open/copy", Access::Anyone, copy),
        Route::post("/open/close", Access::Anyone, close),
    ]
}

#[derive(serde::Serialize)]
struct Form {
    errors: Vec<Mistake>,
    /// A key is held already.
    held: bool,
}

async fn form(visit: Visit, State(console): State<Arc<Console>>) -> Result<Response, Trouble> {
    let held = held(&console, &visit).is_some();
    let errors = Vec::new();
    visit.page("open", Form { errors, held })
}

/// Takes a key and goes on to its bond.
async fn take_key(
    visit: Visit,
    State(console): State<Arc<Console>>,
    origin: Origin,
    form: Posted,
) -> Result<Response, Trouble> {
    let Some(key) = key_of(&form).map(TakenUp::shown) else {
        let mistake = mistakes(&visit, &[("key_file", "open.no_key")]);
        return refused(&visit, StatusCode::UNPROCESSABLE_ENTITY, mistake);
    };
    let looked = {
        let password = Some(form.text("one_time")).filter(|text| !text.is_empty());
        let mut presented = presented(&key, &visit, &origin);
        presented.one_time_password = password;
        console.desk.look(&presented).await
    };
    match looked {
        Ok(look) => {
            hold(&console, &visit, key.key, look.one_time_used)?;
            let opened = open_view::told(&visit, &console, &look).await?;
            show(&visit, opened)
        }
        Err(error) => not_opened(&visit, error),
    }
}

fn show(visit: &Visit, opened: Opened) -> Result<Response, Trouble> {
    visit.page("opened", opened)
}

/// The bond again, for the key that is held.
async fn bond(
    visit: Visit,
    State(console): State<Arc<Console>>,
    origin: Origin,
) -> Result<Response, Trouble> {
    let Some(key) = held(&console, &visit) else {
        return Ok(visit.redirect("/open"));
    };
    match console.desk.look(&presented(&key, &visit, &origin)).await {
        Ok(look) => {
            let opened = open_view::told(&visit, &console, &look).await?;
            show(&visit, opened)
        }
        Err(error) => {
            if opens_nothing(&error) {
                let_go(&visit);
            }
            not_opened(&visit, error)
        }
    }
}

/// Whether it is the key that is no longer good, or not enough: after a failure or too many looks it is held on.
fn opens_nothing(error: &DeskError) -> bool {
    let DeskError::Key(refusal) = error else {
        return false;
    };
    match refusal {
        OpenRefusal::File(_)
        | OpenRefusal::Token(_)
        | OpenRefusal::Unknown
        | OpenRefusal::OtherStatement
        | OpenRefusal::Revoked { .. }
        | OpenRefusal::TooWeak(_) => true,
        OpenRefusal::Later { .. } | OpenRefusal::Randomness(_) | OpenRefusal::Store(_) => false,
    }
}

/// The form again, with what is wrong with the key.
fn not_opened(visit: &Visit, error: DeskError) -> Result<Response, Trouble> {
    let field = match &error {
        DeskError::Key(OpenRefusal::Token(_)) => "key_text",
        DeskError::Key(OpenRefusal::Store(_)) => return Err(error.into()),
        DeskError::Key(_) => "key_file",
        _ => return Err(error.into()),
    };
    let trouble = Trouble::from(error);
    let text = whole_sentence(&trouble, visit);
    refused(visit, trouble.status(), vec![Mistake::new(field, text)])
}

/// The sentence, with what the hub said besides.
pub(super) fn whole_sentence(trouble: &Trouble, visit: &Visit) -> String {
    let (sentence, detail) = trouble.sentence(visit);
    if detail.is_empty() {
        sentence
    } else {
        format!("{sentence} ({detail})")
    }
}

fn refused(visit: &Visit, status: StatusCode, errors: Vec<Mistake>) -> Result<Response, Trouble> {
    let held = false;
    visit.page_as(status, "open", Form { errors, held })
}

async fn hand_over(
    visit: Visit,
    State(console): State<Arc<Console>>,
    origin: Origin,
    form: Posted,
) -> Result<Response, Trouble> {
    let Some(key) = held(&console, &visit) else {
        return Ok(gone(&visit));
    };
    if !form.has("sure") {
        return Ok(unsure(&visit, "open.tick_hand_over"));
    }
    console
        .desk
        .hand_over_with(&presented(&key, &visit, &origin))
        .await?;
    Ok(visit.done("/open/bond", "open.handed_over", &[]))
}

async fn consent(
    visit: Visit,
    State(console): State<Arc<Console>>,
    origin: Origin,
    form: Posted,
) -> Result<Response, Trouble> {
    let Some(key) = held(&console, &visit) else {
        return Ok(gone(&visit));
    };
    if !form.has("sure") {
        return Ok(unsure(&visit, "open.tick_consent"));
    }
    console
        .desk
        .consent_with(&presented(&key, &visit, &origin))
        .await?;
    Ok(visit.done("/open", "open.consented", &[]))
}

/// A copy of the original (R23); the look it is made from is recorded.
async fn copy(
    visit: Visit,
    State(console): State<Arc<Console>>,
    origin: Origin,
) -> Result<Response, Trouble> {
    let Some(key) = held(&console, &visit) else {
        return Ok(gone(&visit));
    };
    let look = console.desk.look(&presented(&key, &visit, &origin)).await?;
    Ok(copy_file(&console.desk.copy(&look).await?))
}

/// The copy as a file.
pub(super) fn copy_file(copy: &GivenCopy) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"copy-{}.pdf\"", copy.row.id),
        ),
    ];
    (headers, copy.bytes.clone()).into_response()
}

/// The hub forgets the key.
async fn close(visit: Visit) -> Response {
    let_go(&visit);
    visit.done("/open", "open.closed", &[])
}

fn gone(visit: &Visit) -> Response {
    visit.say(&super::Flash::new("open.again", &[], false));
    visit.redirect("/open")
}

fn unsure(visit: &Visit, key: &str) -> Response {
    visit.say(&super::Flash::new(key, &[], false));
    visit.redirect("/open/bond")
}

/// The key of a form: a file, or what was typed; a pasted file is a file.
pub(super) fn key_of(form: &Posted) -> Option<HeldKey> {
    if let Some(file) = form.file("key_file").filter(|file| !file.bytes.is_empty()) {
        return Some(HeldKey::File(Zeroizing::new(file.bytes.to_vec())));
    }
    let typed = form.text("key_text");
    if typed.is_empty() {
        return None;
    }
    if typed.starts_with("BOND-KEY-FILE") {
        let mut file = typed.replace("\r\n", "\n").into_bytes();
        file.push(b'\n');
        return Some(HeldKey::File(Zeroizing::new(file)));
    }
    Some(HeldKey::Token(Zeroizing::new(typed.to_owned())))
}

pub(super) fn presented<'a>(
    shown: &'a TakenUp,
    visit: &'a Visit,
    origin: &Origin,
) -> Presented<'a> {
    Presented {
        key: shown.key.presented(),
        one_time_password: None,
        one_time_met: shown.one_time_met,
        viewer: visit.viewer(),
        from: origin.address.as_deref().and_then(|text| text.parse().ok()),
    }
}

/// The key that is held for this visit; it is held anew, and so is the cookie that names it.
pub(super) fn held(console: &Console, visit: &Visit) -> Option<TakenUp> {
    let name = visit.look()?;
    let now = console.desk.clock.now();
    let held = console.held.take_up(name, visit.name(), now)?;
    visit.set_cookie(cookie::LOOK, name, Some(SECONDS));
    Some(held)
}

fn hold(
    console: &Console,
    visit: &Visit,
    key: HeldKey,
    one_time_used: bool,
) -> Result<(), Trouble> {
    let name = token::random_name(console.desk.randomness.as_ref())?;
    let now = console.desk.clock.now();
    console
        .held
        .hold(&name, visit.name(), key, one_time_used, now);
    visit.set_cookie(cookie::LOOK, &name, Some(SECONDS));
    Ok(())
}

/// Forgets the key that is held for this visit, if there is one.
pub(super) fn let_go(visit: &Visit) {
    if let Some(name) = visit.look() {
        visit.console().held.forget(name);
        visit.clear_cookie(cookie::LOOK);
    }
}
