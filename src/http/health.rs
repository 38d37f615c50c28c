//! `/livez`, `/readyz`, `/metrics`.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Http, Problem};

/// The process answers.
pub(super) async fn livez() -> &'static str {
    "alive\n"
}

/// Database and queue can be used.
pub(super) async fn readyz(State(http): State<Arc<Http>>) -> Result<&'static str, Problem> {
    let pinged = http.desk.store.ping().await;
    pinged.map_err(|_| Problem::unavailable("the database does not answer"))?;
    (http.ready)().map_err(Problem::unavailable)?;
    Ok("ready\n")
}

/// What was counted, and how much waits.
pub(super) async fn metrics(State(http): State<Arc<Http>>) -> Response {
    gauge_depths(&http).await;
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (StatusCode::OK, kind, http.metrics.render()).into_response()
}

/// Depths are read when they are asked for; a database that is away leaves the last ones.
async fn gauge_depths(http: &Http) {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a gauge is a float; counts stay far below 2^52"
    )]
    let depth = |count: u64| count as f64;
    if let Ok(counts) = http.desk.store.event_counts().await {
        for (state, count) in counts {
            metrics::gauge!("bondhub_inbox_events", "state" => state.as_str()).set(depth(count));
        }
    }
    if let Ok(counts) = http.desk.store.outbox_counts().await {
        for (channel, state, count) in counts {
            let (channel, state) = (channel.as_str(), state.as_str());
            metrics::gauge!("bondhub_outbox_rows", "channel" => channel, "state" => state)
                .set(depth(count));
        }
    }
}
