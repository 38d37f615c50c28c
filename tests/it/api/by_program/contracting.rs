//! F02 by programs: the performance bond of a reservation, the contract, its change, its end.

use super::*;
use crate::harness::papers::{
    CONTRACT, at, bond, contract, registration, reservation, tender, yen,
};

const BID: &str = "S002/B-1";
const RESERVED: &str = "S002/R-1";
const PERFORMANCE: &str = "S002/P-1";

pub(in crate::api) async fn contracting(on: Combination) {
    let office = Office::open(on).await;
    reserve(&office).await;
    let registered = take_the_reservation_over(&office).await;
    conclude(&office).await;
    change(&office, registered).await;
    complete(&office).await;
}

async fn reserve(office: &Office) {
    let now = office.world().now();
    office.step("owner", "tender.announced", tender(now)).await;
    let bid = bond(CASE, "bid", WINNER, 6_000_000);
    office.document(registration("B-1", bid, now)).await;
    let reserved = reservation(CASE, WINNER, 12_000_000);
    office.document(registration("R-1", reserved, now)).await;
    assert_eq!(office.sign_what_waits().await.len(), 2);
    office.hand_over(WINNER, BID).await;
    let award = json!({"award": "A-1", "contractor": WINNER});
    office.step("owner", "award.decided", award).await;
}

async fn take_the_reservation_over(office: &Office) -> Value {
    let body = json!({"number": "P-1",
                      "bond": {"contract": CONTRACT, "amount": yen(11_400_000)}});
    let path = format!("/bonds/{RESERVED}/prepare");
    office.refused("contractor", &path, &body, 404).await;
    let statement = office.post("surety", &path, &body).await;
    let taken = &statement["bond"];
    assert_eq!(
        (&taken["kind"], &taken["takes_over"]),
        (&json!("performance"), &json!("R-1"))
    );
    assert_eq!(
        (&taken["principal"], &taken["obligee"]),
        (&json!(WINNER), &json!(OWNER))
    );
    assert_eq!(
        office.state(RESERVED).await,
        "reserved",
        "prepared, not registered"
    );
    office.document(statement.clone()).await;
    assert_eq!(office.state(RESERVED).await, "converted");
    assert_eq!(office.state(PERFORMANCE).await, "in_force");
    assert_eq!(
        office.sign_what_waits().await,
        [format!("{PERFORMANCE} {WINNER}")]
    );
    office.hand_over(WINNER, PERFORMANCE).await;
    let owners = office.key(OWNER, PERFORMANCE).await;
    assert_eq!(office.amount(&owners).await, Some(11_400_000));
    statement
}

async fn conclude(office: &Office) {
    let own = office.key(WINNER, BID).await;
    let owners = office.key(OWNER, BID).await;
    let concluded = with(contract(114_000_000, "2027-09-30"), "contractor", WINNER);
    let concluded = with(concluded, "award", "A-1");
    let step = json!({"step": "contract.concluded", "data": concluded});
    let rehearse = format!("/cases/{CASE}/steps/rehearse");
    let would = office.post("owner", &rehearse, &step).await;
    assert_eq!(would["bonds"][0]["bond"], BID);
    assert_eq!(office.state(BID).await, "in_force", "a rehearsal");
    office.told().await;
    office.step("owner", "contract.concluded", concluded).await;
    assert_eq!(office.state(BID).await, "released");
    office.is_dead(&own).await;
    office.is_dead(&owners).await;
    let told = [
        "procedure_acted by owner",
        "bond_moved by hub",
        "keys_ended by hub",
    ];
    office.tells(&told).await;
    let tasks = office.get("surety", "/tasks").await;
    assert_eq!(tasks["items"], json!([]), "the bond fits the contract");
}

/// The issuer is asked, and signs new terms; the keys of the old ones are dead, and the new ones are signed in one go.
async fn change(office: &Office, registered: Value) {
    let before = [
        office.key(WINNER, PERFORMANCE).await,
        office.key(OWNER, PERFORMANCE).await,
    ];
    let changed = with(contract(135_000_000, "2027-11-30"), "change", 1);
    office.step("owner", "contract.changed", changed).await;
    let tasks = office.get("surety", "/tasks").await;
    assert_eq!(tasks["items"][0]["kind"], "change_request", "{tasks}");
    assert_eq!(
        office.amount(&before[0]).await,
        Some(11_400_000),
        "nothing by itself"
    );
    let mut update = with(registered, "type", "update");
    update["signed_at"] = at(office.world().now()).into();
    update["bond"]["amount"] = yen(13_500_000);
    update["bond"]["period"]["to"] = "2027-11-30".into();
    office.document(update).await;
    for key in &before {
        office.is_dead(key).await;
    }
    office
        .tells(&["bond_revised by hub", "keys_ended by hub"])
        .await;
    let both = [WINNER, OWNER].map(|party| format!("{PERFORMANCE} {party}"));
    assert_eq!(office.sign_what_waits().await, both);
    for party in [WINNER, OWNER] {
        let key = office.key(party, PERFORMANCE).await;
        assert_eq!(office.amount(&key).await, Some(13_500_000), "{party}");
    }
    assert_eq!(office.get("surety", "/tasks").await["items"], json!([]));
}

async fn complete(office: &Office) {
    let key = office.key(OWNER, PERFORMANCE).await;
    let done = json!({"contract": CONTRACT, "date": "2027-11-30"});
    let step = json!({"step": "contract.completed", "data": done});
    let steps = format!("/cases/{CASE}/steps");
    office.refused("contractor", &steps, &step, 422).await;
    office.step("owner", "contract.completed", done).await;
    assert_eq!(office.state(PERFORMANCE).await, "released");
    office.is_dead(&key).await;
    assert_eq!(office.world().ledger().await.keys.len(), 0);
    office
        .tells(&["procedure_acted by owner", "bond_moved by hub"])
        .await;
}
