//! Tasks: what people must do.

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use bondhub_core::account::Permission;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    asked::Asked,
    bonds::limit,
    caller::Caller,
    route::{Need, Route},
    shapes::{Listed, Task},
};
use crate::{
    desk::DeskError,
    http::{Http, Problem},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/tasks", "listTasks", list)
            .needs(
                Need::May(Permission::ReadBonds),
                "Tasks, open ones first, then by age. A party's account sees those that ask its party; of a bond of which it may only know that it exists, which one is not told.",
            )
            .query::<Filter>()
            .answers::<Listed<Task>>(200, "The tasks."),
    ]
}

/// Which tasks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// Closed ones too.
    closed: Option<bool>,
    /// At most so many; 100 if left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

async fn list(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Listed<Task>>, Problem> {
    let (limit, closed) = (limit(filter.limit)?, filter.closed.unwrap_or_default());
    let (desk, own) = (&http.desk, caller.party());
    let tasks = match own {
        Some(_) => desk.my_tasks(&caller.viewer, closed, limit).await?,
        None => desk
            .store
            .tasks(closed, limit)
            .await
            .map_err(DeskError::from)?,
    };
    let hidden = desk.hidden_in(own, &tasks).await?;
    let told = tasks.into_iter().map(|view| Task::of(view, &hidden, own));
    Ok(Json(Listed {
        items: told.collect(),
    }))
}
