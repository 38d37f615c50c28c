//! Every letter there is, for every reader: none has a gap, and each says what it is for.

use std::collections::BTreeSet;

use bondhub_core::{
    bond::{BondKind, BondState, BondTerms},
    party::Language,
    task::TaskKind,
};

use super::super::Text;
use super::samples::*;

/// Every notice and key letter × language × role × kind of bond × before and after the opening.
fn every_letter() -> Vec<(String, Language, Text)> {
    let mut all = Vec::new();
    for now in [BEFORE, AFTER] {
        let world = World::at(now);
        for language in LANGUAGES {
            for role in ROLES {
                let reader = reader(role, language);
                for terms in KINDS.map(terms) {
                    for content in all_notices() {
                        let name = format!("{content:?} to {role} in {language:?} at {now}");
                        all.push((name, language, world.notice(content, &reader, Some(&terms))));
                    }
                    for reason in REASONS {
                        let name = format!("key {reason:?} to {role} in {language:?} at {now}");
                        all.push((name, language, world.key(&terms, &reader, role, reason)));
                    }
                }
            }
        }
    }
    all
}

#[test]
fn every_letter_is_written_without_a_gap() {
    for (name, _, text) in every_letter() {
        for trace in [
            "{{",
            "}}",
            "{%",
            "%}",
            "## ",
            "None",
            "undefined",
            "\t",
            "\n\n\n",
        ] {
            assert!(
                !text.body.contains(trace),
                "{trace:?} in {name}:\n{}",
                text.body
            );
            assert!(!text.subject.contains(trace), "{trace:?} in {name}");
        }
        assert!(
            text.body.ends_with('\n') && text.body.lines().count() > 12,
            "{name}"
        );
    }
}

#[test]
fn every_subject_is_one_short_line() {
    for (name, _, text) in every_letter() {
        let length = text.subject.chars().count();
        assert!((8..120).contains(&length), "{name}: {}", text.subject);
        assert!(!text.subject.chars().any(char::is_control), "{name}");
    }
}

#[test]
fn no_line_of_an_english_letter_is_longer_than_78_columns() {
    for (name, _, text) in every_letter()
        .into_iter()
        .filter(|(_, language, _)| *language == Language::En)
    {
        let longest = text.body.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(78), "{name}:\n{}", text.body);
    }
}

#[test]
fn no_line_of_a_japanese_letter_begins_with_a_comma_or_is_too_long() {
    for (name, _, text) in every_letter()
        .into_iter()
        .filter(|(_, language, _)| *language == Language::Ja)
    {
        for line in text.body.lines() {
            assert!(
                !line.starts_with(['、', '。', '）', '」']),
                "{name}: {line}"
            );
            assert!(line.chars().count() <= 76, "{name}: {line}");
        }
    }
}

#[test]
fn every_letter_greets_its_reader_and_says_that_the_record_is_what_counts() {
    for (name, language, text) in every_letter() {
        let (greeting, record) = match language {
            Language::Ja => (" 御中\n", "ハブに登録された記録が優先します"),
            Language::En => ("To ", "The record in the hub is authoritative"),
        };
        assert!(text.body.contains(greeting), "{name}:\n{}", text.body);
        assert!(text.body.contains(record), "{name}:\n{}", text.body);
    }
}

#[test]
fn every_state_every_rule_every_task_and_every_role_has_words_of_its_own() {
    let world = World::at(AFTER);
    let terms = terms(BondKind::Performance);
    let distinct = |texts: Vec<Text>| {
        let bodies: BTreeSet<String> = texts.into_iter().map(|text| text.body).collect();
        bodies.len()
    };
    let write = |content, role, language, terms: &BondTerms| {
        world.notice(content, &reader(role, language), Some(terms))
    };
    for language in LANGUAGES {
        for role in ROLES {
            let states = BondState::ALL
                .map(|state| write(state_changed(state, RULES[0]), role, language, &terms));
            assert_eq!(distinct(states.to_vec()), BondState::ALL.len());
            let rules = RULES.map(|rule| {
                write(
                    state_changed(BondState::Released, rule),
                    role,
                    language,
                    &terms,
                )
            });
            assert_eq!(distinct(rules.to_vec()), RULES.len());
            let tasks = TaskKind::ALL.map(|kind| write(task(kind), role, language, &terms));
            assert_eq!(distinct(tasks.to_vec()), TaskKind::ALL.len());
        }
        for content in all_notices() {
            let of_role = ROLES.map(|role| {
                let text = write(content.clone(), role, language, &terms);
                let own_name = reader(role, language);
                Text {
                    body: text.body.replacen(own_name.name(language), "", 1),
                    ..text
                }
            });
            let least = match &content {
                bondhub_core::notice::NoticeContent::TaskOpened { key, .. } => match key.kind {
                    TaskKind::CertificateNeeded | TaskKind::Unplaced => 1,
                    TaskKind::ReinstatementNeeded
                    | TaskKind::OwnerConsentNeeded
                    | TaskKind::SignatureNeeded => 2,
                    _ => 3,
                },
                bondhub_core::notice::NoticeContent::Updated { .. } => 2,
                _ => 3,
            };
            assert!(distinct(of_role.to_vec()) >= least, "{content:?}");
        }
    }
}

#[test]
fn a_bond_the_hub_does_not_know_is_named_by_its_number_alone() {
    let world = World::at(AFTER);
    for language in LANGUAGES {
        for role in ROLES {
            for content in all_notices() {
                let text = world.notice(content, &reader(role, language), None);
                for label in ["\n種類 ", "\n発行機関 ", "\nKind ", "\nIssuer "] {
                    assert!(!text.body.contains(label), "{}", text.body);
                }
            }
        }
    }
}
