//! Section `http`.

use std::net::SocketAddr;

use super::{Secret, SettingsError, section::Section};

/// Shorter tokens can be guessed.
const TOKEN_MIN_CHARACTERS: usize = 16;

/// The console and the API.
#[derive(Debug)]
pub struct HttpSettings {
    /// Where to listen. A loopback address if there is no `api_token`.
    pub listen: SocketAddr,
    /// Bearer token for `POST /api/v1/events`.
    pub api_token: Option<Secret>,
    /// Larger requests are refused.
    pub request_max_bytes: usize,
}

impl HttpSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        let settings = Self {
            listen: listen(section)?,
            api_token: api_token(section)?,
            request_max_bytes: section.number("request_max_bytes", 1024..=67_108_864)?,
        };
        if settings.api_token.is_none() && !settings.listen.ip().is_loopback() {
            let problem = "expected a loopback address such as 127.0.0.1:8080, or an \
                           http.api_token(_file) with it";
            return Err(section.invalid("listen", problem));
        }
        Ok(settings)
    }
}

fn listen(section: &Section<'_>) -> Result<SocketAddr, SettingsError> {
    let text = section.text("listen")?;
    text.parse()
        .map_err(|_| section.invalid("listen", "expected address and port: 127.0.0.1:8080"))
}

fn api_token(section: &Section<'_>) -> Result<Option<Secret>, SettingsError> {
    let token = section.secret("api_token")?;
    let sound = |token: &Secret| {
        token.expose().len() >= TOKEN_MIN_CHARACTERS
            && token.expose().chars().all(|c| c.is_ascii_graphic())
    };
    if token.as_ref().is_none_or(sound) {
        return Ok(token);
    }
    let problem = format!(
        "expected at least {TOKEN_MIN_CHARACTERS} visible ASCII characters, e.g. of `openssl rand -hex 32`"
    );
    Err(section.invalid("api_token", &problem))
}
