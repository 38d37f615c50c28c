//! The report on outstanding liability as PDF.

use axum::{
    extract::Query,
    http::header,
    response::{IntoResponse as _, Response},
};

use super::{Asked, Trouble, Visit, days};
use crate::desk::ReportOrder;

/// What the page shows, and more of it in tables, in the visitor's language.
pub(super) async fn report(visit: Visit, asked: Query<Asked>) -> Result<Response, Trouble> {
    let desk = &visit.console().desk;
    let beholder = desk.beholder(visit.signed_in()?).await?;
    let (as_of, known_on) = days(&visit, &asked)?;
    let order = ReportOrder {
        as_of: Some(as_of),
        known_on,
        language: visit.language(),
    };
    let report = desk.balance_report(&beholder, &order).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"balances-{}.pdf\"", report.as_of),
        ),
    ];
    Ok((headers, report.bytes).into_response())
}
