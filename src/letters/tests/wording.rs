//! Amounts, days and times, and the breaking of lines.

use bondhub_core::{
    bond::BondKind,
    money::{Currency, Money},
    party::Language,
};
use chrono::{FixedOffset, NaiveDate};

use super::super::{typeset, wording};
use super::samples::*;

#[test]
fn yen_are_written_as_japanese_and_as_english_readers_write_them() {
    let yen = yen(120_000_000);
    assert_eq!(wording::money(&yen, Language::Ja), "￥120,000,000");
    assert_eq!(wording::money(&yen, Language::En), "JPY 120,000,000");
    let pounds = Money::new(1_100_000_005, Currency::parse("GBP").unwrap()).unwrap();
    assert_eq!(wording::money(&pounds, Language::Ja), "GBP 11,000,000.05");
}

#[test]
fn a_time_names_its_zone() {
    let zone = |hours| FixedOffset::east_opt(hours * 3600).unwrap();
    let at = time("2026-09-01T01:00:00Z");
    let write = |hours, language| wording::time(at, zone(hours), language);
    assert_eq!(write(9, Language::Ja), "2026年9月1日 10:00 (日本時間)");
    assert_eq!(write(9, Language::En), "1 September 2026 10:00 (UTC+09:00)");
    assert_eq!(write(-5, Language::Ja), "2026年8月31日 20:00 (UTC-05:00)");
    assert_eq!(write(0, Language::En), "1 September 2026 01:00 (UTC+00:00)");
}

#[test]
fn days_and_periods_are_written_out() {
    let day = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
    assert_eq!(wording::day(day, Language::En), "1 September 2026");
    assert_eq!(
        wording::period(span(), Language::Ja),
        "2026年9月1日から2027年9月30日まで"
    );
    assert_eq!(
        wording::period(span(), Language::En),
        "1 September 2026 to 30 September 2027"
    );
}

#[test]
fn each_kind_of_bond_has_its_term() {
    let terms = KINDS.map(|kind| wording::kind(kind, Language::Ja));
    assert_eq!(terms, ["入札ボンド", "履行ボンドの予約", "履行ボンド"]);
    assert_eq!(
        wording::kind(BondKind::Performance, Language::En),
        "performance bond"
    );
}

#[test]
fn every_finding_of_the_match_is_said_in_japanese() {
    let zone = FixedOffset::east_opt(9 * 3600).unwrap();
    let said: Vec<String> = mismatches()
        .iter()
        .map(|finding| finding.what.sentence(Language::Ja, zone))
        .collect();
    assert_eq!(
        said,
        [
            "保証金額は￥120,000,000ですが、￥135,000,000が必要です。",
            "保証期間は2027年9月30日に満了しますが、契約の期間は2027年12月28日までです。",
            "ボンドの対象ロット（1）は、この契約の対象ではありません。",
            "ボンドの通貨（JPY）が、求められる通貨と異なります。",
            "ボンドの発注者（O1）が、案件の発注者と異なります。",
            "ボンドの建設会社（C1）が、契約の相手方と異なります。",
            "入札ボンドであり、履行ボンドではありません。",
        ]
    );
}

#[test]
fn a_file_name_is_one_word_of_a_command() {
    assert_eq!(wording::shell_word("B-1.bondkey"), "B-1.bondkey");
    assert_eq!(wording::shell_word("B 1;rm.bondkey"), "'B 1;rm.bondkey'");
    assert_eq!(wording::shell_word("it's"), "'it'\\''s'");
    assert_eq!(wording::shell_word("-out"), "'./-out'");
}

#[test]
fn neighbouring_lines_are_one_paragraph_and_blank_lines_part_them() {
    let body = typeset::body("one\ntwo\n\n\n\nthree\n", Language::En);
    assert_eq!(body, "one two\n\nthree\n");
    let body = typeset::body("一行目です。\n二行目です。\n", Language::Ja);
    assert_eq!(body, "一行目です。二行目です。\n");
}

#[test]
fn a_long_english_line_is_broken_between_words() {
    let body = typeset::body(&"word ".repeat(20), Language::En);
    let widths: Vec<usize> = body.lines().map(str::len).collect();
    assert_eq!(widths, [74, 24]);
}

#[test]
fn a_long_japanese_line_is_broken_before_no_comma() {
    let text = format!("{}、あ", "あ".repeat(38));
    let body = typeset::body(&text, Language::Ja);
    let lines: Vec<&str> = body.lines().collect();
    assert_eq!(lines[0], "あ".repeat(37));
    assert_eq!(lines[1], "あ、あ");
}

#[test]
fn a_value_goes_on_below_itself_and_a_command_is_never_broken() {
    let value = "Aoba Construction and Wakaba Works Joint Venture for Highway One";
    let body = typeset::body(&format!("Principal\t{value}\n"), Language::En);
    assert!(body.contains("for\n                 Highway One"), "{body}");
    let command = format!("    openssl {}", "x".repeat(90));
    assert_eq!(
        typeset::body(&command, Language::En),
        format!("{command}\n")
    );
}

#[test]
fn a_word_longer_than_a_line_stands_alone() {
    let word = "x".repeat(90);
    let body = typeset::body(&format!("a {word} b"), Language::En);
    assert_eq!(body, format!("a\n{word}\nb\n"));
}

#[test]
fn a_subject_is_cut_to_length_and_kept_on_one_line() {
    assert_eq!(typeset::subject(" a\r\nBcc: b "), "a  Bcc: b");
    let cut = typeset::subject(&"長".repeat(200));
    assert_eq!(cut.chars().count(), 110);
    assert!(cut.ends_with('…'));
}

#[test]
fn a_gap_in_a_template_is_an_error_not_a_hole() {
    let mut environment = super::super::environment::environment().unwrap();
    environment
        .add_template("gap", "{{ missing }}")
        .and_then(|()| environment.add_template("none", "{{ known.not }}"))
        .unwrap();
    let known = minijinja::context! { known => minijinja::context! { not => None::<String> } };
    for template in ["gap", "none"] {
        let rendered = environment.get_template(template).unwrap().render(&known);
        assert!(rendered.is_err(), "{template}: {rendered:?}");
    }
}
