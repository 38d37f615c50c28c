//! The laws of reconciling (DESIGN §1), as properties over generated cases.
//!
//! | law | file |
//! |---|---|
//! | any order and any duplication of the same lessons ends in the same case | `order` |
//! | reconciling twice plans nothing the second time, and nothing before it is due again | `settling` |
//! | nobody is told the same thing twice, and other systems of no bidder before the opening | `telling` |
//! | no two versions' keys work at one time | `keys` |
//! | signatures of issuers' desks may come in any order and again | `signing` |
//! | the ledger's movements add up to what is in force | `ledger` |
//! | a figure of a day to come is what the ledger will say of it | `coming` |
//! | nothing lowers a bond but a signed document | `terms` |
//! | a stored case reads back as it was | `storage` |
//! | an owner sees nothing before the opening that governs, and everything from it on | `view` |
//!
//! `reach` checks that the generated cases come to every state, task, wait and notice, `page` that the
//! tests named in `docs/rules.md` exist.
//!
//! Cases come from `tender`: lots, contractors, bonds of all kinds and events of every kind, with
//! distinct business times, heard in any order by a hub whose clock may be behind or ahead.
//! `PROPTEST_CASES` asks for more cases than the usual.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a law that panics has failed"
)]

mod coming;
mod keys;
mod ledger;
mod order;
mod page;
mod play;
mod reach;
mod settling;
mod signing;
mod storage;
mod telling;
mod tender;
mod terms;
mod view;
mod vocabulary;
