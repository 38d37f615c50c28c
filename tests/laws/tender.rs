//! Plausible cases: bonds, events with distinct business times, rules, and how the hub hears of it.

use bondhub_core::{
    bond::{BondKind, Medium},
    calendar::Timestamp,
    document::ClaimOutcome,
    event::{EventIdentity, Stamp},
    identifier::BondNumber,
    matching::Discrepancy,
    money::BasisPoints,
    party::{Member, Role},
    procurement::{
        AwardState, BondFact, ContractEnd, Fact, Lesson, Lot, TenderOutcome, Terms, Waiver,
    },
    rules::{
        Correspondent, Guarantee, PartyBook, Policy, ReleaseLosers, RuleOverride, Rules,
        StandingInstruction,
    },
};
use chrono::TimeDelta;
use proptest::{collection::vec, prelude::*, sample::select};

use super::vocabulary::{
    Bond, CONTRACTORS, ISSUERS, OWNER, award, bond_id, contract, dollars, first_day, hours,
    lasting, lasting_from, lot, million_of, million_yen, number_of, party, scope, start, terms,
};

/// A generated case: what happened, in the order of business time, and the rules.
#[derive(Debug, Clone)]
pub(crate) struct Tender {
    pub(crate) lessons: Vec<Lesson>,
    pub(crate) rules: Rules,
}

/// How the hub hears of it: lessons by index, some twice, each with the hours since the one before; the
/// first may come long after everything happened.
pub(crate) type Arrival = Vec<(usize, i64)>;

/// What the hub may be told to do with releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Releases {
    /// At once, or after ten days.
    AsUsual,
    /// Never: whatever is given finally is given by other rules.
    HeldForever,
}

/// A case of up to three lots, four contractors, seven bonds and some thirty events.
pub(crate) fn tender(releases: Releases) -> impl Strategy<Value = Tender> {
    (0_u8..=3)
        .prop_flat_map(|lots| (Just(lots), vec(bond(lots), 1..7)))
        .prop_flat_map(move |(lots, drafts)| {
            let bonds = numbered(drafts);
            let happenings = vec((happening(lots, bonds.clone()), 1_i64..480), 2..24);
            (
                Just((lots, bonds)),
                happenings,
                vec(0_usize..30, 8),
                rules(releases),
            )
        })
        .prop_map(|((lots, bonds), happenings, places, rules)| Tender {
            lessons: lessons(lots, &bonds, happenings, &places),
            rules,
        })
}

/// Every lesson at least once, in any order, some twice, over some weeks.
pub(crate) fn arrival(count: usize) -> impl Strategy<Value = Arrival> {
    let again = vec(0..count, 0..count);
    let order = again.prop_flat_map(move |again| {
        let all: Vec<usize> = (0..count).chain(again).collect();
        Just(all).prop_shuffle()
    });
    (order, 0_i64..9_000).prop_flat_map(|(order, first)| {
        let waits = vec(
            prop_oneof![3 => Just(0), 2 => 1_i64..100, 1 => 100_i64..1_500],
            order.len(),
        );
        (Just(order), waits).prop_map(move |(order, mut waits)| {
            waits[0] = first;
            order.into_iter().zip(waits).collect()
        })
    })
}

/// A case with one way to hear of it.
pub(crate) fn heard(releases: Releases) -> impl Strategy<Value = (Tender, Arrival)> {
    tender(releases).prop_flat_map(|tender| {
        let count = tender.lessons.len();
        (Just(tender), arrival(count))
    })
}

type Draft = (
    BondKind,
    &'static str,
    &'static str,
    u8,
    i64,
    (bool, bool, bool),
    (Option<usize>, Option<i64>, i64),
);

fn bond(lots: u8) -> impl Strategy<Value = Draft> {
    let kind = select(vec![
        BondKind::Bid,
        BondKind::Bid,
        BondKind::PerformanceReservation,
        BondKind::Performance,
    ]);
    let opening = prop::option::weighted(0.3, 1_i64..15);
    (
        kind,
        select(ISSUERS.to_vec()),
        select(CONTRACTORS[..3].to_vec()),
        0..=lots,
        5_i64..15,
        (
            any::<bool>(),
            prop::bool::weighted(0.1),
            prop::bool::weighted(0.15),
        ),
        (prop::option::weighted(0.4, 0_usize..7), opening, first()),
    )
}

/// The first day of a period, in days after that of the case.
fn first() -> impl Strategy<Value = i64> {
    prop_oneof![2 => Just(0), 1 => 0_i64..60]
}

fn numbered(drafts: Vec<Draft>) -> Vec<Bond> {
    drafts
        .into_iter()
        .enumerate()
        .map(|(number, draft)| numbered_one(number, draft))
        .collect()
}

fn numbered_one(number: usize, draft: Draft) -> Bond {
    let (kind, issuer, principal, bond_lot, amount, flags, (heir_of, opening, from)) = draft;
    let (forfeitable, paper, foreign) = flags;
    let mut terms = terms(kind, principal, amount, 60 + amount * 20);
    if foreign {
        terms.amount = million_of(amount, dollars());
    }
    terms.period = lasting_from(from, 60 + amount * 20);
    let in_weeks = |weeks| start() + TimeDelta::weeks(weeks);
    terms.opening_at = opening.map(in_weeks).filter(|_| kind.is_bid_stage());
    terms.lot = (bond_lot > 0).then(|| lot(bond_lot));
    terms.forfeitable = forfeitable && kind == BondKind::Bid;
    if paper {
        terms.medium = Medium::Paper;
    }
    if kind == BondKind::Performance {
        terms.contract = Some(contract(u8::try_from(amount % 2).unwrap_or_default() + 1));
        terms.takes_over = heir_of.and_then(|other| BondNumber::parse(&number_of(other)).ok());
    }
    Bond {
        id: bond_id(issuer, number),
        terms,
    }
}

/// Something that happens after the registrations; several facts that one event teaches.
fn happening(lots: u8, bonds: Vec<Bond>) -> impl Strategy<Value = Vec<Fact>> {
    prop_oneof![
        4 => bidding(lots, bonds.clone()),
        4 => awarding(lots),
        4 => contracting(lots),
        5 => select(bonds).prop_flat_map(about_bond),
    ]
}

fn bidding(lots: u8, bonds: Vec<Bond>) -> impl Strategy<Value = Vec<Fact>> {
    let outcomes = vec![
        TenderOutcome::Active,
        TenderOutcome::Active,
        TenderOutcome::Cancelled,
        TenderOutcome::Unsuccessful,
    ];
    let opening = (0..=lots, 1_i64..15).prop_map(|(lot, week)| Fact::Opening {
        scope: scope(lot),
        at: start() + TimeDelta::weeks(week),
    });
    let confirmed = (0..=lots, 1_i64..15).prop_map(|(lot, week)| Fact::OpeningConfirmed {
        scope: scope(lot),
        at: start() + TimeDelta::weeks(week),
    });
    let price = prop::option::of(50_i64..300);
    let outcome = (0..=lots, select(outcomes)).prop_map(|(lot, outcome)| Fact::Outcome {
        scope: scope(lot),
        outcome,
    });
    let opened = (0..=lots, 10_i64..200).prop_map(|(lot, day)| Fact::BidsOpened {
        scope: scope(lot),
        at: start() + TimeDelta::days(day),
    });
    let rebid = (0..=lots, 1_u32..3, 20_i64..200).prop_map(|(lot, round, day)| Fact::Rebid {
        scope: scope(lot),
        round,
        opening_at: start() + TimeDelta::days(day),
    });
    let named = prop::option::of(select(bonds));
    let bid = (select(CONTRACTORS.to_vec()), 0..=lots, named, price).prop_map(
        |(who, lot, named, price)| Fact::Bid {
            contractor: party(who),
            scope: scope(lot),
            bonds: named.map(|bond| bond.id).into_iter().collect(),
            amount: price.map(million_yen),
        },
    );
    prop_oneof![3 => opening, 1 => confirmed, 1 => outcome, 1 => opened, 1 => rebid, 4 => bid]
        .prop_map(|fact| vec![fact])
}

fn awarding(lots: u8) -> impl Strategy<Value = Vec<Fact>> {
    let states = vec![
        AwardState::Pending,
        AwardState::Decided,
        AwardState::Cancelled,
        AwardState::Declined,
    ];
    let who = prop::option::weighted(0.9, select(CONTRACTORS[..3].to_vec()));
    (1_u8..4, 0..=lots, who, select(states)).prop_map(|(number, lots, who, state)| {
        vec![Fact::Award {
            award: award(number),
            lots: (lots > 0).then(|| lot(lots)).into_iter().collect(),
            contractor: who.map(party),
            state,
        }]
    })
}

fn contracting(lots: u8) -> impl Strategy<Value = Vec<Fact>> {
    let who = prop::option::weighted(0.8, select(CONTRACTORS[..3].to_vec()));
    let from = prop::option::weighted(0.6, 1_u8..4);
    let rate = prop::option::weighted(0.2, 100_u32..1500);
    let conclusion = (1_u8..3, 0..=lots, who, from, 50_i64..150, rate).prop_map(
        |(number, lots, who, from, price, rate)| {
            let conclusion = Fact::Contract {
                contract: contract(number),
                award: from.map(award),
                lots: (lots > 0).then(|| lot(lots)).into_iter().collect(),
                contractor: who.map(party),
                guarantee: rate.map(|rate| Guarantee::of_rate(BasisPoints(rate))),
            };
            vec![conclusion, change(number, 0, price, price + 100)]
        },
    );
    let changed = (1_u8..3, 1_u8..4, 50_i64..200, 100_i64..400)
        .prop_map(|(number, count, price, days)| vec![change(number, count, price, days)]);
    let how = select(vec![ContractEnd::Completed, ContractEnd::Terminated]);
    let ended = (1_u8..3, how).prop_map(|(number, how)| {
        vec![Fact::ContractEnded {
            contract: contract(number),
            how,
        }]
    });
    let rules = (100_u32..1500).prop_map(|rate| {
        vec![Fact::OwnRules(RuleOverride {
            performance_guarantee_rate_bp: Some(BasisPoints(rate)),
            ..RuleOverride::default()
        })]
    });
    prop_oneof![6 => conclusion, 6 => changed, 2 => ended, 1 => rules]
}

fn change(number: u8, count: u8, price: i64, days: i64) -> Fact {
    Fact::Terms {
        contract: contract(number),
        change: count.to_string(),
        terms: Terms {
            amount: Some(million_yen(price)),
            period: Some(lasting(days)),
            signed_at: None,
        },
    }
}

fn about_bond(bond: Bond) -> impl Strategy<Value = Vec<Fact>> {
    let terms = bond.terms.clone();
    let updated = (5_i64..20, first(), 60_i64..400).prop_map(move |(amount, from, days)| {
        let mut terms = terms.clone();
        terms.amount = million_of(amount, terms.amount.currency());
        terms.period = lasting_from(from, days);
        BondFact::Updated(terms)
    });
    let settled =
        select(vec![ClaimOutcome::Paid, ClaimOutcome::Waived]).prop_map(BondFact::Settled);
    let revoked =
        (select(vec![Role::Contractor, Role::Owner]), any::<bool>()).prop_map(|(role, reissue)| {
            BondFact::KeysRevoked {
                role,
                reissue,
                reason: "lost".into(),
            }
        });
    let waived = (5_i64..15, 5_i64..15).prop_map(|(guaranteed, required)| {
        BondFact::Waived(Waiver {
            what: Discrepancy::AmountShort {
                guaranteed: million_yen(guaranteed),
                required: million_yen(required),
            },
            by: "hanako".into(),
            reason: "minor".into(),
        })
    });
    let fact = prop_oneof![
        1 => waived,
        4 => updated,
        1 => Just(BondFact::Deleted),
        1 => settled,
        2 => Just(BondFact::HandedOver),
        1 => Just(BondFact::OwnerConsents),
        2 => revoked,
    ];
    fact.prop_map(move |fact| {
        vec![Fact::Bond {
            bond: bond.id.clone(),
            fact,
        }]
    })
}

/// What happened, with the case's facts and the registrations at their places, a while between each.
fn lessons(
    lots: u8,
    bonds: &[Bond],
    happenings: Vec<(Vec<Fact>, i64)>,
    places: &[usize],
) -> Vec<Lesson> {
    let mut told = happenings;
    for (bond, place) in bonds.iter().zip(places.iter().skip(1)) {
        let registration = Fact::Bond {
            bond: bond.id.clone(),
            fact: BondFact::Registered(bond.terms.clone()),
        };
        told.insert(place / 3 % (told.len() + 1), (vec![registration], 5));
    }
    let lots = (1..=lots).map(|number| Lot {
        id: lot(number),
        title: String::new(),
    });
    let case = vec![Fact::Owner(party(OWNER)), Fact::Lots(lots.collect())];
    told.insert(places[0] % (told.len() + 1), (case, 1));
    let mut time = start();
    let stamped = told.into_iter().enumerate().map(|(number, (facts, wait))| {
        time += hours(wait);
        let second = facts
            .iter()
            .any(|fact| matches!(fact, Fact::OpeningConfirmed { .. }));
        let event = EventIdentity {
            id: format!("e-{number:03}"),
            source: if second { "act:second" } else { "/laws" }.into(),
        };
        let stamp = Stamp {
            time,
            sequence: 0,
            event,
        };
        let facts = facts.into_iter().map(|fact| plausible(fact, time));
        Lesson {
            stamp,
            facts: facts.collect(),
        }
    });
    stamped.collect()
}

/// The bids of a re-bid are opened after it was called.
fn plausible(mut fact: Fact, time: Timestamp) -> Fact {
    if let Fact::Rebid { opening_at, .. } = &mut fact {
        *opening_at = (*opening_at).max(time + hours(1));
    }
    fact
}

fn rules(releases: Releases) -> impl Strategy<Value = Rules> {
    let hold = match releases {
        Releases::AsUsual => prop_oneof![3 => Just(0_i64), 1 => Just(10)].boxed(),
        Releases::HeldForever => Just(36_500).boxed(),
    };
    let losers = select(vec![ReleaseLosers::AtContract, ReleaseLosers::AtAward]);
    (hold, losers, parties()).prop_map(|(hold, losers, parties)| Rules {
        policy: Policy {
            release_losers: losers,
            bid_guarantee: Guarantee::of_rate(BasisPoints(500)),
            release_hold: TimeDelta::days(hold),
            ..Policy::default()
        },
        parties,
    })
}

fn parties() -> impl Strategy<Value = PartyBook> {
    let codes: Vec<&str> = ISSUERS
        .iter()
        .chain(&CONTRACTORS)
        .copied()
        .chain([OWNER])
        .collect();
    let one = (
        prop::bool::weighted(0.95),
        prop::bool::weighted(0.95),
        prop_oneof![1 => Just(None), 2 => (1_i64..300).prop_map(Some), 7 => Just(Some(9_999))],
        prop::bool::weighted(0.8),
        prop_oneof![2 => Just(Vec::new()), 1 => vec((select(&CONTRACTORS[..]), 0_u32..8), 1..4)],
    );
    (vec(one, codes.len()), vec(instruction(), 0..3)).prop_map(move |(many, instructions)| {
        let known = codes.iter().zip(many).filter(|(_, one)| one.0);
        let parties = known.map(|(code, (_, has_mail, days, signs_here, shares))| {
            let correspondent = Correspondent {
                roles: Vec::new(),
                has_mail,
                keys_until: days.map(|days| start() + TimeDelta::days(days)),
                signs_here,
                away_until: None,
                members: members(&shares),
            };
            (party(code), correspondent)
        });
        PartyBook {
            parties: parties.collect(),
            instructions: [(party(ISSUERS[0]), instructions)].into(),
        }
    })
}

/// Some contractors are joint ventures, with odd shares.
fn members(shares: &[(&str, u32)]) -> Vec<Member> {
    let member = |(code, share): &(&str, u32)| Member {
        party: party(code),
        share: *share,
    };
    shares.iter().map(member).collect()
}

fn instruction() -> impl Strategy<Value = StandingInstruction> {
    (
        0_i64..200,
        prop::option::of(0_i64..300),
        0_u32..6000,
        0_i64..8,
        0_u32..200,
        prop::option::of(0_i64..300),
    )
        .prop_map(
            |(from, days, rate, sum, extension, signed)| StandingInstruction {
                version: rate,
                signed_at: signed.map(|day| start() + TimeDelta::days(day)),
                valid_from: start() + TimeDelta::days(from),
                valid_until: days.map(|days| start() + TimeDelta::days(from + days)),
                max_increase_bp: BasisPoints(rate),
                max_increase: million_yen(sum),
                max_extension_days: extension,
            },
        )
}

/// The last business time of a case.
pub(crate) fn last_time(tender: &Tender) -> bondhub_core::calendar::Timestamp {
    let last = tender.lessons.last().map(|lesson| lesson.stamp.time);
    last.unwrap_or_else(|| first_day().and_hms_opt(0, 0, 0).unwrap().and_utc())
}
