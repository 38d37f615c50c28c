//! The signing queue: keys that wait for their issuer's own token (R12).

use std::sync::Arc;

use axum::{Extension, Json, extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{
    account::Permission,
    calendar::Timestamp,
    identifier::{BondId, PartyCode},
    ports::store::SigningRequest,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    asked::{Asked, Given},
    bonds::limit,
    caller::Caller,
    route::{Need, Route},
    shapes::Listed,
    words::{BondCode, Code},
};
use crate::{
    desk::{SignatureOutcome, Submitted},
    http::{Http, Problem},
};

const SIGN: Need = Need::May(Permission::SignForParty);
/// As many signatures are taken at once.
const MOST: usize = 1000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/signing-queue", "listWaitingKeys", list)
            .needs(
                SIGN,
                "Keys that wait for the issuer's signature, oldest first, with the bytes to sign.",
            )
            .query::<Filter>()
            .answers::<Listed<WaitingKey>>(200, "What waits."),
        Route::post("/signing-queue", "sendSignatures", send)
            .needs(
                SIGN,
                "Takes the issuer's signatures; each stands alone, in any order.",
            )
            .takes::<Signatures>()
            .answers::<Listed<Signed>>(200, "What became of each, in order."),
    ]
}

/// How much of the queue.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// At most so many; 100 if left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// A key that waits.
#[derive(Debug, Serialize, JsonSchema)]
struct WaitingKey {
    kid: String,
    #[schemars(with = "BondCode")]
    bond: BondId,
    version: u32,
    role: String,
    #[schemars(with = "Code")]
    holder: PartyCode,
    requested_at: Timestamp,
    /// The exact bytes to sign (CAdES-BES, attached), base64; they hold no secret.
    statement: String,
}

impl From<SigningRequest> for WaitingKey {
    fn from(request: SigningRequest) -> Self {
        Self {
            kid: request.kid,
            bond: request.bond,
            version: request.version,
            role: request.role.as_str().to_owned(),
            holder: request.holder,
            requested_at: request.requested_at,
            statement: STANDARD.encode(&request.statement),
        }
    }
}

/// Signatures of an issuer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Signatures {
    /// CMS blocks, base64.
    #[schemars(length(max = 1000))]
    signatures: Vec<String>,
    /// They are checked, and nothing is changed.
    #[serde(default)]
    dry_run: bool,
}

/// What became of a signature.
#[derive(Debug, Serialize, JsonSchema)]
struct Signed {
    kid: Option<String>,
    #[schemars(with = "Option<BondCode>")]
    bond: Option<BondId>,
    role: Option<String>,
    /// `issued`, `kept`, `fits`, `overtaken`, `duplicate` or `refused`.
    outcome: String,
    /// Why it was refused.
    reason: Option<String>,
}

impl From<Submitted> for Signed {
    fn from(submitted: Submitted) -> Self {
        let outcome = submitted.outcome.as_str().to_owned();
        let reason = match submitted.outcome {
            SignatureOutcome::Refused(reason) => Some(reason.to_string()),
            _ => None,
        };
        Self {
            kid: submitted.kid,
            bond: submitted.bond,
            role: submitted.role.map(|role| role.as_str().to_owned()),
            outcome,
            reason,
        }
    }
}

fn issuer(caller: &Caller) -> Result<PartyCode, Problem> {
    let nobody = || {
        let detail = "only an account of an issuer signs";
        Problem::new(StatusCode::FORBIDDEN, "not permitted", detail)
    };
    caller.party().cloned().ok_or_else(nobody)
}

async fn list(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Listed<WaitingKey>>, Problem> {
    let (issuer, limit) = (issuer(&caller)?, limit(filter.limit)?);
    let waiting = http.desk.waiting_signatures(&issuer, limit).await?;
    Ok(Json(Listed {
        items: waiting.into_iter().map(WaitingKey::from).collect(),
    }))
}

async fn send(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Given(given): Given<Signatures>,
) -> Result<Json<Listed<Signed>>, Problem> {
    let issuer = issuer(&caller)?;
    if given.signatures.len() > MOST {
        let detail = format!("at most {MOST} signatures are taken at once");
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "not acceptable",
            detail,
        ));
    }
    let decoded = given.signatures.iter().map(|text| {
        STANDARD.decode(text).map_err(|error| {
            let detail = format!("/signatures: not base64: {error}");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not acceptable", detail)
        })
    });
    let blocks: Vec<Vec<u8>> = decoded.collect::<Result<_, _>>()?;
    let desk = caller.desk(&http);
    let submitted = desk
        .submit_signatures(Some(&issuer), &blocks, given.dry_run)
        .await?;
    Ok(Json(Listed {
        items: submitted.into_iter().map(Signed::from).collect(),
    }))
}
