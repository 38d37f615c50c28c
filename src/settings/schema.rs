//! Which sections and keys exist and of what kind they are, read off `config/default.toml`.

use std::collections::BTreeMap;

use config::ValueKind;

use super::{DEFAULTS, SettingsError, layer::parse};

/// What looks like a setting with a twin and has none: the file is another place for the key itself, not where a text stands.
const NO_TWIN: &[(&str, &str)] = &[("vault", "master_key")];

/// The kind of a setting's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    Texts,
    /// A list of whole numbers.
    Numbers,
}

impl Kind {
    /// How an error names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Number => "a whole number",
            Self::Flag => "true or false",
            Self::Texts => "a list of texts",
            Self::Numbers => "a list of whole numbers",
        }
    }

    /// The kind of a value; none for what no setting is made of.
    pub(super) fn of(value: &ValueKind) -> Option<Self> {
        match value {
            ValueKind::String(_) => Some(Self::Text),
            ValueKind::I64(_) => Some(Self::Number),
            ValueKind::Boolean(_) => Some(Self::Flag),
            ValueKind::Array(items) => {
                let all = |kind| items.iter().all(|item| Self::of(&item.kind) == Some(kind));
                if all(Self::Text) {
                    Some(Self::Texts)
                } else {
                    all(Self::Number).then_some(Self::Numbers)
                }
            }
            _ => None,
        }
    }

    /// Whether a value can stand where this kind is expected; an empty list fits both lists.
    pub(super) fn accepts(self, value: &ValueKind) -> bool {
        match value {
            ValueKind::Array(items) if items.is_empty() => {
                matches!(self, Self::Texts | Self::Numbers)
            }
            other => Self::of(other) == Some(self),
        }
    }
}

/// All settings: section, key, kind.
pub(super) struct Schema(BTreeMap<String, BTreeMap<String, Kind>>);

impl Schema {
    /// The schema of `config/default.toml`.
    pub(super) fn of_defaults() -> Result<Self, SettingsError> {
        let mut sections: BTreeMap<String, BTreeMap<String, Kind>> = BTreeMap::new();
        for (section, keys) in parse(super::layer::DEFAULTS_ORIGIN, DEFAULTS)? {
            let known = sections.entry(section).or_default();
            known.extend(keys.into_iter().filter_map(|(key, value)| {
                let kind = Kind::of(&value)?;
                Some((key, kind))
            }));
        }
        Ok(Self(sections))
    }

    /// The kind of a setting, or the error that names the nearest known one.
    pub(super) fn kind(
        &self,
        origin: &str,
        section: &str,
        key: &str,
    ) -> Result<Kind, SettingsError> {
        let keys = self.keys(origin, section)?;
        keys.get(key).copied().ok_or_else(|| {
            let name = format!("{section}.{key}");
            let nearest = nearest(&name, self.names());
            unknown(origin, name, nearest)
        })
    }

    /// Refuses a section that does not exist.
    pub(super) fn keys(
        &self,
        origin: &str,
        section: &str,
    ) -> Result<&BTreeMap<String, Kind>, SettingsError> {
        self.0.get(section).ok_or_else(|| {
            let nearest = nearest(section, self.0.keys().cloned());
            unknown(origin, section.to_owned(), nearest)
        })
    }

    /// Every setting as `section.key`.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .flat_map(|(section, keys)| keys.keys().map(move |key| format!("{section}.{key}")))
    }

    /// The settings that have a twin `…_file`, as section and key.
    pub(super) fn with_twin(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(section, keys)| {
            keys.keys()
                .filter(|key| keys.contains_key(&twin(key)))
                .map(move |key| (section.as_str(), key.as_str()))
                .filter(|setting| !NO_TWIN.contains(setting))
        })
    }
}

/// The key that names a file to read `key` from.
pub(super) fn twin(key: &str) -> String {
    format!("{key}_file")
}

fn unknown(origin: &str, key: String, nearest: Option<String>) -> SettingsError {
    SettingsError::Unknown {
        origin: origin.to_owned(),
        key,
        nearest,
    }
}

/// The known name that looks most alike, if one does.
fn nearest(wanted: &str, known: impl Iterator<Item = String>) -> Option<String> {
    known
        .map(|name| (strsim::normalized_damerau_levenshtein(wanted, &name), name))
        .filter(|(likeness, _)| *likeness > 0.5)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}
