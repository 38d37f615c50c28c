//! What signing in needs.

use std::sync::Arc;

use bondhub_core::ports::passkey::Site;
use bondhub_passkey::Passkeys;
use url::Url;

use crate::{
    desk::{Gatehouse, Passwords, Patience},
    settings::Settings,
};

/// The gatehouse of these settings.
pub(super) fn gatehouse(settings: &Settings) -> anyhow::Result<Gatehouse> {
    let accounts = &settings.accounts;
    let passwords = Passwords::new(
        accounts.argon2_memory_kib,
        accounts.argon2_passes,
        accounts.password_min_characters,
    )?;
    let times = [
        accounts.session_idle,
        accounts.session_length,
        accounts.invitation,
    ];
    let patience = Patience {
        per_account: accounts.failed_per_account,
        per_address: accounts.failed_per_address,
    };
    let verifier = Arc::new(Passkeys);
    let site = site(settings)?;
    Ok(Gatehouse::new(passwords, verifier, site, times, patience))
}

/// The site as browsers see it. Passkeys are bound to a host name: without a public one that is `localhost`.
fn site(settings: &Settings) -> anyhow::Result<Site> {
    let own = format!("http://localhost:{}", settings.http.listen.port());
    let origin = settings.http.public_url.clone().unwrap_or(own);
    let url = Url::parse(&origin)?;
    Ok(Site {
        id: url.host_str().unwrap_or("localhost").to_owned(),
        origin,
    })
}
