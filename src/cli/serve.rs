//! `bondhub serve`: the hub until it is told to stop.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::{JoinHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;

use super::Failure;
use crate::{
    assemble,
    desk::{Desk, watch_certificates, watch_exposures, watch_lists},
    http,
    settings::Settings,
    telemetry,
};

/// Runs the hub. SIGTERM or SIGINT lets it finish what it has taken; the second one ends it at once.
pub(super) async fn run(settings: Settings) -> Result<(), Failure> {
    telemetry::start(&settings.log);
    let metrics = telemetry::metrics().map_err(Failure::failed)?;
    // Before anything is taken: a signal that comes early must not cut it off.
    let mut signals = Signals::listen().map_err(Failure::failed)?;
    let mut house = assemble::house(&settings).await.map_err(Failure::failed)?;
    let stop = CancellationToken::new();
    let page = page(&house, &settings, metrics).map_err(Failure::failed)?;
    let served = http::serve(settings.http.listen, page, stop.clone());
    let served = served
        .await
        .context("cannot serve HTTP")
        .map_err(Failure::failed)?;
    let mut watch = watch(&house.desk, &stop);
    tracing::info!(listen = %settings.http.listen, "the hub is open");
    let ended = tokio::select! {
        () = signals.next() => Ok(()),
        error = house.running.failed() => Err(Failure::failed(error)),
    };
    tracing::info!("finishing what was taken");
    stop.cancel();
    let finished = async {
        house.running.stop().await;
        drained(served).await
    };
    tokio::select! {
        done = finished => done?,
        () = signals.next() => tracing::warn!("told twice to stop: what is under way is cut off"),
    }
    watch.abort_all();
    ended
}

/// What is looked after beside the path of events.
fn watch(desk: &Desk, stop: &CancellationToken) -> JoinSet<()> {
    let mut watch = JoinSet::new();
    watch.spawn(watch_certificates(desk.clone(), stop.clone()));
    watch.spawn(watch_lists(desk.clone(), stop.clone()));
    watch.spawn(watch_exposures(desk.clone(), stop.clone()));
    watch
}

/// How long a client may take to finish a request when the hub stops.
const DRAIN: Duration = Duration::from_secs(30);

/// Requests under way are finished, but no client keeps the hub open for ever.
async fn drained(mut served: JoinHandle<()>) -> Result<(), Failure> {
    let Ok(done) = tokio::time::timeout(DRAIN, &mut served).await else {
        tracing::warn!("a client did not finish its request in time: it is cut off");
        served.abort();
        return Ok(());
    };
    done.map_err(Failure::failed)
}

/// The HTTP side of a hub.
pub(super) fn page(
    house: &assemble::House,
    settings: &Settings,
    metrics: PrometheusHandle,
) -> anyhow::Result<http::Http> {
    Ok(http::Http {
        console: assemble::console(&house.desk, settings)?,
        desk: Arc::clone(&house.desk),
        submit: Arc::clone(&house.submit),
        ready: readiness(house),
        metrics,
        token: settings
            .http
            .api_token
            .as_ref()
            .map(|token| token.expose().to_owned().into()),
        max_bytes: settings.http.request_max_bytes,
        upload_max_bytes: settings.http.upload_max_bytes,
    })
}

fn readiness(house: &assemble::House) -> http::Readiness {
    let broker = house.broker.clone();
    Box::new(move || match &broker {
        None => Ok(()),
        Some(broker) => {
            let intake = broker.status().intake;
            let why = || {
                intake
                    .last_error
                    .unwrap_or_else(|| "not connected yet".to_owned())
            };
            intake
                .connected_since
                .map(|_| ())
                .ok_or_else(|| format!("RabbitMQ: {}", why()))
        }
    })
}

/// Waits for SIGTERM or SIGINT.
pub(super) async fn told_to_stop() -> std::io::Result<()> {
    Signals::listen()?.next().await;
    Ok(())
}

/// SIGTERM and SIGINT, kept from the moment on they are listened to.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The next of either.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
