//! What an earlier program wrote, and what is known of it after the migrations.

use bondhub_core::{
    bond::BondKind,
    calendar::Timestamp,
    money::Currency,
    ports::store::{Balance, BalanceBy, BondRow, Embargo, Question, Store, Within},
};
use chrono::TimeDelta;

use super::samples::*;

/// When the migrations run, nothing is open that is opened then.
fn in_the_far_future() -> Timestamp {
    "2500-01-01T00:00:00Z".parse().unwrap()
}

/// What earlier programs wrote of a case for which they knew no better.
fn forever() -> Timestamp {
    "9999-12-31T00:00:00Z".parse().unwrap()
}

/// A bond of a contractor and a case of its own.
fn older(contractor: &str, opening: Option<Timestamp>) -> BondRow {
    let mut row = bond(&format!("B-{contractor}"), &format!("P-{contractor}"));
    row.terms.principal = party(contractor);
    row.terms.opening_at = opening;
    row
}

/// Bonds of before embargoes were told bond by bond, each with the instant until which its case may be sealed, as it was written
/// then.
pub fn bonds_before_embargoes() -> Vec<(BondRow, Option<Timestamp>)> {
    let future = Some(in_the_far_future());
    let mut performance = older("C3", future);
    performance.terms.kind = BondKind::Performance;
    vec![
        (older("C1", future), future),
        (older("C2", None), Some(forever())),
        (performance, future),
        (older("C4", Some(at(0))), Some(at(0))),
        (older("C5", Some(at(0))), Some(forever())),
    ]
}

/// Their embargoes are known after the migrations.
pub async fn their_embargoes_are_known(store: &dyn Store) {
    let shown = async |at| store.contractors_of(&party("O1"), at).await.unwrap();
    let soon = in_the_far_future() - TimeDelta::microseconds(1);
    assert_eq!(shown(soon).await, ["C3", "C4", "C5"].map(party));
    let open = ["C1", "C3", "C4", "C5"].map(party);
    assert_eq!(shown(in_the_far_future()).await, open, "at the opening");
    let late = forever() - TimeDelta::microseconds(1);
    assert_eq!(shown(late).await, open, "no opening of C2's bid is known");
}

/// What an embargo hides until `at(50)`, that an earlier program wrote: one yen of C1.
pub async fn its_movement_is_told_from_the_opening_on(store: &dyn Store) {
    let told = async |seconds| {
        let question = Question {
            by: BalanceBy::Contractor,
            within: Within::default(),
            as_of: day(20),
            known_on: None,
            without: Some(Embargo {
                at: at(seconds),
                except: None,
            }),
            foreseen_after: None,
        };
        store.balances(&question).await.unwrap()
    };
    assert_eq!(told(49).await, []);
    let open = Balance {
        of: "C1".into(),
        amount: 1,
        currency: Currency::JPY,
        bonds: 1,
    };
    assert_eq!(told(50).await, [open], "at the opening");
}
