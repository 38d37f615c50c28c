//! Mails and own events that leave the hub.

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use bondhub_core::{
    account::Permission,
    identifier::{PartyCode, ProcurementId},
    ports::store::{MailFilter, Resolution},
};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    asked::{Asked, Given, Named},
    bonds::limit,
    caller::Caller,
    route::{Need, Route},
    shapes::{Listed, Outgoing},
    words::{ChannelWord, Code, OutboxStateWord},
};
use crate::{
    desk::DeskError,
    http::{Http, Problem},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/mails", "listMails", list)
            .needs(
                Need::May(Permission::ReadOperations),
                "What leaves the hub, newest first, without bodies.",
            )
            .query::<Filter>()
            .answers::<Listed<Outgoing>>(200, "The rows."),
        Route::post("/mails/{id}/resolve", "resolveMail", resolve)
            .needs(
                Need::May(Permission::Operate),
                "Decides about a mail that failed or whose fate nobody knows.",
            )
            .takes::<Decision>()
            .answers::<Decided>(200, "Decided."),
    ]
}

/// Which mails.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// Only this channel.
    channel: Option<ChannelWord>,
    /// Only in this state.
    state: Option<OutboxStateWord>,
    /// Only to this party.
    #[schemars(with = "Option<Code>")]
    recipient: Option<PartyCode>,
    /// Only of this procurement.
    #[schemars(with = "Option<Code>")]
    procurement: Option<ProcurementId>,
    /// At most so many; 100 if left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// What to do with a mail.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum What {
    /// Send the same bytes again.
    Resend,
    /// It arrived.
    MarkSent,
}

/// A person's decision.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Decision {
    resolution: What,
}

/// What was decided.
#[derive(Debug, serde::Serialize, JsonSchema)]
struct Decided {
    id: Uuid,
}

async fn list(
    State(http): State<Arc<Http>>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Listed<Outgoing>>, Problem> {
    let filter = MailFilter {
        channel: filter.channel.map(|channel| channel.0),
        state: filter.state.map(|state| state.0),
        recipient: filter.recipient,
        procurement: filter.procurement,
        limit: limit(filter.limit)?,
    };
    let rows = http.desk.store.outbox(&filter).await;
    let rows = rows.map_err(DeskError::from)?;
    Ok(Json(Listed {
        items: rows.into_iter().map(Outgoing::from).collect(),
    }))
}

async fn resolve(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(id): Named<Uuid>,
    Given(decision): Given<Decision>,
) -> Result<Json<Decided>, Problem> {
    let resolution = match decision.resolution {
        What::Resend => Resolution::Resend,
        What::MarkSent => Resolution::MarkSent,
    };
    caller.desk(&http).resolve_mail(id, resolution).await?;
    Ok(Json(Decided { id }))
}
