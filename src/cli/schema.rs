//! `bondhub migrate` and `bondhub check-config`.

use serde_json::json;

use super::{Failure, output::Output};
use crate::{
    assemble,
    settings::{BrokerUrl, DatabaseUrl, MailUrl, Settings},
};

/// Brings the schema up to date.
pub(super) async fn migrate(settings: &Settings, output: Output) -> Result<(), Failure> {
    assemble::migrate(settings).await.map_err(Failure::failed)?;
    output.one(&json!({"schema": "up to date"}))
}

/// Tells what the settings lead to, without secrets.
pub(super) fn check_config(settings: &Settings, output: Output) -> Result<(), Failure> {
    let database = match &settings.database.url {
        DatabaseUrl::Sqlite(path) => format!("SQLite, {}", path.display()),
        DatabaseUrl::Postgres(_) => "PostgreSQL".to_owned(),
    };
    let broker = match &settings.broker.url {
        BrokerUrl::Spool(path) => format!("the directory {}", path.display()),
        BrokerUrl::Amqp(_) => "RabbitMQ".to_owned(),
    };
    let mail = match &settings.mail.url {
        MailUrl::Files(path) => format!("files in {}", path.display()),
        MailUrl::Smtp { host, port, tls } => {
            format!(
                "{host}:{port} {}",
                if *tls { "with TLS" } else { "without TLS" }
            )
        }
    };
    output.one(&json!({
        "configuration": "valid",
        "database": database,
        "events": broker,
        "mail": mail,
        "http": settings.http.listen.to_string(),
        "zone": settings.rules.zone.to_string(),
    }))
}
