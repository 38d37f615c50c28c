//! Lists of bonds, page by page (R24).

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use bondhub_core::{
    account::Permission,
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
    party::Role,
    ports::store::{BondFilter, BondRow, ListOrder},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    asked::Asked,
    bonds::limit,
    caller::Caller,
    route::{Need, Route},
    shapes::{Bond, Told},
    words::{BondKindWord, BondStateWord, Code, RoleWord},
};
use crate::{
    desk::{DeskError, MyBonds, MyRow, Refusal},
    http::{Http, Problem},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/bonds", "listBonds", list)
            .needs(
                Need::May(Permission::ReadBonds),
                "Bonds, page by page. A party's account lists its own in one of its roles; an owner what it was handed, and before the opening only that it exists. Those who run the hub list all but those under embargo, by number, without what they guarantee.",
            )
            .query::<Filter>()
            .answers::<Page>(200, "A page of bonds."),
    ]
}

/// Which bonds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// As what a party lists its own; its first role if left out.
    role: Option<RoleWord>,
    /// By `number` if left out. An owner's list, and only a party's, comes by `changed`.
    order: Option<Order>,
    /// Only of this issuer. A party's page may hold fewer rows for it than were asked for.
    #[schemars(with = "Option<Code>")]
    issuer: Option<PartyCode>,
    /// Only of this contractor; likewise.
    #[schemars(with = "Option<Code>")]
    principal: Option<PartyCode>,
    /// Only of this procurement.
    #[schemars(with = "Option<Code>")]
    procurement: Option<ProcurementId>,
    /// Only in this state.
    state: Option<BondStateWord>,
    /// Only of this kind.
    kind: Option<BondKindWord>,
    /// Where the page before ended: its `next`.
    #[schemars(length(min = 1, max = 1000))]
    after: Option<String>,
    /// At most so many; 100 if left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// By issuer and number.
    Number,
    /// The last changed first.
    Changed,
}

/// A page.
#[derive(Debug, Serialize, JsonSchema)]
struct Page {
    items: Vec<Bond>,
    /// Bonds an owner was handed of which, before the opening, only this is told.
    existing: Vec<Existing>,
    /// What to ask with as `after` for the next page; null on the last one.
    next: Option<String>,
}

/// That a bond exists.
#[derive(Debug, Serialize, JsonSchema)]
struct Existing {
    #[schemars(with = "Code")]
    procurement: ProcurementId,
    #[schemars(with = "Code")]
    principal: PartyCode,
    /// From when on it is shown.
    opening_at: Option<Timestamp>,
}

async fn list(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Page>, Problem> {
    match caller.party() {
        Some(own) => of_party(&http, &caller, own, filter).await,
        None => of_all(&http, filter).await,
    }
    .map(Json)
}

/// Everything but what is under embargo, for those who run the hub.
async fn of_all(http: &Http, filter: Filter) -> Result<Page, Problem> {
    if filter.role.is_some() || filter.order == Some(Order::Changed) {
        return Err(DeskError::from(Refusal::OrderOfAll).into());
    }
    let limit = limit(filter.limit)?;
    let after = filter.after.map(BondId::try_from).transpose();
    let after =
        after.map_err(|_| super::asked::bad("bad query", "after: expected ISSUER/NUMBER"))?;
    let wanted = BondFilter {
        issuer: filter.issuer,
        principal: filter.principal,
        procurement: filter.procurement,
        state: filter.state.map(|state| state.0),
        kind: filter.kind.map(|kind| kind.0),
        after,
        medium: None,
        limit,
    };
    let (rows, more) = http.desk.kept_bonds(&wanted).await?;
    Ok(Page {
        next: rows.last().filter(|_| more).map(|row| row.bond.to_string()),
        items: rows
            .iter()
            .map(|row| Bond::of(row, Told::Nothing))
            .collect(),
        existing: Vec::new(),
    })
}

async fn of_party(
    http: &Http,
    caller: &Caller,
    own: &PartyCode,
    filter: Filter,
) -> Result<Page, Problem> {
    let role = match filter.role {
        Some(role) => role.0,
        None => first_role(http, own).await?,
    };
    let order = match filter.order {
        Some(Order::Changed) => ListOrder::LastChanged,
        Some(Order::Number) | None => ListOrder::Number,
    };
    let asked = MyBonds {
        role,
        order,
        state: filter.state.map(|state| state.0),
        kind: filter.kind.map(|kind| kind.0),
        procurement: filter.procurement,
        after: filter.after,
        limit: limit(filter.limit)?,
    };
    let page = http.desk.my_bonds(&caller.viewer, &asked).await?;
    let mut told = Page {
        items: Vec::new(),
        existing: Vec::new(),
        next: page.next,
    };
    let fits = |row: &BondRow| {
        let of_issuer = filter
            .issuer
            .as_ref()
            .is_none_or(|one| *one == row.bond.issuer);
        let of_principal = filter
            .principal
            .as_ref()
            .is_none_or(|one| *one == row.terms.principal);
        of_issuer && of_principal
    };
    for row in page.rows {
        match row {
            MyRow::Existence {
                procurement,
                principal,
                opening_at,
            } => told.existing.push(Existing {
                procurement,
                principal,
                opening_at,
            }),
            MyRow::Content(one) if fits(&one.row) => {
                told.items.push(Bond::of(&one.row, Told::to(role)));
            }
            MyRow::Content(_) => {}
        }
    }
    Ok(told)
}

/// The party's first role: what most have one of.
async fn first_role(http: &Http, own: &PartyCode) -> Result<Role, Problem> {
    let party = http.desk.party(own).await?;
    let none = || Refusal::NoRoleOfParty { party: own.clone() };
    let role = party.roles.first().copied().ok_or_else(none);
    Ok(role.map_err(DeskError::from)?)
}
