//! The issuer says how a claim was settled (R5): the statement that ends a frozen bond is prepared, to be signed.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use bondhub_core::{
    bond::BondState,
    document::{Act, ClaimOutcome, Statement},
    identifier::BondId,
};
use serde::Serialize;

use super::{
    super::{
        Console, Posted, Route, Trouble, Visit,
        parts::{Choice, Mistake, bond_path, mistakes},
    },
    ISSUER, asked, own_bond, own_party, ready, with_query,
};
use crate::desk::MyBond;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/register/settlement", ISSUER, form),
        Route::post("/register/settlement", ISSUER, prepared),
    ]
}

/// Where the settlement of a frozen bond is prepared.
pub(in crate::console) fn path(bond: &BondId) -> String {
    with_query("/register/settlement", &[("number", bond.number.as_str())])
}

#[derive(Serialize)]
struct Settlement {
    errors: Vec<Mistake>,
    number: String,
    outcome: String,
    outcomes: Vec<Choice>,
    back: String,
}

async fn form(visit: Visit, uri: Uri) -> Result<Response, Trouble> {
    let number = asked(&uri, "number").ok_or(Trouble::NotFound)?;
    let mine = frozen(&visit, &number).await?;
    ask(&visit, &mine, StatusCode::OK, "", Vec::new())
}

/// The issuer's own bond, whose claim is open.
async fn frozen(visit: &Visit, number: &str) -> Result<MyBond, Trouble> {
    let mine = own_bond(visit, number).await?;
    if mine.bond.state == BondState::Frozen {
        return Ok(mine);
    }
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Err(Trouble::said(status, "settlement.not_frozen"))
}

fn ask(
    visit: &Visit,
    mine: &MyBond,
    status: StatusCode,
    outcome: &str,
    errors: Vec<Mistake>,
) -> Result<Response, Trouble> {
    let choice = |value: &str, key: &str| Choice::new(value, visit.text(key));
    let tells = Settlement {
        errors,
        number: mine.bond.bond.number.to_string(),
        outcome: outcome.to_owned(),
        outcomes: vec![
            choice("", "settlement.choose"),
            choice("paid", "settlement.paid"),
            choice("waived", "settlement.waived"),
        ],
        back: bond_path("/bonds", &mine.bond.bond),
    };
    visit.page_as(status, "settlement", tells)
}

async fn prepared(
    visit: Visit,
    State(console): State<Arc<Console>>,
    form: Posted,
) -> Result<Response, Trouble> {
    let mine = frozen(&visit, form.text("number")).await?;
    let chosen = form.text("outcome");
    let outcome = match chosen {
        "paid" => ClaimOutcome::Paid,
        "waived" => ClaimOutcome::Waived,
        _ => {
            let errors = mistakes(&visit, &[("outcome", "draft.choose")]);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return ask(&visit, &mine, status, chosen, errors);
        }
    };
    let number = mine.bond.bond.number.clone();
    let statement = Statement {
        v: 1,
        issuer: own_party(&visit)?,
        signed_at: console.desk.clock.now(),
        act: Act::ReleaseConsent {
            number: number.clone(),
            procurement: mine.bond.terms.procurement.clone(),
            outcome,
        },
    };
    ready(&visit, &statement, number.as_str())
}
