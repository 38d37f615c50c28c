//! `bondhub balance`.

use bondhub_core::{
    calendar::day_of,
    money::Money,
    ports::{Clock as _, store::BalanceBy},
};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Failure, output::Output};
use crate::{assemble, hub::system::SystemClock, settings::Settings};

/// What is outstanding at the end of a day.
#[derive(Debug, Args)]
pub(super) struct Balance {
    /// The day, YYYY-MM-DD; today if not given.
    #[arg(long)]
    as_of: Option<NaiveDate>,
    /// How it is added up.
    #[arg(long, value_enum, default_value_t = By::Total)]
    by: By,
}

/// How balances are added up.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    /// Each bond by itself.
    Bond,
    /// By contractor.
    Contractor,
    /// By issuer.
    Issuer,
    /// Everything.
    Total,
}

impl From<By> for BalanceBy {
    fn from(by: By) -> Self {
        match by {
            By::Bond => Self::Bond,
            By::Contractor => Self::Contractor,
            By::Issuer => Self::Issuer,
            By::Total => Self::Total,
        }
    }
}

impl Balance {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        let as_of = self
            .as_of
            .unwrap_or_else(|| day_of(SystemClock.now(), settings.rules.offset));
        let balances = desk
            .store
            .balances(self.by.into(), as_of)
            .await
            .map_err(Failure::failed)?;
        let rows: Vec<Value> = balances
            .iter()
            .map(|one| {
                let shown = Money::new(one.amount, one.currency).map(|money| money.to_string());
                json!({"of": if one.of.is_empty() { "total" } else { &one.of }, "as_of": as_of,
                       "outstanding": shown.unwrap_or_default(), "amount": one.amount,
                       "currency": one.currency, "bonds": one.bonds})
            })
            .collect();
        output.rows(&["of", "as_of", "outstanding", "bonds"], &rows)
    }
}
