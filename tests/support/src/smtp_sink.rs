//! A mail server that keeps what it gets, and breaks down where it is told to.
//!
//! It speaks strict SMTP with PIPELINING (RFC 5321, 2920): lines end with CRLF or are refused, the
//! order of commands matters, and what it was sent is kept byte for byte.

mod dialogue;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};
use tokio_native_tls::TlsAcceptor;

/// What goes wrong with every mail, or every connection, until told otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Connections are closed at once.
    RefuseConnections,
    /// Connections are greeted with this line and closed, e.g. `421 too busy`.
    Greeting(String),
    /// The connection breaks at the first line of the data: the final dot never gets there.
    BreakBeforeDot,
    /// The mail is kept, and the connection breaks without a reply.
    LoseReply,
    /// The mail is kept, and no reply ever comes.
    NeverReply,
    /// The reply to the final dot comes this late.
    SlowReply(Duration),
    /// The mail is not kept, and answered with this line, e.g. `452 disk full`.
    RefuseData(String),
}

/// A mail as it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// How often a mail with this Message-ID was taken.
    pub count: u32,
    /// Its bytes, dots undone, as they came last.
    pub bytes: Vec<u8>,
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
}

#[derive(Default)]
struct State {
    fault: Fault,
    refused: BTreeMap<String, String>,
    account: Option<(String, String)>,
    stored: BTreeMap<String, Stored>,
    verbs: Vec<String>,
}

struct Shared {
    state: Mutex<State>,
    pipelining: AtomicBool,
    connections: AtomicU64,
    changed: watch::Sender<u64>,
    cut: watch::Sender<u64>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes whoever waits in [`SmtpSink::until`].
    fn note(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}

/// The server. It ends when it is dropped.
pub struct SmtpSink {
    address: SocketAddr,
    secure: bool,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl SmtpSink {
    /// Starts on a free port of this machine.
    pub async fn start() -> Result<Self> {
        Self::start_at("127.0.0.1:0", None).await
    }

    /// Starts with TLS from the first byte; certificate and PKCS#8 key are PEM.
    pub async fn start_secure(certificate: &[u8], key: &[u8]) -> Result<Self> {
        let identity = native_tls::Identity::from_pkcs8(certificate, key)?;
        let acceptor = native_tls::TlsAcceptor::new(identity)?;
        Self::start_at("127.0.0.1:0", Some(acceptor.into())).await
    }

    /// Starts at an address.
    pub async fn start_at(address: &str, tls: Option<TlsAcceptor>) -> Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .context("the mail sink cannot listen")?;
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            pipelining: AtomicBool::new(true),
            connections: AtomicU64::new(0),
            changed: watch::Sender::new(0),
            cut: watch::Sender::new(0),
        });
        Ok(Self {
            address: listener.local_addr()?,
            secure: tls.is_some(),
            accepting: tokio::spawn(accept(listener, tls, Arc::clone(&shared))),
            shared,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `smtp://…` or `smtps://…`.
    pub fn url(&self) -> String {
        let scheme = if self.secure { "smtps" } else { "smtp" };
        format!("{scheme}://{}", self.address)
    }

    /// From now on this goes wrong.
    pub fn set_fault(&self, fault: Fault) {
        self.shared.state().fault = fault;
    }

    /// From now on this recipient is answered with this line, e.g. `550 no such user`.
    pub fn refuse_recipient(&self, address: &str, reply: &str) {
        self.shared
            .state()
            .refused
            .insert(address.to_owned(), reply.to_owned());
    }

    /// All recipients are taken again.
    pub fn take_all_recipients(&self) {
        self.shared.state().refused.clear();
    }

    /// From now on mails are only taken from this account.
    pub fn require_account(&self, user: &str, password: &str) {
        self.shared.state().account = Some((user.to_owned(), password.to_owned()));
    }

    /// Whether new connections are offered PIPELINING.
    pub fn offer_pipelining(&self, offered: bool) {
        self.shared.pipelining.store(offered, Ordering::Release);
    }

    /// Cuts all connections that are open.
    pub fn cut_connections(&self) {
        self.shared.cut.send_modify(|count| *count += 1);
    }

    /// Mails by Message-ID (with angle brackets).
    pub fn stored(&self) -> BTreeMap<String, Stored> {
        self.shared.state().stored.clone()
    }

    /// How many mails were taken, counting repetitions.
    pub fn taken(&self) -> u64 {
        self.shared
            .state()
            .stored
            .values()
            .map(|stored| u64::from(stored.count))
            .sum()
    }

    /// The verbs of all commands so far, in upper case, each connection's in order.
    pub fn verbs(&self) -> Vec<String> {
        self.shared.state().verbs.clone()
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Acquire)
    }

    /// Waits until something holds, at most `limit`.
    pub async fn until(&self, limit: Duration, holds: impl Fn(&Self) -> bool) -> Result<()> {
        let mut changed = self.shared.changed.subscribe();
        let waiting = async {
            while !holds(self) {
                changed.changed().await?;
            }
            Ok(())
        };
        tokio::time::timeout(limit, waiting)
            .await
            .context("what was waited for did not come")?
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut_connections();
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::AcqRel);
        shared.note();
        tokio::spawn(serve(stream, tls.clone(), Arc::clone(&shared)));
    }
}

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut cut = shared.cut.subscribe();
    cut.mark_unchanged();
    // A dialogue that breaks off is what tests are about, not an error of the sink.
    tokio::select! {
        _ = cut.changed() => {}
        _ = converse(stream, tls, &shared) => {}
    }
    shared.note();
}

async fn converse(stream: TcpStream, tls: Option<TlsAcceptor>, shared: &Shared) -> Result<()> {
    if shared.state().fault == Fault::RefuseConnections {
        return Ok(());
    }
    stream.set_nodelay(true)?;
    match tls {
        None => dialogue::hold(stream, shared).await,
        Some(tls) => dialogue::hold(tls.accept(stream).await?, shared).await,
    }
}
