//! A hub in miniature: it learns, reconciles and carries out, and keeps what effects did outside.

use bondhub_core::{
    calendar::Timestamp,
    procurement::{CaseFile, Learned, Lesson},
    reconcile::{Effect, Plan, reconcile},
    rules::Rules,
};
use proptest::test_runner::{Config, FileFailurePersistence};

use super::{
    tender::{Arrival, Tender},
    vocabulary::{case_id, hours, start},
};

/// A case under way.
pub(crate) struct Hub<'a> {
    pub(crate) file: CaseFile,
    pub(crate) rules: &'a Rules,
    pub(crate) now: Timestamp,
}

impl<'a> Hub<'a> {
    pub(crate) fn new(tender: &'a Tender) -> Self {
        Self {
            file: CaseFile::new(case_id()),
            rules: &tender.rules,
            now: start(),
        }
    }

    /// Learns; generated lessons never contradict one another.
    pub(crate) fn learn(&mut self, lesson: &Lesson) -> Learned {
        self.file.learn(lesson).expect("a plausible lesson")
    }

    pub(crate) fn plan(&self) -> Plan {
        reconcile(&self.file, self.rules, self.now)
    }

    pub(crate) fn carry_out(&mut self, effects: &[Effect]) {
        for effect in effects {
            self.file.carry_out(effect, self.now);
        }
    }

    pub(crate) fn reconcile(&mut self) -> Plan {
        let plan = self.plan();
        self.carry_out(&plan.effects);
        plan
    }
}

/// Plays a case as it is heard; `look` sees the hub after each step, with the plan just carried out.
pub(crate) fn play<E>(
    tender: &Tender,
    arrival: &Arrival,
    mut look: impl FnMut(&mut Hub<'_>, &Plan) -> Result<(), E>,
) -> Result<(), E> {
    let mut hub = Hub::new(tender);
    for (lesson, wait) in arrival {
        hub.now += hours(*wait);
        hub.learn(&tender.lessons[*lesson]);
        let plan = hub.reconcile();
        look(&mut hub, &plan)?;
    }
    Ok(())
}

/// Plays a case as it happens: each lesson is heard at its business time.
pub(crate) fn play_as_it_happens<E>(
    tender: &Tender,
    mut look: impl FnMut(&mut Hub<'_>, &Plan) -> Result<(), E>,
) -> Result<(), E> {
    let mut hub = Hub::new(tender);
    for lesson in &tender.lessons {
        hub.now = lesson.stamp.time;
        hub.learn(lesson);
        let plan = hub.reconcile();
        look(&mut hub, &plan)?;
    }
    Ok(())
}

/// 256 cases, or as many as `PROPTEST_CASES` asks for; failures are kept beside the law.
pub(crate) fn config() -> Config {
    Config {
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::default()
    }
}
