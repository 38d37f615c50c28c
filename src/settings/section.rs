//! The merged settings, and typed reading of one section.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use config::{Config, ConfigError, Source as _, Value, ValueKind};

use super::{
    Secret, SettingsError,
    layer::{DEFAULTS_ORIGIN, Layer},
    schema::{Schema, twin},
};

/// No secret is larger; a wrong path to a large file is an error, not a wait.
const SECRET_MAX_BYTES: u64 = 64 * 1024;

/// All layers merged: `section.key` to a value that knows where it came from.
pub(super) struct Document {
    values: BTreeMap<String, Value>,
    /// Which settings somebody read: a setting nobody reads would be a promise not kept.
    read: RefCell<BTreeSet<String>>,
}

impl Document {
    /// Lays the layers over each other, the later on top, and reads the files that secrets stand in.
    pub(super) fn merge(layers: Vec<Layer>, schema: &Schema) -> Result<Self, SettingsError> {
        let mut document = Self {
            values: merged(layers).map_err(|error| SettingsError::Merge(error.to_string()))?,
            read: RefCell::default(),
        };
        document.resolve_files(schema)?;
        Ok(document)
    }

    fn resolve_files(&mut self, schema: &Schema) -> Result<(), SettingsError> {
        for (section, key) in schema.with_twin() {
            let file = self.section(section).text(&twin(key))?;
            if !file.is_empty() {
                let name = format!("{section}.{key}");
                let secret = read_secret(Path::new(&file), &name)?;
                let value = Value::new(Some(&file), ValueKind::String(secret));
                self.values.insert(name, value);
            }
        }
        Ok(())
    }

    /// One section.
    pub(super) fn section<'a>(&'a self, name: &'a str) -> Section<'a> {
        Section {
            document: self,
            name,
        }
    }

    #[cfg(test)]
    pub(super) fn names_read(&self) -> BTreeSet<String> {
        self.read.borrow().clone()
    }
}

fn merged(layers: Vec<Layer>) -> Result<BTreeMap<String, Value>, ConfigError> {
    let config = Config::builder().add_source(layers).build()?;
    let mut values = BTreeMap::new();
    for (section, keys) in config.collect()? {
        for (key, value) in keys.into_table()? {
            values.insert(format!("{section}.{key}"), value);
        }
    }
    Ok(values)
}

fn read_secret(file: &Path, name: &str) -> Result<String, SettingsError> {
    use std::io::Read as _;
    let refused = |source| SettingsError::Unreadable {
        file: file.to_owned(),
        needed_for: format!("{name}_file: "),
        source,
    };
    let opened = std::fs::File::open(file).map_err(refused)?;
    let mut text = String::new();
    let taken = opened
        .take(SECRET_MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(refused)?;
    if taken as u64 > SECRET_MAX_BYTES {
        return Err(SettingsError::Invalid {
            origin: file.display().to_string(),
            key: format!("{name}_file"),
            problem: format!("expected at most {SECRET_MAX_BYTES} bytes"),
        });
    }
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// One section of the merged settings.
pub(super) struct Section<'a> {
    document: &'a Document,
    name: &'a str,
}

impl Section<'_> {
    /// A text; empty for none.
    pub(super) fn text(&self, key: &str) -> Result<String, SettingsError> {
        self.typed(key, Value::into_string)
    }

    /// A text that must be there.
    pub(super) fn required_text(&self, key: &str) -> Result<String, SettingsError> {
        let text = self.text(key)?;
        if text.is_empty() {
            return Err(self.invalid(key, "expected a text that is not empty"));
        }
        Ok(text)
    }

    /// A text that goes into a header or a command: without line ends and other control characters.
    pub(super) fn line(&self, key: &str) -> Result<String, SettingsError> {
        let text = self.required_text(key)?;
        if text.chars().any(char::is_control) {
            return Err(self.invalid(key, "expected one line without control characters"));
        }
        Ok(text)
    }

    /// A secret; none if empty.
    pub(super) fn secret(&self, key: &str) -> Result<Option<Secret>, SettingsError> {
        let text = self.text(key)?;
        Ok((!text.is_empty()).then(|| Secret::new(text)))
    }

    /// A path that must be there.
    pub(super) fn path(&self, key: &str) -> Result<PathBuf, SettingsError> {
        self.required_text(key).map(PathBuf::from)
    }

    /// A path; none if empty.
    pub(super) fn optional_path(&self, key: &str) -> Result<Option<PathBuf>, SettingsError> {
        let text = self.text(key)?;
        Ok((!text.is_empty()).then(|| PathBuf::from(text)))
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &str) -> Result<bool, SettingsError> {
        self.typed(key, Value::into_bool)
    }

    /// A whole number within limits, in the type the caller wants.
    pub(super) fn number<T: TryFrom<i64>>(
        &self,
        key: &str,
        limits: RangeInclusive<i64>,
    ) -> Result<T, SettingsError> {
        let number = self.typed(key, Value::into_int)?;
        self.within(key, number, &limits)
    }

    /// Seconds within limits.
    pub(super) fn seconds(
        &self,
        key: &str,
        limits: RangeInclusive<i64>,
    ) -> Result<Duration, SettingsError> {
        self.number(key, limits).map(Duration::from_secs)
    }

    /// Milliseconds within limits.
    pub(super) fn milliseconds(
        &self,
        key: &str,
        limits: RangeInclusive<i64>,
    ) -> Result<Duration, SettingsError> {
        self.number(key, limits).map(Duration::from_millis)
    }

    /// Whole numbers, each within limits.
    pub(super) fn numbers<T: TryFrom<i64>>(
        &self,
        key: &str,
        limits: &RangeInclusive<i64>,
    ) -> Result<Vec<T>, SettingsError> {
        self.items(key, Value::into_int)?
            .into_iter()
            .map(|number| self.within(key, number, limits))
            .collect()
    }

    /// A list of texts.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>, SettingsError> {
        self.items(key, Value::into_string)
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        choices: &[(&str, T)],
    ) -> Result<T, SettingsError> {
        let text = self.text(key)?;
        let chosen = choices.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            self.invalid(key, &format!("expected one of {}", words.join(", ")))
        })
    }

    /// The error that says what was expected of a key, naming where its value came from.
    pub(super) fn invalid(&self, key: &str, problem: &str) -> SettingsError {
        SettingsError::Invalid {
            origin: self.origin(key),
            key: format!("{}.{key}", self.name),
            problem: problem.to_owned(),
        }
    }

    fn within<T: TryFrom<i64>>(
        &self,
        key: &str,
        number: i64,
        limits: &RangeInclusive<i64>,
    ) -> Result<T, SettingsError> {
        let fits = limits.contains(&number).then(|| T::try_from(number).ok());
        fits.flatten().ok_or_else(|| {
            let (from, to) = (limits.start(), limits.end());
            let problem = format!("expected a whole number from {from} to {to}, found {number}");
            self.invalid(key, &problem)
        })
    }

    fn items<T>(
        &self,
        key: &str,
        read: impl Fn(Value) -> Result<T, ConfigError>,
    ) -> Result<Vec<T>, SettingsError> {
        self.typed(key, |value| {
            value.into_array()?.into_iter().map(read).collect()
        })
    }

    /// The kinds were checked when the layers were read, so this fails only on a key that is not
    /// in the defaults.
    fn typed<T>(
        &self,
        key: &str,
        read: impl FnOnce(Value) -> Result<T, ConfigError>,
    ) -> Result<T, SettingsError> {
        let name = format!("{}.{key}", self.name);
        let value = self.document.values.get(&name).cloned();
        self.document.read.borrow_mut().insert(name);
        value
            .and_then(|value| read(value).ok())
            .ok_or_else(|| self.invalid(key, "expected a value of another kind"))
    }

    fn origin(&self, key: &str) -> String {
        let value = self.document.values.get(&format!("{}.{key}", self.name));
        let origin = value.and_then(Value::origin);
        origin.unwrap_or(DEFAULTS_ORIGIN).to_owned()
    }
}
