//! Amounts, days, times and terms as people of the field write them.

use bondhub_core::{
    bond::BondKind,
    calendar::{Period, Timestamp},
    money::{Currency, Money},
    party::Language,
};
use chrono::{Datelike as _, FixedOffset, NaiveDate, Timelike as _};

const TOKYO_SECONDS: i32 = 9 * 3600;

/// `￥120,000,000`, or `JPY 120,000,000`.
pub(crate) fn money(money: &Money, language: Language) -> String {
    let written = money.to_string();
    match (language, money.currency()) {
        (Language::Ja, Currency::JPY) => written.replacen("JPY ", "￥", 1),
        _ => written,
    }
}

/// `2026年9月1日`, or `1 September 2026`.
pub(crate) fn day(day: NaiveDate, language: Language) -> String {
    match language {
        Language::Ja => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        Language::En => day.format("%-d %B %Y").to_string(),
    }
}

/// `2026年9月1日から2027年9月30日まで`, or `1 September 2026 to 30 September 2027`.
pub(crate) fn period(period: Period, language: Language) -> String {
    let (from, to) = (day(period.from(), language), day(period.to(), language));
    match language {
        Language::Ja => format!("{from}から{to}まで"),
        Language::En => format!("{from} to {to}"),
    }
}

/// `2026年9月1日 10:00 (日本時間)`, or `1 September 2026 10:00 (UTC+09:00)`.
pub(crate) fn time(at: Timestamp, zone: FixedOffset, language: Language) -> String {
    let local = at.with_timezone(&zone);
    let date = day(local.date_naive(), language);
    let zone = match language {
        Language::Ja if zone.local_minus_utc() == TOKYO_SECONDS => "日本時間".to_owned(),
        Language::Ja | Language::En => format!("UTC{zone}"),
    };
    let (hour, minute, second) = (local.hour(), local.minute(), local.second());
    if second == 0 {
        format!("{date} {hour:02}:{minute:02} ({zone})")
    } else {
        format!("{date} {hour:02}:{minute:02}:{second:02} ({zone})")
    }
}

/// What the kind of bond is called.
pub(crate) fn kind(kind: BondKind, language: Language) -> &'static str {
    match (kind, language) {
        (BondKind::Bid, Language::Ja) => "入札ボンド",
        (BondKind::Bid, Language::En) => "bid bond",
        (BondKind::PerformanceReservation, Language::Ja) => "履行ボンドの予約",
        (BondKind::PerformanceReservation, Language::En) => "performance-bond reservation",
        (BondKind::Performance, Language::Ja) => "履行ボンド",
        (BondKind::Performance, Language::En) => "performance bond",
    }
}

/// Foreign text as one line: no line breaks or tabs, which would change a letter's layout, and none
/// of the characters that make a text read in another order than it is stored.
pub(crate) fn one_line(text: &str) -> String {
    let shown = |c: &char| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let spaced = |c: char| {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            ' '
        } else {
            c
        }
    };
    text.chars().filter(shown).map(spaced).collect()
}

/// A file name as one word of a shell's command line.
pub(crate) fn shell_word(name: &str) -> String {
    let name = one_line(name);
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !name.starts_with('-') && !name.is_empty() && name.chars().all(plain) {
        return name;
    }
    let dash = if name.starts_with('-') { "./" } else { "" };
    format!("'{dash}{}'", name.replace('\'', "'\\''"))
}
