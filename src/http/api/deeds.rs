//! What people report by hand (R8): steps of a procedure, confirmed openings, waivers (R7).

use std::{borrow::Cow, sync::Arc};

use axum::{Extension, Json, extract::State};
use bondhub_core::{
    account::Permission, calendar::Timestamp, identifier::ProcurementId, procurement::Scope,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use super::{
    asked::{Given, Named},
    bonds::bond_id,
    caller::Caller,
    route::{Need, Route},
    shapes::{Acted, Free},
};
use crate::{
    desk::{Deed, DeskError, Happening, Refusal, Step},
    http::{Http, Problem},
};

const REPORT: Need = Need::MayEither(Permission::ActForParty, Permission::Operate);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/cases/{procurement}/steps", "reportStep", step)
            .needs(
                REPORT,
                "Reports a step of a procedure by hand: an owner of its own cases, a contractor of its own bid, an operator what came on paper.",
            )
            .takes::<NewStep>()
            .answers::<Acted>(200, "Taken, or a duplicate."),
        Route::post("/cases/{procurement}/openings/confirm", "confirmOpening", confirm)
            .needs(
                REPORT,
                "A second person confirms an opening that was brought forward.",
            )
            .takes::<Confirmation>()
            .answers::<Acted>(200, "Taken, or a duplicate."),
        Route::post("/bonds/{issuer}/{number}/waivers", "waiveFinding", waive)
            .needs(REPORT, "Waives a curable finding of a bond's match; a fatal one cannot be waived.")
            .takes::<NewWaiver>()
            .answers::<Acted>(200, "Taken, or a duplicate."),
    ]
}

const STEPS: [Step; 15] = [
    Step::TenderAnnounced,
    Step::TenderChanged,
    Step::TenderCancelled,
    Step::TenderUnsuccessful,
    Step::BidSubmitted,
    Step::BidOpened,
    Step::RebidCalled,
    Step::AwardPending,
    Step::AwardDecided,
    Step::AwardCancelled,
    Step::AwardDeclined,
    Step::ContractConcluded,
    Step::ContractChanged,
    Step::ContractCompleted,
    Step::ContractTerminated,
];

/// A step by the type of the event that would report it.
struct StepWord(Step);

impl JsonSchema for StepWord {
    fn schema_name() -> Cow<'static, str> {
        "StepWord".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words = STEPS.map(Step::kind);
        json_schema!({"type": "string", "enum": words})
    }
}

impl<'de> Deserialize<'de> for StepWord {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let found = STEPS.into_iter().find(|step| step.kind() == text);
        let unknown = || D::Error::custom(format!("`{text}` is no step of a procedure"));
        found.map(Self).ok_or_else(unknown)
    }
}

/// A step that is reported.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewStep {
    /// Which: the type of the event without `jp.bondhub.`.
    step: StepWord,
    /// What the event's `data` would say.
    data: Free,
    /// When it happened; now if left out.
    at: Option<Timestamp>,
}

/// An opening that is confirmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    /// `tender` or `lot:ID`.
    #[schemars(with = "String", length(min = 1, max = 200))]
    scope: Scope,
    /// The opening time that was announced.
    opening_at: Timestamp,
}

/// A waiver.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewWaiver {
    /// The finding's code.
    #[schemars(length(min = 1, max = 100))]
    finding: String,
    /// Why.
    #[schemars(length(min = 1, max = 500))]
    reason: String,
}

async fn report(
    http: &Http,
    caller: &Caller,
    procurement: &str,
    what: Happening,
    at: Option<Timestamp>,
) -> Result<Json<Acted>, Problem> {
    let procurement = ProcurementId::parse(procurement).map_err(|error| {
        DeskError::from(Refusal::ProcurementId {
            cause: error.to_string(),
        })
    })?;
    let deed = Deed {
        procurement,
        what,
        at,
        by: caller.viewer.account.as_str().to_owned(),
    };
    let desk = caller.desk(http);
    Ok(Json(desk.deed_of(&caller.viewer, &deed).await?.into()))
}

async fn step(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(procurement): Named<String>,
    Given(given): Given<NewStep>,
) -> Result<Json<Acted>, Problem> {
    let what = Happening::Step(given.step.0, Value::Object(given.data));
    report(&http, &caller, &procurement, what, given.at).await
}

async fn confirm(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(procurement): Named<String>,
    Given(given): Given<Confirmation>,
) -> Result<Json<Acted>, Problem> {
    let what = Happening::OpeningConfirmed(given.scope, given.opening_at);
    report(&http, &caller, &procurement, what, None).await
}

async fn waive(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(path): Named<(String, String)>,
    Given(given): Given<NewWaiver>,
) -> Result<Json<Acted>, Problem> {
    let (bond, desk) = (bond_id(path)?, caller.desk(&http));
    let viewer = &caller.viewer;
    let deed = desk
        .waiver_of(viewer, &bond, &given.finding, &given.reason)
        .await?;
    Ok(Json(desk.deed_of(viewer, &deed).await?.into()))
}
