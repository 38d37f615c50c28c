//! The members a statement may have, all the way down.
//!
//! A member nobody reads is most often a misspelt optional one: signed by the issuer, and without effect. The types are not
//! strict by themselves, since bonds, amounts and periods are also read from feeds, where unknown members are ignored, and
//! from the store.

use serde_json::Value;

use crate::event::{Rejection, shortened};

/// What may stand at a place.
enum Shape {
    /// Anything that reading takes.
    Plain,
    /// These members.
    Members(&'static [(&'static str, Shape)]),
    /// A list of such.
    List(&'static Shape),
}

use Shape::{List, Members, Plain};

const MONEY: Shape = Members(&[("amount", Plain), ("currency", Plain)]);
const PERIOD: Shape = Members(&[("from", Plain), ("to", Plain)]);
const ATTACHMENT: Shape = Members(&[
    ("media_type", Plain),
    ("name", Plain),
    ("sha256", Plain),
    ("size", Plain),
]);
const BOND: Shape = Members(&[
    ("amount", MONEY),
    ("attachments", List(&ATTACHMENT)),
    ("contract", Plain),
    ("converts_to", Plain),
    ("forfeitable", Plain),
    ("instrument", Plain),
    ("kind", Plain),
    ("lot", Plain),
    ("medium", Plain),
    ("obligee", Plain),
    ("opening_at", Plain),
    ("period", PERIOD),
    ("principal", Plain),
    ("procurement", Plain),
    ("takes_over", Plain),
    ("wording", Plain),
]);
/// Not `signed_at`: the document says it.
const INSTRUCTION: Shape = Members(&[
    ("max_extension_days", Plain),
    ("max_increase", MONEY),
    ("max_increase_bp", Plain),
    ("valid_from", Plain),
    ("valid_until", Plain),
    ("version", Plain),
]);

const OF_A_BOND: &[(&str, Shape)] = &[("bond", BOND), ("number", Plain)];
const OF_A_DELETION: &[(&str, Shape)] =
    &[("number", Plain), ("procurement", Plain), ("reason", Plain)];
const OF_A_CONSENT: &[(&str, Shape)] = &[
    ("number", Plain),
    ("outcome", Plain),
    ("procurement", Plain),
];
const OF_AN_INSTRUCTION: &[(&str, Shape)] = &[("instruction", INSTRUCTION)];
const OF_EVERY_ACT: &[(&str, Shape)] = &[
    ("issuer", Plain),
    ("signed_at", Plain),
    ("type", Plain),
    ("v", Plain),
];

/// Refuses a member that no statement of this type has; what has no type that is known is left to reading.
pub(super) fn check(statement: &Value) -> Result<(), Rejection> {
    let own = match statement.get("type").and_then(Value::as_str) {
        Some("registration" | "update") => OF_A_BOND,
        Some("deletion") => OF_A_DELETION,
        Some("release_consent") => OF_A_CONSENT,
        Some("standing_instruction") => OF_AN_INSTRUCTION,
        _ => return Ok(()),
    };
    let known: Vec<_> = own.iter().chain(OF_EVERY_ACT).collect();
    check_members(statement, "/data", &known)
}

fn check_shape(value: &Value, pointer: &str, shape: &'static Shape) -> Result<(), Rejection> {
    match shape {
        Plain => Ok(()),
        Members(known) => check_members(value, pointer, &known.iter().collect::<Vec<_>>()),
        List(shape) => {
            let entries = value.as_array().into_iter().flatten().enumerate();
            for (index, entry) in entries {
                check_shape(entry, &format!("{pointer}/{index}"), shape)?;
            }
            Ok(())
        }
    }
}

fn check_members(
    value: &Value,
    pointer: &str,
    known: &[&'static (&'static str, Shape)],
) -> Result<(), Rejection> {
    for (name, value) in value.as_object().into_iter().flatten() {
        let at = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        match known.iter().find(|(one, _)| one == name).copied() {
            Some((_, shape)) => check_shape(value, &at, shape)?,
            None => return Err(Rejection::at(at, unknown(name, known))),
        }
    }
    Ok(())
}

fn unknown(name: &str, known: &[&'static (&'static str, Shape)]) -> String {
    let mut names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    let (name, names) = (shortened(name), names.join(", "));
    format!("there is no member `{name}` here, only {names}")
}
