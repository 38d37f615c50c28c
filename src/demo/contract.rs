//! F02, the contract flow: conclude, convert, change, complete.

use serde_json::{Value, json};

use super::{
    Stage,
    cast::{ISSUER, OWNER, WINNER},
    papers::{CONTRACT, Feed, PROCUREMENT, Paper, RESERVATION, with},
};

const FEED: Feed = Feed {
    source: "/e-contract/mirai",
    procurement: PROCUREMENT,
};

const PERFORMANCE: Paper = Paper {
    number: "P-2026-0001",
    kind: "performance",
    procurement: PROCUREMENT,
    contract: Some(CONTRACT),
    takes_over: Some(RESERVATION),
    principal: WINNER,
    amount: 11_400_000,
    to: "2027-09-30",
};

/// Plays the flow.
pub(super) async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    stage.narrator.act("F02 Contract", "F02 契約業務");
    conclude(stage).await?;
    change(stage).await?;
    complete(stage).await
}

fn terms(amount: i64, to: &str) -> Value {
    json!({"contract": CONTRACT, "amount": {"amount": amount, "currency": "JPY"},
           "period": {"from": "2026-04-01", "to": to}, "signed_at": "2026-11-20"})
}

async fn conclude(stage: &mut Stage) -> anyhow::Result<()> {
    stage.narrator.step(
        "The contract is concluded: bid bonds are released, the reservation is converted, the issuer is asked \
         for the performance bond.",
        "契約が締結されます。入札ボンドは解除され、予約は履行ボンドに引き継がれ、発行機関に履行ボンドが依頼されます。",
    );
    let data = with(
        terms(114_000_000, "2027-09-30"),
        "contractor",
        WINNER.into(),
    );
    let data = with(data, "award", "A-1".into());
    let concluded = FEED.event("c-0001", "contract.concluded", stage.now(), &data);
    stage.send("contract-concluded", &concluded).await?;
    stage.tell_bonds().await?;
    stage.narrator.step(
        "The issuer sends the performance bond.",
        "発行機関が履行ボンドを登録します。",
    );
    let document = PERFORMANCE.signed("registration", &stage.cast.issuer, stage.now())?;
    stage.send("register-performance-bond", &document).await?;
    stage.narrator.step(
        "The contractor hands it to the owner with its own key.",
        "受注者が自分の認証キーで発注者に受け渡します。",
    );
    let key = stage.key_of(WINNER, &bond()).await?;
    stage.keep_key("performance-v1", &key)?;
    stage.desk().hand_over(&key).await?;
    stage.acted();
    stage.quiet().await?;
    stage.tell_mails().await
}

fn bond() -> String {
    format!("{ISSUER}/{}", PERFORMANCE.number)
}

async fn change(stage: &mut Stage) -> anyhow::Result<()> {
    stage.narrator.step(
        "The contract is changed: +18.4 % and two months, within the issuer's standing instruction.",
        "変更契約: 18.4%の増額と2か月の延長。発行機関の包括指示の範囲内です。",
    );
    let (contractors, owners) = (
        stage.key_of(WINNER, &bond()).await?,
        stage.key_of(OWNER, &bond()).await?,
    );
    let data = with(terms(135_000_000, "2027-11-30"), "change", 1.into());
    let changed = FEED.event("c-0002", "contract.changed", stage.now(), &data);
    stage.send("contract-changed", &changed).await?;
    stage.narrator.told(
        "The old keys are dead, with the reason:",
        "以前の認証キーは、理由とともに拒否されます:",
    );
    stage.look(WINNER, &contractors).await?;
    stage.look(OWNER, &owners).await?;
    stage
        .narrator
        .told("The new keys work:", "新しい認証キーは使えます:");
    for who in [WINNER, OWNER] {
        let key = stage.key_of(who, &bond()).await?;
        stage.look(who, &key).await?;
        if who == WINNER {
            stage.keep_key("performance-v2", &key)?;
        }
    }
    stage.tell_balance().await
}

async fn complete(stage: &mut Stage) -> anyhow::Result<()> {
    stage.narrator.step(
        "The works are inspected and paid: the bond is released.",
        "検査・支払が完了し、履行ボンドが解除されます。",
    );
    let data = json!({"contract": CONTRACT, "date": "2027-11-30"});
    let completed = FEED.event("c-0003", "contract.completed", stage.now(), &data);
    stage.send("contract-completed", &completed).await?;
    stage.tell_bonds().await?;
    stage.tell_balance().await
}
