//! What an issuer signs (R5): registrations, updates, deletions, standing instructions, consents.
//!
//! The content of the CMS block is canonical JSON (RFC 8785) of one [`Statement`]. That it is
//! canonical is checked by writing it again: a number in two spellings cannot be signed one way and
//! read another. Neither can a second member of one name, or one that nobody reads: both are refused.

mod members;

use serde::{Deserialize, Serialize};

use crate::{
    bond::BondTerms,
    calendar::Timestamp,
    event::{Reason, Rejection},
    identifier::{BondNumber, PartyCode, ProcurementId},
    rules::StandingInstruction,
};

/// A signed statement: who says it, when, and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Version of this format; 1.
    pub v: u32,
    /// The issuer that signs.
    pub issuer: PartyCode,
    /// When it was signed; statements about one bond are ordered by it.
    pub signed_at: Timestamp,
    /// What is said.
    #[serde(flatten)]
    pub act: Act,
}

/// The acts of an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Act {
    /// A new bond, or a new reservation of a performance bond.
    Registration {
        /// Its number.
        number: BondNumber,
        /// What it says.
        bond: BondTerms,
    },
    /// New content for a bond.
    Update {
        /// Its number.
        number: BondNumber,
        /// What it says from now on.
        bond: BondTerms,
    },
    /// The end of a bond.
    Deletion {
        /// Its number.
        number: BondNumber,
        /// The case it is for.
        procurement: ProcurementId,
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// The issuer agrees that a claim window is closed, and how.
    ReleaseConsent {
        /// The frozen bond.
        number: BondNumber,
        /// The case it is for.
        procurement: ProcurementId,
        /// Paid or waived.
        outcome: ClaimOutcome,
    },
    /// Up to where the hub may update bonds by itself (R31).
    StandingInstruction {
        /// The limits.
        instruction: StandingInstruction,
    },
}

/// How a claim window was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimOutcome {
    /// The issuer paid.
    Paid,
    /// Nothing was claimed, or the claim was withdrawn.
    Waived,
}

impl Statement {
    /// The bytes that are signed.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).unwrap_or_default()
    }

    /// Reads the signed bytes; refuses what is not canonical.
    pub fn read(bytes: &[u8]) -> Result<Self, Rejection> {
        let value = crate::event::distinct::parse(bytes)
            .map_err(|error| invalid(format!("the signed content cannot be read: {error}")))?;
        if serde_json_canonicalizer::to_vec(&value).unwrap_or_default() != bytes {
            return Err(invalid(
                "the signed content is not canonical JSON (RFC 8785)",
            ));
        }
        Self::of(&value)
    }

    /// Reads what is to be signed, in whatever order and spacing it was written; refuses a member it does not know, since
    /// that one would not be signed.
    pub fn of(value: &serde_json::Value) -> Result<Self, Rejection> {
        members::check(value)?;
        let statement: Self = crate::event::read_data(value)?;
        if statement.v != 1 {
            return Err(Rejection::at(
                "/data/v",
                format!("version {}; 1 is read", statement.v),
            ));
        }
        statement.check()?;
        Ok(statement)
    }

    fn check(&self) -> Result<(), Rejection> {
        let (Act::Registration { bond, .. } | Act::Update { bond, .. }) = &self.act else {
            return Ok(());
        };
        if bond.wording.chars().any(is_no_text) {
            return Err(Rejection::at(
                "/data/bond/wording",
                "control characters other than line breaks and tabs are no text",
            ));
        }
        crate::attachment::check_entries(&bond.attachments)?;
        let currency = bond.amount.currency();
        crate::money::Currency::parse(currency.as_str())
            .map_err(|error| Rejection::at("/data/bond/amount/currency", error.to_string()))?;
        let reservation = bond.kind == crate::bond::BondKind::PerformanceReservation;
        if reservation && bond.forfeitable {
            return Err(Rejection::at(
                "/data/bond/forfeitable",
                "a reservation is never forfeitable",
            ));
        }
        if bond.kind == crate::bond::BondKind::Performance && bond.contract.is_none() {
            return Err(Rejection::at(
                "/data/bond/contract",
                "a performance bond names its contract",
            ));
        }
        Ok(())
    }
}

/// Parses JSON that is to be signed; refuses two members of one name.
pub fn parse(bytes: &[u8]) -> Result<serde_json::Value, Rejection> {
    crate::event::distinct::parse(bytes).map_err(|error| {
        Rejection::whole(
            Reason::NotJson,
            format!("not JSON that can be signed: {error}"),
        )
    })
}

/// What neither a page shows nor every database keeps.
fn is_no_text(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t')
}

fn invalid(message: impl Into<String>) -> Rejection {
    Rejection::whole(Reason::Invalid, message)
}

#[cfg(test)]
mod tests;
