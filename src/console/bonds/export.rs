//! The list as CSV: all of it, a page of the store at a time, so that no list is too long for memory.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{Uri, header},
    response::{IntoResponse as _, Response},
};
use bondhub_core::account::Viewer;
use futures::stream;

use super::{
    super::{Console, Trouble, Visit, csv},
    Asked,
};
use crate::desk::{Desk, DeskError, MyPage, MyRow};

/// So many rows are in memory at a time.
const ROWS: u32 = 1000;

/// What is still to be sent.
struct Rest {
    desk: Desk,
    viewer: Viewer,
    asked: Asked,
}

impl Rest {
    async fn page(&self) -> Result<MyPage, DeskError> {
        let asked = self.asked.to_desk(ROWS);
        self.desk.my_bonds(&self.viewer, &asked).await
    }

    /// A page as text, and what comes after it.
    fn told(mut self, page: MyPage) -> (String, Option<Self>) {
        let rows = page.rows.iter().map(|row| csv::line(&exported(row)));
        let text = rows.collect();
        self.asked.after = page.next;
        (text, self.asked.after.is_some().then_some(self))
    }

    async fn next(self) -> Result<(String, Option<Self>), DeskError> {
        let page = self.page().await?;
        Ok(self.told(page))
    }
}

/// The first page is asked for before anything is sent, so that a refusal is a page; a failure later breaks the connection
/// off, which every client tells from an end.
pub(super) async fn export(
    visit: Visit,
    State(console): State<Arc<Console>>,
    uri: Uri,
) -> Result<Response, Trouble> {
    let rest = Rest {
        desk: console.desk.as_ref().clone(),
        viewer: visit.signed_in()?.clone(),
        // By number: a bond that changes meanwhile moves to the top of a list by change, above what was read already.
        asked: Asked {
            order: bondhub_core::ports::store::ListOrder::Number,
            ..Asked::read(&uri, &visit).ok_or(Trouble::NotAllowed)?
        },
    };
    let (first, rest) = rest.next().await?;
    let begun = format!("{}{first}", csv::head(HEAD));
    let pages = stream::unfold((Some(begun), rest), |(begun, rest)| async {
        if let Some(text) = begun {
            return Some((Ok(text), (None, rest)));
        }
        Some(match rest?.next().await {
            Ok((text, rest)) => (Ok(text), (None, rest)),
            Err(error) => {
                tracing::error!("an export broke off: {error}");
                (Err(error), (None, None))
            }
        })
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"bonds.csv\"",
        ),
    ];
    Ok((headers, Body::from_stream(pages)).into_response())
}

/// Columns are named as in the API, whatever the language of the page, so that a program can read them.
const HEAD: &[&str] = &[
    "issuer",
    "number",
    "kind",
    "state",
    "procurement",
    "lot",
    "contract",
    "principal",
    "obligee",
    "amount",
    "currency",
    "from",
    "to",
    "version",
    "medium",
    "changed_at",
];

fn exported(row: &MyRow) -> Vec<String> {
    let one = match row {
        MyRow::Content(one) => one,
        MyRow::Existence {
            procurement,
            principal,
            ..
        } => {
            let mut cells = vec![String::new(); HEAD.len()];
            for (cell, value) in [(4, procurement.as_str()), (7, principal.as_str())] {
                if let Some(cell) = cells.get_mut(cell) {
                    value.clone_into(cell);
                }
            }
            return cells;
        }
    };
    let (row, terms) = (&one.row, &one.row.terms);
    let or_empty = |value: Option<String>| value.unwrap_or_default();
    vec![
        row.bond.issuer.to_string(),
        row.bond.number.to_string(),
        terms.kind.as_str().to_owned(),
        row.state.as_str().to_owned(),
        terms.procurement.to_string(),
        or_empty(terms.lot.as_ref().map(ToString::to_string)),
        or_empty(terms.contract.as_ref().map(ToString::to_string)),
        terms.principal.to_string(),
        terms.obligee.to_string(),
        terms.amount.amount().to_string(),
        terms.amount.currency().to_string(),
        terms.period.from().to_string(),
        terms.period.to().to_string(),
        row.version.to_string(),
        terms.medium.as_str().to_owned(),
        one.changed_at.to_rfc3339(),
    ]
}
