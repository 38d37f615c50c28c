//! F01, the bidding flow: announce, register, submit, open, re-bid, open, award.

use bondhub_core::{calendar::Timestamp, identifier::ProcurementId, procurement::Scope};
use chrono::TimeDelta;
use serde_json::json;

use super::{
    Stage,
    cast::{ISSUER, LOSER, OWNER, WINNER},
    papers::{self, Feed, PROCUREMENT, Paper, at},
    people,
};
use crate::desk::{Deed, Happening};

const FEED: Feed = Feed {
    source: "/e-bidding/mirai",
    procurement: PROCUREMENT,
};

const WINNERS_BID: Paper = Paper {
    number: "B-2026-0001",
    kind: "bid",
    procurement: PROCUREMENT,
    contract: None,
    takes_over: None,
    principal: WINNER,
    amount: 6_000_000,
    to: "2027-03-31",
};
const LOSERS_BID: Paper = Paper {
    number: "B-2026-0002",
    kind: "bid",
    procurement: PROCUREMENT,
    contract: None,
    takes_over: None,
    principal: LOSER,
    amount: 6_200_000,
    to: "2027-03-31",
};
const RESERVATION: Paper = Paper {
    number: papers::RESERVATION,
    kind: "performance_reservation",
    procurement: PROCUREMENT,
    contract: None,
    takes_over: None,
    principal: WINNER,
    amount: 12_000_000,
    to: "2027-03-31",
};

/// Plays the flow.
pub(super) async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    stage.narrator.act("F01 Bidding", "F01 入札業務");
    announce_and_register(stage).await?;
    submit_and_open(stage).await?;
    rebid(stage).await?;
    award(stage).await
}

fn tender(opening: &str) -> serde_json::Value {
    json!({"owner": OWNER, "title": "市道1号線 舗装改良工事", "opening_at": opening,
           "bid_guarantee": {"required": true, "rate_bp": 500}})
}

async fn announce_and_register(stage: &mut Stage) -> anyhow::Result<()> {
    stage
        .narrator
        .step("The tender is announced.", "入札が公告されます。");
    let now = stage.now();
    let opening = at(now + TimeDelta::hours(1));
    let announced = FEED.event("t-0001", "tender.announced", now, &tender(&opening));
    stage.send("tender-announced", &announced).await?;
    stage.narrator.step(
        "The issuer registers two bid bonds and one reservation, each signed (CMS); keys go out.",
        "発行機関が入札ボンド2件と履行ボンド予約1件を署名して登録し、認証キーが送られます。",
    );
    for paper in [&WINNERS_BID, &LOSERS_BID, &RESERVATION] {
        let document = paper.signed("registration", &stage.cast.issuer, stage.now())?;
        stage
            .send(&format!("register-{}", paper.number), &document)
            .await?;
    }
    let instruction = papers::instruction(&stage.cast.issuer, stage.now())?;
    stage.send("standing-instruction", &instruction).await?;
    stage.tell_bonds().await?;
    stage.tell_balance().await
}

async fn submit_and_open(stage: &mut Stage) -> anyhow::Result<()> {
    stage.narrator.step(
        "Both contractors bid: their bonds are handed to the owner.",
        "両社が入札し、ボンドが発注者に受け渡されます。",
    );
    for (id, contractor) in [("b-0001", WINNER), ("b-0002", LOSER)] {
        let bid = FEED.event(
            id,
            "bid.submitted",
            stage.now(),
            &json!({"contractor": contractor}),
        );
        stage.send(&format!("bid-{contractor}"), &bid).await?;
    }
    let key = stage
        .key_of(OWNER, &format!("{ISSUER}/{}", WINNERS_BID.number))
        .await?;
    stage.narrator.told(
        "Before the opening the owner sees only that the bond exists:",
        "開札前、発注者に見えるのはボンドの存在だけです:",
    );
    stage.look(OWNER, &key).await?;
    let opening = stage.now() + TimeDelta::seconds(3);
    stage.narrator.step(
        "The opening is brought forward, which counts once a second person at the owner confirms it; the bidders are told.",
        "開札日時が早まります。発注者の別の担当者が確認して初めて有効となり、入札者に通知されます。",
    );
    let changed = FEED.event(
        "t-0002",
        "tender.changed",
        stage.now(),
        &tender(&at(opening)),
    );
    stage.send("tender-changed", &changed).await?;
    confirm(stage, opening).await?;
    stage.until(opening).await;
    stage.narrator.step(
        "Opening, by the hub's clock; the event only confirms it.",
        "ハブの時計で開札を迎えます。イベントは確認にすぎません。",
    );
    stage.look(OWNER, &key).await?;
    let opened = json!({"opened_at": at(opening)});
    let opened = FEED.event("o-0001", "bid.opened", stage.now(), &opened);
    stage.send("bid-opened", &opened).await
}

/// The second person's word (E2).
async fn confirm(stage: &mut Stage, opening: Timestamp) -> anyhow::Result<()> {
    let deed = Deed {
        procurement: ProcurementId::parse(PROCUREMENT)?,
        what: Happening::OpeningConfirmed(Scope::Tender, opening),
        at: None,
        by: people::CHIEF.to_owned(),
    };
    let chief = people::chief(stage.narrator.language())?;
    stage.desk().deed_of(&chief, &deed).await?;
    stage.acted();
    stage.quiet().await?;
    stage.tell_mails().await
}

async fn rebid(stage: &mut Stage) -> anyhow::Result<()> {
    stage.narrator.step(
        "A re-bid is called: the embargo is back, the issuer is asked for the changed bond.",
        "再入札が通知されます。再び開札まで非公開となり、発行機関にボンドの変更が依頼されます。",
    );
    let bond = format!("{ISSUER}/{}", WINNERS_BID.number);
    let old = stage.key_of(OWNER, &bond).await?;
    let opening = stage.now() + TimeDelta::seconds(3);
    let call = json!({"round": 2, "opening_at": at(opening)});
    let call = FEED.event("r-0001", "rebid.called", stage.now(), &call);
    stage.send("rebid-called", &call).await?;
    stage.look(OWNER, &old).await?;
    let changed = Paper {
        amount: 5_700_000,
        ..WINNERS_BID
    };
    let document = changed.signed("update", &stage.cast.issuer, stage.now())?;
    stage.send("update-bid-bond", &document).await?;
    stage
        .narrator
        .told("The old key is dead:", "以前の認証キーは使えません:");
    stage.look(OWNER, &old).await?;
    stage.until(opening).await;
    let opened = json!({"opened_at": at(opening)});
    let opened = FEED.event("o-0002", "bid.opened", stage.now(), &opened);
    stage.send("bid-opened-again", &opened).await?;
    stage
        .narrator
        .told("The new one works:", "新しい認証キーは使えます:");
    let new = stage.key_of(OWNER, &bond).await?;
    stage.look(OWNER, &new).await
}

async fn award(stage: &mut Stage) -> anyhow::Result<()> {
    stage.narrator.step(
        "The award is decided; the loser's bond stays until the contract, for a second bidder.",
        "落札者が決まります。落札しなかった者のボンドは、次順位者のため契約締結まで残ります。",
    );
    let award = json!({"award": "A-1", "contractor": WINNER,
                       "amount": {"amount": 114_000_000, "currency": "JPY"}});
    let award = FEED.event("a-0001", "award.decided", stage.now(), &award);
    stage.send("award-decided", &award).await?;
    stage.tell_bonds().await
}
