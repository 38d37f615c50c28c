//! `bondhub demo` as a child of the test: both flows are played, then its pages are served.

use std::{
    path::PathBuf,
    process::{Child, Command},
    sync::Mutex,
    time::Duration,
};

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::browser::Browser;

/// The play takes some ten seconds; more on a busy machine.
const PATIENCE: Duration = Duration::from_mins(4);

/// The demonstration, its pages open. Killed when it is dropped.
pub(super) struct Demonstration {
    program: Child,
    folder: TempDir,
    port: u16,
    account: String,
    signed_in: Mutex<Vec<String>>,
}

impl Demonstration {
    /// Plays it, and waits until the pages are served.
    pub(super) async fn play() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let told = std::fs::File::create(folder.path().join("account.txt")).unwrap();
        let log = std::fs::File::create(folder.path().join("log.txt")).unwrap();
        let program = Command::new(env!("CARGO_BIN_EXE_bondhub"))
            .args(["demo", "--dir", "play", "--listen"])
            .arg(format!("127.0.0.1:{port}"))
            .current_dir(folder.path())
            .stdout(told)
            .stderr(log)
            .spawn()
            .unwrap();
        let mut demonstration = Self {
            program,
            folder,
            port,
            account: String::new(),
            signed_in: Mutex::default(),
        };
        demonstration.is_over().await;
        demonstration
    }

    async fn is_over(&mut self) {
        let file = self.folder.path().join("account.txt");
        let until = Instant::now() + PATIENCE;
        while !self.account.contains("The hub goes on at") {
            let log = || std::fs::read_to_string(self.folder.path().join("log.txt"));
            let ended = self.program.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {:?}", log());
            assert!(Instant::now() < until, "{}{:?}", self.account, log());
            sleep(Duration::from_millis(100)).await;
            self.account = std::fs::read_to_string(&file).unwrap();
        }
    }

    /// The address of a path.
    pub(super) fn at(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// The path of an address; none if it is elsewhere.
    pub(super) fn path_of<'a>(&self, address: &'a str) -> Option<&'a str> {
        let path = address.strip_prefix(self.at("").as_str())?;
        path.split('#').next()
    }

    /// A key file that the play left.
    pub(super) fn key(&self, name: &str) -> PathBuf {
        let keys = self.folder.path().join("play/keys");
        keys.join(format!("{name}.bondkey"))
    }

    /// The contract of the library is ended by its owner: a claim on its performance bond may follow.
    pub(super) fn end_a_contract_early(&self) {
        let ended = Command::new(env!("CARGO_BIN_EXE_bondhub"))
            .args(["--config", "play/bondhub.toml", "case", "terminate"])
            .args(["ocds-jp0001-R8-0017", "K-2026-0017", "--date", "2026-11-26"])
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        assert!(ended.status.success(), "{ended:?}");
    }

    /// Somebody of the play signs in: with its password, and in place of a one-time password with the first recovery code that it
    /// has not used.
    pub(super) async fn sign_in(&self, browser: &Browser, who: &str) {
        let (password, codes) = self.secrets_of(who);
        let used = {
            let mut signed_in = self.signed_in.lock().unwrap();
            signed_in.push(who.to_owned());
            signed_in.iter().filter(|one| *one == who).count() - 1
        };
        let code = codes[used].clone();
        browser.go(&self.at("/sign-in")).await;
        browser.fill("#name", who).await;
        browser.fill("#password", &password).await;
        browser.fill("#code", &code).await;
        browser.submit("main form button").await;
        assert_ne!(browser.path().await, "/sign-in", "{who} is signed in");
    }

    /// Name, party, password, secret of the app and recovery codes stand in a line, two blanks between them.
    fn secrets_of(&self, who: &str) -> (String, Vec<String>) {
        let lines = self.account.lines();
        let cells = lines.map(|line| line.split("  ").map(str::trim));
        let mut found = cells
            .map(|cells| cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>())
            .filter(|cells| cells.len() == 5 && cells[0] == who);
        let cells = found.next().unwrap_or_else(|| panic!("no {who}"));
        let codes = cells[4].split(' ').map(str::to_owned);
        (cells[2].to_owned(), codes.collect())
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        // It has ended already, or the test has failed.
        drop(self.program.kill());
        drop(self.program.wait());
    }
}
