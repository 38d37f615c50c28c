//! Mails through a mail server that others wrote: `aiosmtpd`.
#![expect(
    clippy::unwrap_used,
    reason = "tests fail by panicking, helpers of tests too"
)]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bondhub_core::{
    party::MailAddress,
    ports::mail::{Letter, Post, Posted},
};
use bondhub_mail::{SmtpPost, SmtpSettings, SmtpTimeouts};
use bondhub_test_support::python;

/// Prints its port, then for each mail the sender, the recipients and the bytes. One user it does not
/// know, and one it does not know yet.
const SERVER: &str = r"
import asyncio, base64
from aiosmtpd.smtp import SMTP
class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('gone@'):
            return '550 no such user'
        if address.startswith('later@'):
            return '451 try again later'
        envelope.rcpt_tos.append(address)
        return '250 OK'
    async def handle_DATA(self, server, session, envelope):
        print(envelope.mail_from, ','.join(envelope.rcpt_tos),
              base64.b64encode(envelope.original_content).decode(), flush=True)
        return '250 taken'
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), hostname='third.example'), '127.0.0.1', 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
";

struct Server {
    child: Child,
    output: std::io::Lines<BufReader<std::process::ChildStdout>>,
    port: u16,
}

impl Server {
    fn start() -> Self {
        let mut command = Command::new(python::interpreter());
        command
            .args(["-W", "ignore", "-c", SERVER])
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = output.next().expect("python3-aiosmtpd must be installed");
        let port = line.unwrap().parse().unwrap();
        Self {
            child,
            output,
            port,
        }
    }

    fn next_mail(&mut self) -> (String, String, Vec<u8>) {
        let line = self.output.next().unwrap().unwrap();
        let mut fields = line.split(' ').map(str::to_owned);
        let mut field = || fields.next().unwrap();
        (field(), field(), STANDARD.decode(field()).unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn letter(to: &[&str], body: &str) -> Letter {
    let to = to
        .iter()
        .map(|address| MailAddress::parse(address).unwrap())
        .collect();
    let bytes = format!("Message-ID: <m@hub.example.jp>\r\nSubject: x\r\n\r\n{body}").into_bytes();
    Letter {
        to,
        message_id: "<m@hub.example.jp>".to_owned(),
        bytes,
    }
}

#[tokio::test]
async fn a_third_party_server_takes_the_bytes_as_they_are_and_its_refusals_are_understood() {
    let mut server = Server::start();
    let post = SmtpPost::new(SmtpSettings {
        url: format!("smtp://127.0.0.1:{}", server.port),
        insecure: false,
        authorities: None,
        user: None,
        password: None,
        sender: MailAddress::parse("bounce@hub.example.jp").unwrap(),
        hello: "hub.example.jp".to_owned(),
        connections: 1,
        timeouts: SmtpTimeouts::default(),
    })
    .unwrap();
    let (desk, second) = ("desk@contractor.example.jp", "second@contractor.example.jp");
    let letters = [
        letter(&[desk], ".\r\n..\r\nFrom here\r\n"),
        letter(&["gone@contractor.example.jp"], "x\r\n"),
        letter(&["later@contractor.example.jp"], "x\r\n"),
        letter(&[desk, second], "last\r\n"),
    ];
    let posted = post.post(&letters).await;
    let refused = |reply: &str, permanent| Posted::Refused {
        reply: reply.to_owned(),
        permanent,
    };
    let taken = Posted::Accepted("250 taken".to_owned());
    let (gone, later) = (
        refused("550 no such user", true),
        refused("451 try again later", false),
    );
    assert_eq!(posted, [taken.clone(), gone, later, taken]);
    let sender = "bounce@hub.example.jp".to_owned();
    let both = format!("{desk},{second}");
    assert_eq!(
        server.next_mail(),
        (sender.clone(), desk.to_owned(), letters[0].bytes.clone())
    );
    assert_eq!(server.next_mail(), (sender, both, letters[3].bytes.clone()));
    post.close().await;
}
