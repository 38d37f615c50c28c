//! The audit log's signer, for the hub and for the command line.

use std::sync::Arc;

use bondhub_core::ports::{Clock as _, openpgp::SignText, store::Store};
use bondhub_openpgp::{HubKey, Sealer};

use super::read;
use crate::{audit::HeadSigner, hub::system::SystemClock, settings::Settings};

/// Signs heads without a hub.
pub async fn head_signer(settings: &Settings) -> anyhow::Result<HeadSigner> {
    let store = super::store(settings).await?;
    let bytes = read(&settings.openpgp.hub_key_file)?;
    let key = HubKey::load(&bytes, None, SystemClock.now())?;
    Ok(head_signer_on(settings, store, Arc::new(Sealer::new(key))))
}

/// Signs heads beside everything else.
pub(super) fn head_signer_on(
    settings: &Settings,
    store: Arc<dyn Store>,
    signer: Arc<dyn SignText>,
) -> HeadSigner {
    let zone = settings.rules.to_policy().zone;
    let mut heads = HeadSigner::new(store, signer, zone);
    heads.folder.clone_from(&settings.audit.heads_dir);
    heads.keep_details = settings.audit.keep_details;
    heads
}
