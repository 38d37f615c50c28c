//! The findings of the match (R7) in the reader's language.
//!
//! The core records each finding as one English sentence. The tests take these sentences from the
//! match itself, so one that changes there and not here is noticed.

use bondhub_core::party::Language;
use chrono::NaiveDate;

use super::wording;

/// A finding as a sentence; one whose form is not known is told as it is recorded.
pub(crate) fn sentence(finding: &str, language: Language) -> String {
    let finding = wording::one_line(finding);
    match language {
        Language::Ja => in_japanese(&finding).unwrap_or(finding),
        Language::En => as_sentence(&finding),
    }
}

fn as_sentence(finding: &str) -> String {
    let mut letters = finding.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let rest: String = first.into_iter().chain(letters).collect();
    format!("{}.", rest.trim_end_matches('.'))
}

fn in_japanese(finding: &str) -> Option<String> {
    kind(finding)
        .or_else(|| lot(finding))
        .or_else(|| principal(finding))
        .or_else(|| obligee(finding))
        .or_else(|| amount(finding))
        .or_else(|| end(finding))
        .or_else(|| currency(finding))
}

/// What stands between two parts of a sentence.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.strip_suffix(after)
}

fn kind(finding: &str) -> Option<String> {
    (finding == "it is not a performance bond").then(|| "履行ボンドではありません。".to_owned())
}

fn lot(finding: &str) -> Option<String> {
    let lot = between(
        finding,
        "the bond is for lot ",
        ", which the contract does not cover",
    )?;
    Some(format!(
        "ボンドの対象ロット（{lot}）は、この契約の対象ではありません。"
    ))
}

fn principal(finding: &str) -> Option<String> {
    let party = between(finding, "the bond's principal is ", ", not the contractor")?;
    Some(format!(
        "ボンドの建設会社（{party}）が、契約の相手方と異なります。"
    ))
}

fn obligee(finding: &str) -> Option<String> {
    let party = between(finding, "the bond's obligee is ", ", not the owner")?;
    Some(format!(
        "ボンドの発注者（{party}）が、契約の発注者と異なります。"
    ))
}

fn currency(finding: &str) -> Option<String> {
    let currency = finding.strip_prefix("the bond is in ")?;
    Some(format!(
        "ボンドの通貨（{currency}）が契約の通貨と異なります。"
    ))
}

fn amount(finding: &str) -> Option<String> {
    let amounts = finding.strip_suffix(" is required")?;
    let (guaranteed, required) = amounts.split_once(" is guaranteed, ")?;
    let yen = |amount: &str| amount.replacen("JPY ", "￥", 1);
    let (guaranteed, required) = (yen(guaranteed), yen(required));
    Some(format!(
        "保証金額は{guaranteed}ですが、{required}が必要です。"
    ))
}

fn end(finding: &str) -> Option<String> {
    let days = finding.strip_prefix("the bond ends on ")?;
    let (bond, contract) = days.split_once(", the contract on ")?;
    let day = |text: &str| Some(wording::day(text.parse::<NaiveDate>().ok()?, Language::Ja));
    let (bond, contract) = (day(bond)?, day(contract)?);
    Some(format!(
        "保証期間は{bond}に満了しますが、契約の期間は{contract}までです。"
    ))
}
