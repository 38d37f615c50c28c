//! Events that were set aside: corrected and sent again (R35).

use bondhub_core::{
    audit::Act,
    event::{Arrival, parse_json},
    ports::store::{EventRow, EventState},
};
use uuid::Uuid;

use super::{Desk, DeskError, Refusal, Taken};
use crate::hub::read::event_place;

impl Desk {
    /// One event with its bytes, unsealed.
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
        let bytes = with.unwrap_or(&row.body);
        parse_json(bytes, self.reader.max_bytes).map_err(DeskError::Rejected)?;
        let taken = self.take_again(bytes).await?;
        let told = self.told(Act::EventResubmitted, format!("event:{id}"));
        let told = told.with("corrected", with.is_some());
        self.store
            .mark_resubmitted(id, self.clock.now(), &[told])
            .await?;
        Ok(taken)
    }

    async fn take_again(&self, bytes: &[u8]) -> Result<Vec<Taken>, DeskError> {
        let arrival = Arrival {
            body: bytes.to_vec(),
            ..Arrival::default()
        };
        let directory = self.directories.newest();
        let mut taken = Vec::new();
        for mut event in self.reader.read(&arrival, &directory, self.clock.now()) {
            // The identity is taken by the original: the correction has a row of its own.
            let variant = format!("again\n{}", event.row.digest);
            let id = EventRow::key(&event.row.identity, &variant);
            self.reader.rename(&mut event.row, id)?;
            taken.push(self.perform(event).await?);
        }
        Ok(taken)
    }
}
