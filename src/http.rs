//! The HTTP side (CONTRACT §6): the JSON API, health, metrics, and the pages of [`crate::console`].
//!
//! Errors of the API are `application/problem+json` (RFC 9457), those of pages are pages.

pub mod api;
mod events;
mod health;
mod problem;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use bondhub_core::{account::Viewer, ports::queue::Submit};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::{
    console::{self, Console},
    desk::Desk,
};

pub use problem::Problem;

/// Tells whether the queue can be used, and if not, why.
pub type Readiness = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What the HTTP side works with.
pub struct Http {
    /// The use cases.
    pub desk: Arc<Desk>,
    /// Hands events to the hub's queue.
    pub submit: Arc<dyn Submit>,
    /// Whether the queue is there.
    pub ready: Readiness,
    /// Prints the metrics.
    pub metrics: PrometheusHandle,
    /// The installation's token for the API. Without one, on a loopback listener, events may be sent by anybody there.
    pub token: Option<Zeroizing<String>>,
    /// Larger requests are refused.
    pub max_bytes: usize,
    /// Larger documents with their attachments are refused.
    pub upload_max_bytes: usize,
    /// The pages.
    pub console: Arc<Console>,
}

impl Http {
    /// The account behind a bearer token.
    pub(crate) async fn viewer_of(&self, token: &str) -> Result<Viewer, Problem> {
        let viewer = self.desk.viewer_of_token(token).await;
        let viewer = viewer.map_err(|error| Problem::unavailable(error.to_string()))?;
        viewer.ok_or_else(Problem::unauthorized)
    }
}

/// The routes.
pub fn router(http: Http) -> Router {
    let http = Arc::new(http);
    let limit = DefaultBodyLimit::max(http.max_bytes);
    let pages = console::router(&http.console);
    Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .merge(api::router(&http))
        .layer(limit)
        .merge(pages)
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .with_state(http)
}

async fn not_found(State(http): State<Arc<Http>>, request: Request) -> Response {
    if is_for_programs(&request) {
        return Problem::not_found().into_response();
    }
    console::missing(&http.console, request, StatusCode::NOT_FOUND).await
}

async fn wrong_method(State(http): State<Arc<Http>>, request: Request) -> Response {
    if is_for_programs(&request) {
        return Problem::method_not_allowed().into_response();
    }
    console::missing(&http.console, request, StatusCode::METHOD_NOT_ALLOWED).await
}

fn is_for_programs(request: &Request) -> bool {
    request.uri().path().starts_with("/api/")
}

/// Serves until told to stop; requests under way are finished.
pub async fn serve(
    listen: SocketAddr,
    http: Http,
    stop: CancellationToken,
) -> std::io::Result<JoinHandle<()>> {
    let listener = TcpListener::bind(listen).await?;
    tokio::spawn(wipe_keys(Arc::clone(&http.console), stop.clone()));
    let service = router(http).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service)
        .with_graceful_shutdown(async move { stop.cancelled().await });
    Ok(tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!("HTTP ended: {error}");
        }
    }))
}

/// Keys that were shown on pages go after their time, although nobody comes any more.
async fn wipe_keys(console: Arc<Console>, stop: CancellationToken) {
    let mut minutes = tokio::time::interval(Duration::from_mins(1));
    while stop.run_until_cancelled(minutes.tick()).await.is_some() {
        console.wipe_held_keys();
    }
}
