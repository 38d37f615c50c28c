//! Every act of the desk and the entry it leaves in the audit log (R70): a new one that is on no list fails here.

use std::{collections::BTreeMap, future::Future};

use bondhub::desk::{Attempt, Change, Deed, EarlyGrant, Happening, NewAccount, Step};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Permission, Role as Office, SignedInBy, Viewer},
    authentication::Way,
    identifier::{BondId, PartyCode, ProcurementId},
    money::Currency,
    party::{Language, Role},
    ports::store::AuditFilter,
};
use bondhub_test_support::openpgp::TestParty;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    accounts::app,
    harness::{
        cast::{self, ISSUER, LOSER, OWNER, WINNER},
        combination::SQLITE_SPOOL,
        papers::{self, CASE, bond, registration, tender},
        world::World,
    },
    told::{files, functions_of},
};

mod further;
mod list;

use list::{ACTS, QUESTIONS};

#[test]
fn every_function_of_the_desk_is_an_act_with_its_entry_or_a_question() {
    let mut unknown = Vec::new();
    let mut known: Vec<&str> = ACTS.iter().map(|(name, ..)| *name).collect();
    known.extend(QUESTIONS);
    for (path, text) in files("src/desk") {
        for name in functions_of(&text, "impl Desk {") {
            if !known.contains(&name.as_str()) {
                unknown.push((path.display().to_string(), name));
            }
        }
    }
    assert!(unknown.is_empty(), "on no list: {unknown:#?}");
}

/// Plays acts, and notes what each told first.
struct Stage {
    world: World,
    played: BTreeMap<&'static str, Vec<String>>,
}

impl Stage {
    async fn acts_after(&self, sequence: u64) -> Vec<String> {
        let filter = AuditFilter {
            after: sequence,
            limit: 1000,
            ..AuditFilter::default()
        };
        let links = self.world.store().audit_links(&filter).await.unwrap();
        let act = |text: &str| {
            let entry: Value = serde_json::from_str(text).unwrap();
            entry["act"].as_str().unwrap().to_owned()
        };
        links.iter().map(|link| act(&link.entry)).collect()
    }

    /// Plays one act; what it returns is handed on.
    async fn play<T>(&mut self, name: &'static str, act: impl Future<Output = T>) -> T {
        let before = self.world.store().audit_head().await.unwrap().sequence;
        let done = act.await;
        let told = self.acts_after(before).await;
        self.played.insert(name, told);
        done
    }
}

fn code(text: &str) -> PartyCode {
    PartyCode::parse(text).unwrap()
}

fn hanako() -> AccountName {
    AccountName::parse("hanako").unwrap()
}

const PASSWORD: &str = "a long sentence by heart";

async fn on_accounts(stage: &mut Stage) {
    let desk = std::sync::Arc::clone(&stage.world.desk);
    let new = NewAccount {
        name: hanako(),
        party: Some(code(OWNER)),
        roles: [Office::Clerk].into(),
        language: Language::Ja,
        zone: DEFAULT_ZONE.to_owned(),
    };
    stage
        .play("add_account", desk.add_account(new))
        .await
        .unwrap();
    stage.play("invite", desk.invite(&hanako())).await.unwrap();
    let equipment = stage.play("equip", desk.equip(&hanako())).await.unwrap();
    stage
        .play("put_password", desk.put_password(&hanako(), PASSWORD))
        .await
        .unwrap();
    let code = app(&equipment.totp, &stage.world);
    let attempt = Attempt {
        name: "hanako",
        password: PASSWORD,
        code: &code,
        address: None,
        agent: None,
        replaces: None,
    };
    let began = stage.play("sign_in", desk.sign_in(attempt)).await.unwrap();
    let viewer = began.viewer;
    let own = desk.change_own(&viewer, Language::En, DEFAULT_ZONE);
    stage.play("change_own", own).await.unwrap();
    let changed = desk.change_password(&viewer, PASSWORD, "another long sentence", None, None);
    let began = stage.play("change_password", changed).await.unwrap();
    stage
        .play("sign_out", desk.sign_out(&began.cookie))
        .await
        .unwrap();
    stage.world.clock.advance(TimeDelta::seconds(61));
    let code = app(&equipment.totp, &stage.world);
    let again = Attempt {
        password: "another long sentence",
        code: &code,
        ..attempt
    };
    desk.sign_in(again).await.unwrap();
    stage
        .play("sign_out_everywhere", desk.sign_out_everywhere(&viewer))
        .await
        .unwrap();
    on_factors(stage).await;
}

async fn on_factors(stage: &mut Stage) {
    let desk = std::sync::Arc::clone(&stage.world.desk);
    let offer = desk.offer_totp(&hanako()).await.unwrap();
    let shown = app(&offer.text, &stage.world);
    let name = hanako();
    let confirmed = desk.confirm_totp(&name, &offer.id, &shown);
    stage
        .play("confirm_totp", confirmed)
        .await
        .unwrap()
        .unwrap();
    stage
        .play("draw_recovery_codes", desk.draw_recovery_codes(&name))
        .await
        .unwrap();
    let token = desk.add_token(&name, "desk", [Permission::ReadBonds].into(), None);
    stage.play("add_token", token).await.unwrap();
    stage
        .play("revoke_token", desk.revoke_token(&name, "desk"))
        .await
        .unwrap();
    let change = Change {
        enabled: Some(false),
        ..Change::default()
    };
    stage
        .play("change_account", desk.change_account(&name, change))
        .await
        .unwrap();
    stage
        .play("reset_factors", desk.reset_factors(&name))
        .await
        .unwrap();
}

async fn on_parties(stage: &mut Stage) {
    let desk = std::sync::Arc::clone(&stage.world.desk);
    let (now, newcomer) = (stage.world.now(), code("C901"));
    let party = cast::party("C901", Role::Contractor, Language::Ja);
    stage
        .play("put_party", desk.put_party(&party))
        .await
        .unwrap();
    let accepted = desk.set_accepted(&newcomer, Some(Way::SignedKeyFile));
    stage.play("set_accepted", accepted).await.unwrap();
    let reader = TestParty::new(&cast::address("C901"), now - TimeDelta::days(1)).unwrap();
    let certificate = reader.certificate().unwrap();
    let enrolled = desk.enrol(&newcomer, &certificate, false);
    let enrolled = stage.play("enrol", enrolled).await.unwrap();
    let second = TestParty::new(&cast::address("C901"), now - TimeDelta::days(1)).unwrap();
    let second = second.certificate().unwrap();
    let begun = desk.begin_enrolment(&newcomer, &second, false);
    stage.play("begin_enrolment", begun).await.unwrap();
    let wrong = desk.finish_enrolment(&newcomer, "ABCD-EFGH-JKMN-PQRS");
    assert!(stage.play("finish_enrolment", wrong).await.is_err());
    let revoked = desk.revoke_certificate(&newcomer, &enrolled.facts.fingerprint);
    stage.play("revoke_certificate", revoked).await.unwrap();
    let other = bondhub::assemble::demo_issuer("Midori", now - TimeDelta::days(1)).unwrap();
    let issuer = code(ISSUER);
    stage
        .play("pin", desk.pin(&issuer, &other.key_pem))
        .await
        .unwrap();
    stage
        .play("entrust", desk.entrust(&issuer, &other.key_pem, None))
        .await
        .unwrap();
    let limit = desk.set_limit(&issuer, &newcomer, Currency::JPY, Some(1), "hanako");
    stage.play("set_limit", limit).await.unwrap();
    stage
        .play("set_consent", desk.set_consent(&newcomer, true, "hanako"))
        .await
        .unwrap();
    let asked = EarlyGrant {
        account: hanako(),
        party: code(OWNER),
        procurement: None,
        reason: "低入札価格の調査".to_owned(),
        until: now + TimeDelta::days(1),
    };
    let grant = stage
        .play("grant", desk.grant(asked, "chief"))
        .await
        .unwrap();
    stage
        .play("revoke_grant", desk.revoke_grant(grant.id, "chief"))
        .await
        .unwrap();
}

fn step(stage: &Stage, step: Step, data: Value) -> Deed {
    Deed {
        procurement: ProcurementId::parse(CASE).unwrap(),
        what: Happening::Step(step, data),
        at: Some(stage.world.now()),
        by: "taro".to_owned(),
    }
}

fn owner() -> Viewer {
    Viewer {
        account: hanako(),
        party: Some(code(OWNER)),
        roles: [Office::Clerk].into(),
        scopes: None,
        language: Language::Ja,
        zone: DEFAULT_ZONE.to_owned(),
        signed_in_by: SignedInBy::Password,
    }
}

async fn on_bonds(stage: &mut Stage) {
    let desk = std::sync::Arc::clone(&stage.world.desk);
    let now = stage.world.now();
    let announced = tender(now + TimeDelta::hours(1));
    let deed = step(stage, Step::TenderAnnounced, announced);
    stage.play("deed", desk.deed(&deed)).await.unwrap();
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    let cms = papers::sign(
        registration("B-1", terms, now),
        &stage.world.cast.issuer,
        now,
    );
    stage.play("document", desk.document(&cms)).await.unwrap();
    stage.world.quiet(2).await;
    let id = BondId::try_from("S001/B-1".to_owned()).unwrap();
    let operator = Viewer::at_the_command_line("keiko");
    let key = stage.world.live_key(WINNER, "S001/B-1").await;
    let look = stage.play("open", desk.open(&key)).await.unwrap();
    stage.play("copy", desk.copy(&look)).await.unwrap();
    stage.play("hand_over", desk.hand_over(&key)).await.unwrap();
    stage
        .play("original", desk.original(&id, None))
        .await
        .unwrap();
    let issued = desk.issue_by_hand(&operator, &id, Role::Owner);
    let issued = stage.play("issue_by_hand", issued).await.unwrap();
    further::agree(stage, issued).await;
    let revoked = desk.revoke_keys(&id, Role::Contractor, true, "lost");
    stage.play("revoke_keys", revoked).await.unwrap();
    let deed = step(
        stage,
        Step::BidOpened,
        json!({"opened_at": papers::at(now)}),
    );
    let viewer = owner();
    stage
        .play("deed_of", desk.deed_of(&viewer, &deed))
        .await
        .unwrap();
}

async fn on_paper_and_the_log(stage: &mut Stage) {
    let desk = std::sync::Arc::clone(&stage.world.desk);
    let cells = [
        ("number", "P-9"),
        ("kind", "performance"),
        ("instrument", "insurance"),
        ("contractor", LOSER),
        ("owner", OWNER),
        ("amount", "1000"),
        ("currency", "JPY"),
        ("from", "2026-04-01"),
        ("to", "2027-03-31"),
    ];
    let cells = cells.map(|(name, cell)| (name.to_owned(), cell.to_owned()));
    let cells: BTreeMap<_, _> = cells.into_iter().collect();
    let issuer = code(ISSUER);
    let added = desk.add_paper(&issuer, &cells, false, "hanako");
    let report = stage.play("add_paper", added).await.unwrap();
    assert_eq!(report.added, 1, "{report:?}");
    let paper = BondId::try_from("S001/P-9".to_owned()).unwrap();
    stage
        .play("end_paper", desk.end_paper(&paper, "returned", "hanako"))
        .await
        .unwrap();
    let mut export = Vec::new();
    stage
        .play(
            "export_audit",
            desk.export_audit(bondhub::audit::Range::default(), &mut export),
        )
        .await
        .unwrap();
    let before = stage.world.now() + TimeDelta::days(1);
    stage
        .play("purge_audit", desk.purge_audit(before))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_act_of_the_desk_tells_what_the_list_says() {
    let world = World::start(SQLITE_SPOOL).await;
    let mut stage = Stage {
        world,
        played: BTreeMap::new(),
    };
    on_accounts(&mut stage).await;
    on_parties(&mut stage).await;
    on_bonds(&mut stage).await;
    further::sign(&mut stage).await;
    further::replace_certificates(&mut stage).await;
    further::warn(&mut stage).await;
    further::mend(&mut stage).await;
    on_paper_and_the_log(&mut stage).await;
    further::rotate(&mut stage).await;
    for (name, act, elsewhere) in ACTS {
        match (stage.played.get(name), elsewhere) {
            (Some(told), None) => {
                assert!(
                    told.iter().any(|one| one == act.as_str()),
                    "{name}: {told:?}"
                );
            }
            (None, Some(_)) => {}
            (played, _) => {
                panic!("{name} is played here ({played:?}) or elsewhere ({elsewhere:?})")
            }
        }
    }
}
