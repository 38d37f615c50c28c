//! Events by HTTP, health, metrics and the page, on the program as it runs in production.

use std::time::Duration;

use bondhub::desk::NewAccount;
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Permission, Role},
    party::Language,
};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::harness::{
    cast::WINNER,
    combination::{Combination, stories},
    papers::{CASE, contract, event, tender, with},
    process::{Hub, log},
    world::World,
};

stories! {
    events_are_taken_or_refused_whole => super::submitting;
    a_token_is_required_where_one_is_set => super::token;
    without_a_token_neither_a_page_nor_a_proxy_brings_events => super::from_elsewhere;
    told_twice_to_stop_the_hub_ends_although_a_client_is_slow => super::told_twice;
    behind_a_proxy_each_client_is_limited_by_its_own_address => super::behind_a_proxy;
    health_metrics_and_page_are_served => super::watching;
}

/// A running hub and where it listens.
pub(crate) struct Server {
    pub(crate) world: World,
    address: String,
    _hub: Hub,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// An error in the form of RFC 9457.
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}{}", self.head, self.body);
        assert!(
            self.head.contains("application/problem+json"),
            "{}{}",
            self.head,
            self.body
        );
        let problem = self.json();
        assert_eq!(problem["status"], status);
        problem
    }
}

impl Server {
    pub(crate) async fn start(on: Combination, token: Option<&str>) -> Self {
        let token = token.map(|token| ("BONDHUB__HTTP__API_TOKEN", token));
        Self::start_with(on, token.as_slice()).await
    }

    async fn start_with(on: Combination, more: &[(&'static str, &str)]) -> Self {
        let world = World::set(on, "").await;
        let address = free_address().await;
        let more = more
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        let listen = ("BONDHUB__HTTP__LISTEN", address.clone());
        let more: Vec<_> = more.chain([listen]).collect();
        let hub = Hub::start(&world, &more);
        hub.open(&world).await;
        Self {
            world,
            address,
            _hub: hub,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", b"").await
    }

    pub(crate) async fn post(&self, kind: &str, body: &Value) -> Answer {
        let head = format!("Content-Type: {kind}\r\n");
        let body = serde_json::to_vec(body).unwrap();
        self.ask("POST", "/api/v1/events", &head, &body).await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, head: &str, body: &[u8]) -> Answer {
        let asking = tokio::time::timeout(Duration::from_mins(1), async {
            let mut stream = TcpStream::connect(&self.address).await.unwrap();
            let host = &self.address;
            let length = body.len();
            let head = format!(
                "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
                 Content-Length: {length}\r\n{head}\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            // A server that refuses a long request early need not read all of it.
            drop(stream.write_all(body).await);
            let mut answer = Vec::new();
            drop(stream.read_to_end(&mut answer).await);
            String::from_utf8_lossy(&answer).into_owned()
        });
        let text = asking.await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer {
            status,
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }
}

/// An address nobody listens at.
async fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

const ONE: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";

fn announcement(world: &World, id: &str) -> Value {
    let now = world.now();
    event(
        CASE,
        id,
        "tender.changed",
        now,
        tender(now + TimeDelta::days(9)),
    )
}

async fn submitting(on: Combination) {
    let server = Server::start(on, None).await;
    let world = &server.world;
    let answer = server.post(ONE, &announcement(world, "t-1")).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let taken = json!({"events": [{"source": "/feeds/mirai", "id": "t-1"}]});
    assert_eq!(answer.json(), taken);
    let batch = json!([announcement(world, "t-2"), announcement(world, "t-3")]);
    let answer = server.post(BATCH, &batch).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    assert_eq!(answer.json()["events"][1]["id"], "t-3");
    let release = include_str!("../data/events/ocds.release.json");
    let release: Value = serde_json::from_str(release).unwrap();
    let answer = server.post("application/json", &release).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let more = u64::try_from(answer.json()["events"].as_array().unwrap().len()).unwrap();
    world.quiet(3 + more).await;
    refusing(&server).await;
    let last = server.post(ONE, &announcement(world, "t-9")).await;
    assert_eq!(last.status, 202);
    // Nothing of what was refused is in the inbox.
    world.quiet(4 + more).await;
}

async fn refusing(server: &Server) {
    let world = &server.world;
    let backwards = json!({"from": "2027-10-31", "to": "2026-04-01"});
    let concluded = with(contract(1_000_000, "2027-09-30"), "contractor", WINNER);
    let wrong = with(concluded, "period", backwards);
    let wrong = event(CASE, "w-1", "contract.concluded", world.now(), wrong);
    let problem = server.post(ONE, &wrong).await.problem(422);
    assert_eq!(problem["pointer"], "/data/period");
    let batch = json!([announcement(world, "t-4"), wrong]);
    server.post(BATCH, &batch).await.problem(422);
    let unknown = event(CASE, "u-1", "tender.exploded", world.now(), json!({}));
    let problem = server.post(ONE, &unknown).await.problem(422);
    assert_eq!(problem["pointer"], "/type");
    let head = "Content-Type: application/json\r\n";
    let answer = server
        .ask("POST", "/api/v1/events", head, b"{\"id\":")
        .await;
    answer.problem(400);
    let long = vec![b' '; world.settings.http.request_max_bytes + 1];
    let answer = server.ask("POST", "/api/v1/events", head, &long).await;
    answer.problem(413);
    server.get("/api/v1/nothing").await.problem(404);
    server
        .ask("PUT", "/api/v1/events", "", b"")
        .await
        .problem(405);
}

async fn from_elsewhere(on: Combination) {
    let server = Server::start(on, None).await;
    let event = serde_json::to_vec(&announcement(&server.world, "t-1")).unwrap();
    let path = "/api/v1/events";
    for foreign in [
        "Content-Type: text/plain\r\nOrigin: https://evil.example\r\n",
        "Content-Type: text/plain\r\nOrigin: null\r\n",
        "Content-Type: text/plain\r\nSec-Fetch-Site: cross-site\r\n",
        "Content-Type: application/cloudevents+json\r\nX-Forwarded-For: 203.0.113.9\r\n",
        "Content-Type: application/cloudevents+json\r\nForwarded: for=203.0.113.9\r\n",
    ] {
        server.ask("POST", path, foreign, &event).await.problem(403);
    }
    let answer = server.post(ONE, &announcement(&server.world, "t-2")).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    // Nothing of what was refused is in the inbox.
    server.world.quiet(1).await;
}

async fn told_twice(on: Combination) {
    let world = World::set(on, "").await;
    let address = free_address().await;
    let mut hub = Hub::start(&world, &[("BONDHUB__HTTP__LISTEN", address.clone())]);
    hub.open(&world).await;
    let mut slow = TcpStream::connect(&address).await.unwrap();
    let half =
        format!("POST /api/v1/events HTTP/1.1\r\nHost: {address}\r\nContent-Length: 9\r\n\r\n{{");
    slow.write_all(half.as_bytes()).await.unwrap();
    hub.tell_to_stop();
    let finishing = async || log(&world).contains("finishing what was taken");
    world.eventually("the hub is finishing", finishing).await;
    assert!(hub.ended().is_none(), "it waits for the client");
    let told = std::time::Instant::now();
    hub.tell_to_stop();
    assert!(hub.end(&world).await.success());
    let waited = told.elapsed();
    assert!(waited < Duration::from_secs(10), "at once: {waited:?}");
    drop(slow);
}

async fn behind_a_proxy(on: Combination) {
    let settings = [
        ("BONDHUB__HTTP__API_TOKEN", "a-token-of-more-than-16"),
        ("BONDHUB__HTTP__PUBLIC_URL", "https://hub.example"),
        ("BONDHUB__LOOKING__REFUSED_PER_ADDRESS", "3"),
    ];
    let server = Server::start_with(on, &settings).await;
    let tried = async |act: &str, from: &str| {
        let head = format!("Content-Type: application/json\r\nX-Forwarded-For: {from}\r\n");
        let path = format!("/api/v1/vault/{act}");
        let answer = server.ask("POST", &path, &head, br#"{"key": "BK1-WRONG"}"#);
        answer.await.status
    };
    for (act, guesser) in [("open", 1), ("handover", 2), ("consent", 3), ("copy", 4)] {
        let guesser = format!("203.0.113.{guesser}");
        for _ in 0..3 {
            assert_eq!(tried(act, &guesser).await, 422, "{act}");
        }
        assert_eq!(tried(act, &guesser).await, 429, "{act}");
        let other = guesser.replace("203.0", "198.51");
        assert_eq!(tried(act, &other).await, 422, "somebody else");
    }
}

async fn token(on: Combination) {
    const TOKEN: &str = "a-token-of-more-than-16";
    let server = Server::start(on, Some(TOKEN)).await;
    let event = serde_json::to_vec(&announcement(&server.world, "t-1")).unwrap();
    let path = "/api/v1/events";
    let kind = format!("Content-Type: {ONE}\r\n");
    server.ask("POST", path, &kind, &event).await.problem(401);
    let wrong = format!("{kind}Authorization: Bearer not-the-token-at-all\r\n");
    server.ask("POST", path, &wrong, &event).await.problem(401);
    let right = format!("{kind}Authorization: Bearer {TOKEN}\r\n");
    let answer = server.ask("POST", path, &right, &event).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    server.world.quiet(1).await;
    account_token(&server, &kind, &event).await;
}

/// A token of an account that may send events will do as well; one that may not will not.
async fn account_token(server: &Server, kind: &str, event: &[u8]) {
    let desk = &server.world.desk;
    let name = AccountName::parse("feed").unwrap();
    let operator = NewAccount {
        name: name.clone(),
        party: None,
        roles: [Role::Operator].into(),
        language: Language::En,
        zone: DEFAULT_ZONE.to_owned(),
    };
    desk.add_account(operator).await.unwrap();
    for (scope, status) in [(Permission::SendEvents, 202), (Permission::ReadBonds, 401)] {
        let made = desk.add_token(&name, scope.as_str(), [scope].into(), None);
        let made = made.await.unwrap();
        let head = format!("{kind}Authorization: Bearer {}\r\n", *made.token);
        let answer = server.ask("POST", "/api/v1/events", &head, event).await;
        assert_eq!(answer.status, status, "{scope}: {}", answer.body);
    }
}

async fn watching(on: Combination) {
    let server = Server::start(on, None).await;
    assert_eq!(server.get("/livez").await.status, 200);
    let ready = async || server.get("/readyz").await.status == 200;
    server.world.eventually("the hub is ready", ready).await;
    let answer = server.post(ONE, &announcement(&server.world, "t-1")).await;
    assert_eq!(answer.status, 202);
    server.world.quiet(1).await;
    let metrics = server.get("/metrics").await;
    assert_eq!(metrics.status, 200);
    for count in [
        "bondhub_events_total{state=\"applied\"} 1",
        "bondhub_inbox_events{state=\"set_aside\"} 0",
        "bondhub_inbox_events{state=\"waiting\"} 0",
        "bondhub_outbox_rows{channel=\"mail\",state=\"failed\"} 0",
    ] {
        assert!(metrics.body.contains(count), "{count}: {}", metrics.body);
    }
    let done = "bondhub_inbox_events{state=\"applied\"}";
    assert!(
        !metrics.body.contains(done),
        "what is done is counted once, as it passes"
    );
    let page = server.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.head.contains("text/html"));
    assert!(page.body.contains("<html lang=\"ja\">"));
}
