//! The publishing end: a task that owns the connection, and the ports that hand it messages.

use std::{collections::VecDeque, future::Future, sync::Arc};

use async_trait::async_trait;
use bondhub_core::ports::queue::{Outgoing, Publish, QueueError, Submit};
use futures::{FutureExt as _, StreamExt as _, stream::BoxStream};
use lapin::{Channel, Connection, Event, options::ConfirmSelectOptions};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep, sleep_until},
};

use crate::{
    backoff::Backoff,
    board::Board,
    connection::{self, within},
    fault::Fault,
    request::{Message, Request, answer},
    settings::Settings,
    topology::{self, FEED_EXCHANGE, OWN_EXCHANGE, Topology},
    window,
};

/// As many messages are published before the first confirm is awaited.
const WINDOW: usize = 1024;
/// Requests that may wait for the task.
const ROOM: usize = 256;

/// Publishes to `bondhub` ([`Publish`]) and to `procurement` ([`Submit`]), with confirms.
///
/// Clones share one connection, which closes when the last one is dropped. What is handed over
/// while there is no connection waits a little (`patience`), then fails as down.
#[derive(Clone)]
pub struct AmqpPublisher {
    requests: mpsc::Sender<Request>,
    settings: Arc<Settings>,
}

impl AmqpPublisher {
    pub(crate) fn start(settings: Arc<Settings>, board: Board, backoff: Backoff) -> Self {
        let (requests, receiver) = mpsc::channel(ROOM);
        let owner = Owner {
            settings: Arc::clone(&settings),
            board,
            backoff,
            requests: receiver,
            held: VecDeque::new(),
            is_over: false,
        };
        tokio::spawn(owner.run());
        Self { requests, settings }
    }

    async fn send(&self, exchange: &'static str, events: &[Outgoing]) -> Vec<Result<(), Fault>> {
        let mut messages = Vec::with_capacity(events.len());
        let mut unfit = Vec::new();
        for (index, event) in events.iter().enumerate() {
            match Message::new(exchange, event) {
                Ok(message) => messages.push(message),
                Err(fault) => unfit.push((index, Err(fault))),
            }
        }
        let mut answers = self.hand_over(messages).await;
        for (index, answer) in unfit {
            answers.insert(index.min(answers.len()), answer);
        }
        answers
    }

    async fn hand_over(&self, messages: Vec<Message>) -> Vec<Result<(), Fault>> {
        let count = messages.len();
        if count == 0 {
            return Vec::new();
        }
        let (reply, answers) = oneshot::channel();
        let request = Request {
            messages,
            reply,
            deadline: Instant::now() + self.settings.patience,
        };
        let gone = || vec![Err(Fault::down("the publisher was shut down")); count];
        if self.requests.send(request).await.is_err() {
            return gone();
        }
        answers.await.unwrap_or_else(|_| gone())
    }
}

#[async_trait]
impl Publish for AmqpPublisher {
    async fn publish(&self, events: &[Outgoing]) -> Vec<Result<(), QueueError>> {
        let answers = self.send(OWN_EXCHANGE, events).await;
        answers.into_iter().map(|answer| Ok(answer?)).collect()
    }
}

#[async_trait]
impl Submit for AmqpPublisher {
    async fn submit(&self, event: Outgoing) -> Result<(), QueueError> {
        let answers = self.send(FEED_EXCHANGE, std::slice::from_ref(&event)).await;
        for answer in answers {
            answer?;
        }
        Ok(())
    }
}

/// Owns the connection, one life after the other.
struct Owner {
    settings: Arc<Settings>,
    board: Board,
    backoff: Backoff,
    requests: mpsc::Receiver<Request>,
    /// Requests that wait for a connection, oldest first.
    held: VecDeque<Request>,
    /// All publishers are dropped.
    is_over: bool,
}

/// One life: a channel in confirm mode.
struct Session {
    connection: Connection,
    channel: Channel,
    events: BoxStream<'static, Event>,
    is_blocked: bool,
}

impl Session {
    async fn begin(settings: &Settings) -> Result<Self, Fault> {
        let limit = settings.connect_timeout;
        let topology = Topology::with_partitions(settings.partitions);
        let connection = connection::open(settings, "publisher").await?;
        let events = connection.events_listener().boxed();
        topology::declare(&connection, &topology, limit).await?;
        let channel = within(limit, "opening a channel", connection.create_channel()).await?;
        let confirm = channel.confirm_select(ConfirmSelectOptions::default());
        within(limit, "asking for confirms", confirm).await?;
        Ok(Self {
            connection,
            channel,
            events,
            is_blocked: false,
        })
    }
}

impl Owner {
    async fn run(mut self) {
        while !(self.is_over && self.held.is_empty()) {
            let Err(fault) = self.live().await else { break };
            self.board.failed(&fault);
            if matches!(fault, Fault::Misfit(_)) {
                self.refuse_all(&fault);
            }
            let delay = self.backoff.delay();
            self.holding(sleep(delay), &fault).await;
        }
        self.board.closed();
    }

    /// Connects and publishes until the connection fails, or nobody publishes any more.
    async fn live(&mut self) -> Result<(), Fault> {
        let settings = Arc::clone(&self.settings);
        let unreachable = Fault::down("there is no connection to the broker yet");
        let mut session = self
            .holding(Session::begin(&settings), &unreachable)
            .await?;
        self.board.connected();
        self.backoff.reset();
        let ending = self.serve(&mut session).await;
        connection::close(&session.connection).await;
        ending
    }

    async fn serve(&mut self, session: &mut Session) -> Result<(), Fault> {
        loop {
            self.note(session)?;
            if !self.held.is_empty() {
                self.publish_held(session).await?;
                continue;
            }
            if self.is_over {
                return Ok(());
            }
            tokio::select! {
                event = session.events.next() => self.noted(session, event)?,
                request = self.requests.recv() => self.hold(request),
            }
        }
    }

    /// Publishes a window of what is held and what has come in meanwhile.
    async fn publish_held(&mut self, session: &mut Session) -> Result<(), Fault> {
        let requests = self.gather();
        if session.is_blocked {
            let fault = Fault::down("the broker blocks publishers (memory or disk alarm)");
            for request in requests {
                request.refuse(&fault);
            }
            return Ok(());
        }
        let messages: Vec<&Message> = requests
            .iter()
            .flat_map(|request| &request.messages)
            .collect();
        let limit = self.settings.confirm_timeout;
        let outcome = window::publish(&session.channel, &messages, limit).await;
        distribute(requests, outcome.answers);
        self.note(session)?;
        match outcome.broken {
            // A blocked connection is whole; what was sent is confirmed once the alarm is over.
            Some(fault) if !session.is_blocked => Err(fault),
            _ => Ok(()),
        }
    }

    fn gather(&mut self) -> Vec<Request> {
        let mut requests = Vec::new();
        let mut count = 0;
        while count < WINDOW {
            let next = self
                .held
                .pop_front()
                .or_else(|| self.requests.try_recv().ok());
            let Some(request) = next else { break };
            if !request.is_abandoned() {
                count += request.messages.len();
                requests.push(request);
            }
        }
        requests
    }

    /// Notes what the broker said meanwhile.
    fn note(&self, session: &mut Session) -> Result<(), Fault> {
        while let Some(event) = session.events.next().now_or_never() {
            self.noted(session, event)?;
        }
        Ok(())
    }

    fn noted(&self, session: &mut Session, event: Option<Event>) -> Result<(), Fault> {
        match event {
            Some(Event::ConnectionBlocked(reason)) => {
                session.is_blocked = true;
                self.board.blocked(Some(reason));
            }
            Some(Event::ConnectionUnblocked) => {
                session.is_blocked = false;
                self.board.blocked(None);
            }
            Some(Event::Error(error)) => {
                return Err(Fault::from_client("the connection was lost", error));
            }
            None => return Err(Fault::down("the connection was lost")),
            Some(_) => {}
        }
        Ok(())
    }

    /// Does `work`, while requests are held, and refused once they waited long enough.
    async fn holding<T>(&mut self, work: impl Future<Output = T>, fault: &Fault) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            let deadline = self.held.front().map(|request| request.deadline);
            tokio::select! {
                done = &mut work => return done,
                () = expired(deadline) => self.refuse_overdue(fault),
                request = self.requests.recv(), if self.may_hold() => self.hold(request),
            }
        }
    }

    fn may_hold(&self) -> bool {
        !self.is_over && self.held.len() < ROOM
    }

    fn hold(&mut self, request: Option<Request>) {
        match request {
            Some(request) => self.held.push_back(request),
            None => self.is_over = true,
        }
    }

    fn refuse_overdue(&mut self, fault: &Fault) {
        let now = Instant::now();
        let overdue = self.held.partition_point(|request| request.deadline <= now);
        self.held
            .drain(..overdue)
            .for_each(|request| request.refuse(fault));
    }

    fn refuse_all(&mut self, fault: &Fault) {
        self.held
            .drain(..)
            .for_each(|request| request.refuse(fault));
        while let Ok(request) = self.requests.try_recv() {
            request.refuse(fault);
        }
    }
}

async fn expired(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn distribute(requests: Vec<Request>, answers: Vec<Result<(), Fault>>) {
    let mut answers = answers.into_iter();
    for request in requests {
        let own = answers.by_ref().take(request.messages.len()).collect();
        answer(request.reply, own);
    }
}
