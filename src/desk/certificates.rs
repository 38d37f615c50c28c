//! The daily look at certificates and revocation lists: who must be told before they end (R51).

use std::time::Duration;

use bondhub_core::{
    audit::{Act, Actor},
    calendar::Timestamp,
    identifier::PartyCode,
    party::Party,
    ports::{
        signing::ListDetails,
        store::{Book, Commit, OutboxRow},
    },
};
use chrono::TimeDelta;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{Desk, DeskError, parties::subject};
use crate::{
    hub::prepare::{About, PersonalMail},
    letters::Personal,
};

/// Days before the end at which it is told, the nearest first.
const DAYS: [i64; 3] = [3, 14, 30];

/// What ends soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// `openpgp`, `signing` or `revocation_list`.
    pub kind: &'static str,
    /// Whose; none for a revocation list.
    pub party: Option<PartyCode>,
    /// The fingerprint, or the authority's name.
    pub what: String,
    /// When it ends.
    pub ends_at: Timestamp,
    /// The warning's days before; 0 when it has ended.
    pub days: i64,
    /// It is told now; false if it was before.
    pub new: bool,
}

/// One thing that ends.
struct Ending {
    kind: &'static str,
    party: Option<PartyCode>,
    what: String,
    ends_at: Timestamp,
}

impl Ending {
    /// That it ends, for an operator.
    fn sentence(&self) -> String {
        format!("the newest list of {} ends at {}", self.what, self.ends_at)
    }
}

/// How often the hub looks by itself; each warning is given once, however often it looks.
const PAUSE: Duration = Duration::from_hours(1);

/// Looks at certificates every hour until told to stop.
pub async fn watch_certificates(desk: Desk, stop: CancellationToken) {
    let desk = desk.by(Actor::Hub);
    loop {
        if let Err(error) = desk.check_certificates().await {
            tracing::warn!("the certificates cannot be looked at: {error}");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

impl Desk {
    /// Looks once. What is near its end is told to its party once at 30, 14 and 3 days; an ended one in the log and in what is
    /// returned. A revocation list that is late or missing is the operator's to see to: it becomes a task of the hub.
    pub async fn check_certificates(&self) -> Result<Vec<Warning>, DeskError> {
        let (book, now) = (self.store.book().await?, self.clock.now());
        let lists = self.reader.verifier.revocation_lists(now);
        let late = newest(lists, now);
        let asked = late.iter().map(|one| (one.what.clone(), one.sentence()));
        self.ask_for_lists(&book, asked.collect(), now).await?;
        let endings = endings(&book).into_iter();
        let endings = endings.chain(late);
        let mut warnings = Vec::new();
        for ending in endings {
            let Some(days) = threshold(ending.ends_at, now) else {
                continue;
            };
            match self.warn(&book, &ending, days, now).await {
                Ok(new) => warnings.push(Warning {
                    kind: ending.kind,
                    party: ending.party,
                    what: ending.what,
                    ends_at: ending.ends_at,
                    days,
                    new,
                }),
                Err(error @ DeskError::Store(_)) => return Err(error),
                // The others are told all the same, and this one is tried again at the next look.
                Err(error) => tracing::error!(
                    kind = ending.kind,
                    what = ending.what,
                    "its end cannot be told: {error}"
                ),
            }
        }
        Ok(warnings)
    }

    /// Tells an ending, once; whether it is told now.
    async fn warn(
        &self,
        book: &Book,
        ending: &Ending,
        days: i64,
        now: Timestamp,
    ) -> Result<bool, DeskError> {
        let owner = ending.party.as_ref().map_or("-", PartyCode::as_str);
        let end = ending.ends_at.timestamp();
        let name = format!("{}:{owner}:{}:{end}", ending.kind, ending.what);
        if self.store.warned(&name, days).await? {
            return Ok(false);
        }
        let mut with = Commit {
            now,
            ..Commit::default()
        };
        let party = book
            .parties
            .iter()
            .find(|one| Some(&one.code) == ending.party.as_ref());
        if let Some(party) = party.filter(|party| days > 0 && !party.mail.is_empty()) {
            with.outbox
                .push(self.expiry_mail(book, party, ending, days, now)?);
            let told = self.told(Act::PartyTold, subject(&party.code));
            with.audit.push(
                told.with("letter", "certificate_expiring")
                    .with("days", days),
            );
        }
        let new = self.store.warn_once(&name, days, &with).await?;
        if new {
            tracing::warn!(kind = ending.kind, party.code = owner, what = ending.what, ends_at = %ending.ends_at, "ends soon or has ended");
        }
        Ok(new)
    }

    /// Encrypted while it still can be; it holds no secret.
    fn expiry_mail(
        &self,
        book: &Book,
        party: &Party,
        ending: &Ending,
        days: i64,
        now: Timestamp,
    ) -> Result<OutboxRow, DeskError> {
        let letter = Personal::Expiring {
            fingerprint: &ending.what,
            signs: ending.kind == "signing",
            until: ending.ends_at,
            days,
        };
        let workshop = &self.bench.workshop;
        let text = workshop.letters.personal(letter, party, self.zone())?;
        let mail = PersonalMail {
            name: "certificate_expiring",
            about: About::Certificates,
            cause: format!("{}:{}:{days}", party.code, ending.what),
            reader: party,
            text: &text,
            now,
        };
        Ok(self.encrypted_if_possible(book, party, &mail)?)
    }
}

/// Of each party the OpenPGP certificate in use, and every signing certificate.
fn endings(book: &Book) -> Vec<Ending> {
    let mut found = Vec::new();
    for party in &book.parties {
        let own = book
            .certificates
            .iter()
            .filter(|one| one.party == party.code && one.revoked_at.is_none());
        if let Some(one) = own.max_by_key(|one| one.added_at)
            && let Some(ends_at) = one.usable_until
        {
            found.push(Ending {
                kind: "openpgp",
                party: Some(party.code.clone()),
                what: one.fingerprint.clone(),
                ends_at,
            });
        }
        let signing = book
            .signing
            .iter()
            .filter(|one| one.party == party.code && one.revoked_at.is_none());
        found.extend(signing.map(|one| Ending {
            kind: "signing",
            party: Some(party.code.clone()),
            what: one.fingerprint.clone(),
            ends_at: one.valid_until,
        }));
    }
    found
}

/// The newest list of each authority, if it ends sooner than its authority's habit lets expect: a daily
/// list always ends soon.
fn newest(lists: Vec<ListDetails>, now: Timestamp) -> Vec<Ending> {
    let mut newest: Vec<ListDetails> = Vec::new();
    for list in lists {
        match newest.iter_mut().find(|one| one.issuer == list.issuer) {
            Some(one) if one.this_update < list.this_update => *one = list,
            Some(_) => {}
            None => newest.push(list),
        }
    }
    let due = |list: ListDetails| {
        let ends_at = list.next_update?;
        let half = (ends_at - list.this_update) / 2;
        let due = ends_at < now + half;
        due.then_some(Ending {
            kind: "revocation_list",
            party: None,
            what: list.issuer,
            ends_at,
        })
    };
    newest.into_iter().filter_map(due).collect()
}

fn threshold(ends_at: Timestamp, now: Timestamp) -> Option<i64> {
    if ends_at <= now {
        return Some(0);
    }
    DAYS.into_iter()
        .find(|days| ends_at <= now + TimeDelta::days(*days))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_nearest_of_30_14_and_3_days_counts_and_an_end_is_an_end() {
        let now = at("2026-09-01T00:00:00Z");
        for (end, expected) in [
            ("2026-10-02T00:00:00Z", None),
            ("2026-10-01T00:00:00Z", Some(30)),
            ("2026-09-15T00:00:00Z", Some(14)),
            ("2026-09-04T00:00:00Z", Some(3)),
            ("2026-09-01T00:00:01Z", Some(3)),
            ("2026-09-01T00:00:00Z", Some(0)),
        ] {
            assert_eq!(threshold(at(end), now), expected, "{end}");
        }
    }

    #[test]
    fn a_daily_list_is_no_news_and_a_late_one_is() {
        let list = |from: &str, until: &str| ListDetails {
            issuer: "CN=Root".to_owned(),
            this_update: at(from),
            next_update: Some(at(until)),
        };
        let now = at("2026-09-01T00:00:00Z");
        let daily = list("2026-08-31T20:00:00Z", "2026-09-01T20:00:00Z");
        assert!(newest(vec![daily.clone()], now).is_empty());
        let older = list("2026-08-01T00:00:00Z", "2026-08-08T00:00:00Z");
        assert!(
            newest(vec![older.clone(), daily], now).is_empty(),
            "the newest counts"
        );
        assert_eq!(newest(vec![older], now).len(), 1);
    }
}
