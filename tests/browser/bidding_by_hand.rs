//! F01, the bidding flow of the source, by people on pages alone (R8). The boxes are named as in the flow charts; what they draw outside
//! of the system (estimates, applications, premiums) has no page and is left out.

use chrono::TimeDelta;

use crate::{
    browser::{Browser, Scripts, tell, tell_with},
    harness::{
        cast::{ISSUER, LOSER, OWNER, WINNER},
        papers::CASE,
    },
    stage::Stage,
};

const BID: &str = "S001/B-1";
const LOST: &str = "S001/B-2";
const RESERVED: &str = "S001/R-1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bidding_flow_is_done_on_pages_from_the_announcement_to_the_end_of_the_losers_bond() {
    tell("bidding", flow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bidding_flow_is_done_on_pages_without_any_of_their_scripts() {
    tell_with(Scripts::Blocked, "bidding-plain", async |browser| {
        browser
            .go("data:text/html,<p>plain<script>document.body.textContent = 'ran'</script>")
            .await;
        assert_eq!(browser.body().await, "plain", "no script runs");
        flow(browser).await;
    })
    .await;
}

async fn flow(browser: &Browser) {
    let stage = Stage::open(browser).await;
    f01_1_announce_register_and_hand_over(&stage).await;
    let again = f01_2_bid_open_and_call_again(&stage).await;
    stage.passes(TimeDelta::minutes(1)).await;
    f01_3_update_and_open_again(&stage, &again).await;
    f01_4_award_and_delete(&stage).await;
    ends_as_the_rules_say(&stage).await;
}

/// What an issuer fills in for a bond of this case.
fn bond<'a>(
    number: &'a str,
    kind: &'a str,
    principal: &'a str,
    amount: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("number", number),
        ("kind", kind),
        ("instrument", "surety_bond"),
        ("principal", principal),
        ("obligee", OWNER),
        ("procurement", CASE),
        ("amount", amount),
        ("from", "2026-04-01"),
        ("to", "2027-09-30"),
    ]
}

/// 入札公告, ボンド情報登録 (bid bonds and the reservation, with the opening time), 認証キー発行, 認証キー取得, ボンド内容確認,
/// 認証キーの受け渡し, 認証キーの受領.
async fn f01_1_announce_register_and_hand_over(stage: &Stage<'_>) {
    let opening = stage.later(TimeDelta::hours(2));
    stage.as_clerk_of(OWNER).await;
    stage.visit("/cases").await;
    stage.follow("#announce").await;
    let tender = [
        ("procurement", CASE),
        ("title", "市道1号線 舗装改良工事"),
        ("opening_at", opening.as_str()),
        ("guarantee", "rate"),
        ("rate", "5"),
    ];
    stage
        .confirm(&tender, &["5", "that you may see, none changes"])
        .await;

    for (number, kind, principal, amount) in [
        ("B-1", "bid", WINNER, "6,000,000"),
        ("B-2", "bid", LOSER, "6,200,000"),
        ("R-1", "performance_reservation", WINNER, "12,000,000"),
    ] {
        stage.as_clerk_of(ISSUER).await;
        stage.visit("/register").await;
        stage.visit("/register/prepare").await;
        let mut fields = bond(number, kind, principal, amount);
        fields.push(("opening_at", opening.as_str()));
        if kind == "performance_reservation" {
            fields.push(("converts_to", "performance"));
        }
        stage.sign_and_send(&fields).await;
    }

    // The winner takes its key as a file on a page, for which it has just signed in; the others come by mail.
    stage.world.let_in("ken", WINNER, WINNER).await;
    stage.as_clerk_of(WINNER).await;
    stage.visit("/bonds/S001/B-1").await;
    stage.follow("#get-key").await;
    stage.browser.click("#sure").await;
    let key = take_key(stage).await;
    stage.open_with(&key).await;
    stage.reads("JPY 6,000,000").await;
    stage.browser.click("#sure").await;
    stage.follow("#hand-over-button").await;
    stage.settles().await;
    for (contractor, bond) in [(WINNER, RESERVED), (LOSER, LOST)] {
        stage.hand_over(contractor, bond).await;
    }
    assert_eq!(stage.world.ledger().await.holders(BID), [WINNER, OWNER]);
}

/// Downloads the key of the page that is open: the only file of its kind.
async fn take_key(stage: &Stage<'_>) -> std::path::PathBuf {
    let folder = stage.browser.downloads();
    let keys = || -> Vec<_> {
        let files = std::fs::read_dir(&folder).unwrap();
        let files = files.map(|file| file.unwrap().path());
        files
            .filter(|file| file.extension().is_some_and(|end| end == "bondkey"))
            .collect()
    };
    let before = keys();
    stage.browser.click("#as-file").await;
    let new = || keys().into_iter().find(|key| !before.contains(key));
    stage
        .world
        .eventually("the key is downloaded", async || new().is_some())
        .await;
    stage.settles().await;
    new().unwrap()
}

/// 競争参加資格確認申請書の提出 and 受信 (with the keys that were handed over), 入札書の提出 and 受信, ボンド内容確認 before the opening,
/// 入札締切, 開札, ボンド内容確認 after it, 再入札の通知. Answers with the opening time that is announced.
async fn f01_2_bid_open_and_call_again(stage: &Stage<'_>) -> String {
    for (contractor, bond, price) in [
        (WINNER, "B-1", "120,000,000"),
        (LOSER, "B-2", "124,000,000"),
    ] {
        bid(stage, contractor, bond, price).await;
    }
    let key = stage.key_by_mail(OWNER, BID).await;
    only_its_existence(stage, &key).await;

    stage.passes(TimeDelta::hours(3)).await;
    stage.open_with(&key).await;
    stage.reads("JPY 6,000,000").await;
    stage
        .report("#act-bid-opened", &[], &["the bids were opened"])
        .await;
    stage.reads("Opened").await;
    stage.reads("JPY 124,000,000").await;

    let again = stage.later(TimeDelta::hours(2));
    let asked = ["The changed bond", "send the changed bond (S001/B-1)"];
    stage
        .report("#act-rebid-called", &[("opening_at", &again)], &asked[1..])
        .await;
    stage.hides("B-1").await;
    only_its_existence(stage, &key).await;
    again
}

async fn bid(stage: &Stage<'_>, contractor: &str, bond: &str, price: &str) {
    stage.as_clerk_of(contractor).await;
    stage.visit(&format!("/bonds/S001/{bond}")).await;
    stage.follow("#bid").await;
    stage.confirm(&[("amount", price)], &[]).await;
}

async fn only_its_existence(stage: &Stage<'_>, key: &std::path::Path) {
    stage.open_with(key).await;
    stage.reads("Until the opening").await;
    for content in ["JPY", "S001", "B-1"] {
        stage.hides(content).await;
    }
    stage.as_clerk_of(OWNER).await;
    stage.visit(&format!("/cases/{CASE}")).await;
    for content in ["B-1", "C101 Ltd.", "C102 Ltd."] {
        stage.hides(content).await;
    }
}

/// ボンド情報更新, 認証キー再発行, 認証キー取得, ボンド内容確認, 認証キーの受け渡し and 受領 (the owner's key is re-issued with the contractor's),
/// 再入札書の提出 and 受信, 入札締切, 開札, ボンド内容確認.
async fn f01_3_update_and_open_again(stage: &Stage<'_>, again: &str) {
    let before = stage.key_by_mail(OWNER, BID).await;
    let kept = before.with_extension("old");
    std::fs::copy(&before, &kept).unwrap();
    for (number, amount) in [
        ("B-1", "5,700,000"),
        ("B-2", "6,100,000"),
        ("R-1", "11,400,000"),
    ] {
        stage.as_clerk_of(ISSUER).await;
        stage.visit("/to-do").await;
        let path = format!("/register/prepare?number={number}&task=rebid_bond_needed");
        stage.follow(&format!("a[href='{path}']")).await;
        stage.reads("it becomes version 2").await;
        stage
            .sign_and_send(&[("amount", amount), ("opening_at", again)])
            .await;
    }
    stage.visit("/to-do").await;
    stage.reads("Nothing is asked of you").await;
    stage.is_dead(&kept).await;
    let key = stage.key_by_mail(WINNER, BID).await;
    stage.open_with(&key).await;
    stage.reads("JPY 5,700,000").await;
    for (contractor, bond, price) in [
        (WINNER, "B-1", "114,000,000"),
        (LOSER, "B-2", "121,000,000"),
    ] {
        bid(stage, contractor, bond, price).await;
    }
    let key = stage.key_by_mail(OWNER, BID).await;
    only_its_existence(stage, &key).await;
    stage.passes(TimeDelta::hours(5)).await;
    stage.open_with(&key).await;
    stage.reads("JPY 5,700,000").await;
    stage.report("#act-bid-opened", &[], &[]).await;
    stage.reads("Result: Matches").await;
}

/// 落札; 不落札の場合: ボンド削除の申込み, 申込み内容の確認, ボンド情報削除 with the owner's consent.
async fn f01_4_award_and_delete(stage: &Stage<'_>) {
    let award = [("award", "A-1"), ("contractor", WINNER)];
    stage
        .report(
            "#act-award-decided",
            &award,
            &["that you may see, none changes"],
        )
        .await;
    stage.reads("A-1").await;
    let key = stage.key_by_mail(OWNER, LOST).await;
    stage.as_clerk_of(ISSUER).await;
    stage.visit("/bonds/S001/B-2").await;
    stage.follow("#delete").await;
    stage.reads("handed over to the owner").await;
    stage.sign_and_send(&[("reason", "不落札のため")]).await;
    assert_eq!(
        stage.world.ledger().await.state(LOST),
        "in_force",
        "the owner must agree"
    );
    stage.open_with(&key).await;
    stage.browser.click("details.card summary").await;
    stage.browser.click("#sure").await;
    stage.follow("#consent-button").await;
    stage.reads("You agreed").await;
    stage.settles().await;
    stage.is_dead(&key).await;
}

async fn ends_as_the_rules_say(stage: &Stage<'_>) {
    let ledger = stage.world.ledger().await;
    assert_eq!(ledger.state(BID), "in_force", "the winner's stays");
    assert_eq!(ledger.state(RESERVED), "reserved");
    assert_eq!(ledger.state(LOST), "released");
    assert_eq!(ledger.holders(BID), [WINNER, OWNER]);
    assert_eq!(ledger.holders(LOST), [""; 0]);
    assert_eq!(ledger.cover(BID).0, 5_700_000);
    assert!(ledger.tasks.is_empty(), "{:?}", ledger.tasks);
    let counted = [(WINNER.to_owned(), 11_400_000), (LOSER.to_owned(), 0)];
    for (contractor, amount) in counted {
        let balance = ledger
            .balances
            .get(&contractor)
            .copied()
            .unwrap_or_default();
        assert_eq!(
            balance, amount,
            "a bid bond and its reservation count once: {contractor}"
        );
    }
    stage.came_by_no_feed().await;
}
