//! `bondhub serve`: the hub until it is told to stop.

use std::sync::Arc;

use anyhow::Context as _;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::Failure;
use crate::{assemble, http, settings::Settings, telemetry};

/// Runs the hub. SIGTERM or SIGINT lets it finish what it has taken; the second one ends it at once.
pub(super) async fn run(settings: Settings) -> Result<(), Failure> {
    telemetry::start(&settings.log);
    let metrics = telemetry::metrics().map_err(Failure::failed)?;
    let mut house = assemble::house(&settings).await.map_err(Failure::failed)?;
    let stop = CancellationToken::new();
    let page = page(&house, &settings, metrics);
    let served = http::serve(settings.http.listen, page, stop.clone());
    let served = served
        .await
        .context("cannot serve HTTP")
        .map_err(Failure::failed)?;
    tracing::info!(listen = %settings.http.listen, "the hub is open");
    let ended = tokio::select! {
        signal = told_to_stop() => signal.map_err(Failure::failed),
        error = house.running.failed() => Err(Failure::failed(error)),
    };
    tracing::info!("finishing what was taken");
    stop.cancel();
    tokio::select! {
        () = house.running.stop() => {}
        again = told_to_stop() => again.map_err(Failure::failed)?,
    }
    served.await.map_err(Failure::failed)?;
    ended
}

/// The HTTP side of a hub.
pub(super) fn page(
    house: &assemble::House,
    settings: &Settings,
    metrics: PrometheusHandle,
) -> http::Http {
    http::Http {
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
    }
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
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
