//! The embedded templates, and the strictness with which they are read.

use bondhub_core::notice::NoticeContent;
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, escape_formatter,
    syntax::SyntaxConfig,
};

use super::LetterError;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[
            $((concat!("ja/", $name, ".txt"), include_str!(concat!("templates/ja/", $name, ".txt"))),
              (concat!("en/", $name, ".txt"), include_str!(concat!("templates/en/", $name, ".txt"))),)*
        ]
    };
}

/// Name and text of each template.
const TEMPLATES: &[(&str, &str)] = templates![
    "letter",
    "bond",
    "foot",
    "rule",
    "because",
    "key",
    "state_changed",
    "updated",
    "opening_moved",
    "bids_opened",
    "expiring",
    "task/extension_needed",
    "task/rebid_bond_needed",
    "task/forfeiture_proposed",
    "task/reinstatement_needed",
    "task/performance_bond_needed",
    "task/bond_missing",
    "task/change_request",
    "task/decrease_proposed",
    "task/claim_window",
    "task/owner_consent_needed",
    "task/certificate_needed",
    "task/signature_needed",
    "task/match_failed",
    "task/opening_brought_forward",
    "task/expired_uncovered",
    "task/unplaced",
    "certificate/enrolment",
    "account/changed",
    "certificate/announced",
    "certificate/replaced",
    "certificate/expiring",
    "limit/exceeded",
];

/// The template of a notice, below its language's folder: a task has one per kind.
pub(super) fn template_of(content: &NoticeContent) -> String {
    match content {
        NoticeContent::TaskOpened { key, .. } => format!("task/{}", key.kind.as_str()),
        _ => content.name().to_owned(),
    }
}

/// An environment that refuses what is missing instead of leaving a gap in a letter.
pub(super) fn environment() -> Result<Environment<'static>, LetterError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_syntax(syntax().map_err(LetterError::Syntax)?);
    environment.set_formatter(|out, state, value| {
        if value.is_none() {
            return Err(Error::new(
                ErrorKind::UndefinedError,
                "the value is not known",
            ));
        }
        escape_formatter(out, state, value)
    });
    for &(template, text) in TEMPLATES {
        environment
            .add_template(template, text)
            .map_err(|source| LetterError::Template { template, source })?;
    }
    Ok(environment)
}

/// A line of a template that holds only a block tag leaves nothing behind.
fn syntax() -> Result<SyntaxConfig, Error> {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
}
