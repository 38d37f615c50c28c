//! Procurement cases (R2): what events taught about them, and what the hub has carried out.

mod carried;
mod carry;
mod fact;
mod file;
mod identity;
mod learn;
mod opening;
mod register;

pub use carried::{AskedKey, BondRecord, Carried, LiveKey, RateInForce, Step, Wait, WaitFor};
pub use fact::{AwardState, BondFact, ContractEnd, Fact, Lot, Scope, TenderOutcome, Terms};
pub use file::{
    AwardFact, BidFact, BondFile, CaseFile, ContractFact, ContractFile, EndFact, OutcomeFact,
    RebidFact, SignedTerms, ToldTerms, Waiver,
};
pub use identity::{OtherBond, other_bond};
pub use learn::{ISSUED_BY_HAND, Learned, Lesson};
pub use opening::{Announcement, Confirmation, Governing, OpeningHistory};
pub use register::Register;

#[cfg(test)]
mod tests;
