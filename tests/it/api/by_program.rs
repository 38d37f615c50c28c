//! Both business flows, and what keeps a hub going, by programs alone: over HTTP, each with the token of an account (R62). What an
//! act changed is looked at after it: the bond, its keys, the entry in the audit log.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub::assemble::DemoIssuer;
use bondhub_core::{
    account::{AccountName, Role},
    identifier::BondId,
    key::KeyFile,
    party::Language,
    ports::store::KeyState,
};
use serde_json::{Value, json};

use crate::{
    harness::{
        cast::{LOSER, OWNER, WINNER},
        combination::Combination,
        papers::{self, CASE, with},
        world::World,
    },
    http::{Answer, Server},
    signing::{DESK, desk_issuer},
};

mod bidding;
mod contracting;
mod upkeep;

pub(super) use bidding::bidding;
pub(super) use contracting::contracting;
pub(super) use upkeep::{certificates, inbox_and_parties, looking_early};

/// Who has a token: the name of the account, its role, its party.
const STAFF: [(&str, Role, Option<&str>); 10] = [
    ("surety", Role::Clerk, Some(DESK)),
    ("signer", Role::Signer, Some(DESK)),
    ("contractor", Role::Clerk, Some(WINNER)),
    ("other", Role::Clerk, Some(LOSER)),
    ("owner", Role::Clerk, Some(OWNER)),
    ("chief", Role::Clerk, Some(OWNER)),
    ("examiner", Role::PrivilegedViewer, Some(OWNER)),
    ("operator", Role::Operator, None),
    ("administrator", Role::Administrator, None),
    ("auditor", Role::Auditor, None),
];

/// A hub with programs around it. The issuer keeps its token at its desk.
struct Office {
    server: Server,
    issuer: DemoIssuer,
    heads: BTreeMap<&'static str, String>,
    /// The last entry of the audit log that was looked at.
    told: AtomicU64,
}

impl Office {
    async fn open(on: Combination) -> Self {
        let server = Server::start(on, Some(super::TOKEN)).await;
        let issuer = desk_issuer(&server.world).await;
        let mut heads = BTreeMap::new();
        for (name, role, party) in STAFF {
            heads.insert(name, head(&server.world, name, role, party).await);
        }
        let shared = format!("Authorization: Bearer {}\r\n", super::TOKEN);
        heads.insert("installation", shared);
        let office = Self {
            server,
            issuer,
            heads,
            told: AtomicU64::new(0),
        };
        office.told().await;
        office
    }

    fn world(&self) -> &World {
        &self.server.world
    }

    /// Asks as one of the staff, with the token of the installation, or as nobody.
    async fn ask(&self, who: &str, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let head = self.heads.get(who).map_or("", String::as_str);
        let head = format!("{head}Content-Type: {kind}\r\n");
        let path = format!("/api/v1{path}");
        self.server.ask(method, &path, &head, body).await
    }

    async fn with_json(&self, who: &str, method: &str, path: &str, body: &Value) -> Answer {
        let body = serde_json::to_vec(body).unwrap();
        self.ask(who, method, path, "application/json", &body).await
    }

    async fn get(&self, who: &str, path: &str) -> Value {
        let answer = self.ask(who, "GET", path, "application/json", b"").await;
        assert_eq!(answer.status, 200, "{who} {path} {}", answer.body);
        answer.json()
    }

    async fn post(&self, who: &str, path: &str, body: &Value) -> Value {
        let answer = self.with_json(who, "POST", path, body).await;
        assert!(answer.status < 300, "{who} {path} {}", answer.body);
        answer.json()
    }

    /// What is refused, and why.
    async fn refused(&self, who: &str, path: &str, body: &Value, status: u16) -> String {
        let answer = self.with_json(who, "POST", path, body).await;
        let problem = answer.problem(status);
        problem["detail"].as_str().unwrap().to_owned()
    }

    /// A step of the procedure, reported by hand.
    async fn step(&self, who: &str, step: &str, data: Value) {
        let body = json!({"step": step, "data": data});
        let path = format!("/cases/{CASE}/steps");
        assert_eq!(self.post(who, &path, &body).await["state"], "applied");
    }

    /// The issuer signs a statement and hands it in.
    async fn document(&self, statement: Value) {
        let statement = with(statement, "issuer", DESK);
        let cms = papers::sign(statement, &self.issuer, self.world().now());
        let kind = "application/octet-stream";
        let answer = self.ask("surety", "POST", "/documents", kind, &cms).await;
        assert_eq!(answer.json()["state"], "applied", "{}", answer.body);
    }

    /// The signer takes the statements that wait, signs all and hands them in: for whom there were keys.
    async fn sign_what_waits(&self) -> Vec<String> {
        let waiting = self.get("signer", "/signing-queue").await;
        let waiting = waiting["items"].as_array().unwrap().clone();
        let sign = |one: &Value| {
            let statement = STANDARD.decode(one["statement"].as_str().unwrap()).unwrap();
            let signed = self.issuer.sign(&statement, self.world().now()).unwrap();
            STANDARD.encode(signed)
        };
        let signatures: Vec<String> = waiting.iter().map(sign).collect();
        let body = json!({"signatures": signatures});
        let taken = self.post("signer", "/signing-queue", &body).await;
        let taken = taken["items"].as_array().unwrap().clone();
        assert_eq!(taken.len(), waiting.len());
        assert!(
            taken.iter().all(|one| one["outcome"] == "issued"),
            "{taken:?}"
        );
        let mut holders: Vec<String> = waiting
            .iter()
            .map(|one| {
                format!(
                    "{} {}",
                    one["bond"].as_str().unwrap(),
                    one["holder"].as_str().unwrap()
                )
            })
            .collect();
        holders.sort_unstable();
        holders
    }

    /// The live key of a party, once its mail has arrived.
    async fn key(&self, party: &str, bond: &str) -> Vec<u8> {
        let (world, id) = (self.world(), BondId::try_from(bond.to_owned()).unwrap());
        let arrived = async || {
            let view = world.store().bond(&id).await.unwrap().unwrap();
            let mut live = view
                .keys
                .iter()
                .filter(|key| key.state == KeyState::Live && key.key.holder.as_str() == party);
            live.next()
                .is_some_and(|key| world.key_files(party).contains_key(&key.key.kid))
        };
        world.eventually("the key has arrived", arrived).await;
        world.live_key(party, bond).await
    }

    /// Shows a key to an operation of the vault, with no token.
    async fn vault(&self, act: &str, key: &[u8]) -> Answer {
        let path = format!("/vault/{act}");
        self.ask("nobody", "POST", &path, "application/octet-stream", key)
            .await
    }

    /// The amount a key shows; none while only existence is shown.
    async fn amount(&self, key: &[u8]) -> Option<i64> {
        let answer = self.vault("open", key).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["content"]["content"]["amount"]["amount"].as_i64()
    }

    /// The contractor hands its bond over with its key, and the issuer signs the owner's.
    async fn hand_over(&self, party: &str, bond: &str) {
        let key = self.key(party, bond).await;
        let answer = self.vault("handover", &key).await;
        assert_eq!(answer.json()["state"], "applied", "{}", answer.body);
        assert_eq!(self.sign_what_waits().await, [format!("{bond} {OWNER}")]);
    }

    /// The key opened once, and opens nothing now.
    async fn is_dead(&self, key: &[u8]) {
        let file = KeyFile::parse(key).unwrap();
        let refused = self.vault("open", key).await.problem(403);
        let told = refused["detail"].as_str().unwrap().to_owned();
        assert!(told.contains("revoked"), "{told} {}", file.token.kid());
    }

    async fn state(&self, bond: &str) -> String {
        let shown = self.get("surety", &format!("/bonds/{bond}")).await;
        shown["state"].as_str().unwrap().to_owned()
    }

    /// The acts the audit log tells since the last time, each with who did it.
    async fn told(&self) -> Vec<String> {
        let after = self.told.load(Ordering::SeqCst);
        let path = format!("/audit?limit=1000&after={after}");
        let entries = self.get("auditor", &path).await;
        let entries = entries["items"].as_array().unwrap();
        if let Some(last) = entries.last().and_then(|one| one["sequence"].as_u64()) {
            self.told.store(last, Ordering::SeqCst);
        }
        let told = |one: &Value| {
            let actors = [
                &one["beside"]["actor"],
                &one["actor"]["party"],
                &one["actor"]["kind"],
            ];
            let by = actors.into_iter().find_map(Value::as_str).unwrap();
            format!("{} by {by}", one["act"].as_str().unwrap())
        };
        entries.iter().map(told).collect()
    }

    /// These acts are among those told since the last time.
    async fn tells(&self, acts: &[&str]) {
        let told = self.told().await;
        for act in acts {
            assert!(told.iter().any(|one| one == act), "no {act} in {told:?}");
        }
    }
}

/// Makes an account with a token for all its role may do; its authorisation header.
pub(crate) async fn head(world: &World, name: &str, role: Role, party: Option<&str>) -> String {
    world.invite(name, party, role).await;
    let name = AccountName::parse(name).unwrap();
    let scopes = role.permissions().iter().copied().collect();
    let made = world.desk.add_token(&name, "test", scopes, None).await;
    format!("Authorization: Bearer {}\r\n", *made.unwrap().token)
}
