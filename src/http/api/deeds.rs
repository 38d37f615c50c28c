//! What people report by hand (R8): steps of a procedure, confirmed openings, a case's own rules, waivers (R7); and what
//! each would lead to.

use std::{borrow::Cow, sync::Arc};

use axum::{Extension, Json, extract::State};
use bondhub_core::{
    account::Permission,
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
    money::BasisPoints,
    procurement::Scope,
    rules::RuleOverride,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Value, json};

use super::{
    asked::{Given, Named},
    bonds::bond_id,
    caller::Caller,
    route::{Need, Route},
    shapes::{Acted, Free},
    words::{BondCode, Code},
};
use crate::{
    desk::{BondChange, Deed, DeskError, Happening, KeyChange, Mailing, Refusal, Rehearsal, Step},
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
            .like(opened)
            .answers::<Acted>(200, "Taken, or a duplicate."),
        Route::post("/cases/{procurement}/steps/rehearse", "rehearseStep", rehearse_step)
            .needs(REPORT, "What a step would lead to: bonds, keys, mails, tasks. Nothing is done, nobody is told.")
            .takes::<NewStep>()
            .like(opened)
            .answers::<Rehearsed>(200, "What would happen."),
        Route::put("/cases/{procurement}/rules", "setCaseRules", set_rules)
            .needs(REPORT, "Gives the case rates and thresholds of its own (R7); what is left out follows owner and installation.")
            .takes::<CaseRules>()
            .like(|| json!({"bid_guarantee_rate_bp": 500, "round_up_to": 10_000}))
            .answers::<Acted>(200, "Taken, or a duplicate."),
        Route::post("/cases/{procurement}/openings/confirm", "confirmOpening", confirm)
            .needs(
                REPORT,
                "A second person confirms an opening that was brought forward.",
            )
            .takes::<Confirmation>()
            .like(|| json!({"scope": "tender", "opening_at": "2026-05-10T10:00:00+09:00"}))
            .answers::<Acted>(200, "Taken, or a duplicate."),
        Route::post("/bonds/{issuer}/{number}/waivers", "waiveFinding", waive)
            .needs(REPORT, "Waives a curable finding of a bond's match; a fatal one cannot be waived.")
            .takes::<NewWaiver>()
            .like(waived)
            .answers::<Acted>(200, "Taken, or a duplicate."),
        Route::post("/bonds/{issuer}/{number}/waivers/rehearse", "rehearseWaiver", rehearse_waiver)
            .needs(REPORT, "What a waiver would lead to. Nothing is done, nobody is told.")
            .takes::<NewWaiver>()
            .like(waived)
            .answers::<Rehearsed>(200, "What would happen."),
    ]
}

fn opened() -> Value {
    json!({"step": "bid.opened", "data": {"opened_at": "2026-05-10T10:00:00+09:00"}})
}

fn waived() -> Value {
    json!({"finding": "ends_before_acceptance", "reason": "accepted by the owner's chief of contracts"})
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

/// Rates and thresholds of a case.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CaseRules {
    /// Which share of the price bid must be guaranteed, basis points.
    #[schemars(range(min = 0, max = 100_000))]
    bid_guarantee_rate_bp: Option<u32>,
    /// Which share of the contract price must be guaranteed, basis points.
    #[schemars(range(min = 0, max = 100_000))]
    performance_guarantee_rate_bp: Option<u32>,
    /// How many days a bid bond must outlast the opening.
    #[schemars(range(min = 0, max = 10_000))]
    bid_acceptance_days: Option<u32>,
    /// A shortfall of more than this share of what is required is fatal, basis points.
    #[schemars(range(min = 0, max = 100_000))]
    fatal_shortfall_bp: Option<u32>,
    /// Required amounts are rounded up to a multiple of this many minor units.
    #[schemars(range(min = 1))]
    round_up_to: Option<i64>,
}

impl CaseRules {
    fn check(&self) -> Result<(), DeskError> {
        let rates = [
            self.bid_guarantee_rate_bp,
            self.performance_guarantee_rate_bp,
            self.fatal_shortfall_bp,
        ];
        let fit = rates.into_iter().flatten().all(|rate| rate <= 100_000)
            && self.bid_acceptance_days.is_none_or(|days| days <= 10_000)
            && self.round_up_to.is_none_or(|unit| unit >= 1);
        fit.then_some(())
            .ok_or(DeskError::Refused(Refusal::RulesOutOfRange))
    }
}

impl From<CaseRules> for RuleOverride {
    fn from(rules: CaseRules) -> Self {
        Self {
            bid_guarantee_rate_bp: rules.bid_guarantee_rate_bp.map(BasisPoints),
            performance_guarantee_rate_bp: rules.performance_guarantee_rate_bp.map(BasisPoints),
            bid_acceptance_days: rules.bid_acceptance_days,
            fatal_shortfall_bp: rules.fatal_shortfall_bp.map(BasisPoints),
            round_up_to: rules.round_up_to,
        }
    }
}

/// What would happen.
#[derive(Serialize, JsonSchema)]
struct Rehearsed {
    /// `applied`, `overtaken`, `nothing`, `waiting` or `duplicate`.
    state: String,
    /// How each bond would stand that changes.
    bonds: Vec<ChangedBond>,
    /// Keys that would stop working.
    keys_ended: Vec<ChangedKey>,
    /// Keys that would be issued.
    keys_issued: Vec<ChangedKey>,
    mails: Vec<WouldMail>,
    tasks_opened: Vec<String>,
    tasks_closed: Vec<String>,
}

/// A bond as it would stand.
#[derive(Serialize, JsonSchema)]
struct ChangedBond {
    #[schemars(with = "BondCode")]
    bond: BondId,
    state: String,
    version: u32,
    /// The rule behind it.
    because: String,
}

/// A key that would end or be issued.
#[derive(Serialize, JsonSchema)]
struct ChangedKey {
    #[schemars(with = "BondCode")]
    bond: BondId,
    /// Null is every role.
    role: Option<String>,
    #[schemars(with = "Option<Code>")]
    holder: Option<PartyCode>,
}

impl From<KeyChange> for ChangedKey {
    fn from(key: KeyChange) -> Self {
        Self {
            bond: key.bond,
            role: key.role.map(|role| role.as_str().to_owned()),
            holder: key.holder,
        }
    }
}

/// A mail that would be sent.
#[derive(Serialize, JsonSchema)]
struct WouldMail {
    #[schemars(with = "Code")]
    to: PartyCode,
    name: String,
}

impl From<Rehearsal> for Rehearsed {
    fn from(would: Rehearsal) -> Self {
        let bond = |one: BondChange| ChangedBond {
            bond: one.bond,
            state: one.state.as_str().to_owned(),
            version: one.version,
            because: one.because.to_owned(),
        };
        let mail = |one: Mailing| WouldMail {
            to: one.to,
            name: one.name.to_owned(),
        };
        Self {
            state: would.state.to_owned(),
            bonds: would.bonds.into_iter().map(bond).collect(),
            keys_ended: would.keys_ended.into_iter().map(ChangedKey::from).collect(),
            keys_issued: would
                .keys_issued
                .into_iter()
                .map(ChangedKey::from)
                .collect(),
            mails: would.mails.into_iter().map(mail).collect(),
            tasks_opened: would.tasks_opened.iter().map(ToString::to_string).collect(),
            tasks_closed: would.tasks_closed.iter().map(ToString::to_string).collect(),
        }
    }
}

fn deed_about(
    caller: &Caller,
    procurement: &str,
    what: Happening,
    at: Option<Timestamp>,
) -> Result<Deed, Problem> {
    let procurement = ProcurementId::parse(procurement).map_err(|error| {
        DeskError::from(Refusal::ProcurementId {
            cause: error.to_string(),
        })
    })?;
    Ok(Deed {
        procurement,
        what,
        at,
        by: caller.viewer.account.as_str().to_owned(),
    })
}

async fn report(
    http: &Http,
    caller: &Caller,
    procurement: &str,
    what: Happening,
    at: Option<Timestamp>,
) -> Result<Json<Acted>, Problem> {
    let deed = deed_about(caller, procurement, what, at)?;
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

async fn rehearse_step(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(procurement): Named<String>,
    Given(given): Given<NewStep>,
) -> Result<Json<Rehearsed>, Problem> {
    let what = Happening::Step(given.step.0, Value::Object(given.data));
    let deed = deed_about(&caller, &procurement, what, given.at)?;
    let desk = caller.desk(&http);
    Ok(Json(desk.rehearse_of(&caller.viewer, &deed).await?.into()))
}

async fn set_rules(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(procurement): Named<String>,
    Given(rules): Given<CaseRules>,
) -> Result<Json<Acted>, Problem> {
    rules.check()?;
    let what = Happening::OwnRules(rules.into());
    report(&http, &caller, &procurement, what, None).await
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

async fn waiver(
    http: &Http,
    caller: &Caller,
    path: (String, String),
    given: NewWaiver,
) -> Result<Deed, Problem> {
    let (bond, desk) = (bond_id(path)?, caller.desk(http));
    let viewer = &caller.viewer;
    Ok(desk
        .waiver_of(viewer, &bond, &given.finding, &given.reason)
        .await?)
}

async fn waive(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(path): Named<(String, String)>,
    Given(given): Given<NewWaiver>,
) -> Result<Json<Acted>, Problem> {
    let deed = waiver(&http, &caller, path, given).await?;
    let desk = caller.desk(&http);
    Ok(Json(desk.deed_of(&caller.viewer, &deed).await?.into()))
}

async fn rehearse_waiver(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(path): Named<(String, String)>,
    Given(given): Given<NewWaiver>,
) -> Result<Json<Rehearsed>, Problem> {
    let deed = waiver(&http, &caller, path, given).await?;
    let desk = caller.desk(&http);
    Ok(Json(desk.rehearse_of(&caller.viewer, &deed).await?.into()))
}
