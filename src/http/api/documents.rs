//! Documents that issuers signed: registration, update, deletion, standing instruction, consent (R5).

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use bondhub_core::account::Permission;

use super::{
    asked::Sent,
    caller::Caller,
    route::{Body, Need, Route},
    shapes::Acted,
};
use crate::http::{Http, Problem};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/documents", "sendDocument", send)
            .needs(
                Need::MayEither(Permission::ActForParty, Permission::Operate),
                "Takes a document an issuer signed. Its signature, not the account, is what authorises it.",
            )
            .takes_body(Body::Bytes("The CMS block (CAdES-BES), DER or PEM."))
            .answers::<Acted>(200, "What became of it."),
    ]
}

async fn send(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Sent(document): Sent,
) -> Result<Json<Acted>, Problem> {
    Ok(Json(caller.desk(&http).document(&document).await?.into()))
}
