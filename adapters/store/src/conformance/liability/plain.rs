//! A ledger of random movements, and what movements add up to.

use std::collections::BTreeMap;

use bondhub_core::{
    bond::BondKind,
    identifier::{BondId, BondNumber, PartyCode},
    money::Currency,
    ports::store::{
        Balance, BalanceBy, BondRow, Embargo, MovementRow, Question, Store, VersionRow,
    },
};
use chrono::Days;

use super::super::samples::{at, bond, commit, day, id, knowing, party, version};

/// Numbers that look random and are the same in each run.
pub(in super::super) struct Dice(pub(in super::super) u64);

impl Dice {
    pub(in super::super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// The bonds that movements are of.
fn bonds() -> impl Iterator<Item = (BondId, PartyCode)> {
    let all = |issuer| (0..20).map(move |count| (numbered(issuer, count), obligee(count)));
    ["S1", "S2", "S3"].into_iter().flat_map(all)
}

fn numbered(issuer: &str, count: u64) -> BondId {
    let number = BondNumber::parse(&format!("B-{count}")).unwrap();
    BondId::new(party(issuer), number)
}

/// All movements of a bond are towards one owner.
fn obligee(count: u64) -> PartyCode {
    party(if count < 10 { "O1" } else { "O2" })
}

/// When bonds with even numbers are opened; others are none of a tender.
pub(in super::super) const OPENING: i64 = 5000;

fn is_even(bond: &BondId) -> bool {
    bond.number.as_str().ends_with(['0', '2', '4', '6', '8'])
}

pub(in super::super) fn is_left_out(bond: &BondId, embargo: Option<&Embargo>) -> bool {
    embargo.is_some_and(|embargo| {
        is_even(bond) && embargo.at < at(OPENING) && embargo.except.as_ref() != Some(&bond.issuer)
    })
}

/// The bonds that random movements are of, each in the case that it names.
pub(in super::super) async fn with_bonds(store: &dyn Store) -> Vec<BondRow> {
    let mut write = commit(vec![]);
    for (number, (id, obligee)) in bonds().enumerate() {
        let name = format!("P-of-{number}");
        let mut row = bond("B-0", &name);
        row.bond = id;
        row.terms.obligee = obligee;
        row.terms.opening_at = Some(at(OPENING));
        if !is_even(&row.bond) {
            row.terms.kind = BondKind::Performance;
        }
        write.cases.push(knowing(&name, 0, &row));
        write.versions.push(version_of(&row));
        write.bonds.push(row);
    }
    store.commit(&write).await.unwrap();
    write.bonds
}

/// The version that a bond stands at.
pub(in super::super) fn version_of(row: &BondRow) -> VersionRow {
    VersionRow {
        bond: row.bond.clone(),
        terms: row.terms.clone(),
        ..version("B-0", row.version)
    }
}

pub(in super::super) fn random(dice: &mut Dice, number: u128) -> MovementRow {
    let issuer = party(["S1", "S2", "S3"][usize::try_from(dice.roll(3)).unwrap()]);
    let count = dice.roll(20);
    let bond = numbered(issuer.as_str(), count);
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
        obligee: obligee(count),
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

/// What movements add up to: the meaning of a figure, whatever a store keeps to be quicker. Nothing is left out.
///
/// Shares of a joint venture count for its members; asked for within the venture itself, all of its bonds do.
pub(in super::super) fn add_up<'a>(
    movements: impl IntoIterator<Item = &'a MovementRow>,
    question: &Question,
) -> Vec<Balance> {
    let mut sums: BTreeMap<(String, Currency), (i64, i64)> = BTreeMap::new();
    for row in movements.into_iter().filter(|row| counts(row, question)) {
        let asked = question.within.contractor.as_ref();
        let of = match question.by {
            BalanceBy::Contractor => asked.unwrap_or(&row.holder).as_str(),
            BalanceBy::Issuer => row.bond.issuer.as_str(),
            BalanceBy::Owner => row.obligee.as_str(),
            BalanceBy::Total => "",
        };
        let held = match asked {
            Some(contractor) => *contractor == row.holder,
            None => question.by == BalanceBy::Contractor,
        };
        let sum = sums.entry((of.to_owned(), row.currency)).or_default();
        sum.0 += row.delta;
        sum.1 += i64::from(if held { row.held } else { row.bonds });
    }
    let standing = sums.into_iter().filter(|(_, (amount, _))| *amount != 0);
    standing
        .map(|((of, currency), (amount, bonds))| Balance {
            of,
            amount,
            currency,
            bonds: u64::try_from(bonds).unwrap_or(0),
        })
        .collect()
}

fn counts(row: &MovementRow, question: &Question) -> bool {
    let within = &question.within;
    let holds = within.contractor.as_ref().is_none_or(|contractor| {
        *contractor == row.holder || (*contractor == row.principal && row.holder != row.principal)
    });
    row.effective <= question.as_of
        && question.known_on.is_none_or(|known| row.recorded <= known)
        && within
            .issuer
            .as_ref()
            .is_none_or(|code| *code == row.bond.issuer)
        && within
            .owner
            .as_ref()
            .is_none_or(|code| *code == row.obligee)
        && holds
}
