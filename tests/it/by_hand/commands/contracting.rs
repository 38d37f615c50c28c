//! F02 by commands, and the other ends of a tender and of a contract.

use super::*;

const PRICE: &str = "--from 2026-04-01 --signed-at 2026-11-20";

pub(in crate::by_hand) async fn contracting(on: Combination) {
    let desktop = Desktop::set(on).await;
    reserve(&desktop).await;
    let registered = take_the_reservation_over(&desktop).await;
    conclude(&desktop).await;
    change(&desktop, registered).await;
    complete(&desktop).await;
}

fn announce(desktop: &Desktop, case: &str) {
    let now = at(desktop.world.now());
    desktop.applied(&format!(
        "case announce {case} --owner {OWNER} --title 橋梁補修 --opening-at {now}"
    ));
}

async fn reserve(desktop: &Desktop) {
    announce(desktop, CASE);
    let now = desktop.world.now();
    let bid = bond(CASE, "bid", WINNER, 6_000_000);
    desktop.sign("register", &registration("B-1", bid, now));
    let reserved = papers::reservation(CASE, WINNER, 12_000_000);
    desktop.sign("register", &registration("R-1", reserved, now));
    desktop.hand_over(WINNER, BID).await;
    desktop.applied(&format!("case award {CASE} A-1 --contractor {WINNER}"));
}

/// F02 <1>: what the reservation says is taken over; what is other is given beside.
async fn take_the_reservation_over(desktop: &Desktop) -> Value {
    let given = json!({"contract": CONTRACT, "amount": yen(11_400_000)});
    desktop.file("given.json", given.to_string().as_bytes());
    let statement = desktop.run(&format!("bond prepare {RESERVED} P-1 --with given.json"));
    assert_eq!(statement["bond"]["takes_over"], "R-1");
    assert_eq!(desktop.state(RESERVED), "reserved", "only prepared");
    desktop.refused("bond prepare S001/R-9 P-1", 4);
    desktop.sign("register", &statement);
    assert_eq!(desktop.state(RESERVED), "converted");
    desktop.hand_over(WINNER, PERFORMANCE).await;
    let owners = desktop.key(OWNER, PERFORMANCE).await;
    assert_eq!(desktop.amount(&owners).as_deref(), Some("JPY 11,400,000"));
    statement
}

/// F02 <2>: the contract is signed, and the bid bond ends.
async fn conclude(desktop: &Desktop) {
    let key = desktop.key(OWNER, BID).await;
    let conclude = format!(
        "case conclude {CASE} {CONTRACT} --contractor {WINNER} --award A-1 \
         --amount 114000000 --to 2027-09-30 {PRICE}"
    );
    let would = desktop.run(&format!("{conclude} --dry-run"));
    assert_eq!(would["bonds"][0]["bond"], BID);
    assert_eq!(desktop.state(BID), "in_force", "a rehearsal");
    desktop.applied(&conclude);
    assert_eq!(desktop.state(BID), "released");
    desktop.is_dead(&key);
    assert_eq!(desktop.tasks(), [""; 0], "the bond fits the contract");
}

/// F02 <3>: the contract is changed; the issuer is asked, and updates.
async fn change(desktop: &Desktop, registered: Value) {
    let before = desktop.key(OWNER, PERFORMANCE).await;
    let change = format!(
        "case change-contract {CASE} {CONTRACT} --change 1 --amount 135000000 \
         --to 2027-11-30 {PRICE}"
    );
    desktop.applied(&change);
    let tasks = desktop.tasks();
    assert!(
        tasks.iter().any(|task| task.starts_with("change_request")),
        "{tasks:?}"
    );
    let mut update = with(registered, "type", "update");
    update["signed_at"] = at(desktop.world.now()).into();
    update["bond"]["amount"] = yen(13_500_000);
    update["bond"]["period"]["to"] = "2027-11-30".into();
    desktop.sign("update", &update);
    desktop.is_dead(&before);
    let after = desktop.key(OWNER, PERFORMANCE).await;
    assert_eq!(desktop.amount(&after).as_deref(), Some("JPY 13,500,000"));
    assert_eq!(desktop.tasks(), [""; 0]);
}

/// F02 <4>: inspected and paid.
async fn complete(desktop: &Desktop) {
    let key = desktop.key(WINNER, PERFORMANCE).await;
    desktop.applied(&format!(
        "case complete {CASE} {CONTRACT} --date 2027-11-30"
    ));
    assert_eq!(desktop.state(PERFORMANCE), "released");
    desktop.is_dead(&key);
}

/// A tender that is cancelled releases its bonds; a contract that ends early freezes its bond until the issuer has said what
/// became of the claim.
pub(in crate::by_hand) async fn cancelled_and_terminated(on: Combination) {
    let desktop = Desktop::set(on).await;
    let now = desktop.world.now();
    let other = "ocds-jp0001-R8-0099";
    announce(&desktop, other);
    let bid = bond(other, "bid", LOSER, 6_000_000);
    desktop.sign("register", &registration("B-2", bid, now));
    let key = desktop.key(LOSER, LOST).await;
    desktop.applied(&format!("case cancel {other} --reason 予算"));
    assert_eq!(desktop.state(LOST), "released");
    desktop.is_dead(&key);

    announce(&desktop, CASE);
    desktop.applied(&format!(
        "case conclude {CASE} {CONTRACT} --contractor {WINNER} --amount 100000000 \
         --to 2027-09-30 {PRICE}"
    ));
    let terms = papers::performance(CASE, WINNER, 10_000_000);
    desktop.sign("register", &registration("P-1", terms, now));
    desktop.applied(&format!(
        "case terminate {CASE} {CONTRACT} --date 2026-11-20 --reason 倒産"
    ));
    assert_eq!(desktop.state(PERFORMANCE), "frozen", "a claim may follow");
    let settled = json!({"v": 1, "issuer": ISSUER, "signed_at": at(desktop.world.now()),
                         "type": "release_consent", "number": "P-1", "procurement": CASE,
                         "outcome": "paid"});
    desktop.sign("update", &settled);
    assert_eq!(desktop.state(PERFORMANCE), "claimed");
    let unsuccessful = format!("case cancel {CASE} --unsuccessful --dry-run");
    assert_eq!(desktop.run(&unsuccessful)["bonds"], json!([]), "it is over");
}
