//! Errors as `application/problem+json` (RFC 9457).

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bondhub_core::event::{Reason, Rejection};
use serde_json::json;

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
