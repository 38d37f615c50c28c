//! Queries, paths and bodies. What is wrong with them is told as a problem (RFC 9457).

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::http::{Http, Problem};

/// The query.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Http>> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, http: &Arc<Http>) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, http).await;
        query
            .map(|Query(query)| Self(query))
            .map_err(|error| bad("bad query", error.body_text()))
    }
}

/// The parameters of the path.
pub(super) struct Named<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<Http>> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, http: &Arc<Http>) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, http).await;
        path.map(|Path(path)| Self(path))
            .map_err(|error| bad("bad path", error.body_text()))
    }
}

/// A JSON body.
pub(super) struct Given<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<Http>> for Given<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, http: &Arc<Http>) -> Result<Self, Problem> {
        let Sent(bytes) = Sent::from_request(request, http).await?;
        read(&bytes).map(Self)
    }
}

/// A JSON body that may be left out.
pub(super) struct MayBeGiven<T>(pub(super) Option<T>);

impl<T: DeserializeOwned> FromRequest<Arc<Http>> for MayBeGiven<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, http: &Arc<Http>) -> Result<Self, Problem> {
        let Sent(bytes) = Sent::from_request(request, http).await?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        read(&bytes).map(|body| Self(Some(body)))
    }
}

/// A body as it came.
pub(super) struct Sent(pub(super) Bytes);

impl FromRequest<Arc<Http>> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, http: &Arc<Http>) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, http).await;
        bytes.map(Self).map_err(|error| {
            if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
                let detail = format!(
                    "at most {} bytes are taken, of documents {}",
                    http.max_bytes, http.upload_max_bytes
                );
                return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too large", detail);
            }
            bad("not read", error.body_text())
        })
    }
}

pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader);
    let value = read.map_err(|error| {
        let place = error.path().to_string().replace('.', "/");
        let place = if place == "/" {
            String::new()
        } else {
            format!("/{place}: ")
        };
        let error = error.into_inner();
        if error.is_data() {
            let detail = format!("{place}{error}");
            return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not acceptable", detail);
        }
        bad("not JSON", error.to_string())
    })?;
    reader
        .end()
        .map_err(|error| bad("not JSON", error.to_string()))?;
    Ok(value)
}

/// Whether a body is said to be JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim() == "application/json"
}

/// A request that cannot be understood.
pub(super) fn bad(title: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, title, detail)
}
