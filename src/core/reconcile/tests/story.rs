//! A case told day by day.

use chrono::{NaiveDate, TimeDelta};

use super::facts::{CASE, OWNER, day, lots, morning, owner, party};
use crate::{
    bond::BondState,
    calendar::Timestamp,
    event::{EventIdentity, Rejection, Stamp},
    identifier::{BondId, PartyCode, ProcurementId},
    notice::{Notice, NoticeContent},
    party::Role,
    procurement::{BondRecord, CaseFile, Fact, Learned, Lesson, Scope},
    reconcile::{Collector, Effect, Plan, reconcile_with},
    rules::{Correspondent, Rules},
    task::Task,
};

/// A case, the rules, the hub's clock, and what the hub did so far.
pub(super) struct Story {
    pub(super) file: CaseFile,
    pub(super) rules: Rules,
    pub(super) now: Timestamp,
    /// Every effect carried out.
    pub(super) effects: Vec<Effect>,
    /// The last plan.
    pub(super) plan: Plan,
    /// Who is there to take a key.
    pub(super) collector: Option<Collector>,
    events: i64,
}

impl Story {
    /// A case on 1 April 2026 whose parties are all known, have certificates and sign here.
    pub(super) fn new() -> Self {
        let mut story = Self {
            file: CaseFile::new(ProcurementId::parse(CASE).unwrap()),
            rules: Rules::default(),
            now: morning("04-01"),
            effects: Vec::new(),
            plan: Plan::default(),
            collector: None,
            events: 0,
        };
        for code in [OWNER, "S1", "S2", "A", "B", "C"] {
            story.meet(code);
        }
        story.on("04-01", owner());
        story
    }

    pub(super) fn with_lots(names: &[&str]) -> Self {
        let mut story = Self::new();
        story.on("04-01", lots(names));
        story
    }

    /// The party is known, has a certificate and signs here.
    pub(super) fn meet(&mut self, code: &str) {
        let correspondent = Correspondent {
            roles: Vec::new(),
            has_mail: true,
            keys_until: Some(morning("2099-01-01")),
            signs_here: true,
            away_until: None,
            members: Vec::new(),
        };
        self.rules
            .parties
            .parties
            .insert(party(code), correspondent);
    }

    pub(super) fn correspondent(&mut self, code: &str) -> &mut Correspondent {
        self.rules.parties.parties.get_mut(&party(code)).unwrap()
    }

    /// The facts become true on a day, and the hub hears of them at once.
    pub(super) fn on(&mut self, when: &str, facts: Vec<Fact>) -> &mut Self {
        self.now = self.now.max(self.instant(when));
        self.heard(when, facts)
    }

    /// The facts became true on an earlier day, and the hub hears of them only now.
    pub(super) fn heard(&mut self, of: &str, facts: Vec<Fact>) -> &mut Self {
        assert_eq!(self.learn(of, facts), Ok(Learned::New));
        self.reconcile()
    }

    /// A person reports something on a day: the source names the person.
    pub(super) fn by(&mut self, who: &str, when: &str, facts: Vec<Fact>) -> &mut Self {
        self.now = self.now.max(self.instant(when));
        let source = format!("act:{who}");
        assert_eq!(self.learn_from(&source, when, facts), Ok(Learned::New));
        self.reconcile()
    }

    /// Learns without reconciling.
    pub(super) fn learn(&mut self, of: &str, facts: Vec<Fact>) -> Result<Learned, Rejection> {
        self.learn_from("/story", of, facts)
    }

    fn learn_from(
        &mut self,
        source: &str,
        of: &str,
        facts: Vec<Fact>,
    ) -> Result<Learned, Rejection> {
        let time = self.instant(of);
        self.events += 1;
        let event = EventIdentity {
            id: format!("e-{:04}", self.events),
            source: source.into(),
        };
        let stamp = Stamp {
            time,
            sequence: 0,
            event,
        };
        self.file.learn(&Lesson { stamp, facts })
    }

    /// A morning, a second later for each event: no two stamps are equal.
    fn instant(&self, when: &str) -> Timestamp {
        morning(when) + TimeDelta::seconds(self.events + 1)
    }

    /// Time passes until noon of a day.
    pub(super) fn until(&mut self, when: &str) -> &mut Self {
        self.now = morning(when) + TimeDelta::hours(2);
        self.reconcile()
    }

    /// Reconciles, carries the plan out, and checks that nothing is left to do.
    pub(super) fn reconcile(&mut self) -> &mut Self {
        let collector = self.collector.as_ref();
        self.plan = reconcile_with(&self.file, &self.rules, self.now, collector);
        for effect in &self.plan.effects {
            self.file.carry_out(effect, self.now);
        }
        self.effects.extend(self.plan.effects.iter().cloned());
        let again = reconcile_with(&self.file, &self.rules, self.now, self.collector.as_ref());
        assert_eq!(again.effects, [], "nothing is left to do");
        self
    }

    /// The holder of a role's key is there to take it.
    pub(super) fn collects(&mut self, bond: &str, role: Role) -> &mut Self {
        let bond = bond_id(bond);
        self.collector = Some(Collector { bond, role });
        self
    }

    pub(super) fn record(&self, bond: &str) -> &BondRecord {
        &self.file.carried.bonds[&bond_id(bond)]
    }

    pub(super) fn state(&self, bond: &str) -> BondState {
        self.record(bond).state
    }

    /// The bond's live keys: `contractor A v1`.
    pub(super) fn keys(&self, bond: &str) -> Vec<String> {
        let keys = self.record(bond).keys.iter();
        keys.map(|(role, key)| format!("{role} {} v{}", key.holder, key.version))
            .collect()
    }

    /// The open tasks: `extension_needed|bond:S1/B-A`.
    pub(super) fn tasks(&self) -> Vec<String> {
        let keys = self.file.carried.tasks.keys();
        keys.map(ToString::to_string).collect()
    }

    pub(super) fn task(&self, key: &str) -> &Task {
        let found = self.file.carried.tasks.iter();
        let mut found = found.filter(|(known, _)| known.to_string() == key);
        found
            .next()
            .unwrap_or_else(|| panic!("no task {key} in {:?}", self.tasks()))
            .1
    }

    /// Who is asked by a task.
    pub(super) fn asked(&self, key: &str) -> Vec<&str> {
        self.task(key).asked.iter().map(PartyCode::as_str).collect()
    }

    pub(super) fn waits(&self) -> Vec<String> {
        self.file
            .carried
            .waits
            .keys()
            .map(ToString::to_string)
            .collect()
    }

    pub(super) fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.effects.iter().filter_map(|effect| match effect {
            Effect::Tell(notice) => Some(notice),
            _ => None,
        })
    }

    /// What a party was told under a name, in order.
    pub(super) fn told<'a>(&'a self, to: &str, name: &str) -> Vec<&'a NoticeContent> {
        self.notices()
            .filter(|notice| notice.to.as_str() == to && notice.content.name() == name)
            .map(|notice| &notice.content)
            .collect()
    }

    /// What the ledger says of a bond on a day, summed from its movements.
    pub(super) fn outstanding(&self, of: &str, on: &str) -> i64 {
        let (of, on) = (bond_id(of), day(on));
        let posts = self
            .posts()
            .filter(|(bond, effective, _)| **bond == of && *effective <= on);
        posts.map(|(_, _, delta)| delta).sum()
    }

    pub(super) fn posts(&self) -> impl Iterator<Item = (&BondId, NaiveDate, i64)> {
        self.effects.iter().filter_map(|effect| match effect {
            Effect::Post {
                bond,
                effective,
                delta,
                ..
            } => Some((bond, *effective, *delta)),
            _ => None,
        })
    }
}

/// The opening that governs a scope.
pub(super) fn opening_of(story: &Story, scope: &Scope) -> Option<Timestamp> {
    story.file.governing(scope).map(|governing| governing.at)
}

/// `B-A` is a bond of issuer S1; other issuers are written out, `S2/B-A`.
pub(super) fn bond_id(text: &str) -> BondId {
    let full = if text.contains('/') {
        text.to_owned()
    } else {
        format!("S1/{text}")
    };
    BondId::try_from(full).unwrap()
}
