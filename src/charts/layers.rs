//! A history: areas on top of one another, from the first day to the last.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{
    Caption,
    paper::{Drawing, HEIGHT, WIDTH},
    scale::Axis,
};

/// One layer: an issuer, say, or the total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// What stands beside it.
    pub name: String,
    /// Amounts at the ends of days; a day that is missing is zero.
    pub amounts: BTreeMap<NaiveDate, i64>,
}

const LEFT: i64 = 640;
const RIGHT: i64 = 1500;
const TOP: i64 = 120;
const BOTTOM: i64 = 320;

/// Draws layers on top of one another, the first at the bottom.
pub fn layers(caption: &Caption, days: &[NaiveDate], layers: &[Layer]) -> String {
    let mut drawing = Drawing::new(caption, HEIGHT);
    let sums: Vec<i64> = days.iter().map(|day| sum(layers, *day)).collect();
    let axis = Axis::of(sums.iter().copied().max().unwrap_or_default());
    lines(&mut drawing, caption, axis);
    dates(&mut drawing, days);
    let mut floor = vec![0_i64; days.len()];
    let mut labels = Vec::new();
    for (number, layer) in layers.iter().enumerate() {
        let amounts = days
            .iter()
            .map(|day| layer.amounts.get(day).copied().unwrap_or_default());
        let top: Vec<i64> = floor
            .iter()
            .zip(amounts)
            .map(|(floor, amount)| floor.saturating_add(amount))
            .collect();
        let fill = drawing.hatching(number);
        drawing.area(&outline(axis, &floor, &top), &fill);
        if let (Some(low), Some(high)) = (floor.last(), top.last()) {
            labels.push((height(axis, i64::midpoint(*low, *high)), layer.name.clone()));
        }
        floor = top;
    }
    names(&mut drawing, labels);
    drawing.finish()
}

fn sum(layers: &[Layer], day: NaiveDate) -> i64 {
    let amounts = layers.iter().filter_map(|layer| layer.amounts.get(&day));
    amounts.fold(0_i64, |sum, amount| sum.saturating_add(*amount))
}

/// There and back: each day has a width of its own, the last one too, at the height it ended with; between two days nobody
/// knows more.
fn outline(axis: Axis, floor: &[i64], top: &[i64]) -> Vec<(i64, i64)> {
    let there = steps(axis, top);
    let back = steps(axis, floor);
    there.into_iter().chain(back.into_iter().rev()).collect()
}

fn steps(axis: Axis, amounts: &[i64]) -> Vec<(i64, i64)> {
    let mut points: Vec<(i64, i64)> = Vec::with_capacity(amounts.len() * 2);
    for (place, amount) in amounts.iter().enumerate() {
        let y = height(axis, *amount);
        points.push((across(place, amounts.len()), y));
        points.push((across(place + 1, amounts.len()), y));
    }
    points
}

fn across(place: usize, count: usize) -> i64 {
    let wide = WIDTH - LEFT - RIGHT;
    let (place, count) = (
        i64::try_from(place).unwrap_or(0),
        i64::try_from(count).unwrap_or(1),
    );
    LEFT + wide * place / count.max(1)
}

fn height(axis: Axis, value: i64) -> i64 {
    HEIGHT - BOTTOM - axis.place(value, HEIGHT - TOP - BOTTOM)
}

fn lines(drawing: &mut Drawing, caption: &Caption, axis: Axis) {
    for mark in axis.marks() {
        let y = height(axis, mark);
        drawing.line((LEFT, y), (WIDTH - RIGHT, y));
        drawing.text((LEFT - 60, y + 40), "end", &caption.unit.short(mark));
    }
}

/// The first day, the last, and a few between.
fn dates(drawing: &mut Drawing, days: &[NaiveDate]) {
    let every = days.len().div_ceil(7).max(1);
    for (place, day) in days.iter().enumerate().step_by(every) {
        let x = i64::midpoint(across(place, days.len()), across(place + 1, days.len()));
        drawing.line((x, HEIGHT - BOTTOM), (x, HEIGHT - BOTTOM + 50));
        drawing.text(
            (x, HEIGHT - BOTTOM + 190),
            "middle",
            &day.format("%Y-%m").to_string(),
        );
    }
}

/// Names beside their layers, moved apart where they would lie on one another.
fn names(drawing: &mut Drawing, labels: Vec<(i64, String)>) {
    let mut lowest = HEIGHT - 100;
    for (number, (y, name)) in labels.into_iter().enumerate() {
        let y = y.min(lowest);
        lowest = y - 150;
        let fill = drawing.hatching(number);
        drawing.rectangle((WIDTH - RIGHT + 60, y - 60), (120, 120), &fill);
        drawing.text((WIDTH - RIGHT + 220, y + 40), "start", &shortened(&name));
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= 16 {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(15).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_stays_until_it_changes() {
        let outline = outline(Axis::of(9), &[0, 0, 4], &[3, 9, 5]);
        let straight = |pair: &[(i64, i64)]| pair[0].0 == pair[1].0 || pair[0].1 == pair[1].1;
        assert!(outline.windows(2).all(straight), "no slopes: {outline:?}");
    }

    #[test]
    fn the_last_day_is_seen_at_its_own_height() {
        let steps = steps(Axis::of(9), &[9, 9, 3]);
        let [.., from, to] = steps.as_slice() else {
            panic!("too few: {steps:?}")
        };
        assert_eq!(from.1, height(Axis::of(9), 3));
        assert_eq!(to, &(WIDTH - RIGHT, from.1));
        assert!(from.0 < to.0, "it has a width: {steps:?}");
    }
}
