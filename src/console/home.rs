//! The entry page: where to begin, for whoever comes.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{Access, Console, Route, Trouble, Visit, parts::Task, to_do::own_tasks};

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
        Some(_) => own_tasks(&visit, &console).await?,
        None => Vec::new(),
    };
    let more = tasks.len().saturating_sub(SHOWN);
    tasks.truncate(SHOWN);
    let entry = Entry {
        party: visit.party().map(|_| visit.own_party_name()),
        tasks,
        more,
    };
    visit.page("home", entry)
}
