//! `/livez`, `/readyz`, `/metrics`.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use bondhub_core::ports::store::{Channel, EventState, OutboxState};

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

/// What is not done is counted when it is asked for, and only that: it stays little, however much was done. A database
/// that is away leaves the last depths.
async fn gauge_depths(http: &Http) {
    let store = &http.desk.store;
    if let Ok(counts) = store.open_event_counts().await {
        for state in [EventState::Waiting, EventState::SetAside] {
            let count = counts.iter().find(|(one, _)| *one == state);
            let depth = depth(count.map_or(0, |(_, count)| *count));
            metrics::gauge!("bondhub_inbox_events", "state" => state.as_str()).set(depth);
        }
    }
    if let Ok(counts) = store.open_outbox_counts().await {
        let open =
            |state: &OutboxState| !matches!(state, OutboxState::Sent | OutboxState::Overtaken);
        for channel in [Channel::Mail, Channel::Event] {
            for state in OutboxState::ALL.into_iter().filter(open) {
                let mut of = counts
                    .iter()
                    .filter(|(at, is, _)| (*at, *is) == (channel, state));
                let depth = depth(of.next().map_or(0, |(.., count)| *count));
                let (channel, state) = (channel.as_str(), state.as_str());
                metrics::gauge!("bondhub_outbox_rows", "channel" => channel, "state" => state)
                    .set(depth);
            }
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float; counts stay far below 2^52"
)]
fn depth(count: u64) -> f64 {
    count as f64
}
