//! Why the broker cannot be used, in words for an operator.

use bondhub_core::ports::queue::QueueError;
use lapin::{
    ErrorKind,
    protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError},
};

/// A failure that several waiters can be told about.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Fault {
    /// Gone, silent or refusing: try again.
    #[error("{what}")]
    Down {
        what: String,
        #[source]
        source: Option<lapin::Error>,
    },
    /// The broker is well, and no queue takes this message.
    #[error("{0}")]
    Unrouted(String),
    /// An operator must look.
    #[error("{0}")]
    Misfit(String),
}

impl Fault {
    pub(crate) fn down(what: impl Into<String>) -> Self {
        Self::Down {
            what: what.into(),
            source: None,
        }
    }

    pub(crate) fn from_client(what: impl Into<String>, source: lapin::Error) -> Self {
        Self::Down {
            what: what.into(),
            source: Some(source),
        }
    }

    /// The fault and its cause in one line. The client library's errors hold no address and no password.
    pub(crate) fn chain(&self) -> String {
        match self {
            Self::Down {
                what,
                source: Some(source),
            } => format!("{what}: {source}"),
            Self::Down { what, source: None } => what.clone(),
            Self::Unrouted(sentence) | Self::Misfit(sentence) => sentence.clone(),
        }
    }
}

impl From<Fault> for QueueError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Down { what, source } => Self::Down {
                what,
                source: source.map(Into::into),
            },
            Fault::Unrouted(sentence) => Self::Unrouted(sentence),
            Fault::Misfit(sentence) => Self::Misfit(sentence),
        }
    }
}

/// What the broker says to a declaration that it refuses.
pub(crate) enum Refusal {
    /// It exists with other settings; the broker's words.
    Inequivalent(String),
    /// The user may not do that; the broker's words.
    Forbidden(String),
    /// The broker does not know such a kind of thing; the broker's words.
    Unsupported(String),
}

/// Reads a refusal out of the client library's error; none if the connection failed otherwise.
pub(crate) fn refusal(error: &lapin::Error) -> Option<Refusal> {
    let ErrorKind::ProtocolError(error) = error.kind() else {
        return None;
    };
    let words = error.get_message().to_string();
    match error.kind() {
        AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED | AMQPSoftError::RESOURCELOCKED) => {
            Some(Refusal::Inequivalent(words))
        }
        AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => Some(Refusal::Forbidden(words)),
        AMQPErrorKind::Hard(AMQPHardError::COMMANDINVALID | AMQPHardError::NOTIMPLEMENTED) => {
            Some(Refusal::Unsupported(words))
        }
        _ => None,
    }
}
