//! Letters about certificates and limits, in both languages.

use bondhub_core::party::{Language, Role};
use chrono::FixedOffset;

use super::{
    super::{AccountNews, Letters, Personal, Text},
    samples::{AFTER, LANGUAGES, reader},
};

const OPENPGP: &str = "0123456789ABCDEF0123456789ABCDEF01234567";
const X509: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn every() -> Vec<(String, Language, Text)> {
    let (letters, zone) = (
        Letters::new().unwrap(),
        FixedOffset::east_opt(9 * 3600).unwrap(),
    );
    let (until, code) = (AFTER.parse().unwrap(), "GHJK-MNPQ-RSTV-WXYZ");
    let kinds = [
        Personal::Enrolment {
            fingerprint: OPENPGP,
            code,
            until,
        },
        Personal::Replaced {
            fingerprint: OPENPGP,
            by: OPENPGP,
            at: until,
        },
        Personal::Expiring {
            fingerprint: X509,
            signs: true,
            until,
            days: 14,
        },
        Personal::Expiring {
            fingerprint: OPENPGP,
            signs: false,
            until,
            days: 3,
        },
        Personal::Announced {
            fingerprint: Some(OPENPGP),
            by: OPENPGP,
            until,
            confirmed: true,
        },
        Personal::Announced {
            fingerprint: None,
            by: OPENPGP,
            until,
            confirmed: false,
        },
        Personal::LimitExceeded { at: until },
    ];
    let mut all = Vec::new();
    for language in LANGUAGES {
        let reader = reader(Role::Issuer, language);
        for (number, kind) in kinds.iter().enumerate() {
            let text = letters.personal(*kind, &reader, zone).unwrap();
            let about = match kind {
                Personal::LimitExceeded { .. } => "limit",
                _ => "letter",
            };
            all.push((format!("{about} {number} in {language:?}"), language, text));
        }
    }
    all
}

#[test]
fn every_letter_about_a_party_is_whole_and_fits_its_lines_and_names_the_certificate_it_is_about() {
    for (name, language, text) in every() {
        for trace in ["{{", "{%", "## ", "None", "\n\n\n"] {
            assert!(
                !text.body.contains(trace),
                "{trace:?} in {name}:\n{}",
                text.body
            );
        }
        let greeting = if language == Language::Ja {
            "御中"
        } else {
            "To "
        };
        assert!(text.body.contains(greeting), "{name}:\n{}", text.body);
        for line in text.body.lines() {
            assert!(line.chars().count() <= 78, "{name}: {line}");
        }
        assert!(
            (8..110).contains(&text.subject.chars().count()),
            "{name}: {}",
            text.subject
        );
        let shown: String = text.body.split_whitespace().collect();
        let names_one = shown.contains(OPENPGP) || shown.contains(X509);
        assert!(
            names_one || name.starts_with("limit"),
            "{name}:\n{}",
            text.body
        );
    }
}

#[test]
fn the_code_stands_in_the_body_alone_on_its_line() {
    for (name, _, text) in every()
        .into_iter()
        .filter(|(name, _, _)| name.contains("letter 0"))
    {
        assert!(!text.subject.contains("GHJK"), "{name}");
        let line = text
            .body
            .lines()
            .find(|line| line.contains("GHJK"))
            .unwrap();
        assert_eq!(line.trim(), "GHJK-MNPQ-RSTV-WXYZ", "{name}");
    }
}

#[test]
fn each_news_of_an_account_is_told_in_words_of_its_own() {
    let (letters, zone) = (
        Letters::new().unwrap(),
        FixedOffset::east_opt(9 * 3600).unwrap(),
    );
    let at = AFTER.parse().unwrap();
    for language in LANGUAGES {
        let reader = reader(Role::Issuer, language);
        let mut bodies = std::collections::BTreeSet::new();
        for news in AccountNews::ALL {
            let account = "hanako";
            let letter = Personal::Account { account, news, at };
            let text = letters.personal(letter, &reader, zone).unwrap();
            assert!(text.body.contains("hanako"), "{}", text.body);
            for line in text.body.lines() {
                assert!(line.chars().count() <= 78, "{news:?}: {line}");
            }
            for trace in ["{{", "{%", "## ", "None", "\n\n\n"] {
                assert!(!text.body.contains(trace), "{trace:?}:\n{}", text.body);
            }
            bodies.insert(text.body);
        }
        assert_eq!(bodies.len(), AccountNews::ALL.len(), "{language:?}");
    }
}
