//! F01 by programs: announced, registered, signed, handed over, bid, opened by two people, waived, awarded, deleted with the
//! owner's consent; and a lost key.

use bondhub_core::{calendar::Timestamp, identifier::ProcurementId, matching::Grade};
use chrono::TimeDelta;

use super::*;
use crate::harness::papers::{at, bond, registration, reservation, tender, yen};

const BID: &str = "S002/B-1";
const LOST: &str = "S002/B-2";
const RESERVED: &str = "S002/R-1";

pub(in crate::api) async fn bidding(on: Combination) {
    let office = Office::open(on).await;
    announce_and_register(&office).await;
    sign(&office).await;
    hand_over_and_bid(&office).await;
    set_rules(&office).await;
    open_with_a_second_person(&office).await;
    waive(&office).await;
    delete_with_consent(&office).await;
    lose_a_key(&office).await;
}

async fn announce_and_register(office: &Office) {
    let now = office.world().now();
    let announced = tender(now + TimeDelta::hours(1));
    let step = json!({"step": "tender.announced", "data": announced});
    let steps = format!("/cases/{CASE}/steps");
    let why = office.refused("contractor", &steps, &step, 422).await;
    assert!(why.contains("owner"), "{why}");
    office.step("owner", "tender.announced", announced).await;
    let bonds = [
        ("B-1", bond(CASE, "bid", WINNER, 5_000_000)),
        ("B-2", bond(CASE, "bid", LOSER, 6_200_000)),
        ("R-1", reservation(CASE, WINNER, 12_000_000)),
    ];
    for (number, terms) in bonds {
        office.document(registration(number, terms, now)).await;
    }
    let told = [
        "procedure_acted by owner",
        "event_taken by surety",
        "bond_registered by hub",
        "key_asked by hub",
    ];
    office.tells(&told).await;
    assert_eq!(office.state(BID).await, "in_force");
    assert_eq!(office.state(RESERVED).await, "reserved");
    let shown = office.get("surety", "/bonds/S002/B-1").await;
    assert_eq!(shown["content"]["amount"]["amount"], 5_000_000);
    assert_eq!(shown["keys"], json!([]), "they wait for the issuer's token");
    for stranger in ["other", "owner"] {
        let kind = "application/json";
        let path = "/bonds/S002/B-1";
        let answer = office.ask(stranger, "GET", path, kind, b"").await;
        answer.problem(404);
    }
}

async fn sign(office: &Office) {
    let waiting = office.get("signer", "/signing-queue").await;
    assert_eq!(waiting["items"].as_array().unwrap().len(), 3);
    let statement = waiting["items"][0]["statement"].as_str().unwrap();
    let statement = STANDARD.decode(statement).unwrap();
    let own = office
        .issuer
        .sign(&statement, office.world().now())
        .unwrap();
    let others = &office.world().cast.issuer;
    let others = others.sign(&statement, office.world().now()).unwrap();
    let body = json!({"signatures": [STANDARD.encode(&own), STANDARD.encode(others)],
                      "dry_run": true});
    let tried = office.post("signer", "/signing-queue", &body).await;
    assert_eq!(tried["items"][0]["outcome"], "fits");
    assert_eq!(
        tried["items"][1]["outcome"], "refused",
        "another's certificate"
    );
    office.refused("surety", "/signing-queue", &body, 403).await;
    assert_eq!(office.world().ledger().await.keys.len(), 0, "a dry run");
    let signed = office.sign_what_waits().await;
    let contractors = [
        format!("{BID} {WINNER}"),
        format!("{LOST} {LOSER}"),
        format!("{RESERVED} {WINNER}"),
    ];
    assert_eq!(signed, contractors, "in one go");
    office
        .tells(&["key_signed by signer", "key_issued by hub"])
        .await;
    assert_eq!(
        office.sign_what_waits().await,
        [""; 0],
        "nothing waits any more"
    );
}

async fn hand_over_and_bid(office: &Office) {
    let own = office.key(WINNER, BID).await;
    assert_eq!(office.amount(&own).await, Some(5_000_000));
    office.vault("consent", &own).await.problem(422);
    for (party, bond) in [(WINNER, BID), (LOSER, LOST), (WINNER, RESERVED)] {
        office.hand_over(party, bond).await;
    }
    let told = [
        "bond_looked by C101",
        "bond_handed_over by C101",
        "bond_handed_over by C102",
    ];
    office.tells(&told).await;
    let owners = office.key(OWNER, BID).await;
    let looked = office.vault("open", &owners).await.json();
    assert_eq!(looked["existence"]["principal"], WINNER);
    assert_eq!(
        (&looked["content"], &looked["liability"]),
        (&Value::Null, &Value::Null)
    );
    office.vault("copy", &owners).await.problem(422);
    office.vault("handover", &owners).await.problem(422);
    let bid = |contractor: &str, price| json!({"contractor": contractor, "amount": yen(price)});
    let step = json!({"step": "bid.submitted", "data": bid(LOSER, 1)});
    let steps = format!("/cases/{CASE}/steps");
    office.refused("contractor", &steps, &step, 422).await;
    office
        .step("contractor", "bid.submitted", bid(WINNER, 120_000_000))
        .await;
    office
        .step("other", "bid.submitted", bid(LOSER, 124_000_000))
        .await;
}

/// How the bond matches its case, as the hub knows it.
async fn grade(office: &Office) -> Grade {
    let case = ProcurementId::parse(CASE).unwrap();
    let case = office.world().desk.case(&case).await.unwrap().file;
    let bond = BondId::try_from(BID.to_owned()).unwrap();
    case.carried.bonds[&bond].matched.as_ref().unwrap().grade
}

/// Five millions are less than a twentieth of the bid, and more than 4 % of it.
async fn set_rules(office: &Office) {
    assert_eq!(grade(office).await, Grade::Curable);
    let path = format!("/cases/{CASE}/rules");
    let rate = |rate: i64| json!({"bid_guarantee_rate_bp": rate});
    let stranger = office.with_json("other", "PUT", &path, &rate(400)).await;
    stranger.problem(422);
    let senseless = office
        .with_json("owner", "PUT", &path, &rate(100_001))
        .await;
    senseless.problem(422);
    assert_eq!(grade(office).await, Grade::Curable);
    for (bp, expected) in [(400, Grade::Ok), (500, Grade::Curable)] {
        let set = office.with_json("owner", "PUT", &path, &rate(bp)).await;
        assert_eq!(set.json()["state"], "applied", "{}", set.body);
        assert_eq!(grade(office).await, expected, "{bp}");
    }
    office.tells(&["procedure_acted by owner"]).await;
}

/// The opening that governs.
async fn opening(office: &Office) -> Timestamp {
    let case = office.get("owner", &format!("/cases/{CASE}")).await;
    case["openings"]["tender"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// An opening brought forward opens nothing before a second person has confirmed it (E2).
async fn open_with_a_second_person(office: &Office) {
    let announced = opening(office).await;
    let earlier = office.world().now() - TimeDelta::seconds(1);
    office
        .step("owner", "tender.changed", tender(earlier))
        .await;
    let path = format!("/cases/{CASE}/openings/confirm");
    let body = json!({"scope": "tender", "opening_at": at(earlier)});
    office.refused("contractor", &path, &body, 422).await;
    office.post("owner", &path, &body).await;
    assert_eq!(opening(office).await, announced, "not the same person");
    let why = office.refused("installation", &path, &body, 422).await;
    assert!(why.contains("shared token"), "{why}");
    assert_eq!(opening(office).await, announced, "nobody's word");
    let key = office.key(OWNER, BID).await;
    assert_eq!(office.amount(&key).await, None);
    let early = json!({"finding": "amount_short", "reason": "軽微"});
    let waivers = format!("/bonds/{BID}/waivers");
    office.refused("owner", &waivers, &early, 404).await;
    assert_eq!(office.post("chief", &path, &body).await["state"], "applied");
    assert!(opening(office).await < announced);
    office.tells(&["opening_confirmed by chief"]).await;
    let looked = office.vault("open", &key).await.json();
    assert_eq!(looked["content"]["content"]["amount"]["amount"], 5_000_000);
    assert!(
        looked["liability"][0]["amount"].as_i64() >= Some(5_000_000),
        "R22"
    );
    let copy = office.vault("copy", &key).await;
    assert!(copy.head.contains("application/pdf"), "{}", copy.head);
    assert!(copy.body.starts_with("%PDF"));
    office.tells(&["copy_made by O001"]).await;
}

async fn waive(office: &Office) {
    let path = format!("/bonds/{BID}/waivers");
    let waiver = |finding: &str| json!({"finding": finding, "reason": "軽微"});
    office
        .refused("contractor", &path, &waiver("amount_short"), 422)
        .await;
    office.refused("owner", &path, &waiver("no_bid"), 404).await;
    let rehearse = format!("{path}/rehearse");
    let short = waiver("amount_short");
    let rehearsed = office.post("owner", &rehearse, &short).await;
    assert_eq!(rehearsed["state"], "applied");
    assert_eq!(grade(office).await, Grade::Curable, "a rehearsal");
    office.post("owner", &path, &waiver("amount_short")).await;
    assert_eq!(grade(office).await, Grade::Ok);
    office.tells(&["finding_waived by owner"]).await;
}

/// The loser's bond is deleted by its issuer once the owner has agreed with its key (E25).
async fn delete_with_consent(office: &Office) {
    let award = json!({"award": "A-1", "contractor": WINNER});
    office.step("owner", "award.decided", award).await;
    let key = office.key(OWNER, LOST).await;
    let now = at(office.world().now());
    let deletion = json!({"v": 1, "issuer": DESK, "signed_at": now, "type": "deletion",
                          "number": "B-2", "procurement": CASE, "reason": "not awarded"});
    office.document(deletion).await;
    assert_eq!(office.state(LOST).await, "in_force", "the owner must agree");
    let agreed = office.vault("consent", &key).await;
    assert_eq!(agreed.json()["state"], "applied", "{}", agreed.body);
    assert_eq!(office.state(LOST).await, "released");
    office.is_dead(&key).await;
    office.tells(&["deletion_consented by O001"]).await;
    assert_eq!(office.state(BID).await, "in_force", "the winner's stays");
}

async fn lose_a_key(office: &Office) {
    let old = office.key(WINNER, BID).await;
    let body = json!({"role": "contractor", "reissue": true, "reason": "the device was lost"});
    let path = format!("/bonds/{BID}/keys/revoke");
    office.refused("contractor", &path, &body, 403).await;
    assert_eq!(
        office.amount(&old).await,
        Some(5_000_000),
        "nothing was done"
    );
    assert_eq!(
        office.post("operator", &path, &body).await["state"],
        "applied"
    );
    office.is_dead(&old).await;
    office
        .tells(&["keys_revoked by operator", "keys_ended by hub"])
        .await;
    assert_eq!(office.sign_what_waits().await, [format!("{BID} {WINNER}")]);
    let new = office.key(WINNER, BID).await;
    assert_eq!(office.amount(&new).await, Some(5_000_000));
    assert_eq!(office.world().ledger().await.holders(BID), [WINNER, OWNER]);
}
