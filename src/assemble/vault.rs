//! The master key, from a file or a token.

use anyhow::Context as _;
use bondhub_signing::{TokenKeyWrap, TokenUri};

use crate::{
    hub::system::SystemRandomness,
    settings::{KeyPlace, VaultSettings},
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
