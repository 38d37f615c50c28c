//! Native events of e-contract systems into facts (CONTRACT §1, R30, R31, R32).
#![warn(missing_docs)]

mod facts;
mod schemas;
mod wire;

use bondhub_core::{
    event::{Envelope, Rejection, read_data},
    ports::feed::Feed,
    procurement::{ContractEnd, Fact},
};
use serde::de::DeserializeOwned;

pub use schemas::schemas;

/// The feed of e-contract systems: contracts concluded, changed, completed and terminated.
#[derive(Debug, Clone, Copy, Default)]
pub struct EContract;

impl Feed for EContract {
    fn name(&self) -> &'static str {
        "e-contract"
    }

    fn facts(&self, envelope: &Envelope) -> Option<Result<Vec<Fact>, Rejection>> {
        Some(match envelope.kind.as_str() {
            "contract.concluded" => read(envelope, facts::concluded),
            "contract.changed" => read(envelope, facts::changed),
            "contract.completed" => ended(envelope, ContractEnd::Completed),
            "contract.terminated" => ended(envelope, ContractEnd::Terminated),
            _ => return None,
        })
    }
}

fn ended(envelope: &Envelope, how: ContractEnd) -> Result<Vec<Fact>, Rejection> {
    read(envelope, |end| facts::ended(end, how))
}

fn read<T: DeserializeOwned>(
    envelope: &Envelope,
    convert: impl FnOnce(T) -> Vec<Fact>,
) -> Result<Vec<Fact>, Rejection> {
    if envelope.subject.is_none() {
        let message = "`subject`, the procurement id, is missing";
        return Err(Rejection::at("/subject", message));
    }
    read_data(&envelope.data).map(|wire::Object(data)| convert(data))
}
