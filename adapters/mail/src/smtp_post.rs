//! Handing mails to a mail server, over a few connections that are kept open.

mod batch;
mod delivery;
mod group;
mod session;
mod settings;
mod wire;

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bondhub_core::ports::mail::{Letter, Post, Posted};
use futures::future::join_all;
use tokio::sync::Semaphore;

use batch::Batch;
use delivery::{Envelope, deliver};
use session::{Lost, Session};
use settings::Endpoint;
pub use settings::{SmtpSettings, SmtpSettingsError, SmtpTimeouts};

/// Hands mails to one mail server.
///
/// The letters of a call go over up to the configured number of connections side by side. A
/// connection that died while it was idle is replaced unnoticed; nothing is ever sent a second time
/// once its final dot was.
pub struct SmtpPost {
    endpoint: Endpoint,
    connections: usize,
    permits: Semaphore,
    idle: Mutex<Vec<Session>>,
}

/// No connection, and why. Nothing was sent.
struct Unreachable(String);

impl SmtpPost {
    /// Checks the settings; connects when there is something to send.
    pub fn new(settings: SmtpSettings) -> Result<Self, SmtpSettingsError> {
        let connections = settings.connections;
        Ok(Self {
            endpoint: Endpoint::new(settings)?,
            connections,
            permits: Semaphore::new(connections),
            idle: Mutex::new(Vec::new()),
        })
    }

    /// Takes leave of the server on all connections that are idle.
    pub async fn close(&self) {
        let idle = std::mem::take(&mut *self.idle());
        join_all(idle.into_iter().map(Session::quit)).await;
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One connection's work: takes letter after letter until none is left.
    async fn work(&self, batch: &Batch<'_>) {
        let Ok(_permit) = self.permits.acquire().await else {
            return;
        };
        let mut session = self.idle().pop();
        while let Some((index, letter)) = batch.next() {
            match self.send(&mut session, letter).await {
                Ok(posted) => batch.settle(index, posted),
                Err(Unreachable(reason)) => {
                    batch.give_back(index, reason);
                    break;
                }
            }
        }
        self.idle().extend(session);
    }

    /// Sends one letter: over the connection there is, and if that was lost before the final dot, over
    /// a new one.
    async fn send(
        &self,
        session: &mut Option<Session>,
        letter: &Letter,
    ) -> Result<Posted, Unreachable> {
        let envelope = match Envelope::new(&self.endpoint.sender, letter) {
            Ok(envelope) => envelope,
            Err(reply) => {
                return Ok(Posted::Refused {
                    reply,
                    permanent: true,
                });
            }
        };
        if let Some(open) = session
            && let Ok(posted) = deliver(open, &envelope).await
        {
            session.take_if(|session| session.is_over());
            return Ok(posted);
        }
        *session = None;
        let fresh = Session::open(&self.endpoint).await;
        let fresh = session.insert(fresh.map_err(|Lost(reason)| Unreachable(reason))?);
        let posted = deliver(fresh, &envelope).await;
        session.take_if(|session| session.is_over());
        Ok(posted.unwrap_or_else(|Lost(reason)| Posted::Down(reason)))
    }
}

#[async_trait]
impl Post for SmtpPost {
    async fn post(&self, letters: &[Letter]) -> Vec<Posted> {
        let batch = Batch::new(letters);
        let workers = self.connections.min(letters.len());
        join_all((0..workers).map(|_| self.work(&batch))).await;
        batch.outcomes()
    }
}
