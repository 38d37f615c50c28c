//! A ledger of random movements.

use bondhub_core::{
    identifier::{BondId, BondNumber},
    money::Currency,
    ports::store::MovementRow,
};
use chrono::Days;

use super::super::samples::{day, id, party};

/// Numbers that look random and are the same in each run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

pub(super) fn random(dice: &mut Dice, number: u128) -> MovementRow {
    let issuer = party(["S1", "S2", "S3"][usize::try_from(dice.roll(3)).unwrap()]);
    let bond = BondId::new(
        issuer,
        BondNumber::parse(&format!("B-{}", dice.roll(20))).unwrap(),
    );
    let (principal, holder) = [
        ("C1", "C1"),
        ("C2", "C2"),
        ("JV", "C1"),
        ("JV", "C2"),
        ("JV", "JV"),
    ][usize::try_from(dice.roll(5)).unwrap()];
    let effective = day(1) + Days::new(dice.roll(700));
    let lag = [3, 20, 90, 300, 900][usize::try_from(dice.roll(5)).unwrap()];
    let later = Days::new(dice.roll(lag));
    let change = || [0, 1, 1, -1][usize::try_from(number % 4).unwrap()];
    MovementRow {
        id: id(number),
        bond,
        principal: party(principal),
        holder: party(holder),
        obligee: party(["O1", "O2"][usize::try_from(dice.roll(2)).unwrap()]),
        effective,
        delta: i64::try_from(dice.roll(1_000_000)).unwrap() - 300_000,
        currency: Currency::parse(["JPY", "GBP"][usize::try_from(dice.roll(2)).unwrap()]).unwrap(),
        bonds: change(),
        held: change(),
        recorded: if dice.roll(2) == 0 {
            effective + later
        } else {
            effective - later
        },
    }
}
