//! Bonds: lists, one with history and keys, revoking keys (R24, R11).

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use bondhub_core::{
    account::Permission,
    identifier::{BondId, BondNumber, PartyCode, ProcurementId},
    ports::store::{BondFilter, BondRow},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    asked::{Asked, Given, Named},
    caller::Caller,
    route::{Need, Route},
    shapes::{Acted, Bond, Key, Listed, SignedDocument, Version},
    words::{BondStateWord, Code, RoleWord},
};
use crate::{
    desk::{DeskError, Refusal},
    http::{Http, Problem},
};

const READ: Need = Need::May(Permission::ReadBonds);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/bonds", "listBonds", list)
            .needs(
                READ,
                "Bonds by issuer and number. A party's account sees the bonds it issued or is the contractor of.",
            )
            .query::<Filter>()
            .answers::<Listed<Bond>>(200, "The bonds."),
        Route::get("/bonds/{issuer}/{number}", "showBond", show)
            .needs(READ, "One bond with its history and keys.")
            .answers::<BondWithHistory>(200, "The bond."),
        Route::post("/bonds/{issuer}/{number}/keys/revoke", "revokeKeys", revoke)
            .needs(
                Need::May(Permission::Operate),
                "The keys of one role stop working at once; new ones are issued if asked for.",
            )
            .takes::<Revocation>()
            .answers::<Acted>(200, "Done, or a duplicate."),
    ]
}

/// Which bonds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// Only of this issuer.
    #[schemars(with = "Option<Code>")]
    issuer: Option<PartyCode>,
    /// Only of this contractor.
    #[schemars(with = "Option<Code>")]
    principal: Option<PartyCode>,
    /// Only of this procurement.
    #[schemars(with = "Option<Code>")]
    procurement: Option<ProcurementId>,
    /// Only in this state.
    state: Option<BondStateWord>,
    /// At most so many; 100 if left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
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

async fn list(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Listed<Bond>>, Problem> {
    let mut filter = BondFilter {
        issuer: filter.issuer,
        principal: filter.principal,
        procurement: filter.procurement,
        state: filter.state.map(|state| state.0),
        limit: limit(filter.limit)?,
    };
    let mut rows = Vec::new();
    match caller.party() {
        None => {
            rows = http
                .desk
                .store
                .bonds(&filter)
                .await
                .map_err(DeskError::from)?;
        }
        Some(own) => {
            for own_as in [&mut filter.issuer, &mut filter.principal] {
                if own_as.as_ref().is_none_or(|asked| asked == own) {
                    *own_as = Some(own.clone());
                }
            }
            for filter in as_either(&filter, own) {
                let found = http.desk.store.bonds(&filter).await;
                rows.extend(found.map_err(DeskError::from)?);
            }
        }
    }
    rows.sort_by(|one, other| one.bond.cmp(&other.bond));
    rows.dedup_by(|one, other| one.bond == other.bond);
    let items = rows.iter().map(|row| Bond::of(row, is_own(row, &caller)));
    Ok(Json(Listed {
        items: items.collect(),
    }))
}

/// The filter as issuer and as contractor, where what was asked for allows it.
fn as_either(filter: &BondFilter, own: &PartyCode) -> Vec<BondFilter> {
    let issuer = filter.issuer.as_ref() == Some(own);
    let principal = filter.principal.as_ref() == Some(own);
    let of = |issuer: bool| BondFilter {
        issuer: if issuer { Some(own.clone()) } else { None },
        principal: if issuer { None } else { Some(own.clone()) },
        ..filter.clone()
    };
    match (issuer, principal) {
        (true, true) => vec![of(true), of(false)],
        (true, false) | (false, true) => vec![filter.clone()],
        (false, false) => Vec::new(),
    }
}

/// Issuer and contractor see what their own bond guarantees, always (R21).
fn is_own(row: &BondRow, caller: &Caller) -> bool {
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
