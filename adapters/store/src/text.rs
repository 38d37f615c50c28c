//! Values as text columns.

use std::{borrow::Cow, fmt::Display};

use bondhub_core::ports::store::StoreError;
use serde::{Serialize, de::DeserializeOwned};

/// A value as JSON text.
pub fn to_json<T: Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused {
        what,
        source: Box::new(error),
    })
}

/// Foreign text as both databases can keep it: PostgreSQL takes no NUL, so it becomes U+FFFD. What
/// came is kept unchanged as bytes in the event's body.
pub fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A row of a table, to say which one could not be read.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The table.
    pub table: &'static str,
    /// The row's key.
    pub row: &'a dyn Display,
}

impl Place<'_> {
    /// The row cannot be read, because of `problem`.
    pub fn unreadable(&self, problem: impl Display) -> StoreError {
        StoreError::Unreadable {
            table: self.table,
            row: self.row.to_string(),
            problem: problem.to_string(),
        }
    }

    /// Reads JSON text.
    pub fn json<T: DeserializeOwned>(&self, text: &str) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|error| self.unreadable(error))
    }

    /// Reads a name that was parsed once.
    pub fn name<T>(&self, text: String) -> Result<T, StoreError>
    where
        T: TryFrom<String>,
        T::Error: Display,
    {
        T::try_from(text).map_err(|error| self.unreadable(error))
    }

    /// Takes what a `parse` function found.
    pub fn found<T>(&self, column: &str, parsed: Option<T>) -> Result<T, StoreError> {
        parsed.ok_or_else(|| self.unreadable(format!("{column} has an unknown value")))
    }

    /// Reads a count.
    pub fn count(&self, number: i64) -> Result<u32, StoreError> {
        u32::try_from(number).map_err(|error| self.unreadable(error))
    }
}
