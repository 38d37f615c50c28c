//! An owner's cases (R8): the list, and one case with what the owner may see of it (R21) and what it may do. Those who run the hub
//! see of a case what its owner sees.

use axum::{extract::Path, http::Uri, response::Response};
use bondhub_core::{
    account::Permission,
    identifier::{LotId, ProcurementId},
    inquiry::{OwnAward, OwnCase, OwnContract, OwnOpening, Stage},
    party::Role,
    ports::store::BondRow,
    procurement::{AwardState, ContractEnd, TenderOutcome},
    rules::Guarantee,
};
use serde::Serialize;

use super::{
    Access, Route, Trouble, Visit, acts,
    acts::Act,
    matched::{self, Matched},
    parts::{self, Badge, Link, Row, Task, path_below},
    words::Moment,
};
use crate::desk::{MyCase, MyCases, Step};

const OWN: Access =
    Access::PartyOrHub(&[Role::Owner], Permission::ReadBonds, Permission::ReadBonds);
const ROWS: u32 = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/cases", OWN, list),
        Route::get("/cases/{*procurement}", OWN, one),
    ]
}

/// Where a case is shown.
pub(super) fn path(procurement: &ProcurementId) -> String {
    path_below("/cases", procurement.as_str())
}

/// Whether the visitor may report what happened in a case that it sees here.
fn may_act(visit: &Visit) -> bool {
    let viewer = visit.viewer();
    viewer.is_some_and(|viewer| match viewer.party {
        Some(_) => viewer.may(Permission::ActForParty),
        None => viewer.may(Permission::Operate),
    })
}

#[derive(Serialize)]
struct List {
    lead: String,
    named: String,
    rows: Vec<Listed>,
    next: Option<String>,
    may_act: bool,
    of_hub: bool,
}

#[derive(Serialize)]
struct Listed {
    path: String,
    id: String,
    title: String,
    owner: String,
    stage: Badge,
    opening: Option<Moment>,
}

async fn list(visit: Visit, uri: Uri) -> Result<Response, Trouble> {
    let query = uri.query().unwrap_or_default();
    let get = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let found = pairs.find(|(given, _)| given == name);
        found
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    };
    let asked = MyCases {
        named: get("case"),
        after: ProcurementId::parse(&get("after")).ok(),
        limit: ROWS,
    };
    let viewer = visit.signed_in()?;
    let page = visit.console().desk.my_cases(viewer, &asked).await?;
    let next = |after: &ProcurementId| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("case", &asked.named);
        query.append_pair("after", after.as_str());
        format!("/cases?{}", query.finish())
    };
    let of_hub = viewer.party.is_none();
    let party = visit.own_party_name();
    let tells = List {
        lead: if of_hub {
            visit.text("cases.lead_hub")
        } else {
            visit.text_with("cases.lead", &[("party", party.as_str())])
        },
        rows: page.cases.iter().map(|case| listed(&visit, case)).collect(),
        next: page.next.as_ref().map(next),
        may_act: may_act(&visit),
        of_hub,
        named: asked.named.clone(),
    };
    visit.page("cases", tells)
}

fn listed(visit: &Visit, case: &OwnCase) -> Listed {
    let times = case.openings.iter().filter_map(|opening| opening.at);
    let owner = case.owner.as_ref().map(|code| visit.party_name(code));
    Listed {
        path: path(&case.id),
        id: case.id.to_string(),
        title: case.title.clone().unwrap_or_default(),
        owner: owner.unwrap_or_default(),
        stage: stage(visit, case.stage),
        opening: times.max().map(|at| visit.words().short_time(at)),
    }
}

fn stage(visit: &Visit, stage: Stage) -> Badge {
    let tone = match stage {
        Stage::Unannounced | Stage::Announced => "info",
        Stage::Opened | Stage::Awarded => "warn",
        Stage::Contracted => "good",
        Stage::Ended | Stage::Cancelled | Stage::Unsuccessful => "over",
    };
    Badge::new(tone, visit.text(&format!("stage.{}", stage.as_str())))
}

#[derive(Serialize)]
struct One {
    id: String,
    title: String,
    stage: Badge,
    facts: Vec<Row>,
    openings: Vec<Opening>,
    embargoed: bool,
    bids: Vec<Bid>,
    awards: Vec<Award>,
    contracts: Vec<Contract>,
    bonds: Vec<Bond>,
    tasks: Vec<Task>,
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Opening {
    scope: String,
    at: Option<Moment>,
    unconfirmed: Option<Moment>,
    opened_at: Option<Moment>,
    round: Option<u32>,
    outcome: Option<Badge>,
}

#[derive(Serialize)]
struct Bid {
    contractor: String,
    scope: String,
    amount: Option<String>,
}

#[derive(Serialize)]
struct Award {
    id: String,
    contractor: String,
    lots: String,
    state: Option<Badge>,
    acts: Vec<Deed>,
}

#[derive(Serialize)]
struct Contract {
    id: String,
    contractor: String,
    amount: String,
    period: String,
    state: Badge,
    acts: Vec<Deed>,
}

/// A bond whose content may be seen.
#[derive(Serialize)]
struct Bond {
    /// Its page; those who run the hub have none for it.
    link: Option<Link>,
    number: String,
    issuer: String,
    kind: String,
    principal: String,
    amount: String,
    until: Moment,
    state: Badge,
    matched: Option<Matched>,
    /// Why nobody could tell whether the signer was revoked.
    unchecked: Option<String>,
}

/// A link to an act.
#[derive(Serialize)]
struct Deed {
    path: String,
    id: String,
    text: String,
}

/// Acts that belong together.
#[derive(Serialize)]
struct Group {
    title: String,
    acts: Vec<Deed>,
}

async fn one(visit: Visit, Path(procurement): Path<String>) -> Result<Response, Trouble> {
    let id = ProcurementId::parse(&procurement).map_err(|_| Trouble::NotFound)?;
    let viewer = visit.signed_in()?;
    let mine = visit.console().desk.my_case(viewer, &id).await?;
    let case = &mine.case;
    let acting = may_act(&visit);
    let tells = One {
        id: case.id.to_string(),
        title: case.title.clone().unwrap_or_else(|| case.id.to_string()),
        stage: stage(&visit, case.stage),
        facts: facts(&visit, case),
        openings: case
            .openings
            .iter()
            .map(|one| opening(&visit, one))
            .collect(),
        embargoed: case.embargoed,
        bids: bids(&visit, case),
        awards: case
            .awards
            .iter()
            .map(|one| award(&visit, case, one, acting))
            .collect(),
        contracts: case
            .contracts
            .iter()
            .map(|one| contract(&visit, case, one, acting))
            .collect(),
        bonds: mine
            .bonds
            .iter()
            .map(|row| bond(&visit, &mine, row))
            .collect(),
        tasks: parts::tasks(&visit, &mine.tasks, &mine.hidden),
        groups: if acting {
            groups(&visit, case)
        } else {
            Vec::new()
        },
    };
    visit.page("case", tells)
}

fn facts(visit: &Visit, case: &OwnCase) -> Vec<Row> {
    let row = |key: &str, value: String| Row::new(visit.text(key), value);
    let mut rows = vec![row("bond.procurement", case.id.to_string())];
    if let Some(owner) = &case.owner {
        rows.push(row("bond.obligee", visit.party_name(owner)));
    }
    let lots = case
        .lots
        .iter()
        .map(|lot| format!("{} {}", lot.id, lot.title).trim().to_owned());
    let lots: Vec<String> = lots.collect();
    if !lots.is_empty() {
        rows.push(row("cases.lots", lots.join(" / ")));
    }
    if let Some(guarantee) = &case.bid_guarantee {
        rows.push(row("cases.guarantee", required(visit, guarantee)));
    }
    if let Some(other) = &case.follows {
        rows.push(row("cases.follows", other.to_string()));
    }
    rows
}

fn required(visit: &Visit, guarantee: &Guarantee) -> String {
    match (guarantee.required, &guarantee.amount, guarantee.rate_bp) {
        (true, Some(sum), _) => visit.words().money(sum),
        (true, None, Some(rate)) => {
            let rate = acts::percent(rate.0);
            visit.text_with("cases.rate", &[("rate", rate.as_str())])
        }
        _ => visit.text("cases.no_guarantee"),
    }
}

fn opening(visit: &Visit, opening: &OwnOpening) -> Opening {
    let words = visit.words();
    let outcome = opening.outcome.and_then(|outcome| match outcome {
        TenderOutcome::Active => None,
        TenderOutcome::Cancelled => Some("stage.cancelled"),
        TenderOutcome::Unsuccessful => Some("stage.unsuccessful"),
    });
    Opening {
        scope: acts::scope(visit, &opening.scope),
        at: opening.at.map(|at| words.time(at)),
        unconfirmed: opening.unconfirmed.map(|at| words.time(at)),
        opened_at: opening.opened_at.map(|at| words.time(at)),
        round: opening.round,
        outcome: outcome.map(|key| Badge::new("over", visit.text(key))),
    }
}

fn bids(visit: &Visit, case: &OwnCase) -> Vec<Bid> {
    let bid = |bid: &bondhub_core::inquiry::OwnBid| Bid {
        contractor: visit.party_name(&bid.contractor),
        scope: acts::scope(visit, &bid.scope),
        amount: bid
            .amount
            .as_ref()
            .map(|amount| visit.words().money(amount)),
    };
    case.bids.iter().map(bid).collect()
}

fn award(visit: &Visit, case: &OwnCase, award: &OwnAward, acting: bool) -> Award {
    let state = award.state.map(|state| {
        let (tone, key) = match state {
            AwardState::Pending => ("warn", "cases.award_pending"),
            AwardState::Decided => ("good", "cases.award_decided"),
            AwardState::Cancelled => ("over", "cases.award_cancelled"),
            AwardState::Declined => ("bad", "cases.award_declined"),
        };
        Badge::new(tone, visit.text(key))
    });
    let steps: &[Step] = match award.state {
        _ if !acting => &[],
        Some(AwardState::Pending) => &[Step::AwardDecided, Step::AwardCancelled],
        Some(AwardState::Decided) => &[
            Step::AwardPending,
            Step::AwardCancelled,
            Step::AwardDeclined,
        ],
        Some(AwardState::Cancelled | AwardState::Declined) | None => &[],
    };
    let contractor = award.contractor.as_ref().map(|code| visit.party_name(code));
    Award {
        contractor: contractor.unwrap_or_default(),
        lots: lots(visit, &award.lots),
        acts: deeds(visit, case, steps, Some(("award", award.id.as_str()))),
        id: award.id.to_string(),
        state,
    }
}

fn lots(visit: &Visit, lots: &[LotId]) -> String {
    if lots.is_empty() {
        return visit.text("act_choice.whole_tender");
    }
    let names: Vec<&str> = lots.iter().map(LotId::as_str).collect();
    names.join(", ")
}

fn contract(visit: &Visit, case: &OwnCase, contract: &OwnContract, acting: bool) -> Contract {
    let words = visit.words();
    let (tone, key) = match contract.ended {
        None => ("good", "cases.contract_runs"),
        Some(ContractEnd::Completed) => ("over", "cases.contract_completed"),
        Some(ContractEnd::Terminated) => ("bad", "cases.contract_terminated"),
    };
    let steps: &[Step] = match contract.ended {
        None if acting => &[
            Step::ContractChanged,
            Step::ContractCompleted,
            Step::ContractTerminated,
        ],
        None | Some(_) => &[],
    };
    let named = Some(("contract", contract.id.as_str()));
    let contractor = contract
        .contractor
        .as_ref()
        .map(|code| visit.party_name(code));
    let amount = contract
        .terms
        .amount
        .as_ref()
        .map(|amount| words.money(amount));
    Contract {
        id: contract.id.to_string(),
        contractor: contractor.unwrap_or_default(),
        amount: amount.unwrap_or_default(),
        period: contract
            .terms
            .period
            .map(|period| words.period(period))
            .unwrap_or_default(),
        state: Badge::new(tone, visit.text(key)),
        acts: deeds(visit, case, steps, named),
    }
}

fn bond(visit: &Visit, mine: &MyCase, row: &BondRow) -> Bond {
    let of_party = visit.party().is_some();
    let seen = mine.matches.get(&row.bond);
    Bond {
        link: of_party.then(|| Link::to_bond(&row.bond)),
        number: row.bond.number.to_string(),
        issuer: visit.party_name(&row.bond.issuer),
        kind: visit.text(&format!("bond_kind.{}", row.terms.kind.as_str())),
        principal: visit.party_name(&row.terms.principal),
        amount: visit.words().money(&row.terms.amount),
        until: visit.words().day(row.terms.period.to()),
        state: Badge::of(visit, row.state),
        matched: seen.map(|seen| Matched::of(visit, row, seen, may_act(visit))),
        unchecked: mine.unchecked.get(&row.bond).cloned(),
    }
}

/// The acts that begin at the case itself: those about an award or a contract stand beside it.
fn groups(visit: &Visit, case: &OwnCase) -> Vec<Group> {
    let unconfirmed = case
        .openings
        .iter()
        .any(|opening| opening.unconfirmed.is_some());
    let mut tender = deeds(
        visit,
        case,
        &[
            Step::TenderChanged,
            Step::TenderCancelled,
            Step::TenderUnsuccessful,
        ],
        None,
    );
    tender.push(deed(visit, case, Act::OwnRules, None));
    if unconfirmed {
        tender.insert(0, deed(visit, case, Act::ConfirmOpening, None));
    }
    let bidding = [
        Step::BidOpened,
        Step::RebidCalled,
        Step::AwardPending,
        Step::AwardDecided,
    ];
    let mut bidding = deeds(visit, case, &bidding, None);
    if visit.party().is_none() {
        bidding.insert(0, deed(visit, case, Act::Step(Step::BidSubmitted), None));
    }
    let contract = deeds(visit, case, &[Step::ContractConcluded], None);
    let group = |key: &str, acts| Group {
        title: visit.text(key),
        acts,
    };
    vec![
        group("cases.group_tender", tender),
        group("cases.group_bidding", bidding),
        group("cases.group_contract", contract),
    ]
}

fn deeds(visit: &Visit, case: &OwnCase, steps: &[Step], about: Option<(&str, &str)>) -> Vec<Deed> {
    let steps = steps.iter();
    steps
        .map(|step| deed(visit, case, Act::Step(*step), about))
        .collect()
}

fn deed(visit: &Visit, case: &OwnCase, act: Act, about: Option<(&str, &str)>) -> Deed {
    let mut path = acts::path(act, &case.id);
    let mut id = format!("act-{}", act.word().replace('_', "-"));
    if let Some((name, value)) = about {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let query = query.append_pair(name, value).finish();
        path = format!("{path}?{query}");
        id = format!("{id}-{}", matched::plain(value));
    }
    Deed {
        text: visit.text(&format!("act_do.{}", act.word())),
        path,
        id,
    }
}
