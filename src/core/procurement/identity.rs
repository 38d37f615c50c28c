//! What makes a bond the bond it is: an update may change everything else.

use crate::{
    bond::{BondTerms, Medium},
    identifier::BondId,
};

/// In what two documents under one number are not about one bond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherBond {
    /// Another kind.
    Kind,
    /// Another principal.
    Principal,
    /// Another obligee: the promise is made to somebody else (docs/adr/0028).
    Obligee,
    /// A paper and a signed document would be two originals (R41).
    Medium,
    /// Another currency.
    Currency,
}

/// In what a document is not about the bond that is known by another one; none if it may update it.
pub fn other_bond(known: &BondTerms, terms: &BondTerms) -> Option<OtherBond> {
    let checks = [
        (known.kind == terms.kind, OtherBond::Kind),
        (known.principal == terms.principal, OtherBond::Principal),
        (known.obligee == terms.obligee, OtherBond::Obligee),
        (known.medium == terms.medium, OtherBond::Medium),
        (
            known.amount.same_currency(&terms.amount).is_ok(),
            OtherBond::Currency,
        ),
    ];
    let differs = checks.into_iter().find(|(same, _)| !same);
    differs.map(|(_, other)| other)
}

impl OtherBond {
    /// Why a document about the bond is refused.
    pub(super) fn message(self, bond: &BondId, known: &BondTerms) -> String {
        match self {
            Self::Kind => format!("bond {bond} is of another kind"),
            Self::Principal => format!("bond {bond} has another principal"),
            Self::Obligee => format!("bond {bond} has another obligee"),
            Self::Medium => match known.medium {
                Medium::Electronic => format!("bond {bond} is electronic"),
                Medium::Paper => format!("bond {bond} is on paper"),
            },
            Self::Currency => format!("bond {bond} is in {}", known.amount.currency()),
        }
    }
}
