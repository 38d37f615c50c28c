//! Procurement cases.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Extension, Json, extract::State};
use bondhub_core::{
    account::Permission,
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
    ports::store::CaseView,
    procurement::CaseFile,
    view,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    asked::{Asked, Named},
    bonds::limit,
    caller::Caller,
    route::{Need, Route},
    shapes::Listed,
    words::{BondCode, Code},
};
use crate::{
    desk::DeskError,
    http::{Http, Problem},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/cases", "listCases", list)
            .needs(
                Need::May(Permission::ReadOperations),
                "Procurement cases, the last changed first, for those who run the hub.",
            )
            .query::<Filter>()
            .answers::<Listed<Case>>(200, "The cases."),
        Route::get("/cases/{procurement}", "showCase", show)
            .needs(
                Need::May(Permission::ReadBonds),
                "One procurement case. Its owner sees no bonds here: it looks at each with its key.",
            )
            .answers::<Case>(200, "The case."),
    ]
}

/// How many cases.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// At most so many; 100 if left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// A procurement case.
#[derive(Debug, Serialize, JsonSchema)]
struct Case {
    #[schemars(with = "Code")]
    id: ProcurementId,
    title: Option<String>,
    #[schemars(with = "Option<Code>")]
    owner: Option<PartyCode>,
    /// The failed procedure this one follows.
    #[schemars(with = "Option<Code>")]
    follows: Option<ProcurementId>,
    /// The opening times that govern, by `tender` or `lot:ID`.
    openings: BTreeMap<String, Timestamp>,
    /// The openings that took place.
    opened: BTreeMap<String, Timestamp>,
    /// The contracts.
    contracts: Vec<String>,
    /// The bonds with their states: its own for an issuer or contractor; for those who run the hub all but those under embargo.
    bonds: Vec<BondState>,
    /// The open tasks, for those who run the hub.
    tasks: Vec<String>,
    /// What the case waits for, for those who run the hub.
    waits_for: Vec<String>,
    /// When it is looked at again without an event, for those who run the hub.
    due_at: Option<Timestamp>,
    /// When it last changed, for those who run the hub: to anybody else it would tell when each bid and each bond came.
    changed_at: Option<Timestamp>,
}

/// A bond's state.
#[derive(Debug, Serialize, JsonSchema)]
struct BondState {
    #[schemars(with = "BondCode")]
    bond: BondId,
    version: u32,
    state: String,
}

async fn list(
    State(http): State<Arc<Http>>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Listed<Case>>, Problem> {
    let cases = http.desk.cases(limit(filter.limit)?).await?;
    Ok(Json(Listed {
        items: cases
            .into_iter()
            .filter_map(|case| seen(case, None, http.desk.clock.now()))
            .collect(),
    }))
}

async fn show(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(id): Named<String>,
) -> Result<Json<Case>, Problem> {
    let missing = || Problem::missing(format!("case {id}"));
    let id = ProcurementId::parse(&id).map_err(|_| missing())?;
    let view = http.desk.store.case(&id).await.map_err(DeskError::from)?;
    let now = http.desk.clock.now();
    let case = view.and_then(|view| seen(view, caller.party(), now));
    case.map(Json).ok_or_else(missing)
}

/// The case as a party sees it, or those who run the hub (none); none if it is no business of the party.
fn seen(view: CaseView, party: Option<&PartyCode>, now: Timestamp) -> Option<Case> {
    let file = view.file;
    let bonds = bonds(&file, party, now);
    let scopes = file.opening_history.keys();
    let openings = scopes
        .filter_map(|scope| Some((scope.to_string(), file.governing(scope)?.at)))
        .collect();
    let owner = file.owner.map(|one| one.value);
    let concerned = party.is_none_or(|own| owner.as_ref() == Some(own) || !bonds.is_empty());
    let runs = party.is_none();
    let tasks = file.carried.tasks.keys().map(ToString::to_string);
    let waits = file.carried.waits.keys().map(ToString::to_string);
    concerned.then(|| Case {
        id: file.id.clone(),
        title: file.title.map(|one| one.value),
        owner,
        follows: file.follows.map(|one| one.value),
        openings,
        opened: file
            .opened
            .iter()
            .map(|(scope, at)| (scope.to_string(), at.value))
            .collect(),
        contracts: file.contracts.keys().map(ToString::to_string).collect(),
        bonds,
        tasks: tasks.filter(|_| runs).collect(),
        waits_for: waits.filter(|_| runs).collect(),
        due_at: view.due_at.filter(|_| runs),
        changed_at: Some(view.changed_at).filter(|_| runs),
    })
}

/// The bonds of a case with their states: a party's own; to those who run the hub none of which an owner could not see now, since
/// before the opening there is no list of who has a bond (R21).
fn bonds(file: &CaseFile, party: Option<&PartyCode>, now: Timestamp) -> Vec<BondState> {
    let embargoes = view::embargoes(file);
    let sealed = |id: &BondId| {
        let until = embargoes.get(id).copied().flatten();
        until.is_some_and(|until| now < until)
    };
    let bonds = file.carried.bonds.iter();
    let shown = bonds.filter(|(id, record)| match party {
        Some(own) => *own == id.issuer || *own == record.terms.principal,
        None => !sealed(id),
    });
    shown
        .map(|(id, record)| BondState {
            bond: id.clone(),
            version: record.version,
            state: record.state.as_str().to_owned(),
        })
        .collect()
}
