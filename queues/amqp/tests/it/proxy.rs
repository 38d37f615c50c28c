//! A TCP proxy in front of the broker that can go silent and break connections.

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

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// What the broker says does not reach the client.
    is_silent: bool,
    /// Counts how often all connections were broken.
    breaks: u64,
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

    /// Breaks every connection that is open now.
    pub(crate) fn break_all(&self) {
        self.state.send_modify(|state| state.breaks += 1);
    }
}

async fn relay(client: TcpStream, target: SocketAddr, state: watch::Receiver<State>) {
    let Ok(broker) = TcpStream::connect(target).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_broker, to_broker) = broker.into_split();
    let breaks = state.borrow().breaks;
    let mut breaking = state.clone();
    tokio::select! {
        () = copy(from_client, to_broker, None) => {}
        () = copy(from_broker, to_client, Some(state)) => {}
        _ = breaking.wait_for(|state| state.breaks != breaks) => {}
    }
}

async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut gate: Option<watch::Receiver<State>>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut buffer).await {
        if let Some(gate) = &mut gate
            && gate.wait_for(|state| !state.is_silent).await.is_err()
        {
            return;
        }
        if length == 0 || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
