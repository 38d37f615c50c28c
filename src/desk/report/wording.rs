//! What the report says, in Japanese and English.

use std::collections::BTreeMap;

use bondhub_core::{
    calendar::Timestamp,
    identifier::PartyCode,
    liability::Beholder,
    money::{Currency, Money},
    party::Language,
    ports::{
        paper::{Chart, Column, Section},
        store::{Balance, BalanceBy},
    },
};
use chrono::NaiveDate;

use crate::{desk::overview::Remark, hub::directory::Directory, letters::wording};

/// Texts: name, Japanese, English.
const TEXTS: [(&str, &str, &str); 24] = [
    (
        "title",
        "保証債務残高報告書",
        "Report on outstanding liability",
    ),
    ("totals", "残高合計", "Totals"),
    ("what", "区分", "What"),
    ("own", "自社・自機関の残高", "Own"),
    (
        "all_issuers",
        "全保証機関の残高合計",
        "Total over all issuers",
    ),
    ("outstanding", "残高", "Outstanding"),
    ("bonds", "ボンド数", "Bonds"),
    ("share", "割合", "Share"),
    ("day", "時点", "As of"),
    ("month", "年月", "Month"),
    ("ends", "満了する残高", "Ends"),
    ("others", "その他", "Others"),
    ("total", "合計", "Total"),
    ("history", "残高の推移（月末）", "History (ends of months)"),
    (
        "everybody",
        "全保証機関の残高の推移（月末）",
        "History over all issuers (ends of months)",
    ),
    ("contractors", "建設会社", "Contractor"),
    ("issuers", "発行機関", "Issuer"),
    ("owners", "発注者", "Owner"),
    ("expiries", "保証期間の満了予定", "What ends when"),
    (
        "chart",
        "次の表に同じ数値があります。",
        "The table below has the same figures.",
    ),
    (
        "without_sealed",
        "開札前の入札に関するボンドは含まれません。",
        "Without bonds of bids that are not open yet.",
    ),
    (
        "foreseen",
        "将来の日の残高です。現在わかっている保証期間により、その日までに満了するボンドを除いています。",
        "A day to come: bonds whose period ends before it, by what is known today, are left out.",
    ),
    ("operator", "運用者", "the operator"),
    ("nothing", "残高はありません。", "Nothing is outstanding."),
];

/// The language, and the parties' names.
pub(super) struct Words<'a> {
    pub(super) language: Language,
    pub(super) directory: &'a Directory,
}

/// A number in a table.
pub(super) fn cell(number: u64) -> String {
    number.to_string()
}

impl Words<'_> {
    /// What must be said below figures.
    pub(super) fn remark(&self, remark: Remark) -> Section {
        let text = match remark {
            Remark::WithoutSealed => self.text("without_sealed"),
            Remark::Foreseen => self.text("foreseen"),
        };
        Section::Text(text.to_owned())
    }

    pub(super) fn text(&self, name: &str) -> &'static str {
        let found = TEXTS.iter().find(|(known, ..)| *known == name);
        found.map_or("", |(_, ja, en)| match self.language {
            Language::Ja => ja,
            Language::En => en,
        })
    }

    pub(super) fn money(&self, amount: i64, currency: Currency) -> String {
        let money = Money::new(amount, currency);
        money.map_or_else(
            |_| format!("{currency} {amount}"),
            |money| wording::money(&money, self.language),
        )
    }

    fn party(&self, code: &PartyCode) -> String {
        let party = self.directory.parties.get(code);
        party.map_or_else(
            || code.to_string(),
            |party| format!("{} ({code})", party.name(self.language)),
        )
    }

    pub(super) fn name(&self, by: BalanceBy, of: &str) -> String {
        match (by, PartyCode::parse(of)) {
            (BalanceBy::Total, _) | (_, Err(_)) => self.text("outstanding").to_owned(),
            (_, Ok(code)) => self.party(&code),
        }
    }

    /// Of what day, as known when, for whom, made when.
    pub(super) fn subtitle(
        &self,
        beholder: &Beholder,
        as_of: NaiveDate,
        known_on: Option<NaiveDate>,
        made_at: Timestamp,
    ) -> Vec<String> {
        let day = |day| wording::day(day, self.language);
        let whom = match beholder {
            Beholder::Hub | Beholder::Operator => self.text("operator").to_owned(),
            Beholder::Party { code, .. } => self.party(code),
        };
        let zone = self.directory.rules.policy.zone;
        let made = wording::time(made_at, zone, self.language);
        let (first, known, last) = match self.language {
            Language::Ja => (
                format!("{} 現在（この日の終わりの残高）", day(as_of)),
                known_on.map(|known| format!("{} までに記録された内容による", day(known))),
                format!("宛先: {whom}　作成: {made}"),
            ),
            Language::En => (
                format!("As of the end of {}", day(as_of)),
                known_on.map(|known| format!("As known at the end of {}", day(known))),
                format!("For {whom}; made {made}"),
            ),
        };
        [Some(first), known, Some(last)]
            .into_iter()
            .flatten()
            .collect()
    }

    pub(super) fn column(&self, name: &str, share: u16, figures: bool) -> Column {
        Column {
            title: self.text(name).to_owned(),
            share,
            figures,
        }
    }

    pub(super) fn heading(&self, name: &str, currency: Currency) -> Section {
        Section::Heading(format!("{} [{currency}]", self.title(name)))
    }

    /// What stands above a section; tables are titled by what their rows are.
    fn title(&self, name: &str) -> String {
        let text = self.text(name);
        match (name, self.language) {
            ("contractors" | "issuers" | "owners", Language::Ja) => format!("{text}別の残高"),
            ("contractors" | "issuers" | "owners", Language::En) => {
                format!("By {}", text.to_lowercase())
            }
            _ => text.to_owned(),
        }
    }

    pub(super) fn table(
        &self,
        name: &str,
        columns: &[&str],
        rows: Vec<Vec<String>>,
    ) -> Vec<Section> {
        let heading = Section::Heading(self.text(name).to_owned());
        if rows.is_empty() {
            return vec![heading, Section::Text(self.text("nothing").to_owned())];
        }
        let column = |(place, name): (usize, &&str)| self.column(name, 3, place > 0);
        let columns = columns.iter().enumerate().map(column).collect();
        vec![heading, Section::Table { columns, rows }]
    }

    pub(super) fn total_row(&self, name: &str, sum: &Balance) -> Vec<String> {
        vec![
            self.text(name).to_owned(),
            self.money(sum.amount, sum.currency),
            cell(sum.bonds),
        ]
    }

    pub(super) fn rank(&self, by: BalanceBy, sum: &Balance, whole: i64) -> Vec<String> {
        vec![
            self.name(by, &sum.of),
            self.money(sum.amount, sum.currency),
            per_cent(sum.amount, whole),
            cell(sum.bonds),
        ]
    }

    pub(super) fn rest(&self, rest: &[&Balance], whole: i64, currency: Currency) -> Vec<String> {
        let amount = rest.iter().map(|sum| sum.amount).sum();
        vec![
            format!("{} ({})", self.text("others"), rest.len()),
            self.money(amount, currency),
            per_cent(amount, whole),
            cell(rest.iter().map(|sum| sum.bonds).sum()),
        ]
    }

    pub(super) fn chart(
        &self,
        name: &str,
        currency: Currency,
        labels: Vec<String>,
        layers: &[(String, BTreeMap<NaiveDate, i64>)],
        days: &[NaiveDate],
    ) -> Chart {
        let amount = |amounts: &BTreeMap<NaiveDate, i64>, day: &NaiveDate| {
            amounts.get(day).copied().unwrap_or_default()
        };
        let sum = |day: &NaiveDate| layers.iter().map(|(_, all)| amount(all, day)).sum::<i64>();
        let greatest = days.iter().map(sum).max().unwrap_or_default();
        let values = |amounts: &BTreeMap<NaiveDate, i64>| {
            days.iter().map(|day| drawn(amount(amounts, day))).collect()
        };
        let series = layers
            .iter()
            .map(|(name, amounts)| (name.clone(), values(amounts)));
        Chart {
            says: format!("{} [{currency}] {}", self.title(name), self.text("chart")),
            labels,
            series: series.collect(),
            greatest: self.money(greatest, currency),
        }
    }
}

fn per_cent(amount: i64, whole: i64) -> String {
    let per_mille = i128::from(amount) * 1000 / i128::from(whole.max(1));
    format!("{}.{}%", per_mille / 10, per_mille % 10)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a bar is drawn; the figures stand in the table"
)]
fn drawn(amount: i64) -> f64 {
    amount as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_both_languages() {
        for (name, ja, en) in TEXTS {
            assert!(!ja.is_empty() && !en.is_empty(), "{name}");
            assert!(!ja.is_ascii(), "{name}");
        }
    }

    #[test]
    fn shares_are_cut_after_a_tenth_of_a_per_cent() {
        assert_eq!(per_cent(1, 3), "33.3%");
        assert_eq!(per_cent(0, 0), "0.0%");
    }
}
