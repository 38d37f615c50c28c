//! What the hub's mails say (R50, R51): notices and key letters, in Japanese and English.
//!
//! Everything here is pure: what a letter needs comes in as values, a subject and a body go out. The
//! texts are the templates below `letters/templates/`, one per letter and language. A letter is a
//! hint, never the record (E30), and holds no secret: the key travels as an attachment.
//!
//! What a letter may tell is decided in one place, `disclosure`: before the opening an owner learns
//! of a bid-stage bond only that it exists (R21), and no notice about one shows its amount to
//! anybody, since a notice to a party without a certificate travels in plain.

mod disclosure;
mod environment;
mod facts;
mod personal;
mod typeset;
pub(crate) mod wording;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bondhub_core::{
    bond::BondTerms,
    calendar::Timestamp,
    identifier::{BondId, PartyCode},
    notice::Notice,
    party::{Language, Party, Role},
    reconcile::KeyReason,
};
use chrono::FixedOffset;

pub use personal::{AccountNews, Personal};

use disclosure::Disclosure;
use facts::Facts;

/// A letter: one line of subject, and lines of text that end with `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The real subject: for the inside of what is encrypted, or for a notice that is not. The
    /// outside of an encrypted mail takes [`Letters::neutral_subject`] (R50).
    pub subject: String,
    /// The body, plain text.
    pub body: String,
}

/// Why a letter could not be written: a defect of its template, since every letter is tested.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// The template engine refuses its own settings.
    #[error("the template engine cannot be set up")]
    Syntax(#[source] minijinja::Error),
    /// A template does not parse.
    #[error("the letter template `{template}` is not usable")]
    Template {
        /// Which one.
        template: &'static str,
        /// What the template engine says.
        source: minijinja::Error,
    },
    /// A template asks for something the letter does not have.
    #[error("the letter `{template}` could not be written")]
    Render {
        /// Which one.
        template: String,
        /// What the template engine says.
        source: minijinja::Error,
    },
}

/// Where the names of parties come from.
pub trait Names {
    /// The party's name in a language; none for a party that is not known, which is shown by its code.
    fn name(&self, party: &PartyCode, language: Language) -> Option<String>;
}

impl Names for BTreeMap<PartyCode, Party> {
    fn name(&self, party: &PartyCode, language: Language) -> Option<String> {
        self.get(party).map(|party| party.name(language).to_owned())
    }
}

/// What is known around a letter: of its case, and of the time.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// The names of parties.
    pub names: &'a dyn Names,
    /// The title of the case, if it is known.
    pub case_title: Option<&'a str>,
    /// The owner of the case, if it is known.
    pub owner: Option<&'a PartyCode>,
    /// The contractor of the contract the letter is about, once it is concluded.
    pub contractor: Option<&'a PartyCode>,
    /// The opening time that governs what the letter is about (`bondhub_core::view`): until then the
    /// embargo lasts (R21); without one it stays on, for want of a time that could have passed.
    pub opening_at: Option<Timestamp>,
    /// The zone in which times are written.
    pub zone: FixedOffset,
    /// The hub's time, by which the embargo is judged.
    pub now: Timestamp,
}

/// What a letter with a key file needs.
#[derive(Clone, Copy)]
pub struct KeyLetter<'a> {
    /// Which bond the key opens.
    pub bond: &'a BondId,
    /// The terms of that version.
    pub terms: &'a BondTerms,
    /// The version the key is bound to (R10).
    pub version: u32,
    /// To whom the letter goes.
    pub reader: &'a Party,
    /// The role in which the reader holds the key.
    pub role: Role,
    /// Why the key was issued.
    pub reason: KeyReason,
    /// The file name of the attached key file.
    pub attachment: &'a str,
    /// Case and time.
    pub circumstances: Circumstances<'a>,
}

/// The letters of all kinds and languages.
pub struct Letters {
    environment: minijinja::Environment<'static>,
}

impl Letters {
    /// Reads the embedded templates.
    pub fn new() -> Result<Self, LetterError> {
        let environment = environment::environment()?;
        Ok(Self { environment })
    }

    /// The letter that goes with a key file. It is sent encrypted, always (R50).
    pub fn key(&self, letter: &KeyLetter<'_>) -> Result<Text, LetterError> {
        let disclosure = Disclosure::sealed(letter.terms, letter.role, &letter.circumstances);
        let facts = Facts::of_key(letter, disclosure);
        self.write("key", &facts, letter.reader.language)
    }

    /// A notice to `reader`. `terms` are those of the bond it is about, as they are now; none where
    /// it is about no bond, or about one the hub does not know.
    pub fn notice(
        &self,
        notice: &Notice,
        reader: &Party,
        terms: Option<&BondTerms>,
        circumstances: &Circumstances<'_>,
    ) -> Result<Text, LetterError> {
        let facts = Facts::of_notice(notice, reader, terms, circumstances);
        self.write(
            &environment::template_of(&notice.content),
            &facts,
            reader.language,
        )
    }

    /// The subject of the outside of an encrypted mail; it tells nothing (R50).
    pub fn neutral_subject(language: Language) -> &'static str {
        match language {
            Language::Ja => "bondhub からのお知らせ",
            Language::En => "Message from bondhub",
        }
    }

    fn write(&self, name: &str, facts: &Facts, language: Language) -> Result<Text, LetterError> {
        let rendered = self.render(name, facts, language)?;
        let (subject, body) = rendered.split_once('\n').unwrap_or((&rendered, ""));
        let subject = if facts.tells_in_subject() {
            typeset::subject(subject)
        } else {
            Self::neutral_subject(language).to_owned()
        };
        Ok(Text {
            subject,
            body: typeset::body(body, language),
        })
    }

    fn render(
        &self,
        name: &str,
        facts: &impl serde::Serialize,
        language: Language,
    ) -> Result<String, LetterError> {
        let template = format!("{}/{name}.txt", language.as_str());
        self.environment
            .get_template(&template)
            .and_then(|found| found.render(minijinja::value::Serde(facts)))
            .map_err(|source| LetterError::Render { template, source })
    }
}
