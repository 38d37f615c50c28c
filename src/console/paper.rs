//! Paper bonds: entered in a form or as a list, with a report per row (R41).

use std::{collections::BTreeMap, io};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bondhub_core::{account::Permission, identifier::PartyCode, party::Role};
use serde::Serialize;

use super::{Access, Posted, Route, Trouble, Visit};
use crate::{
    desk::{ImportMode, ImportReport},
    paper::{Place, TEMPLATE},
};

pub(super) fn routes() -> Vec<Route> {
    let enter = Access::Of(Role::Issuer, Permission::ActForParty);
    vec![
        Route::get("/paper", enter, page),
        Route::post("/paper", enter, add),
        Route::get("/paper/template.csv", enter, template),
        Route::post("/paper/import", enter, import).with_documents(),
    ]
}

/// The form's fields: the columns of a list.
const FIELDS: [&str; 13] = [
    "number",
    "kind",
    "instrument",
    "contractor",
    "owner",
    "procurement",
    "contract",
    "lot",
    "opening_at",
    "amount",
    "currency",
    "from",
    "to",
];

#[derive(Debug, Default, Serialize)]
struct Tells {
    values: BTreeMap<&'static str, String>,
    errors: Vec<Wrong>,
    report: Option<Report>,
}

#[derive(Debug, Serialize)]
struct Wrong {
    field: &'static str,
    text: String,
}

/// What became of a list.
#[derive(Debug, Serialize)]
struct Report {
    summary: String,
    good: bool,
    faults: Vec<FaultLine>,
    exceeded: Vec<String>,
}

#[derive(Debug, Serialize)]
struct FaultLine {
    line: u64,
    column: String,
    text: String,
}

async fn page(visit: Visit) -> Result<Response, Trouble> {
    visit.page("paper", Tells::default())
}

async fn template() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"paper-bonds.csv\"",
        ),
    ];
    (headers, format!("\u{feff}{TEMPLATE}")).into_response()
}

/// Whose bonds are entered, and by whom.
fn issuer(visit: &Visit) -> Result<(PartyCode, String), Trouble> {
    let viewer = visit.signed_in()?;
    let party = viewer.party.clone().ok_or(Trouble::NotAllowed)?;
    Ok((party, viewer.account.as_str().to_owned()))
}

/// One bond.
async fn add(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    let (party, by) = issuer(&visit)?;
    let values: BTreeMap<&'static str, String> = FIELDS
        .iter()
        .map(|field| (*field, form.text(field).to_owned()))
        .collect();
    let cells = values
        .iter()
        .map(|(field, value)| ((*field).to_owned(), value.clone()))
        .collect();
    let report = visit
        .desk()?
        .add_paper(&party, &cells, form.has("update"), &by)
        .await?;
    if report.faulty == 0 {
        let number = form.text("number");
        return Ok(visit.done("/paper", "paper.entered", &[("number", number)]));
    }
    let wrong = |place: &Place| Wrong {
        field: place.name.unwrap_or("number"),
        text: place.fault.text(visit.language()),
    };
    let tells = Tells {
        errors: report.faults.iter().map(wrong).collect(),
        values,
        report: None,
    };
    visit.page_as(StatusCode::UNPROCESSABLE_ENTITY, "paper", tells)
}

/// A list.
async fn import(visit: Visit, form: Posted) -> Result<Response, Trouble> {
    let (party, by) = issuer(&visit)?;
    let Some(file) = form.file("list") else {
        let tells = Tells {
            errors: vec![Wrong {
                field: "list",
                text: visit.text("paper.no_list"),
            }],
            ..Tells::default()
        };
        return visit.page_as(StatusCode::UNPROCESSABLE_ENTITY, "paper", tells);
    };
    let mode = ImportMode {
        dry_run: form.text("how") == "dry_run",
        good_rows: form.text("how") == "good_rows",
        update: form.has("update"),
    };
    let open = || Ok(io::Cursor::new(file.bytes.clone()));
    let report = visit.desk()?.import_paper(&party, open, mode, &by).await?;
    let status = if report.faulty == 0 || report.written {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let tells = Tells {
        report: Some(told(&visit, &report, mode)),
        ..Tells::default()
    };
    visit.page_as(status, "paper", tells)
}

fn told(visit: &Visit, report: &ImportReport, mode: ImportMode) -> Report {
    let key = match (mode.dry_run, report.written, report.faulty) {
        (true, ..) => "paper.would",
        (false, true, _) => "paper.taken",
        (false, false, 0) => "paper.known",
        (false, false, _) => "paper.kept_out",
    };
    let counts = [
        ("rows", report.rows),
        ("added", report.added),
        ("updated", report.updated),
        ("unchanged", report.unchanged),
        ("faulty", report.faulty),
    ]
    .map(|(name, count)| (name, count.to_string()));
    let with: Vec<(&str, &str)> = counts
        .iter()
        .map(|(name, count)| (*name, count.as_str()))
        .collect();
    let fault = |place: &Place| FaultLine {
        line: place.line,
        column: match (place.column, place.name) {
            (Some(column), Some(name)) => format!("{column} {name}"),
            (None, Some(name)) => name.to_owned(),
            (Some(column), None) => column.to_string(),
            (None, None) => String::new(),
        },
        text: place.fault.text(visit.language()),
    };
    let exceeded = |one: &crate::desk::Exceeded| {
        let contractor = visit.party_name(&one.contractor);
        visit.text_with("paper.exceeded", &[("contractor", contractor.as_str())])
    };
    Report {
        summary: visit.text_with(key, &with),
        good: report.faulty == 0,
        faults: report.faults.iter().map(fault).collect(),
        exceeded: report.exceeded.iter().map(exceeded).collect(),
    }
}
