//! Documents that issuers signed: registration, update, deletion, standing instruction, consent (R5).

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{account::Permission, attachment::Enclosed, identifier::BondNumber};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    asked::{self, Given, Named, Sent},
    bonds::bond_id,
    caller::Caller,
    route::{Need, Route},
    shapes::{Acted, Free},
    words::Code,
};
use crate::{
    desk::{Desk, LimitUse, Taken},
    http::{Http, Problem},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/documents", "sendDocument", send)
            .needs(
                Need::MayEither(Permission::ActForParty, Permission::Operate),
                "Takes a document an issuer signed, with its attachments. Its signature, not the account, is what authorises it.",
            )
            .takes_either::<WithAttachments>("The CMS block (CAdES-BES), DER or PEM.")
            .large()
            .answers::<Registered>(200, "What became of it."),
        Route::post("/bonds/{issuer}/{number}/prepare", "prepareRegistration", prepare)
            .needs(
                Need::MayEither(Permission::ActForParty, Permission::Operate),
                "The registration of the performance bond that takes this reservation over, for its issuer to sign (R6).",
            )
            .takes::<Takeover>()
            .like(|| json!({"number": "P-2026-0001", "bond": {"wording": "as agreed"}}))
            .answers::<Free>(200, "The statement: sign its canonical JSON (docs/signed-documents.md)."),
    ]
}

/// A performance bond to prepare.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Takeover {
    /// Its number.
    #[schemars(with = "Code")]
    number: BondNumber,
    /// Members of the bond that are not to be taken over as they are.
    #[serde(default)]
    bond: Free,
}

async fn prepare(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(path): Named<(String, String)>,
    Given(given): Given<Takeover>,
) -> Result<Json<Free>, Problem> {
    let reservation = bond_id(path)?;
    let own = caller.party().is_none_or(|own| *own == reservation.issuer);
    if !own {
        return Err(Problem::missing(format!("bond {reservation}")));
    }
    let desk = caller.desk(&http);
    let statement = desk
        .registration_of(&reservation, &given.number, &given.bond)
        .await?;
    Ok(Json(statement.as_object().cloned().unwrap_or_default()))
}

/// What became of a document.
#[derive(Debug, Serialize, JsonSchema)]
struct Registered {
    #[serde(flatten)]
    acted: Acted,
    /// Limits of the issuer that are exceeded now (R43), for whoever may see them. They keep nothing out.
    limits_exceeded: Vec<LimitExceeded>,
}

/// A limit that is exceeded.
#[derive(Debug, Serialize, JsonSchema)]
struct LimitExceeded {
    /// For whom.
    contractor: String,
    currency: String,
    /// In minor units.
    limit: i64,
    /// What is outstanding today.
    outstanding: i64,
}

impl From<LimitUse> for LimitExceeded {
    fn from(used: LimitUse) -> Self {
        Self {
            contractor: used.contractor.to_string(),
            currency: used.currency.as_str().to_owned(),
            limit: used.limit,
            outstanding: used.outstanding,
        }
    }
}

/// A signed document with its attachments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WithAttachments {
    /// The CMS block, base64.
    document: String,
    /// The files it binds by their digests, base64, in any order: none missing, none extra.
    #[serde(default)]
    attachments: Vec<String>,
}

async fn send(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Sent(body): Sent,
) -> Result<Json<Registered>, Problem> {
    let desk = caller.desk(&http);
    if !asked::is_json(&headers) {
        let taken = desk.document(&body).await?;
        return answer(&caller, &desk, &body, taken).await;
    }
    let given: WithAttachments = asked::read(&body)?;
    let document = decoded("document", &given.document)?;
    let mut attachments = Enclosed::default();
    for attachment in &given.attachments {
        attachments.add(decoded("attachments", attachment)?);
    }
    let taken = desk.document_with(&document, attachments).await?;
    answer(&caller, &desk, &document, taken).await
}

/// Limits are told to their issuer, and to whoever acts for the hub.
async fn answer(
    caller: &Caller,
    desk: &Desk,
    document: &[u8],
    taken: Taken,
) -> Result<Json<Registered>, Problem> {
    let mut exceeded = desk.exceeded_by(document).await?;
    let own = caller.viewer.party.as_ref();
    exceeded.retain(|used| own.is_none_or(|own| *own == used.issuer));
    Ok(Json(Registered {
        acted: taken.into(),
        limits_exceeded: exceeded.into_iter().map(LimitExceeded::from).collect(),
    }))
}

fn decoded(member: &str, text: &str) -> Result<Vec<u8>, Problem> {
    STANDARD.decode(text).map_err(|error| {
        let detail = format!("/{member}: not base64: {error}");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not acceptable", detail)
    })
}
