//! Papers: event files as e-bidding and e-contract systems write them, and documents the issuer signs.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::calendar::Timestamp;
use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::cast::{ISSUER, OWNER};
use crate::assemble::DemoIssuer;

/// The procurement of the play.
pub(super) const PROCUREMENT: &str = "ocds-jp0001-R8-0042";
/// The contract of the play.
pub(super) const CONTRACT: &str = "K-2026-0042";
/// The reservation of the play.
pub(super) const RESERVATION: &str = "R-2026-0001";

/// A system that tells of one procurement.
pub(super) struct Feed {
    /// Its CloudEvents source.
    pub(super) source: &'static str,
    /// The procurement.
    pub(super) procurement: &'static str,
}

/// An instant as events write it.
pub(super) fn at(time: Timestamp) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

impl Feed {
    /// An event of this feed.
    pub(super) fn event(&self, id: &str, kind: &str, time: Timestamp, data: &Value) -> Value {
        json!({
            "specversion": "1.0", "id": id, "source": self.source, "type": format!("jp.bondhub.{kind}"),
            "subject": self.procurement, "time": at(time), "datacontenttype": "application/json",
            "data": data,
        })
    }
}

/// The data with one more member.
pub(super) fn with(mut data: Value, name: &str, value: Value) -> Value {
    if let Some(members) = data.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
    data
}

/// What a bond of the play says.
pub(super) struct Paper {
    /// Its number.
    pub(super) number: &'static str,
    /// `bid`, `performance_reservation` or `performance`.
    pub(super) kind: &'static str,
    /// The procurement it is for.
    pub(super) procurement: &'static str,
    /// The contract, of a performance bond.
    pub(super) contract: Option<&'static str>,
    /// The reservation whose data it takes over.
    pub(super) takes_over: Option<&'static str>,
    /// The contractor.
    pub(super) principal: &'static str,
    /// Yen.
    pub(super) amount: i64,
    /// Last day of its period.
    pub(super) to: &'static str,
}

impl Paper {
    fn terms(&self) -> Value {
        let mut terms = json!({
            "kind": self.kind, "instrument": "surety_bond", "principal": self.principal,
            "obligee": OWNER, "procurement": self.procurement,
            "amount": {"amount": self.amount, "currency": "JPY"},
            "period": {"from": "2026-04-01", "to": self.to},
            "forfeitable": self.kind == "bid",
        });
        let converts = (self.kind == "performance_reservation").then_some("performance");
        let more = [
            ("converts_to", converts),
            ("contract", self.contract),
            ("takes_over", self.takes_over),
        ];
        if let Some(members) = terms.as_object_mut() {
            for (name, value) in more {
                if let Some(value) = value {
                    members.insert(name.to_owned(), value.into());
                }
            }
        }
        terms
    }

    /// A registration or update of this bond, signed now and packed as an event.
    pub(super) fn signed(
        &self,
        act: &str,
        issuer: &DemoIssuer,
        now: Timestamp,
    ) -> anyhow::Result<Value> {
        let statement = json!({
            "v": 1, "issuer": ISSUER, "signed_at": at(now), "type": act,
            "number": self.number, "bond": self.terms(),
        });
        document(&statement, self.procurement, issuer, now)
    }
}

/// The issuer's standing instruction: up to +30 % and 50 million yen, extensions up to 180 days.
pub(super) fn instruction(issuer: &DemoIssuer, now: Timestamp) -> anyhow::Result<Value> {
    let statement = json!({
        "v": 1, "issuer": ISSUER, "signed_at": at(now), "type": "standing_instruction",
        "instruction": {
            "version": 1, "valid_from": at(now), "max_increase_bp": 3000,
            "max_increase": {"amount": 50_000_000, "currency": "JPY"}, "max_extension_days": 180,
        },
    });
    document(&statement, PROCUREMENT, issuer, now)
}

fn document(
    statement: &Value,
    procurement: &str,
    issuer: &DemoIssuer,
    now: Timestamp,
) -> anyhow::Result<Value> {
    let statement: bondhub_core::document::Statement = serde_json::from_value(statement.clone())?;
    let cms = issuer.sign(&statement.to_bytes(), now)?;
    let id = bondhub_core::event::hex_digest(&cms);
    Ok(json!({
        "specversion": "1.0", "id": id, "source": "/issuer/aozora", "type": "jp.bondhub.bond.document",
        "subject": procurement, "time": at(now), "data": {"document": STANDARD.encode(cms)},
    }))
}
