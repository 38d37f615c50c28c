//! Stacked bars: in shades of grey that differ on any printer, with the greatest value named and a
//! legend below.

use bondhub_core::ports::paper::Chart;

use crate::sheet::{Ink, Sheet};

const HIGH: f32 = 140.0;
const SIZE: f32 = 7.0;
const LEGEND: f32 = 12.0;

/// The room bars of so many series need.
pub(super) fn height(series: usize) -> f32 {
    let lines = f32::from(u16::try_from(series).unwrap_or(u16::MAX));
    HIGH + 40.0 + lines * LEGEND
}

pub(super) fn draw(sheet: &mut Sheet<'_, '_>, (left, top, width): (f32, f32, f32), chart: &Chart) {
    let Chart { labels, series, .. } = chart;
    let value = |one: usize, at: usize| {
        let values = series.get(one).map(|(_, values)| values);
        values
            .and_then(|values| values.get(at))
            .map_or(0.0, |value| value.max(0.0))
    };
    let sum = |at: usize| (0..series.len()).map(|one| value(one, at)).sum::<f64>();
    let greatest = (0..labels.len()).map(sum).fold(0.0, f64::max);
    let floor = top + 18.0 + HIGH;
    sheet.text(left, top + SIZE + 2.0, SIZE, Ink::Grey, &chart.greatest);
    sheet.fill(left, top + 18.0, width, 0.3, Ink::Pale);
    sheet.fill(left, floor, width, 0.8, Ink::Black);
    let step = width / count(labels.len().max(1));
    // Where there are many, as many labels as have room: by the widest, so that they stand at equal distances.
    let widths = labels.iter().map(|label| sheet.face.width(label, SIZE));
    let room = widths.fold(0.0, f32::max) + 4.0;
    let every = (room / step).ceil().max(1.0);
    for (at, label) in labels.iter().enumerate() {
        let x = left + step * count(at) + step * 0.15;
        let mut y = floor;
        for one in 0..series.len() {
            let high = share(value(one, at), greatest) * HIGH;
            y -= high;
            sheet.fill(x, y, step * 0.7, high, shade(one));
        }
        let fits = x + sheet.face.width(label, SIZE) <= left + width;
        if fits && (count(at) % every).abs() < 0.5 {
            sheet.text(x, floor + SIZE + 4.0, SIZE, Ink::Grey, label);
        }
    }
    for (one, (name, _)) in series.iter().enumerate() {
        let y = floor + 20.0 + LEGEND * count(one);
        sheet.fill(left, y, 8.0, 8.0, shade(one));
        sheet.text(left + 14.0, y + SIZE, SIZE, Ink::Black, name);
    }
}

fn shade(series: usize) -> Ink {
    match series % 4 {
        0 => Ink::Shade(40),
        1 => Ink::Shade(150),
        2 => Ink::Shade(95),
        _ => Ink::Shade(200),
    }
}

fn count(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}

/// A part of the greatest value, between 0 and 1.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a share for drawing needs no more digits"
)]
fn share(value: f64, greatest: f64) -> f32 {
    if greatest > 0.0 {
        (value / greatest) as f32
    } else {
        0.0
    }
}
