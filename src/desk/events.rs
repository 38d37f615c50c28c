//! Events that were set aside: corrected and sent again (R35).

use bondhub_core::{
    audit::Act,
    event::{Arrival, bids_are_open, parse_json, restore, shown},
    ports::store::{EventRow, EventState},
};
use serde_json::Value;
use uuid::Uuid;

use super::{Desk, DeskError, Refusal, Taken};
use crate::hub::read::event_place;

impl Desk {
    /// One event as those who run the hub may see it, with its content: before the bids of its case are open, without
    /// what tells of them (R21).
    pub async fn event_shown(&self, id: Uuid) -> Result<(EventRow, Value), DeskError> {
        let row = self.event(id).await?;
        let case = match &row.subject {
            Some(procurement) => self.store.case(procurement).await?,
            None => None,
        };
        let open = bids_are_open(case.as_ref().map(|case| &case.file), self.clock.now());
        let text = || Value::from(String::from_utf8_lossy(&row.body).into_owned());
        let content = serde_json::from_slice(&row.body).unwrap_or_else(|_| text());
        let content = shown(&row.kind, content, open);
        Ok((row, content))
    }

    /// One event with its bytes, unsealed: for the hub itself.
    pub async fn event(&self, id: Uuid) -> Result<EventRow, DeskError> {
        let row = self.store.event(id).await?;
        let mut row = row.ok_or_else(|| DeskError::NotFound(format!("event {id}")))?;
        if row.sealed {
            row.body = self
                .master
                .unseal(&event_place(row.id), &row.body)?
                .to_vec();
            row.sealed = false;
        }
        Ok(row)
    }

    /// Sends a set-aside event again, as it is or corrected. The original stays, marked as
    /// resubmitted; a correction that is refused changes nothing.
    pub async fn resubmit(&self, id: Uuid, with: Option<&[u8]>) -> Result<Vec<Taken>, DeskError> {
        let row = self.event(id).await?;
        if row.state != EventState::SetAside {
            let state = row.state.as_str().to_owned();
            return Err(Refusal::NotSetAside { event: id, state }.into());
        }
        let bytes = match with {
            Some(corrected) => self.restored(corrected, &row)?,
            None => row.body,
        };
        parse_json(&bytes, self.reader.max_bytes).map_err(DeskError::Rejected)?;
        let taken = self.take_again(id, &bytes).await?;
        if taken.iter().any(|one| one.state.is_none()) {
            return Err(Refusal::KnownAgain { event: id }.into());
        }
        let told = self.told(Act::EventResubmitted, format!("event:{id}"));
        let told = told.with("corrected", with.is_some());
        self.store
            .mark_resubmitted(id, self.clock.now(), &[told])
            .await?;
        Ok(taken)
    }

    /// A corrected event with what was withheld from whoever corrected it.
    fn restored(&self, corrected: &[u8], original: &EventRow) -> Result<Vec<u8>, DeskError> {
        let corrected = parse_json(corrected, self.reader.max_bytes);
        let mut corrected = corrected.map_err(DeskError::Rejected)?;
        if let Ok(original) = serde_json::from_slice(&original.body) {
            restore(&mut corrected, &original);
        }
        Ok(serde_json::to_vec(&corrected).unwrap_or_default())
    }

    async fn take_again(&self, original: Uuid, bytes: &[u8]) -> Result<Vec<Taken>, DeskError> {
        let arrival = Arrival {
            body: bytes.to_vec(),
            ..Arrival::default()
        };
        let (directory, now) = (self.directory().await?, self.clock.now());
        let mut taken = Vec::new();
        for mut event in self.reader.read(&arrival, &directory, now) {
            // The identity is taken by the original: the correction has a row of its own. So has each attempt, or the
            // second would be a duplicate of a first that was refused.
            let at = now.timestamp_micros();
            let variant = format!("again\n{original}\n{at}\n{}", event.row.digest);
            let id = EventRow::key(&event.row.identity, &variant);
            self.reader.rename(&mut event.row, id)?;
            taken.push(self.perform(event).await?);
        }
        Ok(taken)
    }
}
