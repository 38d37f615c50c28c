//! A key without mail (R14): whoever is entitled to it takes it here, as a file or on paper. It is shown once, and the role's earlier key is
//! dead in the same moment.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse as _, Response},
};
use bondhub_core::account::Permission;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    Access, Console, Posted, Route, Trouble, Visit,
    account::{is_fresh, sign_in_first},
    bonds,
    parts::{self, bond_path},
};
use crate::{
    desk::ByHand,
    vault::key_sheet::{self, KeySheet},
};

const OWN: Access = Access::OfParty(Permission::ActForParty);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/my-key/{issuer}/{*number}", OWN, ask),
        Route::post("/my-key/{issuer}/{*number}", OWN, issue),
    ]
}

#[derive(Serialize)]
struct Ask {
    number: String,
    role: String,
    back: String,
    path: String,
    waits: bool,
}

async fn ask(
    visit: Visit,
    State(console): State<Arc<Console>>,
    Path((issuer, number)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let bond = bonds::bond_of(&issuer, &number)?;
    let mine = console.desk.my_bond(visit.signed_in()?, &bond).await?;
    let ask = Ask {
        number: bond.number.to_string(),
        role: parts::role(&visit, mine.role),
        back: bond_path("/bonds", &bond),
        path: bond_path("/my-key", &bond),
        waits: false,
    };
    visit.page("my_key", ask)
}

#[derive(Serialize)]
struct Sheet<'a> {
    number: String,
    version: u32,
    holder: String,
    name: &'a [String],
    secret: &'a [String],
    check: &'a str,
    qr: &'a str,
    instructions: [&'static str; 5],
    back: String,
}

/// Issues the key. Who comes with an old session signs in first: a cookie stolen an hour ago must not yield keys.
async fn issue(
    visit: Visit,
    State(console): State<Arc<Console>>,
    Path((issuer, number)): Path<(String, String)>,
    form: Posted,
) -> Result<Response, Trouble> {
    if !is_fresh(&visit).await? {
        return Ok(sign_in_first(&visit));
    }
    let bond = bonds::bond_of(&issuer, &number)?;
    let mine = console.desk.my_bond(visit.signed_in()?, &bond).await?;
    let back = bond_path("/bonds", &bond);
    if !form.has("sure") {
        visit.say(&super::Flash::new("my_key.tick", &[], false));
        return Ok(visit.redirect(&bond_path("/my-key", &bond)));
    }
    let viewer = visit.signed_in()?;
    let key = match visit
        .desk()?
        .issue_by_hand(viewer, &bond, mine.role)
        .await?
    {
        ByHand::Issued { key, .. } => key,
        ByHand::WaitsForSignature { .. } => {
            let ask = Ask {
                number: bond.number.to_string(),
                role: parts::role(&visit, mine.role),
                path: bond_path("/my-key", &bond),
                back,
                waits: true,
            };
            return visit.page("my_key", ask);
        }
    };
    if form.text("as") == "file" {
        return Ok(file(&key.name, &key.file));
    }
    let sheet = KeySheet::of(&key.file).map_err(|error| Trouble::Failed(error.to_string()))?;
    let tells = Sheet {
        number: bond.number.to_string(),
        version: sheet.version,
        holder: visit.party_name(&key.holder),
        name: &sheet.name,
        secret: &sheet.secret,
        check: &sheet.check,
        qr: &sheet.qr_svg,
        instructions: key_sheet::instructions(visit.language()),
        back,
    };
    visit.page("key_sheet", tells)
}

/// The key file itself; its name is a harmless one.
fn file(name: &str, bytes: &Zeroizing<Vec<u8>>) -> Response {
    let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
    let name: String = name.chars().filter(plain).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, bytes.to_vec()).into_response()
}
