//! The account of the play.

use bondhub_core::party::Language;

use crate::cli::print_line;

/// Tells what happens, in one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Narrator {
    language: Language,
}

impl Narrator {
    /// Tells in this language.
    pub(super) fn new(language: Language) -> Self {
        Self { language }
    }

    /// The language it tells in.
    pub(super) fn language(self) -> Language {
        self.language
    }

    /// The one of two sentences that is in the language.
    pub(super) fn pick<'a>(self, english: &'a str, japanese: &'a str) -> &'a str {
        match self.language {
            Language::En => english,
            Language::Ja => japanese,
        }
    }

    /// A new act.
    pub(super) fn act(self, english: &str, japanese: &str) {
        print_line("");
        print_line(&format!("=== {} ===", self.pick(english, japanese)));
    }

    /// A step of the flow.
    pub(super) fn step(self, english: &str, japanese: &str) {
        print_line("");
        print_line(&format!("* {}", self.pick(english, japanese)));
    }

    /// Something that follows from it.
    pub(super) fn line(text: &str) {
        print_line(&format!("    {text}"));
    }

    /// Something that follows from it, in either language.
    pub(super) fn told(self, english: &str, japanese: &str) {
        Self::line(self.pick(english, japanese));
    }
}
