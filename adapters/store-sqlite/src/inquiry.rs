//! Lists for parties.

use async_trait::async_trait;
use bondhub_core::{
    bond::{BondKind, BondState},
    identifier::{PartyCode, ProcurementId},
    party::Role,
    ports::store::{Inquiries, ListOrder, ListedBond, Listing, StoreError, TaskView},
};
use bondhub_store::{
    Failure, Instant,
    inquiry::{Beginning, TasksAsked, task_pattern},
    limit_of, rows,
};

use crate::{
    connection::SqliteStore,
    transaction::{micros, step},
};

#[async_trait]
impl Inquiries for SqliteStore {
    async fn bonds_of(&self, listing: &Listing) -> Result<Vec<ListedBond>, StoreError> {
        step("list a party's bonds", self.page(listing)).await
    }

    async fn tasks_of(
        &self,
        party: &PartyCode,
        case: Option<&ProcurementId>,
        limit: u32,
    ) -> Result<Vec<TaskView>, StoreError> {
        step("list a party's tasks", self.asked(party, case, limit)).await
    }

    async fn tasks_ever_of(
        &self,
        party: &PartyCode,
        limit: u32,
    ) -> Result<Vec<TaskView>, StoreError> {
        step("list all tasks of a party", self.asked_ever(party, limit)).await
    }
}

/// A listing as it is bound.
struct Asked<'a> {
    party: &'a str,
    state: Option<&'static str>,
    procurement: Option<&'a str>,
    kind: Option<&'static str>,
    limit: i64,
}

impl<'a> Asked<'a> {
    fn of(listing: &'a Listing) -> Self {
        Self {
            party: listing.party.as_str(),
            state: listing.state.map(BondState::as_str),
            procurement: listing.procurement.as_ref().map(ProcurementId::as_str),
            kind: listing.kind.map(BondKind::as_str),
            limit: limit_of(listing.limit),
        }
    }
}

impl SqliteStore {
    async fn page(&self, listing: &Listing) -> Result<Vec<ListedBond>, Failure> {
        let rows = match (listing.role, listing.order, listing.state) {
            (Role::Issuer, ListOrder::Number, _) => self.issuer_by_number(listing).await?,
            (Role::Issuer, ListOrder::LastChanged, None) => self.issuer_newest(listing).await?,
            (Role::Issuer, ListOrder::LastChanged, Some(_)) => {
                self.issuer_in_state(listing).await?
            }
            (Role::Contractor, ListOrder::Number, _) => self.principal_by_number(listing).await?,
            (Role::Contractor, ListOrder::LastChanged, _) => self.principal_newest(listing).await?,
            (Role::Owner, _, _) => self.obligee_newest(listing).await?,
        };
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn issuer_newest(&self, listing: &Listing) -> Result<Vec<rows::Listed>, Failure> {
        let (asked, begin) = (Asked::of(listing), Beginning::newest(listing));
        let changed_at = micros(begin.changed_at);
        let rows = sqlx::query_file_as!(
            rows::Listed,
            "../store/queries/list_issuer.sql",
            asked.party,
            changed_at,
            begin.number,
            asked.procurement,
            asked.kind,
            asked.limit,
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }

    async fn issuer_in_state(&self, listing: &Listing) -> Result<Vec<rows::Listed>, Failure> {
        let (asked, begin) = (Asked::of(listing), Beginning::newest(listing));
        let changed_at = micros(begin.changed_at);
        let rows = sqlx::query_file_as!(
            rows::Listed,
            "../store/queries/list_issuer_state.sql",
            asked.party,
            asked.state,
            changed_at,
            begin.number,
            asked.procurement,
            asked.kind,
            asked.limit,
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }

    async fn issuer_by_number(&self, listing: &Listing) -> Result<Vec<rows::Listed>, Failure> {
        let (asked, begin) = (Asked::of(listing), Beginning::by_number(listing));
        let rows = sqlx::query_file_as!(
            rows::Listed,
            "../store/queries/list_issuer_number.sql",
            asked.party,
            begin.number,
            asked.state,
            asked.procurement,
            asked.kind,
            asked.limit,
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }

    async fn principal_newest(&self, listing: &Listing) -> Result<Vec<rows::Listed>, Failure> {
        let (asked, begin) = (Asked::of(listing), Beginning::newest(listing));
        let changed_at = micros(begin.changed_at);
        let rows = sqlx::query_file_as!(
            rows::Listed,
            "../store/queries/list_principal.sql",
            asked.party,
            changed_at,
            begin.issuer,
            begin.number,
            asked.state,
            asked.procurement,
            asked.kind,
            asked.limit,
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }

    async fn principal_by_number(&self, listing: &Listing) -> Result<Vec<rows::Listed>, Failure> {
        let (asked, begin) = (Asked::of(listing), Beginning::by_number(listing));
        let rows = sqlx::query_file_as!(
            rows::Listed,
            "../store/queries/list_principal_number.sql",
            asked.party,
            begin.issuer,
            begin.number,
            asked.state,
            asked.procurement,
            asked.kind,
            asked.limit,
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }

    async fn obligee_newest(&self, listing: &Listing) -> Result<Vec<rows::Listed>, Failure> {
        let (asked, begin) = (Asked::of(listing), Beginning::newest(listing));
        let changed_at = micros(begin.changed_at);
        let rows = sqlx::query_file_as!(
            rows::Listed,
            "../store/queries/list_obligee.sql",
            asked.party,
            changed_at,
            begin.issuer,
            begin.number,
            asked.state,
            asked.procurement,
            asked.kind,
            asked.limit,
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(rows)
    }

    async fn asked(
        &self,
        party: &PartyCode,
        case: Option<&ProcurementId>,
        limit: u32,
    ) -> Result<Vec<TaskView>, Failure> {
        let asked = self.open_tasks(party, case, TasksAsked::new(limit)).await?;
        Ok(asked.found())
    }

    async fn asked_ever(&self, party: &PartyCode, limit: u32) -> Result<Vec<TaskView>, Failure> {
        let open = self.open_tasks(party, None, TasksAsked::new(limit)).await?;
        let asked = self.closed_tasks(party, open.then()).await?;
        Ok(asked.found())
    }

    async fn open_tasks(
        &self,
        party: &PartyCode,
        case: Option<&ProcurementId>,
        mut asked: TasksAsked,
    ) -> Result<TasksAsked, Failure> {
        let (pattern, case) = (task_pattern(party), case.map(ProcurementId::as_str));
        while asked.wants_more() {
            let (opened_at, of, task) = &asked.after;
            let opened_at = micros(*opened_at);
            let rows = sqlx::query_file_as!(
                rows::Task,
                "../store/queries/task_list_of.sql",
                pattern,
                case,
                opened_at,
                of,
                task,
                asked.page
            )
            .fetch_all(&self.readers)
            .await?;
            asked.take(rows, party)?;
        }
        Ok(asked)
    }

    async fn closed_tasks(
        &self,
        party: &PartyCode,
        mut asked: TasksAsked,
    ) -> Result<TasksAsked, Failure> {
        let pattern = task_pattern(party);
        while asked.wants_more() {
            let (opened_at, of, task) = &asked.after;
            let opened_at = micros(*opened_at);
            let rows = sqlx::query_file_as!(
                rows::Task,
                "../store/queries/task_list_closed_of.sql",
                pattern,
                opened_at,
                of,
                task,
                asked.page
            )
            .fetch_all(&self.readers)
            .await?;
            asked.take(rows, party)?;
        }
        Ok(asked)
    }
}
