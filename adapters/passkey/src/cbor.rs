//! CBOR as authenticators write it (CTAP2 canonical form): definite lengths, few levels.

/// Deeper nesting is not read.
const DEEPEST: u32 = 6;
/// More members or elements are not read.
const MOST: usize = 64;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// An integer.
    Integer(i64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text.
    Text(&'a str),
    /// Elements.
    Array(Vec<Value<'a>>),
    /// Members, in their order.
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// `false`, `true`, `null`, `undefined`, a float: nothing that counts here.
    Other,
}

impl<'a> Value<'a> {
    /// The member of a map by its text.
    pub(crate) fn get_text(&self, name: &str) -> Option<&Value<'a>> {
        self.find(|key| *key == Value::Text(name))
    }

    /// The member of a map by its number.
    pub(crate) fn get(&self, number: i64) -> Option<&Value<'a>> {
        self.find(|key| *key == Value::Integer(number))
    }

    fn find(&self, is: impl Fn(&Value<'a>) -> bool) -> Option<&Value<'a>> {
        let Self::Map(members) = self else {
            return None;
        };
        let mut found = members.iter().filter(|(key, _)| is(key));
        let (_, value) = found.next()?;
        // Two members of one name could be read in two ways.
        found.next().is_none().then_some(value)
    }

    /// The bytes, if these are some.
    pub(crate) fn as_bytes(&self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The integer, if this is one.
    pub(crate) fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

/// The first value, and the bytes after it.
pub(crate) fn read(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    value(bytes, DEEPEST)
}

fn value(bytes: &[u8], levels: u32) -> Option<(Value<'_>, &[u8])> {
    let levels = levels.checked_sub(1)?;
    let (kind, number, rest) = head(bytes)?;
    match kind {
        0 => Some((Value::Integer(i64::try_from(number).ok()?), rest)),
        1 => Some((Value::Integer(-1 - i64::try_from(number).ok()?), rest)),
        2 => {
            let (content, rest) = rest.split_at_checked(usize::try_from(number).ok()?)?;
            Some((Value::Bytes(content), rest))
        }
        3 => {
            let (content, rest) = rest.split_at_checked(usize::try_from(number).ok()?)?;
            Some((Value::Text(std::str::from_utf8(content).ok()?), rest))
        }
        4 => array(rest, count(number)?, levels),
        5 => map(rest, count(number)?, levels),
        7 => Some((Value::Other, rest)),
        _ => None,
    }
}

fn array(mut rest: &[u8], count: usize, levels: u32) -> Option<(Value<'_>, &[u8])> {
    let mut elements = Vec::new();
    for _ in 0..count {
        let (element, after) = value(rest, levels)?;
        elements.push(element);
        rest = after;
    }
    Some((Value::Array(elements), rest))
}

fn map(mut rest: &[u8], count: usize, levels: u32) -> Option<(Value<'_>, &[u8])> {
    let mut members = Vec::new();
    for _ in 0..count {
        let (key, after) = value(rest, levels)?;
        let (member, after) = value(after, levels)?;
        members.push((key, member));
        rest = after;
    }
    Some((Value::Map(members), rest))
}

fn count(number: u64) -> Option<usize> {
    usize::try_from(number).ok().filter(|count| *count <= MOST)
}

/// The kind of the next value and its number; of simple values and floats the number is what follows.
fn head(bytes: &[u8]) -> Option<(u8, u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (kind, short) = (first >> 5, first & 0x1f);
    let (number, rest) = match short {
        0..=23 => (u64::from(short), rest),
        24 => {
            let (bytes, rest) = rest.split_first_chunk::<1>()?;
            (u64::from(u8::from_be_bytes(*bytes)), rest)
        }
        25 => {
            let (bytes, rest) = rest.split_first_chunk::<2>()?;
            (u64::from(u16::from_be_bytes(*bytes)), rest)
        }
        26 => {
            let (bytes, rest) = rest.split_first_chunk::<4>()?;
            (u64::from(u32::from_be_bytes(*bytes)), rest)
        }
        27 => {
            let (bytes, rest) = rest.split_first_chunk::<8>()?;
            (u64::from_be_bytes(*bytes), rest)
        }
        // Indefinite lengths are not canonical.
        _ => return None,
    };
    Some((kind, number, rest))
}
