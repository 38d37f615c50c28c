//! Balances: figures, charts and what may be decided about them (R40, R43).

mod drawing;
mod figures;
mod report;

use axum::{extract::Query, http::StatusCode, response::Response};
use bondhub_core::{
    account::Permission,
    identifier::PartyCode,
    liability::{Beholder, Span, Step},
    money::Currency,
    party::Role,
    ports::store::{BalanceBy, Within},
};
use chrono::{Months, NaiveDate};
use futures::future::{try_join, try_join_all};
use serde::{Deserialize, Serialize};

use super::{Access, Posted, Route, Trouble, Visit, words::Moment};
use crate::desk::{
    DeskError, Figure, LiabilityOf, Refusal,
    overview::{Facet, Look, Remark, looks, own, remarks, since_the_first, takes_long},
};
use drawing::{LONGEST_RANKING, bar_sections, histories, money, rankings};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::May(Permission::ReadBalances);
    let act = |role| Access::Of(role, Permission::ActForParty);
    vec![
        Route::get("/balances", read, page),
        Route::get("/balances/figures.csv", read, as_sheet),
        Route::get("/balances/report.pdf", read, report::report),
        Route::post("/balances/consent", act(Role::Contractor), consent),
        Route::post("/balances/limits", act(Role::Issuer), limit),
    ]
}

/// What the page is asked for.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    as_of: String,
    #[serde(default)]
    known_on: String,
    #[serde(default)]
    section: String,
    /// Also what takes long.
    #[serde(default)]
    all: String,
}

/// A chart, and a table of the same figures.
#[derive(Debug, Serialize)]
pub(super) struct Section {
    id: &'static str,
    title: String,
    /// What its figures leave out.
    notes: Vec<String>,
    svg: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug, Serialize)]
struct LimitLine {
    contractor: String,
    limit: String,
    outstanding: String,
    exceeded: bool,
    since: Option<super::words::Moment>,
}

#[derive(Debug, Serialize)]
struct Tells {
    as_of: String,
    known_on: String,
    sums: Vec<(String, String)>,
    sections: Vec<Section>,
    /// What takes long is offered instead of shown.
    offered: bool,
    limits: Option<Vec<LimitLine>>,
    consent: Option<bool>,
}

async fn page(visit: Visit, asked: Query<Asked>) -> Result<Response, Trouble> {
    let desk = visit.console().desk.clone();
    let beholder = desk.beholder(visit.signed_in()?).await?;
    let (as_of, known_on) = days(&visit, &asked)?;
    // Asked for at once: each figure is a question of its own.
    let (shown, offered) = shown(
        &visit,
        looks(&beholder),
        &asked,
        known_on.map_or(as_of, |known| known.min(as_of)),
    );
    let drawn = shown
        .iter()
        .map(|look| with_notes(&visit, &beholder, look, (as_of, known_on)));
    let sums = sums(&visit, &beholder, as_of, known_on);
    let (sums, drawn) = try_join(sums, try_join_all(drawn)).await?;
    let mut tells = Tells {
        as_of: as_of.to_string(),
        known_on: known_on.map(|day| day.to_string()).unwrap_or_default(),
        sums,
        sections: drawn.into_iter().flatten().collect(),
        offered,
        limits: None,
        consent: None,
    };
    if let Beholder::Party { code, roles, .. } = &beholder {
        if roles.contains(&Role::Contractor) {
            tells.consent = Some(desk.has_consented(code).await?);
        }
        if roles.contains(&Role::Issuer) {
            tells.limits = Some(limits(&visit, code).await?);
        }
    }
    visit.page("balances", tells)
}

/// The looks that the page shows, and whether it offers more.
fn shown(visit: &Visit, looks: Vec<Look>, asked: &Asked, known: NaiveDate) -> (Vec<Look>, bool) {
    let today = visit.console().desk.today();
    let (long, mut quick): (Vec<_>, Vec<_>) = looks
        .into_iter()
        .partition(|look| takes_long(look, known, today));
    if asked.all.is_empty() {
        return (quick, !long.is_empty());
    }
    quick.extend(long);
    (quick, false)
}

async fn with_notes(
    visit: &Visit,
    beholder: &Beholder,
    look: &Look,
    days: (NaiveDate, Option<NaiveDate>),
) -> Result<Vec<Section>, Trouble> {
    let mut drawn = sections(visit, beholder, look, days, LONGEST_RANKING).await?;
    for section in &mut drawn {
        section.notes = notes(visit, beholder, look, days);
    }
    Ok(drawn)
}

fn days(visit: &Visit, asked: &Asked) -> Result<(NaiveDate, Option<NaiveDate>), Trouble> {
    let day = |text: &str| match text {
        "" => Ok(None),
        text => text
            .parse::<NaiveDate>()
            .map(Some)
            .map_err(|_| Trouble::Said {
                status: StatusCode::BAD_REQUEST,
                key: "balances.bad_day",
                with: vec![("day", text.chars().take(20).collect())],
            }),
    };
    let today = visit.console().desk.today();
    Ok((day(&asked.as_of)?.unwrap_or(today), day(&asked.known_on)?))
}

/// What a contractor has outstanding, for the owner who opened one of its bonds (R22).
#[derive(Debug, Serialize)]
pub(super) struct Liability {
    contractor: String,
    as_of: Moment,
    sums: Vec<String>,
    sections: Vec<Section>,
}

impl Liability {
    pub(super) fn of(visit: &Visit, told: &LiabilityOf) -> Self {
        let look = Look {
            id: "liability",
            what: Facet::History,
            by: BalanceBy::Total,
            within: Within::default(),
        };
        let sums = told.sums.iter();
        let sums = sums.map(|sum| money(visit, sum.amount, sum.currency));
        Self {
            contractor: visit.party_name(&told.contractor),
            as_of: visit.words().day(told.as_of),
            sums: sums.collect(),
            sections: histories(visit, &look, &told.days, &told.history),
        }
    }
}

/// What somebody who adds up the figures must know.
fn notes(
    visit: &Visit,
    beholder: &Beholder,
    look: &Look,
    (as_of, known_on): (NaiveDate, Option<NaiveDate>),
) -> Vec<String> {
    let foresees = visit.console().desk.foresees(as_of, known_on);
    let remarks = remarks(beholder, look, foresees).into_iter();
    let said = remarks.map(|remark| match remark {
        Remark::WithoutSealed => visit.text("balances.without_sealed"),
        Remark::Foreseen => visit.text("balances.foreseen"),
    });
    said.collect()
}

/// The headline: own figures, and for issuers the total over all.
async fn sums(
    visit: &Visit,
    beholder: &Beholder,
    as_of: NaiveDate,
    known_on: Option<NaiveDate>,
) -> Result<Vec<(String, String)>, Trouble> {
    let within = own(beholder);
    let mut parts = vec![("balances.own", within.clone())];
    if within.is_everything() {
        parts = vec![("balances.all_issuers", within)];
    } else if within.issuer.is_some() {
        parts.push(("balances.all_issuers", Within::default()));
    }
    let mut told = Vec::new();
    for (key, within) in parts {
        let figure = Figure {
            by: BalanceBy::Total,
            within,
            as_of: Some(as_of),
            known_on,
        };
        let sums = visit.console().desk.balances(beholder, &figure).await?;
        let amounts: Vec<String> = sums
            .iter()
            .map(|sum| money(visit, sum.amount, sum.currency))
            .collect();
        let amounts = if amounts.is_empty() {
            "0".to_owned()
        } else {
            amounts.join(" / ")
        };
        told.push((visit.text(key), amounts));
    }
    Ok(told)
}

fn figure(look: &Look, as_of: NaiveDate, known_on: Option<NaiveDate>) -> Figure {
    Figure {
        by: look.by,
        within: look.within.clone(),
        as_of: Some(as_of),
        known_on,
    }
}

/// The months of a history.
fn span(look: &Look, as_of: NaiveDate) -> Result<Span, Trouble> {
    let years = if look.within.owner.is_some() { 2 } else { 10 };
    let from = as_of
        .checked_sub_months(Months::new(12 * years))
        .unwrap_or(as_of);
    Span::new(from, as_of, Step::Month).map_err(refused)
}

async fn sections(
    visit: &Visit,
    beholder: &Beholder,
    look: &Look,
    (as_of, known_on): (NaiveDate, Option<NaiveDate>),
    most_rows: usize,
) -> Result<Vec<Section>, Trouble> {
    let desk = &visit.console().desk;
    let figure = figure(look, as_of, known_on);
    match look.what {
        Facet::History => {
            let span = span(look, as_of)?;
            let points = desk.balance_series(beholder, &figure, &span).await?;
            let days = span.days();
            Ok(histories(
                visit,
                look,
                since_the_first(&days, &points),
                &points,
            ))
        }
        Facet::Ranks => Ok(rankings(
            visit,
            look,
            &desk.balances(beholder, &figure).await?,
            most_rows,
        )),
        Facet::Expiries => {
            let ends = desk.expiries(beholder, &figure).await?;
            let bar = |one: bondhub_core::ports::store::Expiry| {
                (
                    one.currency,
                    one.month.format("%Y-%m").to_string(),
                    one.amount,
                )
            };
            Ok(bar_sections(
                visit,
                look,
                &ends.into_iter().map(bar).collect::<Vec<_>>(),
            ))
        }
    }
}

fn refused(error: impl Into<Refusal>) -> Trouble {
    Trouble::Desk(DeskError::Refused(error.into()))
}

async fn limits(visit: &Visit, issuer: &PartyCode) -> Result<Vec<LimitLine>, Trouble> {
    let uses = visit.console().desk.limits(Some(issuer)).await?;
    let line = |one: crate::desk::LimitUse| LimitLine {
        contractor: visit.party_name(&one.contractor),
        limit: money(visit, one.limit, one.currency),
        outstanding: money(visit, one.outstanding, one.currency),
        exceeded: one.is_exceeded(),
        since: one.since.map(|since| visit.words().short_time(since)),
    };
    Ok(uses.into_iter().map(line).collect())
}

/// A section's figures as CSV.
async fn as_sheet(visit: Visit, asked: Query<Asked>) -> Result<Response, Trouble> {
    let beholder = visit.console().desk.beholder(visit.signed_in()?).await?;
    let (as_of, known_on) = days(&visit, &asked)?;
    let look = looks(&beholder)
        .into_iter()
        .find(|look| look.id == asked.section);
    let look = look.ok_or(Trouble::NotFound)?;
    figures::sheet_of(&visit, &beholder, &look, as_of, known_on).await
}

/// A contractor agrees, or takes it back.
async fn consent(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    let viewer = visit.signed_in()?;
    let party = viewer.party.clone().ok_or(Trouble::NotAllowed)?;
    let given = form.text("given") == "yes";
    visit
        .desk()?
        .set_consent(&party, given, viewer.account.as_str())
        .await?;
    let key = if given {
        "balances.consent_given"
    } else {
        "balances.consent_revoked"
    };
    Ok(visit.done("/balances", key, &[]))
}

/// An issuer sets or lifts a limit.
async fn limit(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    let viewer = visit.signed_in()?;
    let issuer = viewer.party.clone().ok_or(Trouble::NotAllowed)?;
    let contractor = PartyCode::parse(form.text("contractor")).map_err(refused)?;
    let currency = match form.text("currency") {
        "" => Ok(Currency::JPY),
        code => Currency::parse(code),
    };
    let currency = currency.map_err(refused)?;
    let amount = match form.text("amount") {
        "" => None,
        text => Some(
            text.replace(',', "")
                .parse::<i64>()
                .ok()
                .filter(|amount| *amount >= 0)
                .ok_or(Trouble::Said {
                    status: StatusCode::UNPROCESSABLE_ENTITY,
                    key: "balances.bad_amount",
                    with: Vec::new(),
                })?,
        ),
    };
    let by = viewer.account.as_str();
    visit
        .desk()?
        .set_limit(&issuer, &contractor, currency, amount, by)
        .await?;
    Ok(visit.done(
        "/balances",
        "balances.limit_set",
        &[("contractor", contractor.as_str())],
    ))
}
