//! The token: what is typed, scanned or read from a key file to open a bond.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::base32;
use crate::ports::{Randomness, RandomnessError};

const PREFIX: &str = "BK1";
const KID_LETTERS: usize = 16;
const SECRET_LETTERS: usize = 52;
const CHECK_LETTERS: usize = 4;
const LETTERS: usize = KID_LETTERS + SECRET_LETTERS + CHECK_LETTERS;
const GROUP: usize = 4;
/// A token with its dashes, and room for the blanks people add.
const LONGEST_TEXT: usize = 400;

/// Why a text is not the public name of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key's name is 16 letters of Crockford's base 32")]
pub struct KidError;

/// The public name of a key, 80 bits as 16 letters: by it the key is looked up. Not a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Kid(String);

impl Kid {
    /// The name made of 80 random bits.
    pub fn from_bytes(bytes: [u8; 10]) -> Self {
        Self((*base32::encode(&bytes)).clone())
    }

    /// Reads 16 letters; small letters and look-alikes are folded, dashes and blanks dropped.
    pub fn parse(text: &str) -> Result<Self, KidError> {
        let letters = folded(text).map_err(|_| KidError)?;
        Self::from_folded(&letters).ok_or(KidError)
    }

    fn from_folded(letters: &str) -> Option<Self> {
        base32::decode(letters, &mut [0; 10]).then(|| Self(letters.to_owned()))
    }

    /// The 16 letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for Kid {
    type Error = KidError;
    fn try_from(text: String) -> Result<Self, KidError> {
        Self::parse(&text)
    }
}

impl From<Kid> for String {
    fn from(kid: Kid) -> Self {
        kid.0
    }
}

/// The 256 secret bits of a key (R12).
///
/// It cannot be printed, cloned or serialised, and is wiped when dropped. It stays at one place in
/// memory when it is moved.
pub struct KeySecret(Box<Zeroizing<[u8; 32]>>);

impl KeySecret {
    /// Takes 256 random bits out of `random` and wipes them there.
    pub fn take(random: &mut [u8; 32]) -> Self {
        let mut secret = Self(Box::new(Zeroizing::new([0; 32])));
        secret.0.copy_from_slice(random);
        random.zeroize();
        secret
    }

    /// The bytes, for a digest, a seal or a token. Keep no copy.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A key's name and secret.
pub struct Token {
    kid: Kid,
    secret: KeySecret,
}

/// Why a text is not a token. No message repeats what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It does not begin with `BK1`.
    #[error("a key begins with BK1-")]
    Prefix,
    /// A letter that no key has.
    #[error("the key contains a letter that no key has")]
    Letter,
    /// Too few or too many letters.
    #[error("a key has 72 letters after BK1-")]
    Length,
    /// The check letters do not fit: a typing error.
    #[error("the key is mistyped: its check letters do not fit")]
    Check,
}

impl Token {
    /// The token of a name and a secret.
    pub fn new(kid: Kid, secret: KeySecret) -> Self {
        Self { kid, secret }
    }

    /// Draws a new name and secret.
    pub fn draw(randomness: &dyn Randomness) -> Result<Self, RandomnessError> {
        let mut kid = [0; 10];
        randomness.fill(&mut kid)?;
        let mut secret = KeySecret(Box::new(Zeroizing::new([0; 32])));
        randomness.fill(secret.0.as_mut_slice())?;
        Ok(Self::new(Kid::from_bytes(kid), secret))
    }

    /// The key's public name.
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// The key's secret.
    pub fn secret(&self) -> &KeySecret {
        &self.secret
    }

    /// The token as `BK1-XXXX-…`: name, secret and check letters in groups of four.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LETTERS * 2));
        text.push_str(PREFIX);
        let secret = base32::encode(self.secret.expose());
        let check = check_letters(&self.kid, &self.secret);
        let letters = self
            .kid
            .0
            .chars()
            .chain(secret.chars())
            .chain(check.chars());
        for (place, letter) in letters.enumerate() {
            if place % GROUP == 0 {
                text.push('-');
            }
            text.push(letter);
        }
        text
    }

    /// Reads a token as people type it: small letters, O for 0, I or L for 1, dashes and blanks
    /// where they like.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let letters = folded(text)?;
        let letters = letters.strip_prefix(PREFIX).ok_or(TokenError::Prefix)?;
        let (kid, rest) = split(letters, KID_LETTERS)?;
        let (secret, check) = split(rest, SECRET_LETTERS)?;
        if check.len() != CHECK_LETTERS {
            return Err(TokenError::Length);
        }
        let token = Self {
            kid: Kid::from_folded(kid).ok_or(TokenError::Letter)?,
            secret: read_secret(secret)?,
        };
        let expected = check_letters(&token.kid, &token.secret);
        if bool::from(expected.as_bytes().ct_eq(check.as_bytes())) {
            Ok(token)
        } else {
            Err(TokenError::Check)
        }
    }
}

fn read_secret(letters: &str) -> Result<KeySecret, TokenError> {
    let mut secret = KeySecret(Box::new(Zeroizing::new([0; 32])));
    // The letters are known to be ours: only the four filling bits can be wrong.
    if base32::decode(letters, secret.0.as_mut_slice()) {
        Ok(secret)
    } else {
        Err(TokenError::Check)
    }
}

fn split(letters: &str, at: usize) -> Result<(&str, &str), TokenError> {
    letters.split_at_checked(at).ok_or(TokenError::Length)
}

fn folded(text: &str) -> Result<Zeroizing<String>, TokenError> {
    if text.len() > LONGEST_TEXT {
        return Err(TokenError::Length);
    }
    let mut letters = Zeroizing::new(String::with_capacity(text.len()));
    for letter in text.chars() {
        if letter != '-' && !letter.is_whitespace() {
            letters.push(base32::fold(letter).ok_or(TokenError::Letter)?);
        }
    }
    Ok(letters)
}

impl FromStr for Token {
    type Err = TokenError;
    fn from_str(text: &str) -> Result<Self, TokenError> {
        Self::parse(text)
    }
}

/// The first 20 bits of a digest over name and secret.
fn check_letters(kid: &Kid, secret: &KeySecret) -> Zeroizing<String> {
    let digest = digest(b"bondkey-chk-v1\0", kid, secret);
    let mut letters = base32::encode(&digest);
    letters.truncate(CHECK_LETTERS);
    letters
}

/// `kh` of a statement: base64url(SHA-256("bondkey-v1\0" ‖ kid ‖ secret)), without padding.
///
/// From it a holder, and anyone the holder shows the key to, sees that the signed statement is
/// about this key; the secret cannot be found from it.
pub fn secret_digest(kid: &Kid, secret: &KeySecret) -> String {
    URL_SAFE_NO_PAD.encode(digest(b"bondkey-v1\0", kid, secret))
}

fn digest(label: &[u8], kid: &Kid, secret: &KeySecret) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(label);
    hash.update(kid.as_str().as_bytes());
    hash.update(secret.expose());
    hash.finalize().into()
}

/// What the hub digests with its pepper to look a key up (R13): "bondkey-db-v1\0" ‖ kid ‖ secret.
///
/// Another label than [`secret_digest`]'s, so that a digest in the database says nothing about a
/// statement and the other way round.
pub fn database_input(kid: &Kid, secret: &KeySecret) -> Zeroizing<Vec<u8>> {
    let label = b"bondkey-db-v1\0";
    let parts = [label, kid.as_str().as_bytes(), secret.expose()];
    let length = parts.iter().map(|part| part.len()).sum();
    let mut input = Zeroizing::new(Vec::with_capacity(length));
    for part in parts {
        input.extend_from_slice(part);
    }
    input
}

#[cfg(test)]
mod tests;
