use proptest::prelude::*;

use super::*;

fn sample() -> Token {
    let mut secret = [0; 32];
    for (place, byte) in (0_u8..).zip(secret.iter_mut()) {
        *byte = place.wrapping_mul(37).wrapping_add(11);
    }
    let kid = Kid::from_bytes([0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 5, 6]);
    Token::new(kid, KeySecret::take(&mut secret))
}

fn reads_as_sample(text: &str) -> bool {
    Token::parse(text).is_ok_and(|token| token.to_text() == sample().to_text())
}

#[test]
fn a_token_is_bk1_and_eighteen_groups_of_four() {
    let text = sample().to_text();
    let mut groups = text.split('-');
    assert_eq!(groups.next(), Some("BK1"));
    assert_eq!(groups.clone().count(), 18);
    assert!(groups.all(|group| group.len() == 4));
}

#[test]
fn a_token_reads_back_however_people_type_it() {
    let text = sample().to_text();
    let alike = text.replace('0', "o").replace('1', "l").to_lowercase();
    let spaced = text.replace('-', " ");
    let lines = text.replace('-', "-\r\n ");
    for typed in [
        text.as_str(),
        &alike,
        &spaced,
        &lines,
        &text.replace('-', ""),
    ] {
        assert!(reads_as_sample(typed), "{typed}");
    }
}

#[test]
fn every_single_wrong_letter_is_caught() {
    let text = sample().to_text();
    for (place, right) in text.char_indices().skip(4).filter(|(_, c)| *c != '-') {
        for wrong in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
            .chars()
            .filter(|c| *c != right)
        {
            let typed: String = text
                .char_indices()
                .map(|(at, letter)| if at == place { wrong } else { letter })
                .collect();
            assert_eq!(
                Token::parse(&typed).err(),
                Some(TokenError::Check),
                "{place} {wrong}"
            );
        }
    }
}

/// Whether what was typed is refused, or means the same key all the same.
fn is_harmless(typed: &str, meant: &Token) -> bool {
    Token::parse(typed).map_or(true, |read| *read.to_text() == *meant.to_text())
}

/// Some keys, all different.
fn some() -> impl Iterator<Item = Token> {
    (1..=12_u8).map(|seed| {
        let mut secret = [0; 32];
        for (place, byte) in (0_u8..).zip(secret.iter_mut()) {
            *byte = place.wrapping_mul(seed.wrapping_mul(29)).wrapping_add(seed);
        }
        let kid = Kid::from_bytes([seed.wrapping_mul(91); 10]);
        Token::new(kid, KeySecret::take(&mut secret))
    })
}

#[test]
fn any_character_in_any_place_is_refused_or_means_the_same_key() {
    for token in some() {
        let text = token.to_text();
        for place in 0..text.len() {
            for wrong in (b' '..=b'~').map(char::from).chain(['　', 'Ａ', 'é', 'ー']) {
                let typed: String = text
                    .char_indices()
                    .map(|(at, letter)| if at == place { wrong } else { letter })
                    .collect();
                assert!(is_harmless(&typed, &token), "{place} {wrong}");
            }
        }
    }
}

#[test]
fn any_two_neighbours_exchanged_dashes_too_are_refused_or_mean_the_same_key() {
    for token in some() {
        let letters: Vec<char> = token.to_text().chars().collect();
        for place in 0..letters.len() - 1 {
            let mut typed = letters.clone();
            typed.swap(place, place + 1);
            let typed: String = typed.iter().collect();
            assert!(is_harmless(&typed, &token), "{place}");
        }
    }
}

#[test]
fn a_letter_left_out_or_typed_twice_is_refused() {
    for token in some() {
        let text = token.to_text();
        let letters = text.char_indices().filter(|(_, letter)| *letter != '-');
        for (place, letter) in letters {
            let (before, after) = text.split_at(place);
            let twice = format!("{before}{letter}{after}");
            assert!(Token::parse(&twice).is_err(), "{place} twice");
            let without = after.strip_prefix(letter).unwrap();
            let left_out = format!("{before}{without}");
            assert!(Token::parse(&left_out).is_err(), "{place} left out");
        }
    }
}

#[test]
fn every_transposition_of_neighbours_is_caught() {
    let text = sample().to_text().replace('-', "");
    let letters: Vec<char> = text.chars().collect();
    let mut tried = 0;
    for place in 3..letters.len() - 1 {
        let mut typed = letters.clone();
        typed.swap(place, place + 1);
        if typed != letters {
            tried += 1;
            let typed: String = typed.iter().collect();
            assert_eq!(
                Token::parse(&typed).err(),
                Some(TokenError::Check),
                "{place}"
            );
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn a_missing_or_additional_letter_is_told_as_a_wrong_length() {
    let text = sample().to_text();
    let mut shorter = text.to_string();
    shorter.pop();
    for typed in [
        shorter,
        format!("{}0", *text),
        "BK1".to_owned(),
        "BK1-0000".to_owned(),
    ] {
        assert_eq!(
            Token::parse(&typed).err(),
            Some(TokenError::Length),
            "{typed}"
        );
    }
    assert_eq!(Token::parse("").err(), Some(TokenError::Prefix));
    assert_eq!(
        Token::parse(&"0".repeat(10_000)).err(),
        Some(TokenError::Length)
    );
}

#[test]
fn the_digests_are_those_that_the_documentation_says() {
    // Worked out with Python's hashlib from docs/key-file.md, not with this code.
    let kid = Kid::parse("ABCD-EFGH-JKMN-PQRS").unwrap();
    let secret = KeySecret::take(&mut [b'a'; 32]);
    assert_eq!(
        secret_digest(&kid, &secret),
        "gXEYI9r0_jcG-OCjx10sE0Ovu669ScrcG4n4_Na3gcQ"
    );
    let text = Token::new(kid.clone(), secret).to_text();
    assert!(text.ends_with("-0X6S"), "{}", *text);
}

#[test]
fn the_database_digests_another_text_than_the_statement() {
    let token = sample();
    let input = database_input(token.kid(), token.secret());
    assert!(input.starts_with(b"bondkey-db-v1\0"));
    assert!(input.ends_with(token.secret().expose()));
    assert_eq!(input.len(), 14 + 16 + 32);
}

#[test]
fn taking_a_secret_wipes_where_it_was() {
    let mut random = [7; 32];
    let secret = KeySecret::take(&mut random);
    assert_eq!((random, secret.expose()), ([0; 32], &[7; 32]));
}

struct Broken;

impl Randomness for Broken {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomnessError> {
        Err(RandomnessError("none".to_owned()))
    }
}

#[test]
fn without_randomness_no_key_is_drawn() {
    assert!(Token::draw(&Broken).is_err());
}

proptest! {
    #[test]
    fn any_token_reads_back(kid in prop::array::uniform10(any::<u8>()),
                            mut secret in prop::array::uniform32(any::<u8>())) {
        let token = Token::new(Kid::from_bytes(kid), KeySecret::take(&mut secret));
        let read = Token::parse(&token.to_text()).unwrap();
        prop_assert_eq!(read.kid(), token.kid());
        prop_assert_eq!(read.secret().expose(), token.secret().expose());
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _read_or_refused = Token::parse(&text).is_ok();
        let _read_or_refused = Kid::parse(&text).is_ok();
    }
}
