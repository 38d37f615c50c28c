//! What people report, as arguments of commands.

use bondhub_core::{
    identifier::ProcurementId,
    money::{BasisPoints, Currency, Money},
    procurement::{CaseFile, Scope},
    rules::RuleOverride,
};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::Reporting;
use crate::{
    cli::{Failure, grant::read_instant},
    desk::{Deed, Desk, Happening, Step},
};

/// A deed, and whether it is only rehearsed.
pub(super) type Report = Result<(Deed, bool), Failure>;

/// What a command is about, with how it is reported.
#[derive(Debug, Args)]
pub(in crate::cli) struct About {
    /// The procurement id.
    procurement: String,
    #[command(flatten)]
    reporting: Reporting,
}

impl About {
    fn deed(self, what: Happening) -> Report {
        let at = self.reporting.at.as_deref();
        let deed = Deed {
            procurement: ProcurementId::parse(&self.procurement).map_err(Failure::usage)?,
            what,
            at: at.map(|text| read_instant("--at", text)).transpose()?,
            by: self
                .reporting
                .by
                .unwrap_or_else(crate::assemble::system_user),
        };
        Ok((deed, self.reporting.dry_run))
    }

    pub(super) fn step(self, step: Step, data: Members) -> Report {
        self.deed(Happening::Step(step, Value::Object(data.0)))
    }
}

/// The members of an event's data.
pub(super) struct Members(Map<String, Value>);

impl Members {
    pub(super) fn new() -> Self {
        Self(Map::new())
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

/// A sum of money of the command line.
pub(super) fn money(amount: i64, currency: &str) -> Result<Value, Failure> {
    let currency = Currency::parse(currency).map_err(Failure::usage)?;
    Ok(json!(Money::new(amount, currency).map_err(Failure::usage)?))
}

/// A guarantee that is asked for.
pub(super) fn guarantee(
    rate_bp: Option<u32>,
    amount: Option<i64>,
    currency: &str,
) -> Result<Option<Value>, Failure> {
    match (rate_bp, amount) {
        (None, None) => Ok(None),
        (_, Some(amount)) => Ok(Some(
            json!({"required": true, "amount": money(amount, currency)?}),
        )),
        (Some(rate), None) => Ok(Some(json!({"required": true, "rate_bp": rate}))),
    }
}

/// A tender was announced.
#[derive(Debug, Args)]
pub(in crate::cli) struct Announce {
    #[command(flatten)]
    about: About,
    /// The owner's code.
    #[arg(long)]
    owner: String,
    /// The title.
    #[arg(long)]
    title: String,
    /// When bids are opened, RFC 3339 with an offset.
    #[arg(long, value_name = "TIME")]
    opening_at: String,
    /// A lot, as ID or ID=TITLE; may be repeated.
    #[arg(long = "lot", value_name = "ID=TITLE")]
    lots: Vec<String>,
    #[command(flatten)]
    guarantee: BidGuarantee,
}

/// What bidders must hand in.
#[derive(Debug, Args)]
pub(in crate::cli) struct BidGuarantee {
    /// The share of the bid that must be guaranteed, in basis points.
    #[arg(long, value_name = "BP")]
    bid_guarantee_rate_bp: Option<u32>,
    /// The sum that must be guaranteed, in minor units.
    #[arg(long, value_name = "AMOUNT", conflicts_with = "bid_guarantee_rate_bp")]
    bid_guarantee_amount: Option<i64>,
    /// The currency of sums.
    #[arg(long, default_value = "JPY")]
    currency: String,
}

impl BidGuarantee {
    fn value(&self) -> Result<Option<Value>, Failure> {
        guarantee(
            self.bid_guarantee_rate_bp,
            self.bid_guarantee_amount,
            &self.currency,
        )
    }
}

fn lots(given: &[String]) -> Option<Value> {
    let lot = |text: &String| {
        let (id, title) = text.split_once('=').unwrap_or((text, ""));
        json!({"id": id, "title": title})
    };
    (!given.is_empty()).then(|| given.iter().map(lot).collect())
}

impl Announce {
    pub(super) fn deed(self) -> Report {
        let data = Members::new()
            .with("owner", self.owner)
            .with("title", self.title)
            .with("opening_at", self.opening_at)
            .with_some("lots", lots(&self.lots))
            .with_some("bid_guarantee", self.guarantee.value()?);
        self.about.step(Step::TenderAnnounced, data)
    }
}

/// A tender was changed.
#[derive(Debug, Args)]
pub(in crate::cli) struct Change {
    #[command(flatten)]
    about: About,
    /// The owner's code.
    #[arg(long)]
    owner: Option<String>,
    /// The title.
    #[arg(long)]
    title: Option<String>,
    /// When bids are opened, RFC 3339 with an offset.
    #[arg(long, value_name = "TIME")]
    opening_at: Option<String>,
    /// A lot, as ID or ID=TITLE; may be repeated; all of them.
    #[arg(long = "lot", value_name = "ID=TITLE")]
    lots: Vec<String>,
    #[command(flatten)]
    guarantee: BidGuarantee,
}

impl Change {
    /// An event tells a tender's whole state: what is not given is what is known.
    pub(super) async fn deed(self, desk: &Desk) -> Report {
        let procurement = ProcurementId::parse(&self.about.procurement).map_err(Failure::usage)?;
        let file = desk.case(&procurement).await?.file;
        let known = known(&file);
        let mut data = known;
        let given = [
            ("owner", self.owner.map(Value::from)),
            ("title", self.title.map(Value::from)),
            ("opening_at", self.opening_at.map(Value::from)),
            ("lots", lots(&self.lots)),
            ("bid_guarantee", self.guarantee.value()?),
        ];
        for (name, value) in given {
            data = data.with_some(name, value);
        }
        self.about.step(Step::TenderChanged, data)
    }
}

fn known(file: &CaseFile) -> Members {
    let lots = file.lots.as_ref().filter(|lots| !lots.value.is_empty());
    Members::new()
        .with_some("owner", file.owner.as_ref().map(|owner| json!(owner.value)))
        .with_some("title", file.title.as_ref().map(|title| json!(title.value)))
        .with_some(
            "opening_at",
            file.announced_last(&Scope::Tender).map(|at| json!(at)),
        )
        .with_some("lots", lots.map(|lots| json!(lots.value)))
        .with_some(
            "bid_guarantee",
            file.bid_guarantee.as_ref().map(|one| json!(one.value)),
        )
}

/// The bids were opened.
#[derive(Debug, Args)]
pub(in crate::cli) struct Open {
    #[command(flatten)]
    about: About,
    /// Only this lot.
    #[arg(long)]
    lot: Option<String>,
    /// When, RFC 3339 with an offset.
    #[arg(long, value_name = "TIME")]
    opened_at: String,
}

impl Open {
    pub(super) fn deed(self) -> Report {
        let data = Members::new()
            .with("opened_at", self.opened_at)
            .with_some("lot", self.lot);
        self.about.step(Step::BidOpened, data)
    }
}

/// A bid.
#[derive(Debug, Args)]
pub(in crate::cli) struct Bid {
    #[command(flatten)]
    about: About,
    /// The bidder's code.
    #[arg(long)]
    contractor: String,
    /// Only for this lot.
    #[arg(long)]
    lot: Option<String>,
    /// A bond it names, as ISSUER/NUMBER; may be repeated; all it has if none is named.
    #[arg(long = "bond", value_name = "ISSUER/NUMBER")]
    bonds: Vec<String>,
    /// The price bid, in minor units.
    #[arg(long)]
    amount: Option<i64>,
    /// Its currency.
    #[arg(long, default_value = "JPY")]
    currency: String,
}

impl Bid {
    pub(super) fn deed(self) -> Report {
        let bonds: Result<Vec<Value>, Failure> = self.bonds.iter().map(|text| bond(text)).collect();
        let bonds = bonds?;
        let amount = self.amount.map(|amount| money(amount, &self.currency));
        let data = Members::new()
            .with("contractor", self.contractor)
            .with_some("lot", self.lot)
            .with_some("bonds", (!bonds.is_empty()).then_some(bonds))
            .with_some("amount", amount.transpose()?);
        self.about.step(Step::BidSubmitted, data)
    }
}

fn bond(text: &str) -> Result<Value, Failure> {
    let bond = crate::cli::bond::read_bond(text)?;
    Ok(json!({"issuer": bond.issuer, "number": bond.number}))
}

/// A re-bid.
#[derive(Debug, Args)]
pub(in crate::cli) struct Rebid {
    #[command(flatten)]
    about: About,
    /// Only for this lot.
    #[arg(long)]
    lot: Option<String>,
    /// Counts the rounds; the first re-bid is 2.
    #[arg(long, default_value_t = 2)]
    round: u32,
    /// When the new bids are opened, RFC 3339 with an offset.
    #[arg(long, value_name = "TIME")]
    opening_at: String,
}

impl Rebid {
    pub(super) fn deed(self) -> Report {
        let data = Members::new()
            .with("round", self.round)
            .with("opening_at", self.opening_at)
            .with_some("lot", self.lot);
        self.about.step(Step::RebidCalled, data)
    }
}

/// Where an award stands.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Standing {
    Decided,
    Pending,
    Cancelled,
    Declined,
}

/// An award.
#[derive(Debug, Args)]
pub(in crate::cli) struct Award {
    #[command(flatten)]
    about: About,
    /// The award's id.
    award: String,
    /// The successful bidder's code.
    #[arg(long)]
    contractor: String,
    /// Only this lot.
    #[arg(long)]
    lot: Option<String>,
    /// Where it stands.
    #[arg(long, value_enum, default_value_t = Standing::Decided)]
    state: Standing,
}

impl Award {
    pub(super) fn deed(self) -> Report {
        let step = match self.state {
            Standing::Decided => Step::AwardDecided,
            Standing::Pending => Step::AwardPending,
            Standing::Cancelled => Step::AwardCancelled,
            Standing::Declined => Step::AwardDeclined,
        };
        let data = Members::new()
            .with("award", self.award)
            .with("contractor", self.contractor)
            .with_some("lot", self.lot);
        self.about.step(step, data)
    }
}

/// The end of a tender.
#[derive(Debug, Args)]
pub(in crate::cli) struct Cancel {
    #[command(flatten)]
    about: About,
    /// Only this lot.
    #[arg(long)]
    lot: Option<String>,
    /// It was not cancelled, but ended without an award.
    #[arg(long)]
    unsuccessful: bool,
    /// Why, for people.
    #[arg(long)]
    reason: Option<String>,
}

impl Cancel {
    pub(super) fn deed(self) -> Report {
        let step = if self.unsuccessful {
            Step::TenderUnsuccessful
        } else {
            Step::TenderCancelled
        };
        let data = Members::new()
            .with_some("lot", self.lot)
            .with_some("reason", self.reason);
        self.about.step(step, data)
    }
}

/// Rates and thresholds of one case.
#[derive(Debug, Args)]
pub(in crate::cli) struct OwnRules {
    #[command(flatten)]
    about: About,
    /// The share of the bid that must be guaranteed, in basis points.
    #[arg(long, value_name = "BP")]
    bid_guarantee_rate_bp: Option<u32>,
    /// The share of the contract price that must be guaranteed, in basis points.
    #[arg(long, value_name = "BP")]
    performance_guarantee_rate_bp: Option<u32>,
    /// How many days a bid bond must outlast the opening.
    #[arg(long, value_name = "DAYS")]
    bid_acceptance_days: Option<u32>,
    /// A shortfall beyond this share is fatal, in basis points.
    #[arg(long, value_name = "BP")]
    fatal_shortfall_bp: Option<u32>,
    /// Required amounts are rounded up to a multiple of this many minor units.
    #[arg(long, value_name = "UNITS", value_parser = clap::value_parser!(i64).range(1..))]
    round_up_to: Option<i64>,
}

impl OwnRules {
    pub(super) fn deed(self) -> Report {
        let rules = RuleOverride {
            bid_guarantee_rate_bp: self.bid_guarantee_rate_bp.map(BasisPoints),
            performance_guarantee_rate_bp: self.performance_guarantee_rate_bp.map(BasisPoints),
            bid_acceptance_days: self.bid_acceptance_days,
            fatal_shortfall_bp: self.fatal_shortfall_bp.map(BasisPoints),
            round_up_to: self.round_up_to,
        };
        self.about.deed(Happening::OwnRules(rules))
    }
}
