use super::*;

#[test]
fn a_release_that_says_nothing_of_interest_teaches_nothing() {
    let planning = json!({"planning": {"budget": {"amount": {"amount": 5}}}});
    assert_eq!(learn(planning), Ok(vec![]));
    assert_eq!(learn(json!({"tender": null, "awards": null})), Ok(vec![]));
}

#[test]
fn the_buyer_is_the_owner_and_else_the_procuring_entity() {
    let buyer = json!({"id": "B", "name": "Buyer"});
    let entity = json!({"procuringEntity": {"id": "E"}});
    let owner = |parts| learn(parts).unwrap();
    let both = json!({"buyer": buyer, "tender": entity});
    assert_eq!(owner(both), [Fact::Owner(party("B"))]);
    let nameless = json!({"buyer": {"name": "?"}, "tender": entity});
    assert_eq!(owner(nameless), [Fact::Owner(party("E"))]);
}

#[test]
fn an_owner_may_be_found_by_its_name_or_its_role_among_the_parties() {
    let parties = json!([
        {"id": "S", "name": "Supplier", "roles": ["supplier"]},
        {"id": 321, "name": "Loma Plata", "roles": ["procuringEntity"]},
    ]);
    let by_name = json!({"parties": parties, "buyer": {"name": "Loma Plata"}});
    assert_eq!(learn(by_name).unwrap(), [Fact::Owner(party("321"))]);
    let by_role = json!({"parties": parties});
    assert_eq!(learn(by_role).unwrap(), [Fact::Owner(party("321"))]);
}

#[test]
fn lots_without_an_id_and_said_twice_are_passed_over() {
    let lots = json!([
        {"id": 7, "title": " Bridge\nnorth "}, {"title": "nameless"},
        {"id": "ux682+kLP2w="}, {"id": "7", "title": "again"}
    ]);
    let named = |id, title: &str| Lot {
        id: lot(id),
        title: title.into(),
    };
    let expected = Fact::Lots(vec![named("7", "Bridge north"), named("ux682+kLP2w=", "")]);
    assert_eq!(tender(&json!({"lots": lots})), [expected]);
}

#[test]
fn a_told_opening_goes_before_the_end_of_the_tender_period() {
    let facts = tender(&json!({
        "bidOpening": {"date": "2026-05-12T10:00:00+09:00"},
        "tenderPeriod": {"endDate": "2026-05-11T17:00:00+09:00"},
        "lots": [{"id": "1", "tenderPeriod": {"endDate": "2026-05-10T17:00:00+09:00"}}],
    }));
    let openings: Vec<&Fact> = facts
        .iter()
        .filter(|fact| matches!(fact, Fact::Opening { .. }))
        .collect();
    let expected = opening(Scope::Tender, "2026-05-12T01:00:00Z");
    assert_eq!(openings, [&expected], "an early deadline lifts no embargo");
}

#[test]
fn the_end_of_the_tender_period_stands_for_an_opening_that_is_not_told() {
    let facts = tender(&json!({"tenderPeriod": {"endDate": "2026-05-11T17:00:00+09:00"}}));
    assert_eq!(facts, [opening(Scope::Tender, "2026-05-11T08:00:00Z")]);
}

#[test]
fn a_lot_has_its_own_opening() {
    let facts = tender(&json!({"lots": [
        {"id": "1", "bidOpening": {"date": "2026-05-12T01:00:00Z"}},
        {"id": "2", "tenderPeriod": {"endDate": "2026-05-13T01:00:00Z"}},
    ]}));
    let expected = [
        opening(Scope::Lot(lot("1")), "2026-05-12T01:00:00Z"),
        opening(Scope::Lot(lot("2")), "2026-05-13T01:00:00Z"),
    ];
    assert_eq!(facts[1..], expected);
}

#[test]
fn the_tenders_status_is_its_outcome() {
    for (status, how) in [
        ("active", TenderOutcome::Active),
        ("cancelled", TenderOutcome::Cancelled),
        ("withdrawn", TenderOutcome::Cancelled),
        ("unsuccessful", TenderOutcome::Unsuccessful),
    ] {
        let told = tender(&json!({"status": status}));
        assert_eq!(told, [outcome(Scope::Tender, how)]);
    }
    for status in ["planning", "planned", "complete", "desierta", ""] {
        assert_eq!(tender(&json!({"status": status})), [], "{status}");
    }
}

#[test]
fn the_statuses_of_lots_win_and_the_aggregate_is_never_used_beside_them() {
    let lots = json!([
        {"id": "1", "status": "cancelled"}, {"id": "2", "status": "unsuccessful"},
        {"id": "3", "status": "active"}, {"id": "4", "status": "complete"}, {"id": "5"},
    ]);
    let expected = [
        outcome(Scope::Lot(lot("1")), TenderOutcome::Cancelled),
        outcome(Scope::Lot(lot("2")), TenderOutcome::Unsuccessful),
        outcome(Scope::Lot(lot("3")), TenderOutcome::Active),
    ];
    for status in ["active", "cancelled", "unsuccessful"] {
        let told = outcomes(json!({
            "tag": ["tenderCancellation"], "tender": {"status": status, "lots": lots},
        }));
        assert_eq!(told, expected, "{status}");
    }
}

#[test]
fn a_release_tagged_as_cancellation_cancels_whatever_status_was_left() {
    let cancelled = [outcome(Scope::Tender, TenderOutcome::Cancelled)];
    for parts in [json!({}), json!({"tender": {"status": "active"}})] {
        let mut parts = parts;
        parts["tag"] = json!(["tenderCancellation"]);
        assert_eq!(outcomes(parts), cancelled);
    }
    let unsuccessful =
        outcomes(json!({"tag": "tenderCancellation", "tender": {"status": "unsuccessful"}}));
    let expected = [outcome(Scope::Tender, TenderOutcome::Unsuccessful)];
    assert_eq!(unsuccessful, expected);
}

#[test]
fn only_an_unsuccessful_process_by_its_ocid_is_followed() {
    let process = |kind: Value, scheme: &str, id: &str| json!({"relationship": kind, "scheme": scheme, "identifier": id});
    let processes = json!([
        process(json!(["planning"]), "ocid", "ocds-x-0"),
        process(json!(["unsuccessfulProcess"]), "local", "12"),
        process(
            json!(["unsuccessfulProcess"]),
            "ocid",
            "ocds-jp0001-R8-0042"
        ),
        process(json!("unsuccessfulProcess"), "ocid", "ocds-x-1"),
    ]);
    let expected = Fact::Follows(ProcurementId::parse("ocds-x-1").unwrap());
    let facts = learn(json!({"relatedProcesses": processes})).unwrap();
    assert_eq!(facts, [expected], "and no procurement follows itself");
}
