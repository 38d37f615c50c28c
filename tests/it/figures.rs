//! What an owner's figures tell before the opening that governs: nothing (R21, E2).

use std::collections::BTreeSet;

use bondhub::desk::{Deed, Figure, Happening};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role as Office, SignedInBy, Viewer},
    calendar::Timestamp,
    identifier::{PartyCode, ProcurementId},
    liability::Beholder,
    party::{Language, Role},
    ports::store::{BalanceBy, BondQuestion, Within},
    procurement::Scope,
};
use chrono::TimeDelta;

use crate::harness::{
    cast::{OWNER, WINNER},
    combination::{POSTGRES_SPOOL, SQLITE_SPOOL},
    papers::{CASE, bond, event, registration, tender},
    world::World,
};

/// How much the owner's balance, bonds and expiries hold.
async fn shown(world: &World) -> [usize; 3] {
    let code = PartyCode::parse(OWNER).unwrap();
    let beholder = Beholder::Party {
        code: code.clone(),
        roles: BTreeSet::from([Role::Owner]),
        contractors: BTreeSet::new(),
    };
    let within = Within {
        owner: Some(code),
        ..Within::default()
    };
    let figure = Figure {
        by: BalanceBy::Total,
        within: within.clone(),
        as_of: None,
        known_on: None,
    };
    let question = BondQuestion {
        within: within.clone(),
        as_of: world.desk.today(),
        known_on: None,
        after: None,
        limit: 10,
        without: None,
    };
    let desk = &world.desk;
    [
        desk.balances(&beholder, &figure).await.unwrap().len(),
        desk.outstanding_bonds(&beholder, &question)
            .await
            .unwrap()
            .len(),
        desk.expiries(&beholder, &figure).await.unwrap().len(),
    ]
}

fn announced(world: &World, id: &str, opening: Timestamp) -> serde_json::Value {
    event(CASE, id, "tender.announced", world.now(), tender(opening))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owners_figures_follow_an_earlier_opening_only_when_a_second_person_confirmed_it() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::start(on).await;
        let now = world.now();
        let terms = bond(CASE, "bid", WINNER, 6_000_000);
        let first = announced(&world, "t-1", now + TimeDelta::days(10));
        world
            .play(&[first, world.signed(registration("B-1", terms, now))], 2)
            .await;
        let earlier = world.now() - TimeDelta::seconds(1);
        world.play(&[announced(&world, "t-2", earlier)], 3).await;
        assert_eq!(shown(&world).await, [0, 0, 0]);
        let deed = Deed {
            procurement: ProcurementId::parse(CASE).unwrap(),
            what: Happening::OpeningConfirmed(Scope::Tender, earlier),
            at: None,
            by: "hanako".to_owned(),
        };
        let chief = Viewer {
            account: AccountName::parse("hanako").unwrap(),
            party: Some(PartyCode::parse(OWNER).unwrap()),
            roles: [Office::Clerk].into(),
            scopes: None,
            language: Language::Ja,
            zone: DEFAULT_ZONE.to_owned(),
            signed_in_by: SignedInBy::Password,
        };
        world.desk.deed_of(&chief, &deed).await.unwrap();
        assert_eq!(shown(&world).await, [1, 1, 1]);
    }
}
