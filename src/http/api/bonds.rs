//! One bond with history and keys; revoking keys, keys by hand (R24, R11, R14).

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{
    account::Permission,
    identifier::{BondId, BondNumber, PartyCode},
    ports::store::BondRow,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    asked::{Given, Named},
    caller::Caller,
    route::{Need, Route},
    shapes::{Acted, Bond, Key, SignedDocument, Version},
    words::{Code, RoleWord},
};
use crate::{
    desk::{ByHand, DeskError, Refusal},
    http::{Http, Problem},
};

const READ: Need = Need::May(Permission::ReadBonds);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/bonds/{issuer}/{number}", "showBond", show)
            .needs(READ, "One bond with its history and keys.")
            .answers::<BondWithHistory>(200, "The bond."),
        Route::post("/bonds/{issuer}/{number}/keys/revoke", "revokeKeys", revoke)
            .needs(
                Need::May(Permission::Operate),
                "The keys of one role stop working at once; new ones are issued if asked for.",
            )
            .takes::<Revocation>()
            .like(|| json!({"role": "contractor", "reissue": true, "reason": "the device was lost"}))
            .answers::<Acted>(200, "Done, or a duplicate."),
        Route::post("/bonds/{issuer}/{number}/keys/issue", "issueKey", issue)
            .needs(
                Need::MayEither(Permission::ActForParty, Permission::Operate),
                "A key goes by hand: to an account of its holder, or to an operator for its holder. The one before is dead.",
            )
            .takes::<Issue>()
            .like(|| json!({"role": "contractor"}))
            .answers::<IssuedKey>(200, "The key, once; or that its issuer has to sign it first."),
    ]
}

/// A bond with its history.
#[derive(Debug, Serialize, JsonSchema)]
struct BondWithHistory {
    #[serde(flatten)]
    bond: Bond,
    /// Oldest first.
    versions: Vec<Version>,
    /// Oldest first; never a secret.
    keys: Vec<Key>,
    /// The issuer's signed documents behind the versions, for the issuer and those who run the hub.
    documents: Vec<SignedDocument>,
}

/// Which keys stop working, and why.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Revocation {
    /// Whose keys.
    role: RoleWord,
    /// Whether new ones are issued.
    #[serde(default)]
    reissue: bool,
    /// Why, for the holder.
    #[schemars(length(min = 1, max = 500))]
    reason: String,
}

/// Whose key.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Issue {
    role: RoleWord,
}

/// A key that goes by hand.
#[derive(Serialize, JsonSchema)]
struct IssuedKey {
    /// `issued`, or `waits_for_signature`: the issuer signs at its own desk, ask again when it has.
    state: String,
    #[schemars(with = "Option<Code>")]
    holder: Option<PartyCode>,
    version: Option<u32>,
    /// A harmless name for the file.
    name: Option<String>,
    /// The key file, base64. The hub keeps nothing that opens the bond.
    file: Option<String>,
    /// The certificate that signed it, DER, base64.
    certificate: Option<String>,
}

/// At most this many rows in one answer.
const MOST: u32 = 1000;

/// The limit of a list.
pub(super) fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    match asked {
        None => Ok(100),
        Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
        Some(limit) => Err(super::asked::bad(
            "bad query",
            format!("limit is {limit}, expected 1 to {MOST}"),
        )),
    }
}

/// Issuer and contractor see what their own bond guarantees, always (R21).
pub(super) fn is_own(row: &BondRow, caller: &Caller) -> bool {
    caller
        .party()
        .is_some_and(|own| *own == row.bond.issuer || *own == row.terms.principal)
}

/// A bond's id out of a path.
pub(super) fn bond_id((issuer, number): (String, String)) -> Result<BondId, Problem> {
    let missing = || Problem::missing(format!("bond {issuer}/{number}"));
    let code = PartyCode::parse(&issuer).map_err(|_| missing())?;
    let number = BondNumber::parse(&number).map_err(|_| missing())?;
    Ok(BondId::new(code, number))
}

async fn show(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(path): Named<(String, String)>,
) -> Result<Json<BondWithHistory>, Problem> {
    let id = bond_id(path)?;
    let view = http.desk.store.bond(&id).await.map_err(DeskError::from)?;
    let own = view
        .as_ref()
        .is_some_and(|view| is_own(&view.bond, &caller));
    // What a party may not see does not exist for it.
    let view = view.filter(|_| own || caller.party().is_none());
    let view = view.ok_or_else(|| Problem::missing(format!("bond {id}")))?;
    let keys = view.keys.iter().map(|key| {
        let holds = caller.party().is_none_or(|own| *own == key.key.holder);
        Key::of(key, holds)
    });
    let issues = caller.party().is_none_or(|own| *own == id.issuer);
    let documents = if issues {
        http.desk.documents_behind(&view).await?
    } else {
        Vec::new()
    };
    Ok(Json(BondWithHistory {
        bond: Bond::of(&view.bond, own),
        versions: view
            .versions
            .iter()
            .map(|one| Version::of(one, own))
            .collect(),
        keys: keys.collect(),
        documents: documents.into_iter().map(SignedDocument::from).collect(),
    }))
}

async fn revoke(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(path): Named<(String, String)>,
    Given(given): Given<Revocation>,
) -> Result<Json<Acted>, Problem> {
    let id = bond_id(path)?;
    if given.reason.trim().is_empty() || given.reason.chars().count() > 500 {
        let refused = DeskError::from(Refusal::RevocationReason);
        return Err(refused.into());
    }
    let taken = caller
        .desk(&http)
        .revoke_keys(&id, given.role.0, given.reissue, given.reason.trim())
        .await?;
    Ok(Json(taken.into()))
}

async fn issue(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(path): Named<(String, String)>,
    Given(given): Given<Issue>,
) -> Result<Json<IssuedKey>, Problem> {
    let (id, desk) = (bond_id(path)?, caller.desk(&http));
    let issued = desk
        .issue_by_hand(&caller.viewer, &id, given.role.0)
        .await?;
    Ok(Json(match issued {
        ByHand::WaitsForSignature { .. } => IssuedKey {
            state: "waits_for_signature".to_owned(),
            holder: None,
            version: None,
            name: None,
            file: None,
            certificate: None,
        },
        ByHand::Issued { key, certificate } => IssuedKey {
            state: "issued".to_owned(),
            file: Some(STANDARD.encode(key.file.as_slice())),
            certificate: certificate.map(|der| STANDARD.encode(der)),
            holder: Some(key.holder),
            version: Some(key.version),
            name: Some(key.name),
        },
    }))
}
