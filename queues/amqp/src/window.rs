//! One window of publishing: all of it first, then all the confirms.

use std::{collections::BTreeSet, time::Duration};

use futures::future::join_all;
use lapin::{
    Channel, Confirmation, message::BasicReturnMessage, options::BasicPublishOptions,
    types::ShortString,
};
use tokio::time::{Instant, timeout_at};

use crate::{fault::Fault, request::Message, topology::FEED_EXCHANGE};

/// The answers of a window, and what broke the channel if something did.
pub(crate) struct Outcome {
    pub(crate) answers: Vec<Result<(), Fault>>,
    pub(crate) broken: Option<Fault>,
}

/// A message that came back because no queue is bound: exchange and id.
type Returned = BTreeSet<(ShortString, ShortString)>;

/// Publishes and waits until each message is confirmed, refused or overdue.
pub(crate) async fn publish(channel: &Channel, messages: &[&Message], limit: Duration) -> Outcome {
    let deadline = Instant::now() + limit;
    let confirms = join_all(
        messages
            .iter()
            .map(|message| confirm(channel, message, deadline)),
    );
    let mut answers = Vec::with_capacity(messages.len());
    let mut returned = Returned::new();
    let mut broken = None;
    for confirmation in confirms.await {
        if let Err(fault) = &confirmation {
            broken.get_or_insert_with(|| fault.clone());
        }
        answers.push(confirmation.and_then(|confirmation| settled(confirmation, &mut returned)));
    }
    for (answer, message) in answers.iter_mut().zip(messages) {
        tell_returned(answer, message, &returned);
    }
    Outcome { answers, broken }
}

async fn confirm(
    channel: &Channel,
    message: &Message,
    deadline: Instant,
) -> Result<Confirmation, Fault> {
    match timeout_at(deadline, send(channel, message)).await {
        Ok(Ok(confirmation)) => Ok(confirmation),
        Ok(Err(error)) => Err(Fault::from_client("publishing failed", error)),
        Err(_) => Err(Fault::down("the broker did not confirm in time")),
    }
}

async fn send(channel: &Channel, message: &Message) -> lapin::Result<Confirmation> {
    let options = BasicPublishOptions {
        mandatory: true,
        immediate: false,
    };
    let (exchange, key) = (message.exchange.into(), message.key.clone());
    let properties = message.properties.clone();
    channel
        .basic_publish(exchange, key, options, &message.body, properties)
        .await?
        .await
}

/// Reads a confirmation. The client library hands a returned message to whichever confirm comes
/// next, which may be another message's; so returned ones are collected and matched by id.
fn settled(confirmation: Confirmation, returned: &mut Returned) -> Result<(), Fault> {
    let (is_taken, message) = match confirmation {
        Confirmation::Ack(message) => (true, message),
        Confirmation::Nack(message) => (false, message),
        Confirmation::NotRequested => (false, None),
    };
    returned.extend(message.as_ref().and_then(identity));
    if is_taken {
        Ok(())
    } else {
        Err(Fault::down(
            "the broker refused the message: a queue is full, or failed to store it",
        ))
    }
}

fn identity(message: &BasicReturnMessage) -> Option<(ShortString, ShortString)> {
    let id = message.properties.message_id().clone()?;
    Some((message.exchange.clone(), id))
}

fn tell_returned(answer: &mut Result<(), Fault>, message: &Message, returned: &Returned) {
    if returned.is_empty() || answer.is_err() {
        return;
    }
    if returned.contains(&(message.exchange.into(), message.id.clone())) {
        *answer = Err(unroutable(message));
    }
}

fn unroutable(message: &Message) -> Fault {
    let Message { exchange, key, .. } = message;
    if *exchange == FEED_EXCHANGE {
        let what = "the hub's own queue is not bound to exchange";
        return Fault::down(format!("{what} `{exchange}` for key `{key}`"));
    }
    Fault::Unrouted(format!(
        "nobody is bound to exchange `{exchange}` for key `{key}`"
    ))
}
