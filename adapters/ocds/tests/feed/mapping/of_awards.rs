use super::*;

fn awards(awards: &Value) -> Vec<Fact> {
    learn(json!({"tag": ["award"], "awards": awards})).unwrap()
}

fn award(lots: &[&str], contractor: Option<&str>, state: AwardState) -> Fact {
    Fact::Award {
        award: AwardId::parse("A").unwrap(),
        lots: lots.iter().map(|id| lot(id)).collect(),
        contractor: contractor.map(party),
        state,
    }
}

#[test]
fn an_award_stands_where_its_status_says() {
    for (status, state) in [
        ("pending", AwardState::Pending),
        ("active", AwardState::Decided),
        ("cancelled", AwardState::Cancelled),
    ] {
        let told = awards(&json!([
            {"id": "A", "status": status, "suppliers": [{"id": "S"}], "relatedLots": [1]}
        ]));
        assert_eq!(told, [award(&["1"], Some("S"), state)]);
    }
    assert_eq!(
        awards(&json!([{"id": "A", "suppliers": [{"id": "S"}]}])),
        []
    );
}

#[test]
fn a_consortium_or_a_supplier_without_a_code_is_no_contractor() {
    let told = |suppliers| {
        let awards = awards(&json!([{"id": "A", "status": "active", "suppliers": suppliers}]));
        awards.into_iter().next().unwrap()
    };
    let nobody = award(&[], None, AwardState::Decided);
    assert_eq!(told(json!([{"id": "S"}, {"id": "T"}])), nobody);
    assert_eq!(told(json!([{"id": "S"}, {"name": "T"}])), nobody);
    assert_eq!(told(json!([{"name": "ELECTROPAR SA"}])), nobody);
    let one = award(&[], Some("S"), AwardState::Decided);
    assert_eq!(told(json!([{"id": "S"}, {"id": "S"}])), one);
}

#[test]
fn a_release_tagged_as_award_cancellation_cancels_an_award_without_status() {
    let parts = json!({"tag": ["awardCancellation"], "awards": [{"id": "A"}]});
    let expected = [award(&[], None, AwardState::Cancelled)];
    assert_eq!(learn(parts).unwrap(), expected);
}

#[test]
fn an_unsuccessful_award_ends_its_lots_without_an_award() {
    let told = awards(&json!([{"status": "unsuccessful", "relatedLots": ["1", "2"]}]));
    let failed = |scope| outcome(scope, TenderOutcome::Unsuccessful);
    assert_eq!(
        told,
        [failed(Scope::Lot(lot("1"))), failed(Scope::Lot(lot("2")))]
    );
    let whole = awards(&json!([{"status": "unsuccessful"}]));
    assert_eq!(whole, [failed(Scope::Tender)]);
}

#[test]
fn an_unsuccessful_award_ends_nothing_while_another_may_succeed() {
    let failed = json!({"status": "unsuccessful", "relatedLots": ["1"]});
    for other in [
        json!({"id": "A", "status": "active", "relatedLots": ["1"]}),
        json!({"id": "A", "status": "pending"}),
        json!({"id": "A", "relatedLots": ["1"]}),
    ] {
        let facts = awards(&json!([failed, other]));
        let ended = facts
            .iter()
            .any(|fact| matches!(fact, Fact::Outcome { .. }));
        assert!(!ended, "{other}");
    }
}

#[test]
fn an_unsuccessful_award_that_is_narrowed_ends_nothing() {
    for award in [
        json!({"status": "unsuccessful", "suppliers": [{"id": "S"}]}),
        json!({"status": "unsuccessful", "items": [{"id": "1"}]}),
    ] {
        assert_eq!(awards(&json!([award])), [], "{award}");
    }
}

#[test]
fn what_the_tender_says_of_a_lot_goes_before_an_unsuccessful_award() {
    let unsuccessful = json!([{"status": "unsuccessful", "relatedLots": ["1"]}]);
    let lots = json!({"lots": [{"id": "1", "status": "active"}]});
    let told = outcomes(json!({"tender": lots, "awards": unsuccessful}));
    assert_eq!(told, [outcome(Scope::Lot(lot("1")), TenderOutcome::Active)]);
    let several = json!({"lots": [{"id": "1"}, {"id": "2"}]});
    let told = outcomes(json!({"tender": several, "awards": [{"status": "unsuccessful"}]}));
    assert_eq!(told, [], "of which of the two lots?");
}
