//! What is still under way when both flows have been played, so that the pages have something to show: a tender
//! whose bids are opened tomorrow, and a contract whose change waits for the issuer's signature.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Stage,
    cast::{ISSUER, LOSER, OWNER, WINNER},
    papers::{Feed, Paper, at, with},
};

const BRIDGE: Feed = Feed {
    source: "/e-bidding/mirai",
    procurement: "ocds-jp0001-R8-0043",
};
const LIBRARY: Feed = Feed {
    source: "/e-contract/mirai",
    procurement: "ocds-jp0001-R8-0017",
};
const LIBRARY_CONTRACT: &str = "K-2026-0017";

const MIDORIS_BID: Paper = Paper {
    number: "B-2026-0003",
    kind: "bid",
    procurement: BRIDGE.procurement,
    contract: None,
    takes_over: None,
    principal: WINNER,
    amount: 9_000_000,
    to: "2027-03-31",
};
const SUNRISES_BID: Paper = Paper {
    number: "B-2026-0004",
    principal: LOSER,
    amount: 9_400_000,
    ..MIDORIS_BID
};
const LIBRARYS: Paper = Paper {
    number: "P-2026-0002",
    kind: "performance",
    procurement: LIBRARY.procurement,
    contract: Some(LIBRARY_CONTRACT),
    takes_over: None,
    principal: LOSER,
    amount: 11_000_000,
    to: "2027-09-30",
};

/// Plays both.
pub(super) async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    stage.narrator.act("Still under way", "進行中の案件");
    closed_bids(stage).await?;
    change_beyond_the_instruction(stage).await?;
    stage.tell_bonds().await?;
    stage.tell_balance().await
}

async fn closed_bids(stage: &mut Stage) -> anyhow::Result<()> {
    stage.narrator.step(
        "Another tender, opened tomorrow: both contractors have bid, and until then the owner sees no amount.",
        "別の案件。開札は明日です。両社が入札済みで、開札まで発注者に金額は見えません。",
    );
    let opening = at(stage.now() + TimeDelta::days(1));
    let tender = json!({"owner": OWNER, "title": "未来大橋 補修工事", "opening_at": opening,
                        "bid_guarantee": {"required": true, "rate_bp": 500}});
    let announced = BRIDGE.event("t-0101", "tender.announced", stage.now(), &tender);
    stage.send("bridge-announced", &announced).await?;
    for (paper, id) in [(&MIDORIS_BID, "b-0101"), (&SUNRISES_BID, "b-0102")] {
        register(stage, paper).await?;
        let by = json!({"contractor": paper.principal});
        let bid = BRIDGE.event(id, "bid.submitted", stage.now(), &by);
        stage
            .send(&format!("bridge-bid-{}", paper.principal), &bid)
            .await?;
    }
    keep_owners_key(stage, &MIDORIS_BID, "owner-before-opening").await
}

async fn change_beyond_the_instruction(stage: &mut Stage) -> anyhow::Result<()> {
    stage.narrator.step(
        "A contract is changed by +50 %, more than the standing instruction allows: the change waits for the issuer's \
         signature, and the old bond stays in force.",
        "変更契約: 50%の増額。包括指示の範囲を超えるため、発行機関の署名を待ちます。それまで元のボンドが有効です。",
    );
    let tender = json!({"owner": OWNER, "title": "市立図書館 耐震補強工事",
                        "opening_at": at(stage.now() - TimeDelta::days(30))});
    let announced = LIBRARY.event("t-0201", "tender.announced", stage.now(), &tender);
    stage.send("library-announced", &announced).await?;
    let concluded = with(terms(110_000_000), "contractor", LOSER.into());
    let concluded = LIBRARY.event("c-0201", "contract.concluded", stage.now(), &concluded);
    stage.send("library-concluded", &concluded).await?;
    register(stage, &LIBRARYS).await?;
    let key = stage.key_of(LOSER, &bond(&LIBRARYS)).await?;
    stage.desk().hand_over(&key).await?;
    stage.acted();
    stage.quiet().await?;
    stage.tell_mails().await?;
    let changed = with(terms(165_000_000), "change", 1.into());
    let changed = LIBRARY.event("c-0202", "contract.changed", stage.now(), &changed);
    stage.send("library-changed", &changed).await?;
    keep_owners_key(stage, &LIBRARYS, "owner-performance").await
}

fn terms(amount: i64) -> Value {
    json!({"contract": LIBRARY_CONTRACT, "amount": {"amount": amount, "currency": "JPY"},
           "period": {"from": "2026-04-01", "to": "2027-09-30"}, "signed_at": "2026-11-20"})
}

fn bond(paper: &Paper) -> String {
    format!("{ISSUER}/{}", paper.number)
}

async fn register(stage: &mut Stage, paper: &Paper) -> anyhow::Result<()> {
    let document = paper.signed("registration", &stage.cast.issuer, stage.now())?;
    stage
        .send(&format!("register-{}", paper.number), &document)
        .await
}

/// Leaves the owner's key where somebody can drop it on the page.
async fn keep_owners_key(stage: &Stage, paper: &Paper, name: &str) -> anyhow::Result<()> {
    let key = stage.key_of(OWNER, &bond(paper)).await?;
    let path = stage.keep_key(name, &key)?;
    stage.narrator.told(
        &format!("the owner's key: {}", path.display()),
        &format!("発注者の認証キー: {}", path.display()),
    );
    Ok(())
}
