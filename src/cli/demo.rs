//! `bondhub demo`.

use std::{net::SocketAddr, path::PathBuf};

use bondhub_core::party::Language;
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::{
    Failure,
    output::print_line,
    serve::{self, told_to_stop},
};
use crate::{demo, telemetry};

/// Plays both business flows on the embedded default.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Where everything goes; must be empty or not there.
    #[arg(long, value_name = "DIR", default_value = "demo-data")]
    dir: PathBuf,
    /// Where the page is served afterwards: a loopback address.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// End after the play instead of serving the page.
    #[arg(long)]
    exit: bool,
    /// The language of the account: en or ja.
    #[arg(long, default_value = "en", value_parser = read_language)]
    language: Language,
}

fn read_language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "expected ja or en".to_owned())
}

impl Demo {
    /// Plays.
    pub(super) async fn run(self) -> Result<(), Failure> {
        if !self.listen.ip().is_loopback() {
            let problem = "--listen: expected a loopback address, since the demonstration is open to whoever reaches it";
            return Err(Failure::misused(problem));
        }
        let metrics = telemetry::metrics().map_err(Failure::failed)?;
        let stage = demo::play(self.dir, self.language, self.listen)
            .await
            .map_err(Failure::failed)?;
        if !self.exit {
            let stop = CancellationToken::new();
            let page = serve::page(&stage.house, &stage.settings, metrics);
            let page = page.map_err(Failure::failed)?;
            let served = crate::http::serve(self.listen, page, stop.clone());
            let served = served.await.map_err(Failure::failed)?;
            print_line("");
            print_line(&format!(
                "The hub goes on at {} (Ctrl-C ends it)",
                address(self.listen)
            ));
            told_to_stop().await.map_err(Failure::failed)?;
            stop.cancel();
            served.await.map_err(Failure::failed)?;
        }
        stage.house.running.stop().await;
        Ok(())
    }
}

/// Where a browser finds the hub. On this machine that is `localhost`: passkeys are bound to a name and take no number.
fn address(listen: SocketAddr) -> String {
    if listen.ip().is_loopback() {
        format!("http://localhost:{}/", listen.port())
    } else {
        format!("http://{listen}/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_this_machine_the_address_is_one_that_passkeys_take() {
        let shown = |text: &str| address(text.parse().unwrap());
        assert_eq!(shown("127.0.0.1:8080"), "http://localhost:8080/");
        assert_eq!(shown("[::1]:8080"), "http://localhost:8080/");
        assert_eq!(shown("192.0.2.1:80"), "http://192.0.2.1:80/");
    }
}
