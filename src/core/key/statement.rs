//! What the issuer signs about a key: which bond it opens, for whom, until when.

use std::fmt;

use chrono::SubsecRound as _;
use serde::{Deserialize, Serialize};

use super::token::{Kid, Token, secret_digest};
use crate::{
    calendar::Timestamp,
    identifier::{BondId, BondNumber, PartyCode},
    party::Role,
};

/// The longest statement read, in bytes; identifiers have at most 200 each.
const LONGEST: usize = 4096;
const TYPE: &str = "bondkey";
const VERSION: u32 = 1;

/// Whom a key is for: a party in one role, written `role:code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Audience {
    /// In which role.
    pub role: Role,
    /// Who.
    pub party: PartyCode,
}

/// Why a text names no audience.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the holder of a key is written role:code, such as owner:O1")]
pub struct AudienceError;

impl fmt::Display for Audience {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.role, self.party)
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> Self {
        audience.to_string()
    }
}

impl TryFrom<String> for Audience {
    type Error = AudienceError;
    fn try_from(text: String) -> Result<Self, AudienceError> {
        let (role, party) = text.split_once(':').ok_or(AudienceError)?;
        Ok(Self {
            role: Role::parse(role).ok_or(AudienceError)?,
            party: PartyCode::parse(party).map_err(|_| AudienceError)?,
        })
    }
}

/// The signed statement of a key. It holds a digest of the secret, never the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `aud`: whom the key is for.
    pub audience: Audience,
    /// `iss`: who issued the bond, and signs.
    pub issuer: PartyCode,
    /// `bond`: the issuer's number for the bond.
    pub bond: BondNumber,
    /// `rev`: the version of the bond that the key opens.
    pub revision: u32,
    /// `iat`: when the key was issued.
    pub issued_at: Timestamp,
    /// `exp`: until when the key can work at most: the end of the bond's period.
    pub expires_at: Timestamp,
    /// `kid`: the key's public name.
    pub kid: Kid,
    /// `kh`: [`secret_digest`] of the key.
    pub secret_digest: String,
}

/// The members as they are signed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    aud: Audience,
    bond: BondNumber,
    exp: Timestamp,
    iat: Timestamp,
    iss: PartyCode,
    kh: String,
    kid: Kid,
    rev: u32,
    typ: String,
    v: u32,
}

/// Why signed bytes are not the statement of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not JSON with exactly the members of a statement.
    #[error("the signed content is not the statement of a key: {0}")]
    Members(String),
    /// Another version or kind of document.
    #[error("the signed content is not a `bondkey` of version 1")]
    Version,
    /// Not what this hub would have written.
    #[error("the signed content is not canonical JSON (RFC 8785)")]
    Canonical,
}

impl Statement {
    /// What is to be signed about `token`; times are cut to seconds.
    pub fn about(token: &Token, audience: Audience, bond: KeyedBond<'_>) -> Self {
        Self {
            audience,
            issuer: bond.id.issuer.clone(),
            bond: bond.id.number.clone(),
            revision: bond.revision,
            issued_at: bond.issued_at.trunc_subsecs(0),
            expires_at: bond.expires_at.trunc_subsecs(0),
            kid: token.kid().clone(),
            secret_digest: secret_digest(token.kid(), token.secret()),
        }
    }

    /// The bytes that are signed: canonical JSON (RFC 8785).
    pub fn to_bytes(&self) -> Vec<u8> {
        let members = Members {
            aud: self.audience.clone(),
            bond: self.bond.clone(),
            exp: self.expires_at,
            iat: self.issued_at,
            iss: self.issuer.clone(),
            kh: self.secret_digest.clone(),
            kid: self.kid.clone(),
            rev: self.revision,
            typ: TYPE.to_owned(),
            v: VERSION,
        };
        serde_json_canonicalizer::to_vec(&members).unwrap_or_default()
    }

    /// Reads signed bytes; refuses whatever [`Statement::to_bytes`] would not have written: unknown,
    /// double or missing members, other spellings of times, numbers and letters.
    pub fn read(bytes: &[u8]) -> Result<Self, StatementError> {
        if bytes.len() > LONGEST {
            let message = format!("{} bytes, at most {LONGEST} are read", bytes.len());
            return Err(StatementError::Members(message));
        }
        let members: Members = serde_json::from_slice(bytes)
            .map_err(|error| StatementError::Members(error.to_string()))?;
        if members.typ != TYPE || members.v != VERSION {
            return Err(StatementError::Version);
        }
        let statement = Self::from(members);
        if statement.to_bytes() == bytes {
            Ok(statement)
        } else {
            Err(StatementError::Canonical)
        }
    }
}

/// The bond a key is made for.
#[derive(Debug, Clone, Copy)]
pub struct KeyedBond<'a> {
    /// Which: its issuer and the issuer's number for it.
    pub id: &'a BondId,
    /// Its version.
    pub revision: u32,
    /// When the key is issued.
    pub issued_at: Timestamp,
    /// The end of the bond's period.
    pub expires_at: Timestamp,
}

impl From<Members> for Statement {
    fn from(members: Members) -> Self {
        Self {
            audience: members.aud,
            issuer: members.iss,
            bond: members.bond,
            revision: members.rev,
            issued_at: members.iat,
            expires_at: members.exp,
            kid: members.kid,
            secret_digest: members.kh,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::key::KeySecret;

    /// A token with a secret of its own, chosen by `seed`.
    pub(crate) fn token(seed: u8) -> Token {
        Token::new(
            Kid::from_bytes([seed; 10]),
            KeySecret::take(&mut [seed; 32]),
        )
    }

    /// The statement of [`token`] for an owner.
    pub(crate) fn statement(seed: u8) -> Statement {
        let bond = KeyedBond {
            id: &BondId::try_from("S1/B-2026-000123".to_owned()).unwrap(),
            revision: 2,
            issued_at: "2026-04-01T00:00:00.123456Z".parse().unwrap(),
            expires_at: "2027-03-31T15:00:00Z".parse().unwrap(),
        };
        let audience = Audience::try_from("owner:O1".to_owned()).unwrap();
        Statement::about(&token(seed), audience, bond)
    }

    fn text() -> String {
        String::from_utf8(statement(1).to_bytes()).unwrap()
    }

    #[test]
    fn the_signed_bytes_are_canonical_json_with_the_documented_members() {
        let kh = secret_digest(token(1).kid(), token(1).secret());
        let expected = format!(
            "{{\"aud\":\"owner:O1\",\"bond\":\"B-2026-000123\",\"exp\":\"2027-03-31T15:00:00Z\",\
             \"iat\":\"2026-04-01T00:00:00Z\",\"iss\":\"S1\",\"kh\":\"{kh}\",\
             \"kid\":\"{}\",\"rev\":2,\"typ\":\"bondkey\",\"v\":1}}",
            token(1).kid()
        );
        assert_eq!(text(), expected);
    }

    #[test]
    fn a_statement_reads_back() {
        assert_eq!(Statement::read(&statement(1).to_bytes()), Ok(statement(1)));
    }

    #[test]
    fn any_other_spelling_of_the_same_statement_is_refused() {
        let spellings = [
            text().replace("\"rev\":2", "\"rev\": 2"),
            text().replace("\"rev\":2", "\"rev\":2,\"rev\":2"),
            text().replace("00:00:00Z", "00:00:00+00:00"),
            text().replace("00:00:00Z", "00:00:00.0Z"),
            text().replace("\"S1\"", "\" S1\""),
            text().replace("\"S1\"", "\"\\u00531\""),
            text().replace(
                token(1).kid().as_str(),
                &token(1).kid().as_str().to_lowercase(),
            ),
            format!("{}\n", text()),
        ];
        for spelling in spellings {
            assert_ne!(spelling, text());
            assert!(Statement::read(spelling.as_bytes()).is_err(), "{spelling}");
        }
    }

    #[test]
    fn unknown_missing_and_foreign_members_are_refused() {
        let documents = [
            text().replace("\"v\":1", "\"v\":1,\"x\":1"),
            text().replace(",\"rev\":2", ""),
            text().replace("\"v\":1", "\"v\":2"),
            text().replace("\"bondkey\"", "\"bond\""),
            text().replace("\"rev\":2", "\"rev\":-2"),
            text().replace("owner:O1", "bidder:O1"),
            "{}".to_owned(),
            String::new(),
            "[".repeat(4000),
        ];
        for document in documents {
            assert!(Statement::read(document.as_bytes()).is_err(), "{document}");
        }
    }
}
