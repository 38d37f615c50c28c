//! What went wrong, told as a page in the visitor's language.

use std::sync::Arc;

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use bondhub_core::{
    event::Reason,
    party::Language,
    ports::{RandomnessError, store::StoreError},
};
use serde::Serialize;

use super::Visit;
use crate::{
    desk::{DeskError, Spoken},
    vault::OpenRefusal,
};

/// Why a page could not be shown or an act not be done.
#[derive(Debug)]
pub enum Trouble {
    /// There is no such page or thing, or it is not the visitor's to know.
    NotFound,
    /// The path takes another method.
    WrongMethod,
    /// Signed in, but not for this.
    NotAllowed,
    /// Nobody is signed in.
    SignInNeeded,
    /// The form's token is missing, old, or of another visit.
    FormExpired,
    /// Too much was sent.
    TooLarge {
        /// The most that is taken, in bytes.
        limit: usize,
    },
    /// The form cannot be read.
    BadForm(String),
    /// A sentence of the catalogue, by key.
    Said {
        /// The answer's status.
        status: StatusCode,
        /// Key of the sentence.
        key: &'static str,
        /// What its placeholders stand for.
        with: Vec<(&'static str, String)>,
    },
    /// A use case was not carried out.
    Desk(DeskError),
    /// The hub failed.
    Failed(String),
}

/// What is said when not even the visitor is known.
const PAGE: &str = "<!doctype html>\n<html lang=\"ja\"><head><meta charset=\"utf-8\"><title>bondhub</title></head>\
     <body><h1>ただいまご利用いただけません</h1><p>しばらくしてから、もう一度お試しください。</p>\
     <p lang=\"en\">Not available at the moment. Please try again in a while.</p></body></html>\n";

#[derive(Serialize)]
struct Told {
    title: String,
    sentence: String,
    /// What the hub said, in English; empty where the sentence tells all.
    detail: String,
}

impl Trouble {
    /// A sentence of the catalogue.
    pub fn said(status: StatusCode, key: &'static str) -> Self {
        let with = Vec::new();
        Self::Said { status, key, with }
    }

    /// The answer's status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAllowed | Self::FormExpired => StatusCode::FORBIDDEN,
            Self::SignInNeeded => StatusCode::UNAUTHORIZED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BadForm(_) => StatusCode::BAD_REQUEST,
            Self::Said { status, .. } => *status,
            Self::Desk(error) => desk_status(error),
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The sentence, and what the hub said besides.
    pub fn sentence(&self, visit: &Visit) -> (String, String) {
        let plain = |key: &str| (visit.text(key), String::new());
        match self {
            Self::NotFound => plain("trouble.not_found"),
            Self::WrongMethod => plain("trouble.wrong_method"),
            Self::NotAllowed => plain("trouble.not_allowed"),
            Self::SignInNeeded => plain("trouble.sign_in_needed"),
            Self::FormExpired => plain("trouble.form_expired"),
            Self::TooLarge { limit } => {
                let limit = format!("{} KiB", limit / 1024);
                let with = [("limit", limit.as_str())];
                (visit.text_with("trouble.too_large", &with), String::new())
            }
            Self::BadForm(detail) => (visit.text("trouble.bad_form"), detail.clone()),
            Self::Said { key, with, .. } => {
                let with: Vec<_> = with
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                (visit.text_with(key, &with), String::new())
            }
            Self::Desk(error) => desk_sentence(error, visit),
            Self::Failed(_) => plain("trouble.failed"),
        }
    }

    /// The answer when not even the visitor is known: the database is away.
    pub(super) fn bare(&self) -> Response {
        tracing::error!("a page failed: {self:?}");
        (StatusCode::SERVICE_UNAVAILABLE, Html(PAGE)).into_response()
    }

    /// The page.
    pub(super) fn page(&self, visit: &Visit) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(path = visit.path(), "a page failed: {self:?}");
        }
        let (sentence, detail) = self.sentence(visit);
        let title = visit.text(self.title());
        let told = Told {
            title,
            sentence,
            detail,
        };
        let page = visit.page_as(status, "trouble", told);
        page.unwrap_or_else(|_| (status, "").into_response())
    }

    fn title(&self) -> &'static str {
        match self.status() {
            StatusCode::NOT_FOUND => "trouble.title_not_found",
            StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => "trouble.title_not_allowed",
            status if status.is_server_error() => "trouble.title_failed",
            _ => "trouble.title_refused",
        }
    }
}

fn desk_status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::NotFound(_) => StatusCode::NOT_FOUND,
        DeskError::Key(OpenRefusal::Later { .. }) => StatusCode::TOO_MANY_REQUESTS,
        DeskError::Store(StoreError::Down { .. })
        | DeskError::Key(OpenRefusal::Store(StoreError::Down { .. })) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        error if error.is_refusal() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The sentence in the visitor's language, and what only machines and operators say, in English.
fn desk_sentence(error: &DeskError, visit: &Visit) -> (String, String) {
    let plain = |key: &str| (visit.text(key), String::new());
    let language = visit.language();
    match error {
        DeskError::NotFound(_) => plain("trouble.not_found"),
        DeskError::Refused(refusal) => (refusal.sentence(language), String::new()),
        DeskError::Certificate(refusal) => (refusal.told(language), String::new()),
        DeskError::Rejected(rejection) => {
            let key = rejection_key(rejection.reason);
            (visit.text(key), error.to_string())
        }
        DeskError::Key(refusal) => key_sentence(refusal, visit),
        DeskError::Signing(refusal) if error.is_refusal() => {
            (refusal.told(language), refusal.to_string())
        }
        error => match desk_status(error) {
            StatusCode::SERVICE_UNAVAILABLE => plain("trouble.unavailable"),
            _ => plain("trouble.failed"),
        },
    }
}

fn key_sentence(refusal: &OpenRefusal, visit: &Visit) -> (String, String) {
    let plain = |key: &str| (visit.text(key), String::new());
    let more = |key: &str, told: String| (format!("{}{told}", visit.text(key)), String::new());
    let language = visit.language();
    let told = |refusal: &dyn Spoken| match language {
        Language::Ja => refusal.told(language),
        Language::En => format!(" {}", refusal.told(language)),
    };
    match refusal {
        OpenRefusal::Unknown => plain("trouble.key_unknown"),
        OpenRefusal::OtherStatement => plain("trouble.key_changed"),
        OpenRefusal::Token(error) => more("trouble.key_typed", told(error)),
        OpenRefusal::File(error) => more("trouble.key_file", told(error)),
        OpenRefusal::TooWeak(error) => more("trouble.key_too_weak", told(error)),
        OpenRefusal::Later { seconds } => {
            let seconds = seconds.to_string();
            let with = [("seconds", seconds.as_str())];
            (visit.text_with("trouble.later", &with), String::new())
        }
        OpenRefusal::Revoked { at, reason } => {
            let at = visit.words().time(*at).text;
            let text = visit.text_with("trouble.key_revoked", &[("at", &at)]);
            (text, reason.clone())
        }
        OpenRefusal::Store(StoreError::Down { .. }) => plain("trouble.unavailable"),
        OpenRefusal::Store(_) | OpenRefusal::Randomness(_) => plain("trouble.failed"),
    }
}

/// The text about a class of rejection; where exactly it is, the hub says in English.
pub(super) fn rejection_key(reason: Reason) -> &'static str {
    match reason {
        Reason::NotJson => "rejection.not_json",
        Reason::TooLarge => "rejection.too_large",
        Reason::NotAnEvent => "rejection.not_an_event",
        Reason::UnknownType => "rejection.unknown_type",
        Reason::Invalid => "rejection.invalid",
        Reason::Conflict => "rejection.conflict",
        Reason::Signature => "rejection.signature",
        Reason::NotAllowed => "rejection.not_allowed",
        Reason::Poison => "rejection.poison",
    }
}

impl From<DeskError> for Trouble {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

impl From<RandomnessError> for Trouble {
    fn from(error: RandomnessError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<minijinja::Error> for Trouble {
    fn from(error: minijinja::Error) -> Self {
        Self::Failed(format!("{error:#}"))
    }
}

impl IntoResponse for Trouble {
    /// The gate turns this into a page.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
