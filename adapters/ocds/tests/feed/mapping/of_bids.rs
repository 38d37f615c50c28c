use super::*;

fn bid(contractor: &str, scope: Scope, amount: Option<i64>) -> Fact {
    let currency = bondhub_core::money::Currency::JPY;
    Fact::Bid {
        contractor: party(contractor),
        scope,
        bonds: vec![],
        amount: amount.map(|amount| Money::new(amount, currency).unwrap()),
    }
}

fn bids(details: &Value) -> Vec<Fact> {
    learn(json!({"bids": {"details": details}})).unwrap()
}

#[test]
fn a_bid_counts_for_each_tenderer_and_lot() {
    let told = bids(&json!([{
        "id": 1, "status": "valid", "relatedLots": ["1", "2"],
        "tenderers": [{"id": "A"}, {"id": "B"}, {"id": "A"}],
        "value": {"amount": 9, "currency": "JPY"},
    }]));
    let in_lot = |code, id| bid(code, Scope::Lot(lot(id)), None);
    let expected = [
        in_lot("A", "1"),
        in_lot("A", "2"),
        in_lot("B", "1"),
        in_lot("B", "2"),
    ];
    assert_eq!(
        told, expected,
        "the price of several lots is no lot's price"
    );
}

#[test]
fn a_bid_for_the_whole_tender_has_its_price_where_it_is_exact() {
    let told =
        |value| bids(&json!([{"status": "pending", "tenderers": [{"id": "A"}], "value": value}]));
    let price = json!({"amount": 118_800_000, "currency": "JPY"});
    assert_eq!(told(price), [bid("A", Scope::Tender, Some(118_800_000))]);
    let dirty = json!({"amount": "118.800.000"});
    assert_eq!(told(dirty), [bid("A", Scope::Tender, None)]);
}

#[test]
fn invitations_withdrawn_and_disqualified_bids_hand_nothing_over() {
    for status in ["invited", "withdrawn", "disqualified", "?"] {
        assert_eq!(
            bids(&json!([{"status": status, "tenderers": [{"id": "A"}]}])),
            []
        );
    }
    assert_eq!(bids(&json!([{"tenderers": [{"id": "A"}]}])), []);
}
