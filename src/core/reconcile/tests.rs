//! Reconciling by example; the laws are in `tests/laws`.
//!
//! Each example is a [`story::Story`]: facts on days, and what the hub made of them. After every
//! step the story reconciles a second time and insists that nothing is left to do.

mod bidding;
mod change;
mod contract;
mod ending;
mod facts;
mod keys;
mod lots;
mod matches;
mod opening;
mod outstanding;
mod signing;
mod story;
mod telling;
mod waits;
