//! OCDS 1.1 releases and release packages, as they are really published, into facts (R32).
//!
//! `package` splits a document into releases, `facts` reads one release. What a release leaves out
//! is not taught; what is dirty and matters (an opening time, a contract's price) is refused with
//! its place; what is dirty and does not matter is passed over. `docs/events.md` has the mapping.
#![warn(missing_docs)]

mod amount;
mod facts;
mod node;
mod package;

use bondhub_core::{
    event::{Envelope, Rejection},
    ports::feed::{Feed, Rejected},
    procurement::Fact,
};
use serde_json::Value;

/// The type, after the prefix, of an event that carries one OCDS release.
pub const RELEASE: &str = "ocds.release";

/// The feed of OCDS publishers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ocds;

impl Feed for Ocds {
    fn name(&self) -> &'static str {
        "ocds"
    }

    fn split(&self, document: &Value) -> Option<Vec<Result<Envelope, Rejected>>> {
        package::split(document)
    }

    fn facts(&self, envelope: &Envelope) -> Option<Result<Vec<Fact>, Rejection>> {
        (envelope.kind == RELEASE).then(|| facts::facts(envelope))
    }
}
