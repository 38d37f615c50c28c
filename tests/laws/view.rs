//! Who sees what, when (R20–R22), and what holds for every case, whoever looks and whatever was heard in which order.

use bondhub_core::{
    account::AccountName,
    bond::BondTerms,
    calendar::Timestamp,
    identifier::BondId,
    inquiry::OwnCase,
    party::Role,
    procurement::{CaseFile, Fact, Lesson, Scope},
    task::{Subject, TaskKind},
    view::{self, Claim, Grant, Ground, Onlooker, Seen, View, Viewed},
};
use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    play::{config, play},
    tender::{Releases, heard},
    vocabulary::{OWNER, case_id, party, start},
};

/// The opening that governs a scope, worked out from what was heard, in words of this test: sort, walk, and let
/// an earlier time count only if somebody else than its first announcer said so afterwards, whoever called a re-bid.
fn governing(heard: &[&Lesson], scope: &Scope) -> Option<Timestamp> {
    let mut lessons: Vec<&Lesson> = heard.to_vec();
    lessons.sort_by(|one, other| one.stamp.cmp(&other.stamp));
    lessons.dedup_by(|one, other| one.stamp == other.stamp);
    let concerns = |other: &Scope| other == scope || *other == Scope::Tender;
    let (mut governs, mut open): (Option<Timestamp>, Option<(Timestamp, String)>) = (None, None);
    for lesson in lessons {
        for fact in &lesson.facts {
            let source = lesson.stamp.event.source.clone();
            match fact {
                Fact::Rebid {
                    scope,
                    opening_at: at,
                    ..
                }
                | Fact::Opening { scope, at }
                    if concerns(scope) =>
                {
                    let earlier = governs.is_some_and(|governs| *at < governs);
                    open = open.filter(|(known, _)| earlier && known == at);
                    open = open.or_else(|| earlier.then_some((*at, source)));
                    governs = if earlier { governs } else { Some(*at) };
                }
                Fact::OpeningConfirmed { scope, at } if concerns(scope) => {
                    if let Some((meant, announcer)) = &open
                        && meant == at
                        && *announcer != source
                    {
                        (governs, open) = (Some(*at), None);
                    }
                }
                _ => {}
            }
        }
    }
    governs
}

/// Every time that was ever announced for a scope.
fn announced(heard: &[&Lesson], scope: &Scope, at: Timestamp) -> bool {
    let facts = heard.iter().flat_map(|lesson| &lesson.facts);
    let mut times = facts.filter_map(|fact| match fact {
        Fact::Opening { scope: other, at } if other == scope || *other == Scope::Tender => {
            Some(*at)
        }
        Fact::Rebid {
            scope: other,
            opening_at,
            ..
        } if other == scope || *other == Scope::Tender => Some(*opening_at),
        _ => None,
    });
    times.any(|time| time == at)
}

/// The opening that governs a bond: its scopes' latest, and its own where that was never announced.
fn expected(heard: &[&Lesson], file: &CaseFile, terms: &BondTerms) -> Option<Timestamp> {
    let scopes = file.scopes_of(terms.lot.as_ref());
    let by_case = scopes
        .iter()
        .filter_map(|scope| governing(heard, scope))
        .max();
    let quoted = |at: &Timestamp| scopes.iter().any(|scope| announced(heard, scope, *at));
    let own = terms
        .opening_at
        .filter(|at| by_case.is_none() || !quoted(at));
    by_case.max(own)
}

fn look(file: &CaseFile, bond: &BondId, onlooker: &Onlooker<'_>, now: Timestamp) -> View {
    let record = &file.carried.bonds[bond];
    let viewed = Viewed {
        bond,
        terms: &record.terms,
        version: record.version,
    };
    view::view(onlooker, viewed, Some(file), now)
}

fn grant() -> Grant {
    Grant {
        id: Uuid::nil(),
        account: AccountName::parse("hanako").unwrap(),
        party: party(OWNER),
        procurement: Some(case_id()),
        reason: "survey".to_owned(),
        granted_by: "chief".to_owned(),
        granted_at: start(),
        until: start() + TimeDelta::days(30),
        revoked: None,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_owner_sees_nothing_before_the_opening_that_governs_and_everything_from_it_on(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        let mut heard: Vec<&Lesson> = Vec::new();
        let mut told = arrival.iter().map(|(lesson, _)| &tender.lessons[*lesson]);
        play(&tender, &arrival, |hub, _| {
            heard.extend(told.next());
            let owner = Onlooker::plain(Role::Owner);
            for (bond, record) in &hub.file.carried.bonds {
                if !record.terms.kind.is_bid_stage() {
                    let always = View::Content { ground: Ground::Contract, liability: true };
                    prop_assert_eq!(look(&hub.file, bond, &owner, hub.now), always);
                    continue;
                }
                let opening_at = expected(&heard, &hub.file, &record.terms);
                let hidden = View::Existence { opening_at };
                let shown = View::Content { ground: Ground::Opened, liability: true };
                let instants = opening_at.into_iter().flat_map(|at| {
                    [(at - TimeDelta::microseconds(1), hidden), (at, shown), (at + TimeDelta::days(99), shown)]
                });
                let now = if opening_at.is_some_and(|at| at <= hub.now) { shown } else { hidden };
                for (instant, view) in instants.chain([(hub.now, now)]) {
                    prop_assert_eq!(look(&hub.file, bond, &owner, instant), view, "{} at {}", bond, instant);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn figures_leave_out_a_bond_exactly_as_long_as_its_owner_may_not_see_it(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        play(&tender, &arrival, |hub, _| {
            let (owner, told) = (Onlooker::plain(Role::Owner), view::embargoes(&hub.file));
            for bond in hub.file.carried.bonds.keys() {
                let until = told[bond];
                let sealed = |now| until.is_some_and(|until| now < until);
                let around = until.into_iter().flat_map(|at| [at - TimeDelta::microseconds(1), at]);
                // A time that nobody knows is told as the end of all times.
                let around = around.filter(|at| *at < start() + TimeDelta::days(36_500));
                for now in around.chain([hub.now]) {
                    let hidden = matches!(look(&hub.file, bond, &owner, now), View::Existence { .. });
                    prop_assert_eq!(hidden, sealed(now), "{} at {}", bond, now);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn no_owner_is_asked_about_a_match_before_the_opening(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        play(&tender, &arrival, |hub, _| {
            for (key, task) in &hub.file.carried.tasks {
                let (TaskKind::MatchFailed, Subject::Bond(bond)) = (key.kind, &key.subject) else {
                    continue;
                };
                let view = look(&hub.file, bond, &Onlooker::plain(Role::Owner), hub.now);
                let hidden = matches!(view, View::Existence { .. });
                let obligee = &hub.file.carried.bonds[bond].terms.obligee;
                prop_assert!(!(hidden && task.asked.contains(obligee)), "{} asks {}", key, obligee);
            }
            Ok(())
        })?;
    }

    #[test]
    fn before_the_opening_a_case_names_nobody_who_takes_part(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        play(&tender, &arrival, |hub, _| {
            let case = OwnCase::of(&hub.file, hub.now);
            for bid in &case.bids {
                for bond in hub.file.carried.bonds.iter().filter(|(_, record)| {
                    let lot = record.terms.lot.as_ref();
                    let scopes = hub.file.scopes_of(lot);
                    record.terms.principal == bid.contractor
                        && (bid.scope == Scope::Tender || scopes == [bid.scope.clone()])
                }) {
                    let own = bond.1.terms.opening_at.is_some_and(|at| at > hub.now);
                    let view = look(&hub.file, bond.0, &Onlooker::plain(Role::Owner), hub.now);
                    prop_assert!(own || matches!(view, View::Content { .. }), "{} is hidden", bond.0);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn issuer_and_contractor_always_see_their_own_bond(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        play(&tender, &arrival, |hub, _| {
            for bond in hub.file.carried.bonds.keys() {
                for role in [Role::Issuer, Role::Contractor] {
                    let own = View::Content { ground: Ground::Own, liability: false };
                    prop_assert_eq!(look(&hub.file, bond, &Onlooker::plain(role), hub.now), own);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_an_owner_was_shown_is_hidden_again_by_a_rebid_or_a_new_version_alone(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        let mut seen: Vec<(BondId, Seen)> = Vec::new();
        play(&tender, &arrival, |hub, _| {
            for (bond, seen) in &seen {
                let record = &hub.file.carried.bonds[bond];
                let onlooker = Onlooker { seen: Some(seen), ..Onlooker::plain(Role::Owner) };
                let view = look(&hub.file, bond, &onlooker, hub.now);
                let same = record.version == seen.version
                    && view::round(&record.terms, Some(&hub.file)) == seen.round;
                if same {
                    prop_assert!(matches!(view, View::Content { .. }), "{} hidden again", bond);
                } else {
                    let plain = look(&hub.file, bond, &Onlooker::plain(Role::Owner), hub.now);
                    prop_assert_eq!(view, plain);
                }
            }
            for (bond, record) in &hub.file.carried.bonds {
                let view = look(&hub.file, bond, &Onlooker::plain(Role::Owner), hub.now);
                if matches!(view, View::Content { ground: Ground::Opened, .. }) {
                    let round = view::round(&record.terms, Some(&hub.file));
                    seen.push((bond.clone(), Seen { at: hub.now, version: record.version, round }));
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_grant_shows_its_account_the_content_alone_and_only_while_it_holds(
        (tender, arrival) in heard(Releases::AsUsual), revoked in any::<bool>(), named in any::<bool>()
    ) {
        let (mut grant, own) = (grant(), party(OWNER));
        grant.revoked = revoked.then(|| (start(), "chief".to_owned()));
        let account = AccountName::parse(if named { "hanako" } else { "taro" }).unwrap();
        play(&tender, &arrival, |hub, _| {
            let claim = Claim { account: &account, party: &own, grant: &grant };
            let onlooker = Onlooker { claim: Some(claim), ..Onlooker::plain(Role::Owner) };
            for bond in hub.file.carried.bonds.keys() {
                let plain = look(&hub.file, bond, &Onlooker::plain(Role::Owner), hub.now);
                let view = look(&hub.file, bond, &onlooker, hub.now);
                let holds = named && !revoked && hub.now < grant.until;
                if holds && matches!(plain, View::Existence { .. }) {
                    let early = View::Content { ground: Ground::Granted, liability: false };
                    prop_assert_eq!(view, early);
                } else {
                    prop_assert_eq!(view, plain);
                }
            }
            Ok(())
        })?;
    }
}
