//! The domain of bondhub: procurement cases, bonds, keys, money and the rules that tie them together.
//!
//! Everything here is pure. No module opens a file or a socket, reads a clock or draws a random
//! number; what is needed from outside comes in as a value or is asked for through a trait in
//! [`ports`]. The centre is [`reconcile`]: events teach a [`procurement::CaseFile`] facts, and one
//! function compares what *is* with what *ought to be* and returns a plan.
#![warn(missing_docs)]

pub mod account;
pub mod attachment;
pub mod audit;
pub mod authentication;
pub mod bond;
pub mod calendar;
pub mod document;
pub mod enrolment;
pub mod event;
pub mod identifier;
pub mod inquiry;
pub mod key;
pub mod liability;
pub mod matching;
pub mod money;
pub mod notice;
pub mod pace;
pub mod party;
pub mod ports;
pub mod procurement;
pub mod reconcile;
pub mod rules;
pub mod task;
pub mod view;
