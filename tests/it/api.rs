//! The JSON API: who may call what, and that it does what its document says (R62, CONTRACT §6).

use std::collections::{BTreeMap, BTreeSet};

use bondhub::{
    desk::NewAccount,
    http::api::{self, Need, Route},
};
use bondhub_core::{
    account::{AccountName, Permission, Role},
    identifier::{ContractId, PartyCode, ProcurementId},
    party::Language,
    ports::store::{CaseWrite, Commit, TaskRow},
    procurement::CaseFile,
    task::{Subject, Task, TaskKey, TaskKind},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{
        cast::{LOSER, OWNER, WINNER},
        combination::{Combination, stories},
        papers::{self, CASE, bond, event, registration, tender, with},
        world::World,
    },
    http::{Answer, Server},
};

mod before_opening;
mod by_program;
mod figures;
mod lists;
mod needs;
mod shown;

pub(crate) use by_program::head;
use lists::paged;
use needs::NEEDS;

stories! {
    each_operation_refuses_a_token_without_its_permission => super::by_permission;
    no_operation_but_the_open_ones_answers_without_a_token => super::without_token;
    what_happened_can_be_asked_for => super::asking;
    a_key_opens_and_hands_over => super::with_key;
    a_party_gets_its_tasks_however_many_others_there_are => super::own_tasks;
    the_bidding_flow_by_programs_alone => super::by_program::bidding;
    the_contract_flow_by_programs_alone => super::by_program::contracting;
    a_program_looks_before_the_opening_under_a_grant => super::by_program::looking_early;
    programs_correct_events_and_enter_parties => super::by_program::inbox_and_parties;
    a_program_replaces_its_partys_certificate => super::by_program::certificates;
    an_owners_tasks_before_the_opening_tell_that_a_bond_exists_and_nothing_else => super::before_opening::tasks;
    those_who_run_the_hub_are_not_told_what_was_found_of_a_bond_under_embargo => super::before_opening::findings;
    only_those_who_run_the_hub_are_told_when_a_case_changed => super::before_opening::times;
    an_owners_program_reads_the_code_of_a_finding_and_waives_it => super::shown::findings;
    an_owner_reads_the_wording_with_its_key_alone => super::shown::wording;
    earlier_versions_are_read_by_auditors_alone_and_each_time_that_is_told => super::shown::history;
    before_the_opening_nobody_lists_who_has_a_bond => super::before_opening::lists;
    nobody_reads_a_history_before_the_opening => super::shown::sealed_history;
    outstanding_bonds_are_listed_to_whom_they_concern => super::figures::bond_by_bond;
}

const TOKEN: &str = "a-token-of-more-than-16";

fn need(route: &Route) -> String {
    match route.need {
        Need::Nobody => "nothing".to_owned(),
        Need::Key => "key".to_owned(),
        Need::Events => "events".to_owned(),
        Need::May(one) => one.to_string(),
        Need::MayEither(one, other) => format!("{one} or {other}"),
    }
}

#[test]
fn each_operation_needs_what_is_written_down_for_it() {
    let table = api::table();
    let found: BTreeSet<_> = table
        .iter()
        .map(|route| {
            (
                route.method.as_str().to_owned(),
                route.path.to_owned(),
                need(route),
            )
        })
        .collect();
    let written = NEEDS
        .iter()
        .map(|(method, path, need)| ((*method).to_owned(), (*path).to_owned(), (*need).to_owned()));
    assert_eq!(found, written.collect());
}

#[test]
fn the_document_names_each_operation_once_and_refers_only_to_what_it_defines() {
    let document = api::document();
    assert_eq!(document["openapi"], "3.1.0");
    let operations: Vec<_> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|methods| methods.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(operations.len(), NEEDS.len());
    let names: BTreeSet<_> = operations.iter().collect();
    assert_eq!(names.len(), operations.len());
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let safe = |name: &String| {
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    assert!(schemas.keys().all(safe), "{:?}", schemas.keys());
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"").skip(1) {
        let reference = reference.split('"').next().unwrap();
        let name = reference.strip_prefix("#/components/schemas/").unwrap();
        assert!(schemas.contains_key(name), "{reference}");
    }
}

/// A path whose parameters are filled with what exists nowhere.
fn filled(path: &str) -> String {
    let part = |part: &str| match part {
        "{id}" => "00000000-0000-4000-8000-000000000000".to_owned(),
        part if part.starts_with('{') => "nobody".to_owned(),
        part => part.to_owned(),
    };
    let parts: Vec<String> = path.split('/').map(part).collect();
    format!("{}{}", api::BASE, parts.join("/"))
}

async fn without_token(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    let wrong = "Authorization: Bearer not-the-token-at-all\r\n";
    for route in api::table() {
        let (method, path) = (route.method.as_str(), filled(route.path));
        for head in ["", wrong] {
            let answer = server.ask(method, &path, head, b"").await;
            let expected = match route.need {
                // Anybody may ask about a copy, and there is none of this number.
                Need::Nobody if path.contains("/copies/") => 404,
                Need::Nobody => 200,
                // Without a token it is the key that counts, and an empty file is none.
                Need::Key if head.is_empty() => 422,
                Need::Key | Need::Events | Need::May(_) | Need::MayEither(..) => 401,
            };
            assert_eq!(answer.status, expected, "{method} {path} {}", answer.body);
        }
    }
    let right = format!("Authorization: Bearer {TOKEN}\r\n");
    for route in api::table() {
        let (method, path) = (route.method.as_str(), filled(route.path));
        let answer = server.ask(method, &path, &right, b"").await;
        // Whoever runs the hub signs and acts for nobody.
        let of_parties = [Permission::SignForParty, Permission::ActForParty];
        if of_parties
            .into_iter()
            .any(|one| route.need == Need::May(one))
        {
            answer.problem(403);
            continue;
        }
        assert!(
            ![401, 403].contains(&answer.status) && answer.status < 500,
            "{method} {path} {}",
            answer.body
        );
    }
}

/// Makes an account of a role with a token for all the role may do; its authorisation header.
async fn token_of(world: &World, role: Role, party: Option<&str>) -> String {
    let name = AccountName::parse(role.as_str()).unwrap();
    let party = party.map(|code| PartyCode::parse(code).unwrap());
    let new = NewAccount {
        name: name.clone(),
        party,
        roles: BTreeSet::from([role]),
        language: Language::En,
        zone: "Asia/Tokyo".to_owned(),
    };
    world.desk.add_account(new).await.unwrap();
    let scopes = role.permissions().iter().copied().collect();
    let made = world.desk.add_token(&name, "test", scopes, None).await;
    format!("Authorization: Bearer {}\r\n", *made.unwrap().token)
}

async fn by_permission(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    for role in Role::ALL.iter().copied() {
        let party = role.is_of_a_party().then_some(WINNER);
        let head = token_of(&server.world, role, party).await;
        for route in api::table() {
            let (method, path) = (route.method.as_str(), filled(route.path));
            let may = |permission: &Permission| role.permissions().contains(permission);
            let allowed = match route.need {
                Need::May(one) => may(&one),
                Need::MayEither(one, other) => may(&one) || may(&other),
                Need::Nobody | Need::Key | Need::Events => continue,
            };
            let answer = server.ask(method, &path, &head, b"").await;
            let refused = answer.status == 403;
            assert_eq!(refused, !allowed, "{role}: {method} {path} {}", answer.body);
        }
    }
}

/// A bond is registered and handed over.
async fn play(world: &World) {
    let now = world.now();
    let opening = now + TimeDelta::hours(1);
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    let events = [
        event(CASE, "t-1", "tender.announced", now, tender(opening)),
        world.signed(papers::instruction(now)),
        world.signed(registration("B-1", terms, now)),
        event(CASE, "u-1", "tender.exploded", now, json!({})),
    ];
    world.play(&events, 4).await;
}

async fn get(server: &Server, path: &str) -> Value {
    let head = format!("Authorization: Bearer {TOKEN}\r\n");
    let answer = server
        .ask("GET", &format!("/api/v1{path}"), &head, b"")
        .await;
    assert_eq!(answer.status, 200, "{path} {}", answer.body);
    answer.json()
}

async fn asking(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    play(&server.world).await;
    let one = get(&server, "/bonds/S001/B-1").await;
    assert_eq!(one["keys"][0]["works"], true);
    // Whoever runs the hub sees states, and no amount before the opening (R21).
    assert_eq!(one["state"], "in_force");
    assert_eq!(one["content"], Value::Null);
    let aside = get(&server, "/events?state=set_aside").await;
    assert_eq!(aside["items"].as_array().unwrap().len(), 1);
    let id = aside["items"][0]["id"].as_str().unwrap();
    let shown = get(&server, &format!("/events/{id}")).await;
    assert_eq!(shown["content"]["id"], "u-1");
    let mails = get(&server, "/mails?channel=mail").await;
    assert!(!mails["items"].as_array().unwrap().is_empty());
    let parties = get(&server, "/parties").await;
    assert!(parties["items"].as_array().unwrap().len() >= 4);
    let told = get(&server, "/audit?subject=bond:S001/B-1").await;
    assert_eq!(told["items"][0]["act"], "document_kept");
    let wrong = format!("Authorization: Bearer {TOKEN}\r\n");
    paged(&server).await;
    let export = server.ask("GET", "/api/v1/audit/export", &wrong, b"").await;
    assert!(
        export.head.contains("transfer-encoding: chunked"),
        "in parts: {}",
        export.head
    );
    let told = ["\"bondhub_audit\":1", "bond_registered", "{\"head\":{"];
    for part in told {
        assert!(export.body.contains(part), "{part} in {}", export.body);
    }
    for (path, status) in [
        ("/bonds?state=gone", 400),
        ("/bonds?after=x", 400),
        ("/bonds?order=changed", 422),
        ("/bonds?limit=0", 400),
        ("/bonds?colour=red", 400),
        ("/bonds/S001/B-9", 404),
        ("/events/not-an-id", 400),
    ] {
        let answer = server
            .ask("GET", &format!("/api/v1{path}"), &wrong, b"")
            .await;
        answer.problem(status);
    }
}

async fn path_of_copy(world: &World, bond: &str) -> String {
    let key = world.live_key(WINNER, bond).await;
    let look = world.desk.open(&key).await.unwrap();
    let copy = world.desk.copy(&look).await.unwrap();
    format!("/api/v1/copies/{}", copy.row.id)
}

/// Anybody may ask about a copy by its number; before the opening there is none (R21).
async fn checks_a_copy(server: &Server) {
    let world = &server.world;
    let early = path_of_copy(world, "S001/B-1").await;
    server.ask("GET", &early, "", b"").await.problem(404);

    let (other, now) = ("ocds-jp0001-R8-0099", world.now());
    let opened = tender(now - TimeDelta::hours(1));
    let terms = bond(other, "bid", WINNER, 6_000_000);
    let bid = json!({"contractor": WINNER});
    let events = [
        event(other, "t-9", "tender.announced", now, opened),
        world.signed(registration("B-9", terms, now)),
        event(other, "b-9", "bid.submitted", now, bid),
    ];
    world.play(&events, 8).await;
    let path = path_of_copy(world, "S001/B-9").await;
    let told = server.ask("GET", &path, "", b"").await.json();
    assert_eq!(told["bond"], "S001/B-9", "{told}");
    assert_eq!(told["current"], true);
    assert_eq!(told["sha256"].as_str().map(str::len), Some(64));
    assert!(!told.to_string().contains("6000000"), "{told}");
    let key = world.live_key(OWNER, "S001/B-9").await;
    let opened = server
        .ask("POST", "/api/v1/vault/open", "", &key)
        .await
        .json();
    assert_eq!(opened["liability"][0]["amount"], 6_000_000, "R22");
}

async fn own_tasks(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    let world = &server.world;
    let procurement = ProcurementId::parse("other-case").unwrap();
    let task = |number: &str, party: &str| TaskRow {
        procurement: procurement.clone(),
        key: TaskKey {
            kind: TaskKind::ChangeRequest,
            subject: Subject::Contract(ContractId::parse(number).unwrap()),
        },
        task: Task {
            asked: vec![PartyCode::parse(party).unwrap()],
            ..Task::default()
        },
    };
    let commit = Commit {
        now: world.now(),
        cases: vec![CaseWrite {
            file: CaseFile::new(procurement.clone()),
            version: 0,
            due_at: None,
            waits: Vec::new(),
        }],
        tasks_opened: vec![task("K-1", LOSER), task("K-2", WINNER), task("K-3", LOSER)],
        ..Commit::default()
    };
    world.store().commit(&commit).await.unwrap();
    let head = token_of(world, Role::Clerk, Some(WINNER)).await;
    let answer = server.ask("GET", "/api/v1/tasks?limit=1", &head, b"").await;
    let items = answer.json()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 1, "{}", answer.body);
    assert!(answer.body.contains("contract:K-2"), "{}", answer.body);
}

async fn with_key(on: Combination) {
    let server = Server::start(on, Some(TOKEN)).await;
    play(&server.world).await;
    let key = server.world.live_key(WINNER, "S001/B-1").await;
    let opened = server.ask("POST", "/api/v1/vault/open", "", &key).await;
    assert_eq!(opened.status, 200, "{}", opened.body);
    assert_eq!(
        opened.json()["content"]["content"]["amount"]["amount"],
        6_000_000
    );
    let handed = server.ask("POST", "/api/v1/vault/handover", "", &key).await;
    assert_eq!(handed.status, 200, "{}", handed.body);
    server.world.quiet(5).await;
    let key = server.world.live_key(OWNER, "S001/B-1").await;
    let opened = server
        .ask("POST", "/api/v1/vault/open", "", &key)
        .await
        .json();
    assert_eq!(opened["content"], Value::Null, "embargoed (R21)");
    assert_eq!(opened["existence"]["principal"], WINNER);
    assert_eq!(opened["liability"], Value::Null, "R22");
    checks_a_copy(&server).await;
    let mut wrong = key.clone();
    let place = wrong.windows(4).position(|four| four == b"BK1-").unwrap() + 5;
    wrong[place] = if wrong[place] == b'A' { b'B' } else { b'A' };
    let refused = server.ask("POST", "/api/v1/vault/open", "", &wrong).await;
    assert!([403, 422].contains(&refused.status), "{}", refused.body);
}
