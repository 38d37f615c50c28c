//! Outstanding liability bond by bond (R40), for whoever may see the figures behind which the bonds stand (R43, R21).

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use bondhub_core::{
    account::Permission,
    identifier::{BondId, PartyCode},
    ports::store::{BondQuestion, BondStanding, Within},
};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    asked::{Asked, bad},
    bonds::limit,
    caller::Caller,
    route::{Need, Route},
    shapes::Days,
    words::{BondCode, Code},
};
use crate::http::{Http, Problem};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/balances/bonds", "listOutstandingBonds", list)
            .needs(
                Need::May(Permission::ReadBalances),
                "What is outstanding of each bond at the end of a day, page by page. A party asks within itself: as `issuer`, `contractor` or `owner`; what an owner may not see before the opening is left out.",
            )
            .query::<Ask>()
            .answers::<Page>(200, "A page of bonds, by issuer and number."),
    ]
}

/// Which bonds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// Only bonds of this issuer.
    #[schemars(with = "Option<Code>")]
    issuer: Option<PartyCode>,
    /// Only what this contractor answers for; of a joint venture's bond its share.
    #[schemars(with = "Option<Code>")]
    contractor: Option<PartyCode>,
    /// Only bonds towards this owner.
    #[schemars(with = "Option<Code>")]
    owner: Option<PartyCode>,
    /// At the end of which day; today if left out.
    as_of: Option<NaiveDate>,
    /// As the hub knew it at the end of this day; what it knows now if left out.
    known_on: Option<NaiveDate>,
    /// Where the page before ended: its `next`.
    #[schemars(length(min = 1, max = 1000))]
    after: Option<String>,
    /// At most so many; 100 if left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// A page.
#[derive(Debug, Serialize, JsonSchema)]
struct Page {
    items: Vec<Outstanding>,
    /// What to ask with as `after` for the next page; null on the last one.
    next: Option<String>,
}

/// What is outstanding of a bond.
#[derive(Debug, Serialize, JsonSchema)]
struct Outstanding {
    #[schemars(with = "BondCode")]
    bond: BondId,
    #[schemars(with = "Code")]
    contractor: PartyCode,
    #[schemars(with = "Code")]
    owner: PartyCode,
    /// Minor units; within a contractor, that one's share.
    amount: i64,
    currency: String,
    /// The period of the guarantee as it was at the end of that day.
    period: Option<Days>,
    /// Its state today.
    state: Option<String>,
}

impl From<BondStanding> for Outstanding {
    fn from(one: BondStanding) -> Self {
        Self {
            period: one.terms.as_ref().map(|terms| terms.period.into()),
            state: one.state.map(|state| state.as_str().to_owned()),
            bond: one.bond,
            contractor: one.principal,
            owner: one.obligee,
            amount: one.amount,
            currency: one.currency.as_str().to_owned(),
        }
    }
}

async fn list(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Asked(ask): Asked<Ask>,
) -> Result<Json<Page>, Problem> {
    let limit = limit(ask.limit)?;
    let after = ask.after.map(BondId::try_from).transpose();
    let after = after.map_err(|_| bad("bad query", "after: expected ISSUER/NUMBER"))?;
    let desk = caller.desk(&http);
    let beholder = desk.beholder(&caller.viewer).await?;
    let question = BondQuestion {
        within: Within {
            issuer: ask.issuer,
            contractor: ask.contractor,
            owner: ask.owner,
        },
        as_of: ask.as_of.unwrap_or_else(|| desk.today()),
        known_on: ask.known_on,
        after,
        limit: limit + 1,
        without: None,
    };
    let mut rows = desk.outstanding_bonds(&beholder, &question).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    Ok(Json(Page {
        next: rows.last().filter(|_| more).map(|row| row.bond.to_string()),
        items: rows.into_iter().map(Outstanding::from).collect(),
    }))
}
