//! Paper bonds (R41): entered one by one or as a list, and ended.

use std::{collections::BTreeMap, io::Cursor, sync::Arc};

use axum::{Extension, Json, extract::State};
use bondhub_core::{
    account::Permission, calendar::Timestamp, identifier::PartyCode, party::Language,
};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    asked::{Asked, Given, Named, Sent},
    bonds::bond_id,
    caller::Caller,
    route::{Body, Need, Route},
    shapes::Acted,
    words::{BondKindWord, Code},
};
use crate::{
    desk::{DeskError, ImportMode, ImportReport, Refusal},
    http::{Http, Problem},
};

const ENTER: Need = Need::MayEither(Permission::ActForParty, Permission::Operate);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/paper-bonds/{issuer}", "enterPaperBond", enter)
            .needs(ENTER, "Enters one paper bond of the issuer, or changes it, so that it counts.")
            .takes::<PaperBond>()
            .like(|| json!({
                "number": "P-2026-0007", "kind": "performance", "instrument": "insurance", "contractor": "C101",
                "owner": "O001", "amount": 5_000_000, "from": "2026-04-01", "to": "2027-03-31",
            }))
            .answers::<Report>(200, "Taken, or known just so."),
        Route::post("/paper-bonds/{issuer}/import", "importPaperBonds", import)
            .needs(ENTER, "Takes a list of paper bonds, or tells what would be done and what is at fault.")
            .query::<Mode>()
            .takes_body(Body::Bytes("CSV in UTF-8 or Shift_JIS, with a header (`bondhub paper template`)."))
            .large()
            .answers::<Report>(200, "What became of each row; `written` tells whether anything was."),
        Route::delete("/paper-bonds/{issuer}/{number}", "endPaperBond", end)
            .needs(ENTER, "Ends a paper bond that was given back or settled.")
            .query::<Ending>()
            .answers::<Acted>(200, "It counts no more."),
    ]
}

/// A paper bond.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PaperBond {
    #[schemars(length(min = 1, max = 100))]
    number: String,
    kind: BondKindWord,
    /// `surety_bond`, `insurance`, `bank_guarantee` or `contract_guarantee`.
    instrument: String,
    #[schemars(with = "Code")]
    contractor: PartyCode,
    #[schemars(with = "Code")]
    owner: PartyCode,
    /// The procurement it is for; none gives it a case of its own.
    procurement: Option<String>,
    contract: Option<String>,
    lot: Option<String>,
    /// When the bids are opened; of bids and reservations, where the hub does not know the opening of their tender.
    opening_at: Option<Timestamp>,
    /// Minor units of the currency.
    #[schemars(range(min = 1))]
    amount: i64,
    /// ISO 4217; JPY if left out.
    currency: Option<String>,
    /// First day of the guarantee.
    from: NaiveDate,
    /// Last day of the guarantee.
    to: NaiveDate,
    /// Changes the bond if its number is known.
    #[serde(default)]
    update: bool,
}

impl PaperBond {
    /// The cells of its row in a list.
    fn cells(&self) -> BTreeMap<String, String> {
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        let currency = self.currency.clone();
        let cells = [
            ("number", self.number.clone()),
            ("kind", self.kind.0.as_str().to_owned()),
            ("instrument", self.instrument.clone()),
            ("contractor", self.contractor.to_string()),
            ("owner", self.owner.to_string()),
            ("procurement", or_empty(&self.procurement)),
            ("contract", or_empty(&self.contract)),
            ("lot", or_empty(&self.lot)),
            (
                "opening_at",
                self.opening_at
                    .map_or_else(String::new, |at| at.to_rfc3339()),
            ),
            ("amount", self.amount.to_string()),
            ("currency", currency.unwrap_or_else(|| "JPY".to_owned())),
            ("from", self.from.to_string()),
            ("to", self.to.to_string()),
        ];
        let named = |(name, cell): (&str, String)| (name.to_owned(), cell);
        cells.into_iter().map(named).collect()
    }
}

/// How a list is taken.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Mode {
    /// Only tells what would be done.
    #[serde(default)]
    dry_run: bool,
    /// Takes the good rows although others are at fault; else a fault keeps the whole list out.
    #[serde(default)]
    good_rows: bool,
    /// Changes bonds whose number is known with other content; else such a row is at fault.
    #[serde(default)]
    update: bool,
}

/// Why a bond ends.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ending {
    /// `returned` if left out.
    #[schemars(length(min = 1, max = 500))]
    reason: Option<String>,
}

/// What became of a list.
#[derive(Debug, Serialize, JsonSchema)]
struct Report {
    rows: u64,
    added: u64,
    updated: u64,
    unchanged: u64,
    faulty: u64,
    written: bool,
    /// The first thousand.
    faults: Vec<FaultyPlace>,
    /// Limits that the list exceeds; they keep nothing out (R43).
    exceeded: Vec<ExceededLimit>,
}

/// Something at fault.
#[derive(Debug, Serialize, JsonSchema)]
struct FaultyPlace {
    line: u64,
    column: Option<usize>,
    name: Option<String>,
    sentence: String,
}

/// A limit that is exceeded.
#[derive(Debug, Serialize, JsonSchema)]
struct ExceededLimit {
    #[schemars(with = "Code")]
    contractor: PartyCode,
    currency: String,
    limit: i64,
    outstanding: i64,
}

impl From<ImportReport> for Report {
    fn from(report: ImportReport) -> Self {
        let faults = report.faults.into_iter().map(|place| FaultyPlace {
            line: place.line,
            column: place.column,
            name: place.name.map(str::to_owned),
            sentence: place.fault.text(Language::En),
        });
        let exceeded = report.exceeded.into_iter().map(|one| ExceededLimit {
            contractor: one.contractor,
            currency: one.currency.to_string(),
            limit: one.limit,
            outstanding: one.outstanding,
        });
        Self {
            rows: report.rows,
            added: report.added,
            updated: report.updated,
            unchanged: report.unchanged,
            faulty: report.faulty,
            written: report.written,
            faults: faults.collect(),
            exceeded: exceeded.collect(),
        }
    }
}

/// The issuer of a path, if its bonds are the caller's to enter.
fn issuer(caller: &Caller, text: &str) -> Result<PartyCode, Problem> {
    let missing = || Problem::missing(format!("issuer {text}"));
    let code = PartyCode::parse(text).map_err(|_| missing())?;
    let own = caller.party().is_none_or(|own| *own == code);
    own.then_some(code).ok_or_else(missing)
}

async fn enter(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(named): Named<String>,
    Given(bond): Given<PaperBond>,
) -> Result<Json<Report>, Problem> {
    let (issuer, by) = (issuer(&caller, &named)?, caller.viewer.account.as_str());
    let desk = caller.desk(&http);
    let report = desk
        .add_paper(&issuer, &bond.cells(), bond.update, by)
        .await?;
    match report.faults.first() {
        Some(place) => {
            let cause = place.fault.text(Language::En);
            Err(DeskError::from(Refusal::PaperFault { cause }).into())
        }
        None => Ok(Json(report.into())),
    }
}

async fn import(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(named): Named<String>,
    Asked(mode): Asked<Mode>,
    Sent(list): Sent,
) -> Result<Json<Report>, Problem> {
    let (issuer, by) = (issuer(&caller, &named)?, caller.viewer.account.as_str());
    let mode = ImportMode {
        dry_run: mode.dry_run,
        good_rows: mode.good_rows,
        update: mode.update,
    };
    let desk = caller.desk(&http);
    let open = || Ok(Cursor::new(list.clone()));
    Ok(Json(
        desk.import_paper(&issuer, open, mode, by).await?.into(),
    ))
}

async fn end(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named((named, number)): Named<(String, String)>,
    Asked(ending): Asked<Ending>,
) -> Result<Json<Acted>, Problem> {
    issuer(&caller, &named)?;
    let bond = bond_id((named, number))?;
    let (desk, by) = (caller.desk(&http), caller.viewer.account.as_str());
    let reason = ending.reason.unwrap_or_else(|| "returned".to_owned());
    Ok(Json(desk.end_paper(&bond, &reason, by).await?.into()))
}
