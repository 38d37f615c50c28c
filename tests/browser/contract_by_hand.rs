//! F02, the contract flow of the source, by people on pages alone (R8). The boxes are named as in the flow charts; what they draw outside of
//! the system (drafts of contracts, estimates, applications, premiums, the works themselves) has no page and is left out.

use chrono::TimeDelta;

use crate::{
    browser::tell,
    harness::{
        cast::{ISSUER, OWNER, WINNER},
        papers::{CASE, CONTRACT},
    },
    stage::Stage,
};

const BID: &str = "S001/B-1";
const RESERVED: &str = "S001/R-1";
const PERFORMANCE: &str = "S001/P-1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_flow_is_done_on_pages_from_the_reservation_to_the_last_payment() {
    tell("contract", async |browser| {
        let stage = Stage::open(browser).await;
        the_bidding_before(&stage).await;
        f02_1_register_out_of_the_reservation(&stage).await;
        f02_2_look_and_conclude(&stage).await;
        f02_3_change_update_and_hand_on(&stage).await;
        f02_4_inspect_pay_and_end(&stage).await;
        ends_as_the_rules_say(&stage).await;
    })
    .await;
}

/// What F01 leaves behind: a bid bond handed over, a reservation, an award.
async fn the_bidding_before(stage: &Stage<'_>) {
    stage.as_clerk_of(OWNER).await;
    stage.visit("/announce").await;
    let opening = stage.later(TimeDelta::hours(1));
    let tender = [
        ("procurement", CASE),
        ("title", "橋梁補修"),
        ("opening_at", &opening),
    ];
    stage.confirm(&tender, &[]).await;
    for (number, kind, amount) in [
        ("B-1", "bid", "6,000,000"),
        ("R-1", "performance_reservation", "12,000,000"),
    ] {
        stage.as_clerk_of(ISSUER).await;
        stage.visit("/register/prepare").await;
        let fields = [
            ("number", number),
            ("kind", kind),
            ("principal", WINNER),
            ("obligee", OWNER),
            ("procurement", CASE),
            ("amount", amount),
            ("from", "2026-04-01"),
            ("to", "2027-09-30"),
        ];
        stage.sign_and_send(&fields).await;
    }
    stage.hand_over(WINNER, BID).await;
    stage.passes(TimeDelta::hours(2)).await;
    let award = [("award", "A-1"), ("contractor", WINNER)];
    stage.report("#act-award-decided", &award, &[]).await;
}

/// ボンド情報登録 with what was reserved (予約時の情報を引き継ぐ), 認証キー発行, 認証キー取得, ボンド内容確認, 認証キーの受け渡し, 認証キーの受領.
async fn f02_1_register_out_of_the_reservation(stage: &Stage<'_>) {
    stage.as_clerk_of(ISSUER).await;
    stage
        .visit("/bonds?as=issuer&kind=performance_reservation")
        .await;
    stage.visit("/bonds/S001/R-1").await;
    stage.follow("#continue").await;
    for (field, value) in [
        ("kind", "performance"),
        ("principal", WINNER),
        ("takes_over", "R-1"),
        ("to", "2027-09-30"),
    ] {
        let script = "return document.getElementById(arguments[0]).value";
        let shown = stage.browser.run(script, serde_json::json!([field])).await;
        assert_eq!(shown, value, "{field} is taken over");
    }
    let given = [
        ("number", "P-1"),
        ("contract", CONTRACT),
        ("amount", "11,400,000"),
    ];
    stage.sign_and_send(&given).await;
    let ledger = stage.world.ledger().await;
    assert_eq!(ledger.state(RESERVED), "converted");
    stage.hand_over(WINNER, PERFORMANCE).await;
    assert_eq!(
        stage.world.ledger().await.holders(PERFORMANCE),
        [WINNER, OWNER]
    );
}

/// ボンド内容確認 by the owner, 契約書の署名 and 契約締結, 入札ボンドがある場合: ボンド情報削除 by the contract.
async fn f02_2_look_and_conclude(stage: &Stage<'_>) {
    let key = stage.key_by_mail(OWNER, PERFORMANCE).await;
    stage.open_with(&key).await;
    stage.reads("JPY 11,400,000").await;
    let bid = stage.key_by_mail(OWNER, BID).await;
    let concluded = [
        ("contract", CONTRACT),
        ("amount", "114,000,000"),
        ("from", "2026-04-01"),
        ("to", "2027-09-30"),
        ("signed_at", "2026-11-20"),
    ];
    let effects = [
        "S001/B-1: Released",
        "S001/B-1: the keys of everybody stop working",
        "This cannot be undone",
    ];
    stage
        .report("#act-contract-concluded", &concluded, &effects)
        .await;
    stage.reads("JPY 114,000,000").await;
    stage.reads("Contract runs").await;
    stage.is_dead(&bid).await;
    let ledger = stage.world.ledger().await;
    assert_eq!(ledger.state(BID), "released");
    assert!(
        ledger.tasks.is_empty(),
        "the bond matches: {:?}",
        ledger.tasks
    );
}

/// 変更契約書の署名 and 変更契約締結 ask for the change; ボンド情報更新, 認証キー再発行, 認証キー取得, ボンド内容確認 by contractor and owner
/// (認証キーの受け渡し and 受領: the owner's key is re-issued with the contractor's).
async fn f02_3_change_update_and_hand_on(stage: &Stage<'_>) {
    let before = stage.key_by_mail(OWNER, PERFORMANCE).await;
    let kept = before.with_extension("old");
    std::fs::copy(&before, &kept).unwrap();
    let change = format!("#act-contract-changed-{CONTRACT}");
    let changed = [
        ("amount", "135,000,000"),
        ("to", "2027-11-30"),
        ("signed_at", "2026-11-24"),
    ];
    let effects = ["A contract change asks for an updated bond (S001/P-1)"];
    stage.report(&change, &changed, &effects).await;

    stage.as_clerk_of(ISSUER).await;
    stage.visit("/to-do").await;
    stage.reads("JPY 13,500,000").await;
    stage
        .follow("a[href='/register/prepare?number=P-1&task=change_request']")
        .await;
    // The amount and the period needed stand there already.
    stage.sign_and_send(&[]).await;
    stage.is_dead(&kept).await;
    for party in [WINNER, OWNER] {
        let key = stage.key_by_mail(party, PERFORMANCE).await;
        stage.open_with(&key).await;
        stage.reads("JPY 13,500,000").await;
    }
    let ledger = stage.world.ledger().await;
    assert_eq!(
        ledger.cover(PERFORMANCE),
        (13_500_000, "2027-11-30".to_owned())
    );
    assert!(ledger.tasks.is_empty(), "{:?}", ledger.tasks);
}

/// 検査の実施, 請求・支払の実施, ボンド情報削除 by the completion.
async fn f02_4_inspect_pay_and_end(stage: &Stage<'_>) {
    let key = stage.key_by_mail(WINNER, PERFORMANCE).await;
    let complete = format!("#act-contract-completed-{CONTRACT}");
    let effects = ["S001/P-1: Released", "This cannot be undone"];
    stage
        .report(&complete, &[("date", "2027-11-30")], &effects)
        .await;
    stage.reads("Contract ended").await;
    stage.is_dead(&key).await;
}

async fn ends_as_the_rules_say(stage: &Stage<'_>) {
    let ledger = stage.world.ledger().await;
    for (bond, state) in [
        (BID, "released"),
        (RESERVED, "converted"),
        (PERFORMANCE, "released"),
    ] {
        assert_eq!(ledger.state(bond), state, "{bond}");
        assert_eq!(ledger.holders(bond), [""; 0], "{bond}");
    }
    assert!(ledger.tasks.is_empty(), "{:?}", ledger.tasks);
    let balance = ledger.balances.get(WINNER).copied().unwrap_or_default();
    assert_eq!(balance, 0, "what is released counts no more");
    stage.came_by_no_feed().await;
}
