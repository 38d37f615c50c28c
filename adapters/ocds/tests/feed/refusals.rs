use bondhub_core::{event::Reason, ports::feed::Feed};
use bondhub_ocds::Ocds;
use serde_json::{Value, json};

use crate::{learn, release, split};

/// Where and why a document is refused as it is split.
fn refused(document: &Value) -> (String, String) {
    let rejected = split(document).remove(0).unwrap_err();
    assert_eq!(rejected.rejection.reason, Reason::Invalid);
    (
        rejected.rejection.pointer.unwrap(),
        rejected.rejection.message,
    )
}

#[test]
fn other_documents_are_not_answered() {
    for document in [
        json!({"specversion": "1.0"}),
        json!([]),
        json!("ocid"),
        json!(null),
    ] {
        assert!(Ocds.split(&document).is_none());
    }
}

#[test]
fn a_release_without_identity_or_time_is_refused_at_the_missing_member() {
    for member in ["id", "date", "ocid"] {
        let mut release = release(json!({}));
        release.as_object_mut().unwrap().remove(member);
        let package = json!({"uri": "https://example.org/1", "releases": [release]});
        let (pointer, message) = refused(&package);
        assert_eq!(pointer, format!("/{member}"));
        assert_eq!(message, format!("`{member}` is missing"));
    }
}

#[test]
fn a_release_with_an_unusable_identity_or_time_is_refused_at_it() {
    for (member, value, says) in [
        ("id", json!({"a": 1}), "`id` is missing"),
        ("id", json!("x".repeat(300)), "`id` is longer"),
        ("id", json!("x".repeat(190)), "`id` is longer"),
        ("id", json!("a\nb"), "`id` contains a control"),
        ("date", json!("2026-05-01"), "is not an RFC 3339 time"),
        ("date", json!("2026-05-01T09:00:00"), "with an offset"),
        ("date", json!(20_260_501), "`date` is not a text"),
        ("ocid", json!(42), "`ocid` is missing"),
        ("ocid", json!("o".repeat(201)), "`ocid` is longer"),
    ] {
        let (pointer, message) = refused(&release(json!({member: value})));
        assert_eq!(pointer, format!("/{member}"));
        assert!(message.contains(says), "{message}");
    }
}

#[test]
fn one_bad_release_does_not_spoil_its_package_and_is_kept_itself() {
    let bad = json!({"ocid": "ocds-x-1"});
    let package = json!({"releases": [release(json!({})), bad, 7, release(json!({"id": "r-2"}))]});
    let pieces = split(&package);
    let read: Vec<bool> = pieces.iter().map(Result::is_ok).collect();
    assert_eq!(read, [true, false, false, true]);
    assert_eq!(pieces[1].as_ref().unwrap_err().piece, bad);
    assert_eq!(pieces[2].as_ref().unwrap_err().piece, json!(7));
}

#[test]
fn record_packages_and_packages_without_a_list_are_refused() {
    let (pointer, message) = refused(&json!({"uri": "u", "records": [{"ocid": "ocds-x-1"}]}));
    assert_eq!(pointer, "/records");
    assert!(message.contains("send its releases"), "{message}");
    assert_eq!(refused(&json!({"releases": {"ocid": "x"}})).0, "/releases");
}

#[test]
fn the_source_is_the_publisher_or_the_package_or_the_registered_prefix() {
    let source = |mut package: Value| {
        package["releases"] = json!([release(json!({}))]);
        split(&package).remove(0).unwrap().identity.source
    };
    let uri = "https://example.org/p/1";
    let both = json!({"uri": uri, "publisher": {"name": "P", "uri": "https://example.org"}});
    assert_eq!(source(both), "https://example.org");
    assert_eq!(source(json!({"uri": uri, "publisher": {"name": "P"}})), uri);
    assert_eq!(source(json!({"uri": " ", "publisher": []})), "ocds-jp0001");
    let alone = split(&release(json!({}))).remove(0).unwrap();
    assert_eq!(alone.identity.source, "ocds-jp0001");
    assert_eq!(alone.identity.id, "ocds-jp0001-R8-0042/r-1");
    let odd = split(&release(json!({"ocid": "予-1-2"})))
        .remove(0)
        .unwrap();
    assert_eq!(odd.identity.source, "予-1-2");
}

#[test]
fn a_number_serves_as_a_release_id() {
    let alone = split(&release(json!({"id": 12}))).remove(0).unwrap();
    assert_eq!(alone.identity.id, "ocds-jp0001-R8-0042/12");
}

#[test]
fn what_is_dirty_and_matters_is_refused_at_its_place() {
    for (parts, pointer, says) in [
        (
            json!({"tender": []}),
            "/data/tender",
            "`tender` is not an object",
        ),
        (
            json!({"tender": {"lots": {"id": 1}}}),
            "/data/tender/lots",
            "`lots` is not a list",
        ),
        (
            json!({"awards": [null, "A-1"]}),
            "/data/awards/1",
            "an entry of `awards` is not an object",
        ),
        (
            json!({"tender": {"bidOpening": {"date": "12 May"}}}),
            "/data/tender/bidOpening/date",
            "is not an RFC 3339 time",
        ),
        (
            json!({"tender": {"tenderPeriod": {"endDate": "2026-05-11T17:00:00"}}}),
            "/data/tender/tenderPeriod/endDate",
            "with an offset",
        ),
        (
            json!({"tender": {"lots": [{"id": 1}, {"id": 2, "bidOpening": {"date": 7}}]}}),
            "/data/tender/lots/1/bidOpening/date",
            "`date` is not a text",
        ),
        (
            json!({"awards": [{"status": "active"}]}),
            "/data/awards/0/id",
            "`id` is missing",
        ),
        (
            json!({"contracts": [{"status": "active"}]}),
            "/data/contracts/0/id",
            "`id` is missing",
        ),
        (
            json!({"contracts": [{"id": "K", "value": {"amount": -1, "currency": "JPY"}}]}),
            "/data/contracts/0/value/amount",
            "the amount is negative",
        ),
        (
            json!({"contracts": [{"id": "K", "value": {"amount": 5}}]}),
            "/data/contracts/0/value/currency",
            "`currency` is missing",
        ),
        (
            json!({"contracts": [{"id": "K",
                "period": {"startDate": "2026-05-02", "endDate": "2026-05-01"}}]}),
            "/data/contracts/0/period",
            "ends (2026-05-01) before it begins",
        ),
        (
            json!({"contracts": [{"id": "K", "dateSigned": "n/a"}]}),
            "/data/contracts/0/dateSigned",
            "`dateSigned` is not a date",
        ),
        (
            json!({"contracts": [{"id": "K", "implementation": {"endDate": "soon"}}]}),
            "/data/contracts/0/implementation/endDate",
            "`endDate` is not a date",
        ),
    ] {
        let rejection = learn(parts).expect_err(pointer);
        assert_eq!(rejection.pointer.as_deref(), Some(pointer));
        assert!(rejection.message.contains(says), "{}", rejection.message);
    }
}

#[test]
fn a_cloud_event_has_to_be_about_the_release_it_carries() {
    let good = split(&release(json!({}))).remove(0).unwrap();
    let mut other = good.clone();
    other.subject = None;
    let rejection = Ocds.facts(&other).unwrap().unwrap_err();
    assert_eq!(rejection.pointer.as_deref(), Some("/subject"));
    other.subject = Some("ocds-x-1".to_owned().try_into().unwrap());
    assert!(Ocds.facts(&other).unwrap().is_err());
    other.data = json!(["no release"]);
    let rejection = Ocds.facts(&other).unwrap().unwrap_err();
    assert_eq!(rejection.pointer.as_deref(), Some("/data"));
    other.kind = "contract.changed".into();
    assert!(Ocds.facts(&other).is_none());
}
