//! Axes: round numbers, and amounts in as few digits as can be.

use bondhub_core::{money::Currency, party::Language};

/// In what amounts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// The currency; its minor unit is counted.
    pub currency: Currency,
    /// How large numbers are called.
    pub language: Language,
}

impl Unit {
    /// A short form: `1.2億`, `35万`, `120M`.
    pub fn short(self, amount: i64) -> String {
        let unit = 10_i64.pow(self.currency.minor_digits());
        let whole = amount / unit;
        let names: [(i64, &str); 3] = match self.language {
            Language::Ja => [
                (1_000_000_000_000, "兆"),
                (100_000_000, "億"),
                (10_000, "万"),
            ],
            Language::En => [(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")],
        };
        let fitting = names.into_iter().find(|(size, _)| whole >= *size);
        fitting.map_or_else(
            || whole.to_string(),
            |(size, name)| format!("{}{name}", tenths(whole, size)),
        )
    }
}

/// A quotient with one digit behind the point, if that is not zero.
fn tenths(whole: i64, size: i64) -> String {
    let tenths = i128::from(whole) * 10 / i128::from(size);
    if tenths % 10 == 0 || tenths >= 1000 {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// An axis from nothing to a round number at or above the largest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    top: i64,
    step: i64,
}

impl Axis {
    /// Four to ten steps of 1, 2 or 5 times a power of ten.
    pub(super) fn of(largest: i64) -> Self {
        let largest = largest.max(1);
        let mut power = 1_i64;
        while largest / power >= 10 {
            power = power.saturating_mul(10);
        }
        let digit = largest / power;
        let step = match digit {
            ..2 => power / 5,
            2..5 => power / 2,
            _ => power,
        };
        let step = step.max(1);
        let steps = largest / step + i64::from(largest % step > 0);
        Self {
            top: step.saturating_mul(steps),
            step,
        }
    }

    /// Where the lines across the chart are.
    pub(super) fn marks(self) -> impl Iterator<Item = i64> {
        let step = self.step;
        std::iter::successors(Some(0_i64), move |mark| mark.checked_add(step))
            .take_while(move |mark| *mark <= self.top)
            .take(12)
    }

    /// How far up a value lies, of `length` tenths of a pixel.
    pub(super) fn place(self, value: i64, length: i64) -> i64 {
        let place = i128::from(value) * i128::from(length) / i128::from(self.top);
        i64::try_from(place).unwrap_or(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_with_a_round_number_at_or_above_the_largest_value() {
        for largest in [1, 7, 10, 19, 99, 101, 12_345_678, i64::MAX / 3] {
            let axis = Axis::of(largest);
            assert!(axis.top >= largest, "{largest}");
            let marks = axis.marks().count();
            assert!((2..=12).contains(&marks), "{largest}: {marks}");
        }
        assert_eq!(Axis::of(123).top, 140);
    }

    #[test]
    fn amounts_are_short_in_both_languages() {
        let unit = |language| Unit {
            currency: Currency::JPY,
            language,
        };
        assert_eq!(unit(Language::Ja).short(123_456_789), "1.2億");
        assert_eq!(unit(Language::En).short(123_456_789), "123M");
        assert_eq!(unit(Language::Ja).short(9_000), "9000");
    }
}
