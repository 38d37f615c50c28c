//! Figures of outstanding liability over a generated history (`bench/liability/run`).

use std::time::{Duration, Instant};

use bondhub_core::{
    liability::{Span, Step},
    ports::store::{
        BalanceBy, BondQuestion, Embargo, Ledgers as _, Question, SeriesQuestion, Within,
    },
};
use bondhub_store_postgres::{PostgresSettings, PostgresStore};
use chrono::{Months, NaiveDate, NaiveTime};

/// What is measured, and where.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct Liability {
    /// The database with the history.
    #[arg(long)]
    database: String,
    /// The day the history ends on.
    #[arg(long)]
    today: NaiveDate,
    /// How often each question is asked.
    #[arg(long, default_value_t = 21)]
    times: usize,
}

impl Liability {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let store = PostgresStore::connect(&PostgresSettings::new(&self.database)).await?;
        let begun = Instant::now();
        let folded = store.fold(self.today).await?;
        line(
            "snapshot job",
            begun.elapsed(),
            folded.movements,
            "movements taken up",
        );
        let days = [
            "2018-02-28",
            "2020-07-15",
            "2022-03-20",
            "2024-11-30",
            "2026-11-25",
        ];
        for by in BalanceBy::ALL {
            for known in [None, Some(5), Some(400), Some(-40)] {
                self.figures(&store, by, known, None, &days).await?;
            }
        }
        let sealed = Some(self.sealed());
        self.figures(&store, BalanceBy::Contractor, None, sealed, &days)
            .await?;
        self.to_come(&store).await?;
        self.one_contractor(&store).await?;
        self.bonds(&store).await?;
        self.expiries(&store).await?;
        for by in [BalanceBy::Total, BalanceBy::Issuer] {
            self.series(&store, by, Step::Month, 120).await?;
            self.series(&store, by, Step::FiscalYear, 120).await?;
            self.series(&store, by, Step::Day, 12).await?;
        }
        Ok(())
    }

    /// As of several days, as known now or so many days later (or earlier).
    async fn figures(
        &self,
        store: &PostgresStore,
        by: BalanceBy,
        known: Option<i64>,
        without: Option<Embargo>,
        days: &[&str],
    ) -> anyhow::Result<()> {
        let (mut times, mut rows) = (Vec::new(), 0);
        for round in 0..self.times {
            let day = days.get(round % days.len()).copied().unwrap_or_default();
            let as_of: NaiveDate = day.parse()?;
            let question = Question {
                by,
                within: Within::default(),
                as_of,
                known_on: known.map(|days| as_of + chrono::TimeDelta::days(days)),
                without: without.clone(),
                foreseen_after: known.is_none().then_some(self.today),
            };
            let begun = Instant::now();
            rows = store.balances(&question).await?.len();
            times.push(begun.elapsed());
        }
        let when = if let [day] = days {
            format!(" {day}")
        } else {
            String::new()
        };
        let known = known.map_or("now".to_owned(), |days| format!("{days:+} days"));
        let sealed = without.map_or("", |_| ", without what is sealed");
        told(
            &format!("as of{when}, by {}, known {known}{sealed}", by.as_str()),
            times,
            rows,
        );
        Ok(())
    }

    /// Of days to come, with what will have ended: soon, later, and when nearly everything has.
    async fn to_come(&self, store: &PostgresStore) -> anyhow::Result<()> {
        for months in [1, 4, 12, 160] {
            let day = self.today.checked_add_months(Months::new(months));
            let day = day.unwrap_or(self.today).to_string();
            for by in BalanceBy::ALL {
                self.figures(store, by, None, None, &[&day]).await?;
            }
            let sealed = Some(self.sealed());
            self.figures(store, BalanceBy::Contractor, None, sealed, &[&day])
                .await?;
        }
        Ok(())
    }

    /// What operators do not see: what is under embargo now.
    fn sealed(&self) -> Embargo {
        Embargo {
            at: self.today.and_time(NaiveTime::MIN).and_utc(),
            except: None,
        }
    }

    async fn one_contractor(&self, store: &PostgresStore) -> anyhow::Result<()> {
        let question = Question {
            by: BalanceBy::Contractor,
            within: Within {
                contractor: Some(bondhub_core::identifier::PartyCode::parse("C0777")?),
                ..Within::default()
            },
            as_of: self.today,
            known_on: None,
            without: None,
            foreseen_after: None,
        };
        let (mut times, mut rows) = (Vec::new(), 0);
        for _ in 0..self.times {
            let begun = Instant::now();
            rows = store.balances(&question).await?.len();
            times.push(begun.elapsed());
        }
        told("as of, one contractor", times, rows);
        Ok(())
    }

    /// What ends when, of everything and of one issuer. (What ended when is timed by `bench/bonds`: this history has no versions.)
    async fn expiries(&self, store: &PostgresStore) -> anyhow::Result<()> {
        let issuer = bondhub_core::identifier::PartyCode::parse("S07")?;
        for (name, issuer) in [("everything", None), ("one issuer", Some(issuer))] {
            let question = Question {
                by: BalanceBy::Total,
                within: Within {
                    issuer,
                    ..Within::default()
                },
                as_of: self.today,
                known_on: None,
                without: None,
                foreseen_after: None,
            };
            let (mut times, mut rows) = (Vec::new(), 0);
            for _ in 0..self.times {
                let begun = Instant::now();
                rows = store.expiries(&question, None).await?.len();
                times.push(begun.elapsed());
            }
            told(&format!("what ends when, {name}"), times, rows);
        }
        Ok(())
    }

    async fn bonds(&self, store: &PostgresStore) -> anyhow::Result<()> {
        let question = BondQuestion {
            within: Within {
                contractor: Some(bondhub_core::identifier::PartyCode::parse("C0777")?),
                ..Within::default()
            },
            as_of: self.today,
            known_on: None,
            without: None,
            after: None,
            limit: 100,
        };
        let (mut times, mut rows) = (Vec::new(), 0);
        for _ in 0..self.times {
            let begun = Instant::now();
            rows = store.bond_standings(&question, None).await?.len();
            times.push(begun.elapsed());
        }
        told("bonds of one contractor, a page", times, rows);
        Ok(())
    }

    async fn series(
        &self,
        store: &PostgresStore,
        by: BalanceBy,
        step: Step,
        months: u32,
    ) -> anyhow::Result<()> {
        let from = self
            .today
            .checked_sub_months(Months::new(months))
            .unwrap_or(self.today);
        let question = SeriesQuestion {
            by,
            within: Within::default(),
            days: Span::new(from, self.today, step)?.days(),
            known_on: None,
            without: None,
            foreseen_after: None,
        };
        let (mut times, mut rows) = (Vec::new(), 0);
        for _ in 0..self.times {
            let begun = Instant::now();
            rows = store.balance_series(&question).await?.len();
            times.push(begun.elapsed());
        }
        told(
            &format!("series, by {}, {step:?}, {months} months", by.as_str()),
            times,
            rows,
        );
        Ok(())
    }
}

fn told(what: &str, mut times: Vec<Duration>, rows: usize) {
    times.sort();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let worst = times.last().copied().unwrap_or_default();
    line(
        what,
        median,
        u64::try_from(rows).unwrap_or(0),
        &format!("rows; worst {:.1} ms", millis(worst)),
    );
}

#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn line(what: &str, time: Duration, count: u64, of: &str) {
    println!("{what:48} {:9.1} ms  {count} {of}", millis(time));
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
