//! The spool against a model: a queue of files, some of whose deliveries are under way.

use std::collections::VecDeque;

use bondhub_core::ports::queue::{Receipt, Submit as _};
use bondhub_spool::{Spool, SpoolIntake};
use proptest::prelude::*;

use super::support::{Place, body, event, next, nothing_comes};

#[derive(Debug, Clone)]
enum Action {
    /// A feeder renames in a file of so many events.
    Feed(usize, bool),
    /// The hub submits an event.
    Submit,
    /// The hub takes the next delivery.
    Take,
    /// The hub acknowledges one of those under way.
    Acknowledge(prop::sample::Index),
    /// The process dies, and another one opens the spool.
    Crash,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        2 => (0_usize..4, any::<bool>()).prop_map(|(count, lines)| Action::Feed(count, lines)),
        1 => Just(Action::Submit),
        5 => Just(Action::Take),
        4 => any::<prop::sample::Index>().prop_map(Action::Acknowledge),
        1 => Just(Action::Crash),
    ]
}

/// A file of the model: its events, and how many of them are acknowledged since the last crash.
#[derive(Debug, Clone)]
struct File {
    number: usize,
    events: Vec<String>,
    acknowledged: usize,
}

/// What ought to be.
#[derive(Default)]
struct Model {
    /// Files that are not done, in order.
    files: Vec<File>,
    /// What comes next: file and event.
    due: VecDeque<(usize, String)>,
    fed: usize,
}

impl Model {
    fn feed(&mut self, count: usize) -> File {
        let number = self.fed;
        self.fed += 1;
        let events = (0..count).map(|event| format!(r#"{{"id":"{number}-{event}"}}"#));
        let file = File {
            number,
            events: events.collect(),
            acknowledged: 0,
        };
        self.due
            .extend(file.events.iter().map(|event| (number, event.clone())));
        self.files.push(file.clone());
        file
    }

    fn acknowledge(&mut self, number: usize) {
        let at = self
            .files
            .iter()
            .position(|file| file.number == number)
            .unwrap();
        self.files[at].acknowledged += 1;
        if self.files[at].acknowledged == self.files[at].events.len() {
            self.files.remove(at);
        }
    }

    /// All that is not done is due again, from the first event of each file.
    fn crash(&mut self) {
        self.due.clear();
        for file in &mut self.files {
            file.acknowledged = 0;
            self.due
                .extend(file.events.iter().map(|event| (file.number, event.clone())));
        }
    }
}

/// The real thing beside the model.
struct Run {
    place: Place,
    spool: Spool,
    intake: Option<SpoolIntake>,
    under_way: Vec<(usize, Box<dyn Receipt>)>,
    model: Model,
}

impl Run {
    fn begin() -> Self {
        let place = Place::new();
        let spool = place.open();
        let intake = Some(spool.intake().unwrap());
        Self {
            place,
            spool,
            intake,
            under_way: Vec::new(),
            model: Model::default(),
        }
    }

    async fn act(&mut self, action: &Action) {
        match action {
            Action::Feed(count, is_lines) => self.feed(*count, *is_lines),
            Action::Submit => self.submit().await,
            Action::Take => self.take().await,
            Action::Acknowledge(which) => self.acknowledge(which).await,
            Action::Crash => self.crash(),
        }
    }

    fn feed(&mut self, count: usize, is_lines: bool) {
        let file = self.model.feed(count);
        let number = file.number;
        if is_lines {
            let name = format!("{number:04}.jsonl");
            self.place.feed(&name, file.events.join("\n"));
        } else {
            let content = format!("[{}]", file.events.join(","));
            self.place.feed(&format!("{number:04}.json"), content);
        }
    }

    /// A submitted file is named by the clock, so it is renamed to keep the model's order.
    async fn submit(&mut self) {
        let before = self.place.names("new");
        let file = self.model.feed(1);
        let id = format!("{}-0", file.number);
        self.spool.publisher().submit(event(&id)).await.unwrap();
        let after = self.place.names("new");
        let submitted = after.iter().find(|name| !before.contains(name)).unwrap();
        let new = self.place.path("new");
        let name = format!("{:04}.json", file.number);
        std::fs::rename(new.join(submitted), new.join(name)).unwrap();
    }

    async fn take(&mut self) {
        let Some((number, expected)) = self.model.due.pop_front() else {
            return;
        };
        let delivery = next(self.intake.as_mut().unwrap()).await;
        assert_eq!(body(&delivery), expected);
        self.under_way.push((number, delivery.receipt));
    }

    async fn acknowledge(&mut self, which: &prop::sample::Index) {
        if self.under_way.is_empty() {
            return;
        }
        let (number, receipt) = self.under_way.remove(which.index(self.under_way.len()));
        receipt.acknowledge().await;
        self.model.acknowledge(number);
    }

    fn crash(&mut self) {
        self.under_way.clear();
        self.intake = None;
        self.spool = self.place.open();
        self.intake = Some(self.spool.intake().unwrap());
        self.model.crash();
    }

    /// Whatever happened: everything comes, in order, and is done in the end.
    async fn finish(mut self) {
        self.crash();
        while !self.model.due.is_empty() {
            self.take().await;
            let (number, receipt) = self.under_way.remove(0);
            receipt.acknowledge().await;
            self.model.acknowledge(number);
        }
        nothing_comes(self.intake.as_mut().unwrap()).await;
        assert!(self.place.names("new").is_empty());
        assert_eq!(self.place.names("done").len(), self.model.fed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_done_comes_again(
        actions in prop::collection::vec(action(), 1..40)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut run = Run::begin();
            for action in &actions {
                run.act(action).await;
            }
            run.finish().await;
        });
    }
}
