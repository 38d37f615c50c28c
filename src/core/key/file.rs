//! The key file `bondkey/1`: header lines with the token, and the signed statement (CONTRACT §4).

mod reading;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{
    statement::Statement,
    token::{Token, TokenError, secret_digest},
};
use crate::identifier::BondNumber;

/// The longest key file read, in bytes: a saved mail with one key and a certificate fits easily.
pub const LONGEST_FILE: usize = 16 * 1024;

const FIRST_HEADER: &str = "BOND-KEY-FILE";
const BEGIN: &str = "-----BEGIN CMS-----";
const END: &str = "-----END CMS-----";
const PEM_COLUMNS: usize = 64;

/// A key file's content. What the header lines say is only a convenience until the signature of
/// `cms` is verified, its content read as a [`Statement`] and [`KeyFile::check`] agrees.
pub struct KeyFile {
    /// The header's bond number.
    pub bond: BondNumber,
    /// The header's bond version.
    pub revision: u32,
    /// The key.
    pub token: Token,
    /// The signed statement: a CMS block, DER. Not verified yet.
    pub cms: Vec<u8>,
}

/// Why bytes are not a usable key file: one sentence for people, which never repeats the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// More than [`LONGEST_FILE`] bytes.
    #[error("the file is longer than {LONGEST_FILE} bytes; a key file never is")]
    TooLong,
    /// No line begins with `BOND-KEY-FILE:`.
    #[error("this is not a key file: no line begins with BOND-KEY-FILE:")]
    NotAKeyFile,
    /// A later format.
    #[error("this key file is not of version 1")]
    Version,
    /// Two keys, or two signed blocks.
    #[error("the file holds more than one key file or signed block")]
    SeveralBlocks,
    /// A header line is missing, doubled, out of order or malformed.
    #[error("the header line `{0}` is missing or malformed")]
    Header(&'static str),
    /// The token is not one.
    #[error("the key cannot be read: {0}")]
    Token(#[from] TokenError),
    /// The CMS block is missing, unfinished or not base 64.
    #[error("the signed block (BEGIN CMS … END CMS) is missing, cut off or damaged")]
    Block,
    /// Something stands behind the CMS block.
    #[error("there is text after the signed block; save the key file alone")]
    Trailing,
    /// The signed statement is about another key.
    #[error("the signature is not about this key: its secret or name differs")]
    OtherKey,
    /// The header names another bond than the statement.
    #[error("the header line `Bond` differs from what was signed")]
    OtherBond,
    /// The header names another version than the statement.
    #[error("the header line `Revision` differs from what was signed")]
    OtherRevision,
}

impl KeyFile {
    /// Writes a key file: ASCII, lines ended by CR LF, so that mail transport changes no byte of it.
    ///
    /// `cms` is the signed [`Statement`] about `token`, DER.
    pub fn assemble(
        bond: &BondNumber,
        revision: u32,
        token: &Token,
        cms: &[u8],
    ) -> Zeroizing<Vec<u8>> {
        let bond = encode_number(bond.as_str());
        let key = token.to_text();
        let block = Zeroizing::new(STANDARD.encode(cms));
        let revision = revision.to_string();
        let head = [
            ("BOND-KEY-FILE: ", "1"),
            ("Bond: ", &bond),
            ("Revision: ", &revision),
            ("Key: ", &key),
            ("", ""),
            ("", BEGIN),
        ];
        let room = 200 + bond.len() + key.len() + block.len() * (PEM_COLUMNS + 2) / PEM_COLUMNS;
        let mut file = Zeroizing::new(Vec::with_capacity(room));
        for (name, value) in head {
            push_line(&mut file, &[name.as_bytes(), value.as_bytes()]);
        }
        for line in block.as_bytes().chunks(PEM_COLUMNS) {
            push_line(&mut file, &[line]);
        }
        push_line(&mut file, &[END.as_bytes()]);
        file
    }

    /// Reads a key file strictly; text before it (a saved mail), a byte order mark and either kind
    /// of line end are taken.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyFileError> {
        reading::parse(bytes)
    }

    /// Whether `statement`, whose signature was verified, is about this file's key and agrees with
    /// its header lines.
    pub fn check(&self, statement: &Statement) -> Result<(), KeyFileError> {
        let digest = secret_digest(self.token.kid(), self.token.secret());
        let same_secret = digest.as_bytes().ct_eq(statement.secret_digest.as_bytes());
        if !bool::from(same_secret) || *self.token.kid() != statement.kid {
            return Err(KeyFileError::OtherKey);
        }
        if self.bond != statement.bond {
            return Err(KeyFileError::OtherBond);
        }
        if self.revision != statement.revision {
            return Err(KeyFileError::OtherRevision);
        }
        Ok(())
    }
}

fn push_line(file: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        file.extend_from_slice(part);
    }
    file.extend_from_slice(b"\r\n");
}

/// Writes a number as printable ASCII: other bytes, blanks and the percent sign as `%XX` of UTF-8.
fn encode_number(number: &str) -> String {
    use std::fmt::Write as _;
    number.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_graphic() && byte != b'%' {
            text.push(char::from(byte));
        } else {
            let _infallible = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests;
