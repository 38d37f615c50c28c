//! The texts of the pages in both languages: one file per page or group, both languages side by side.
//!
//! A text that lacks a language, or whose placeholders differ, keeps the program from starting, so that it cannot be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::party::Language;
use toml::{Table, Value};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("strings/", $name, ".toml"))),)*]
    };
}

/// Name and text of each file.
const FILES: &[(&str, &str)] = files![
    "common",
    "home",
    "accounts",
    "balances",
    "paper",
    "open",
    "bonds",
    "register",
    "sign",
    "my_key",
    "cases",
    "acts",
    "verify",
    "certificates"
];

/// Every text by key.
#[derive(Debug)]
pub struct Catalogue(BTreeMap<String, Text>);

#[derive(Debug, Clone)]
struct Text {
    ja: String,
    en: String,
}

/// Why the texts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StringsError {
    /// Not TOML.
    #[error("strings/{file}.toml")]
    Toml {
        /// Which file.
        file: &'static str,
        /// What is wrong.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// Not a text in both languages.
    #[error(
        "strings/{file}.toml: {key} needs `ja` and `en`, with the same placeholders, and nothing else"
    )]
    Lame {
        /// Which file.
        file: &'static str,
        /// Which text.
        key: String,
    },
    /// Two texts of one key.
    #[error("strings/{file}.toml: {key} is in another file too")]
    Twice {
        /// Which file.
        file: &'static str,
        /// Which text.
        key: String,
    },
}

impl Catalogue {
    /// Reads the embedded texts.
    pub fn new() -> Result<Self, StringsError> {
        let mut all = BTreeMap::new();
        for &(file, text) in FILES {
            let table: Table = text.parse().map_err(|source| StringsError::Toml {
                file,
                source: Box::new(source),
            })?;
            gather(file, "", &table, &mut all)?;
        }
        Ok(Self(all))
    }

    /// A text with its placeholders filled in. A key that is not there is shown as it is; the tests look for such keys.
    pub fn text(&self, language: Language, key: &str, with: &[(&str, &str)]) -> String {
        let Some(text) = self.0.get(key) else {
            return key.to_owned();
        };
        fill(text.of(language), with)
    }

    /// Whether there is such a text.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }
}

impl Text {
    fn of(&self, language: Language) -> &str {
        match language {
            Language::Ja => &self.ja,
            Language::En => &self.en,
        }
    }
}

fn gather(
    file: &'static str,
    place: &str,
    table: &Table,
    all: &mut BTreeMap<String, Text>,
) -> Result<(), StringsError> {
    for (name, value) in table {
        let key = if place.is_empty() {
            name.clone()
        } else {
            format!("{place}.{name}")
        };
        let Value::Table(inner) = value else {
            return Err(StringsError::Lame { file, key });
        };
        if !inner.contains_key("ja") && !inner.contains_key("en") {
            gather(file, &key, inner, all)?;
            continue;
        }
        let text = both(inner).ok_or_else(|| StringsError::Lame {
            file,
            key: key.clone(),
        })?;
        if all.insert(key.clone(), text).is_some() {
            return Err(StringsError::Twice { file, key });
        }
    }
    Ok(())
}

fn both(table: &Table) -> Option<Text> {
    let text = |language| {
        let text = table.get(language)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let (ja, en) = (text("ja")?, text("en")?);
    let same = placeholders(&ja) == placeholders(&en);
    (table.len() == 2 && same).then_some(Text { ja, en })
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    let after = text.split('{').skip(1);
    after
        .filter_map(|part| Some(part.split_once('}')?.0))
        .collect()
}

/// One pass: what is filled in is never read as a placeholder itself.
fn fill(text: &str, with: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = with.iter().find(|(given, _)| *given == name) {
            out.push_str(value);
        } else {
            out.push('{');
            out.push_str(name);
            out.push('}');
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(text: &str) -> Result<BTreeMap<String, Text>, StringsError> {
        let mut all = BTreeMap::new();
        gather("test", "", &text.parse().unwrap(), &mut all)?;
        Ok(all)
    }

    #[test]
    fn a_text_without_its_other_language_is_refused() {
        assert!(gathered("a.b = { ja = 'い', en = 'b' }").is_ok());
        for lame in [
            "a.b = { ja = 'い' }",
            "a.b = { ja = 'い', en = '' }",
            "a.b = { ja = 'い{n}', en = 'b{m}' }",
            "a.b = { ja = 'い', en = 'b', de = 'c' }",
            "a = 'b'",
        ] {
            assert!(
                matches!(gathered(lame), Err(StringsError::Lame { .. })),
                "{lame}"
            );
        }
    }

    #[test]
    fn what_is_filled_in_is_not_read_again() {
        let filled = fill("{a} and {b}, {c}", &[("a", "{b}"), ("b", "x")]);
        assert_eq!(filled, "{b} and x, {c}");
    }
}
