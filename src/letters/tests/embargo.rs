//! What a letter may tell before the opening (R21), and what it never tells.

use std::collections::BTreeMap;

use bondhub_core::{
    bond::BondKind,
    notice::NoticeContent,
    party::{Language, Name, Role},
    reconcile::KeyReason,
    task::{Subject, TaskKind},
};

use super::super::{Letters, Text};
use super::samples::*;

const BID_STAGE: [BondKind; 2] = [BondKind::Bid, BondKind::PerformanceReservation];

fn about_the_bond(content: &NoticeContent) -> bool {
    match content {
        NoticeContent::TaskOpened { key, .. } => matches!(key.subject, Subject::Bond(_)),
        NoticeContent::OpeningMoved { .. } | NoticeContent::BidsOpened { .. } => false,
        _ => true,
    }
}

fn shows_an_amount(text: &Text) -> bool {
    ["120", "135", "105", "￥", "JPY"]
        .into_iter()
        .any(|trace| text.body.contains(trace) || text.subject.contains(trace))
}

/// All letters to an owner about bid-stage bonds.
fn letters_to_the_owner(world: &World) -> Vec<Text> {
    let mut all = Vec::new();
    for language in LANGUAGES {
        let owner = reader(Role::Owner, language);
        for terms in BID_STAGE.map(terms) {
            let about = all_notices().into_iter().filter(about_the_bond);
            all.extend(about.map(|content| world.notice(content, &owner, Some(&terms))));
            let keys = REASONS.map(|reason| world.key(&terms, &owner, Role::Owner, reason));
            all.extend(keys);
        }
    }
    all
}

#[test]
fn before_the_opening_an_owner_learns_only_that_the_bond_exists() {
    let world = World::at(BEFORE);
    for text in letters_to_the_owner(&world) {
        assert!(!shows_an_amount(&text), "{}", text.body);
        for term in [
            "関東保証",
            "Kanto Surety",
            "2027",
            "入札ボンド\n",
            "bid bond\n",
        ] {
            assert!(!text.body.contains(term), "{term} in {}", text.body);
        }
        assert!(text.body.contains("B-2026-0042"), "{}", text.body);
        assert!(text.body.contains("青葉建設") || text.body.contains("Aoba Construction"));
    }
}

#[test]
fn without_any_opening_time_the_embargo_stays_on() {
    let mut world = World::at(AFTER);
    world.opening_at = None;
    for text in letters_to_the_owner(&world) {
        assert!(!shows_an_amount(&text), "{}", text.body);
    }
}

#[test]
fn the_opening_that_governs_is_the_one_that_is_told() {
    let mut world = World::at(AFTER);
    let owner = reader(Role::Owner, Language::Ja);
    let terms = terms(BondKind::Bid);
    let write = |world: &World| world.key(&terms, &owner, Role::Owner, KeyReason::HandedOver);
    assert!(shows_an_amount(&write(&world)));
    world.opening_at = Some(time("2026-10-01T00:00:01Z"));
    assert!(!shows_an_amount(&write(&world)));
    let told = "2026年10月1日 09:00:01 (日本時間)";
    assert!(write(&world).body.contains(told));
}

#[test]
fn from_the_opening_instant_on_an_owner_learns_everything() {
    let world = World::at(OPENING);
    for language in LANGUAGES {
        let owner = reader(Role::Owner, language);
        let terms = terms(BondKind::Bid);
        let text = world.key(&terms, &owner, Role::Owner, KeyReason::HandedOver);
        assert!(text.body.contains("120,000,000"), "{}", text.body);
    }
}

#[test]
fn a_performance_bond_knows_no_embargo() {
    let world = World::at(BEFORE);
    let owner = reader(Role::Owner, Language::En);
    let terms = terms(BondKind::Performance);
    let text = world.key(&terms, &owner, Role::Owner, KeyReason::HandedOver);
    assert!(text.body.contains("JPY 120,000,000"));
}

#[test]
fn before_the_opening_no_notice_shows_an_amount_or_a_telling_subject_to_anybody() {
    let world = World::at(BEFORE);
    for language in LANGUAGES {
        for role in ROLES {
            let reader = reader(role, language);
            for terms in BID_STAGE.map(terms) {
                for content in all_notices().into_iter().filter(about_the_bond) {
                    let text = world.notice(content, &reader, Some(&terms));
                    assert!(!shows_an_amount(&text), "{}", text.body);
                    assert_eq!(text.subject, Letters::neutral_subject(language));
                }
            }
        }
    }
}

#[test]
fn before_the_opening_no_subject_shows_that_a_party_takes_part_in_the_case() {
    let world = World::at(BEFORE);
    let named = |content: &NoticeContent| !about_the_bond(content);
    for language in LANGUAGES {
        let reader = reader(Role::Contractor, language);
        for content in all_notices().into_iter().filter(named) {
            let text = world.notice(content.clone(), &reader, None);
            assert!(
                !text.subject.contains("ocds"),
                "{content:?}: {}",
                text.subject
            );
        }
    }
}

#[test]
fn contractor_and_issuer_always_see_their_own_bond_in_the_sealed_key_letter() {
    let world = World::at(BEFORE);
    for role in [Role::Contractor, Role::Issuer] {
        let terms = terms(BondKind::Bid);
        let reader = reader(role, Language::Ja);
        let text = world.key(&terms, &reader, role, KeyReason::Registered);
        assert!(text.body.contains("￥120,000,000"), "{}", text.body);
    }
}

#[test]
fn whoever_is_the_bonds_obligee_is_taken_for_an_owner_whatever_else_it_is() {
    let world = World::at(BEFORE);
    let mut both = reader(Role::Owner, Language::Ja);
    both.roles = vec![Role::Issuer, Role::Contractor, Role::Owner];
    let text = world.notice(expiring(30), &both, Some(&terms(BondKind::Bid)));
    assert!(!text.body.contains("2027年9月30日"), "{}", text.body);
}

#[test]
fn the_neutral_subject_tells_nothing() {
    for language in LANGUAGES {
        let subject = Letters::neutral_subject(language).to_lowercase();
        let subject = subject.replace("bondhub", "");
        for word in ["ボンド", "キー", "bond", "key", "入札", "bid"] {
            assert!(!subject.contains(word), "{subject}");
        }
    }
}

#[test]
fn a_missing_certificate_is_asked_for_without_a_word_on_case_or_bond() {
    let world = World::at(AFTER);
    for language in LANGUAGES {
        let reader = reader(Role::Contractor, language);
        let terms = terms(BondKind::Bid);
        let text = world.notice(task(TaskKind::CertificateNeeded), &reader, Some(&terms));
        let all = format!("{}\n{}", text.subject, text.body);
        let telling = [
            "0042",
            "国道",
            "120",
            "関東",
            "Kanto",
            "入札",
            "開札",
            "認証キーを",
            "bid",
            "opening",
            "contract",
        ];
        for word in telling {
            assert!(!all.contains(word), "{word} in {all}");
        }
    }
}

#[test]
fn no_bidder_is_told_of_another() {
    let mut world = World::at(AFTER);
    let mut other = reader(Role::Contractor, Language::Ja);
    other.code = code("C2");
    other.name_ja = Name::parse("若葉組").unwrap();
    other.name_en = Name::parse("Wakaba Works").unwrap();
    world.parties.insert(other.code.clone(), other);
    world.contractor = code("C2");
    let telling = |content: &NoticeContent| match content {
        NoticeContent::TaskOpened { key, .. } => matches!(key.subject, Subject::Contract(_)),
        _ => false,
    };
    for language in LANGUAGES {
        let reader = reader(Role::Contractor, language);
        for content in all_notices().into_iter().filter(|one| !telling(one)) {
            let text = world.notice(content, &reader, Some(&terms(BondKind::Bid)));
            for name in ["C2", "C9", "若葉組", "Wakaba"] {
                assert!(!text.body.contains(name), "{}", text.body);
            }
        }
    }
}

#[test]
fn names_with_template_syntax_or_markup_are_printed_as_they_are() {
    let odd = "{{ 7 * 7 }} <b>&amp;</b> {% raw %} {# #} ${x}";
    let mut world = World::at(AFTER);
    world.title = odd.to_owned();
    let all: BTreeMap<_, _> = std::mem::take(&mut world.parties);
    let renamed = all.into_iter().map(|(code, mut party)| {
        party.name_ja = Name::parse(odd).unwrap();
        party.name_en = Name::parse(odd).unwrap();
        (code, party)
    });
    world.parties = renamed.collect();
    for language in LANGUAGES {
        let mut reader = world.parties[&code("C1")].clone();
        reader.language = language;
        let text = world.key(
            &terms(BondKind::Bid),
            &reader,
            Role::Contractor,
            KeyReason::Registered,
        );
        assert_eq!(text.body.matches(odd).count(), 5, "{}", text.body);
    }
}

#[test]
fn a_title_with_line_breaks_or_reversed_text_cannot_change_the_layout() {
    let mut world = World::at(AFTER);
    world.title = "A\r\nAmount\tJPY 1\n\n## B\u{202e}C".to_owned();
    let reader = reader(Role::Contractor, Language::En);
    let text = world.notice(expiring(7), &reader, Some(&terms(BondKind::Bid)));
    let line = "Title            A  Amount JPY 1  ## BC\n";
    assert!(text.body.contains(line), "{}", text.body);
}
