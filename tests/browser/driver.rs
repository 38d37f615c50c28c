//! chromedriver, and the W3C's protocol of drivers as far as it is needed: JSON over HTTP.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

/// Nothing takes longer, even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A chromedriver of its own. Killed when it is dropped.
pub(crate) struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts it on a free port, and waits until it answers.
    pub(crate) async fn start() -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let program = std::env::var("BONDHUB_TEST_CHROMEDRIVER");
        let program = program.unwrap_or_else(|_| "chromedriver".to_owned());
        let process = Command::new(&program)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} (package chromium-driver): {error}"));
        let driver = Self { process, port };
        driver.answers().await;
        driver
    }

    async fn answers(&self) {
        let ready = async {
            while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, ready)
            .await
            .expect("chromedriver listens");
    }

    /// Sends a command; what it answered, or the error's text.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, String> {
        let answered = timeout(PATIENCE, self.exchange(method, path, body)).await;
        let answer = answered.unwrap_or_else(|_| panic!("chromedriver does not answer {path}"));
        let (status, body) = answer.unwrap_or_else(|error| panic!("chromedriver: {error}"));
        let value: Value =
            serde_json::from_str(&body).unwrap_or_else(|_| panic!("no JSON: {body}"));
        if status == 200 {
            Ok(value["value"].clone())
        } else {
            let error = value["value"]["message"].as_str().unwrap_or(&body);
            Err(error.lines().next().unwrap_or_default().to_owned())
        }
    }

    async fn exchange(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> std::io::Result<(u16, String)> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json; charset=utf-8\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        // The connection is kept open by the other side: its length tells where the answer ends.
        let mut answer = Vec::new();
        loop {
            if let Some((status, body)) = whole(&answer) {
                return Ok((status, String::from_utf8_lossy(body).into_owned()));
            }
            if stream.read_buf(&mut answer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// Status and body of an answer, as soon as all of it is there.
fn whole(answer: &[u8]) -> Option<(u16, &[u8])> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (String::from_utf8_lossy(&answer[..end]), &answer[end + 4..]);
    let status = head.split(' ').nth(1)?.parse().ok()?;
    (body.len() >= length(&head)).then_some((status, body))
}

/// The length of the body that a head announces.
fn length(head: &str) -> usize {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    found.map_or(0, |(_, value)| value.trim().parse().unwrap())
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It has ended already, or the test has failed.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
