//! Events as e-bidding and e-contract systems write them, and documents that issuers sign.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub::assemble::DemoIssuer;
use bondhub_core::{calendar::Timestamp, document::Statement};
use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::cast::{ISSUER, OWNER};

/// The procurement of most stories.
pub(crate) const CASE: &str = "ocds-jp0001-R8-0042";
/// Its contract.
pub(crate) const CONTRACT: &str = "K-2026-0042";

/// An instant as events write it.
pub(crate) fn at(time: Timestamp) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// An event of a feed about a case.
#[expect(
    clippy::needless_pass_by_value,
    reason = "stories read better without borrowing"
)]
pub(crate) fn event(case: &str, id: &str, kind: &str, time: Timestamp, data: Value) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "/feeds/mirai",
        "type": format!("jp.bondhub.{kind}"), "subject": case, "time": at(time),
        "datacontenttype": "application/json", "data": data,
    })
}

/// Yen.
pub(crate) fn yen(amount: i64) -> Value {
    json!({"amount": amount, "currency": "JPY"})
}

/// What a tender says: 5 % bid guarantee.
pub(crate) fn tender(opening: Timestamp) -> Value {
    json!({"owner": OWNER, "title": "市道1号線 舗装改良工事", "opening_at": at(opening),
           "bid_guarantee": {"required": true, "rate_bp": 500}})
}

/// What a contract says of price and period.
pub(crate) fn contract(amount: i64, to: &str) -> Value {
    json!({"contract": CONTRACT, "amount": yen(amount),
           "period": {"from": "2026-04-01", "to": to}, "signed_at": "2026-11-20"})
}

/// The same with one member more, or other.
pub(crate) fn with(mut data: Value, name: &str, value: impl Into<Value>) -> Value {
    data[name] = value.into();
    data
}

/// What a bond says: `principal` vouched for towards the owner.
pub(crate) fn bond(case: &str, kind: &str, principal: &str, amount: i64) -> Value {
    json!({"kind": kind, "instrument": "surety_bond", "principal": principal, "obligee": OWNER,
           "procurement": case, "amount": yen(amount),
           "period": {"from": "2026-04-01", "to": "2027-09-30"}, "forfeitable": kind == "bid"})
}

/// A reservation that becomes a performance bond.
pub(crate) fn reservation(case: &str, principal: &str, amount: i64) -> Value {
    let terms = bond(case, "performance_reservation", principal, amount);
    with(terms, "converts_to", "performance")
}

/// A performance bond of the contract.
pub(crate) fn performance(case: &str, principal: &str, amount: i64) -> Value {
    with(
        bond(case, "performance", principal, amount),
        "contract",
        CONTRACT,
    )
}

/// A registration, as the issuer signs it.
#[expect(
    clippy::needless_pass_by_value,
    reason = "stories read better without borrowing"
)]
pub(crate) fn registration(number: &str, bond: Value, signed_at: Timestamp) -> Value {
    json!({"v": 1, "issuer": ISSUER, "signed_at": at(signed_at), "type": "registration",
           "number": number, "bond": bond})
}

/// A standing instruction: up to +30 % and 50 million yen, extensions up to 180 days.
pub(crate) fn instruction(signed_at: Timestamp) -> Value {
    json!({"v": 1, "issuer": ISSUER, "signed_at": at(signed_at), "type": "standing_instruction",
           "instruction": {"version": 1, "valid_from": at(signed_at), "max_increase_bp": 3000,
                           "max_increase": yen(50_000_000), "max_extension_days": 180}})
}

/// A statement signed by an issuer: CMS, DER.
pub(crate) fn sign(statement: Value, issuer: &DemoIssuer, now: Timestamp) -> Vec<u8> {
    let statement: Statement = serde_json::from_value(statement).unwrap();
    issuer.sign(&statement.to_bytes(), now).unwrap()
}

/// A signed document as an event.
pub(crate) fn document(cms: &[u8], now: Timestamp) -> Value {
    json!({"specversion": "1.0", "id": bondhub_core::event::hex_digest(cms),
           "source": "/issuer/aozora", "type": "jp.bondhub.bond.document", "time": at(now),
           "data": {"document": STANDARD.encode(cms)}})
}
