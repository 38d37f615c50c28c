//! Passwords that whoever guesses tries first (NIST SP 800-63B §3.1.1.2): known ones, patterns, and what stands near the account.
//!
//! The list is short, since shorter passwords are refused anyway: only known ones of 8 characters and more are in it. No network is
//! asked.

use std::{collections::BTreeSet, sync::LazyLock};

/// Known from leaks, one a line, small letters.
static COMMON: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("guess/common.txt").lines();
    let known = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    known.collect()
});

/// A unit repeated, of at most so many characters, is a pattern.
const LONGEST_UNIT: usize = 5;
/// So much of a password must be left without the names that stand near the account.
const OWN_PART: usize = 8;
/// Shorter parts of names say too little.
const SHORTEST_WORD: usize = 4;

/// Whether many use it. Digits and signs that people hang on do not make it another password.
pub(super) fn is_common(small: &str) -> bool {
    let bare = small.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let folded = folded(bare);
    let known = |text: &str| COMMON.contains(text);
    known(small) || (bare.chars().count() >= OWN_PART && (known(bare) || known(&folded)))
}

/// `p@ssw0rd` is `password`.
fn folded(text: &str) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' => 'l',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        c => c,
    };
    text.chars().map(letter).collect()
}

/// A short unit over and over, or a run of the alphabet or of digits.
pub(super) fn is_pattern(small: &str) -> bool {
    let letters: Vec<char> = small.chars().collect();
    let repeats = |unit: usize| {
        let pairs = letters.iter().zip(letters.iter().skip(unit));
        letters.len() > unit && pairs.into_iter().all(|(one, other)| one == other)
    };
    let follows = |step: i64| {
        let pairs = letters.iter().zip(letters.iter().skip(1));
        let number = |letter: &char| i64::from(u32::from(*letter));
        pairs
            .into_iter()
            .all(|(one, next)| number(next) - number(one) == step)
    };
    (1..=LONGEST_UNIT).any(repeats) || follows(1) || follows(-1)
}

/// Whether little is left once the words of these names are taken away.
pub(super) fn is_mostly(small: &str, names: &[String]) -> bool {
    let mut rest = small.to_owned();
    let mut words = words(names);
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    for word in words {
        rest = rest.replace(&word, "");
    }
    let is_touched = rest != small;
    is_touched && rest.chars().filter(|c| c.is_alphanumeric()).count() < OWN_PART
}

/// The names themselves, without blanks, and their words.
fn words(names: &[String]) -> Vec<String> {
    let mut words = vec!["bondhub".to_owned()];
    for name in names {
        let small = name.to_lowercase();
        words.push(small.split_whitespace().collect());
        let parts = small.split(|c: char| !c.is_alphanumeric());
        words.extend(parts.map(str::to_owned));
    }
    words.retain(|word| word.chars().count() >= SHORTEST_WORD);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_small_letters_of_8_and_more_characters_once_each() {
        let text = include_str!("guess/common.txt");
        let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 150, "{}", lines.len());
        assert_eq!(lines.len(), COMMON.len(), "once each");
        for line in lines {
            assert!(line.chars().count() >= 8, "{line}");
            assert_eq!(line, line.to_lowercase());
        }
    }

    #[test]
    fn a_known_password_is_known_with_what_people_hang_on_and_put_in() {
        for known in [
            "passwordpassword",
            "passwordpassword!!",
            "p@ssw0rdp@ssw0rd",
            "qwertyuiop123",
            "1q2w3e4r5t6y",
            "iloveyouforever2024",
        ] {
            assert!(is_common(known), "{known}");
        }
        for other in ["correct horse battery", "a long sentence by heart"] {
            assert!(!is_common(other), "{other}");
        }
    }

    #[test]
    fn units_over_and_over_and_runs_are_patterns() {
        for pattern in [
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "1212121212121",
            "abcdefghijklm",
            "987654321",
            "あいあいあいあいあいあい",
        ] {
            assert!(is_pattern(pattern), "{pattern}");
        }
        assert!(!is_pattern("a long sentence by heart"));
    }

    #[test]
    fn what_is_little_more_than_a_name_near_the_account_is_refused() {
        let names = [
            "S001".to_owned(),
            "関東保証株式会社".to_owned(),
            "Kanto Surety Ltd.".to_owned(),
        ];
        for weak in [
            "kantosurety1234",
            "surety-kanto-2026",
            "関東保証株式会社2026",
            "bondhub-2026!!",
        ] {
            assert!(is_mostly(weak, &names), "{weak}");
        }
        for own in ["kanto in the rain at dawn", "nobody knows the trouble"] {
            assert!(!is_mostly(own, &names), "{own}");
        }
    }
}
