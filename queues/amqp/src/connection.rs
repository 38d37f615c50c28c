//! Opening and closing a connection, each within a limit.

use std::{future::Future, time::Duration};

use lapin::{Connection, ConnectionProperties, runtime, tcp::OwnedTLSConfig};
use tokio::time::timeout;

use crate::{fault::Fault, settings::Settings};

/// Opens a connection. `lapin` neither retries nor recovers: the owner does.
pub(crate) async fn open(settings: &Settings, purpose: &str) -> Result<Connection, Fault> {
    let uri = settings.url.with_limits(settings.heartbeat);
    let name = format!("{} {purpose}", settings.connection_name);
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let security = OwnedTLSConfig {
        identity: None,
        cert_chain: settings.authorities_pem.clone(),
    };
    let runtime = runtime::default_runtime()
        .map_err(|error| Fault::from_client("no runtime for the connection", error))?;
    let connecting = Connection::connect_uri_with_config(uri, properties, security, runtime);
    within(
        settings.connect_timeout,
        "connecting to the broker",
        connecting,
    )
    .await
}

/// Closes politely if the broker answers soon; otherwise dropping it will do.
pub(crate) async fn close(connection: &Connection) {
    const LIMIT: Duration = Duration::from_secs(2);
    if let Err(fault) = within(LIMIT, "closing", connection.close(200, "OK".into())).await {
        tracing::debug!(
            reason = fault.chain(),
            "the connection was not closed in order"
        );
    }
}

/// A step that the broker must answer within `limit`.
pub(crate) async fn within<T>(
    limit: Duration,
    step: &str,
    call: impl Future<Output = lapin::Result<T>>,
) -> Result<T, Fault> {
    match timeout(limit, call).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Fault::from_client(format!("{step} failed"), error)),
        Err(_) => Err(Fault::down(format!("{step} took longer than {limit:?}"))),
    }
}
