//! Limits of issuers and contractors' consent (R43).

use std::sync::Arc;

use axum::{Extension, Json, extract::State, http::StatusCode};
use bondhub_core::{
    account::Permission, calendar::Timestamp, identifier::PartyCode, money::Currency,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    asked::{Given, Named},
    caller::Caller,
    route::{Need, Route},
    shapes::Listed,
    words::Code,
};
use crate::{
    desk::{DeskError, Refusal},
    http::{Http, Problem},
};

const SAY: Need = Need::MayEither(Permission::ActForParty, Permission::Operate);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/limits/{issuer}", "listLimits", limits)
            .needs(SAY, "An issuer's limits for contractors, and what is used of each.")
            .answers::<Listed<Limit>>(200, "The limits."),
        Route::put("/limits/{issuer}/{contractor}", "setLimit", set_limit)
            .needs(SAY, "Up to where the issuer wants to answer for the contractor. It warns; it refuses nothing.")
            .takes::<NewLimit>()
            .like(|| json!({"currency": "JPY", "amount": 500_000_000}))
            .answers_nothing("It holds from now on."),
        Route::get("/consents/{contractor}", "listConsents", consents)
            .needs(SAY, "What a contractor said about figures across issuers, the last word first.")
            .answers::<Listed<Consent>>(200, "What it said."),
        Route::put("/consents/{contractor}", "setConsent", set_consent)
            .needs(SAY, "A contractor lets issuers see what it has outstanding with all of them, or takes that back.")
            .takes::<NewConsent>()
            .like(|| json!({"given": true}))
            .answers_nothing("It holds from now on."),
    ]
}

/// A limit and what is used of it.
#[derive(Debug, Serialize, JsonSchema)]
struct Limit {
    #[schemars(with = "Code")]
    contractor: PartyCode,
    currency: String,
    limit: i64,
    outstanding: i64,
    exceeded: bool,
}

/// A limit to set.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewLimit {
    /// ISO 4217.
    #[schemars(length(min = 3, max = 3))]
    currency: String,
    /// Minor units; null lifts the limit.
    #[schemars(range(min = 0))]
    amount: Option<i64>,
}

/// What a contractor said.
#[derive(Debug, Serialize, JsonSchema)]
struct Consent {
    given: bool,
    at: Timestamp,
    said_by: String,
}

/// What a contractor says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewConsent {
    given: bool,
}

/// A party of a path, if it is the caller's to speak for.
fn own(caller: &Caller, text: &str) -> Result<PartyCode, Problem> {
    let missing = || Problem::missing(format!("party {text}"));
    let code = PartyCode::parse(text).map_err(|_| missing())?;
    let own = caller.party().is_none_or(|own| *own == code);
    own.then_some(code).ok_or_else(missing)
}

async fn limits(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(issuer): Named<String>,
) -> Result<Json<Listed<Limit>>, Problem> {
    let issuer = own(&caller, &issuer)?;
    let beholder = http.desk.beholder(&caller.viewer).await?;
    let uses = http.desk.limits_seen_by(&beholder, &issuer).await?;
    let items = uses.into_iter().map(|used| Limit {
        exceeded: used.is_exceeded(),
        contractor: used.contractor,
        currency: used.currency.to_string(),
        limit: used.limit,
        outstanding: used.outstanding,
    });
    Ok(Json(Listed {
        items: items.collect(),
    }))
}

async fn set_limit(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named((issuer, contractor)): Named<(String, String)>,
    Given(limit): Given<NewLimit>,
) -> Result<StatusCode, Problem> {
    let issuer = own(&caller, &issuer)?;
    let missing = || Problem::missing(format!("party {contractor}"));
    let contractor = PartyCode::parse(&contractor).map_err(|_| missing())?;
    let currency = Currency::parse(&limit.currency).map_err(|error| {
        DeskError::from(Refusal::Money {
            cause: error.to_string(),
        })
    })?;
    if limit.amount.is_some_and(|amount| amount < 0) {
        return Err(DeskError::from(Refusal::NegativeLimit).into());
    }
    let (desk, by) = (caller.desk(&http), caller.viewer.account.as_str());
    desk.set_limit(&issuer, &contractor, currency, limit.amount, by)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn consents(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(contractor): Named<String>,
) -> Result<Json<Listed<Consent>>, Problem> {
    let contractor = own(&caller, &contractor)?;
    let said = http.desk.consents(&contractor).await?;
    let items = said.into_iter().map(|word| Consent {
        given: word.given,
        at: word.at,
        said_by: word.said_by,
    });
    Ok(Json(Listed {
        items: items.collect(),
    }))
}

async fn set_consent(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(contractor): Named<String>,
    Given(consent): Given<NewConsent>,
) -> Result<StatusCode, Problem> {
    let contractor = own(&caller, &contractor)?;
    let (desk, by) = (caller.desk(&http), caller.viewer.account.as_str());
    desk.set_consent(&contractor, consent.given, by).await?;
    Ok(StatusCode::NO_CONTENT)
}
