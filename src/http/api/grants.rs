//! Looks that were recorded, and grants to look before the opening (R20, R21).

use std::sync::Arc;

use axum::{Extension, Json, extract::State, http::StatusCode};
use bondhub_core::{
    account::{AccountName, Permission},
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
    ports::store::{LookFilter, LookRow},
    view::Grant,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    asked::{Asked, Given, Named},
    bonds::limit,
    caller::Caller,
    route::{Need, Route},
    shapes::Listed,
    words::{BondCode, Code},
};
use crate::{
    desk::EarlyGrant,
    http::{Http, Problem},
};

const MANAGE: Need = Need::May(Permission::ManageGrants);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/looks", "listLooks", looks)
            .needs(
                Need::May(Permission::ReadAudit),
                "Looks at bonds, newest first: who, in which role, when, what was shown, from where.",
            )
            .query::<Filter>()
            .answers::<Listed<LookShape>>(200, "The looks."),
        Route::get("/grants", "listGrants", list)
            .needs(
                Need::MayEither(Permission::ManageGrants, Permission::ReadAudit),
                "Grants to look before the opening, newest first.",
            )
            .answers::<Listed<GrantShape>>(200, "The grants."),
        Route::post("/grants", "addGrant", add)
            .needs(MANAGE, "Lets a named account of an owner look before the opening.")
            .takes::<NewGrant>()
            .answers::<GrantShape>(201, "Granted."),
        Route::delete("/grants/{id}", "revokeGrant", revoke)
            .needs(MANAGE, "Takes a grant back.")
            .answers_nothing("Taken back."),
    ]
}

/// Which looks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// Only at this bond, `ISSUER/NUMBER`.
    #[schemars(with = "Option<BondCode>")]
    bond: Option<BondId>,
    /// Only with this key.
    #[schemars(length(min = 1, max = 64))]
    kid: Option<String>,
    /// Only under this grant.
    grant: Option<Uuid>,
    /// At most so many; 100 if left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// A look.
#[derive(Debug, Serialize, JsonSchema)]
struct LookShape {
    id: Uuid,
    at: Timestamp,
    kid: String,
    #[schemars(with = "BondCode")]
    bond: BondId,
    version: u32,
    #[schemars(with = "Code")]
    holder: PartyCode,
    role: String,
    account: Option<String>,
    address: Option<String>,
    /// `existence`, why the content was shown, or `revoked`.
    shown: String,
    grant: Option<Uuid>,
}

impl From<LookRow> for LookShape {
    fn from(row: LookRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            kid: row.kid,
            bond: row.bond,
            version: row.version,
            holder: row.holder,
            role: row.role.as_str().to_owned(),
            account: row.account,
            address: row.address,
            shown: row.shown.as_str().to_owned(),
            grant: row.grant,
        }
    }
}

/// A grant as it is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewGrant {
    /// Whose account.
    #[schemars(with = "Code")]
    account: AccountName,
    /// Of which owner.
    #[schemars(with = "Code")]
    party: PartyCode,
    /// For which case; left out: every case of the owner.
    #[schemars(with = "Option<Code>")]
    procurement: Option<ProcurementId>,
    /// Why.
    #[schemars(length(min = 1, max = 500))]
    reason: String,
    /// Until when.
    until: Timestamp,
}

/// A grant.
#[derive(Debug, Serialize, JsonSchema)]
struct GrantShape {
    id: Uuid,
    account: String,
    #[schemars(with = "Code")]
    party: PartyCode,
    #[schemars(with = "Option<Code>")]
    procurement: Option<ProcurementId>,
    reason: String,
    granted_by: String,
    granted_at: Timestamp,
    until: Timestamp,
    revoked_at: Option<Timestamp>,
    revoked_by: Option<String>,
}

impl From<Grant> for GrantShape {
    fn from(grant: Grant) -> Self {
        let (revoked_at, revoked_by) = grant.revoked.unzip();
        Self {
            id: grant.id,
            account: grant.account.as_str().to_owned(),
            party: grant.party,
            procurement: grant.procurement,
            reason: grant.reason,
            granted_by: grant.granted_by,
            granted_at: grant.granted_at,
            until: grant.until,
            revoked_at,
            revoked_by,
        }
    }
}

async fn looks(
    State(http): State<Arc<Http>>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Listed<LookShape>>, Problem> {
    let filter = LookFilter {
        bond: filter.bond,
        kid: filter.kid,
        grant: filter.grant,
        limit: limit(filter.limit)?,
    };
    let rows = http.desk.looks(&filter).await?;
    Ok(Json(Listed {
        items: rows.into_iter().map(LookShape::from).collect(),
    }))
}

async fn list(State(http): State<Arc<Http>>) -> Result<Json<Listed<GrantShape>>, Problem> {
    let grants = http.desk.grants(None).await?;
    Ok(Json(Listed {
        items: grants.into_iter().map(GrantShape::from).collect(),
    }))
}

async fn add(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Given(asked): Given<NewGrant>,
) -> Result<(StatusCode, Json<GrantShape>), Problem> {
    let grant = EarlyGrant {
        account: asked.account,
        party: asked.party,
        procurement: asked.procurement,
        reason: asked.reason,
        until: asked.until,
    };
    let by = caller.viewer.account.as_str();
    let grant = caller.desk(&http).grant(grant, by).await?;
    Ok((StatusCode::CREATED, Json(grant.into())))
}

async fn revoke(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(id): Named<Uuid>,
) -> Result<StatusCode, Problem> {
    let by = caller.viewer.account.as_str();
    caller.desk(&http).revoke_grant(id, by).await?;
    Ok(StatusCode::NO_CONTENT)
}
