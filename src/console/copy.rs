//! A copy of the original for a party that is signed in (R23). An account is no key: the party shows its key here too (R20), and the look is
//! recorded with the account.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use bondhub_core::{account::Permission, identifier::BondId};

use super::{
    Access, Console, Posted, Route, Trouble, Visit, bonds,
    held::TakenUp,
    open::{copy_file, held, key_of, presented, whole_sentence},
    origin::Origin,
    parts::Mistake,
};
use crate::desk::{DeskError, GivenCopy, Refusal};

pub(super) fn routes() -> Vec<Route> {
    let own = Access::OfParty(Permission::ReadBonds);
    vec![Route::post("/copy/{issuer}/{*number}", own, copy)]
}

async fn copy(
    visit: Visit,
    State(console): State<Arc<Console>>,
    Path((issuer, number)): Path<(String, String)>,
    origin: Origin,
    form: Posted,
) -> Result<Response, Trouble> {
    let bond = bonds::bond_of(&issuer, &number)?;
    let mine = console.desk.my_bond(visit.signed_in()?, &bond).await?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let shown = key_of(&form).map(TakenUp::shown);
    let Some(key) = shown.or_else(|| held(&console, &visit)) else {
        let mistake = Mistake::new("key_file", visit.text("open.no_key"));
        return bonds::show(&visit, &mine, status, vec![mistake]);
    };
    match made(
        &visit,
        &console,
        &bond,
        (&key, form.text("one_time")),
        &origin,
    )
    .await
    {
        Ok(copy) => Ok(copy_file(&copy)),
        Err(error) if error.is_refusal() => {
            let trouble = Trouble::from(error);
            let mistake = Mistake::new("key_file", whole_sentence(&trouble, &visit));
            bonds::show(&visit, &mine, trouble.status(), vec![mistake])
        }
        Err(error) => Err(error.into()),
    }
}

async fn made(
    visit: &Visit,
    console: &Console,
    bond: &BondId,
    (key, password): (&TakenUp, &str),
    origin: &Origin,
) -> Result<GivenCopy, DeskError> {
    let mut presented = presented(key, visit, origin);
    presented.one_time_password = Some(password).filter(|text| !text.is_empty());
    let look = console.desk.look(&presented).await?;
    if look.bond != *bond {
        return Err(Refusal::KeyOfAnotherBond.into());
    }
    console.desk.copy(&look).await
}
