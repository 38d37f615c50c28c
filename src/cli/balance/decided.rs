//! What issuers and contractors decide about figures: limits, and consent.

use bondhub_core::{identifier::PartyCode, money::Currency};
use clap::Args;
use serde_json::{Value, json};

use crate::{
    assemble::system_user,
    cli::{Failure, output::Output},
    desk::Desk,
};

/// A limit to set; without an amount, the limits are listed.
#[derive(Debug, Args)]
pub(super) struct Limit {
    /// Whose limit.
    #[arg(long, value_parser = PartyCode::parse)]
    issuer: PartyCode,
    /// For whom.
    #[arg(long, value_parser = PartyCode::parse)]
    contractor: Option<PartyCode>,
    /// In minor units of the currency.
    #[arg(long, requires = "contractor", value_parser = clap::value_parser!(i64).range(0..))]
    amount: Option<i64>,
    /// ISO 4217.
    #[arg(long, default_value = "JPY", value_parser = Currency::parse)]
    currency: Currency,
    /// Lifts the limit.
    #[arg(long, requires = "contractor", conflicts_with = "amount")]
    lift: bool,
}

/// What a contractor says; without a switch, what it said is listed.
#[derive(Debug, Args)]
pub(super) struct Consent {
    /// The contractor.
    #[arg(value_parser = PartyCode::parse)]
    contractor: PartyCode,
    /// It agrees.
    #[arg(long)]
    give: bool,
    /// It takes its consent back.
    #[arg(long, conflicts_with = "give")]
    revoke: bool,
}

impl Limit {
    pub(super) async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        if let (Some(contractor), true) = (&self.contractor, self.amount.is_some() || self.lift) {
            desk.set_limit(
                &self.issuer,
                contractor,
                self.currency,
                self.amount,
                &system_user(),
            )
            .await?;
        }
        let uses = desk.limits(Some(&self.issuer)).await?;
        let rows: Vec<Value> = uses
            .iter()
            .map(|one| {
                json!({"issuer": one.issuer, "contractor": one.contractor, "currency": one.currency,
                       "limit": one.limit, "outstanding": one.outstanding, "exceeded": one.is_exceeded(),
                       "since": one.since})
            })
            .collect();
        output.rows(
            &[
                "issuer",
                "contractor",
                "currency",
                "limit",
                "outstanding",
                "exceeded",
            ],
            &rows,
        )
    }
}

impl Consent {
    pub(super) async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        if self.give || self.revoke {
            desk.set_consent(&self.contractor, self.give, &system_user())
                .await?;
        }
        let said = desk.consents(&self.contractor).await?;
        let rows: Vec<Value> = said
            .iter()
            .map(|word| json!({"contractor": word.contractor, "given": word.given, "by": word.said_by, "at": word.at}))
            .collect();
        output.rows(&["contractor", "given", "by", "at"], &rows)
    }
}
