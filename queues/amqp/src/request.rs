//! What is to be published, and who waits for the answer.

use bondhub_core::ports::queue::Outgoing;
use lapin::{BasicProperties, types::ShortString};
use tokio::{sync::oneshot, time::Instant};

use crate::{fault::Fault, topology::short};

/// One message, ready for the wire.
pub(crate) struct Message {
    pub(crate) exchange: &'static str,
    pub(crate) key: ShortString,
    pub(crate) id: ShortString,
    pub(crate) properties: BasicProperties,
    pub(crate) body: Vec<u8>,
}

impl Message {
    pub(crate) fn new(exchange: &'static str, event: &Outgoing) -> Result<Self, Fault> {
        const PERSISTENT: u8 = 2;
        let id = short(&event.id)?;
        let properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_message_id(id.clone())
            .with_content_type(short(&event.content_type)?);
        let body = serde_json::to_vec(&event.body)
            .map_err(|error| Fault::Misfit(format!("the event is not JSON: {error}")))?;
        Ok(Self {
            exchange,
            key: short(&event.kind)?,
            id,
            properties,
            body,
        })
    }
}

/// Some messages and the one who waits for them.
pub(crate) struct Request {
    pub(crate) messages: Vec<Message>,
    pub(crate) reply: oneshot::Sender<Vec<Result<(), Fault>>>,
    /// Until when it waits for a connection.
    pub(crate) deadline: Instant,
}

impl Request {
    /// Answers all of it with the same fault.
    pub(crate) fn refuse(self, fault: &Fault) {
        let answers = self.messages.iter().map(|_| Err(fault.clone())).collect();
        answer(self.reply, answers);
    }

    /// Nobody waits for it any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }
}

/// Answers; whoever stopped waiting has no use for it.
pub(crate) fn answer(
    reply: oneshot::Sender<Vec<Result<(), Fault>>>,
    answers: Vec<Result<(), Fault>>,
) {
    if reply.send(answers).is_err() {
        tracing::debug!("a publisher did not wait for the answer");
    }
}
