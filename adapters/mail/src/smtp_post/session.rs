//! One connection to the mail server.

use std::{future::Future, time::Duration};

use lettre::transport::smtp::{
    Error,
    authentication::Mechanism,
    client::{AsyncSmtpConnection, AsyncTokioStream},
    commands::Ehlo,
};
use tokio::{net::TcpStream, time::timeout};

use super::{
    group::{Group, Reply},
    settings::{Endpoint, SmtpTimeouts},
    wire::{Sent, Wire},
};

/// The connection is of no more use, and why.
#[derive(Debug)]
pub(super) struct Lost(pub(super) String);

/// A connection that was greeted and, where asked for, authenticated.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
    sent: Sent,
    timeouts: SmtpTimeouts,
    pipelining: bool,
    over: bool,
    /// The last transaction was broken off; the next one begins with RSET.
    pub(super) unfinished: bool,
}

impl Session {
    /// Connects, greets, authenticates.
    pub(super) async fn open(endpoint: &Endpoint) -> Result<Self, Lost> {
        match timeout(endpoint.timeouts.connect, Self::connect(endpoint)).await {
            Ok(opened) => opened,
            Err(_) => Err(Lost(format!("{} does not answer in time", endpoint.host))),
        }
    }

    async fn connect(endpoint: &Endpoint) -> Result<Self, Lost> {
        let sent = Sent::default();
        let stream = stream(endpoint, sent.clone())
            .await
            .map_err(|error| Lost(error.to_string()))?;
        let connection = AsyncSmtpConnection::connect_with_transport(stream, &endpoint.hello).await;
        let mut session = Self {
            connection: connection.map_err(|error| lost(&error))?,
            sent,
            timeouts: endpoint.timeouts,
            pipelining: false,
            over: false,
            unfinished: false,
        };
        session.authenticate(endpoint).await?;
        session.pipelining = session.offers_pipelining(endpoint).await?;
        Ok(session)
    }

    async fn authenticate(&mut self, endpoint: &Endpoint) -> Result<(), Lost> {
        let Some(credentials) = &endpoint.credentials else {
            return Ok(());
        };
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        let reply = self.connection.auth(&mechanisms, credentials).await;
        reply.map(drop).map_err(|error| lost(&error))
    }

    /// lettre does not tell what else the server offers, so it is asked once more.
    async fn offers_pipelining(&mut self, endpoint: &Endpoint) -> Result<bool, Lost> {
        let hello = self
            .connection
            .command(Ehlo::new(endpoint.hello.clone()))
            .await;
        let offers = hello.map_err(|error| lost(&error))?;
        Ok(offers
            .message()
            .any(|line| line.trim().eq_ignore_ascii_case("PIPELINING")))
    }

    /// Commands may be sent without waiting for each reply.
    pub(super) fn pipelining(&self) -> bool {
        self.pipelining
    }

    /// Nothing more can be sent over it.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Sends the commands and collects their replies.
    pub(super) async fn ask(&mut self, group: &Group) -> Result<Vec<Reply>, Lost> {
        let limit = self.timeouts.command;
        let mut replies = Vec::with_capacity(group.replies);
        let first = within(limit, self.connection.command(&group.text)).await;
        replies.push(self.heard(first)?);
        while replies.len() < group.replies {
            let next = within(limit, self.connection.read_response()).await;
            replies.push(self.heard(next)?);
        }
        Ok(replies)
    }

    /// Sends the data with their final dot, and waits for the server's word on them.
    pub(super) async fn hand_over(&mut self, data: &str) -> Handed {
        let end = self.sent.bytes() + u64::try_from(data.len()).unwrap_or(u64::MAX);
        let reply = within(self.timeouts.data, self.connection.command(data)).await;
        match self.heard_last(reply) {
            Ok(reply) => Handed::Answered(reply),
            Err(Lost(reason)) if self.sent.bytes() >= end => Handed::Unknown(reason),
            Err(lost) => Handed::NotSent(lost),
        }
    }

    /// A server that says good-bye in between has not taken anything.
    fn heard(&mut self, result: Result<Reply, Lost>) -> Result<Reply, Lost> {
        let reply = self.heard_last(result)?;
        if reply.is_farewell() {
            Err(Lost(reply.text))
        } else {
            Ok(reply)
        }
    }

    fn heard_last(&mut self, result: Result<Reply, Lost>) -> Result<Reply, Lost> {
        self.over |= result.as_ref().map_or(true, Reply::is_farewell);
        result
    }

    /// Takes leave.
    pub(super) async fn quit(mut self) {
        let limit = self.timeouts.command.min(Duration::from_secs(5));
        // Whether or not the server answers, the connection ends here.
        drop(timeout(limit, self.connection.quit()).await);
    }
}

/// What became of a mail's data.
#[derive(Debug)]
pub(super) enum Handed {
    /// The server answered.
    Answered(Reply),
    /// The connection was lost before the final dot was sent: the server cannot have taken the mail.
    NotSent(Lost),
    /// The connection was lost, or too slow, after it: nobody knows.
    Unknown(String),
}

async fn within(
    limit: Duration,
    answer: impl Future<Output = Result<lettre::transport::smtp::response::Response, Error>>,
) -> Result<Reply, Lost> {
    match timeout(limit, answer).await {
        Ok(answer) => Reply::of(answer).map_err(|error| lost(&error)),
        Err(_) => Err(Lost(format!("no answer within {} s", limit.as_secs_f32()))),
    }
}

fn lost(error: &Error) -> Lost {
    Lost(error.to_string())
}

async fn stream(
    endpoint: &Endpoint,
    sent: Sent,
) -> Result<Box<dyn AsyncTokioStream>, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
    stream.set_nodelay(true)?;
    let peer = stream.peer_addr()?;
    Ok(match &endpoint.tls {
        None => Box::new(Wire { stream, peer, sent }),
        Some(tls) => {
            let stream = tls.connect(&endpoint.host, stream).await?;
            Box::new(Wire { stream, peer, sent })
        }
    })
}
