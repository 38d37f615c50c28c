//! The audit log: entries, head, export, verification (R70).

use std::sync::Arc;

use async_trait::async_trait;
use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use bondhub_core::{
    account::Permission, audit::Head, calendar::Timestamp, ports::store::AuditFilter,
};
use futures::{StreamExt as _, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{
    asked::Asked,
    bonds::limit,
    caller::Caller,
    route::{Need, Route},
    shapes::{Free, Listed},
};
use crate::{
    audit::{Pour, Range},
    desk::DeskError,
    http::{Http, Problem},
};

const READ: Need = Need::May(Permission::ReadAudit);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/audit", "listAudit", list)
            .needs(READ, "Entries in the order of their numbers.")
            .query::<Filter>()
            .answers::<Listed<Free>>(200, "The entries."),
        Route::get("/audit/head", "auditHead", head)
            .needs(READ, "Where the chain ends, and the heads that were signed.")
            .answers::<Heads>(200, "The head."),
        Route::get("/audit/export", "exportAudit", export)
            .needs(READ, "A run of the chain as JSON Lines; `bondhub audit verify --from` checks it offline.")
            .query::<Span>()
            .answers_with("application/jsonl", "The export."),
    ]
}

/// Which entries.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// Only on this subject, e.g. `bond:S1/B-1`.
    #[schemars(length(min = 1, max = 500))]
    subject: Option<String>,
    /// Only with a number above this one.
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_i64))]
    after: Option<u64>,
    /// At most so many; 100 if left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// Which run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Span {
    /// From this time on.
    from: Option<Timestamp>,
    /// Before this time.
    to: Option<Timestamp>,
    /// With names, addresses and amounts kept beside the chain.
    with_details: Option<bool>,
}

/// Where the chain ends.
#[derive(Debug, Serialize, JsonSchema)]
struct Heads {
    head: HeadShape,
    signed: Vec<Signed>,
}

/// A head.
#[derive(Debug, Serialize, JsonSchema)]
struct HeadShape {
    sequence: u64,
    /// 64 hexadecimal digits.
    hash: String,
}

/// A head that was signed.
#[derive(Debug, Serialize, JsonSchema)]
struct Signed {
    day: chrono::NaiveDate,
    head: HeadShape,
    /// The text that is signed.
    text: String,
    /// Detached OpenPGP signature, armored.
    signature: String,
}

impl From<Head> for HeadShape {
    fn from(head: Head) -> Self {
        let hash = json!(head)
            .get("hash")
            .and_then(Value::as_str)
            .map(str::to_owned);
        Self {
            sequence: head.sequence,
            hash: hash.unwrap_or_default(),
        }
    }
}

async fn list(
    State(http): State<Arc<Http>>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Listed<Free>>, Problem> {
    let filter = AuditFilter {
        subject: filter.subject,
        after: filter.after.unwrap_or_default(),
        limit: limit(filter.limit)?,
        ..AuditFilter::default()
    };
    let links = http.desk.store.audit_links(&filter).await;
    let links = links.map_err(DeskError::from)?;
    let rows = links.iter().map(crate::audit::entry_of);
    Ok(Json(Listed {
        items: rows.filter_map(|row| row.as_object().cloned()).collect(),
    }))
}

async fn head(State(http): State<Arc<Http>>) -> Result<Json<Heads>, Problem> {
    let store = &http.desk.store;
    let head = store.audit_head().await.map_err(DeskError::from)?;
    let signed = store.signed_heads().await.map_err(DeskError::from)?;
    let signed = signed.into_iter().map(|one| Signed {
        day: one.day,
        text: bondhub_core::audit::head_text(&one.head, one.day),
        head: one.head.into(),
        signature: one.signature,
    });
    Ok(Json(Heads {
        head: head.into(),
        signed: signed.collect(),
    }))
}

async fn export(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Asked(span): Asked<Span>,
) -> Result<Response, Problem> {
    let range = Range {
        from: span.from,
        to: span.to,
        with_details: span.with_details.unwrap_or_default(),
    };
    let (sender, mut parts) = mpsc::channel(1);
    let desk = caller.desk(&http);
    tokio::spawn(async move {
        if let Err(error) = desk.export_audit(range, &mut Parts(sender.clone())).await {
            tracing::warn!("an export of the audit log was cut off: {error}");
            drop(sender.send(Err(error)).await);
        }
    });
    // What fails before the first part is still told by the status; later the answer breaks off, without its last line.
    let first = parts.recv().await.transpose()?.unwrap_or_default();
    let rest = stream::unfold(parts, async |mut parts| {
        let part = parts.recv().await?;
        Some((part, parts))
    });
    let body = stream::iter([Ok(first)]).chain(rest);
    let kind = [(header::CONTENT_TYPE, "application/jsonl")];
    Ok((kind, Body::from_stream(body)).into_response())
}

/// The parts of an export on their way to a client: the next is read when it took the one before.
struct Parts(mpsc::Sender<Result<Vec<u8>, DeskError>>);

#[async_trait]
impl Pour for Parts {
    async fn pour(&mut self, part: Vec<u8>) -> std::io::Result<()> {
        let gone = |_| std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        self.0.send(Ok(part)).await.map_err(gone)
    }
}
