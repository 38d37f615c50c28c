//! How lists are asked for: patterns, and where a list begins.

use bondhub_core::{
    bond::Medium,
    calendar::Timestamp,
    identifier::PartyCode,
    ports::store::{CaseListing, Listing, StoreError, TaskView},
};

use crate::{limit_of, rows};

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

/// A pattern for the terms of bonds of a medium. Within a text of theirs a quotation mark is escaped, so nothing else looks so.
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

/// A party's tasks, read page by page: the pattern finds more than there is, so a page may hold fewer.
pub struct TasksAsked {
    limit: usize,
    /// So many rows are read at a time.
    pub page: i64,
    /// Rows opened later; of those of one moment, of a later case; of those of one case, of a later key.
    pub after: (Timestamp, String, String),
    found: Vec<TaskView>,
    ended: bool,
}

impl TasksAsked {
    /// Nothing is read yet; a limit of 0 means 100.
    pub fn new(limit: u32) -> Self {
        let page = limit_of(limit);
        Self {
            limit: usize::try_from(page).unwrap_or(usize::MAX),
            page,
            after: (Timestamp::UNIX_EPOCH, String::new(), String::new()),
            found: Vec::new(),
            ended: false,
        }
    }

    /// Whether there may be more to read.
    pub fn wants_more(&self) -> bool {
        !self.ended && self.found.len() < self.limit
    }

    /// Takes a page.
    pub fn take(&mut self, rows: Vec<rows::Task>, party: &PartyCode) -> Result<(), StoreError> {
        match rows.last() {
            Some(row) if rows.len() == self.limit => {
                let (case, task) = (row.procurement.clone(), row.task.clone());
                self.after = (row.opened_at.into(), case, task);
            }
            _ => self.ended = true,
        }
        for row in rows {
            let view = TaskView::try_from(row)?;
            if view.task.asked.contains(party) {
                self.found.push(view);
            }
        }
        Ok(())
    }

    /// Goes on with tasks of another kind, from their first one.
    #[must_use]
    pub fn then(self) -> Self {
        Self {
            found: self.found,
            ..Self::new(u32::try_from(self.page).unwrap_or(u32::MAX))
        }
    }

    /// What was found.
    pub fn found(mut self) -> Vec<TaskView> {
        self.found.truncate(self.limit);
        self.found
    }
}
