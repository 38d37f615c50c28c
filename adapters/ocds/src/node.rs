//! Walking through foreign JSON with the place at hand.

use bondhub_core::{
    calendar::Timestamp,
    event::{Rejection, read_time},
    identifier::IdentifierError,
};
use chrono::NaiveDate;
use serde_json::Value;

/// A value and where it stands in its document (RFC 6901).
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    value: &'a Value,
    pointer: String,
}

impl<'a> Node<'a> {
    pub(crate) fn new(value: &'a Value, pointer: &str) -> Self {
        let pointer = pointer.to_owned();
        Self { value, pointer }
    }

    pub(crate) fn value(&self) -> &'a Value {
        self.value
    }

    /// A rejection that points here.
    pub(crate) fn refuse(&self, message: impl Into<String>) -> Rejection {
        Rejection::at(self.pointer.clone(), message)
    }

    /// A rejection that points at a member, there or not.
    pub(crate) fn refuse_member(&self, name: &str, message: impl Into<String>) -> Rejection {
        Rejection::at(format!("{}/{name}", self.pointer), message)
    }

    /// A member; null is absent.
    pub(crate) fn member(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        let pointer = format!("{}/{name}", self.pointer);
        Some(Self { value, pointer })
    }

    /// A member that has to be an object, where it is there.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, Rejection> {
        match self.member(name) {
            Some(node) if !node.value.is_object() => {
                Err(node.refuse(format!("`{name}` is not an object")))
            }
            member => Ok(member),
        }
    }

    /// The objects of a member that has to be a list, where it is there.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Self>, Rejection> {
        let Some(list) = self.member(name) else {
            return Ok(Vec::new());
        };
        let Some(items) = list.value.as_array() else {
            return Err(list.refuse(format!("`{name}` is not a list")));
        };
        let item = |(index, value): (usize, &'a Value)| Self {
            value,
            pointer: format!("{}/{index}", list.pointer),
        };
        let present = items.iter().enumerate().filter(|(_, one)| !one.is_null());
        present
            .map(item)
            .map(|node| {
                if node.value.is_object() {
                    return Ok(node);
                }
                Err(node.refuse(format!("an entry of `{name}` is not an object")))
            })
            .collect()
    }

    /// A text that says something; anything else is as good as absent.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        let text = self.value.get(name)?.as_str()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The texts and numbers of a list, or the one that stands there without a list.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        match self.value.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(plain).collect(),
            Some(one) => plain(one).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// An identifier, written as text or number; none where there is no usable one.
    pub(crate) fn id<T>(&self, parse: Parse<T>) -> Option<T> {
        self.reference("id", parse)
    }

    /// A reference to something by its identifier.
    pub(crate) fn reference<T>(&self, name: &str, parse: Parse<T>) -> Option<T> {
        parse(&plain(self.value.get(name)?)?).ok()
    }

    /// The identifier of something that is nothing without it.
    pub(crate) fn required_id<T>(&self, parse: Parse<T>) -> Result<T, Rejection> {
        let Some(id) = self.value.get("id").and_then(plain) else {
            return Err(self.refuse_member("id", "`id` is missing"));
        };
        parse(&id).map_err(|error| self.refuse_member("id", format!("`id` {error}")))
    }

    /// An instant; one that is there and cannot be read is refused.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, Rejection> {
        let Some(node) = self.member(name) else {
            return Ok(None);
        };
        let Some(text) = node.value.as_str() else {
            return Err(node.refuse(format!("`{name}` is not a text")));
        };
        read_time(&node.pointer, text.trim()).map(Some)
    }

    /// The day of a date or a date-time, as the publisher's own clock showed it.
    pub(crate) fn day(&self, name: &str) -> Result<Option<NaiveDate>, Rejection> {
        let Some(node) = self.member(name) else {
            return Ok(None);
        };
        let day = node.value.as_str().and_then(|text| day_of(text.trim()));
        day.map(Some)
            .ok_or_else(|| node.refuse(format!("`{name}` is not a date")))
    }
}

/// How an identifier type reads text.
pub(crate) type Parse<T> = fn(&str) -> Result<T, IdentifierError>;

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn day_of(text: &str) -> Option<NaiveDate> {
    let (day, rest) = text.split_at_checked("YYYY-MM-DD".len())?;
    let alone = rest.is_empty() || rest.starts_with(['T', ' ']);
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    alone.then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_publishers_own_not_that_of_greenwich() {
        let day = |text| day_of(text).map(|day| day.to_string());
        let expected = Some("2017-11-22".to_owned());
        assert_eq!(day("2017-11-22T23:30:00-04:00"), expected);
        assert_eq!(day("2017-11-22"), expected);
        assert_eq!(day("2017-11-22 10:00"), expected);
        for wrong in ["2017-11-221", "22.11.2017", "2017-02-30", "", "日本"] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
