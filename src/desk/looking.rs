//! Looking at bonds with their keys, and the grants to look before the opening (R20, R21).

use bondhub_core::{
    account::AccountName,
    audit::Act,
    authentication::Demand,
    calendar::Timestamp,
    identifier::{PartyCode, ProcurementId},
    ports::store::{LookFilter, LookRow},
    view::Grant,
};
use uuid::Uuid;

use super::{Desk, DeskError, Refusal};
use crate::{
    hub::system::random_id,
    vault::{Allowance, Door, Limits, Look, Lookbook, Presented},
};

/// What looking needs beside the store.
pub struct Looking {
    /// Where looks are recorded.
    pub book: Lookbook,
    /// How often somebody may look.
    pub limits: Limits,
    /// What the installation asks for (R15).
    pub demand: Demand,
}

impl Looking {
    /// Looking at what this store holds.
    pub fn new(
        store: std::sync::Arc<dyn bondhub_core::ports::store::Store>,
        allowance: Allowance,
        demand: Demand,
    ) -> Self {
        Self {
            book: Lookbook::new(store),
            limits: Limits::new(allowance),
            demand,
        }
    }
}

/// A grant to look before the opening, as it is asked for.
#[derive(Debug, Clone)]
pub struct EarlyGrant {
    /// Whose account.
    pub account: AccountName,
    /// Of which owner.
    pub party: PartyCode,
    /// For which case; none is every case of the owner.
    pub procurement: Option<ProcurementId>,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Timestamp,
}

impl Desk {
    /// Looks at a bond with its key: recorded, then answered (R20–R22).
    pub async fn look(&self, presented: &Presented<'_>) -> Result<Look, DeskError> {
        let directory = self.directories.newest();
        let door = Door {
            looks: self.store.as_ref(),
            book: &self.looking.book,
            pepper: &self.pepper,
            limits: &self.looking.limits,
            verifier: self.reader.verifier.as_ref(),
            directory: &directory,
            demand: self.looking.demand,
            one_time: self,
            randomness: self.randomness.as_ref(),
            now: self.clock.now(),
        };
        Ok(door.look(presented).await?)
    }

    /// Looks at a bond with a key file alone.
    pub async fn open(&self, file: &[u8]) -> Result<Look, DeskError> {
        self.look(&Presented::file(file)).await
    }

    /// The looks that were recorded, newest first.
    pub async fn looks(&self, filter: &LookFilter) -> Result<Vec<LookRow>, DeskError> {
        Ok(self.store.looks(filter).await?)
    }

    /// Lets a named account of an owner look before the opening: by whom, why, until when (R21). A name that nobody has is refused: it
    /// would be a grant to whoever gets it later.
    pub async fn grant(&self, asked: EarlyGrant, by: &str) -> Result<Grant, DeskError> {
        let now = self.clock.now();
        self.party(&asked.party).await?;
        if asked.reason.trim().is_empty() {
            return Err(Refusal::GrantWithoutReason.into());
        }
        if asked.until <= now {
            return Err(Refusal::GrantOver.into());
        }
        let account = self.account(&asked.account).await?.account;
        if account.party.as_ref() != Some(&asked.party) {
            let stranger = format!("account {} of {}", account.name, asked.party);
            return Err(DeskError::NotFound(stranger));
        }
        let grant = Grant {
            id: random_id(self.randomness.as_ref())?,
            account: asked.account,
            party: asked.party,
            procurement: asked.procurement,
            reason: asked.reason.trim().to_owned(),
            granted_by: by.to_owned(),
            granted_at: now,
            until: asked.until,
            revoked: None,
        };
        let told = self.told(Act::GrantGiven, format!("party:{}", grant.party));
        let told = told
            .with("grant", grant.id.to_string())
            .privately("account", grant.account.as_str())
            .privately("reason", grant.reason.as_str());
        self.store.add_grant(&grant, &told).await?;
        Ok(grant)
    }

    /// Takes a grant back.
    pub async fn revoke_grant(&self, id: Uuid, by: &str) -> Result<(), DeskError> {
        let told = self.told(Act::GrantRevoked, format!("grant:{id}"));
        let done = self.store.revoke_grant(id, by, &told).await?;
        if done {
            return Ok(());
        }
        Err(DeskError::NotFound(format!("a grant {id} that holds")))
    }

    /// The grants, newest first.
    pub async fn grants(&self, account: Option<&AccountName>) -> Result<Vec<Grant>, DeskError> {
        let account = account.map(AccountName::as_str);
        Ok(self.store.grants(account).await?)
    }
}
