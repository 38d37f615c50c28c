//! `BONDHUB__SECTION__KEY`: settings from the environment.

use config::{Value, ValueKind};

use super::{
    SettingsError,
    layer::{Layer, Sections},
    schema::{Kind, Schema},
};

/// What the names of the hub's variables begin with.
const PREFIX: &str = "BONDHUB__";

/// One layer for all variables of the hub.
///
/// They are one layer, not one each: a key and its twin set side by side contradict each other.
pub(super) fn layers(
    environment: impl Iterator<Item = (String, String)>,
    schema: &Schema,
) -> Result<Option<Layer>, SettingsError> {
    let mut sections = Sections::new();
    for (name, text) in environment {
        let Some(path) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let (section, key) = split(&name, path)?;
        let kind = schema.kind(&origin(&name), &section, &key)?;
        let value = read(kind, &text).ok_or_else(|| wrong_kind(&name, &section, &key, kind))?;
        sections.entry(section).or_default().insert(key, value);
    }
    if sections.is_empty() {
        return Ok(None);
    }
    Layer::checked("environment".to_owned(), sections, schema).map(Some)
}

/// The hub's variables in this process.
pub(super) fn of_process() -> Result<Vec<(String, String)>, SettingsError> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| match value.into_string() {
            Ok(text) => Ok((name, text)),
            Err(_) => Err(SettingsError::Invalid {
                origin: "environment".to_owned(),
                key: name,
                problem: "expected UTF-8".to_owned(),
            }),
        })
        .collect()
}

fn origin(name: &str) -> String {
    format!("environment: {name}")
}

fn split(name: &str, path: &str) -> Result<(String, String), SettingsError> {
    let path = path.to_lowercase();
    let parts = path
        .split_once("__")
        .ok_or_else(|| SettingsError::Invalid {
            origin: "environment".to_owned(),
            key: name.to_owned(),
            problem: format!("expected a name like {PREFIX}DATABASE__URL"),
        })?;
    Ok((parts.0.to_owned(), parts.1.to_owned()))
}

fn wrong_kind(name: &str, section: &str, key: &str, kind: Kind) -> SettingsError {
    let expected = match kind {
        Kind::Text => "a text",
        Kind::Texts => "texts separated by commas",
        Kind::Numbers => "whole numbers separated by commas",
        Kind::Number | Kind::Flag => kind.name(),
    };
    SettingsError::Invalid {
        origin: origin(name),
        key: format!("{section}.{key}"),
        problem: format!("expected {expected}"),
    }
}

fn read(kind: Kind, text: &str) -> Option<ValueKind> {
    match kind {
        Kind::Text => Some(ValueKind::String(text.to_owned())),
        Kind::Number => text.trim().parse().ok().map(ValueKind::I64),
        Kind::Flag => text.trim().parse().ok().map(ValueKind::Boolean),
        Kind::Texts => list(text, |item| Some(ValueKind::String(item.to_owned()))),
        Kind::Numbers => list(text, |item| item.parse().ok().map(ValueKind::I64)),
    }
}

fn list(text: &str, item: impl Fn(&str) -> Option<ValueKind>) -> Option<ValueKind> {
    let items = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    let values = items.map(|one| item(one).map(|kind| Value::new(None, kind)));
    values.collect::<Option<Vec<_>>>().map(ValueKind::Array)
}
