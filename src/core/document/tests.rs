use super::*;

fn deletion() -> Statement {
    Statement {
        v: 1,
        issuer: PartyCode::parse("S1").unwrap(),
        signed_at: "2026-04-01T00:00:00Z".parse().unwrap(),
        act: Act::Deletion {
            number: BondNumber::parse("B-1").unwrap(),
            procurement: ProcurementId::parse("P-1").unwrap(),
            reason: String::new(),
        },
    }
}

#[test]
fn a_wording_is_text() {
    for (text, is_text) in [
        ("保証する。\r\n\t第1条", true),
        ("a\0b", false),
        ("\u{1b}[2J", false),
        ("\u{85}", false),
    ] {
        assert_eq!(!text.chars().any(is_no_text), is_text, "{text:?}");
    }
}

#[test]
fn a_statement_reads_back_from_its_signed_bytes() {
    assert_eq!(Statement::read(&deletion().to_bytes()).unwrap(), deletion());
}

fn refused(statement: &serde_json::Value) -> Rejection {
    let bytes = serde_json_canonicalizer::to_vec(statement).unwrap();
    Statement::read(&bytes).unwrap_err()
}

/// A statement in which every optional member is said.
fn in_full(act: Act) -> serde_json::Value {
    let statement = Statement { act, ..deletion() };
    let value = serde_json::to_value(&statement).unwrap();
    assert_eq!(Statement::of(&value).unwrap(), statement, "nothing is lost");
    value
}

fn bond() -> BondTerms {
    let day = |text: &str| text.parse().unwrap();
    BondTerms {
        kind: crate::bond::BondKind::Performance,
        instrument: crate::bond::Instrument::SuretyBond,
        medium: crate::bond::Medium::Electronic,
        principal: PartyCode::parse("C1").unwrap(),
        obligee: PartyCode::parse("O1").unwrap(),
        procurement: ProcurementId::parse("P-1").unwrap(),
        lot: Some(crate::identifier::LotId::parse("1").unwrap()),
        contract: Some(crate::identifier::ContractId::parse("K-1").unwrap()),
        amount: crate::money::Money::new(7, crate::money::Currency::JPY).unwrap(),
        period: crate::calendar::Period::new(day("2026-04-01"), day("2027-03-31")).unwrap(),
        wording: "保証する。".to_owned(),
        opening_at: Some("2026-05-01T00:00:00Z".parse().unwrap()),
        forfeitable: false,
        converts_to: Some(crate::bond::BondKind::Performance),
        takes_over: Some(BondNumber::parse("R-1").unwrap()),
        attachments: vec![crate::attachment::Attachment {
            name: "a.pdf".to_owned(),
            media_type: crate::attachment::PDF.to_owned(),
            size: 9,
            sha256: crate::event::hex_digest(b"a"),
        }],
    }
}

fn acts() -> Vec<Act> {
    let number = || BondNumber::parse("B-1").unwrap();
    let procurement = || ProcurementId::parse("P-1").unwrap();
    let instruction = StandingInstruction {
        version: 1,
        signed_at: None,
        valid_from: "2026-05-01T00:00:00Z".parse().unwrap(),
        valid_until: Some("2027-05-01T00:00:00Z".parse().unwrap()),
        max_increase_bp: crate::money::BasisPoints(1),
        max_increase: crate::money::Money::new(7, crate::money::Currency::JPY).unwrap(),
        max_extension_days: 1,
    };
    vec![
        Act::Registration {
            number: number(),
            bond: bond(),
        },
        Act::Update {
            number: number(),
            bond: bond(),
        },
        Act::Deletion {
            number: number(),
            procurement: procurement(),
            reason: "twice".to_owned(),
        },
        Act::ReleaseConsent {
            number: number(),
            procurement: procurement(),
            outcome: ClaimOutcome::Paid,
        },
        Act::StandingInstruction { instruction },
    ]
}

#[test]
fn every_member_of_a_statement_is_read_back() {
    for act in acts() {
        in_full(act);
    }
}

#[test]
fn a_member_nobody_reads_is_refused_by_its_name_wherever_it_stands() {
    let registration = || in_full(acts().remove(0));
    for (place, member) in [
        ("", "tpye"),
        ("/bond", "opening_At"),
        ("/bond", "takes_ovr"),
        ("/bond/amount", "curency"),
        ("/bond/period", "until"),
        ("/bond/attachments/0", "md5"),
    ] {
        let mut statement = registration();
        statement.pointer_mut(place).unwrap()[member] = "x".into();
        let rejection = refused(&statement);
        assert_eq!(rejection.pointer, Some(format!("/data{place}/{member}")));
        assert!(rejection.message.contains(member), "{rejection}");
    }
    for act in acts() {
        let mut statement = in_full(act);
        statement["taken_back"] = true.into();
        let rejection = refused(&statement);
        assert_eq!(rejection.pointer.as_deref(), Some("/data/taken_back"));
    }
    let mut statement = in_full(acts().remove(4));
    statement["instruction"]["max_increse"] = 1.into();
    assert!(refused(&statement).message.contains("max_increse"));
}

#[test]
fn a_second_member_of_one_name_is_refused_although_json_parsers_take_the_last() {
    let text = String::from_utf8(deletion().to_bytes()).unwrap();
    let twice = text.replacen(
        "{\"issuer\":\"S1\"",
        "{\"issuer\":\"S2\",\"issuer\":\"S1\"",
        1,
    );
    assert_ne!(twice, text);
    for rejection in [
        Statement::read(twice.as_bytes()).unwrap_err(),
        parse(twice.as_bytes()).unwrap_err(),
    ] {
        let told = "the member `issuer` stands twice";
        assert!(rejection.message.contains(told), "{rejection}");
    }
    let deep = br#"{"bond":[{"amount":{"amount":1,"amount":2}}]}"#;
    assert!(parse(deep).unwrap_err().message.contains("`amount`"));
}

#[test]
fn what_is_to_be_signed_is_parsed_as_any_json_is() {
    let text =
        r#" {"a": [null, true, -1, 18446744073709551615, 1.5, "\u00e9\n"], "b": {}, "": ""} "#;
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(parse(text.as_bytes()).unwrap(), value);
    for wrong in ["", "{", "{} {}", "{\"a\" 1}", "1e999"] {
        assert!(parse(wrong.as_bytes()).is_err(), "{wrong}");
    }
}
