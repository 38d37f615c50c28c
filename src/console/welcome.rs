//! The first password and one-time password, chosen with an invitation.

use axum::{http::StatusCode, response::Response};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    Access, Posted, Route, Trouble, Visit,
    origin::Origin,
    qr::QrCode,
    sign_in::{Wrong, keep, sentence},
};
use crate::desk::{SignInRefusal, TotpOffer, Welcome, WelcomeTrouble};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/welcome", Access::Anyone, page),
        Route::post("/welcome", Access::Anyone, choose),
        Route::post("/welcome/confirm", Access::Anyone, confirm),
    ]
}

#[derive(Default, Serialize)]
struct Tells {
    name: String,
    errors: Vec<Wrong>,
}

async fn page(visit: Visit) -> Result<Response, Trouble> {
    visit.page("welcome", Tells::default())
}

async fn choose(visit: Visit, origin: Origin, form: Posted) -> Result<Response, Trouble> {
    let again = |text: String, field, status| {
        let tells = Tells {
            name: form.text("name").to_owned(),
            errors: vec![Wrong { field, text }],
        };
        visit.page_as(status, "welcome", tells)
    };
    if form.exact("password") != form.exact("password_again") {
        let text = visit.text("welcome.differ");
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return again(text, "password_again", status);
    }
    let welcome = Welcome {
        name: form.text("name"),
        code: form.text("invitation"),
        password: form.exact("password"),
        address: origin.address.as_deref(),
    };
    match visit.console().desk.welcome(welcome).await {
        Ok(offer) => offered(&visit, StatusCode::OK, &offer, "/welcome/confirm", &[]),
        Err(refusal) => {
            let field = match refusal {
                SignInRefusal::Desk(_) => "password",
                SignInRefusal::Wrong | SignInRefusal::Later { .. } => "invitation",
            };
            let text = match refusal {
                SignInRefusal::Wrong => {
                    let text = visit.text("welcome.wrong");
                    (StatusCode::UNPROCESSABLE_ENTITY, text)
                }
                other => sentence(&visit, other)?,
            };
            again(text.1, field, text.0)
        }
    }
}

async fn confirm(visit: Visit, origin: Origin, form: Posted) -> Result<Response, Trouble> {
    let (address, agent) = (origin.address.as_deref(), origin.agent.as_deref());
    let desk = &visit.console().desk;
    let (offer, code) = (form.text("offer"), form.text("code"));
    let chosen = desk.welcome_with(offer, code, address, agent, visit.session());
    match chosen.await {
        Ok(chosen) => {
            keep(&visit, &chosen.began);
            recovery_codes(&visit, &chosen.recovery)
        }
        Err(WelcomeTrouble::Again(offer)) => wrong_code(&visit, &offer, "/welcome/confirm"),
        Err(WelcomeTrouble::Over(SignInRefusal::Desk(error))) if !error.is_refusal() => {
            Err(error.into())
        }
        Err(WelcomeTrouble::Over(_)) => Err(Trouble::said(
            StatusCode::UNPROCESSABLE_ENTITY,
            "welcome.over",
        )),
    }
}

#[derive(Serialize)]
struct Offered<'a> {
    confirm: &'static str,
    offer: &'a str,
    account: &'a str,
    secret: &'a str,
    address: &'a str,
    qr: QrCode,
    errors: &'a [Wrong],
}

/// The page that shows a secret as QR code and text, and asks for its first one-time password.
pub(super) fn offered(
    visit: &Visit,
    status: StatusCode,
    offer: &TotpOffer,
    confirm: &'static str,
    errors: &[Wrong],
) -> Result<Response, Trouble> {
    let qr = QrCode::of(&offer.address)
        .ok_or_else(|| Trouble::Failed("the address is too long for a QR code".to_owned()))?;
    let tells = Offered {
        confirm,
        offer: &offer.id,
        account: offer.account.as_str(),
        secret: &offer.text,
        address: &offer.address,
        qr,
        errors,
    };
    visit.page_as(status, "one_time", tells)
}

/// The same once more: the first one-time password was not right.
pub(super) fn wrong_code(
    visit: &Visit,
    offer: &TotpOffer,
    confirm: &'static str,
) -> Result<Response, Trouble> {
    let wrong = Wrong {
        field: "code",
        text: visit.text("one_time.wrong"),
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    offered(visit, status, offer, confirm, &[wrong])
}

#[derive(Serialize)]
struct Codes<'a> {
    codes: Vec<&'a str>,
}

/// The page that shows recovery codes, once.
pub(super) fn recovery_codes(
    visit: &Visit,
    codes: &[Zeroizing<String>],
) -> Result<Response, Trouble> {
    let codes = codes.iter().map(|code| code.as_str()).collect();
    visit.page("recovery_codes", Codes { codes })
}
