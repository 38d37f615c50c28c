//! Both flows by commands alone, and the commands that keep a hub's grants and certificates: what people type who have
//! neither pages nor programs (R8, R62).

use std::process::Output;

use bondhub_core::{key::KeyFile, ports::store::KeyState};

use super::*;
use crate::harness::cast::ISSUER;

mod bidding;
mod contracting;
mod keeping;

pub(super) use bidding::bidding;
pub(super) use contracting::{cancelled_and_terminated, contracting};
pub(super) use keeping::{certificates, grants};

/// Somebody at the hub's own machine, with the issuer's key beside.
struct Desktop {
    world: World,
}

impl Desktop {
    async fn set(on: Combination) -> Self {
        let desktop = Self {
            world: World::start(on).await,
        };
        let key = desktop.world.cast.issuer.key_pem.clone();
        desktop.file("issuer.pem", key.as_slice());
        desktop
    }

    /// Writes a file into the folder in which commands are typed.
    fn file(&self, name: &str, content: &[u8]) {
        std::fs::write(self.world.folder().join(name), content).unwrap();
    }

    fn output(&self, line: &str) -> Output {
        let words = line.split_whitespace().collect::<Vec<_>>();
        bondhub(
            self.world.folder(),
            &[&["--output", "json"], &words[..]].concat(),
        )
    }

    /// What a command prints.
    fn run(&self, line: &str) -> Value {
        let output = self.output(line);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{line}: {error}");
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// Why a command was refused, in its one line.
    fn refused(&self, line: &str, code: i32) -> String {
        let output = self.output(line);
        assert_eq!(output.status.code(), Some(code), "{line}: {output:?}");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(error.trim_end().lines().count(), 1, "{error}");
        error
    }

    /// What is taken.
    fn applied(&self, line: &str) -> Value {
        let taken = self.run(line);
        assert_eq!(taken["state"], "applied", "{line}: {taken}");
        taken
    }

    /// Signs a statement with the issuer's key, and hands it in by a command of `bond`.
    fn sign(&self, act: &str, statement: &Value) -> Value {
        self.file("statement.json", statement.to_string().as_bytes());
        self.run("bond sign statement.json --key issuer.pem --to signed.pem");
        self.applied(&format!("bond {act} signed.pem"))
    }

    /// The file of a party's live key, as it came by mail, under a name of its own.
    async fn key(&self, party: &str, bond: &str) -> String {
        let id = BondId::try_from(bond.to_owned()).unwrap();
        let arrived = async || {
            let view = self.world.store().bond(&id).await.unwrap().unwrap();
            let mut live = view
                .keys
                .iter()
                .filter(|key| key.state == KeyState::Live && key.key.holder.as_str() == party);
            live.next()
                .is_some_and(|key| self.world.key_files(party).contains_key(&key.key.kid))
        };
        self.world.eventually("the key has arrived", arrived).await;
        let key = self.world.live_key(party, bond).await;
        let kid = KeyFile::parse(&key).unwrap().token.kid().to_string();
        let name = format!("{kid}.bondkey");
        self.file(&name, &key);
        name
    }

    /// The contractor hands its bond over by command.
    async fn hand_over(&self, party: &str, bond: &str) -> Value {
        let key = self.key(party, bond).await;
        self.applied(&format!("key handover {key}"))
    }

    /// The amount a key shows; none while only existence is.
    fn amount(&self, key: &str) -> Option<String> {
        let look = self.run(&format!("key open {key}"));
        if look["shown"] == "existence" {
            return None;
        }
        assert_eq!(look["shown"], "content");
        Some(look["amount"].as_str().unwrap().to_owned())
    }

    fn is_dead(&self, key: &str) {
        let told = self.refused(&format!("key open {key}"), 3);
        assert!(told.contains("revoked"), "{told}");
    }

    fn state(&self, bond: &str) -> String {
        let shown = self.run(&format!("bond show {bond}"));
        shown["state"].as_str().unwrap().to_owned()
    }

    fn grade(&self) -> Value {
        let shown = self.run(&format!("case show {CASE}"));
        let mut bonds = shown["bonds"].as_array().unwrap().iter();
        let own = bonds.find(|one| one["bond"] == BID).unwrap();
        own["match"].clone()
    }

    /// The kinds of the tasks that are open.
    fn tasks(&self) -> Vec<String> {
        let tasks = self.run("task list");
        let kind = |one: &Value| one["task"].as_str().unwrap_or_default().to_owned();
        tasks.as_array().unwrap().iter().map(kind).collect()
    }
}
