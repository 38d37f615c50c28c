//! What people report of contracts, as arguments of commands.

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::report::{About, Members, Report, guarantee, money};
use crate::{cli::Failure, desk::Step};

/// A contract's price and period.
#[derive(Debug, Args)]
pub(in crate::cli) struct Terms {
    /// The price, in minor units.
    #[arg(long)]
    amount: i64,
    /// Its currency.
    #[arg(long, default_value = "JPY")]
    currency: String,
    /// First day of the works.
    #[arg(long, value_name = "DAY")]
    from: NaiveDate,
    /// Last day of the works.
    #[arg(long, value_name = "DAY")]
    to: NaiveDate,
    /// The day it was signed.
    #[arg(long, value_name = "DAY")]
    signed_at: NaiveDate,
}

impl Terms {
    fn add_to(&self, data: Members) -> Result<Members, Failure> {
        Ok(data
            .with("amount", money(self.amount, &self.currency)?)
            .with("period", json!({"from": self.from, "to": self.to}))
            .with("signed_at", json!(self.signed_at)))
    }
}

/// A contract was concluded.
#[derive(Debug, Args)]
pub(in crate::cli) struct Conclude {
    #[command(flatten)]
    about: About,
    /// The contract's id.
    contract: String,
    /// The contractor's code.
    #[arg(long)]
    contractor: String,
    /// The award it comes of.
    #[arg(long)]
    award: Option<String>,
    /// Only for this lot.
    #[arg(long)]
    lot: Option<String>,
    #[command(flatten)]
    terms: Terms,
    /// The share of the price that must be guaranteed, in basis points.
    #[arg(long, value_name = "BP")]
    guarantee_rate_bp: Option<u32>,
}

impl Conclude {
    pub(super) fn deed(self) -> Report {
        let asked = guarantee(self.guarantee_rate_bp, None, &self.terms.currency)?;
        let data = Members::new()
            .with("contract", self.contract)
            .with("contractor", self.contractor)
            .with_some("award", self.award)
            .with_some("lot", self.lot)
            .with_some("performance_guarantee", asked);
        let data = self.terms.add_to(data)?;
        self.about.step(Step::ContractConcluded, data)
    }
}

/// A contract was changed.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChangeContract {
    #[command(flatten)]
    about: About,
    /// The contract's id.
    contract: String,
    /// The number of the change, from 1.
    #[arg(long)]
    change: u32,
    #[command(flatten)]
    terms: Terms,
}

impl ChangeContract {
    pub(super) fn deed(self) -> Report {
        let data = Members::new()
            .with("contract", self.contract)
            .with("change", self.change);
        let data = self.terms.add_to(data)?;
        self.about.step(Step::ContractChanged, data)
    }
}

/// The end of a contract.
#[derive(Debug, Args)]
pub(in crate::cli) struct End {
    #[command(flatten)]
    about: About,
    /// The contract's id.
    contract: String,
    /// The day.
    #[arg(long, value_name = "DAY")]
    date: NaiveDate,
    /// Why, for people.
    #[arg(long)]
    reason: Option<String>,
}

impl End {
    pub(super) fn deed(self, step: Step) -> Report {
        let data = Members::new()
            .with("contract", self.contract)
            .with("date", json!(self.date))
            .with_some("reason", self.reason);
        self.about.step(step, data)
    }
}
