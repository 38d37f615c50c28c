//! One source of settings: a file, or one variable of the environment.

use std::{collections::BTreeMap, path::Path};

use config::{ConfigError, Map, Source, Value, ValueKind};
use toml::Table;

use super::{
    DEFAULTS, SettingsError,
    schema::{Schema, twin},
};

/// Sections of keys.
pub(super) type Sections = BTreeMap<String, BTreeMap<String, ValueKind>>;

/// How errors name the embedded defaults.
pub(super) const DEFAULTS_ORIGIN: &str = "config/default.toml";

/// Settings that come from one place, checked against the schema.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    origin: String,
    sections: Sections,
}

impl Layer {
    /// The embedded defaults.
    pub(super) fn defaults() -> Result<Self, SettingsError> {
        Ok(Self {
            origin: DEFAULTS_ORIGIN.to_owned(),
            sections: parse(DEFAULTS_ORIGIN, DEFAULTS)?,
        })
    }

    /// An operator's file; it holds what differs from the defaults.
    pub(super) fn of_file(path: &Path, schema: &Schema) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path).map_err(|source| SettingsError::Unreadable {
            file: path.to_owned(),
            needed_for: String::new(),
            source,
        })?;
        let origin = path.display().to_string();
        let sections = parse(&origin, &text)?;
        Self::checked(origin, sections, schema)
    }

    /// Refuses unknown keys, values of another kind, and a key together with its twin.
    pub(super) fn checked(
        origin: String,
        mut sections: Sections,
        schema: &Schema,
    ) -> Result<Self, SettingsError> {
        for (section, keys) in &sections {
            schema.keys(&origin, section)?;
            for (key, value) in keys {
                let kind = schema.kind(&origin, section, key)?;
                if !kind.accepts(value) {
                    let problem = format!("expected {}", kind.name());
                    return Err(invalid(&origin, section, key, problem));
                }
            }
        }
        settle_twins(&origin, &mut sections, schema)?;
        Ok(Self { origin, sections })
    }
}

/// A key set here takes the place of a file named in an earlier layer.
fn settle_twins(
    origin: &str,
    sections: &mut Sections,
    schema: &Schema,
) -> Result<(), SettingsError> {
    for (section, key) in schema.with_twin() {
        let Some(keys) = sections.get_mut(section) else {
            continue;
        };
        let file = twin(key);
        if keys.contains_key(key) && keys.contains_key(&file) {
            let problem = format!("expected either this or {section}.{file}, not both");
            return Err(invalid(origin, section, key, problem));
        }
        if keys.contains_key(key) {
            keys.insert(file, ValueKind::String(String::new()));
        }
    }
    Ok(())
}

fn invalid(origin: &str, section: &str, key: &str, problem: String) -> SettingsError {
    SettingsError::Invalid {
        origin: origin.to_owned(),
        key: format!("{section}.{key}"),
        problem,
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let named = self.sections.iter().flat_map(|(section, keys)| {
            keys.iter().map(move |(key, kind)| {
                let value = Value::new(Some(&self.origin), kind.clone());
                (format!("{section}.{key}"), value)
            })
        });
        Ok(named.collect())
    }
}

/// Reads TOML of two levels: sections, keys.
pub(super) fn parse(origin: &str, text: &str) -> Result<Sections, SettingsError> {
    let table: Table = text.parse().map_err(|error| syntax(origin, text, &error))?;
    let section = |(name, value): (String, toml::Value)| match value {
        toml::Value::Table(keys) => Ok((name, keys.into_iter().map(setting).collect())),
        _ => Err(SettingsError::Invalid {
            origin: origin.to_owned(),
            key: name,
            problem: "expected inside a section such as [database]".to_owned(),
        }),
    };
    table.into_iter().map(section).collect()
}

fn setting((key, value): (String, toml::Value)) -> (String, ValueKind) {
    (key, plain(value))
}

/// Dates, floats and tables have no place in settings: they become what no kind accepts.
fn plain(value: toml::Value) -> ValueKind {
    match value {
        toml::Value::String(text) => ValueKind::String(text),
        toml::Value::Integer(number) => ValueKind::I64(number),
        toml::Value::Boolean(flag) => ValueKind::Boolean(flag),
        toml::Value::Array(items) => {
            let items = items.into_iter().map(plain);
            ValueKind::Array(items.map(|kind| Value::new(None, kind)).collect())
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => ValueKind::Nil,
    }
}

fn syntax(origin: &str, text: &str, error: &toml::de::Error) -> SettingsError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.as_bytes().iter().take(start);
    SettingsError::Syntax {
        origin: origin.to_owned(),
        line: 1 + before.filter(|byte| **byte == b'\n').count(),
        problem: error.message().lines().collect::<Vec<_>>().join(" "),
    }
}
