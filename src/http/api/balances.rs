//! Outstanding liability (R40, R43): figures and series, for whoever may see them.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use bondhub_core::{
    account::Permission,
    identifier::PartyCode,
    liability::{Span, Step},
    party::Language,
    ports::store::{Balance, BalanceBy, Expiry, SeriesPoint, Within},
};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    asked::Asked,
    caller::Caller,
    route::{Need, Route},
    shapes::Listed,
    words::{BalanceByWord, Code},
};
use crate::{
    desk::{DeskError, Figure, ReportOrder},
    http::{Http, Problem},
};

const READ: Need = Need::May(Permission::ReadBalances);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/balances", "showBalances", figures)
            .needs(READ, "What is outstanding at the end of a day, as far as the account's party may see it.")
            .query::<Ask>()
            .answers::<Listed<Sum>>(200, "The sums; currencies are never added."),
        Route::get("/balances/series", "showBalanceSeries", series)
            .needs(READ, "What was outstanding at the ends of days, months or fiscal years (April).")
            .query::<AskSeries>()
            .answers::<Listed<Point>>(200, "The points."),
        Route::get("/balances/expiries", "showExpiries", expiries)
            .needs(READ, "What ends when, of what is outstanding at the end of a day, by the last days the bonds had then.")
            .query::<Ask>()
            .answers::<Listed<Ending>>(200, "Months and sums, in order; currencies are never added."),
        Route::get("/balances/report", "makeBalanceReport", report)
            .needs(READ, "A report on what the account's party may see: totals, histories, tables, what ends when.")
            .query::<AskReport>()
            .answers_with("application/pdf", "The report."),
    ]
}

/// Which figure.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// How it is added up; the total if left out.
    by: Option<BalanceByWord>,
    /// Only bonds of this issuer.
    #[schemars(with = "Option<Code>")]
    issuer: Option<PartyCode>,
    /// Only what this contractor answers for.
    #[schemars(with = "Option<Code>")]
    contractor: Option<PartyCode>,
    /// Only bonds towards this owner.
    #[schemars(with = "Option<Code>")]
    owner: Option<PartyCode>,
    /// At the end of which day; today if left out.
    as_of: Option<NaiveDate>,
    /// As the hub knew it at the end of this day; what it knows now if left out.
    known_on: Option<NaiveDate>,
}

impl Ask {
    fn figure(self) -> Figure {
        Figure {
            by: way(self.by),
            within: Within {
                issuer: self.issuer,
                contractor: self.contractor,
                owner: self.owner,
            },
            as_of: self.as_of,
            known_on: self.known_on,
        }
    }
}

/// Which series.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AskSeries {
    /// How it is added up; the total if left out.
    by: Option<BalanceByWord>,
    /// Only bonds of this issuer.
    #[schemars(with = "Option<Code>")]
    issuer: Option<PartyCode>,
    /// Only what this contractor answers for.
    #[schemars(with = "Option<Code>")]
    contractor: Option<PartyCode>,
    /// Only bonds towards this owner.
    #[schemars(with = "Option<Code>")]
    owner: Option<PartyCode>,
    /// First day.
    from: NaiveDate,
    /// Last day.
    to: NaiveDate,
    /// How far apart the points are; months if left out.
    step: Option<Stride>,
    /// As the hub knew it at the end of this day.
    known_on: Option<NaiveDate>,
}

/// Which report.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AskReport {
    /// At the end of which day; today if left out.
    as_of: Option<NaiveDate>,
    /// As the hub knew it at the end of this day; what it knows now if left out.
    known_on: Option<NaiveDate>,
    /// In which language; the account's if left out.
    #[schemars(with = "Option<LanguageWord>")]
    language: Option<Language>,
}

/// A language.
#[derive(JsonSchema)]
#[schemars(rename = "ReportLanguage", rename_all = "snake_case")]
#[expect(dead_code, reason = "the document tells which words there are")]
enum LanguageWord {
    Ja,
    En,
}

/// How far apart the points of a series are.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Stride {
    /// Each day.
    Day,
    /// The last day of each month.
    Month,
    /// 31 March of each year.
    FiscalYear,
}

impl From<Stride> for Step {
    fn from(stride: Stride) -> Self {
        match stride {
            Stride::Day => Self::Day,
            Stride::Month => Self::Month,
            Stride::FiscalYear => Self::FiscalYear,
        }
    }
}

/// A sum.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Sum {
    /// The contractor, issuer or owner; empty for the total.
    of: String,
    /// Minor units.
    amount: i64,
    currency: String,
    /// How many bonds are behind it.
    bonds: u64,
}

impl From<Balance> for Sum {
    fn from(balance: Balance) -> Self {
        Self {
            of: balance.of,
            amount: balance.amount,
            currency: balance.currency.as_str().to_owned(),
            bonds: balance.bonds,
        }
    }
}

/// A point of a series.
#[derive(Debug, Serialize, JsonSchema)]
struct Point {
    /// At the end of this day.
    day: NaiveDate,
    #[serde(flatten)]
    sum: Sum,
}

/// What ends in a month.
#[derive(Debug, Serialize, JsonSchema)]
struct Ending {
    /// The month, as its first day.
    month: NaiveDate,
    /// Minor units.
    amount: i64,
    currency: String,
    /// How many bonds end.
    bonds: u64,
}

impl From<Expiry> for Ending {
    fn from(expiry: Expiry) -> Self {
        Self {
            month: expiry.month,
            amount: expiry.amount,
            currency: expiry.currency.as_str().to_owned(),
            bonds: expiry.bonds,
        }
    }
}

impl From<SeriesPoint> for Point {
    fn from(point: SeriesPoint) -> Self {
        Self {
            day: point.day,
            sum: point.balance.into(),
        }
    }
}

fn way(by: Option<BalanceByWord>) -> BalanceBy {
    by.map_or(BalanceBy::Total, |word| word.0)
}

async fn figures(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Asked(ask): Asked<Ask>,
) -> Result<Json<Listed<Sum>>, Problem> {
    let desk = caller.desk(&http);
    let beholder = desk.beholder(&caller.viewer).await?;
    let figure = ask.figure();
    let sums = desk.balances(&beholder, &figure).await?;
    Ok(Json(Listed {
        items: sums.into_iter().map(Sum::from).collect(),
    }))
}

async fn series(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Asked(ask): Asked<AskSeries>,
) -> Result<Json<Listed<Point>>, Problem> {
    let step = ask.step.unwrap_or(Stride::Month).into();
    let span = Span::new(ask.from, ask.to, step);
    let span = span.map_err(|error| DeskError::Refused(error.into()))?;
    let desk = caller.desk(&http);
    let beholder = desk.beholder(&caller.viewer).await?;
    let figure = Figure {
        by: way(ask.by),
        within: Within {
            issuer: ask.issuer,
            contractor: ask.contractor,
            owner: ask.owner,
        },
        as_of: None,
        known_on: ask.known_on,
    };
    let points = desk.balance_series(&beholder, &figure, &span).await?;
    Ok(Json(Listed {
        items: points.into_iter().map(Point::from).collect(),
    }))
}

async fn expiries(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Asked(ask): Asked<Ask>,
) -> Result<Json<Listed<Ending>>, Problem> {
    let desk = caller.desk(&http);
    let beholder = desk.beholder(&caller.viewer).await?;
    let ends = desk.expiries(&beholder, &ask.figure()).await?;
    Ok(Json(Listed {
        items: ends.into_iter().map(Ending::from).collect(),
    }))
}

async fn report(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Asked(ask): Asked<AskReport>,
) -> Result<Response, Problem> {
    let desk = caller.desk(&http);
    let beholder = desk.beholder(&caller.viewer).await?;
    let order = ReportOrder {
        as_of: ask.as_of,
        known_on: ask.known_on,
        language: ask.language.unwrap_or(caller.viewer.language),
    };
    let report = desk.balance_report(&beholder, &order).await?;
    let kind = [(header::CONTENT_TYPE, "application/pdf")];
    Ok((kind, report.bytes).into_response())
}
