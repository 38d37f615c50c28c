//! Bars: upright for what ends when, lying for who has how much.

use super::{
    Caption,
    paper::{Drawing, HEIGHT, WIDTH},
    scale::Axis,
};

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What stands beside it.
    pub name: String,
    /// How long it is.
    pub amount: i64,
}

const LEFT: i64 = 640;
const RIGHT: i64 = 120;
const TOP: i64 = 120;
const BOTTOM: i64 = 320;

/// Upright bars, in order.
pub fn bars(caption: &Caption, bars: &[Bar]) -> String {
    let mut drawing = Drawing::new(caption, HEIGHT);
    let axis = Axis::of(largest(bars));
    let tall = HEIGHT - TOP - BOTTOM;
    for mark in axis.marks() {
        let y = HEIGHT - BOTTOM - axis.place(mark, tall);
        drawing.line((LEFT, y), (WIDTH - RIGHT, y));
        drawing.text((LEFT - 60, y + 40), "end", &caption.unit.short(mark));
    }
    let count = i64::try_from(bars.len()).unwrap_or(1).max(1);
    let room = (WIDTH - LEFT - RIGHT) / count;
    let every = bars.len().div_ceil(9).max(1);
    let fill = drawing.hatching(1);
    for (place, bar) in bars.iter().enumerate() {
        let x = LEFT + room * i64::try_from(place).unwrap_or(0);
        let size = axis.place(bar.amount, tall);
        drawing.rectangle(
            (x + room / 8, HEIGHT - BOTTOM - size),
            (room * 3 / 4, size),
            &fill,
        );
        if place % every == 0 {
            drawing.text((x + room / 2, HEIGHT - BOTTOM + 190), "middle", &bar.name);
        }
    }
    drawing.finish()
}

/// Lying bars, each with its name and amount; the first on top.
pub fn ranks(caption: &Caption, bars: &[Bar]) -> String {
    const ROW: i64 = 260;
    const NAMES: i64 = 1900;
    const AMOUNTS: i64 = 800;
    let rows = i64::try_from(bars.len()).unwrap_or(1).max(1);
    let mut drawing = Drawing::new(caption, rows * ROW + 80);
    let axis = Axis::of(largest(bars));
    let fill = drawing.hatching(0);
    for (place, bar) in bars.iter().enumerate() {
        let y = 40 + ROW * i64::try_from(place).unwrap_or(0);
        let long = axis.place(bar.amount, WIDTH - NAMES - AMOUNTS);
        drawing.text((NAMES - 80, y + 160), "end", &bar.name);
        drawing.rectangle((NAMES, y + 30), (long, ROW - 60), &fill);
        drawing.text(
            (NAMES + long + 60, y + 160),
            "start",
            &caption.unit.short(bar.amount),
        );
    }
    drawing.finish()
}

fn largest(bars: &[Bar]) -> i64 {
    bars.iter().map(|bar| bar.amount).max().unwrap_or_default()
}
