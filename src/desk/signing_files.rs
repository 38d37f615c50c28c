//! The files in which statements go to an issuer's desk and signatures come back, where the desk has
//! no line to the hub (R12).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{calendar::Timestamp, identifier::PartyCode, key::Statement};
use serde::{Deserialize, Serialize};

const STATEMENTS: &str = "bondhub-statements/1";
const SIGNATURES: &str = "bondhub-signatures/1";
/// More bytes than this are not read: some ten thousand keys.
const LONGEST: usize = 64 * 1024 * 1024;

/// Statements that wait for an issuer's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statements {
    format: String,
    /// Who must sign.
    pub issuer: PartyCode,
    /// When the file was written.
    pub exported_at: Timestamp,
    /// The statements, as they must be signed, byte for byte.
    pub statements: Vec<String>,
}

/// Signatures for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatures {
    format: String,
    /// Who signed.
    pub issuer: PartyCode,
    /// CMS blocks, DER in base 64.
    pub signatures: Vec<String>,
}

/// Why a file is not one of these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningFileError {
    /// Not JSON of the expected form.
    #[error("this is no file of {0}: {1}")]
    Form(&'static str, String),
    /// A statement that is not one of a key, or not of this issuer: nothing else is ever signed.
    #[error(
        "statement {number} is not the statement of a key of {issuer}: {problem}; nothing is signed"
    )]
    Foreign {
        /// Which, counted from 1.
        number: usize,
        /// The issuer the file is for.
        issuer: PartyCode,
        /// What is wrong with it.
        problem: String,
    },
    /// A signature that is not base 64.
    #[error("signature {0} is not base 64")]
    Signature(usize),
}

impl Statements {
    /// A file with these statements.
    pub fn new(issuer: PartyCode, statements: &[Vec<u8>], now: Timestamp) -> Self {
        Self {
            format: STATEMENTS.to_owned(),
            issuer,
            exported_at: now,
            statements: statements
                .iter()
                .map(|statement| String::from_utf8_lossy(statement).into_owned())
                .collect(),
        }
    }

    /// Reads a file. Every statement must be that of a key and speak for the file's issuer: whoever
    /// wrote the file cannot have anything else signed with it.
    pub fn read(bytes: &[u8]) -> Result<Self, SigningFileError> {
        let file: Self = parse(bytes, STATEMENTS)?;
        if file.format != STATEMENTS {
            return Err(SigningFileError::Form(STATEMENTS, file.format));
        }
        file.parsed()?;
        Ok(file)
    }

    /// What the statements say.
    pub fn parsed(&self) -> Result<Vec<Statement>, SigningFileError> {
        let foreign = |number, problem| SigningFileError::Foreign {
            number,
            issuer: self.issuer.clone(),
            problem,
        };
        let mut parsed = Vec::with_capacity(self.statements.len());
        for (place, text) in self.statements.iter().enumerate() {
            let statement = Statement::read(text.as_bytes())
                .map_err(|error| foreign(place + 1, error.to_string()))?;
            if statement.issuer != self.issuer {
                let problem = format!("it speaks for {}", statement.issuer);
                return Err(foreign(place + 1, problem));
            }
            parsed.push(statement);
        }
        Ok(parsed)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        to_text(self)
    }
}

impl Signatures {
    /// A file with these CMS blocks (DER).
    pub fn new(issuer: PartyCode, blocks: &[Vec<u8>]) -> Self {
        Self {
            format: SIGNATURES.to_owned(),
            issuer,
            signatures: blocks.iter().map(|block| STANDARD.encode(block)).collect(),
        }
    }

    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Result<Self, SigningFileError> {
        let file: Self = parse(bytes, SIGNATURES)?;
        if file.format == SIGNATURES {
            Ok(file)
        } else {
            Err(SigningFileError::Form(SIGNATURES, file.format))
        }
    }

    /// The CMS blocks, DER.
    pub fn blocks(&self) -> Result<Vec<Vec<u8>>, SigningFileError> {
        let blocks = self.signatures.iter().enumerate();
        let decoded = blocks.map(|(place, text)| {
            let block = STANDARD.decode(text);
            block.map_err(|_| SigningFileError::Signature(place + 1))
        });
        decoded.collect()
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        to_text(self)
    }
}

fn parse<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    format: &'static str,
) -> Result<T, SigningFileError> {
    if bytes.len() > LONGEST {
        let problem = format!("{} bytes, at most {LONGEST} are read", bytes.len());
        return Err(SigningFileError::Form(format, problem));
    }
    serde_json::from_slice(bytes).map_err(|error| SigningFileError::Form(format, error.to_string()))
}

fn to_text<T: Serialize>(file: &T) -> String {
    let text = serde_json::to_string_pretty(file).unwrap_or_default();
    format!("{text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATEMENT: &str = r#"{"aud":"owner:O1","bond":"B-2026-000123","exp":"2026-12-31T15:00:00Z","iat":"2026-04-01T00:00:00Z","iss":"S1","kh":"gXEYI9r0_jcG-OCjx10sE0Ovu669ScrcG4n4_Na3gcQ","kid":"ABCDEFGHJKMNPQRS","rev":2,"typ":"bondkey","v":1}"#;

    fn file(issuer: &str, statement: &str) -> String {
        let issuer = PartyCode::parse(issuer).unwrap();
        let statements = [statement.as_bytes().to_vec()];
        Statements::new(issuer, &statements, Timestamp::UNIX_EPOCH).to_text()
    }

    #[test]
    fn statements_go_and_come_byte_for_byte() {
        let read = Statements::read(file("S1", STATEMENT).as_bytes()).unwrap();
        assert_eq!(read.statements, [STATEMENT]);
        assert_eq!(read.parsed().unwrap()[0].kid.as_str(), "ABCDEFGHJKMNPQRS");
    }

    #[test]
    fn nothing_but_statements_of_keys_of_the_issuer_can_be_had_signed() {
        let registration = r#"{"typ":"bond","v":1}"#;
        for (issuer, statement) in [("S2", STATEMENT), ("S1", registration), ("S1", "")] {
            let refused = Statements::read(file(issuer, statement).as_bytes()).unwrap_err();
            let message = refused.to_string();
            assert!(message.contains("nothing is signed"), "{message}");
        }
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        let signatures = Signatures::new(PartyCode::parse("S1").unwrap(), &[vec![0x30, 0]]);
        assert!(Statements::read(signatures.to_text().as_bytes()).is_err());
        let read = Signatures::read(signatures.to_text().as_bytes()).unwrap();
        assert_eq!(read.blocks().unwrap(), [vec![0x30, 0]]);
        assert!(Signatures::read(file("S1", STATEMENT).as_bytes()).is_err());
        assert!(Signatures::read(b"").is_err());
    }
}
