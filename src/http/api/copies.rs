//! Whether a copy is genuine (R23): for anybody who holds one.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Extension, Json,
    extract::{ConnectInfo, State},
};
use bondhub_core::{calendar::Timestamp, identifier::BondId};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    asked::Named,
    route::{Need, Route},
    words::BondCode,
};
use crate::{
    desk::CopyCheck,
    http::{Http, Problem},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/copies/{copy}", "verifyCopy", verify)
            .needs(
                Need::Nobody,
                "Whether this hub made a copy, and whether its version is still the current one. A number nobody gave out and one of \
                 which nothing may be told yet have the same answer.",
            )
            .answers::<Genuine>(200, "The hub made it."),
    ]
}

/// A copy that this hub made.
#[derive(Debug, Serialize, JsonSchema)]
struct Genuine {
    #[schemars(with = "BondCode")]
    bond: BondId,
    version: u32,
    made_at: Timestamp,
    /// The version is still the bond's current one.
    current: bool,
    /// The bond still stands.
    in_force: bool,
    /// Of the PDF as it was given out: lower-case hexadecimal SHA-256.
    sha256: String,
}

async fn verify(
    State(http): State<Arc<Http>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Named(copy): Named<String>,
) -> Result<Json<Genuine>, Problem> {
    let from = peer.map(|Extension(ConnectInfo(address))| address.ip());
    match http.desk.verify_copy(&copy, from).await? {
        CopyCheck::Unconfirmed => Err(Problem::missing("such a copy")),
        CopyCheck::Genuine {
            bond,
            version,
            made_at,
            sha256,
            is_current,
            is_in_force,
        } => Ok(Json(Genuine {
            bond,
            version,
            made_at,
            current: is_current,
            in_force: is_in_force,
            sha256,
        })),
    }
}
