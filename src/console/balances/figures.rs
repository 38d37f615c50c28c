//! A section's figures as CSV: all of them, as a program reads them, not those the chart has room for.

use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};
use bondhub_core::{
    liability::Beholder,
    ports::store::{Balance, Expiry, SeriesPoint},
};
use chrono::NaiveDate;

use super::{Trouble, Visit, figure, span};
use crate::{
    desk::overview::{Facet, Look},
    sheet,
};

/// The file.
pub(super) async fn sheet_of(
    visit: &Visit,
    beholder: &Beholder,
    look: &Look,
    as_of: NaiveDate,
    known_on: Option<NaiveDate>,
) -> Result<Response, Trouble> {
    let desk = &visit.console().desk;
    let figure = figure(look, as_of, known_on);
    let rows = match look.what {
        Facet::History => {
            let span = span(look, as_of)?;
            let points = desk.balance_series(beholder, &figure, &span).await?;
            series(&points)
        }
        Facet::Ranks => sums(&desk.balances(beholder, &figure).await?),
        Facet::Expiries => {
            let ends = desk.expiries(beholder, &figure).await?;
            months(&ends)
        }
    };
    let name = format!("attachment; filename=\"{}-{as_of}.csv\"", look.id);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    // With a byte order mark: spreadsheets in Japan take a file without one for Shift_JIS.
    let text = sheet::text_of(&rows);
    Ok((headers, format!("\u{feff}{text}")).into_response())
}

/// Columns are named as in the API; amounts are in minor units.
fn head(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn cells(balance: &Balance) -> [String; 4] {
    [
        balance.of.clone(),
        balance.amount.to_string(),
        balance.currency.to_string(),
        balance.bonds.to_string(),
    ]
}

fn sums(balances: &[Balance]) -> Vec<Vec<String>> {
    let rows = balances.iter().map(|balance| cells(balance).to_vec());
    let head = head(&["of", "amount", "currency", "bonds"]);
    [head].into_iter().chain(rows).collect()
}

fn series(points: &[SeriesPoint]) -> Vec<Vec<String>> {
    let row = |point: &SeriesPoint| {
        let day = point.day.to_string();
        [day].into_iter().chain(cells(&point.balance)).collect()
    };
    let head = head(&["day", "of", "amount", "currency", "bonds"]);
    [head].into_iter().chain(points.iter().map(row)).collect()
}

fn months(ends: &[Expiry]) -> Vec<Vec<String>> {
    let row = |end: &Expiry| {
        vec![
            end.month.format("%Y-%m").to_string(),
            end.amount.to_string(),
            end.currency.to_string(),
            end.bonds.to_string(),
        ]
    };
    let head = head(&["month", "amount", "currency", "bonds"]);
    [head].into_iter().chain(ends.iter().map(row)).collect()
}
