//! The entry page: where to begin, for whoever comes.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{
    Access, Console, Route, Trouble, Visit,
    parts::{self, Task},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/", Access::Anyone, entry)]
}

/// More tasks are on their own page.
const SHOWN: usize = 4;

#[derive(Serialize)]
struct Entry {
    party: Option<String>,
    tasks: Vec<Task>,
    more: usize,
}

async fn entry(visit: Visit, State(console): State<Arc<Console>>) -> Result<Response, Trouble> {
    let viewer = visit.viewer().filter(|viewer| viewer.party.is_some());
    let mut tasks = match viewer {
        Some(viewer) => console.desk.my_tasks(viewer, 500).await?,
        None => Vec::new(),
    };
    let more = tasks.len().saturating_sub(SHOWN);
    tasks.truncate(SHOWN);
    let entry = Entry {
        party: visit.party().map(|_| visit.own_party_name()),
        tasks: parts::tasks(&visit, &tasks),
        more,
    };
    visit.page("home", entry)
}
