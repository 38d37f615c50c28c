//! Commands, together where the server takes them so (RFC 2920), and replies.

use std::fmt::Display;

use lettre::transport::smtp::{Error, response::Response};

/// A server's reply, good or bad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// The three digits.
    pub(super) code: u16,
    /// The digits and the text, one line, cut so that it can be kept.
    pub(super) text: String,
}

/// Longer replies are cut.
const LONGEST_REPLY: usize = 400;

impl Reply {
    /// Tells a reply, also a bad one, from a failure of the connection.
    pub(super) fn of(result: Result<Response, Error>) -> Result<Self, Error> {
        match result {
            Ok(response) => {
                let lines: Vec<_> = response.message().collect();
                Ok(Self::new(response.code(), &lines.join(" ")))
            }
            Err(error) => match error.status() {
                Some(code) => {
                    let source = std::error::Error::source(&error);
                    Ok(Self::new(
                        code,
                        &source.map(ToString::to_string).unwrap_or_default(),
                    ))
                }
                None => Err(error),
            },
        }
    }

    fn new(code: impl Display, text: &str) -> Self {
        let digits = code.to_string();
        let words = text
            .split(|c: char| c.is_control() || c == ' ')
            .filter(|word| !word.is_empty());
        let text = words.fold(digits.clone(), |line, word| line + " " + word);
        Self {
            code: digits.parse().unwrap_or_default(),
            text: text.chars().take(LONGEST_REPLY).collect(),
        }
    }

    /// The server went along.
    pub(super) fn is_good(&self) -> bool {
        (200..400).contains(&self.code)
    }

    /// It will never go along.
    pub(super) fn is_permanent(&self) -> bool {
        (500..600).contains(&self.code)
    }

    /// The server says good-bye: the connection is over.
    pub(super) fn is_farewell(&self) -> bool {
        self.code == 421
    }
}

/// Commands that are sent together, one reply each.
#[derive(Debug, Default, Clone)]
pub(super) struct Group {
    pub(super) text: String,
    pub(super) replies: usize,
}

impl Group {
    /// Adds a command; it brings its own line end.
    pub(super) fn push(&mut self, command: impl Display) {
        self.text.push_str(&command.to_string());
        self.replies += 1;
    }
}
