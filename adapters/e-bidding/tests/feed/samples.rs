use bondhub_core::{
    identifier::{AwardId, BondId, LotId, PartyCode, ProcurementId},
    money::{BasisPoints, Currency, Money},
    ports::feed::Feed,
    procurement::{AwardState, Fact, Lot, Scope, TenderOutcome},
    rules::Guarantee,
};

use crate::{FEED, changed, learn, sample};

fn lot(id: &str) -> LotId {
    LotId::parse(id).unwrap()
}

fn party(code: &str) -> PartyCode {
    PartyCode::parse(code).unwrap()
}

fn in_lot(id: &str) -> Scope {
    Scope::Lot(lot(id))
}

fn tender(opening_at: &str) -> Vec<Fact> {
    let named = |id, title: &str| Lot {
        id: lot(id),
        title: title.into(),
    };
    vec![
        Fact::Owner(party("MLIT-KANTO")),
        Fact::Title("令和8年度 国道357号荒川橋耐震補強工事".into()),
        Fact::Opening {
            scope: Scope::Tender,
            at: opening_at.parse().unwrap(),
        },
        Fact::Lots(vec![
            named("1", "第1工区（下部工）"),
            named("2", "第2工区（上部工）"),
        ]),
        Fact::BidGuarantee(Guarantee {
            required: true,
            rate_bp: Some(BasisPoints(500)),
            amount: None,
        }),
        Fact::Follows(ProcurementId::parse("ocds-jp0001-R7-0311").unwrap()),
    ]
}

#[test]
fn an_announced_tender_teaches_its_whole_state() {
    let facts = learn(sample("tender.announced")).unwrap();
    assert_eq!(facts, tender("2026-03-02T01:00:00Z"));
}

#[test]
fn a_changed_tender_teaches_its_whole_state_again() {
    let facts = learn(sample("tender.changed")).unwrap();
    assert_eq!(facts, tender("2026-03-09T01:00:00Z"));
}

#[test]
fn a_tender_that_tells_no_lots_has_none() {
    let facts = learn(changed("tender.changed", "/data/lots", None)).unwrap();
    assert!(facts.contains(&Fact::Lots(vec![])), "{facts:?}");
}

#[test]
fn a_tender_without_guarantee_and_relation_says_nothing_of_them() {
    let mut event = sample("tender.announced");
    let data = event["data"].as_object_mut().unwrap();
    data.remove("bid_guarantee");
    data.remove("related");
    let expected = &tender("2026-03-02T01:00:00Z")[..4];
    assert_eq!(learn(event).unwrap(), expected);
}

#[test]
fn a_cancelled_and_an_unsuccessful_lot_are_outcomes_of_that_lot() {
    for (kind, outcome) in [
        ("tender.cancelled", TenderOutcome::Cancelled),
        ("tender.unsuccessful", TenderOutcome::Unsuccessful),
    ] {
        let scope = in_lot("2");
        assert_eq!(
            learn(sample(kind)).unwrap(),
            [Fact::Outcome { scope, outcome }]
        );
        let whole = learn(changed(kind, "/data/lot", None)).unwrap();
        let scope = Scope::Tender;
        assert_eq!(whole, [Fact::Outcome { scope, outcome }]);
    }
}

#[test]
fn a_bid_names_its_bidder_its_bonds_and_its_price() {
    let bond = |text: &str| BondId::try_from(text.to_owned()).unwrap();
    let expected = Fact::Bid {
        contractor: party("C-KAJIMOTO"),
        scope: in_lot("1"),
        bonds: vec![
            bond("S-TOKYO/BB-2026-000731"),
            bond("S-TOKYO/PR-2026-000219"),
        ],
        amount: Some(Money::new(118_800_000, Currency::JPY).unwrap()),
    };
    assert_eq!(learn(sample("bid.submitted")).unwrap(), [expected]);
}

#[test]
fn an_opening_tells_when_the_bids_were_opened() {
    let expected = Fact::BidsOpened {
        scope: in_lot("1"),
        at: "2026-03-09T01:00:00Z".parse().unwrap(),
    };
    assert_eq!(learn(sample("bid.opened")).unwrap(), [expected]);
}

#[test]
fn a_rebid_tells_its_round_and_the_new_opening() {
    let expected = Fact::Rebid {
        scope: in_lot("1"),
        round: 2,
        opening_at: "2026-03-09T05:00:00Z".parse().unwrap(),
    };
    assert_eq!(learn(sample("rebid.called")).unwrap(), [expected]);
}

#[test]
fn an_award_stands_where_its_event_says() {
    for (kind, state) in [
        ("award.pending", AwardState::Pending),
        ("award.decided", AwardState::Decided),
        ("award.cancelled", AwardState::Cancelled),
        ("award.declined", AwardState::Declined),
    ] {
        let expected = Fact::Award {
            award: AwardId::parse("A-2026-0042-1").unwrap(),
            lots: vec![lot("1")],
            contractor: Some(party("C-KAJIMOTO")),
            state,
        };
        assert_eq!(learn(sample(kind)).unwrap(), [expected], "{kind}");
    }
}

#[test]
fn an_event_of_another_feed_is_not_answered() {
    for kind in ["contract.changed", "contract.concluded"] {
        let envelope = bondhub_core::event::read_structured(sample(kind)).unwrap();
        assert!(FEED.facts(&envelope).is_none());
    }
    assert!(FEED.split(&sample("tender.announced")).is_none());
}
