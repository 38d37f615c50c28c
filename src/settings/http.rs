//! Section `http`.

use std::net::SocketAddr;

use super::{Secret, SettingsError, section::Section};

/// Shorter tokens can be guessed.
const TOKEN_MIN_CHARACTERS: usize = 16;

/// The console and the API.
#[derive(Debug)]
pub struct HttpSettings {
    /// Where to listen. Without an `api_token` a loopback address, and no proxy before it.
    pub listen: SocketAddr,
    /// Bearer token for `POST /api/v1/events`.
    pub api_token: Option<Secret>,
    /// Larger requests are refused.
    pub request_max_bytes: usize,
    /// The origin browsers see, such as `https://bonds.example.jp`; none for the address listened at.
    pub public_url: Option<String>,
    /// Larger uploads on the pages are refused.
    pub upload_max_bytes: usize,
}

impl HttpSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        let settings = Self {
            listen: listen(section)?,
            api_token: api_token(section)?,
            request_max_bytes: section.number("request_max_bytes", 1024..=67_108_864)?,
            public_url: public_url(section)?,
            upload_max_bytes: section.number("upload_max_bytes", 1_048_576..=1_073_741_824)?,
        };
        settings.check_openness(section)?;
        Ok(settings)
    }

    /// Without a token whoever reaches the listener may send events, so nobody beyond this machine may reach it.
    fn check_openness(&self, section: &Section<'_>) -> Result<(), SettingsError> {
        if self.api_token.is_some() {
            return Ok(());
        }
        if !self.listen.ip().is_loopback() {
            let problem = "expected a loopback address such as 127.0.0.1:8080, or an \
                           http.api_token(_file) with it";
            return Err(section.invalid("listen", problem));
        }
        if self.public_url.is_some() {
            let problem = "expected an http.api_token(_file) with it: what a proxy publishes, anybody can reach";
            return Err(section.invalid("public_url", problem));
        }
        Ok(())
    }
}

fn listen(section: &Section<'_>) -> Result<SocketAddr, SettingsError> {
    let text = section.text("listen")?;
    text.parse()
        .map_err(|_| section.invalid("listen", "expected address and port: 127.0.0.1:8080"))
}

/// Scheme and host only: the pages are served at the root.
fn public_url(section: &Section<'_>) -> Result<Option<String>, SettingsError> {
    let text = section.text("public_url")?;
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || {
        let problem = "expected scheme and host without a path: https://bonds.example.jp";
        section.invalid("public_url", problem)
    };
    let url = url::Url::parse(&text).map_err(|_| wrong())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let known = matches!(url.scheme(), "https" | "http") && url.username().is_empty();
    if bare && known {
        Ok(Some(url.origin().ascii_serialization()))
    } else {
        Err(wrong())
    }
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
