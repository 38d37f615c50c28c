//! Figures as charts, each with a table beside it; one for each currency, since they are never added.

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    identifier::PartyCode,
    money::{Currency, Money},
    ports::store::{Balance, BalanceBy, SeriesPoint},
};
use chrono::NaiveDate;

use super::{Section, Visit};
use crate::charts::{self, Bar, Caption, Layer, Unit};
use crate::desk::overview::Look;

pub(super) const LONGEST_RANKING: usize = 20;
const MOST_LAYERS: usize = 6;

fn currencies<'a>(all: impl Iterator<Item = &'a Balance>) -> BTreeSet<Currency> {
    all.map(|balance| balance.currency).collect()
}

/// A chart per currency: they are never added.
pub(super) fn histories(
    visit: &Visit,
    look: &Look,
    days: &[NaiveDate],
    points: &[SeriesPoint],
) -> Vec<Section> {
    let drawn = currencies(points.iter().map(|point| &point.balance))
        .into_iter()
        .map(|currency| {
            let mut by_name: BTreeMap<&str, Layer> = BTreeMap::new();
            for point in points
                .iter()
                .filter(|point| point.balance.currency == currency)
            {
                let layer = by_name.entry(&point.balance.of).or_insert_with(|| Layer {
                    name: name(visit, look.by, &point.balance.of),
                    amounts: BTreeMap::new(),
                });
                layer.amounts.insert(point.day, point.balance.amount);
            }
            let layers = fewer(visit, by_name.into_values().collect(), days.last());
            let caption = caption(visit, look, currency, days.last().map(ToString::to_string));
            let head = [visit.text("balances.month")]
                .into_iter()
                .chain(layers.iter().map(|layer| layer.name.clone()))
                .collect();
            let row = |day: &NaiveDate| {
                let amount = |layer: &Layer| layer.amounts.get(day).copied().unwrap_or_default();
                let amounts = layers
                    .iter()
                    .map(|layer| money(visit, amount(layer), currency));
                [day.to_string()].into_iter().chain(amounts).collect()
            };
            Section {
                id: look.id,
                title: caption.title.clone(),
                notes: Vec::new(),
                svg: charts::layers(&caption, days, &layers),
                head,
                rows: days.iter().rev().map(row).collect(),
            }
        });
    drawn.collect()
}

/// The largest layers by their amount on the last day, and the others as one.
fn fewer(visit: &Visit, mut layers: Vec<Layer>, last: Option<&NaiveDate>) -> Vec<Layer> {
    let on_the_last = |layer: &Layer| last.and_then(|day| layer.amounts.get(day).copied());
    layers.sort_by_key(|layer| std::cmp::Reverse(on_the_last(layer)));
    if layers.len() <= MOST_LAYERS {
        return layers;
    }
    let mut others = Layer {
        name: visit.text("balances.others"),
        amounts: BTreeMap::new(),
    };
    for layer in layers.split_off(MOST_LAYERS - 1) {
        for (day, amount) in layer.amounts {
            *others.amounts.entry(day).or_default() += amount;
        }
    }
    layers.push(others);
    layers
}

/// The largest as a chart; in the table as many as are asked for.
pub(super) fn rankings(
    visit: &Visit,
    look: &Look,
    sums: &[Balance],
    most_rows: usize,
) -> Vec<Section> {
    let drawn = currencies(sums.iter()).into_iter().map(|currency| {
        let mut ranked: Vec<&Balance> =
            sums.iter().filter(|sum| sum.currency == currency).collect();
        ranked.sort_by_key(|sum| std::cmp::Reverse(sum.amount));
        let whole: i128 = ranked.iter().map(|sum| i128::from(sum.amount)).sum();
        let shown = ranked.iter().take(LONGEST_RANKING);
        let bar = |sum: &&&Balance| Bar {
            name: name(visit, look.by, &sum.of),
            amount: sum.amount,
        };
        let bars: Vec<Bar> = shown.map(|sum| bar(&sum)).collect();
        let caption = caption(visit, look, currency, None);
        let row = |sum: &&Balance| {
            let per_mille = i128::from(sum.amount) * 1000 / whole.max(1);
            vec![
                name(visit, look.by, &sum.of),
                money(visit, sum.amount, currency),
                format!("{}.{}%", per_mille / 10, per_mille % 10),
                sum.bonds.to_string(),
            ]
        };
        Section {
            id: look.id,
            title: caption.title.clone(),
            notes: Vec::new(),
            svg: charts::ranks(&caption, &bars),
            head: ["contractor", "outstanding", "share", "bonds"]
                .map(|key| visit.text(&format!("balances.{key}")))
                .to_vec(),
            rows: ranked.iter().take(most_rows).map(row).collect(),
        }
    });
    drawn.collect()
}

pub(super) fn bar_sections(
    visit: &Visit,
    look: &Look,
    ends: &[(Currency, String, i64)],
) -> Vec<Section> {
    let all: BTreeSet<Currency> = ends.iter().map(|(currency, ..)| *currency).collect();
    let drawn = all.into_iter().map(|currency| {
        let bars: Vec<Bar> = ends
            .iter()
            .filter(|(of, ..)| *of == currency)
            .map(|(_, month, amount)| Bar {
                name: month.clone(),
                amount: *amount,
            })
            .collect();
        let caption = caption(visit, look, currency, None);
        let row = |bar: &Bar| vec![bar.name.clone(), money(visit, bar.amount, currency)];
        Section {
            id: look.id,
            title: caption.title.clone(),
            notes: Vec::new(),
            svg: charts::bars(&caption, &bars),
            head: ["month", "ends"]
                .map(|key| visit.text(&format!("balances.{key}")))
                .to_vec(),
            rows: bars.iter().map(row).collect(),
        }
    });
    drawn.collect()
}

fn caption(visit: &Visit, look: &Look, currency: Currency, until: Option<String>) -> Caption {
    let title = visit.text(&format!("balances.title_{}", look.id));
    let description = visit.text(&format!("balances.about_{}", look.id));
    let until = until.map(|day| format!(" ({day})")).unwrap_or_default();
    Caption {
        id: format!("{}-{currency}", look.id),
        title: format!("{title} [{currency}]"),
        description: format!("{description}{until}"),
        unit: Unit {
            currency,
            language: visit.language(),
        },
    }
}

pub(super) fn name(visit: &Visit, by: BalanceBy, of: &str) -> String {
    match (by, PartyCode::parse(of)) {
        (BalanceBy::Total, _) | (_, Err(_)) => visit.text("balances.total"),
        (_, Ok(code)) => visit.party_name(&code),
    }
}

pub(super) fn money(visit: &Visit, amount: i64, currency: Currency) -> String {
    Money::new(amount, currency)
        .map(|money| visit.words().money(&money))
        .unwrap_or_default()
}
