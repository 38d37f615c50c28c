//! Letters about a party itself, of no case: its certificates (R50), its accounts, its limits (R43).

use bondhub_core::{calendar::Timestamp, party::Party};
use chrono::FixedOffset;
use serde::Serialize;

use super::{LetterError, Letters, Text, typeset, wording};

/// What a letter about a party's certificate or account says.
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
    /// A limit of its is exceeded. For whom and by how much is not said in a mail: it may come of bids that are not open
    /// yet (R21), and the mail may be in the open.
    LimitExceeded {
        /// When it was noticed.
        at: Timestamp,
    },
    /// Another certificate was handed in, to take the place of the one this is encrypted to; nothing has changed yet.
    Announced {
        /// The one in use; none where nothing can be encrypted to the party.
        fingerprint: Option<&'a str>,
        /// The one that was handed in.
        by: &'a str,
        /// Until when its code counts.
        until: Timestamp,
        /// An operator must confirm it too.
        confirmed: bool,
    },
    /// What an account of the party signs in with has changed, or somebody tries to guess it.
    Account {
        /// The account.
        account: &'a str,
        /// What happened.
        news: AccountNews,
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

/// What happened to what an account signs in with. No secret is in it, and nothing by which one could sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountNews {
    /// Password and one-time password were chosen with an invitation.
    SetUp,
    /// The password was changed.
    Password,
    /// Another secret of one-time passwords, and new recovery codes with it.
    OneTime,
    /// New recovery codes.
    RecoveryCodes,
    /// A recovery code was used to sign in; so many are left.
    RecoveryCodeUsed(u64),
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// An administrator took everything away but the password, since a device was lost.
    Reset,
    /// Signing in failed so often that it is refused for a while.
    LockedOut,
}

impl AccountNews {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::SetUp,
        Self::Password,
        Self::OneTime,
        Self::RecoveryCodes,
        Self::RecoveryCodeUsed(9),
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::Reset,
        Self::LockedOut,
    ];

    /// The news in a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Password => "password",
            Self::OneTime => "one_time",
            Self::RecoveryCodes => "recovery_codes",
            Self::RecoveryCodeUsed(_) => "recovery_code_used",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::Reset => "reset",
            Self::LockedOut => "locked_out",
        }
    }

    fn left(self) -> u64 {
        match self {
            Self::RecoveryCodeUsed(left) => left,
            _ => 0,
        }
    }
}

#[derive(Default, Serialize)]
struct Facts {
    reader: Reader,
    fingerprint: String,
    by: String,
    code: String,
    signs: bool,
    days: i64,
    at: String,
    confirmed: bool,
    account: String,
    news: &'static str,
    left: u64,
}

#[derive(Default, Serialize)]
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
            ..Facts::default()
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
            Personal::Announced {
                fingerprint,
                by,
                until,
                confirmed,
            } => {
                facts.fingerprint = fingerprint.map(grouped).unwrap_or_default();
                facts.by = grouped(by);
                facts.at = time(until);
                facts.confirmed = confirmed;
                "certificate/announced"
            }
            Personal::Account { account, news, at } => {
                facts.account = wording::one_line(account);
                (facts.news, facts.left) = (news.as_str(), news.left());
                facts.at = time(at);
                "account/changed"
            }
            Personal::LimitExceeded { at } => {
                facts.at = time(at);
                "limit/exceeded"
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
