//! Crockford's base 32: letters that people can read out and type, without I, L, O and U.

use zeroize::Zeroizing;

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The letter as it is meant: upper case, O for 0, I and L for 1. None for what is no letter of ours.
pub(super) fn fold(letter: char) -> Option<char> {
    match letter.to_ascii_uppercase() {
        'O' => Some('0'),
        'I' | 'L' => Some('1'),
        letter => value_of(letter).map(|_| letter),
    }
}

fn value_of(letter: char) -> Option<u8> {
    let place = LETTERS
        .iter()
        .position(|known| char::from(*known) == letter)?;
    u8::try_from(place).ok()
}

/// Writes five bits to a letter; the last letter is filled up with zero bits.
///
/// The text is not reallocated while it grows, so that no copy of a secret stays behind.
pub(super) fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 8 / 5 + 1));
    let (mut pending, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        pending = (pending << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter_of(pending >> bits));
        }
        pending &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(letter_of(pending << (5 - bits)));
    }
    text
}

fn letter_of(value: u32) -> char {
    let place = usize::try_from(value & 31).unwrap_or_default();
    LETTERS.get(place).copied().map_or('0', char::from)
}

/// Reads folded letters into all of `target`; false if the letters are too few or too many, not
/// ours, or filled up with other than zero bits.
pub(super) fn decode(text: &str, target: &mut [u8]) -> bool {
    if text.len() != (target.len() * 8).div_ceil(5) {
        return false;
    }
    let (mut pending, mut bits) = (0_u32, 0_u32);
    let mut places = target.iter_mut();
    for letter in text.chars() {
        let Some(value) = value_of(letter) else {
            return false;
        };
        pending = (pending << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            if let (Some(place), Ok(byte)) = (places.next(), u8::try_from(pending >> bits)) {
                *place = byte;
            }
            pending &= (1 << bits) - 1;
        }
    }
    pending == 0 && places.next().is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn eighty_bits_are_sixteen_letters() {
        assert_eq!(encode(&[0; 10]).as_str(), "0000000000000000");
        assert_eq!(encode(&[0xff; 10]).as_str(), "ZZZZZZZZZZZZZZZZ");
        // 0x08 0x42 0x10 0x84 0x21 is 00001 eight times.
        assert_eq!(encode(&[0x08, 0x42, 0x10, 0x84, 0x21]).as_str(), "11111111");
    }

    #[test]
    fn letters_that_look_alike_are_folded_and_others_refused() {
        let folded: String = "oOiIlLaz9".chars().filter_map(fold).collect();
        assert_eq!(folded, "001111AZ9");
        assert!("uU-! é０".chars().all(|letter| fold(letter).is_none()));
    }

    #[test]
    fn filling_bits_other_than_zero_are_refused() {
        // One byte is two letters, the last with two filling bits.
        let mut byte = [0; 1];
        assert!(decode("ZW", &mut byte));
        assert_eq!(byte, [0xff]);
        assert!(!decode("ZX", &mut byte));
        assert!(!decode("ZZ", &mut byte));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bytes in prop::array::uniform32(any::<u8>())) {
            let mut read = [0; 32];
            prop_assert!(decode(&encode(&bytes), &mut read));
            prop_assert_eq!(read, bytes);
        }
    }
}
