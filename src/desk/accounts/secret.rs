//! Passwords, one-time passwords, codes: how they are made and compared.

use std::{
    fmt::Write as _,
    sync::{Arc, OnceLock},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use bondhub_core::{
    account::AccountName,
    calendar::Timestamp,
    ports::{Randomness, RandomnessError},
};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::guess;

/// Longer passwords are refused: hashing them would only cost time.
const LONGEST: usize = 256;
/// So many Argon2id computations run at once: each takes memory.
const AT_ONCE: usize = 2;

/// Hashes and compares passwords: Argon2id, version 1.3, one lane.
pub struct Passwords {
    argon2: Argon2<'static>,
    shortest: usize,
    turns: Arc<Semaphore>,
    /// Compared where there is no password, so that an unknown account costs the same work.
    nobody: Arc<OnceLock<String>>,
}

/// Why a password is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("a password needs at least {0} characters")]
    Short(usize),
    /// Too long.
    #[error("a password has at most {0} bytes")]
    Long(usize),
    /// It is a pattern, or little more than the name of its account, party or site.
    #[error("this password is too easy to guess")]
    Easy,
    /// One of those that are tried first, since many use it.
    #[error("this password is one of the most used")]
    Common,
    /// It could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

impl Passwords {
    /// With this much memory (KiB) and so many passes; shorter passwords are refused.
    pub fn new(memory_kib: u32, passes: u32, shortest: usize) -> Result<Self, PasswordError> {
        let failed = |error: argon2::Error| PasswordError::Failed(error.to_string());
        let params = Params::new(memory_kib, passes, 1, None).map_err(failed)?;
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            shortest,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            nobody: Arc::default(),
        })
    }

    /// Whether a password may be chosen for this account. `around` is what stands near it: whoever guesses begins with the names of
    /// account, company and site.
    pub fn check(
        &self,
        name: &AccountName,
        password: &str,
        around: &[String],
    ) -> Result<(), PasswordError> {
        if password.len() > LONGEST {
            return Err(PasswordError::Long(LONGEST));
        }
        if password.chars().count() < self.shortest {
            return Err(PasswordError::Short(self.shortest));
        }
        let small = password.to_lowercase();
        if small.contains(name.as_str()) || guess::is_pattern(&small) {
            return Err(PasswordError::Easy);
        }
        if guess::is_common(&small) {
            return Err(PasswordError::Common);
        }
        if guess::is_mostly(&small, around) {
            return Err(PasswordError::Easy);
        }
        Ok(())
    }

    /// The hash of a password that was checked, as a PHC string.
    pub async fn hash(
        &self,
        password: &str,
        randomness: &dyn Randomness,
    ) -> Result<String, PasswordError> {
        let mut salt = [0; 16];
        let drawn = randomness.fill(&mut salt);
        drawn.map_err(|error| PasswordError::Failed(error.to_string()))?;
        let password = Zeroizing::new(password.to_owned());
        let argon2 = self.argon2.clone();
        self.in_turn(move || hash(&argon2, password.as_bytes(), &salt))
            .await?
    }

    /// Whether a password has this hash; without one the work is the same and the answer no.
    pub async fn matches(
        &self,
        password: &str,
        stored: Option<&str>,
    ) -> Result<bool, PasswordError> {
        let stored = stored.map(str::to_owned);
        let known = stored.is_some();
        let password = Zeroizing::new(password.get(..LONGEST).unwrap_or(password).to_owned());
        let (argon2, nobody) = (self.argon2.clone(), Arc::clone(&self.nobody));
        let same = self.in_turn(move || {
            let nobody = nobody.get_or_init(|| {
                hash(&argon2, b"nobody has this password", &[7; 16]).unwrap_or_default()
            });
            PasswordHash::new(stored.as_deref().unwrap_or(nobody))
                .is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(same.await? && known)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        run: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turns = Arc::clone(&self.turns);
        let turn = turns.acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            run()
        });
        done.await
            .map_err(|error| PasswordError::Failed(error.to_string()))
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8], salt: &[u8; 16]) -> Result<String, PasswordError> {
    let hash: Result<PasswordHash, _> = argon2.hash_password_with_salt(password, salt);
    hash.map(|hash| hash.to_string())
        .map_err(|error| PasswordError::Failed(error.to_string()))
}

/// One-time passwords by time (RFC 6238): SHA-1, six digits, 30 seconds, one step early or late. What every
/// authenticator app knows.
pub(super) struct OneTime(Totp);

impl OneTime {
    /// Bytes of a secret (RFC 4226 asks for 20).
    const BYTES: usize = 20;

    /// Draws a new secret.
    pub(super) fn draw(randomness: &dyn Randomness) -> Result<Zeroizing<Vec<u8>>, RandomnessError> {
        let mut bytes = Zeroizing::new(vec![0; Self::BYTES]);
        randomness.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// With this secret, for this account at this site; none for a secret that is too short.
    pub(super) fn new(secret: &[u8], account: &AccountName, site: &str) -> Option<Self> {
        Builder::new()
            .with_secret(Secret::from(secret.to_vec()))
            .with_skew(1)
            .with_account_name(account.as_str())
            .with_issuer(Some(site))
            .build()
            .ok()
            .map(Self)
    }

    /// The time step of a password that is right now.
    pub(super) fn step(&self, typed: &str, now: Timestamp) -> Option<i64> {
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let time = u64::try_from(now.timestamp()).ok()?;
        let step = self.0.check(&digits, time)?;
        i64::try_from(step).ok()
    }

    /// The address authenticator apps read, also as a QR code.
    pub(super) fn address(&self) -> Option<Zeroizing<String>> {
        self.0.to_url().ok().map(Zeroizing::new)
    }

    /// The secret as one types it into an app.
    pub(super) fn text(secret: &[u8]) -> Zeroizing<String> {
        let text = Zeroizing::new(Secret::from(secret.to_vec()).to_base32());
        let groups: Vec<_> = text
            .as_bytes()
            .chunks(4)
            .map(String::from_utf8_lossy)
            .collect();
        Zeroizing::new(groups.join(" "))
    }
}

/// Whether somebody typed what could be a one-time password, as against a recovery code.
pub(super) fn looks_like_one_time(typed: &str) -> bool {
    let plain: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    plain.len() == 6 && plain.chars().all(|c| c.is_ascii_digit())
}

/// Letters that cannot be mistaken for each other.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKMNPQRSTVWXYZ0123456789";

/// A code that works once: 80 bits in four groups.
pub(super) fn draw_code(randomness: &dyn Randomness) -> Result<Zeroizing<String>, RandomnessError> {
    let mut bytes = Zeroizing::new([0; 16]);
    randomness.fill(bytes.as_mut_slice())?;
    let letters = bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)));
    let letters: Vec<char> = letters.map(|letter| char::from(*letter)).collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    Ok(Zeroizing::new(groups.join("-")))
}

/// What is stored of a code, however it was typed: hyphens, blanks and case do not count.
pub(super) fn code_digest(account: &AccountName, typed: &str) -> Vec<u8> {
    let plain: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect();
    digest("bondhub-code-v1", &[account.as_str(), &plain])
}

/// 256 random bits as text: a session's id, a token, an offer. Hexadecimal digits, because people give an offer back
/// as an argument of a command: of base64url every 64th begins with a hyphen and would be taken for an option.
pub(super) fn draw_id(randomness: &dyn Randomness) -> Result<Zeroizing<String>, RandomnessError> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    randomness.fill(bytes.as_mut_slice())?;
    // With its whole length from the start, so that no copy is left behind when it grows.
    let mut text = Zeroizing::new(String::with_capacity(64));
    for byte in bytes.iter() {
        let _infallible = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// What is stored of an id or token; its 256 bits need no slow hash.
pub(super) fn id_digest(id: &str) -> Vec<u8> {
    digest("bondhub-id-v1", &[id])
}

fn digest(purpose: &str, parts: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(purpose);
    for part in parts {
        hash.update([0]);
        hash.update(part);
    }
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Filled(u8);

    impl Randomness for Filled {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomnessError> {
            buffer.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn whatever_is_drawn_can_be_given_as_an_argument_of_a_command() {
        for byte in 0..=u8::MAX {
            let id = draw_id(&Filled(byte)).unwrap();
            assert_eq!(id.len(), 64);
            assert!(id.chars().all(|c| c.is_ascii_alphanumeric()), "{}", *id);
        }
    }
}
