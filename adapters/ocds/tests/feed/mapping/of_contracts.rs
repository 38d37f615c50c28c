use super::*;

fn contracts(tag: &str, contract: &Value) -> Vec<Fact> {
    let awards = json!([{"id": 9, "suppliers": [{"id": "S"}]}]);
    learn(json!({"tag": [tag], "awards": awards, "contracts": [contract]})).unwrap()
}

fn contract(parts: Value) -> Value {
    let mut contract = json!({
        "id": "K", "awardID": 9, "status": "active",
        "value": {"amount": 100, "currency": "JPY"},
        "period": {"startDate": "2026-01-01T00:00:00+09:00", "endDate": "2026-09-30"},
    });
    let (Value::Object(all), Value::Object(parts)) = (&mut contract, parts) else {
        panic!("parts are an object");
    };
    all.extend(parts);
    contract
}

fn changes(facts: &[Fact]) -> Vec<&str> {
    let change = |fact: &'_ Fact| matches!(fact, Fact::Terms { .. });
    facts
        .iter()
        .filter(|fact| change(fact))
        .map(|fact| match fact {
            Fact::Terms { change, .. } => change.as_str(),
            _ => "",
        })
        .collect()
}

fn end(tag: &str, parts: Value) -> Option<ContractEnd> {
    contracts(tag, &contract(parts))
        .into_iter()
        .find_map(|fact| match fact {
            Fact::ContractEnded { how, .. } => Some(how),
            _ => None,
        })
}

fn is_concluded(facts: &[Fact]) -> bool {
    facts
        .iter()
        .any(|fact| matches!(fact, Fact::Contract { .. }))
}

#[test]
fn a_contract_in_force_is_concluded_with_the_supplier_of_its_award() {
    let facts = contracts("contract", &contract(json!({"relatedLots": ["1"]})));
    let expected = Fact::Contract {
        contract: ContractId::parse("K").unwrap(),
        award: Some(AwardId::parse("9").unwrap()),
        lots: vec![lot("1")],
        contractor: Some(party("S")),
        guarantee: None,
    };
    assert_eq!(facts[0], expected);
    assert_eq!(changes(&facts), ["0"]);
}

#[test]
fn a_proposed_or_never_signed_contract_teaches_nothing() {
    for status in ["pending", "cancelled", "borrador"] {
        let facts = contracts("contract", &contract(json!({"status": status})));
        assert_eq!(facts, [], "{status}");
    }
}

#[test]
fn a_contract_without_status_is_concluded_if_it_is_signed() {
    let silent = contract(json!({"status": null}));
    assert!(!is_concluded(&contracts("contract", &silent)));
    let signed = contract(json!({"status": null, "dateSigned": "2026-04-01T00:00:00Z"}));
    assert!(is_concluded(&contracts("contract", &signed)));
}

#[test]
fn a_change_is_named_after_its_latest_amendment_or_else_its_release() {
    let amendments = json!([
        {"id": "2", "date": "2026-04-20T00:00:00Z"}, {"id": "1", "date": "2026-02-20T00:00:00Z"}
    ]);
    let amended = contracts(
        "implementation",
        &contract(json!({"amendments": amendments})),
    );
    assert_eq!(changes(&amended), ["2"]);
    let nameless = contract(json!({"amendments": [{"date": "2026-04-20T00:00:00Z"}]}));
    assert_eq!(changes(&contracts("contract", &nameless)), ["r-1"]);
    let updated = contracts("contractUpdate", &contract(json!({})));
    assert_eq!(
        changes(&updated),
        ["r-1"],
        "not the terms it was concluded with"
    );
}

#[test]
fn a_release_with_neither_price_nor_whole_period_changes_no_terms() {
    let bare = contract(json!({"value": null, "period": {"endDate": "2026-09-30"}}));
    assert_eq!(changes(&contracts("contract", &bare)), [] as [&str; 0]);
}

#[test]
fn a_contract_whose_works_are_finished_is_completed() {
    for works in [
        json!({"endDate": "2026-04-30T00:00:00+09:00"}),
        json!({"finalValue": {"amount": 100, "currency": "JPY"}}),
        json!({"endDate": "2026-06-01", "finalValue": {"amount": 100, "currency": "JPY"}}),
    ] {
        let parts = json!({"implementation": works});
        assert_eq!(
            end("implementation", parts),
            Some(ContractEnd::Completed),
            "{works}"
        );
    }
}

#[test]
fn an_end_still_to_come_or_mere_progress_is_no_end() {
    for works in [
        json!({"endDate": "2026-06-01"}),
        json!({"transactions": [{"value": {"amount": 100, "currency": "JPY"}}]}),
        json!({"milestones": [{"status": "met"}]}),
    ] {
        assert_eq!(
            end("implementation", json!({"implementation": works})),
            None
        );
    }
}

#[test]
fn a_terminated_contract_that_shows_nothing_else_ended_early() {
    let terminated = json!({"status": "terminated"});
    assert_eq!(
        end("contractTermination", terminated),
        Some(ContractEnd::Terminated)
    );
    let by_tag = end("contractTermination", json!({}));
    assert_eq!(
        by_tag,
        Some(ContractEnd::Terminated),
        "whatever status was left"
    );
}

#[test]
fn a_terminated_contract_was_completed_if_the_release_shows_it() {
    let over = json!({"startDate": "2025-01-01", "endDate": "2026-04-30"});
    let paid = json!({"transactions": [
        {"value": {"amount": 60, "currency": "JPY"}}, {"value": {"amount": 40, "currency": "JPY"}}
    ]});
    for parts in [
        json!({"status": "terminated", "period": over}),
        json!({"status": "terminated", "implementation": paid}),
        json!({"status": "terminated", "implementation": {"finalValue": {"amount": 90}}}),
        json!({"status": "terminated", "implementation": {"milestones": [{"status": "met"}]}}),
        json!({"status": "terminated", "period": over, "implementation": {"endDate": "2026-04-30"}}),
    ] {
        let how = end("contractTermination", parts.clone());
        assert_eq!(how, Some(ContractEnd::Completed), "{parts}");
    }
}

#[test]
fn unclear_signs_of_completion_freeze_rather_than_release() {
    let over = json!({"startDate": "2025-01-01", "endDate": "2026-04-30"});
    let part = json!({"transactions": [{"value": {"amount": 99, "currency": "JPY"}}]});
    let foreign = json!({"transactions": [{"value": {"amount": 100, "currency": "USD"}}]});
    let missed = json!({"finalValue": {"amount": 9}, "milestones": [{"status": "notMet"}]});
    for parts in [
        json!({"status": "terminated", "implementation": part}),
        json!({"status": "terminated", "implementation": foreign}),
        json!({"status": "terminated", "implementation": {"endDate": "2026-04-30"}}),
        json!({"status": "terminated", "implementation": missed}),
        json!({"status": "terminated", "implementation": {"milestones": [
            {"status": "met"}, {"status": "scheduled"}
        ]}}),
        json!({"status": "terminated", "period": over, "implementation": {"endDate": "2026-02-01"}}),
        json!({"period": over}),
    ] {
        let how = end("contractTermination", parts.clone());
        assert_eq!(how, Some(ContractEnd::Terminated), "{parts}");
    }
}

#[test]
fn the_tag_of_a_release_about_several_contracts_ends_none_of_them() {
    let both = json!([contract(json!({})), contract(json!({"id": "L"}))]);
    let facts = learn(json!({"tag": ["contractTermination"], "contracts": both})).unwrap();
    let ended = |fact: &Fact| matches!(fact, Fact::ContractEnded { .. });
    assert!(!facts.iter().any(ended));
}
