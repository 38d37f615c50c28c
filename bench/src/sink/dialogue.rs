//! One connection: SMTP with PIPELINING, no more of it than a well-behaved client needs.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::Store;

const END: &[u8] = b"\r\n.\r\n";

/// Talks until the client leaves.
pub(super) async fn hold(mut stream: TcpStream, store: Store) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(b"220 sink.example ESMTP\r\n").await?;
    let mut dialogue = Dialogue {
        store,
        input: Vec::with_capacity(64 * 1024),
        searched: 0,
        in_data: false,
        to: String::new(),
        replies: Vec::new(),
    };
    while stream.read_buf(&mut dialogue.input).await? > 0 {
        let over = dialogue.work();
        stream.write_all(&dialogue.replies).await?;
        dialogue.replies.clear();
        if over {
            break;
        }
    }
    Ok(())
}

struct Dialogue {
    store: Store,
    input: Vec<u8>,
    /// So much of the input holds no end of a mail.
    searched: usize,
    in_data: bool,
    to: String,
    replies: Vec<u8>,
}

impl Dialogue {
    /// Does what the input is enough for; true when the client took leave.
    fn work(&mut self) -> bool {
        loop {
            if self.in_data {
                let Some(mail) = self.mail() else {
                    return false;
                };
                self.store.keep(std::mem::take(&mut self.to), &mail);
                self.in_data = false;
                self.reply("250 kept");
            } else {
                let Some(end) = find(&self.input, b"\r\n") else {
                    return false;
                };
                let line: Vec<u8> = self.input.drain(..end + 2).collect();
                if self.command(&String::from_utf8_lossy(&line)) {
                    return true;
                }
            }
        }
    }

    /// A whole mail, if it has come; its dots are left as they are: armor has none.
    fn mail(&mut self) -> Option<Vec<u8>> {
        let from = self.searched.saturating_sub(END.len());
        let found = self.input.get(from..).and_then(|rest| find(rest, END));
        let Some(found) = found else {
            self.searched = self.input.len();
            return None;
        };
        self.searched = 0;
        let end = from + found;
        let mail = self.input.get(..end + 2).map(<[u8]>::to_vec);
        self.input.drain(..end + END.len());
        mail
    }

    fn command(&mut self, line: &str) -> bool {
        let verb: String = line.chars().take(4).collect();
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self
                .replies
                .extend_from_slice(b"250-sink.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n"),
            "RCPT" => {
                let inside = line
                    .split_once('<')
                    .and_then(|(_, rest)| rest.split_once('>'));
                self.to = inside.map(|(to, _)| to.to_owned()).unwrap_or_default();
                self.reply("250 ok");
            }
            "DATA" => {
                self.in_data = true;
                self.reply("354 go on");
            }
            "QUIT" => {
                self.reply("221 bye");
                return true;
            }
            _ => self.reply("250 ok"),
        }
        false
    }

    fn reply(&mut self, line: &str) {
        self.replies.extend_from_slice(line.as_bytes());
        self.replies.extend_from_slice(b"\r\n");
    }
}

/// Where `needle` begins.
fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(step) = bytes.get(from..)?.iter().position(|byte| *byte == first) {
        let at = from + step;
        if bytes.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}
