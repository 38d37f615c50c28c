//! One bond with history and keys; revoking keys, keys by hand (R24, R11, R14).

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{
    account::Permission,
    identifier::{BondId, BondNumber, PartyCode},
    party::Role,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    asked::{Given, Named},
    caller::Caller,
    route::{Need, Route},
    shapes::{Acted, Bond, Key, Match, SignedDocument, Told, Version},
    words::{Code, RoleWord},
};
use crate::{
    desk::{ByHand, Desk, DeskError, MyBond, Refusal},
    http::{Http, Problem},
};

const READ: Need = Need::May(Permission::ReadBonds);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/bonds/{issuer}/{number}", "showBond", show)
            .needs(
                READ,
                "One bond with its history and keys, and how it matches its case: to a party as its page shows it. Who may read histories is told what each version says, and that is an entry in the audit log.",
            )
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
    /// How it matches its case; null while there is nothing to match it with and, to those who run the hub, before its
    /// owner might know.
    #[serde(rename = "match")]
    matched: Option<Match>,
    /// Oldest first. What a version says is told to a party of the one in force alone.
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
    let (id, desk) = (bond_id(path)?, caller.desk(&http));
    let shown = match caller.party() {
        Some(own) => {
            let mine = desk.my_bond(&caller.viewer, &id).await?;
            let documents = documents_of(&desk, &mine).await?;
            of_party(own, mine, documents)
        }
        None => of_hub(&desk, &caller, &id).await?,
    };
    Ok(Json(shown))
}

/// What the page of the bond shows its party.
fn of_party(own: &PartyCode, mine: MyBond, documents: Vec<SignedDocument>) -> BondWithHistory {
    let (row, told) = (&mine.bond, Told::to(mine.role));
    let lines = mine.history.iter();
    let lines = lines.map(|line| Version::of_line(*line, row, told));
    let keys = mine.keys.iter();
    BondWithHistory {
        bond: Bond::of(row, told),
        versions: lines.collect(),
        keys: keys
            .map(|key| Key::of(key, *own == key.key.holder))
            .collect(),
        matched: mine.matched.map(Match::from),
        documents,
    }
}

/// The documents behind a bond, for its issuer.
async fn documents_of(desk: &Desk, mine: &MyBond) -> Result<Vec<SignedDocument>, DeskError> {
    if mine.role != Role::Issuer {
        return Ok(Vec::new());
    }
    let view = desk.store.bond(&mine.bond.bond).await?;
    let documents = match view {
        Some(view) => desk.documents_behind(&view).await?,
        None => Vec::new(),
    };
    Ok(documents.into_iter().map(SignedDocument::from).collect())
}

async fn of_hub(desk: &Desk, caller: &Caller, id: &BondId) -> Result<BondWithHistory, DeskError> {
    let kept = desk.kept_bond(&caller.viewer, id).await?;
    let told = if kept.tells_content {
        Told::All
    } else {
        Told::Nothing
    };
    let (view, documents) = (&kept.view, desk.documents_behind(&kept.view).await?);
    let versions = view.versions.iter();
    let keys = view.keys.iter();
    Ok(BondWithHistory {
        bond: Bond::of(&view.bond, told),
        versions: versions.map(|one| Version::of(one, told)).collect(),
        keys: keys.map(|key| Key::of(key, true)).collect(),
        matched: kept.matched.map(Match::from),
        documents: documents.into_iter().map(SignedDocument::from).collect(),
    })
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
