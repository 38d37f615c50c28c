//! The report on outstanding liability (R40): total, histories, tables, what ends when; as PDF, for whoever may see the
//! figures (R43).

mod wording;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bondhub_core::{
    calendar::Timestamp,
    liability::{Beholder, Span, Step},
    money::Currency,
    party::Language,
    ports::{
        paper::{Column, Report, Section},
        store::{Balance, BalanceBy, Expiry, SeriesPoint, Within},
    },
};
use chrono::{Datelike as _, Months, NaiveDate};

use super::{
    Desk, DeskError, Figure, Refusal,
    overview::{Facet, Look, own, remarks, report_looks, since_the_first},
};
use wording::{Words, cell};

/// Which report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportOrder {
    /// At the end of which day; none is today.
    pub as_of: Option<NaiveDate>,
    /// As known at the end of which day; none is now.
    pub known_on: Option<NaiveDate>,
    /// In which language.
    pub language: Language,
}

/// A report that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceReport {
    /// Of which day.
    pub as_of: NaiveDate,
    /// The PDF.
    pub bytes: Vec<u8>,
}

/// Rows of a table beyond these are one row, so that the table still adds up to the total.
const MOST_ROWS: usize = 200;
/// Layers of a chart that shades of grey keep apart.
const MOST_LAYERS: usize = 4;
/// Months told one by one in a history's table; before them, ends of fiscal years.
const MONTHS_TOLD: usize = 12;

/// What a report is made of.
struct Draft<'a> {
    words: Words<'a>,
    as_of: NaiveDate,
    known_on: Option<NaiveDate>,
}

impl Desk {
    /// Makes a report on what the beholder may see.
    pub async fn balance_report(
        &self,
        beholder: &Beholder,
        order: &ReportOrder,
    ) -> Result<BalanceReport, DeskError> {
        let directory = self.directory().await?;
        let as_of = order.as_of.unwrap_or_else(|| self.today());
        let draft = Draft {
            words: Words {
                language: order.language,
                directory: &directory,
            },
            as_of,
            known_on: order.known_on,
        };
        let mut sections = self.headline(&draft, beholder).await?;
        for look in report_looks(beholder) {
            sections.extend(self.section(&draft, beholder, &look).await?);
            let remarks = remarks(beholder, &look, self.foresees(as_of, order.known_on));
            sections.extend(remarks.into_iter().map(|one| draft.words.remark(one)));
        }
        let report = draft.report(beholder, sections, self.clock.now());
        let maker = Arc::clone(&self.reports);
        let made = tokio::task::spawn_blocking(move || maker.make(&report)).await;
        let bytes = made.map_err(|_| DeskError::Batch(crate::hub::lane::BatchError::Panic))?;
        Ok(BalanceReport {
            as_of,
            bytes: bytes.map_err(DeskError::Paper)?,
        })
    }

    /// Own figures, and for issuers the total over all.
    async fn headline(
        &self,
        draft: &Draft<'_>,
        beholder: &Beholder,
    ) -> Result<Vec<Section>, DeskError> {
        let within = own(beholder);
        let mut parts = vec![("own", within.clone())];
        if within.is_everything() {
            parts = vec![("all_issuers", within)];
        } else if within.issuer.is_some() {
            parts.push(("all_issuers", Within::default()));
        }
        let mut rows = Vec::new();
        for (name, within) in parts {
            let figure = draft.figure(BalanceBy::Total, within);
            for sum in self.balances(beholder, &figure).await? {
                rows.push(draft.words.total_row(name, &sum));
            }
        }
        Ok(draft
            .words
            .table("totals", &["what", "outstanding", "bonds"], rows))
    }

    async fn section(
        &self,
        draft: &Draft<'_>,
        beholder: &Beholder,
        look: &Look,
    ) -> Result<Vec<Section>, DeskError> {
        let figure = draft.figure(look.by, look.within.clone());
        match look.what {
            Facet::History => {
                let from = draft.as_of.checked_sub_months(Months::new(120));
                let span = Span::new(from.unwrap_or(draft.as_of), draft.as_of, Step::Month);
                let span = span.map_err(Refusal::from)?;
                let points = self.balance_series(beholder, &figure, &span).await?;
                let days = span.days();
                Ok(draft.histories(look, since_the_first(&days, &points), &points))
            }
            Facet::Ranks => {
                let sums = self.balances(beholder, &figure).await?;
                Ok(draft.rankings(look, &sums))
            }
            Facet::Expiries => {
                let ends = self.expiries(beholder, &figure).await?;
                Ok(draft.endings(&ends))
            }
        }
    }
}

impl Draft<'_> {
    fn figure(&self, by: BalanceBy, within: Within) -> Figure {
        Figure {
            by,
            within,
            as_of: Some(self.as_of),
            known_on: self.known_on,
        }
    }

    fn report(&self, beholder: &Beholder, sections: Vec<Section>, made_at: Timestamp) -> Report {
        let language = self.words.language;
        Report {
            title: self.words.text("title").to_owned(),
            subtitle: self
                .words
                .subtitle(beholder, self.as_of, self.known_on, made_at),
            language: language.as_str().to_owned(),
            sections,
            made_at,
        }
    }

    /// A chart and a table for each currency.
    fn histories(&self, look: &Look, days: &[NaiveDate], points: &[SeriesPoint]) -> Vec<Section> {
        let currencies: BTreeSet<Currency> =
            points.iter().map(|point| point.balance.currency).collect();
        let mut sections = Vec::new();
        for currency in currencies {
            let layers = self.layers(look, currency, points);
            sections.push(self.words.heading(look.id, currency));
            sections.push(Section::Bars(self.words.chart(
                look.id,
                currency,
                days.iter().copied().map(month).collect(),
                &layers,
                days,
            )));
            let mut columns = vec![self.words.column("day", 2, false)];
            columns.extend(layers.iter().map(|(name, _)| Column {
                title: name.clone(),
                share: 3,
                figures: true,
            }));
            let row = |day: &NaiveDate| {
                let amounts = layers.iter().map(|(_, amounts)| {
                    let amount = amounts.get(day).copied().unwrap_or_default();
                    self.words.money(amount, currency)
                });
                [day.to_string()].into_iter().chain(amounts).collect()
            };
            let rows = told(days).iter().rev().map(row).collect();
            sections.push(Section::Table { columns, rows });
        }
        sections
    }

    /// The largest by their amount on the last day, and the others as one.
    fn layers(&self, look: &Look, currency: Currency, points: &[SeriesPoint]) -> Layers {
        let mut by_name: BTreeMap<&str, BTreeMap<NaiveDate, i64>> = BTreeMap::new();
        for point in points {
            if point.balance.currency == currency {
                let layer = by_name.entry(&point.balance.of).or_default();
                layer.insert(point.day, point.balance.amount);
            }
        }
        let mut layers: Layers = by_name
            .into_iter()
            .map(|(of, amounts)| (self.words.name(look.by, of), amounts))
            .collect();
        let last = points.iter().map(|point| point.day).max();
        let on_the_last =
            |amounts: &BTreeMap<NaiveDate, i64>| last.and_then(|day| amounts.get(&day).copied());
        layers.sort_by_key(|(_, amounts)| std::cmp::Reverse(on_the_last(amounts)));
        if layers.len() > MOST_LAYERS {
            let mut others: BTreeMap<NaiveDate, i64> = BTreeMap::new();
            for (_, amounts) in layers.split_off(MOST_LAYERS - 1) {
                for (day, amount) in amounts {
                    *others.entry(day).or_default() += amount;
                }
            }
            layers.push((self.words.text("others").to_owned(), others));
        }
        layers
    }

    /// The largest first; what is beyond [`MOST_ROWS`] is one row, and the last row is the total.
    fn rankings(&self, look: &Look, sums: &[Balance]) -> Vec<Section> {
        let mut by_currency: BTreeMap<Currency, Vec<&Balance>> = BTreeMap::new();
        for sum in sums {
            by_currency.entry(sum.currency).or_default().push(sum);
        }
        let mut sections = Vec::new();
        for (currency, mut ranked) in by_currency {
            ranked.sort_by_key(|sum| std::cmp::Reverse(sum.amount));
            // What does not fit is an error of the headline before.
            let amounts = ranked.iter().map(|sum| sum.amount);
            let whole = amounts.fold(0, i64::saturating_add);
            let (shown, rest) = ranked.split_at(ranked.len().min(MOST_ROWS));
            let mut rows: Vec<Vec<String>> = shown
                .iter()
                .map(|sum| self.words.rank(look.by, sum, whole))
                .collect();
            if !rest.is_empty() {
                rows.push(self.words.rest(rest, whole, currency));
            }
            rows.push(vec![
                self.words.text("total").to_owned(),
                self.words.money(whole, currency),
                String::new(),
                String::new(),
            ]);
            sections.push(self.words.heading(look.id, currency));
            sections.push(Section::Table {
                columns: vec![
                    self.words.column(look.id, 6, false),
                    self.words.column("outstanding", 4, true),
                    self.words.column("share", 2, true),
                    self.words.column("bonds", 2, true),
                ],
                rows,
            });
        }
        sections
    }

    fn endings(&self, ends: &[Expiry]) -> Vec<Section> {
        let currencies: BTreeSet<Currency> = ends.iter().map(|one| one.currency).collect();
        let mut sections = Vec::new();
        for currency in currencies {
            let own: Vec<&Expiry> = ends.iter().filter(|one| one.currency == currency).collect();
            let amounts = own.iter().map(|one| (one.month, one.amount)).collect();
            let months: Vec<NaiveDate> = own.iter().map(|one| one.month).collect();
            let layers = vec![(self.words.text("ends").to_owned(), amounts)];
            sections.push(self.words.heading("expiries", currency));
            let labels = months.iter().copied().map(month).collect();
            let chart = self
                .words
                .chart("expiries", currency, labels, &layers, &months);
            sections.push(Section::Bars(chart));
            let row = |one: &&Expiry| {
                let amount = self.words.money(one.amount, currency);
                vec![month(one.month), amount, cell(one.bonds)]
            };
            let mut rows: Vec<Vec<String>> = own.iter().map(row).collect();
            let whole = own.iter().map(|one| one.amount).sum();
            let bonds: u64 = own.iter().map(|one| one.bonds).sum();
            rows.push(vec![
                self.words.text("total").to_owned(),
                self.words.money(whole, currency),
                cell(bonds),
            ]);
            sections.push(Section::Table {
                columns: vec![
                    self.words.column("month", 3, false),
                    self.words.column("ends", 4, true),
                    self.words.column("bonds", 2, true),
                ],
                rows,
            });
        }
        sections
    }
}

/// Names, and amounts by day.
type Layers = Vec<(String, BTreeMap<NaiveDate, i64>)>;

fn month(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

/// The days a table tells of: the last months, and ends of fiscal years before.
fn told(days: &[NaiveDate]) -> Vec<NaiveDate> {
    let recent = days.len().saturating_sub(MONTHS_TOLD);
    days.iter()
        .enumerate()
        .filter(|(place, day)| *place >= recent || day.month() == 3)
        .map(|(_, day)| *day)
        .collect()
}
