//! Who may report what, who is a second person, and what those who run the hub may not see (R8, R21, E2).

use bondhub::desk::{Deed, DeskError, Happening, Step};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Permission, Role, SignedInBy, Viewer},
    event::WITHHELD,
    identifier::{PartyCode, ProcurementId},
    party::Language,
    ports::store::EventState,
    procurement::Scope,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    cast::{LOSER, OWNER, WINNER},
    combination::SQLITE_SPOOL,
    papers::{self, CASE, event, tender, yen},
    world::{World, bondhub},
};

fn viewer(name: &str, party: Option<&str>, role: Role) -> Viewer {
    Viewer {
        account: AccountName::parse(name).unwrap(),
        party: party.map(|code| PartyCode::parse(code).unwrap()),
        roles: [role].into(),
        scopes: None,
        language: Language::Ja,
        zone: DEFAULT_ZONE.to_owned(),
        signed_in_by: SignedInBy::Password,
    }
}

fn deed(what: Happening) -> Deed {
    Deed {
        procurement: ProcurementId::parse(CASE).unwrap(),
        what,
        at: None,
        by: "somebody else's name".to_owned(),
    }
}

fn step(step: Step, data: Value) -> Deed {
    deed(Happening::Step(step, data))
}

async fn reports(world: &World, viewer: &Viewer, deed: &Deed) -> bool {
    match world.desk.deed_of(viewer, deed).await {
        Ok(taken) => {
            assert!(taken.state.is_some());
            true
        }
        Err(DeskError::Refused(_)) => false,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_reports_of_its_own_cases_a_contractor_its_own_bid_and_an_operator_what_came_on_paper()
 {
    let world = World::start(SQLITE_SPOOL).await;
    let owner = viewer("hanako", Some(OWNER), Role::Clerk);
    let contractor = viewer("ken", Some(WINNER), Role::Clerk);
    let operator = viewer("keiko", None, Role::Operator);
    let announced = step(
        Step::TenderAnnounced,
        tender(world.now() + TimeDelta::hours(1)),
    );
    assert!(
        !reports(&world, &contractor, &announced).await,
        "of another's case"
    );
    assert!(reports(&world, &owner, &announced).await);
    let bid = |code: &str| {
        step(
            Step::BidSubmitted,
            json!({"contractor": code, "amount": yen(1_000_000)}),
        )
    };
    assert!(
        !reports(&world, &contractor, &bid(LOSER)).await,
        "another's bid"
    );
    assert!(
        !reports(&world, &owner, &bid(WINNER)).await,
        "the bid is the contractor's to hand in"
    );
    assert!(reports(&world, &contractor, &bid(WINNER)).await);
    let opened = step(
        Step::BidOpened,
        json!({"opened_at": papers::at(world.now())}),
    );
    for (who, why) in [
        (
            viewer("mika", Some(OWNER), Role::PrivilegedViewer),
            "it may look, not act",
        ),
        (
            viewer("ryo", Some(LOSER), Role::Clerk),
            "no owner of the case",
        ),
        (viewer("aki", None, Role::Auditor), "reads, changes nothing"),
    ] {
        assert!(!reports(&world, &who, &opened).await, "{why}");
    }
    let mut narrow = owner.clone();
    narrow.scopes = Some([Permission::ReadBonds].into());
    assert!(
        !reports(&world, &narrow, &opened).await,
        "a token without the scope"
    );
    assert!(reports(&world, &operator, &opened).await);
    // Whatever name the deed gave, it is told as the account's word.
    let rows = world.events().await;
    let sources: Vec<_> = rows
        .iter()
        .map(|row| row.identity.source.as_str())
        .collect();
    let mut distinct = sources.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 3, "{sources:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opening_is_confirmed_by_a_second_account_and_never_by_a_name_that_is_only_said() {
    let world = World::start(SQLITE_SPOOL).await;
    let now = world.now();
    let (hanako, taro) = (
        viewer("hanako", Some(OWNER), Role::Clerk),
        viewer("taro", Some(OWNER), Role::Clerk),
    );
    let (late, early) = (now + TimeDelta::days(2), now + TimeDelta::days(1));
    for (opening, number) in [(late, 1), (early, 2)] {
        let steps = [Step::TenderAnnounced, Step::TenderChanged];
        let deed = step(steps[number - 1], tender(opening));
        assert!(reports(&world, &hanako, &deed).await);
        world.clock.advance(TimeDelta::seconds(1));
    }
    let confirm = deed(Happening::OpeningConfirmed(Scope::Tender, early));
    let governs = async || {
        let case = world.desk.case(&confirm.procurement).await.unwrap();
        case.file.governing(&Scope::Tender).unwrap().at
    };
    let said = world.desk.deed(&confirm).await.unwrap_err().to_string();
    assert!(said.contains("second person"), "{said}");
    let mut at_the_machine = viewer("taro", None, Role::Operator);
    at_the_machine.signed_in_by = SignedInBy::CommandLine;
    assert!(!reports(&world, &at_the_machine, &confirm).await);
    let mut shared = viewer("api-token", None, Role::Operator);
    shared.signed_in_by = SignedInBy::SharedToken;
    let refused = world.desk.deed_of(&shared, &confirm).await.unwrap_err();
    let DeskError::Refused(refusal) = refused else {
        panic!("{refused}");
    };
    let sentence = |language| refusal.sentence(language);
    assert!(sentence(Language::En).contains("shared token"));
    assert!(sentence(Language::Ja).contains("共用のトークン"));
    assert_eq!(governs().await, late);
    let own = viewer("hanako", Some(OWNER), Role::Clerk);
    assert!(
        reports(&world, &own, &confirm).await,
        "taken, and no second word"
    );
    assert_eq!(governs().await, late);
    world.clock.advance(TimeDelta::seconds(1));
    assert!(reports(&world, &taro, &confirm).await);
    assert_eq!(governs().await, early);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_runs_the_hub_sees_no_bids_sum_before_the_opening_and_corrects_events_all_the_same() {
    let world = World::start(SQLITE_SPOOL).await;
    let now = world.now();
    let bid = |id: &str, contractor: &str| {
        let data = json!({"contractor": contractor, "amount": yen(123_456_789)});
        event(CASE, id, "bid.submitted", now, data)
    };
    let mut wrong = bid("b-2", LOSER);
    wrong["data"]["lot"] = json!(7);
    let events = [
        event(
            CASE,
            "t-1",
            "tender.announced",
            now,
            tender(now + TimeDelta::hours(1)),
        ),
        bid("b-1", WINNER),
        wrong,
    ];
    world.play(&events, 3).await;
    let row = world.event("b-1").await;
    let (_, content) = world.desk.event_shown(row.id).await.unwrap();
    assert_eq!(content["data"]["amount"]["amount"], WITHHELD);
    let by_command = bondhub(world.folder(), &["event", "show", &row.id.to_string()]);
    let text = String::from_utf8(by_command.stdout).unwrap();
    assert!(
        by_command.status.success() && !text.contains("123456789"),
        "{text}"
    );

    let aside = world.event("b-2").await;
    assert_eq!(aside.state, EventState::SetAside);
    let (_, mut corrected) = world.desk.event_shown(aside.id).await.unwrap();
    corrected["data"].as_object_mut().unwrap().remove("lot");
    let bytes = serde_json::to_vec(&corrected).unwrap();
    let taken = world.desk.resubmit(aside.id, Some(&bytes)).await.unwrap();
    let again = world.desk.event(taken[0].id).await.unwrap();
    let again: Value = serde_json::from_slice(&again.body).unwrap();
    assert_eq!(again["data"]["amount"], yen(123_456_789));

    world.clock.advance(TimeDelta::hours(2));
    let (_, content) = world.desk.event_shown(row.id).await.unwrap();
    assert_eq!(content["data"]["amount"], yen(123_456_789));
}
