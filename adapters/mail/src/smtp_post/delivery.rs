//! One mail over one connection: envelope, data, and what the server said.

use bondhub_core::ports::mail::{Letter, Posted};
use lettre::{
    Address,
    transport::smtp::commands::{Data, Mail, Rcpt, Rset},
};

use super::{
    group::{Group, Reply},
    session::{Handed, Lost, Session},
};

/// The longest line of a mail, without its line end.
const LONGEST_LINE: usize = 998;

/// A letter as it goes over the wire.
pub(super) struct Envelope<'a> {
    from: &'a Address,
    to: Vec<Address>,
    content: &'a str,
}

impl<'a> Envelope<'a> {
    /// Checks what could be taken for something else on the way: a lone CR or LF is where one server
    /// sees the end of a mail and another does not. Such a letter is never sent, whoever made it.
    pub(super) fn new(from: &'a Address, letter: &'a Letter) -> Result<Self, String> {
        let to: Result<Vec<Address>, _> = letter
            .to
            .iter()
            .map(|address| address.as_str().parse())
            .collect();
        let to = to.map_err(|error| format!("not sent: a recipient is not taken: {error}"))?;
        if to.is_empty() {
            return Err("not sent: the mail has no recipient".to_owned());
        }
        let content = std::str::from_utf8(&letter.bytes).unwrap_or_default();
        if !content.is_ascii() || !content.ends_with("\r\n") {
            return Err("not sent: the mail is not 7-bit text in whole lines".to_owned());
        }
        if content.split("\r\n").any(is_unfit) {
            return Err(
                "not sent: the mail has a lone CR, LF or NUL, or too long a line".to_owned(),
            );
        }
        Ok(Self { from, to, content })
    }

    /// The data with dots doubled at the start of lines, and the final dot.
    fn data(&self) -> String {
        let stuffed = self.content.replace("\r\n.", "\r\n..");
        let first = if stuffed.starts_with('.') { "." } else { "" };
        [first, &stuffed, ".\r\n"].concat()
    }
}

fn is_unfit(line: &str) -> bool {
    line.len() > LONGEST_LINE || line.contains(['\r', '\n', '\0'])
}

/// What the envelope came to.
enum Opened {
    /// The server waits for the data; recipients it does not take.
    Ready { refused: Vec<Reply> },
    /// Not this mail.
    Refused(Posted),
}

/// Hands over one mail. `Lost` says that the connection broke before the final dot: the mail did not
/// get through and may be sent again.
pub(super) async fn deliver(
    session: &mut Session,
    envelope: &Envelope<'_>,
) -> Result<Posted, Lost> {
    let refused = match open(session, envelope).await? {
        Opened::Ready { refused } => refused,
        Opened::Refused(posted) => {
            session.unfinished = true;
            return Ok(posted);
        }
    };
    match session.hand_over(&envelope.data()).await {
        Handed::Answered(reply) if reply.is_good() => Ok(accepted(&reply, &refused)),
        Handed::Answered(reply) => Ok(refusal(&reply)),
        Handed::NotSent(lost) => Err(lost),
        Handed::Unknown(reason) => Ok(Posted::Unknown(reason)),
    }
}

async fn open(session: &mut Session, envelope: &Envelope<'_>) -> Result<Opened, Lost> {
    reset(session).await?;
    // With one recipient, all of the envelope goes at once: if it is refused, there is nobody left
    // whom the data could reach.
    if session.pipelining() && envelope.to.len() == 1 {
        return at_once(session, envelope).await;
    }
    let replies = address(session, envelope).await?;
    let ready = match judge(&replies) {
        Opened::Ready { refused } => refused,
        refused @ Opened::Refused(_) => return Ok(refused),
    };
    let answer = ask_one(session, Data).await?;
    if answer.code == 354 {
        Ok(Opened::Ready { refused: ready })
    } else {
        Ok(Opened::Refused(refusal(&answer)))
    }
}

async fn reset(session: &mut Session) -> Result<(), Lost> {
    if session.unfinished {
        ask_one(session, Rset).await?;
        session.unfinished = false;
    }
    Ok(())
}

/// MAIL, RCPT and DATA in one go.
async fn at_once(session: &mut Session, envelope: &Envelope<'_>) -> Result<Opened, Lost> {
    let mut group = addressing(envelope);
    group.push(Data);
    let mut replies = session.ask(&group).await?;
    let Some(data) = replies.pop() else {
        return Err(Lost("a reply is missing".to_owned()));
    };
    match (judge(&replies), data.code) {
        (ready @ Opened::Ready { .. }, 354) => Ok(ready),
        (Opened::Ready { .. }, _) => Ok(Opened::Refused(refusal(&data))),
        (refused, 354) => {
            // It waits for data all the same; an empty mail to nobody is what it gets.
            ask_one(session, ".\r\n").await?;
            Ok(refused)
        }
        (refused, _) => Ok(refused),
    }
}

async fn address(session: &mut Session, envelope: &Envelope<'_>) -> Result<Vec<Reply>, Lost> {
    if session.pipelining() {
        return session.ask(&addressing(envelope)).await;
    }
    let mut replies = vec![ask_one(session, Mail::new(Some(envelope.from.clone()), vec![])).await?];
    for to in &envelope.to {
        replies.push(ask_one(session, Rcpt::new(to.clone(), vec![])).await?);
    }
    Ok(replies)
}

fn addressing(envelope: &Envelope<'_>) -> Group {
    let mut group = Group::default();
    group.push(Mail::new(Some(envelope.from.clone()), vec![]));
    for to in &envelope.to {
        group.push(Rcpt::new(to.clone(), vec![]));
    }
    group
}

async fn ask_one(session: &mut Session, command: impl std::fmt::Display) -> Result<Reply, Lost> {
    let mut group = Group::default();
    group.push(command);
    let replies = session.ask(&group).await?;
    replies
        .into_iter()
        .next()
        .ok_or_else(|| Lost("a reply is missing".to_owned()))
}

/// A recipient refused for now holds the whole mail back, so that it is not sent twice to the others.
/// Recipients refused for good are left out as long as one is left.
fn judge(replies: &[Reply]) -> Opened {
    let Some((sender, recipients)) = replies.split_first() else {
        return Opened::Ready { refused: vec![] };
    };
    if !sender.is_good() {
        return Opened::Refused(refusal(sender));
    }
    let refused: Vec<Reply> = recipients
        .iter()
        .filter(|reply| !reply.is_good())
        .cloned()
        .collect();
    let for_now = refused.iter().find(|reply| !reply.is_permanent());
    match (for_now, refused.first()) {
        (Some(reply), _) => Opened::Refused(refusal(reply)),
        (None, Some(reply)) if refused.len() == recipients.len() => Opened::Refused(refusal(reply)),
        (None, _) => Opened::Ready { refused },
    }
}

fn refusal(reply: &Reply) -> Posted {
    Posted::Refused {
        reply: reply.text.clone(),
        permanent: reply.is_permanent(),
    }
}

fn accepted(reply: &Reply, refused: &[Reply]) -> Posted {
    let start = reply.text.clone();
    let note = |text: String, one: &Reply| text + "; one recipient refused: " + &one.text;
    Posted::Accepted(refused.iter().fold(start, note))
}
