//! The entry page.

use axum::response::Response;
use serde::Serialize;

use super::{Access, Route, Trouble, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/", Access::Anyone, entry)]
}

#[derive(Serialize)]
struct Tells {}

async fn entry(visit: Visit) -> Result<Response, Trouble> {
    visit.page("home", Tells {})
}
