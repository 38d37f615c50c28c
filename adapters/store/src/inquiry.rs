//! How lists are asked for: patterns, and where a list begins.

use bondhub_core::{
    bond::{BondKind, Medium},
    calendar::Timestamp,
    identifier::PartyCode,
    ports::store::{CaseListing, Listing, TaskView},
};

/// Where a page of a list begins, as the queries compare it.
pub struct Beginning {
    /// Rows that changed before.
    pub changed_at: Timestamp,
    /// Of those of one moment, rows of an issuer before.
    pub issuer: String,
    /// And with a number before.
    pub number: String,
}

/// Behind every text of either database: no code or number begins so.
const LAST: &str = "\u{10ffff}";

impl Beginning {
    /// The beginning of a list of what changed last.
    pub fn newest(listing: &Listing) -> Self {
        match &listing.after {
            Some(mark) => Self::of(mark),
            None => Self {
                changed_at: far_future(),
                issuer: LAST.to_owned(),
                number: LAST.to_owned(),
            },
        }
    }

    /// The beginning of a list by number.
    pub fn by_number(listing: &Listing) -> Self {
        match &listing.after {
            Some(mark) => Self::of(mark),
            None => Self {
                changed_at: far_future(),
                issuer: String::new(),
                number: String::new(),
            },
        }
    }

    fn of(mark: &bondhub_core::ports::store::ListMark) -> Self {
        Self {
            changed_at: mark.changed_at,
            issuer: mark.bond.issuer.as_str().to_owned(),
            number: mark.bond.number.as_str().to_owned(),
        }
    }
}

/// A listing of cases as it is bound.
pub struct CasesAsked {
    /// Cases whose id comes before.
    pub before: String,
    /// A pattern of LIKE that the id fits; `\` escapes.
    pub pattern: String,
}

impl CasesAsked {
    /// As the listing asks.
    pub fn of(listing: &CaseListing) -> Self {
        let after = listing.after.as_ref();
        let named = listing.named.as_deref().unwrap_or_default();
        Self {
            before: after.map_or(LAST, |id| id.as_str()).to_owned(),
            pattern: format!("%{}%", literal(named)),
        }
    }
}

/// A text that stands for itself in a pattern of LIKE.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '%' | '_') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// Later than any row, and a time both databases can hold.
fn far_future() -> Timestamp {
    chrono::NaiveDate::from_ymd_opt(9999, 12, 31)
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .map_or(Timestamp::MAX_UTC, |time| time.and_utc())
}

/// A pattern for the terms of bonds of a kind. Within a text of theirs a quotation mark is escaped, so nothing else looks so.
pub fn kind_pattern(kind: Option<BondKind>) -> Option<String> {
    kind.map(|kind| format!("%\"kind\":\"{}\"%", kind.as_str()))
}

/// A pattern for terms of bonds of a medium, as [`kind_pattern`] makes one.
pub fn medium_pattern(medium: Option<Medium>) -> Option<String> {
    medium.map(|medium| format!("%\"medium\":\"{}\"%", medium.as_str()))
}

/// A pattern for tasks that name a party; `~` escapes.
pub fn task_pattern(party: &PartyCode) -> String {
    let json = serde_json::to_string(party.as_str()).unwrap_or_default();
    let plain = json
        .replace('~', "~~")
        .replace('%', "~%")
        .replace('_', "~_");
    format!("%{plain}%")
}

/// The tasks that really ask a party.
pub fn asking(tasks: Vec<TaskView>, party: &PartyCode) -> Vec<TaskView> {
    let asks = |view: &TaskView| view.task.asked.contains(party);
    tasks.into_iter().filter(asks).collect()
}
