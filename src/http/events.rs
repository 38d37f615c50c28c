//! `POST /api/v1/events`: one CloudEvent, a batch, or OCDS, handed to the hub's queue.
//!
//! What can be judged at the door is judged there: the sender is told at once what is wrong, and
//! nothing of a request is taken when a part of it is refused.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bondhub_core::{
    account::Permission,
    event::{Arrival, parse_json},
    ports::queue::Outgoing,
};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::{Http, Problem};
use crate::{
    desk::Desk,
    hub::read::{Content, Incoming, event_place, with_attachments},
};

/// Takes events.
pub(super) async fn submit(
    State(http): State<Arc<Http>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    authorise(&http, &headers).await?;
    let body = body.map_err(|error| unread(&error, http.max_bytes))?;
    parse_json(&body, http.max_bytes)?;
    let arrival = Arrival {
        content_type: header(&headers, header::CONTENT_TYPE.as_str()),
        headers: texts(&headers),
        body: body.to_vec(),
    };
    let events = judge(&http, &arrival)?;
    let ids: Vec<Value> = events
        .iter()
        .map(|event| json!({"source": event.body.get("source"), "id": event.id}))
        .collect();
    for event in events {
        http.submit
            .submit(event)
            .await
            .map_err(|error| Problem::unavailable(error.to_string()))?;
    }
    Ok((StatusCode::ACCEPTED, Json(json!({"events": ids}))).into_response())
}

/// Reads the request as the hub will read it; the first refused event refuses the request.
fn judge(http: &Http, arrival: &Arrival) -> Result<Vec<Outgoing>, Problem> {
    let desk = &http.desk;
    let directory = desk.directories.newest();
    let read = desk.reader.read(arrival, &directory, desk.clock.now());
    read.into_iter()
        .map(|event| outgoing(desk, event))
        .collect()
}

fn outgoing(desk: &Desk, event: Incoming) -> Result<Outgoing, Problem> {
    if let Content::Refused(rejection) = event.content {
        return Err(Problem::from(rejection));
    }
    let content = event.content;
    let mut row = event.row;
    if row.sealed {
        let opened = desk.master.unseal(&event_place(row.id), &row.body);
        row.body = opened
            .map_err(|error| Problem::unavailable(error.to_string()))?
            .to_vec();
    }
    let mut body = serde_json::from_slice(&row.body).unwrap_or_default();
    with_attachments(&content, &mut body);
    Ok(Outgoing {
        kind: row.kind,
        id: row.identity.id,
        content_type: "application/cloudevents+json".to_owned(),
        body,
    })
}

/// The installation's token, or one of an account that may send events; on a loopback listener without the
/// former any program of this machine may.
async fn authorise(http: &Http, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(token) = &http.token else {
        return from_a_program_here(headers);
    };
    let given = header(headers, header::AUTHORIZATION.as_str()).unwrap_or_default();
    let given = given.strip_prefix("Bearer ").unwrap_or_default();
    if bool::from(given.as_bytes().ct_eq(token.as_bytes())) {
        return Ok(());
    }
    let viewer = http.desk.viewer_of_token(given).await;
    let viewer = viewer.map_err(|error| Problem::unavailable(error.to_string()))?;
    if viewer.is_some_and(|viewer| viewer.may(Permission::SendEvents)) {
        Ok(())
    } else {
        Err(Problem::unauthorized())
    }
}

/// A page in a browser of this machine, or somebody behind a proxy, reaches a loopback listener too.
fn from_a_program_here(headers: &HeaderMap) -> Result<(), Problem> {
    let site = header(headers, "sec-fetch-site");
    let by_page = headers.contains_key(header::ORIGIN) || site.is_some_and(|site| site != "none");
    let by_proxy = ["forwarded", "x-forwarded-for"];
    if by_page || by_proxy.iter().any(|name| headers.contains_key(*name)) {
        let detail = "without http.api_token only programs on this machine may send events, no pages and no proxies";
        return Err(Problem::new(StatusCode::FORBIDDEN, "not permitted", detail));
    }
    Ok(())
}

/// A body that was not read: too long, or cut off.
fn unread(error: &BytesRejection, max_bytes: usize) -> Problem {
    let status = error.status();
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = format!("at most {max_bytes} bytes are taken");
        return Problem::new(status, "too large", detail);
    }
    Problem::new(status, "not read", error.body_text())
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn texts(headers: &HeaderMap) -> std::collections::BTreeMap<String, String> {
    let text = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}
