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

/// An instant as events write it.
pub(super) fn at(time: Timestamp) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// An event of a feed.
pub(super) fn event(source: &str, id: &str, kind: &str, time: Timestamp, data: &Value) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": source, "type": format!("jp.bondhub.{kind}"),
        "subject": PROCUREMENT, "time": at(time), "datacontenttype": "application/json", "data": data,
    })
}

/// What a bond of the play says.
pub(super) struct Paper {
    /// Its number.
    pub(super) number: &'static str,
    /// `bid`, `performance_reservation` or `performance`.
    pub(super) kind: &'static str,
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
            "obligee": OWNER, "procurement": PROCUREMENT,
            "amount": {"amount": self.amount, "currency": "JPY"},
            "period": {"from": "2026-04-01", "to": self.to},
            "forfeitable": self.kind == "bid",
        });
        if let Some(members) = terms.as_object_mut() {
            match self.kind {
                "performance_reservation" => {
                    members.insert("converts_to".into(), "performance".into());
                }
                "performance" => {
                    members.insert("contract".into(), CONTRACT.into());
                    members.insert("takes_over".into(), "R-2026-0001".into());
                }
                _ => {}
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
        document(&statement, issuer, now)
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
    document(&statement, issuer, now)
}

fn document(statement: &Value, issuer: &DemoIssuer, now: Timestamp) -> anyhow::Result<Value> {
    let statement: bondhub_core::document::Statement = serde_json::from_value(statement.clone())?;
    let cms = issuer.sign(&statement.to_bytes(), now)?;
    let id = bondhub_core::event::hex_digest(&cms);
    Ok(json!({
        "specversion": "1.0", "id": id, "source": "/issuer/aozora", "type": "jp.bondhub.bond.document",
        "subject": PROCUREMENT, "time": at(now), "data": {"document": STANDARD.encode(cms)},
    }))
}
