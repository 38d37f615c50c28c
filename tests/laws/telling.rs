//! Nobody is told the same thing twice (R34).

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    bond::BondTerms,
    calendar::Timestamp,
    identifier::{BondId, PartyCode},
    notice::{HubEvent, Notice, NoticeContent},
    procurement::{CaseFile, Scope},
    reconcile::Effect,
    task::TaskKey,
    view,
};
use proptest::prelude::*;

use super::{
    play::{config, play},
    tender::{Releases, heard},
};

/// What a notice is about: of two notices about one thing, the second must say something else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    State(BondId),
    Version(BondId),
    End(BondId),
    Opening(Scope),
    Opened(Scope),
    Task(TaskKey),
}

fn thing(content: &NoticeContent) -> Thing {
    match content {
        NoticeContent::StateChanged { bond, .. } => Thing::State(bond.clone()),
        NoticeContent::Updated { bond, .. } => Thing::Version(bond.clone()),
        NoticeContent::Expiring { bond, .. } => Thing::End(bond.clone()),
        NoticeContent::OpeningMoved { scope, .. } => Thing::Opening(scope.clone()),
        NoticeContent::BidsOpened { scope, .. } => Thing::Opened(scope.clone()),
        NoticeContent::TaskOpened { key, .. } => Thing::Task(key.clone()),
    }
}

/// What the parties last heard about each thing.
#[derive(Default)]
struct Memory(BTreeMap<(PartyCode, Thing), NoticeContent>);

impl Memory {
    /// Takes a notice in, unless it says what was said last. What is said of the tender's opening may be said of a lot
    /// that moves with it, whatever was said of that lot before.
    fn take(&mut self, notice: &Notice) -> bool {
        if matches!(
            &notice.content,
            NoticeContent::OpeningMoved {
                scope: Scope::Tender,
                ..
            }
        ) {
            let of_lot = |thing: &Thing| matches!(thing, Thing::Opening(Scope::Lot(_)));
            self.0
                .retain(|(to, thing), _| *to != notice.to || !of_lot(thing));
        }
        let place = (notice.to.clone(), thing(&notice.content));
        self.0.insert(place, notice.content.clone()).as_ref() != Some(&notice.content)
    }

    fn forget(&mut self, gone: impl Fn(&Thing) -> bool) {
        self.0.retain(|(_, thing), _| !gone(thing));
    }

    fn see(&mut self, effect: &Effect) -> bool {
        match effect {
            Effect::Tell(notice) => return self.take(notice),
            Effect::CloseTask { key } => self.forget(|thing| *thing == Thing::Task(key.clone())),
            Effect::Revise { bond, .. } => self.forget(|thing| {
                [Thing::State(bond.clone()), Thing::End(bond.clone())].contains(thing)
            }),
            _ => {}
        }
        true
    }
}

fn is_embargoed(file: &CaseFile, bond: &BondId, terms: &BondTerms, now: Timestamp) -> bool {
    let opening = view::opening(bond, terms, Some(file));
    terms.kind.is_bid_stage() && opening.is_none_or(|opening| now < opening)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_party_is_told_what_it_was_told_last((tender, arrival) in heard(Releases::AsUsual)) {
        let mut memory = Memory::default();
        play(&tender, &arrival, |_, plan| {
            for effect in &plan.effects {
                prop_assert!(memory.see(effect), "again: {:?}", effect);
            }
            Ok(())
        })?;
    }

    #[test]
    fn no_event_of_the_hub_names_who_bids_before_the_opening(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        let mut told: BTreeSet<TaskKey> = BTreeSet::new();
        play(&tender, &arrival, |hub, plan| {
            let bonds = hub.file.carried.bonds.iter();
            let embargoed: BTreeMap<&BondId, &PartyCode> = bonds
                .filter(|(bond, record)| is_embargoed(&hub.file, bond, &record.terms, hub.now))
                .map(|(bond, record)| (bond, &record.terms.principal))
                .collect();
            for effect in &plan.effects {
                let Effect::Publish(event) = effect else { continue };
                match event {
                    HubEvent::TaskOpened { task, .. } => {
                        told.insert(task.clone());
                    },
                    // Whoever a task named when it was told, before a re-bid embargoed again, is named by its end too.
                    HubEvent::TaskClosed { task } => {
                        prop_assert!(told.remove(task), "never opened: {:?}", event);
                        continue;
                    }
                    _ => {}
                }
                if let HubEvent::BalanceChanged { bonds, .. } = event {
                    let open = bonds.iter().all(|bond| !embargoed.contains_key(bond));
                    prop_assert!(open, "{:?}", event);
                    continue;
                }
                let text = serde_json::to_string(event).unwrap();
                for bidder in embargoed.values() {
                    let named = text.contains(&format!("\"{bidder}\"")) || text.contains(&format!(":{bidder}\""));
                    prop_assert!(!named, "{} in {}", bidder, text);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_reminder_is_given_once_for_a_version_however_often_the_clock_asks(
        (tender, arrival) in heard(Releases::HeldForever)
    ) {
        let mut last = None;
        play(&tender, &arrival, |hub, _| {
            last = Some((hub.file.clone(), hub.now));
            Ok::<(), TestCaseError>(())
        })?;
        let Some((mut file, mut now)) = last else { return Ok(()) };
        let mut given = std::collections::BTreeSet::new();
        for _ in 0..200 {
            now += chrono::TimeDelta::days(2);
            let plan = bondhub_core::reconcile::reconcile(&file, &tender.rules, now);
            for effect in &plan.effects {
                file.carry_out(effect, now);
                let Effect::Tell(Notice { to, content: content @ NoticeContent::Expiring { .. }, .. }) = effect
                else { continue };
                let text = format!("{to} {content:?}");
                prop_assert!(given.insert(text.clone()), "again: {}", text);
            }
        }
    }
}
