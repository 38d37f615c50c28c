//! Events: handed in, listed, shown, sent again.

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use bondhub_core::{account::Permission, identifier::ProcurementId, ports::store::EventFilter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{
    asked::{Asked, MayBeGiven, Named},
    bonds::limit,
    caller::Caller,
    route::{Body, Need, Route},
    shapes::{Acted, Event, Free, Listed},
    words::{Code, EventStateWord},
};
use crate::{
    desk::DeskError,
    http::{Http, Problem, events},
};

const READ: Need = Need::May(Permission::ReadOperations);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/events", "sendEvents", events::submit)
            .needs(
                Need::Events,
                "Hands events to the hub's queue: one CloudEvent, a batch, or OCDS.",
            )
            .takes_body(Body::Events)
            .answers::<Submitted>(202, "In the queue."),
        Route::get("/events", "listEvents", list)
            .needs(READ, "Events, newest arrival first.")
            .query::<Filter>()
            .answers::<Listed<Event>>(200, "The events."),
        Route::get("/events/{id}", "showEvent", show)
            .needs(
                READ,
                "One event with its content; the content of signed documents is not shown, nor are the sums of bids before their opening.",
            )
            .answers::<EventWithContent>(200, "The event."),
        Route::post("/events/{id}/resubmit", "resubmitEvent", resubmit)
            .needs(
                Need::May(Permission::Operate),
                "Sends a set-aside event again, as it is or corrected.",
            )
            .may_take::<Free>()
            .answers::<Listed<Acted>>(200, "What became of it."),
    ]
}

/// What was handed to the queue.
#[derive(Debug, Serialize, JsonSchema)]
struct Submitted {
    events: Vec<EventName>,
}

/// An event's identity.
#[derive(Debug, Serialize, JsonSchema)]
struct EventName {
    source: Option<String>,
    id: String,
}

/// Which events.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// Only in this state.
    state: Option<EventStateWord>,
    /// Only of this procurement.
    #[schemars(with = "Option<Code>")]
    procurement: Option<ProcurementId>,
    /// At most so many; 100 if left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// An event with its content.
#[derive(Debug, Serialize, JsonSchema)]
struct EventWithContent {
    #[serde(flatten)]
    event: Event,
    /// The event in structured mode, or what came as text; null for a signed document.
    content: Value,
}

async fn list(
    State(http): State<Arc<Http>>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Listed<Event>>, Problem> {
    let filter = EventFilter {
        state: filter.state.map(|state| state.0),
        subject: filter.procurement,
        waits_for: None,
        limit: limit(filter.limit)?,
    };
    let rows = http.desk.store.events(&filter).await;
    let rows = rows.map_err(DeskError::from)?;
    Ok(Json(Listed {
        items: rows.iter().map(Event::from).collect(),
    }))
}

async fn show(
    State(http): State<Arc<Http>>,
    Named(id): Named<Uuid>,
) -> Result<Json<EventWithContent>, Problem> {
    let (row, content) = http.desk.event_shown(id).await?;
    let is_document = row.kind == "bond.document";
    let content = if is_document { Value::Null } else { content };
    Ok(Json(EventWithContent {
        event: Event::from(&row),
        content,
    }))
}

async fn resubmit(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(id): Named<Uuid>,
    MayBeGiven(corrected): MayBeGiven<Free>,
) -> Result<Json<Listed<Acted>>, Problem> {
    let bytes = corrected.map(|event| serde_json::to_vec(&event).unwrap_or_default());
    let taken = caller.desk(&http).resubmit(id, bytes.as_deref()).await?;
    Ok(Json(Listed {
        items: taken.into_iter().map(Acted::from).collect(),
    }))
}
