//! Both business flows done by people alone, as in the source: F01 <1>–<4> and F02 <1>–<4>, without one event of a
//! feed (R8). What a feed would report is reported by hand; what issuers, contractors and owners do is done with
//! signed documents and keys.

use bondhub::{
    desk::{Deed, DeskError, Happening, Step},
    vault::{Look, OpenRefusal, Shown},
};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role},
    bond::BondState,
    identifier::{BondId, BondNumber, ProcurementId},
    party::Language,
    procurement::Scope,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use crate::{
    accounts::app,
    harness::{
        cast::{LOSER, OWNER, WINNER},
        combination::{Combination, stories},
        papers::{self, CASE, CONTRACT, at, bond, registration, tender, with, yen},
        world::{World, bondhub},
    },
};

stories! {
    the_bidding_flow_by_people_alone => super::bidding;
    the_contract_flow_by_people_alone => super::contracting;
    by_command_with_a_rehearsal_first => super::by_command;
    the_bidding_flow_by_commands_alone => super::commands::bidding;
    the_contract_flow_by_commands_alone => super::commands::contracting;
    what_is_cancelled_is_released_and_what_ends_early_is_frozen => super::commands::cancelled_and_terminated;
    grants_are_given_used_and_taken_back_by_command => super::commands::grants;
    certificates_are_enrolled_confirmed_and_checked_by_command => super::commands::certificates;
}

mod commands;

const BID: &str = "S001/B-1";
const LOST: &str = "S001/B-2";
const RESERVED: &str = "S001/R-1";
const PERFORMANCE: &str = "S001/P-1";

/// What people do at the desk; each act is one row of the inbox.
struct People {
    world: World,
    acts: u64,
}

impl People {
    async fn gather(on: Combination) -> Self {
        let world = World::start(on).await;
        Self { world, acts: 0 }
    }

    fn deed(&self, step: Step, data: Value) -> Deed {
        Deed {
            procurement: ProcurementId::parse(CASE).unwrap(),
            what: Happening::Step(step, data),
            at: Some(self.world.now()),
            by: "taro".to_owned(),
        }
    }

    async fn report(&mut self, step: Step, data: Value) {
        let deed = self.deed(step, data);
        self.world.desk.deed(&deed).await.unwrap();
        self.rest(1).await;
    }

    /// The issuer signs a statement and hands it in.
    async fn sign(&mut self, statement: Value) {
        let now = self.world.now();
        let cms = papers::sign(statement, &self.world.cast.issuer, now);
        self.world.desk.document(&cms).await.unwrap();
        self.rest(1).await;
    }

    async fn rest(&mut self, acts: u64) {
        self.acts += acts;
        self.world.quiet(self.acts).await;
    }

    /// The contractor hands its bond to the owner with its key.
    async fn hand_over(&mut self, contractor: &str, bond: &str) {
        let key = self.world.live_key(contractor, bond).await;
        self.world.desk.hand_over(&key).await.unwrap();
        self.rest(1).await;
    }

    async fn look(&self, party: &str, bond: &str) -> Look {
        let key = self.world.live_key(party, bond).await;
        self.world.desk.open(&key).await.unwrap()
    }

    async fn state(&self, bond: &str) -> BondState {
        let bond = BondId::try_from(bond.to_owned()).unwrap();
        self.world
            .store()
            .bond(&bond)
            .await
            .unwrap()
            .unwrap()
            .bond
            .state
    }

    async fn is_dead(&self, key: &[u8]) -> bool {
        matches!(
            self.world.desk.open(key).await,
            Err(DeskError::Key(OpenRefusal::Revoked { .. }))
        )
    }
}

/// The amount shown, and whether the contractor's liability may be shown; none while only existence is.
fn shown(look: &Look) -> Option<(i64, bool)> {
    match &look.shown {
        Shown::Existence { .. } => None,
        Shown::Content(content) => Some((content.bond.terms.amount.amount(), content.liability)),
    }
}

fn opened(at_time: DateTime<Utc>) -> Value {
    json!({"opened_at": at(at_time)})
}

async fn bidding(on: Combination) {
    let mut people = People::gather(on).await;
    announce_register_and_hand_over(&mut people).await;
    submit_open_and_call_again(&mut people).await;
    update_and_open_again(&mut people).await;
    award_and_delete(&mut people).await;
}

/// F01 <1>: announcement, registration of bid bond and reservation, keys, hand-over.
async fn announce_register_and_hand_over(people: &mut People) {
    let now = people.world.now();
    let opening = now + TimeDelta::hours(1);
    people.report(Step::TenderAnnounced, tender(opening)).await;
    let dated = |terms| with(terms, "opening_at", at(opening));
    let bonds = [
        ("B-1", bond(CASE, "bid", WINNER, 6_000_000)),
        ("B-2", bond(CASE, "bid", LOSER, 6_200_000)),
        ("R-1", papers::reservation(CASE, WINNER, 12_000_000)),
    ];
    for (number, terms) in bonds {
        people.sign(registration(number, dated(terms), now)).await;
    }
    assert_eq!(
        shown(&people.look(WINNER, BID).await),
        Some((6_000_000, false))
    );
    for (contractor, bond) in [(WINNER, BID), (WINNER, RESERVED), (LOSER, LOST)] {
        people.hand_over(contractor, bond).await;
    }
    assert_eq!(people.world.ledger().await.holders(BID), [WINNER, OWNER]);
}

/// F01 <2>: bids, the owner looks before and after the opening, a re-bid is called.
async fn submit_open_and_call_again(people: &mut People) {
    for (contractor, price) in [(WINNER, 120_000_000), (LOSER, 124_000_000)] {
        let bid = json!({"contractor": contractor, "amount": yen(price)});
        people.report(Step::BidSubmitted, bid).await;
    }
    assert_eq!(
        shown(&people.look(OWNER, BID).await),
        None,
        "only that it exists"
    );
    people.world.clock.advance(TimeDelta::hours(2));
    assert_eq!(
        shown(&people.look(OWNER, BID).await),
        Some((6_000_000, true))
    );
    let now = people.world.now();
    people.report(Step::BidOpened, opened(now)).await;
    let again = json!({"round": 2, "opening_at": at(now + TimeDelta::hours(1))});
    people.report(Step::RebidCalled, again).await;
    assert_eq!(shown(&people.look(OWNER, BID).await), None, "embargo again");
}

/// F01 <3>: the issuer updates, old keys are dead, the contractor hands over again, opening.
async fn update_and_open_again(people: &mut People) {
    let before = people.world.live_key(OWNER, BID).await;
    for (number, contractor, amount) in [("B-1", WINNER, 5_700_000), ("B-2", LOSER, 6_100_000)] {
        let changed = registration(
            number,
            bond(CASE, "bid", contractor, amount),
            people.world.now(),
        );
        people.sign(with(changed, "type", "update")).await;
    }
    assert!(people.is_dead(&before).await);
    assert_eq!(
        shown(&people.look(WINNER, BID).await),
        Some((5_700_000, false))
    );
    assert_eq!(shown(&people.look(OWNER, BID).await), None);
    people.world.clock.advance(TimeDelta::hours(2));
    assert_eq!(
        shown(&people.look(OWNER, BID).await),
        Some((5_700_000, true))
    );
}

/// F01 <4>: award; the loser's bond is deleted on its application, with the owner's consent, and its keys are dead.
async fn award_and_delete(people: &mut People) {
    let award = json!({"award": "A-1", "contractor": WINNER});
    people.report(Step::AwardDecided, award).await;
    let key = people.world.live_key(OWNER, LOST).await;
    let now = at(people.world.now());
    people
        .sign(
            json!({"v": 1, "issuer": "S001", "signed_at": now, "type": "deletion",
                     "number": "B-2", "procurement": CASE, "reason": "not awarded"}),
        )
        .await;
    assert_eq!(
        people.state(LOST).await,
        BondState::InForce,
        "the owner must agree"
    );
    people.world.desk.consent(&key).await.unwrap();
    people.rest(1).await;
    assert_eq!(people.state(LOST).await, BondState::Released);
    assert!(people.is_dead(&key).await);
    assert_eq!(
        people.state(BID).await,
        BondState::InForce,
        "the winner's stays"
    );
}

async fn contracting(on: Combination) {
    let mut people = People::gather(on).await;
    reserve(&mut people).await;
    let registered = register_from_the_reservation(&mut people).await;
    sign_the_contract(&mut people).await;
    change_the_contract(&mut people, registered).await;
    inspect_and_pay(&mut people).await;
}

async fn reserve(people: &mut People) {
    let now = people.world.now();
    people.report(Step::TenderAnnounced, tender(now)).await;
    people
        .sign(registration(
            "B-1",
            bond(CASE, "bid", WINNER, 6_000_000),
            now,
        ))
        .await;
    let reserved = papers::reservation(CASE, WINNER, 12_000_000);
    people.sign(registration("R-1", reserved, now)).await;
    people.hand_over(WINNER, BID).await;
    let award = json!({"award": "A-1", "contractor": WINNER});
    people.report(Step::AwardDecided, award).await;
}

fn concluded() -> Value {
    let data = with(
        papers::contract(114_000_000, "2027-09-30"),
        "contractor",
        WINNER,
    );
    with(data, "award", "A-1")
}

/// F02 <1>: the performance bond takes the reservation's data over; key and hand-over. Before the contract is signed
/// the contract's number and price are what the contractor was told.
async fn register_from_the_reservation(people: &mut People) -> Value {
    let reservation = BondId::try_from(RESERVED.to_owned()).unwrap();
    let number = BondNumber::parse("P-1").unwrap();
    let mut given = Map::new();
    given.insert("contract".to_owned(), CONTRACT.into());
    given.insert("amount".to_owned(), yen(11_400_000));
    let desk = &people.world.desk;
    let statement = desk
        .registration_of(&reservation, &number, &given)
        .await
        .unwrap();
    let taken = &statement["bond"];
    assert_eq!(taken["principal"], WINNER);
    assert_eq!(taken["obligee"], OWNER);
    assert_eq!(taken["kind"], "performance");
    assert_eq!(taken["takes_over"], "R-1");
    assert_eq!(taken["period"]["to"], "2027-09-30");
    people.sign(statement.clone()).await;
    assert_eq!(people.state(RESERVED).await, BondState::Converted);
    assert_eq!(
        shown(&people.look(WINNER, PERFORMANCE).await),
        Some((11_400_000, false))
    );
    people.hand_over(WINNER, PERFORMANCE).await;
    statement
}

/// F02 <2>: the owner looks, with the contractor's liability; the contract is signed; the bid bond ends.
async fn sign_the_contract(people: &mut People) {
    assert_eq!(
        shown(&people.look(OWNER, PERFORMANCE).await),
        Some((11_400_000, true))
    );
    let deed = people.deed(Step::ContractConcluded, concluded());
    let rehearsal = people.world.desk.rehearse(&deed).await.unwrap();
    let bonds: Vec<_> = rehearsal
        .bonds
        .iter()
        .map(|bond| (bond.bond.to_string(), bond.state))
        .collect();
    assert_eq!(bonds, [(BID.to_owned(), BondState::Released)]);
    assert_eq!(rehearsal.keys_ended.len(), 1);
    assert!(
        rehearsal
            .mails
            .iter()
            .any(|mail| mail.to.as_str() == WINNER)
    );
    assert_eq!(
        people.state(BID).await,
        BondState::InForce,
        "a rehearsal changes nothing"
    );
    let key = people.world.live_key(OWNER, BID).await;
    people.report(Step::ContractConcluded, concluded()).await;
    assert_eq!(people.state(BID).await, BondState::Released);
    assert!(people.is_dead(&key).await);
    let tasks = people.world.ledger().await.tasks;
    assert!(tasks.is_empty(), "the bond matches: {tasks:?}");
}

/// F02 <3>: the contract is changed; the issuer is asked, updates, keys are re-issued.
async fn change_the_contract(people: &mut People, registered: Value) {
    let changed = with(papers::contract(135_000_000, "2027-11-30"), "change", 1);
    people.report(Step::ContractChanged, changed).await;
    let tasks = people.world.ledger().await.tasks;
    assert!(
        tasks.iter().any(|task| task.contains("change_request")),
        "{tasks:?}"
    );
    let before = people.world.live_key(OWNER, PERFORMANCE).await;
    let mut update = with(registered, "type", "update");
    update["signed_at"] = at(people.world.now()).into();
    update["bond"]["amount"] = yen(13_500_000);
    update["bond"]["period"]["to"] = "2027-11-30".into();
    people.sign(update).await;
    assert!(people.is_dead(&before).await);
    assert_eq!(
        shown(&people.look(OWNER, PERFORMANCE).await),
        Some((13_500_000, true))
    );
    assert!(people.world.ledger().await.tasks.is_empty());
}

/// F02 <4>: inspected and paid; the bond ends, its keys are dead.
async fn inspect_and_pay(people: &mut People) {
    let key = people.world.live_key(WINNER, PERFORMANCE).await;
    let done = json!({"contract": CONTRACT, "date": "2027-11-30"});
    people.report(Step::ContractCompleted, done).await;
    assert_eq!(people.state(PERFORMANCE).await, BondState::Released);
    assert!(people.is_dead(&key).await);
}

fn succeeded(world: &World, arguments: &[&str]) -> Value {
    let output = bondhub(world.folder(), &[&["--output", "json"], arguments].concat());
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{error}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The opening that governs, the title and the number of tasks, as a command shows them.
fn case_shown(world: &World) -> (Value, Value, usize) {
    let shown = succeeded(world, &["case", "show", CASE]);
    let tasks = shown["tasks"].as_array().unwrap().len();
    (shown["opening_at"].clone(), shown["title"].clone(), tasks)
}

async fn by_command(on: Combination) {
    let world = World::set(on, "").await;
    announce_by_command(&world);
    bring_forward_by_command(&world).await;
    waive_by_command(&world).await;
    let case = ProcurementId::parse(CASE).unwrap();
    let file = world.desk.case(&case).await.unwrap().file;
    let history = &file.opening_history[&Scope::Tender];
    assert_eq!((history.announced.len(), history.confirmed.len()), (2, 2));
}

fn announce_by_command(world: &World) {
    let announce: Vec<&str> = format_args_of(
        "case announce CASE --owner OWNER --title 橋梁補修 --opening-at 2027-05-10T10:00:00+09:00 \
         --bid-guarantee-rate-bp 500 --by taro",
    );
    let rehearsed = succeeded(world, &[&announce[..], &["--dry-run"]].concat());
    assert_eq!(rehearsed["state"], "applied");
    let cases = succeeded(world, &["case", "list"]);
    assert_eq!(cases, json!([]), "a rehearsal does nothing");
    assert_eq!(succeeded(world, &announce)["state"], "applied");
}

fn format_args_of(text: &'static str) -> Vec<&'static str> {
    let word = |word: &'static str| match word {
        "CASE" => CASE,
        "OWNER" => OWNER,
        "WINNER" => WINNER,
        word => word,
    };
    text.split_whitespace().map(word).collect()
}

/// Somebody with an account signs in at the command line, and confirms.
async fn confirm_as(world: &World, confirm: &[&str], name: &str) {
    let desk = &world.desk;
    world.invite(name, None, Role::Operator).await;
    let account = AccountName::parse(name).unwrap();
    let equipment = desk.equip(&account).await.unwrap();
    let file = world.folder().join(name);
    std::fs::write(&file, equipment.password.as_bytes()).unwrap();
    let code = app(&equipment.totp, world);
    let person = [
        "--account",
        name,
        "--password-file",
        file.to_str().unwrap(),
        "--code",
        &code,
    ];
    succeeded(world, &[confirm, &person].concat());
}

async fn bring_forward_by_command(world: &World) {
    let change = "case change CASE --opening-at 2027-05-01T10:00:00+09:00 --by taro";
    succeeded(world, &format_args_of(change));
    let title = json!("橋梁補修");
    let later = json!("2027-05-10T01:00:00Z");
    assert_eq!(case_shown(world), (later.clone(), title.clone(), 1));
    let confirm =
        format_args_of("case confirm-opening CASE --opening-at 2027-05-01T10:00:00+09:00");
    let said = [
        &confirm[..],
        &[
            "--account",
            "hanako",
            "--password-file",
            "nothing",
            "--code",
            "000000",
        ],
    ];
    std::fs::write(world.folder().join("nothing"), "not the password").unwrap();
    let refused = bondhub(world.folder(), &said.concat());
    assert_eq!(
        refused.status.code(),
        Some(3),
        "a name that is only said: {refused:?}"
    );
    confirm_as(world, &confirm, "taro").await;
    assert_eq!(
        case_shown(world),
        (later, title.clone(), 1),
        "not the same person"
    );
    confirm_as(world, &confirm, "hanako").await;
    assert_eq!(case_shown(world), (json!("2027-05-01T01:00:00Z"), title, 0));
}

async fn waive_by_command(world: &World) {
    let terms = bond(CASE, "bid", WINNER, 5_000_000);
    let now = world.now();
    let cms = papers::sign(registration("B-1", terms, now), &world.cast.issuer, now);
    world.desk.document(&cms).await.unwrap();
    let bid = format_args_of("case bid CASE --contractor WINNER --amount 120000000");
    succeeded(world, &bid);
    let grade = || succeeded(world, &["case", "show", CASE])["bonds"][0]["match"].clone();
    assert_eq!(grade(), "curable", "five million are less than a twentieth");
    let waive = "bond waive S001/B-1 amount_short --reason 軽微 --by hanako";
    succeeded(world, &format_args_of(waive));
    assert_eq!(grade(), "ok");
    let other = ["bond", "waive", BID, "no_bid", "--reason", "x"];
    let refused = bondhub(world.folder(), &other);
    assert_eq!(refused.status.code(), Some(4), "there is no such finding");
}
