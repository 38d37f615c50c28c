//! The mail server: a process of its own, so that what it uses is not counted as the hub's.
//!
//! It keeps how often it took each Message-ID, and a sample of whole mails. `count`, `dump FILE` and
//! `forget` come by standard input, a line each; every one is answered by a line.

mod dialogue;

use std::{
    collections::{BTreeMap, VecDeque},
    io::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Context as _;
use bondhub::hub::system::SystemClock;
use bondhub_core::{calendar::Timestamp, ports::Clock as _};
use serde_json::json;
use tokio::net::TcpListener;

/// One in so many mails is kept whole, and the last ones.
const SAMPLE: u64 = 64;
const LAST: usize = 64;

#[derive(Default)]
struct State {
    counts: BTreeMap<String, u32>,
    taken: u64,
    bytes: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    sample: Vec<Mail>,
    latest: VecDeque<Mail>,
}

struct Mail {
    to: String,
    bytes: Vec<u8>,
}

/// What the connections share.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<State>>);

impl Store {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, to: String, bytes: &[u8]) {
        let now = SystemClock.now();
        let mut state = self.state();
        state.taken += 1;
        state.bytes += u64::try_from(bytes.len()).unwrap_or(0);
        state.first.get_or_insert(now);
        state.last = Some(now);
        *state.counts.entry(message_id(bytes)).or_insert(0) += 1;
        let mail = Mail {
            to,
            bytes: bytes.to_vec(),
        };
        if state.taken.is_multiple_of(SAMPLE) {
            state.sample.push(mail);
        } else {
            state.latest.push_back(mail);
            if state.latest.len() > LAST {
                state.latest.pop_front();
            }
        }
    }

    fn answer(&self, question: &str) -> anyhow::Result<String> {
        let mut state = self.state();
        match question.split_once(' ').unwrap_or((question, "")) {
            ("count", _) => Ok(json!({
                "taken": state.taken, "distinct": state.counts.len(), "bytes": state.bytes,
                "first": state.first, "last": state.last,
            })
            .to_string()),
            ("dump", file) => {
                std::fs::write(file, dumped(&state).to_string())?;
                Ok("done".to_owned())
            }
            ("forget", _) => {
                *state = State::default();
                Ok("done".to_owned())
            }
            _ => anyhow::bail!("`{question}` is no question"),
        }
    }
}

fn dumped(state: &State) -> serde_json::Value {
    let kept = state.sample.iter().chain(&state.latest);
    let mails: Vec<_> = kept
        .map(|mail| json!({"to": mail.to, "bytes": String::from_utf8_lossy(&mail.bytes)}))
        .collect();
    json!({"counts": state.counts, "mails": mails})
}

fn message_id(mail: &[u8]) -> String {
    let head = mail.split(|byte| *byte == b'\n');
    head.take_while(|line| line.len() > 1)
        .find_map(|line| value(line, "message-id:"))
        .unwrap_or_default()
}

fn value(line: &[u8], name: &str) -> Option<String> {
    let (start, rest) = line.split_at_checked(name.len())?;
    let found = start.eq_ignore_ascii_case(name.as_bytes());
    found.then(|| String::from_utf8_lossy(rest).trim().to_owned())
}

/// Listens, says where, and answers until standard input ends.
pub(crate) fn run() -> anyhow::Result<()> {
    let store = Store::default();
    let (said, heard) = std::sync::mpsc::channel();
    let kept = store.clone();
    std::thread::spawn(move || serve(&kept, &said));
    say(&heard.recv().context("the sink cannot listen")?)?;
    for line in std::io::stdin().lines() {
        say(&store.answer(line?.trim())?)?;
    }
    Ok(())
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn serve(store: &Store, said: &std::sync::mpsc::Sender<String>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        said.send(listener.local_addr()?.to_string())?;
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(dialogue::hold(stream, store.clone()));
        }
    })
}
