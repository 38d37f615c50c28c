//! Errors as `application/problem+json` (RFC 9457).

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bondhub_core::{
    event::{Reason, Rejection},
    ports::{signing::SignError, store::StoreError},
};
use serde_json::json;

use crate::{desk::DeskError, hub::lane::BatchError, vault::OpenRefusal};

/// An error for a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
    pointer: Option<String>,
}

impl Problem {
    /// A problem without a place.
    pub fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            title,
            detail: detail.into(),
            pointer: None,
        }
    }

    /// No or a wrong token.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "not authorised",
            "send the API token as Bearer token",
        )
    }

    /// There is no such path.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not found", "there is no such path")
    }

    /// What a path names is not there.
    pub fn missing(what: impl std::fmt::Display) -> Self {
        let detail = format!("{what} is not known");
        Self::new(StatusCode::NOT_FOUND, "not found", detail)
    }

    /// The path is there, but not for this method.
    pub fn method_not_allowed() -> Self {
        let detail = "the path takes another method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "not allowed", detail)
    }

    /// The queue or the database is away.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not available", detail)
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let (status, title) = match rejection.reason {
            Reason::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too large"),
            Reason::NotJson => (StatusCode::BAD_REQUEST, "not JSON"),
            Reason::NotAnEvent => (StatusCode::UNPROCESSABLE_ENTITY, "not an event"),
            Reason::UnknownType => (StatusCode::UNPROCESSABLE_ENTITY, "unknown type"),
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "not acceptable"),
        };
        Self {
            status,
            title,
            detail: rejection.message,
            pointer: rejection.pointer,
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        let detail = error.to_string();
        match error {
            DeskError::Rejected(rejection) => rejection.into(),
            DeskError::NotFound(_) => Self::new(StatusCode::NOT_FOUND, "not found", detail),
            DeskError::Key(refusal) => Self::from_key(&refusal, detail),
            DeskError::Store(error) | DeskError::Batch(BatchError::Store(error)) => {
                Self::from_store(&error, detail)
            }
            // Unavailable: a token, or its PIN, that is not where the caller says it is.
            error if error.is_refusal() || is_unavailable(&error) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not acceptable", detail)
            }
            error => Self::failed(&error),
        }
    }
}

fn is_unavailable(error: &DeskError) -> bool {
    matches!(error, DeskError::Signing(SignError::Unavailable(_)))
}

impl Problem {
    fn from_key(refusal: &OpenRefusal, detail: String) -> Self {
        match refusal {
            OpenRefusal::File(_) | OpenRefusal::Token(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not a key", detail)
            }
            OpenRefusal::Unknown
            | OpenRefusal::OtherStatement
            | OpenRefusal::Revoked { .. }
            | OpenRefusal::TooWeak(_) => Self::new(StatusCode::FORBIDDEN, "not opened", detail),
            OpenRefusal::Later { .. } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too many looks", detail)
            }
            OpenRefusal::Store(error) => Self::from_store(error, detail),
            OpenRefusal::Randomness(error) => Self::failed(error),
        }
    }

    fn from_store(error: &StoreError, detail: String) -> Self {
        match error {
            StoreError::Down { .. } | StoreError::Conflict => Self::unavailable(detail),
            StoreError::Refused { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not acceptable", detail)
            }
            StoreError::Unreadable { .. } => Self::failed(error),
        }
    }

    /// The hub failed; what exactly stands in the log, not in the answer.
    fn failed(error: &dyn std::error::Error) -> Self {
        tracing::error!("a request failed: {error}");
        let detail = "the hub failed; its log says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "pointer": self.pointer,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, kind, body.to_string()).into_response()
    }
}
