//! What the ledger will note of bonds, for figures of days to come (R40).

use std::sync::Arc;

use bondhub_core::{
    bond::BondState,
    calendar::Period,
    liability::Posting,
    money::Currency,
    ports::store::{
        BalanceBy, BondRow, Coming, Embargo, MovementRow, Question, SeriesPoint, SeriesQuestion,
        Store, Within,
    },
    procurement::BondRecord,
    reconcile::Effect,
};
use chrono::{Datelike as _, Days, NaiveDate};

use super::{
    Database,
    liability::plain::{Dice, OPENING, add_up, is_left_out, random, version_of, with_bonds},
    samples::*,
};

/// The bond counts for so much more from the fifth day on.
fn more(amount: i64) -> Posting {
    Posting {
        holder: party("C1"),
        day: day(5),
        delta: amount,
        currency: Currency::JPY,
        bonds: 0,
        held: 0,
    }
}

pub async fn what_is_foreseen_of_a_bond_is_told_as_its_case_says_it_last(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let store = store.as_ref();
    let mut row = bond("B-1", "P-1");
    row.terms.opening_at = Some(at(50));
    let (id, last_day) = (row.bond.clone(), row.terms.period.to());
    let says = |version, postings: Vec<Posting>| {
        let mut write = knowing("P-1", version, &row);
        let record = BondRecord {
            foreseen: postings,
            ..carried(&row)
        };
        write.file.carried.bonds.insert(id.clone(), record);
        let mut write = commit(vec![write]);
        write.bonds = vec![row.clone()];
        write
    };
    let told = async |issuer: &str, owner: Option<&str>, seconds| {
        let within = Within {
            issuer: Some(party(issuer)),
            owner: owner.map(party),
            ..Within::default()
        };
        let without = Embargo {
            at: at(seconds),
            except: None,
        };
        store.coming(&within, Some(&without)).await.unwrap()
    };
    let one = Coming {
        bond: id.clone(),
        principal: party("C1"),
        obligee: party("O1"),
        last_day: Some(last_day),
        postings: vec![more(7)],
    };
    let counted = async |on: NaiveDate| {
        let question = Question {
            by: BalanceBy::Issuer,
            within: Within::default(),
            as_of: on,
            known_on: None,
            without: None,
            foreseen_after: Some(day(4)),
        };
        let sums = store.balances(&question).await.unwrap();
        let told = sums.iter().map(|one| (one.of.clone(), one.amount));
        told.collect::<Vec<_>>()
    };
    store.commit(&says(0, vec![more(7)])).await.unwrap();
    assert_eq!(counted(day(4)).await, [], "it has not come");
    assert_eq!(counted(day(5)).await, [("S1".to_owned(), 7)]);
    let opened = told("S1", None, 50).await;
    assert_eq!(opened, std::slice::from_ref(&one));
    assert_eq!(told("S1", Some("O1"), 50).await, [one]);
    assert_eq!(told("S1", None, 49).await, [], "under embargo");
    assert_eq!(told("S2", None, 50).await, [], "another issuer's");
    assert_eq!(
        told("S1", Some("O9"), 50).await,
        [],
        "towards another owner"
    );
    store.commit(&says(1, vec![more(9)])).await.unwrap();
    assert_eq!(told("S1", None, 50).await[0].postings, [more(9)]);
    store.commit(&says(2, vec![])).await.unwrap();
    assert_eq!(told("S1", None, 50).await, [], "it has come");
}

/// The bond, as a case carries it.
fn carried(row: &BondRow) -> BondRecord {
    let mut file = knowing("P-1", 0, row).file;
    let registered = Effect::Register {
        bond: row.bond.clone(),
        terms: row.terms.clone(),
        cause: row.cause.clone(),
        basis: event("e-1", 0).identity,
    };
    file.carry_out(&registered, at(0));
    file.carried.bonds.remove(&row.bond).unwrap()
}

/// Bonds whose periods and states change, and what the ledger says of them.
struct Told {
    bonds: Vec<BondRow>,
    movements: Vec<MovementRow>,
    dice: Dice,
}

impl Told {
    async fn add_movements(&mut self, store: &dyn Store, from: u128) {
        let mut added: Vec<_> = (from..from + 60)
            .map(|number| random(&mut self.dice, number))
            .collect();
        // As in a ledger: what stands of a bond is never less than nothing, and nothing takes effect after its last day.
        for row in &mut added {
            (row.delta, row.bonds, row.held) = (row.delta.abs(), row.bonds.abs(), row.held.abs());
            row.effective = row.effective.min(self.bond_of(row).terms.period.to());
        }
        commit_to_case(store, |commit| commit.movements.clone_from(&added)).await;
        self.movements.extend(added);
    }

    async fn change_bonds(&mut self, store: &dyn Store) {
        for _ in 0..15 {
            let place = self.dice.roll(self.bonds.len().try_into().unwrap());
            let row = &mut self.bonds[usize::try_from(place).unwrap()];
            if self.dice.roll(2) == 0 {
                let movements = self.movements.iter().filter(|one| one.bond == row.bond);
                let from = movements.map(|one| one.effective).max();
                let last_day = from.unwrap_or(day(1)) + Days::new(self.dice.roll(300));
                row.terms.period = Period::new(day(1), last_day).unwrap();
            }
            row.version += 1;
            row.state = [
                BondState::InForce,
                BondState::Reserved,
                BondState::Frozen,
                BondState::Released,
            ][usize::try_from(self.dice.roll(4)).unwrap()];
            let case = row.terms.procurement.as_str();
            let version = stored_version(store, case).await;
            let mut write = commit(vec![knowing(case, version, row)]);
            (write.bonds, write.versions) = (vec![row.clone()], vec![version_of(row)]);
            store.commit(&write).await.unwrap();
        }
    }

    fn bond_of(&self, row: &MovementRow) -> &BondRow {
        let mut bonds = self.bonds.iter();
        bonds.find(|bond| bond.bond == row.bond).unwrap()
    }

    /// The movements that count on the day of a question.
    fn counting(&self, question: &Question) -> Vec<&MovementRow> {
        let rows = self.movements.iter().filter(|row| {
            let bond = self.bond_of(row);
            let is_over = bond.state.ends_by_date() && bond.terms.period.to() < question.as_of;
            !(is_left_out(&row.bond, question.without.as_ref())
                || (question.is_to_come() && is_over))
        });
        rows.collect()
    }

    async fn compare_balances(&self, store: &dyn Store, question: &Question) {
        let meant = add_up(self.counting(question), question);
        let told = store.balances(question).await.unwrap();
        assert_eq!(told, meant, "{question:?}");
    }

    async fn compare_series(&self, store: &dyn Store, question: &Question) {
        let series = SeriesQuestion {
            by: question.by,
            within: question.within.clone(),
            days: (0..14_u64)
                .map(|month| day(1) + Days::new(month * 45))
                .collect(),
            known_on: None,
            without: question.without.clone(),
            foreseen_after: question.foreseen_after,
        };
        let meant = series.days.iter().flat_map(|day| {
            let of_day = series.on(*day);
            let sums = add_up(self.counting(&of_day), &of_day).into_iter();
            sums.map(|balance| SeriesPoint { day: *day, balance })
        });
        let meant: Vec<_> = meant.collect();
        let told = store.balance_series(&series).await.unwrap();
        assert_eq!(told, meant, "{series:?}");
    }

    async fn compare_expiries(&self, store: &dyn Store, question: &Question) {
        let question = &Question {
            by: BalanceBy::Total,
            ..question.clone()
        };
        let rows = self.counting(question);
        let month_of = |row: &MovementRow| self.bond_of(row).terms.period.to().with_day(1).unwrap();
        let mut months: Vec<NaiveDate> = rows.iter().map(|row| month_of(row)).collect();
        months.sort_unstable();
        months.dedup();
        let meant = months.into_iter().flat_map(|month| {
            let ending = rows.iter().copied().filter(|row| month_of(row) == month);
            let sums = add_up(ending, question).into_iter();
            sums.map(move |sum| (month, sum.amount, sum.currency))
        });
        let meant: Vec<_> = meant.collect();
        let told = store.expiries(question, None).await.unwrap();
        // How many bonds random movements are of, nobody can tell.
        let told = told.iter().map(|one| (one.month, one.amount, one.currency));
        assert_eq!(told.collect::<Vec<_>>(), meant, "{question:?}");
    }
}

/// Asks for figures of days to come and compares them with plain sums.
async fn compare(store: &dyn Store, told: &mut Told, today: NaiveDate) {
    let within = |issuer: Option<&str>, contractor: Option<&str>, owner: Option<&str>| Within {
        issuer: issuer.map(party),
        contractor: contractor.map(party),
        owner: owner.map(party),
    };
    let parts = [
        within(None, None, None),
        within(None, Some("C1"), None),
        within(None, Some("JV"), None),
        within(Some("S2"), None, None),
        within(None, None, Some("O1")),
        within(Some("S1"), Some("C2"), None),
    ];
    for part in parts {
        for by in BalanceBy::ALL {
            let hidden = Embargo {
                at: at(OPENING - 1),
                except: [None, Some(party("S1"))][usize::try_from(told.dice.roll(2)).unwrap()]
                    .clone(),
            };
            let question = Question {
                by,
                within: part.clone(),
                as_of: today + Days::new(told.dice.roll(400)),
                known_on: None,
                without: (told.dice.roll(2) == 0).then_some(hidden),
                foreseen_after: Some(today),
            };
            told.compare_balances(store, &question).await;
            told.compare_series(store, &question).await;
            if question.is_to_come() {
                told.compare_expiries(store, &question).await;
            }
        }
    }
}

pub async fn figures_of_days_to_come_are_the_plain_sums_of_what_is_not_over_by_then(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let store = store.as_ref();
    let mut told = Told {
        bonds: with_bonds(store).await,
        movements: Vec::new(),
        dice: Dice(17),
    };
    for (round, today) in ["2026-09-10", "2026-10-05"].iter().enumerate() {
        let (today, from) = (
            today.parse().unwrap(),
            u128::try_from(round).unwrap() * 1000,
        );
        told.add_movements(store, from).await;
        compare(store, &mut told, today).await;
        told.change_bonds(store).await;
        store.fold(today).await.unwrap();
        compare(store, &mut told, today).await;
        told.change_bonds(store).await;
        compare(store, &mut told, today).await;
        told.add_movements(store, from + 500).await;
        compare(store, &mut told, today).await;
        store.fold(today).await.unwrap();
        compare(store, &mut told, today).await;
    }
}
