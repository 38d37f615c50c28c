//! Looks at bonds (R20), and who may look before the opening (R21).

use async_trait::async_trait;
use uuid::Uuid;

use super::{BondView, CaseView, KeyView, StoreError};
use crate::{
    audit::{Act, Actor, AuditEntry},
    calendar::Timestamp,
    identifier::{BondId, PartyCode},
    party::Role,
    view::{Grant, Ground, Seen},
};

/// Everything a look depends on, as of one moment: no update lies between the key and the bond (R11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The key.
    pub key: KeyView,
    /// The bond it opens.
    pub bond: BondView,
    /// The bond's case.
    pub case: Option<CaseView>,
    /// The last look that showed the key's holder, as owner, the bond's content after an opening.
    pub seen: Option<Seen>,
}

/// What a look showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShownAs {
    /// That the bond exists.
    Existence,
    /// Its content, on this ground.
    Content(Ground),
    /// Nothing: the key was dead.
    Revoked,
}

impl ShownAs {
    /// All there is.
    pub const ALL: [Self; 7] = [
        Self::Existence,
        Self::Content(Ground::Own),
        Self::Content(Ground::Contract),
        Self::Content(Ground::Opened),
        Self::Content(Ground::Seen),
        Self::Content(Ground::Granted),
        Self::Revoked,
    ];

    /// As it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Existence => "existence",
            Self::Content(ground) => ground.as_str(),
            Self::Revoked => "revoked",
        }
    }

    /// Reads what [`ShownAs::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shown| shown.as_str() == text)
    }
}

/// A look as it is recorded: who, in which role, when, what was shown, from where (R20).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookRow {
    /// Its id; the same one again is the same look.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// With which key.
    pub kid: String,
    /// At which bond.
    pub bond: BondId,
    /// At which version.
    pub version: u32,
    /// Whose key.
    pub holder: PartyCode,
    /// In which role.
    pub role: Role,
    /// The account that was signed in.
    pub account: Option<String>,
    /// The address it came from.
    pub address: Option<String>,
    /// What was shown.
    pub shown: ShownAs,
    /// The round of bidding ([`crate::view::round`]).
    pub round: String,
    /// The opening time that governed.
    pub opening_at: Option<Timestamp>,
    /// The grant that was used.
    pub grant: Option<Uuid>,
}

impl LookRow {
    /// The look as the audit log tells it (R70): who looked stands in the chain as a key's holder, the account and the
    /// address beside it.
    pub fn told(&self) -> AuditEntry {
        let actor = Actor::KeyHolder(self.holder.clone(), self.role, self.kid.clone());
        let act = match self.shown {
            ShownAs::Revoked => Act::LookRefused,
            ShownAs::Content(Ground::Granted) => Act::GrantUsed,
            ShownAs::Existence | ShownAs::Content(_) => Act::BondLooked,
        };
        let subject = format!("bond:{}", self.bond);
        let mut told = AuditEntry::new(self.at, actor, act, subject)
            .with("look", self.id.to_string())
            .with("shown", self.shown.as_str());
        if let Some(grant) = self.grant {
            told = told.with("grant", grant.to_string());
        }
        if let Some(account) = &self.account {
            told = told.privately("account", account.as_str());
        }
        if let Some(address) = &self.address {
            told = told.privately("address", address.as_str());
        }
        told
    }
}

/// Which looks to list.
#[derive(Debug, Clone, Default)]
pub struct LookFilter {
    /// Only at this bond.
    pub bond: Option<BondId>,
    /// Only with this key.
    pub kid: Option<String>,
    /// Only under this grant.
    pub grant: Option<Uuid>,
    /// At most so many, newest first; 0 means 100.
    pub limit: u32,
}

/// Looking, and the grants to look early.
#[async_trait]
pub trait Looks: Send + Sync {
    /// A key alone, by its public name: what a look with an unknown key, a wrong secret and a dead key
    /// have in common.
    async fn presented(&self, kid: &str) -> Result<Option<KeyView>, StoreError>;

    /// What a key opens.
    async fn sighting(&self, kid: &str) -> Result<Option<Sighting>, StoreError>;

    /// Records looks and tells them in the audit log, all of them or none; one that is there already is left as it is.
    async fn record_looks(&self, looks: &[LookRow]) -> Result<(), StoreError>;

    /// Looks, newest first.
    async fn looks(&self, filter: &LookFilter) -> Result<Vec<LookRow>, StoreError>;

    /// Adds a grant; `told` is appended to the audit log with it.
    async fn add_grant(&self, grant: &Grant, told: &AuditEntry) -> Result<(), StoreError>;

    /// Takes a grant back at the time of `told`, which is appended to the audit log; false, and nothing appended, if
    /// there is no such grant or it was taken back before.
    async fn revoke_grant(&self, id: Uuid, by: &str, told: &AuditEntry)
    -> Result<bool, StoreError>;

    /// Grants, newest first; only of one account, if it is named.
    async fn grants(&self, account: Option<&str>) -> Result<Vec<Grant>, StoreError>;
}
