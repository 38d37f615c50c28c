//! What a party is asked to do: change requests, re-bids, extensions, consents (R30, R31).

use std::sync::Arc;

use axum::{extract::State, response::Response};
use bondhub_core::account::Permission;
use serde::Serialize;

use super::{
    Access, Console, Route, Trouble, Visit,
    parts::{self, Task},
};

pub(super) fn routes() -> Vec<Route> {
    let own = Access::OfParty(Permission::ReadBonds);
    vec![Route::get("/to-do", own, list)]
}

#[derive(Serialize)]
struct ToDo {
    party: String,
    tasks: Vec<Task>,
}

async fn list(visit: Visit, State(console): State<Arc<Console>>) -> Result<Response, Trouble> {
    let tells = ToDo {
        party: visit.own_party_name(),
        tasks: own_tasks(&visit, &console).await?,
    };
    visit.page("to_do", tells)
}

/// What the visitor's party is asked, in words.
pub(super) async fn own_tasks(visit: &Visit, console: &Console) -> Result<Vec<Task>, Trouble> {
    let viewer = visit.signed_in()?;
    let tasks = console.desk.my_tasks(viewer, false, 500).await?;
    let hidden = console
        .desk
        .hidden_in(viewer.party.as_ref(), &tasks)
        .await?;
    Ok(parts::tasks(visit, &tasks, &hidden))
}
