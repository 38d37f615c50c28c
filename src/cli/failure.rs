//! Why a command failed: one line, and an exit code that scripts can rely on.

use std::{fmt, process::ExitCode};

use crate::desk::DeskError;

/// A failed command.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    line: String,
}

impl Failure {
    /// The hub, or something it needs, failed.
    pub fn failed(error: impl Into<anyhow::Error>) -> Self {
        Self {
            code: 1,
            line: one_line(&error.into()),
        }
    }

    /// Bad usage or configuration.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self {
            code: 2,
            line: one_line(&error.into()),
        }
    }

    /// Bad usage, told in a sentence.
    pub fn misused(sentence: impl Into<String>) -> Self {
        Self {
            code: 2,
            line: sentence.into(),
        }
    }

    /// The input was understood and is not acceptable.
    pub fn refused(sentence: impl Into<String>) -> Self {
        Self {
            code: 3,
            line: sentence.into(),
        }
    }

    /// There is no such thing.
    pub fn not_found(sentence: impl Into<String>) -> Self {
        Self {
            code: 4,
            line: sentence.into(),
        }
    }

    /// The exit code (CONTRACT §5).
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "bondhub: {}", self.line)
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NotFound(_) => Self::not_found(error.to_string()),
            error if error.is_refusal() => Self {
                code: 3,
                line: one_line(&error.into()),
            },
            error => Self::failed(error),
        }
    }
}

/// The whole chain of causes in one line.
fn one_line(error: &anyhow::Error) -> String {
    let mut causes: Vec<String> = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        if causes.last().is_none_or(|last| !last.contains(&cause)) {
            causes.push(cause);
        }
    }
    causes.join(": ").replace('\n', " ")
}
