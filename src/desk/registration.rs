//! Preparing what an issuer signs: a performance bond out of its reservation (R6).

use bondhub_core::{
    bond::BondTerms,
    identifier::{BondId, BondNumber},
    reconcile::continued,
};
use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use super::{Desk, DeskError, Refusal};

impl Desk {
    /// The registration of the performance bond `number` that takes a reservation over, as a statement to sign: what
    /// `given` does not say is carried over from the reservation and its contract.
    pub async fn registration_of(
        &self,
        reservation: &BondId,
        number: &BondNumber,
        given: &Map<String, Value>,
    ) -> Result<Value, DeskError> {
        let mut bond = json!(self.continued(reservation).await?);
        if let Some(members) = bond.as_object_mut() {
            members.extend(given.clone());
        }
        let signed_at = self
            .clock
            .now()
            .to_rfc3339_opts(SecondsFormat::Micros, true);
        Ok(json!({
            "v": 1, "issuer": reservation.issuer, "signed_at": signed_at, "type": "registration",
            "number": number, "bond": bond,
        }))
    }

    /// The terms of the performance bond that continues a reservation: the reservation's, and its contract's once there is one.
    pub async fn continued(&self, reservation: &BondId) -> Result<BondTerms, DeskError> {
        let view = self.store.bond(reservation).await?;
        let view = view.ok_or_else(|| DeskError::NotFound(format!("bond {reservation}")))?;
        let case = self.case(&view.bond.terms.procurement).await?;
        let (directory, now) = (self.directory().await?, self.clock.now());
        let terms = continued(&case.file, &directory.rules, now, reservation);
        let bond = reservation.clone();
        terms.ok_or_else(|| Refusal::NoReservation { bond }.into())
    }
}
