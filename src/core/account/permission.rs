//! What can be permitted: also the scopes of tokens.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// Something an account may do. The text is the scope a token is given.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Permission {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl Permission {
            /// Every permission, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The permission as it is stored and shown.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

permissions! {
    /// Make and disable accounts, give roles, revoke sessions and tokens of others.
    ManageAccounts = "accounts:manage",
    /// Add and change parties, their certificates and what they accept.
    ManageParties = "parties:manage",
    /// Let a named account see more before the opening (R21).
    ManageGrants = "grants:manage",
    /// See parties and their certificates.
    ReadParties = "parties:read",
    /// See events, mails, batch jobs and their states (never a body with a secret).
    ReadOperations = "operations:read",
    /// Correct and resubmit, retry, resolve, run jobs, revoke keys.
    Operate = "operations:act",
    /// Hand events to the hub's queue.
    SendEvents = "events:send",
    /// Read and verify the audit log (R70).
    ReadAudit = "audit:read",
    /// Read earlier versions of originals (R4).
    ReadHistory = "history:read",
    /// See cases, and the bonds of its own party, their state, history and keys (R24); those who run the hub
    /// see every bond's state.
    ReadBonds = "bonds:read",
    /// See outstanding liability as R43 allows its party.
    ReadBalances = "balances:read",
    /// Act for its party: hand over, consent, waive, enter paper bonds and acts by hand, upload signed documents.
    ActForParty = "party:act",
    /// Fetch what waits for the issuer's signature, and hand signatures in (R12).
    SignForParty = "party:sign",
    /// Look before the opening, where a grant names it (R21).
    LookEarly = "bonds:look-early",
    /// Change its own password, passkeys, sessions, language.
    ManageSelf = "self:manage",
}

impl Permission {
    /// Reads what [`Permission::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == text)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
