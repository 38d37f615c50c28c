//! What accounts report by hand (R8), what a rehearsal tells them, and who may waive: nothing of a bond before its opening (R21).

use bondhub::desk::{Deed, DeskError, Happening, Rehearsal, Step};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role, SignedInBy, Viewer},
    identifier::{BondId, PartyCode, ProcurementId},
    money::BasisPoints,
    party::Language,
    rules::RuleOverride,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    cast::{LOSER, OWNER, WINNER},
    combination::{Combination, stories},
    papers::{self, CASE, bond, registration, tender, yen},
    world::World,
};

stories! {
    a_rehearsal_before_the_opening_is_the_same_whoever_takes_part => super::rehearsing;
    nobody_waives_before_the_opening_and_then_only_the_owner => super::waiving;
    each_account_reports_what_is_its_own_to_say => super::reporting;
}

const BID: &str = "S001/B-1";

fn viewer(party: Option<&str>, role: Role) -> Viewer {
    Viewer {
        account: AccountName::parse("hanako").unwrap(),
        party: party.map(|code| PartyCode::parse(code).unwrap()),
        roles: [role].into(),
        scopes: None,
        language: Language::En,
        zone: DEFAULT_ZONE.to_owned(),
        signed_in_by: SignedInBy::Password,
    }
}

fn owner() -> Viewer {
    viewer(Some(OWNER), Role::Clerk)
}

fn deed(what: Happening) -> Deed {
    Deed {
        procurement: ProcurementId::parse(CASE).unwrap(),
        what,
        at: None,
        by: "hanako".to_owned(),
    }
}

fn step(step: Step, data: Value) -> Deed {
    deed(Happening::Step(step, data))
}

/// A case that opens in an hour; the winner's bond is handed over, and too small for its bid.
async fn short_bond(world: &World) {
    let now = world.now();
    let terms = bond(CASE, "bid", WINNER, 5_000_000);
    let cms = papers::sign(registration("B-1", terms, now), &world.cast.issuer, now);
    world.desk.document(&cms).await.unwrap();
    let bid = json!({"contractor": WINNER, "amount": yen(120_000_000)});
    world
        .desk
        .deed(&step(Step::BidSubmitted, bid))
        .await
        .unwrap();
}

async fn announced(world: &World) {
    let opening = world.now() + TimeDelta::hours(1);
    let deed = step(Step::TenderAnnounced, tender(opening));
    world.desk.deed_of(&owner(), &deed).await.unwrap();
}

/// What a change of the rates, and the end of the tender, would do, as this viewer is told.
async fn rehearsed(world: &World, viewer: &Viewer) -> [Rehearsal; 2] {
    let rates = RuleOverride {
        bid_guarantee_rate_bp: Some(BasisPoints(100)),
        ..RuleOverride::default()
    };
    let lower = deed(Happening::OwnRules(rates));
    let end = step(Step::TenderCancelled, json!({}));
    let desk = &world.desk;
    [
        desk.rehearse_of(viewer, &lower).await.unwrap(),
        desk.rehearse_of(viewer, &end).await.unwrap(),
    ]
}

async fn rehearsing(on: Combination) {
    let world = World::set(on, "").await;
    announced(&world).await;
    let operator = viewer(None, Role::Operator);
    let alone = [
        rehearsed(&world, &owner()).await,
        rehearsed(&world, &operator).await,
    ];
    short_bond(&world).await;
    let (as_owner, as_operator) = (
        rehearsed(&world, &owner()).await,
        rehearsed(&world, &operator).await,
    );
    assert_eq!(
        [as_owner, as_operator],
        alone,
        "with a bidder as without one"
    );
    assert!(alone[0].iter().all(|told| told.withheld));
    let whole = world
        .desk
        .rehearse(&step(Step::TenderCancelled, json!({})))
        .await
        .unwrap();
    assert_eq!(whole.bonds.len(), 1, "it would release the bond");

    world.clock.advance(TimeDelta::hours(1));
    let [lower, end] = rehearsed(&world, &owner()).await;
    assert_eq!(lower.tasks_closed.len(), 1, "the bond would be enough");
    assert_eq!(end.bonds[0].bond.to_string(), BID);
    assert_eq!((end.keys_ended.len(), end.withheld), (1, false));
}

async fn waiving(on: Combination) {
    let world = World::set(on, "").await;
    announced(&world).await;
    short_bond(&world).await;
    let bond = BondId::try_from(BID.to_owned()).unwrap();
    let waiver = async |viewer: &Viewer, finding: &str| {
        world.desk.waiver_of(viewer, &bond, finding, "軽微").await
    };
    let people = [
        owner(),
        viewer(None, Role::Operator),
        viewer(Some(LOSER), Role::Clerk),
    ];
    for somebody in &people {
        for finding in ["amount_short", "no_bid"] {
            let told = waiver(somebody, finding).await;
            let hidden = matches!(&told, Err(DeskError::NotFound(what)) if what == "bond S001/B-1");
            assert!(hidden, "{finding} is there or not: {told:?}");
        }
    }
    world.clock.advance(TimeDelta::hours(1));
    let told = waiver(&viewer(Some(WINNER), Role::Clerk), "amount_short").await;
    assert!(matches!(told, Err(DeskError::Refused(_))), "{told:?}");
    let deed = waiver(&owner(), "amount_short").await.unwrap();
    world.desk.deed_of(&owner(), &deed).await.unwrap();
    let case = world
        .desk
        .my_case(&owner(), &deed.procurement)
        .await
        .unwrap();
    let seen = &case.matches[&bond];
    let shown = seen.result.findings[0].waived.as_ref().unwrap();
    assert_eq!(
        (shown.by.as_str(), shown.reason.as_str()),
        ("hanako", "軽微")
    );
    assert!(seen.waived_at.contains_key("amount_short"));
}

async fn reporting(on: Combination) {
    let world = World::set(on, "").await;
    announced(&world).await;
    let opened = step(
        Step::BidOpened,
        json!({"opened_at": papers::at(world.now())}),
    );
    let bid = step(Step::BidSubmitted, json!({"contractor": WINNER}));
    let contractor = viewer(Some(WINNER), Role::Clerk);
    let auditor = viewer(None, Role::Auditor);
    let signer = viewer(Some(OWNER), Role::Signer);
    for (who, deed) in [
        (&contractor, &opened),
        (&viewer(Some(LOSER), Role::Clerk), &bid),
        (&owner(), &bid),
        (&auditor, &opened),
        (&signer, &opened),
    ] {
        let told = world.desk.deed_of(who, deed).await;
        assert!(
            matches!(told, Err(DeskError::Refused(_))),
            "{who:?}: {told:?}"
        );
        let told = world.desk.rehearse_of(who, deed).await;
        assert!(
            matches!(told, Err(DeskError::Refused(_))),
            "{who:?}: {told:?}"
        );
    }
    for (who, deed) in [
        (&contractor, &bid),
        (&owner(), &opened),
        (&viewer(None, Role::Operator), &opened),
    ] {
        world.desk.deed_of(who, deed).await.unwrap();
    }
    let case = world.desk.my_case(&contractor, &opened.procurement).await;
    assert!(matches!(case, Err(DeskError::NotFound(_))), "{case:?}");
}
