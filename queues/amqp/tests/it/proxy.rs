//! A TCP proxy in front of the broker that can go silent, break connections and speak for the broker.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    state: Arc<watch::Sender<State>>,
}

#[derive(Debug, Clone, Default)]
struct State {
    /// What the broker says does not reach the client.
    is_silent: bool,
    /// Counts how often all connections were broken.
    breaks: u64,
    /// What is to be said in the broker's name, once for each count.
    words: Vec<u8>,
    says: u64,
}

impl Proxy {
    pub(crate) async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(watch::Sender::new(State::default()));
        let subscription = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(relay(client, target, subscription.subscribe()));
            }
        });
        Self { address, state }
    }

    /// Holds back what the broker answers; what the client sends still goes through.
    pub(crate) fn silence(&self, is_silent: bool) {
        self.state.send_modify(|state| state.is_silent = is_silent);
    }

    /// Says something in the broker's name, which must be silent just then: between two frames.
    pub(crate) fn say(&self, words: Vec<u8>) {
        self.state.send_modify(|state| {
            state.words = words;
            state.says += 1;
        });
    }

    /// Breaks every connection that is open now.
    pub(crate) fn break_all(&self) {
        self.state.send_modify(|state| state.breaks += 1);
    }
}

async fn relay(client: TcpStream, target: SocketAddr, mut state: watch::Receiver<State>) {
    let Ok(broker) = TcpStream::connect(target).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_broker, to_broker) = broker.into_split();
    let answers = state.clone();
    let breaks = state.borrow().breaks;
    tokio::select! {
        () = ask(from_client, to_broker) => {}
        () = answer(from_broker, to_client, answers) => {}
        _ = state.wait_for(|state| state.breaks != breaks) => {}
    }
}

async fn ask(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    drop(tokio::io::copy(&mut from, &mut to).await);
}

async fn answer(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: watch::Receiver<State>) {
    let mut gate = state.clone();
    let mut voice = state;
    let mut said = voice.borrow().says;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let words = tokio::select! {
            read = from.read(&mut buffer) => match read {
                Ok(length) if length > 0 => buffer[..length].to_vec(),
                _ => return,
            },
            state = voice.wait_for(|state| state.says != said) => match state {
                Ok(state) => {
                    said = state.says;
                    state.words.clone()
                }
                Err(_) => return,
            },
        };
        if gate.wait_for(|state| !state.is_silent).await.is_err() {
            return;
        }
        if to.write_all(&words).await.is_err() {
            return;
        }
    }
}
