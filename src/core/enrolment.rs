//! Proving that a party has the private key of its certificate (R50): a code that only its holder can
//! read comes back.

use std::fmt;

use zeroize::Zeroizing;

use crate::ports::{Randomness, RandomnessError};

/// Crockford's base 32.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const COUNT: usize = 16;
const GROUP: usize = 4;

/// How often a code may be tried.
pub const TRIES: u32 = 5;
/// How many days a code counts.
pub const DAYS: i64 = 7;

/// A code of 80 random bits, 16 letters.
pub struct EnrolmentCode(Zeroizing<String>);

impl EnrolmentCode {
    /// Draws a code.
    pub fn draw(randomness: &dyn Randomness) -> Result<Self, RandomnessError> {
        let mut bytes = Zeroizing::new([0_u8; COUNT]);
        randomness.fill(bytes.as_mut_slice())?;
        let letters = bytes.iter().map(|byte| {
            let letter = LETTERS.get(usize::from(byte & 31));
            letter.copied().map_or('0', char::from)
        });
        Ok(Self(Zeroizing::new(letters.collect())))
    }

    /// Reads a typed code: small letters, blanks and dashes do not matter, nor O for 0 and I or L for 1.
    pub fn typed(text: &str) -> Option<Self> {
        let is_letter = |letter: &char| !letter.is_whitespace() && *letter != '-';
        let mut code = Zeroizing::new(String::with_capacity(COUNT));
        for letter in text.chars().filter(is_letter).take(COUNT + 1) {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                letter => letter,
            };
            let known = LETTERS.iter().any(|own| char::from(*own) == letter);
            known.then(|| code.push(letter))?;
        }
        (code.len() == COUNT).then_some(Self(code))
    }

    /// The code in groups, as people copy it.
    pub fn shown(&self) -> Zeroizing<String> {
        let mut shown = Zeroizing::new(String::with_capacity(COUNT + COUNT / GROUP));
        for (place, letter) in self.0.chars().enumerate() {
            if place > 0 && place % GROUP == 0 {
                shown.push('-');
            }
            shown.push(letter);
        }
        shown
    }

    /// What is digested.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EnrolmentCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EnrolmentCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Randomness for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
            for (place, byte) in (16..).zip(bytes) {
                *byte = place;
            }
            Ok(())
        }
    }

    #[test]
    fn a_code_is_read_however_a_person_writes_it() {
        let code = EnrolmentCode::draw(&Counting).unwrap();
        assert_eq!(code.shown().as_str(), "GHJK-MNPQ-RSTV-WXYZ");
        for text in ["ghjk-mnpq-rstv-wxyz", " GHJKMNPQ RSTVWXYZ\n"] {
            assert_eq!(EnrolmentCode::typed(text).unwrap().as_str(), code.as_str());
        }
        let alike = EnrolmentCode::typed("oil0-oil0-oil0-oil0").unwrap();
        assert_eq!(alike.as_str(), "0110011001100110");
        assert!(!format!("{code:?}").contains("GHJK"));
    }

    #[test]
    fn what_is_no_code_is_not_read() {
        for text in [
            "",
            "GHJK",
            "GHJK-MNPQ-RSTV-WXYZ-0",
            "GHJK-MNPQ-RSTV-WXYU",
            "日本語",
        ] {
            assert!(EnrolmentCode::typed(text).is_none(), "{text}");
        }
    }
}
