//! The master key, from a file or a token; what makes copies.

use std::sync::Arc;

use anyhow::Context as _;
use bondhub_core::ports::paper::MakeReport;
use bondhub_pdf::Paper;
use bondhub_signing::{TokenKeyWrap, TokenUri};
use tokio::sync::Semaphore;

use crate::{
    desk::{COPIES_AT_ONCE, Copies},
    hub::system::SystemRandomness,
    settings::{KeyPlace, Settings, VaultSettings},
    vault::{Master, MasterKey},
};

/// The configured master key, and the others that are read beside it.
pub(super) fn master_key(settings: &VaultSettings) -> anyhow::Result<MasterKey> {
    let others: anyhow::Result<Vec<Master>> =
        settings.other_master_keys.iter().map(master).collect();
    let key = MasterKey::of(master(&settings.place())?, others?);
    key.ready(&SystemRandomness)?;
    Ok(key)
}

fn master(place: &KeyPlace) -> anyhow::Result<Master> {
    match place {
        KeyPlace::File(path) => Ok(Master::file(path)?),
        KeyPlace::Token(uri) => {
            let uri = TokenUri::parse(uri)?;
            let key = TokenKeyWrap::open(&uri, None)
                .with_context(|| format!("the master key {} cannot be used", uri.as_str()))?;
            Ok(Master::token(&uri.identity(), Box::new(key)))
        }
    }
}

/// Makes a master key in a token; there must be none of its name.
pub fn make_token_key(uri: &str) -> anyhow::Result<()> {
    let uri = TokenUri::parse(uri)?;
    TokenKeyWrap::generate(&uri, None)?;
    Ok(())
}

/// Reports as PDF.
pub(super) fn reports() -> Arc<dyn MakeReport> {
    Arc::new(Paper)
}

/// Copies as PDF; their QR codes lead to the hub's public address.
pub(super) fn copies(settings: &Settings) -> Copies {
    Copies {
        maker: Arc::new(Paper),
        public_url: settings.http.public_url.clone(),
        turns: Arc::new(Semaphore::new(COPIES_AT_ONCE)),
    }
}
