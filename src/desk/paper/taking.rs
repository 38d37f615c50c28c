//! Taking an accepted list, to its end, whoever begins it.
//!
//! What a row leads to is an event made from the list alone: taken again it is the event that is known, and changes
//! nothing. So whoever finds a list left may go on with it, even beside the one who has only been slow.

use std::time::Duration;

use bondhub_core::{
    audit::Actor,
    calendar::Timestamp,
    identifier::{BondId, PartyCode},
    ports::store::{AcceptedList, EventState, PaperDeed, PaperRow},
    procurement::BondFact,
};
use chrono::TimeDelta;
use futures::{FutureExt as _, TryStreamExt as _, stream::FuturesOrdered};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{AT_ONCE, in_number};
use crate::{
    desk::{Desk, DeskError},
    hub::{
        decide::{Outcome, Work},
        lane::BatchError,
        read::Incoming,
    },
    paper::{Fault, Place},
};

/// A list at which nobody has worked for so long is left.
const LEFT_AFTER: TimeDelta = TimeDelta::minutes(1);
/// A list that was not accepted after so long never will be.
const DROPPED_AFTER: TimeDelta = TimeDelta::days(1);
/// So many batches of a list are on their way at once: while the database writes one, the next is made.
const SIDE_BY_SIDE: usize = 2;
const PAUSE: Duration = Duration::from_mins(1);

/// Looks for lists that were left, until told to stop.
pub async fn watch_lists(desk: Desk, stop: CancellationToken) {
    let desk = desk.by(Actor::Hub);
    loop {
        if let Err(error) = desk.look_after_lists().await {
            tracing::warn!("lists of paper bonds cannot be looked after: {error}");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

impl Desk {
    async fn look_after_lists(&self) -> Result<(), DeskError> {
        let now = self.clock.now();
        self.store.drop_lists(now - DROPPED_AFTER).await?;
        self.take_lists_left(now - LEFT_AFTER, None).await?;
        Ok(())
    }

    /// Takes accepted lists that nobody has worked at since, of one issuer or of all; tells how many.
    pub async fn take_lists_left(
        &self,
        since: Timestamp,
        issuer: Option<&PartyCode>,
    ) -> Result<usize, DeskError> {
        let mut left = self.store.lists_left(since).await?;
        left.retain(|one| issuer.is_none_or(|issuer| one.list.issuer == *issuer));
        for accepted in &left {
            tracing::info!(list = %accepted.list.id, taken = accepted.taken, "a list of paper bonds was left, going on");
            for place in self.take_list(accepted).await? {
                tracing::warn!(list = %accepted.list.id, line = place.line, "a row was refused");
            }
        }
        Ok(left.len())
    }

    /// Takes the rest of a list; tells the rows that the hub refused, because something else came between.
    ///
    /// Some batches are on their way at once; how far the list is taken is noted in their order. One that was committed
    /// and not noted is taken again by whoever goes on, which changes nothing.
    pub(super) async fn take_list(&self, accepted: &AcceptedList) -> Result<Vec<Place>, DeskError> {
        let list = &accepted.list;
        let (mut under_way, mut read) = (FuturesOrdered::new(), accepted.taken);
        let mut refused = Vec::new();
        let at_once = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
        loop {
            while under_way.len() < SIDE_BY_SIDE {
                let rows = self.store.rows_after(list.id, read, at_once).await?;
                let Some(row) = rows.last() else {
                    break;
                };
                read = row.line;
                under_way.push_back(self.begin_commit(accepted, rows));
            }
            let Some((to_line, places)) = under_way.try_next().await? else {
                break;
            };
            refused.extend(places);
            let now = self.clock.now();
            self.store.rows_taken(list.id, to_line, now).await?;
        }
        self.store.end_list(list.id).await?;
        Ok(refused)
    }

    /// A task of its own: a commit that waits for us to go on with it would hold a connection that we wait for.
    fn begin_commit(
        &self,
        accepted: &AcceptedList,
        rows: Vec<PaperRow>,
    ) -> impl Future<Output = Result<(u64, Vec<Place>), DeskError>> + use<> {
        let (desk, accepted) = (self.clone(), accepted.clone());
        let task = tokio::spawn(async move { desk.commit_rows(&accepted, rows).await });
        task.map(|done| done.map_err(|_| BatchError::Panic)?)
    }

    /// Takes rows in one transaction; tells the last one's line, and what was refused.
    async fn commit_rows(
        &self,
        accepted: &AcceptedList,
        rows: Vec<PaperRow>,
    ) -> Result<(u64, Vec<Place>), DeskError> {
        let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
        let last = lines.last().copied().unwrap_or_default();
        let events: Vec<Incoming> = rows
            .into_iter()
            .map(|row| self.event_of_row(accepted, row))
            .collect();
        let ids: Vec<_> = events.iter().map(|event| event.row.id).collect();
        let works = events
            .into_iter()
            .map(|event| Work::Event(Box::new(event)))
            .collect();
        let outcomes = self.bench.perform_all(works).await?;
        let mut refused = Vec::new();
        for ((line, id), outcome) in lines.into_iter().zip(ids).zip(outcomes) {
            if outcome == Outcome::Taken(EventState::SetAside) {
                let why = self.store.event(id).await?.and_then(|row| row.rejection);
                let why = why.map_or_else(String::new, |rejection| rejection.to_string());
                refused.push(in_number(line, Fault::Refused { why }));
            }
        }
        Ok((last, refused))
    }

    fn event_of_row(&self, accepted: &AcceptedList, row: PaperRow) -> Incoming {
        let bond = BondId::new(accepted.list.issuer.clone(), row.number);
        let by = &accepted.list.entered_by;
        let said = json!({"act": "paper", "bond": bond, "terms": row.terms, "by": by});
        let procurement = row.terms.procurement.clone();
        let fact = match row.deed {
            PaperDeed::Update => BondFact::Updated(row.terms),
            PaperDeed::Add | PaperDeed::Nothing => BondFact::Registered(row.terms),
        };
        self.event_of(&bond, procurement, fact, &said, accepted.accepted_at)
    }
}
