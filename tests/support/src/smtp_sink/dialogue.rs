//! One connection's dialogue.

use std::{future::pending, sync::atomic::Ordering};

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::io::{
    AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, ReadHalf, WriteHalf,
};

use super::{Fault, Shared, Stored};
use crate::mail;

/// Greets, and answers until the other side ends or a fault breaks it off.
pub(super) async fn hold<S: AsyncRead + AsyncWrite>(stream: S, shared: &Shared) -> Result<()> {
    let (reading, writing) = tokio::io::split(stream);
    let mut dialogue = Dialogue {
        reader: BufReader::with_capacity(64 * 1024, reading),
        writer: writing,
        replies: Vec::new(),
        shared,
        transaction: Transaction::default(),
        trusted: shared.state().account.is_none(),
    };
    dialogue.run().await?;
    // Whoever reads on must see the end, not a reset.
    dialogue.writer.shutdown().await.context("closing")
}

#[derive(Default)]
struct Transaction {
    from: Option<String>,
    to: Vec<String>,
}

/// Whether the dialogue goes on.
#[derive(PartialEq, Eq)]
enum Next {
    Command,
    End,
}

struct Dialogue<'a, S> {
    reader: BufReader<ReadHalf<S>>,
    writer: WriteHalf<S>,
    replies: Vec<u8>,
    shared: &'a Shared,
    transaction: Transaction,
    trusted: bool,
}

impl<S: AsyncRead + AsyncWrite> Dialogue<'_, S> {
    async fn run(&mut self) -> Result<()> {
        let fault = self.fault();
        if let Fault::Greeting(line) = fault {
            self.reply(&line);
            return self.send().await;
        }
        self.reply("220 sink.example ESMTP");
        self.send().await?;
        while let Some(line) = self.line().await? {
            if self.command(&line).await? == Next::End {
                return Ok(());
            }
        }
        Ok(())
    }

    fn fault(&self) -> Fault {
        self.shared.state().fault.clone()
    }

    /// The next line without its line end; none at the end of the connection. Replies are sent when
    /// nothing more waits to be read.
    async fn line(&mut self) -> Result<Option<String>> {
        if self.reader.buffer().is_empty() {
            self.send().await?;
        }
        let mut line = Vec::new();
        if self.reader.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.strip_suffix(b"\r\n").context("a line without CRLF")?;
        anyhow::ensure!(!line.contains(&b'\r'), "a lone CR");
        Ok(Some(String::from_utf8(line.to_vec())?))
    }

    fn reply(&mut self, line: &str) {
        self.replies.extend_from_slice(line.as_bytes());
        self.replies.extend_from_slice(b"\r\n");
    }

    async fn send(&mut self) -> Result<()> {
        self.writer.write_all(&self.replies).await?;
        self.replies.clear();
        self.writer.flush().await.context("sending")
    }

    async fn command(&mut self, line: &str) -> Result<Next> {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        let verb = verb.to_ascii_uppercase();
        self.shared.state().verbs.push(verb.clone());
        match verb.as_str() {
            "EHLO" => self.hello(),
            "AUTH" => self.authenticate(argument),
            "MAIL" => self.mail(argument),
            "RCPT" => self.recipient(argument),
            "DATA" => return self.data().await,
            "RSET" => self.reset(),
            "NOOP" => self.reply("250 ok"),
            "QUIT" => return self.quit().await,
            _ => self.reply("500 what"),
        }
        Ok(Next::Command)
    }

    fn hello(&mut self) {
        self.transaction = Transaction::default();
        self.reply("250-sink.example");
        if self.shared.pipelining.load(Ordering::Acquire) {
            self.reply("250-PIPELINING");
        }
        self.reply("250-AUTH PLAIN LOGIN");
        self.reply("250 8BITMIME");
    }

    fn authenticate(&mut self, argument: &str) {
        let account = self.shared.state().account.clone();
        let expected = account.map(|(user, password)| format!("\0{user}\0{password}"));
        let given = argument
            .strip_prefix("PLAIN ")
            .and_then(|text| STANDARD.decode(text).ok());
        self.trusted = given.is_some() && given == expected.map(String::into_bytes);
        let line = if self.trusted {
            "235 welcome"
        } else {
            "535 who are you"
        };
        self.reply(line);
    }

    fn mail(&mut self, argument: &str) {
        match address(argument, "FROM:") {
            _ if !self.trusted => self.reply("530 authenticate first"),
            _ if self.transaction.from.is_some() => self.reply("503 one mail at a time"),
            Some(from) => {
                self.transaction.from = Some(from);
                self.reply("250 ok");
            }
            None => self.reply("501 from whom"),
        }
    }

    fn recipient(&mut self, argument: &str) {
        let Some(to) = address(argument, "TO:").filter(|_| self.transaction.from.is_some()) else {
            return self.reply("503 not now");
        };
        let refused = self.shared.state().refused.get(&to).cloned();
        if let Some(line) = refused {
            return self.reply(&line);
        }
        self.transaction.to.push(to);
        self.reply("250 ok");
    }

    fn reset(&mut self) {
        self.transaction = Transaction::default();
        self.reply("250 ok");
    }

    async fn quit(&mut self) -> Result<Next> {
        self.reply("221 bye");
        self.send().await?;
        Ok(Next::End)
    }

    async fn data(&mut self) -> Result<Next> {
        if self.transaction.to.is_empty() {
            self.reply("554 nobody to send it to");
            return Ok(Next::Command);
        }
        self.reply("354 go on");
        let fault = self.fault();
        let mut bytes = Vec::new();
        loop {
            let line = self
                .line()
                .await?
                .context("the connection ended within the data")?;
            if fault == Fault::BreakBeforeDot {
                return Ok(Next::End);
            }
            if line == "." {
                break;
            }
            let content = line.strip_prefix('.').unwrap_or(&line);
            bytes.extend_from_slice(content.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        self.finish(bytes, fault).await
    }

    async fn finish(&mut self, bytes: Vec<u8>, fault: Fault) -> Result<Next> {
        let transaction = std::mem::take(&mut self.transaction);
        match fault {
            Fault::RefuseData(line) => {
                self.reply(&line);
                let over = line.starts_with("421");
                return Ok(if over {
                    self.farewell().await?
                } else {
                    Next::Command
                });
            }
            Fault::SlowReply(time) => tokio::time::sleep(time).await,
            _ => {}
        }
        keep(self.shared, transaction, bytes);
        match fault {
            Fault::LoseReply => Ok(Next::End),
            Fault::NeverReply => pending().await,
            _ => {
                self.reply("250 kept");
                Ok(Next::Command)
            }
        }
    }

    async fn farewell(&mut self) -> Result<Next> {
        self.send().await?;
        Ok(Next::End)
    }
}

fn address(argument: &str, prefix: &str) -> Option<String> {
    let rest = argument.get(prefix.len()..)?;
    let known = argument.get(..prefix.len())?.eq_ignore_ascii_case(prefix);
    let inner = rest.trim().strip_prefix('<')?.split_once('>')?.0;
    known.then(|| inner.to_owned())
}

fn keep(shared: &Shared, transaction: Transaction, bytes: Vec<u8>) {
    let id = mail::header(&bytes, "Message-ID").unwrap_or_default();
    let mut state = shared.state();
    let count = state.stored.get(&id).map_or(0, |stored| stored.count) + 1;
    let from = transaction.from.unwrap_or_default();
    state.stored.insert(
        id,
        Stored {
            count,
            bytes,
            from,
            to: transaction.to,
        },
    );
    drop(state);
    shared.note();
}
