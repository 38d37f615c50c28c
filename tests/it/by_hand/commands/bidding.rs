//! F01 by commands.

use super::*;

pub(in crate::by_hand) async fn bidding(on: Combination) {
    let desktop = Desktop::set(on).await;
    announce_register_and_hand_over(&desktop).await;
    bid_and_open(&desktop).await;
    call_again_and_update(&desktop).await;
    award_and_delete(&desktop).await;
}

/// F01 <1>.
async fn announce_register_and_hand_over(desktop: &Desktop) {
    let now = desktop.world.now();
    let opening = at(now + TimeDelta::hours(1));
    let announce = format!(
        "case announce {CASE} --owner {OWNER} --title 橋梁補修 --opening-at {opening} \
         --bid-guarantee-rate-bp 500 --by taro"
    );
    desktop.applied(&announce);
    let bonds = [
        ("B-1", bond(CASE, "bid", WINNER, 6_000_000)),
        ("B-2", bond(CASE, "bid", LOSER, 6_200_000)),
        ("R-1", papers::reservation(CASE, WINNER, 12_000_000)),
    ];
    for (number, terms) in bonds {
        let taken = desktop.sign("register", &registration(number, terms, now));
        assert_eq!(taken["limits_exceeded"], json!([]));
    }
    let own = desktop.key(WINNER, BID).await;
    assert_eq!(desktop.amount(&own).as_deref(), Some("JPY 6,000,000"));
    let not_yet = desktop.refused(&format!("key consent {own}"), 3);
    assert!(not_yet.contains("owner"), "{not_yet}");
    let handed = desktop.hand_over(WINNER, BID).await;
    assert!(handed["findings"].is_array(), "{handed}");
    desktop.hand_over(LOSER, LOST).await;
    desktop.hand_over(WINNER, RESERVED).await;
    assert_eq!(desktop.world.ledger().await.holders(BID), [WINNER, OWNER]);
    let owners = desktop.key(OWNER, BID).await;
    assert_eq!(desktop.amount(&owners), None, "only that it exists");
    desktop.refused(&format!("key handover {owners}"), 3);
    desktop.refused(&format!("key open {owners} --copy early.pdf"), 3);
    assert!(!desktop.world.folder().join("early.pdf").exists());
}

/// F01 <2>: the bids, a rule of the case's own, the opening brought forward by two people.
async fn bid_and_open(desktop: &Desktop) {
    for (contractor, bonds, price) in [
        (
            WINNER,
            format!("--bond {BID} --bond {RESERVED}"),
            125_000_000,
        ),
        (LOSER, format!("--bond {LOST}"), 124_000_000),
    ] {
        desktop.applied(&format!(
            "case bid {CASE} --contractor {contractor} {bonds} --amount {price}"
        ));
    }
    assert_eq!(desktop.grade(), "curable", "a twentieth is 6,250,000");
    let rules = format!("case rules {CASE} --bid-guarantee-rate-bp 480 --by taro");
    desktop.run(&format!("{rules} --dry-run"));
    assert_eq!(desktop.grade(), "curable", "a rehearsal");
    desktop.applied(&rules);
    assert_eq!(desktop.grade(), "ok");
    let shown = desktop.run(&format!("case show {CASE}"));
    assert_eq!(shown["own_rules"]["bid_guarantee_rate_bp"], 480);

    let owners = desktop.key(OWNER, BID).await;
    let earlier = at(desktop.world.now() - TimeDelta::seconds(1));
    desktop.applied(&format!(
        "case change {CASE} --opening-at {earlier} --by taro"
    ));
    assert_eq!(desktop.amount(&owners), None, "one person alone");
    let confirm = format!("case confirm-opening {CASE} --opening-at {earlier}");
    let confirm: Vec<_> = confirm.split_whitespace().collect();
    confirm_as(&desktop.world, &confirm, "hanako").await;
    let look = desktop.run(&format!("key open {owners}"));
    assert_eq!(look["amount"], "JPY 6,000,000");
    assert!(
        look["liability"]["sums"][0]["amount"].is_i64(),
        "R22: {look}"
    );
    copied(desktop, &owners);
    desktop.applied(&format!("case open {CASE} --opened-at {earlier}"));
    let case = ProcurementId::parse(CASE).unwrap();
    let file = desktop.world.desk.case(&case).await.unwrap().file;
    assert!(file.opened.contains_key(&Scope::Tender), "it is recorded");
}

/// A copy is the one of its number, and an altered file is not.
fn copied(desktop: &Desktop, key: &str) {
    let look = desktop.run(&format!("key open {key} --copy copy.pdf"));
    let number = look["copy"].as_str().unwrap();
    let check = format!("bond verify-copy {number} --file copy.pdf");
    let told = desktop.run(&check);
    assert_eq!(
        (&told["same"], &told["current"]),
        (&json!(true), &json!(true))
    );
    let path = desktop.world.folder().join("copy.pdf");
    let mut altered = std::fs::read(path).unwrap();
    altered.push(b' ');
    desktop.file("altered.pdf", &altered);
    let told = desktop.refused(&check.replace("copy.pdf", "altered.pdf"), 3);
    assert!(told.contains("changed"), "{told}");
    desktop.refused("bond verify-copy 0123-4567-89AB-CDEF", 4);
    desktop.file("number", number.as_bytes());
}

/// F01 <3>: bids are called for again; the issuer updates, and the keys of before are dead.
async fn call_again_and_update(desktop: &Desktop) {
    let now = desktop.world.now();
    let again = at(now + TimeDelta::hours(1));
    desktop.applied(&format!("case rebid {CASE} --round 2 --opening-at {again}"));
    let before = [
        desktop.key(WINNER, BID).await,
        desktop.key(OWNER, BID).await,
    ];
    assert_eq!(desktop.amount(&before[1]), None, "a new embargo");
    let cheaper = registration("B-1", bond(CASE, "bid", WINNER, 5_900_000), now);
    desktop.sign("update", &with(cheaper, "type", "update"));
    for key in &before {
        desktop.is_dead(key);
    }
    let own = desktop.key(WINNER, BID).await;
    assert_eq!(desktop.amount(&own).as_deref(), Some("JPY 5,900,000"));
    let owners = desktop.key(OWNER, BID).await;
    assert_eq!(desktop.amount(&owners), None);
    let number = std::fs::read_to_string(desktop.world.folder().join("number")).unwrap();
    desktop.refused(&format!("bond verify-copy {number}"), 4);
}

/// F01 <4>: award; the loser's bond is deleted with the owner's consent.
async fn award_and_delete(desktop: &Desktop) {
    let award = format!("case award {CASE} A-1 --contractor {WINNER}");
    for state in ["pending", "decided"] {
        desktop.applied(&format!("{award} --state {state}"));
    }
    let key = desktop.key(OWNER, LOST).await;
    let now = at(desktop.world.now());
    let deletion = json!({"v": 1, "issuer": ISSUER, "signed_at": now, "type": "deletion",
                          "number": "B-2", "procurement": CASE, "reason": "not awarded"});
    desktop.sign("release", &deletion);
    assert_eq!(desktop.state(LOST), "in_force", "the owner must agree");
    desktop.applied(&format!("key consent {key}"));
    assert_eq!(desktop.state(LOST), "released");
    desktop.is_dead(&key);
    assert_eq!(desktop.state(BID), "in_force", "the winner's stays");
}
