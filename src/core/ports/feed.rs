//! Feeds: what e-bidding and e-contract systems say, turned into facts.

use serde_json::Value;

use crate::{
    event::{Envelope, Rejection},
    procurement::Fact,
};

/// One feed's format. Pure: bytes are parsed before, nothing is stored here.
pub trait Feed: Send + Sync {
    /// The feed's name, for logs and the event list.
    fn name(&self) -> &'static str;

    /// Splits a JSON document that is no CloudEvent into events; none if the feed does not know it.
    ///
    /// Each piece stands alone: one bad release does not spoil its package.
    fn split(&self, _document: &Value) -> Option<Vec<Result<Envelope, Rejected>>> {
        None
    }

    /// The facts of an event; none if the feed does not know its type.
    ///
    /// An empty list is an answer: the event is known and teaches nothing.
    fn facts(&self, envelope: &Envelope) -> Option<Result<Vec<Fact>, Rejection>>;
}

/// A piece of a document that could not be read, with its own bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected {
    /// Why.
    pub rejection: Rejection,
    /// The piece.
    pub piece: Value,
}
