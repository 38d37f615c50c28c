//! Letters about a party itself, of no case: its certificates (R50).

use bondhub_core::{calendar::Timestamp, party::Party};
use chrono::FixedOffset;
use serde::Serialize;

use super::{LetterError, Letters, Text, typeset, wording};

/// What a letter about a party's certificate says.
#[derive(Clone, Copy)]
pub enum Personal<'a> {
    /// The code that proves that the party has the certificate's private key; only ever encrypted to it.
    Enrolment {
        /// The certificate.
        fingerprint: &'a str,
        /// The code in groups.
        code: &'a str,
        /// After this instant it does not count.
        until: Timestamp,
    },
    /// Another certificate has taken the place of the one this is encrypted to.
    Replaced {
        /// The one before.
        fingerprint: &'a str,
        /// The one from now on.
        by: &'a str,
        /// When.
        at: Timestamp,
    },
    /// A certificate ends.
    Expiring {
        /// Which.
        fingerprint: &'a str,
        /// It signs documents; else mails are encrypted to it.
        signs: bool,
        /// When it ends.
        until: Timestamp,
        /// The warning's days before.
        days: i64,
    },
}

#[derive(Serialize)]
struct Facts {
    reader: Reader,
    fingerprint: String,
    by: String,
    code: String,
    signs: bool,
    days: i64,
    at: String,
}

#[derive(Serialize)]
struct Reader {
    name: String,
}

impl Letters {
    /// A letter about a certificate of `reader`.
    pub fn personal(
        &self,
        letter: Personal<'_>,
        reader: &Party,
        zone: FixedOffset,
    ) -> Result<Text, LetterError> {
        let mut facts = Facts {
            reader: Reader {
                name: wording::one_line(reader.name(reader.language)),
            },
            fingerprint: String::new(),
            by: String::new(),
            code: String::new(),
            signs: false,
            days: 0,
            at: String::new(),
        };
        let time = |at| wording::time(at, zone, reader.language);
        let name = match letter {
            Personal::Enrolment {
                fingerprint,
                code,
                until,
            } => {
                facts.fingerprint = grouped(fingerprint);
                code.clone_into(&mut facts.code);
                facts.at = time(until);
                "certificate/enrolment"
            }
            Personal::Replaced {
                fingerprint,
                by,
                at,
            } => {
                facts.fingerprint = grouped(fingerprint);
                facts.by = grouped(by);
                facts.at = time(at);
                "certificate/replaced"
            }
            Personal::Expiring {
                fingerprint,
                signs,
                until,
                days,
            } => {
                facts.fingerprint = grouped(fingerprint);
                facts.at = time(until);
                (facts.signs, facts.days) = (signs, days);
                "certificate/expiring"
            }
        };
        let rendered = self.render(name, &facts, reader.language)?;
        let (subject, body) = rendered.split_once('\n').unwrap_or((&rendered, ""));
        Ok(Text {
            subject: typeset::subject(subject),
            body: typeset::body(body, reader.language),
        })
    }
}

/// A fingerprint in groups of four, in lines that a mail can carry.
fn grouped(fingerprint: &str) -> String {
    let letters: Vec<char> = fingerprint.chars().collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    let lines: Vec<String> = groups.chunks(8).map(|line| line.join(" ")).collect();
    lines.join("\n    ")
}
