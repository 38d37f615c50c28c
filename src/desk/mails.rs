//! Mails whose fate a person decides (R52).

use bondhub_core::{audit::Act, ports::store::Resolution};
use serde_json::json;
use uuid::Uuid;

use super::{Desk, DeskError, Refusal};

impl Desk {
    /// Decides about a mail that failed or whose fate nobody knows.
    pub async fn resolve_mail(&self, id: Uuid, resolution: Resolution) -> Result<(), DeskError> {
        let told = self
            .told(Act::MailResolved, format!("mail:{id}"))
            .with("resolution", json!(resolution));
        let now = self.clock.now();
        let store = &self.store;
        if store.resolve(id, resolution, now, &[told]).await? {
            return Ok(());
        }
        Err(Refusal::MailSettled { mail: id }.into())
    }
}
