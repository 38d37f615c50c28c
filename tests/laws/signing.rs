//! Keys that their issuers sign at their desks (R12): whenever the signatures come, in whatever order
//! and however often, nothing depends on it but when a key begins to work.

use std::collections::BTreeSet;

use bondhub_core::{
    event::{EventIdentity, Stamp},
    identifier::BondId,
    party::Role,
    procurement::{BondFact, Fact, Learned, Lesson},
    reconcile::{Effect, Plan, Signing},
};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};

use super::{
    keys::{apply, live},
    order::{choosing, ends, outcome},
    play::{Hub, config},
    tender::{Arrival, Releases, Tender, heard, last_time},
    vocabulary::{ISSUERS, party},
};

/// A case none of whose issuers lets the hub sign, how the hub hears of it, and after which steps
/// the issuers sign what waits.
fn signed_at_desks(
    releases: Releases,
) -> impl Strategy<Value = (Tender, Arrival, Vec<(bool, bool)>)> {
    let rounds = vec((any::<bool>(), any::<bool>()), 64);
    (heard(releases), rounds).prop_map(|((mut tender, arrival), rounds)| {
        for issuer in ISSUERS {
            let known = tender.rules.parties.parties.get_mut(&party(issuer));
            if let Some(known) = known {
                known.signs_here = false;
            }
        }
        (tender, arrival, rounds)
    })
}

/// The issuers of a case at their desks.
#[derive(Default)]
struct Desks {
    /// Every signature given so far.
    given: Vec<Lesson>,
}

impl Desks {
    /// Signs all that waits, last asked first; tells whether there was anything.
    fn sign(&mut self, hub: &mut Hub<'_>) -> bool {
        let mut waiting = waiting(hub);
        waiting.reverse();
        for (bond, role, edition) in &waiting {
            let number = self.given.len();
            let fact = BondFact::KeySigned {
                role: *role,
                edition: *edition,
            };
            let lesson = Lesson {
                stamp: stamp(hub, number),
                facts: vec![Fact::Bond {
                    bond: bond.clone(),
                    fact,
                }],
            };
            assert_eq!(hub.learn(&lesson), Learned::New, "it was asked for");
            self.given.push(lesson);
        }
        !waiting.is_empty()
    }

    /// Hands in again whatever was signed before, last first: no news.
    fn repeat(&self, hub: &mut Hub<'_>) {
        for lesson in self.given.iter().rev() {
            assert_eq!(hub.learn(lesson), Learned::Overtaken, "{lesson:?}");
        }
    }

    /// Signs until nothing waits any more.
    fn finish(&mut self, hub: &mut Hub<'_>) {
        for _ in 0..8 {
            if !self.sign(hub) {
                return;
            }
            hub.reconcile();
        }
        panic!("what was signed is asked for again and again");
    }
}

fn stamp(hub: &Hub<'_>, number: usize) -> Stamp {
    let event = EventIdentity {
        id: format!("s-{number:03}"),
        source: "/desks".into(),
    };
    Stamp {
        time: hub.now,
        sequence: 0,
        event,
    }
}

/// What waits for a signature.
fn waiting(hub: &Hub<'_>) -> Vec<(BondId, Role, u32)> {
    let mut waiting = Vec::new();
    for (bond, record) in &hub.file.carried.bonds {
        for (role, asked) in &record.asked {
            let signatures = &hub.file.bonds[bond].signatures;
            if signatures.get(role) != Some(&asked.edition) {
                waiting.push((bond.clone(), *role, asked.edition));
            }
        }
    }
    waiting
}

/// Plays a case as it is heard, with the issuers signing in between; `look` sees each plan.
fn play_with_desks<'a>(
    tender: &'a Tender,
    arrival: &Arrival,
    rounds: &[(bool, bool)],
    mut look: impl FnMut(&Hub<'_>, &Plan) -> Result<(), TestCaseError>,
) -> Result<(Hub<'a>, Desks, bool), TestCaseError> {
    let mut hub = Hub::new(tender);
    hub.now = last_time(tender);
    let mut desks = Desks::default();
    let (mut is_final, mut met_final) = (false, false);
    for ((lesson, _), (signs, repeats)) in arrival.iter().zip(rounds.iter().cycle()) {
        let new = hub.learn(&tender.lessons[*lesson]);
        met_final |= is_final && new == Learned::New;
        let plan = hub.reconcile();
        is_final |= plan.effects.iter().any(ends);
        look(&hub, &plan)?;
        if *repeats {
            desks.repeat(&mut hub);
        }
        if *signs && desks.sign(&mut hub) {
            let plan = hub.reconcile();
            look(&hub, &plan)?;
        }
    }
    desks.finish(&mut hub);
    Ok((hub, desks, met_final))
}

#[test]
fn any_order_of_events_and_signatures_ends_in_the_same_bonds_keys_tasks_balances_and_waits() {
    let mut runner = TestRunner::new(choosing(file!()));
    let cases = signed_at_desks(Releases::HeldForever);
    let result = runner.run(&cases, |(tender, arrival, rounds)| {
        let (hub, _, met_final) = play_with_desks(&tender, &arrival, &rounds, |_, _| Ok(()))?;
        prop_assume!(!met_final);
        let mut at_once = Hub::new(&tender);
        at_once.now = last_time(&tender);
        for lesson in &tender.lessons {
            at_once.learn(lesson);
        }
        at_once.reconcile();
        Desks::default().finish(&mut at_once);
        prop_assert_eq!(outcome(&hub.file), outcome(&at_once.file));
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

/// A key of the queue as the store keeps it: bond, role, edition.
type Asked = (BondId, Role, u32);

fn queue(asked: &mut BTreeSet<Asked>, effect: &Effect) -> Result<(), TestCaseError> {
    match effect {
        Effect::AskSignature {
            bond,
            role,
            edition,
            ..
        } => {
            prop_assert!(asked.insert((bond.clone(), *role, *edition)));
        }
        Effect::EndKeys {
            bond,
            role,
            edition,
            ..
        } => asked.retain(|one| {
            let ended =
                one.0 == *bond && one.2 <= *edition && role.is_none_or(|role| role == one.1);
            !ended
        }),
        Effect::IssueKey {
            bond,
            role,
            edition,
            signing,
            ..
        } => {
            prop_assert_eq!(*signing, Signing::AtDesk, "nobody lets the hub sign");
            let there = asked.remove(&(bond.clone(), *role, *edition));
            prop_assert!(
                there,
                "{} {} {} was issued and not asked for",
                bond,
                role,
                edition
            );
        }
        _ => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn only_what_was_asked_for_is_issued_and_a_store_that_only_applies_effects_agrees(
        (tender, arrival, rounds) in signed_at_desks(Releases::AsUsual)
    ) {
        let (mut keys, mut asked) = (BTreeSet::new(), BTreeSet::new());
        play_with_desks(&tender, &arrival, &rounds, |hub, plan| {
            for effect in &plan.effects {
                apply(&mut keys, effect);
                queue(&mut asked, effect)?;
                let versions: BTreeSet<_> = keys.iter().map(|key| (&key.0, key.3)).collect();
                let bonds: BTreeSet<_> = keys.iter().map(|key| &key.0).collect();
                prop_assert_eq!(versions.len(), bonds.len(), "keys of two versions");
            }
            prop_assert_eq!(&keys, &live(&hub.file));
            let records = hub.file.carried.bonds.iter();
            let kept: BTreeSet<Asked> = records
                .flat_map(|(bond, record)| {
                    let asked = record.asked.iter();
                    asked.map(|(role, key)| (bond.clone(), *role, key.edition))
                })
                .collect();
            prop_assert_eq!(&asked, &kept);
            Ok(())
        })?;
    }

    #[test]
    fn signatures_handed_in_again_change_nothing(
        (tender, arrival, rounds) in signed_at_desks(Releases::AsUsual)
    ) {
        let (mut hub, desks, _) = play_with_desks(&tender, &arrival, &rounds, |_, _| Ok(()))?;
        let before = hub.file.clone();
        desks.repeat(&mut hub);
        prop_assert_eq!(&hub.file, &before);
        prop_assert_eq!(hub.plan().effects, []);
    }
}
