//! How a bond matches its case (R7): grade, one sentence for each finding, who may waive what, and what was waived by whom,
//! when and why.

use axum::{extract::Path, http::StatusCode, response::Response};
use bondhub_core::{
    account::Permission,
    identifier::BondId,
    matching::{Found, Grade},
    party::Role,
    ports::store::BondRow,
};
use serde::Serialize;

use super::{
    Access, Posted, Route, Trouble, Visit, bonds, cases,
    parts::{Badge, Mistake, bond_path, mistakes},
    words::Moment,
};
use crate::desk::MatchSeen;

const WAIVE: Access =
    Access::PartyOrHub(&[Role::Owner], Permission::ActForParty, Permission::Operate);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/waive/{finding}/{issuer}/{*number}", WAIVE, ask),
        Route::post("/waive/{finding}/{issuer}/{*number}", WAIVE, waive),
    ]
}

/// A match in words.
#[derive(Debug, Serialize)]
pub(super) struct Matched {
    grade: Badge,
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct Finding {
    grade: Badge,
    text: String,
    /// What can be done about it.
    remedy: Option<String>,
    waived: Option<Waived>,
    /// Where the visitor waives it.
    waive: Option<String>,
    /// Of the link there.
    id: String,
}

#[derive(Debug, Serialize)]
struct Waived {
    by: String,
    at: Option<Moment>,
    reason: String,
}

impl Matched {
    /// The match of a bond; `may_waive`: the visitor acts for the owner of its case.
    pub(super) fn of(visit: &Visit, row: &BondRow, seen: &MatchSeen, may_waive: bool) -> Self {
        let alive = row.state.is_outstanding();
        let findings = seen.result.findings.iter();
        let told = |found: &Found| finding(visit, &row.bond, seen, found, may_waive && alive);
        Self {
            grade: grade(visit, seen.result.grade),
            findings: findings.map(told).collect(),
        }
    }
}

fn finding(visit: &Visit, bond: &BondId, seen: &MatchSeen, found: &Found, may: bool) -> Finding {
    let code = found.finding.what.code();
    let curable = found.finding.grade == Grade::Curable;
    let open = found.waived.is_none();
    let remedy = match (open, curable) {
        (false, _) => None,
        (true, true) => Some("match.curable_how"),
        (true, false) => Some("match.fatal_how"),
    };
    let waived = found.waived.as_ref().map(|waived| Waived {
        by: waived.by.clone(),
        at: seen.waived_at.get(code).map(|at| visit.words().time(*at)),
        reason: waived.reason.clone(),
    });
    Finding {
        grade: grade(visit, found.finding.grade),
        text: sentence(visit, found),
        remedy: remedy.map(|key| visit.text(key)),
        waive: (may && open && curable).then(|| path(code, bond)),
        id: format!(
            "waive-{}-{}",
            code.replace('_', "-"),
            plain(bond.number.as_str())
        ),
        waived,
    }
}

fn sentence(visit: &Visit, found: &Found) -> String {
    let zone = visit.console().desk.directories.newest().rules.policy.zone;
    found.finding.what.sentence(visit.language(), zone)
}

fn grade(visit: &Visit, grade: Grade) -> Badge {
    let tone = match grade {
        Grade::Ok => "good",
        Grade::Curable => "warn",
        Grade::Fatal => "bad",
    };
    Badge::new(tone, visit.text(&format!("match.{}", grade.as_str())))
}

/// Where a finding is waived.
fn path(finding: &str, bond: &BondId) -> String {
    bond_path(&format!("/waive/{finding}"), bond)
}

/// Letters, digits and dashes of a name, for an id on a page.
pub(super) fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    name.chars().map(plain).collect()
}

#[derive(Serialize)]
struct Asked {
    number: String,
    finding: String,
    path: String,
    back: String,
    case: String,
    reason: String,
    errors: Vec<Mistake>,
}

/// A finding that may be waived, on its page.
async fn asked(
    visit: &Visit,
    finding: &str,
    bond: &BondId,
    reason: &str,
    errors: Vec<Mistake>,
) -> Result<Asked, Trouble> {
    let desk = &visit.console().desk;
    let (found, procurement) = desk.waivable(visit.signed_in()?, bond, finding).await?;
    Ok(Asked {
        number: bond.number.to_string(),
        finding: sentence(visit, &found),
        path: path(finding, bond),
        back: cases::path(&procurement),
        case: procurement.to_string(),
        reason: reason.to_owned(),
        errors,
    })
}

async fn ask(
    visit: Visit,
    Path((finding, issuer, number)): Path<(String, String, String)>,
) -> Result<Response, Trouble> {
    let bond = bonds::bond_of(&issuer, &number)?;
    let tells = asked(&visit, &finding, &bond, "", Vec::new()).await?;
    visit.page("waive", tells)
}

async fn waive(
    visit: Visit,
    Path((finding, issuer, number)): Path<(String, String, String)>,
    form: Posted,
) -> Result<Response, Trouble> {
    let bond = bonds::bond_of(&issuer, &number)?;
    let reason = form.text("reason");
    let wrong: Vec<(&str, &str)> = [
        ("reason", "draft.empty", reason.is_empty()),
        ("sure", "match.tick", !form.has("sure")),
    ]
    .into_iter()
    .filter_map(|(field, key, wrong)| wrong.then_some((field, key)))
    .collect();
    if !wrong.is_empty() {
        let errors = mistakes(&visit, &wrong);
        let tells = asked(&visit, &finding, &bond, reason, errors).await?;
        return visit.page_as(StatusCode::UNPROCESSABLE_ENTITY, "waive", tells);
    }
    let (desk, viewer) = (visit.desk()?, visit.signed_in()?);
    let deed = desk.waiver_of(viewer, &bond, &finding, reason).await?;
    desk.deed_of(viewer, &deed).await?;
    let number = bond.number.as_str();
    Ok(visit.done(
        &cases::path(&deed.procurement),
        "match.done",
        &[("number", number)],
    ))
}
