//! What an owner learns of bids before they are opened: nothing, in no figure (R21, R43).

use bondhub::desk::Desk;
use bondhub_core::{
    audit::Actor,
    liability::{Span, Step},
    ports::store::BondQuestion,
};
use serde_json::Value;

use super::*;
use crate::harness::papers::{CASE, bond, event, registration, tender, with};

/// Everything an owner can ask for, in one text.
async fn everything(world: &World, owner: &str) -> Value {
    let (desk, within) = (&world.desk, towards(owner));
    let beholder = desk.party_beholding(&code(owner)).await.unwrap();
    let today = desk.today();
    let mut told = Vec::new();
    let mut parts = vec![within.clone()];
    parts.extend([WINNER, LOSER].map(|who| Within {
        contractor: Some(code(who)),
        ..within.clone()
    }));
    for by in BalanceBy::ALL {
        for within in &parts {
            let asked = figure(by, within.clone());
            let span = Span::new(today - Days::new(40), today + Days::new(40), Step::Month);
            let span = span.unwrap();
            let sums = desk.balances(&beholder, &asked).await.unwrap();
            let series = desk.balance_series(&beholder, &asked, &span);
            told.push(json!({"sums": sums, "series": series.await.unwrap()}));
        }
    }
    let ends = figure(BalanceBy::Total, within.clone());
    let ends = desk.expiries(&beholder, &ends).await.unwrap();
    let question = BondQuestion {
        within,
        as_of: today,
        known_on: None,
        after: None,
        limit: 100,
        without: None,
    };
    let bonds = desk.outstanding_bonds(&beholder, &question).await.unwrap();
    let bonds: Vec<_> = bonds.iter().map(|one| (&one.bond, one.amount)).collect();
    let mut of_contractors = Vec::new();
    for who in [WINNER, LOSER] {
        let across = Within {
            contractor: Some(code(who)),
            ..Within::default()
        };
        let across = figure(BalanceBy::Total, across);
        let asked = desk.balances(&beholder, &across).await;
        let asked = asked.map_err(|error| error.to_string());
        of_contractors.push(json!(asked));
    }
    json!({"figures": told, "ends": ends, "bonds": bonds, "of_contractors": of_contractors})
}

fn towards(owner: &str) -> Within {
    Within {
        owner: Some(code(owner)),
        ..Within::default()
    }
}

/// What a figure of a contractor is, to whoever looks.
async fn of(world: &World, beholder: &Beholder, contractor: &str) -> [Option<i64>; 3] {
    let desk = &world.desk;
    let within = Within {
        contractor: Some(code(contractor)),
        ..Within::default()
    };
    let ranks = figure(BalanceBy::Contractor, Within::default());
    let ranks = desk.balances(beholder, &ranks).await.unwrap();
    let rank = ranks.iter().find(|sum| sum.of == contractor);
    let alone = figure(BalanceBy::Total, within.clone());
    let alone = desk.balances(beholder, &alone).await.unwrap();
    let question = BondQuestion {
        within,
        as_of: desk.today(),
        known_on: None,
        after: None,
        limit: 100,
        without: None,
    };
    let bonds = desk.outstanding_bonds(beholder, &question).await.unwrap();
    let sum = bonds.iter().map(|one| one.amount).sum();
    [
        rank.map(|sum| sum.amount),
        alone.first().map(|sum| sum.amount),
        Some(sum).filter(|sum| *sum != 0),
    ]
}

/// R21: "There is never a list of bond holders before opening", on no page and in no answer to an operator either.
#[tokio::test(flavor = "multi_thread")]
async fn who_runs_the_hub_sees_totals_whole_and_no_contractors_bid_before_the_opening() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::start(on).await;
        let held = [row(&world, "P-1", WINNER, 500)];
        assert_eq!(world.import(ISSUER, &list(&held), STRICT).await.added, 1);
        let limit = Some(1_000);
        let desk = &world.desk;
        let (issuer, winner) = (code(ISSUER), code(WINNER));
        desk.set_limit(&issuer, &winner, Currency::JPY, limit, "taro")
            .await
            .unwrap();
        let now = world.now();
        let opening = now + TimeDelta::days(2);
        let bid = |contractor, amount| bond(CASE, "bid", contractor, amount);
        let events = [
            event(CASE, "t-1", "tender.announced", now, tender(opening)),
            world.signed(registration("B-1", bid(WINNER, 6_000_000), now)),
            world.signed(registration("B-2", bid(LOSER, 6_200_000), now)),
        ];
        world.play(&events, 4).await;
        let used = async |beholder: &Beholder| {
            let uses = desk.limits_seen_by(beholder, &issuer).await.unwrap();
            uses[0].outstanding
        };
        let (hub, operator) = (Beholder::Hub, Beholder::Operator);
        assert_eq!(of(&world, &hub, WINNER).await, [Some(6_000_500); 3]);
        assert_eq!(of(&world, &hub, LOSER).await, [Some(6_200_000); 3]);
        assert_eq!(of(&world, &operator, WINNER).await, [Some(500); 3]);
        assert_eq!(of(&world, &operator, LOSER).await, [None; 3]);
        assert_eq!(used(&operator).await, 500);
        let own = desk.party_beholding(&issuer).await.unwrap();
        assert_eq!(used(&own).await, 6_000_500, "the issuer's own bonds");
        for by in [BalanceBy::Total, BalanceBy::Issuer, BalanceBy::Owner] {
            let whole = figure(by, Within::default());
            let sums = desk.balances(&operator, &whole).await.unwrap();
            assert_eq!(sums[0].amount, 12_200_500, "{by:?}");
        }
        world.clock.advance(TimeDelta::days(3));
        assert_eq!(of(&world, &operator, WINNER).await, [Some(6_000_500); 3]);
        assert_eq!(of(&world, &operator, LOSER).await, [Some(6_200_000); 3]);
        assert_eq!(used(&operator).await, 6_000_500);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_figure_of_an_owner_moves_when_bids_come_in_and_all_do_at_the_opening() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::start(on).await;
        let held = [row(&world, "P-1", WINNER, 500)];
        assert_eq!(world.import(ISSUER, &list(&held), STRICT).await.added, 1);
        let before = everything(&world, OWNER).await;
        let now = world.now();
        let opening = now + TimeDelta::days(2);
        let announced = event(CASE, "t-1", "tender.announced", now, tender(opening));
        let bid = |contractor, amount| bond(CASE, "bid", contractor, amount);
        let unknown = with(
            bond("ocds-unknown", "bid", LOSER, 7_000),
            "opening_at",
            (opening + TimeDelta::days(1)).to_rfc3339(),
        );
        let events = [
            announced,
            world.signed(registration("B-1", bid(WINNER, 6_000_000), now)),
            world.signed(registration("B-2", bid(LOSER, 6_200_000), now)),
            world.signed(registration("B-3", unknown, now)),
        ];
        world.play(&events, 5).await;
        assert_eq!(world.total().await, 12_207_500, "the operator sees them");
        assert_eq!(
            everything(&world, OWNER).await,
            before,
            "the owner does not"
        );
        let earlier = tender(now + TimeDelta::hours(1));
        let forward = event(CASE, "t-2", "tender.changed", world.now(), earlier);
        world.play(&[forward], 6).await;
        world.clock.advance(TimeDelta::hours(2));
        assert_eq!(
            everything(&world, OWNER).await["of_contractors"],
            before["of_contractors"],
            "an opening brought forward opens nothing before a second person confirmed it"
        );
        world.clock.advance(TimeDelta::hours(46));
        let opened = everything(&world, OWNER).await;
        assert_eq!(
            opened["of_contractors"][1]["Ok"][0]["amount"], 6_200_000,
            "B-3 is sealed still"
        );
        let total = &opened["figures"][9]["sums"][0];
        assert_eq!(
            (&total["amount"], &total["bonds"]),
            (&json!(12_200_500), &json!(3))
        );
        assert_eq!(opened["bonds"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_whom_a_contractor_shows_its_figures_learns_of_its_bids_with_others_at_the_opening()
 {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::start(on).await;
        let (desk, now, today) = (&world.desk, world.now(), world.desk.today());
        let opening = now + TimeDelta::days(2);
        let events = [
            event(CASE, "t-1", "tender.announced", now, tender(opening)),
            world.signed(registration(
                "B-1",
                bond(CASE, "bid", WINNER, 6_000_000),
                now,
            )),
        ];
        world.play(&events, 2).await;
        let other = party("S2", Role::Issuer, Language::Ja);
        desk.put_party(&other).await.unwrap();
        let until = today + Days::new(300);
        let paper = format!(
            "{HEADER},procurement\nP-1,bid,bank_guarantee,{WINNER},{OWNER},,40,JPY,{today},{until},{CASE}\n\
             P-2,performance,bank_guarantee,{WINNER},{OWNER},K-9,500,JPY,{today},{until},\n"
        );
        assert_eq!(world.import("S2", paper.as_bytes(), STRICT).await.added, 2);
        desk.set_consent(&code(WINNER), true, "taro").await.unwrap();
        let across = Within {
            contractor: Some(code(WINNER)),
            ..Within::default()
        };
        let across = figure(BalanceBy::Total, across);
        let seen = async |issuer: &str| {
            let beholder = desk.party_beholding(&code(issuer)).await.unwrap();
            let sums = desk.balances(&beholder, &across).await.unwrap();
            sums[0].amount
        };
        assert_eq!(
            seen(ISSUER).await,
            6_000_500,
            "its own bid, not the other's"
        );
        assert_eq!(seen("S2").await, 540);
        world.clock.advance(TimeDelta::days(3));
        assert_eq!(seen(ISSUER).await, 6_000_540);
        assert_eq!(seen("S2").await, 6_000_540);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_of_a_limit_tells_an_operator_nothing_of_bids_that_are_not_open() {
    let world = World::start(SQLITE_SPOOL).await;
    let (desk, now) = (&world.desk, world.now());
    let (issuer, winner) = (code(ISSUER), code(WINNER));
    let limit = Some(800);
    desk.set_limit(&issuer, &winner, Currency::JPY, limit, "taro")
        .await
        .unwrap();
    let opening = now + TimeDelta::days(2);
    let bid = |number: &str, amount| {
        world.signed(registration(number, bond(CASE, "bid", WINNER, amount), now))
    };
    let events = [
        event(CASE, "t-1", "tender.announced", now, tender(opening)),
        bid("B-1", 6_000_000),
    ];
    world.play(&events, 2).await;
    let operator = desk.by(Actor::Account("omi".to_owned(), None));
    let import = async |desk: &Desk, number: &str, amount| {
        let rows = list(&[row(&world, number, WINNER, amount)]);
        let open = || Ok(std::io::Cursor::new(rows.clone()));
        let told = desk.import_paper(&issuer, open, STRICT, "omi").await;
        let told = told.unwrap().exceeded.into_iter();
        told.map(|one| one.outstanding).collect::<Vec<_>>()
    };
    assert_eq!(
        import(&operator, "P-1", 500).await,
        [0; 0],
        "exceeded by a sealed bid alone"
    );
    assert_eq!(import(&operator, "P-2", 400).await, [900]);
    assert_eq!(
        import(desk, "P-3", 1).await,
        [6_000_901],
        "at the hub's own machine"
    );
    let signed = registration("B-2", bond(CASE, "bid", WINNER, 7), now);
    let signed = sign(signed, &world.cast.issuer, now);
    desk.document(&signed).await.unwrap();
    let warned = async |desk: &Desk| {
        let told = desk.exceeded_by(&signed).await.unwrap();
        told.iter().map(|one| one.outstanding).collect::<Vec<_>>()
    };
    assert_eq!(warned(&operator).await, [901]);
    assert_eq!(warned(desk).await, [6_000_908]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bid_on_paper_says_when_it_is_opened_unless_the_hub_knows_and_is_sealed_until_then() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::start(on).await;
        let (from, to) = (world.desk.today(), world.desk.today() + Days::new(300));
        let list = |number: &str, tender: &str, opening: &str| {
            let bid = format!("{number},bid,bank_guarantee,{WINNER},{OWNER},,40,JPY,{from},{to}");
            format!("{HEADER},procurement,opening_at\n{bid},{tender},{opening}\n").into_bytes()
        };
        let silent = world.import(ISSUER, &list("P-1", "T-1", ""), STRICT).await;
        let fault = silent.faults.first().unwrap();
        let place = (silent.added, fault.line, fault.name);
        assert_eq!(place, (0, 2, Some("opening_at")));
        let why = fault.fault.text(Language::En);
        assert!(why.contains("when these bids are opened"), "{why}");

        let (now, opening) = (world.now(), world.now() + TimeDelta::days(2));
        let announced = tender(opening + TimeDelta::days(7));
        let events = [event("T-2", "t-1", "tender.announced", now, announced)];
        world.play(&events, 1).await;
        let known = world.import(ISSUER, &list("P-2", "T-2", ""), STRICT).await;
        assert_eq!(known.added, 1, "its tender says it: {known:?}");

        let told = list("P-1", "T-1", &opening.to_rfc3339());
        assert_eq!(world.import(ISSUER, &told, STRICT).await.added, 1);
        let again = world.import(ISSUER, &told, STRICT).await;
        assert_eq!(again.unchanged, 1, "the same list changes nothing");
        let of_owner = figure(BalanceBy::Total, towards(OWNER));
        let owner = world.desk.party_beholding(&code(OWNER)).await.unwrap();
        let seen = async || world.desk.balances(&owner, &of_owner).await.unwrap();
        assert_eq!(seen().await, []);
        world.clock.advance(TimeDelta::days(2));
        assert_eq!(seen().await[0].amount, 40, "from that instant on");
        world.clock.advance(TimeDelta::days(7));
        assert_eq!(seen().await[0].amount, 80, "the other when its tender is");
    }
}
