use bondhub_core::{
    identifier::{AwardId, ContractId, LotId, PartyCode, ProcurementId},
    money::Money,
    procurement::{AwardState, ContractEnd, Fact, Lot, Scope, TenderOutcome},
};
use serde_json::{Value, json};

use crate::learn;

fn party(code: &str) -> PartyCode {
    PartyCode::parse(code).unwrap()
}

fn lot(id: &str) -> LotId {
    LotId::parse(id).unwrap()
}

fn opening(scope: Scope, at: &str) -> Fact {
    let at = at.parse().unwrap();
    Fact::Opening { scope, at }
}

fn outcome(scope: Scope, outcome: TenderOutcome) -> Fact {
    Fact::Outcome { scope, outcome }
}

fn tender(tender: Value) -> Vec<Fact> {
    learn(json!({"tender": tender})).unwrap()
}

fn outcomes(parts: Value) -> Vec<Fact> {
    let mut facts = learn(parts).unwrap();
    facts.retain(|fact| matches!(fact, Fact::Outcome { .. }));
    facts
}

mod of_the_tender {
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
        assert_eq!(tender(json!({"lots": lots})), [expected]);
    }

    #[test]
    fn a_told_opening_goes_before_the_end_of_the_tender_period() {
        let facts = tender(json!({
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
        let facts = tender(json!({"tenderPeriod": {"endDate": "2026-05-11T17:00:00+09:00"}}));
        assert_eq!(facts, [opening(Scope::Tender, "2026-05-11T08:00:00Z")]);
    }

    #[test]
    fn a_lot_has_its_own_opening() {
        let facts = tender(json!({"lots": [
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
            let told = tender(json!({"status": status}));
            assert_eq!(told, [outcome(Scope::Tender, how)]);
        }
        for status in ["planning", "planned", "complete", "desierta", ""] {
            assert_eq!(tender(json!({"status": status})), [], "{status}");
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
}

mod of_bids {
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

    fn bids(details: Value) -> Vec<Fact> {
        learn(json!({"bids": {"details": details}})).unwrap()
    }

    #[test]
    fn a_bid_counts_for_each_tenderer_and_lot() {
        let told = bids(json!([{
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
        let told = |value| {
            bids(json!([{"status": "pending", "tenderers": [{"id": "A"}], "value": value}]))
        };
        let price = json!({"amount": 118_800_000, "currency": "JPY"});
        assert_eq!(told(price), [bid("A", Scope::Tender, Some(118_800_000))]);
        let dirty = json!({"amount": "118.800.000"});
        assert_eq!(told(dirty), [bid("A", Scope::Tender, None)]);
    }

    #[test]
    fn invitations_withdrawn_and_disqualified_bids_hand_nothing_over() {
        for status in ["invited", "withdrawn", "disqualified", "?"] {
            assert_eq!(
                bids(json!([{"status": status, "tenderers": [{"id": "A"}]}])),
                []
            );
        }
        assert_eq!(bids(json!([{"tenderers": [{"id": "A"}]}])), []);
    }
}

mod of_awards {
    use super::*;

    fn awards(awards: Value) -> Vec<Fact> {
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
            let told = awards(json!([
                {"id": "A", "status": status, "suppliers": [{"id": "S"}], "relatedLots": [1]}
            ]));
            assert_eq!(told, [award(&["1"], Some("S"), state)]);
        }
        assert_eq!(awards(json!([{"id": "A", "suppliers": [{"id": "S"}]}])), []);
    }

    #[test]
    fn a_consortium_or_a_supplier_without_a_code_is_no_contractor() {
        let told = |suppliers| {
            let awards = awards(json!([{"id": "A", "status": "active", "suppliers": suppliers}]));
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
        let told = awards(json!([{"status": "unsuccessful", "relatedLots": ["1", "2"]}]));
        let failed = |scope| outcome(scope, TenderOutcome::Unsuccessful);
        assert_eq!(
            told,
            [failed(Scope::Lot(lot("1"))), failed(Scope::Lot(lot("2")))]
        );
        let whole = awards(json!([{"status": "unsuccessful"}]));
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
            let facts = awards(json!([failed, other]));
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
            assert_eq!(awards(json!([award])), [], "{award}");
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
}

mod of_contracts {
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
}
