//! A party's own bonds (R24): list, filter, page, export, and one bond with its history and keys.

mod export;

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::Response,
};
use bondhub_core::{
    account::{Permission, Viewer},
    bond::{BondKind, BondState, Medium},
    identifier::{BondId, BondNumber, PartyCode, ProcurementId},
    party::Role,
    ports::store::{KeyState, KeyView, ListOrder, ListedBond},
};
use serde::Serialize;

use super::{
    Access, Console, Route, Trouble, Visit, acts,
    acts::Act,
    cases,
    matched::Matched,
    parts::{self, Badge, Choice, Happened, Key, Link, Mistake, Row, Task},
    register,
    words::Moment,
};
use crate::desk::{MyBond, MyBonds, MyRow, Step};

const OWN: Access = Access::OfParty(Permission::ReadBonds);
const ROWS: u32 = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/bonds", OWN, list),
        Route::get("/bonds.csv", OWN, export::export),
        Route::get("/bonds/{issuer}/{*number}", OWN, one),
    ]
}

/// What the list is asked for.
struct Asked {
    role: Role,
    state: Option<BondState>,
    kind: Option<BondKind>,
    order: ListOrder,
    case: String,
    after: Option<String>,
}

impl Asked {
    /// Reads the query; what is not understood is left out.
    fn read(uri: &Uri, visit: &Visit) -> Option<Self> {
        let pairs: Vec<_> = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
        let get = |name: &str| {
            let mut pairs = pairs.iter();
            let found = pairs.find(|(given, _)| given == name);
            found.map_or("", |(_, value)| value.trim())
        };
        let roles = visit.party_roles();
        let wanted = Role::parse(get("as")).filter(|role| roles.contains(role));
        let order = match get("order") {
            "number" => ListOrder::Number,
            _ => ListOrder::LastChanged,
        };
        Some(Self {
            role: wanted.or_else(|| roles.first().copied())?,
            state: BondState::parse(get("state")),
            kind: kinds()
                .into_iter()
                .find(|kind| kind.as_str() == get("kind")),
            order,
            case: get("case").to_owned(),
            after: Some(get("after").to_owned()).filter(|after| !after.is_empty()),
        })
    }

    fn to_desk(&self, limit: u32) -> MyBonds {
        MyBonds {
            role: self.role,
            order: self.order,
            state: self.state,
            kind: self.kind,
            procurement: ProcurementId::parse(&self.case).ok(),
            after: self.after.clone(),
            limit,
        }
    }

    /// The same list as a query, from its beginning or from a mark on.
    fn query(&self, after: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("as", self.role.as_str());
        if let Some(state) = self.state {
            query.append_pair("state", state.as_str());
        }
        if let Some(kind) = self.kind {
            query.append_pair("kind", kind.as_str());
        }
        if self.order == ListOrder::Number {
            query.append_pair("order", "number");
        }
        if !self.case.is_empty() {
            query.append_pair("case", &self.case);
        }
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        query.finish()
    }
}

fn kinds() -> [BondKind; 3] {
    [
        BondKind::Bid,
        BondKind::PerformanceReservation,
        BondKind::Performance,
    ]
}

#[derive(Serialize)]
struct List {
    party: String,
    role: &'static str,
    roles: Vec<Choice>,
    state: &'static str,
    states: Vec<Choice>,
    kind: &'static str,
    kinds: Vec<Choice>,
    order: &'static str,
    orders: Vec<Choice>,
    case: String,
    rows: Vec<Listed>,
    next: Option<String>,
    first: Option<String>,
    export: String,
}

/// A row of the list.
#[derive(Serialize)]
struct Listed {
    bond: Option<Link>,
    kind: Option<String>,
    state: Badge,
    procurement: String,
    issuer: Option<String>,
    principal: String,
    obligee: Option<String>,
    amount: Option<String>,
    until: Option<Moment>,
    changed: Option<Moment>,
    note: Option<String>,
}

async fn list(
    visit: Visit,
    State(console): State<Arc<Console>>,
    uri: Uri,
) -> Result<Response, Trouble> {
    let viewer = visit.signed_in()?;
    let asked = Asked::read(&uri, &visit).ok_or(Trouble::NotAllowed)?;
    let page = console.desk.my_bonds(viewer, &asked.to_desk(ROWS)).await?;
    let link = |after: &String| format!("/bonds?{}", asked.query(Some(after)));
    let list = List {
        party: visit.own_party_name(),
        role: asked.role.as_str(),
        roles: role_choices(&visit),
        state: asked.state.map_or("", BondState::as_str),
        states: states(&visit),
        kind: asked.kind.map_or("", BondKind::as_str),
        kinds: kind_choices(&visit),
        order: if asked.order == ListOrder::Number {
            "number"
        } else {
            "changed"
        },
        orders: orders(&visit, asked.role),
        rows: page.rows.iter().map(|row| listed(&visit, row)).collect(),
        next: page.next.as_ref().map(link),
        first: asked
            .after
            .as_ref()
            .map(|_| format!("/bonds?{}", asked.query(None))),
        export: format!("/bonds.csv?{}", asked.query(None)),
        case: asked.case,
    };
    visit.page("bonds", list)
}

fn any(visit: &Visit) -> Choice {
    Choice::new("", visit.text("bonds.any"))
}

fn role_choices(visit: &Visit) -> Vec<Choice> {
    let roles = visit.party_roles().iter();
    roles
        .map(|role| Choice::new(role.as_str(), parts::role(visit, *role)))
        .collect()
}

fn states(visit: &Visit) -> Vec<Choice> {
    let text = |state: BondState| {
        let text = visit.text(&format!("bond_state.{}", state.as_str()));
        Choice::new(state.as_str(), text)
    };
    [any(visit)]
        .into_iter()
        .chain(BondState::ALL.map(text))
        .collect()
}

fn kind_choices(visit: &Visit) -> Vec<Choice> {
    let text = |kind: BondKind| {
        let text = visit.text(&format!("bond_kind.{}", kind.as_str()));
        Choice::new(kind.as_str(), text)
    };
    [any(visit)].into_iter().chain(kinds().map(text)).collect()
}

fn orders(visit: &Visit, role: Role) -> Vec<Choice> {
    let changed = Choice::new("changed", visit.text("bonds.order_changed"));
    if role == Role::Owner {
        return vec![changed];
    }
    vec![
        changed,
        Choice::new("number", visit.text("bonds.order_number")),
    ]
}

fn listed(visit: &Visit, row: &MyRow) -> Listed {
    match row {
        MyRow::Existence {
            procurement,
            principal,
            opening_at,
        } => {
            let at = opening_at.map(|at| visit.words().time(at).text);
            let note = match &at {
                Some(at) => visit.text_with("bonds.until_opening", &[("at", at)]),
                None => visit.text("bonds.until_unknown"),
            };
            Listed {
                bond: None,
                kind: None,
                state: Badge::new("info", visit.text("bonds.existence")),
                procurement: procurement.to_string(),
                issuer: None,
                principal: visit.party_name(principal),
                obligee: None,
                amount: None,
                until: None,
                changed: None,
                note: Some(note),
            }
        }
        MyRow::Content(one) => content(visit, one),
    }
}

fn content(visit: &Visit, one: &ListedBond) -> Listed {
    let (row, words) = (&one.row, visit.words());
    Listed {
        bond: Some(Link::to_bond(&row.bond)),
        kind: Some(visit.text(&format!("bond_kind.{}", row.terms.kind.as_str()))),
        state: Badge::of(visit, row.state),
        procurement: row.terms.procurement.to_string(),
        issuer: Some(visit.party_name(&row.bond.issuer)),
        principal: visit.party_name(&row.terms.principal),
        obligee: Some(visit.party_name(&row.terms.obligee)),
        amount: Some(words.money(&row.terms.amount)),
        until: Some(words.day(row.terms.period.to())),
        changed: Some(words.short_time(one.changed_at)),
        note: None,
    }
}

#[derive(Serialize)]
struct One {
    number: String,
    role: String,
    state: Badge,
    because: String,
    amount: String,
    title: Option<String>,
    terms: Vec<Row>,
    history: Vec<Happened>,
    keys: Vec<Key>,
    tasks: Vec<Task>,
    /// Why nobody could tell whether the signer was revoked.
    unchecked: Option<String>,
    /// How it matches its case.
    matched: Option<Matched>,
    /// Where the issuer prepares an update.
    update: Option<String>,
    /// Where it prepares the deletion.
    deletion: Option<String>,
    /// Where it prepares the settlement of a claim.
    settlement: Option<String>,
    /// Where it prepares the performance bond of a reservation.
    continuation: Option<String>,
    /// Where the contractor reports its bid.
    bid: Option<String>,
    /// Where the owner sees the case.
    case: Option<String>,
    /// Where the party gets its key without mail.
    get_key: Option<String>,
    /// Where the party gets a copy with its key.
    copy: Option<String>,
    /// What is wrong with the key that was given for one.
    errors: Vec<Mistake>,
}

async fn one(
    visit: Visit,
    State(console): State<Arc<Console>>,
    Path((issuer, number)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let bond = bond_of(&issuer, &number)?;
    let mine = console.desk.my_bond(visit.signed_in()?, &bond).await?;
    show(&visit, &mine, StatusCode::OK, Vec::new())
}

/// The page of one bond; `errors` are about the key that was given for a copy.
pub(super) fn show(
    visit: &Visit,
    mine: &MyBond,
    status: StatusCode,
    errors: Vec<Mistake>,
) -> Result<Response, Trouble> {
    let viewer: &Viewer = visit.signed_in()?;
    let row = &mine.bond;
    let title = mine.case.as_ref().and_then(|case| case.file.title.as_ref());
    let acting = viewer.may(Permission::ActForParty);
    let is_electronic = row.terms.medium == Medium::Electronic;
    let signs = mine.role == Role::Issuer && acting && is_electronic;
    let updates = signs && row.state.is_outstanding();
    let promised = [
        BondState::Reserved,
        BondState::InForce,
        BondState::Converted,
    ];
    let continues = signs
        && row.terms.kind == BondKind::PerformanceReservation
        && promised.contains(&row.state);
    let settles = signs && row.state == BondState::Frozen;
    let bids = acting
        && mine.role == Role::Contractor
        && row.terms.kind.is_bid_stage()
        && row.state.has_keys();
    let gets_key = row.state.has_keys() && acting && is_electronic;
    let copies = is_electronic && holds_key(visit, mine);
    let owns = acting && mine.role == Role::Owner;
    let matched = mine.matched.as_ref();
    let one = One {
        number: row.bond.number.to_string(),
        role: parts::role(visit, mine.role),
        state: Badge::of(visit, row.state),
        because: visit.text(&format!("rule.{}", row.cause.rule.as_str())),
        amount: visit.words().money(&row.terms.amount),
        title: title.map(|title| title.value.clone()),
        terms: parts::terms(visit, row),
        history: parts::history(visit, &mine.history, row),
        keys: parts::keys(visit, &mine.keys),
        tasks: parts::tasks(visit, &mine.tasks, &BTreeSet::new()),
        unchecked: mine.unchecked.clone(),
        get_key: gets_key.then(|| parts::bond_path("/my-key", &row.bond)),
        update: updates.then(|| register::update_path(&row.bond, None)),
        deletion: updates.then(|| register::deletion_path(&row.bond)),
        settlement: settles.then(|| register::settlement::path(&row.bond)),
        continuation: continues.then(|| register::continuation_path(&row.bond)),
        bid: bids.then(|| acts::path(Act::Step(Step::BidSubmitted), &row.terms.procurement)),
        case: (mine.role == Role::Owner).then(|| cases::path(&row.terms.procurement)),
        matched: matched.map(|seen| Matched::of(visit, row, seen, owns)),
        copy: copies.then(|| parts::bond_path("/copy", &row.bond)),
        errors,
    };
    visit.page_as(status, "bond", one)
}

/// The visitor's party has a key to it that works: with it a copy can be had (R20, R23).
fn holds_key(visit: &Visit, mine: &MyBond) -> bool {
    let own = |key: &KeyView| {
        let holder = visit.party().map(|party| &party.code);
        key.state == KeyState::Live && Some(&key.key.holder) == holder
    };
    mine.keys.iter().any(own)
}

/// The bond of a path. One that cannot be is not there.
pub(super) fn bond_of(issuer: &str, number: &str) -> Result<BondId, Trouble> {
    let issuer = PartyCode::parse(issuer).map_err(|_| Trouble::NotFound)?;
    let number = BondNumber::parse(number).map_err(|_| Trouble::NotFound)?;
    Ok(BondId::new(issuer, number))
}
