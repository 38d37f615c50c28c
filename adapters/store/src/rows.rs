//! Rows as they are read, and what they mean. Fields are named as the columns are; the comments in
//! the migrations explain each.
#![expect(missing_docs, reason = "the migrations explain every column")]

mod account;
mod audit;
mod bond;
mod case;
mod event;
mod liability;
mod look;
mod outbox;
mod papers;
mod party;
mod request;
pub mod vault;

pub use account::{
    Challenge, Credentials, Passkey, Session, SessionOfAccount, Token, TokenOfAccount,
};
pub use audit::{AuditLink, AuditSigned, audit_head, audit_number};
pub use bond::{Bond, Key, Listed, Task, Version};
pub use case::{Case, Found, gather};
pub use event::{Event, EventCount};
pub use liability::{Balance, Change, Coming, Consent, Exceeded, Expiry, Limit, Posted, Standing};
pub use look::{Grant, Look, Seen};
pub use outbox::{Leased, OutboxCount, Outgoing};
pub use papers::{PaperClash, PaperListed, PaperNoted};
pub use party::{Certificate, Enrolment, Instruction, Party, Signing};
pub use request::Request;
