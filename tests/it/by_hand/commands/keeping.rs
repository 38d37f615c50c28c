//! Grants to look before the opening, and the parties' certificates, by commands.

use bondhub::vault::Presented;
use bondhub_core::{
    account::{SignedInBy, Viewer},
    identifier::PartyCode,
};
use bondhub_test_support::openpgp::TestParty;

use super::*;
use crate::{
    certificates::{code_in, mail},
    harness::cast,
};

/// A named account of the owner, signed in.
fn examiner() -> Viewer {
    Viewer {
        account: AccountName::parse("hanako").unwrap(),
        party: Some(PartyCode::parse(OWNER).unwrap()),
        roles: [Role::PrivilegedViewer].into(),
        scopes: None,
        language: Language::Ja,
        zone: DEFAULT_ZONE.to_owned(),
        signed_in_by: SignedInBy::Password,
    }
}

pub(in crate::by_hand) async fn grants(on: Combination) {
    let desktop = Desktop::set(on).await;
    let now = desktop.world.now();
    let opening = at(now + TimeDelta::hours(1));
    desktop.applied(&format!(
        "case announce {CASE} --owner {OWNER} --title 橋梁補修 --opening-at {opening}"
    ));
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    desktop.sign("register", &registration("B-1", terms, now));
    desktop.hand_over(WINNER, BID).await;
    desktop.key(OWNER, BID).await;
    let key = desktop.world.live_key(OWNER, BID).await;
    let early = async || {
        let viewer = examiner();
        let presented = Presented {
            viewer: Some(&viewer),
            from: Some([192, 0, 2, 7].into()),
            ..Presented::file(&key)
        };
        shown(&desktop.world.desk.look(&presented).await.unwrap())
    };
    assert_eq!(early().await, None);
    let until = at(now + TimeDelta::minutes(30));
    let add = format!(
        "grant add hanako --party {OWNER} --procurement {CASE} --reason 低入札 --until {until}"
    );
    let over = add.replace(&until, &at(now - TimeDelta::minutes(1)));
    desktop.refused(&over, 3);
    desktop.refused(&add.replace(OWNER, "O404"), 4);
    desktop.refused(&add, 4);
    let world = &desktop.world;
    world
        .invite("hanako", Some(OWNER), Role::PrivilegedViewer)
        .await;
    let grant = desktop.run(&add);
    let id = grant["id"].as_str().unwrap();
    assert_eq!(
        (&grant["account"], &grant["revoked"]),
        (&json!("hanako"), &Value::Null)
    );
    assert_eq!(early().await, Some((6_000_000, false)));
    let uses = desktop.run(&format!("grant uses {id}"));
    let look = &uses[0];
    assert_eq!(
        (&look["bond"], &look["account"]),
        (&json!(BID), &json!("hanako"))
    );
    assert_eq!(look["from"], "192.0.2.7");
    desktop.run(&format!("grant revoke {id}"));
    desktop.refused(&format!("grant revoke {id}"), 4);
    assert_eq!(early().await, None);
    let uses = desktop.run(&format!("grant uses {id}"));
    assert_eq!(
        uses.as_array().unwrap().len(),
        1,
        "the look after it is none of its"
    );
    let listed = desktop.run("grant list --account hanako");
    assert_eq!(listed[0]["id"], id);
    assert!(listed[0]["revoked"].is_string());
    assert_eq!(desktop.run("grant list --account taro"), json!([]));
}

/// The certificates of a party that are in use, as a command lists them.
fn in_use(desktop: &Desktop) -> Vec<String> {
    let listed = desktop.run(&format!("party cert list {WINNER}"));
    let live = listed.as_array().unwrap().iter();
    let live = live.filter(|one| one["revoked_at"].is_null());
    let fingerprint = |one: &Value| one["fingerprint"].as_str().unwrap().to_owned();
    live.map(fingerprint).collect()
}

/// Hands a new certificate in by command.
fn enrol(desktop: &Desktop) -> TestParty {
    let since = desktop.world.now() - TimeDelta::days(1);
    let reader = TestParty::new(&cast::address(WINNER), since).unwrap();
    desktop.file("new.asc", &reader.certificate().unwrap());
    let begun = desktop.run(&format!("party cert enrol {WINNER} new.asc"));
    let expected = (json!(reader.fingerprint()), json!("waiting"));
    assert_eq!(
        (begun["fingerprint"].clone(), begun["state"].clone()),
        expected
    );
    reader
}

pub(in crate::by_hand) async fn certificates(on: Combination) {
    let desktop = Desktop::set(on).await;
    let old = in_use(&desktop);
    let new = enrol(&desktop);
    assert_eq!(in_use(&desktop), old, "not before the code came back");
    let waiting = desktop.run("party cert waiting");
    assert_eq!(
        (&waiting[0]["party"], &waiting[0]["tries_left"]),
        (&json!(WINNER), &json!(5))
    );
    let wrong = format!("party cert prove {WINNER} 0000-0000-0000-0000");
    assert!(desktop.refused(&wrong, 3).contains("4 more"));
    let code = code_in(&mail(&desktop.world, "enrolment", &new).await);
    let proven = desktop.run(&format!("party cert prove {WINNER} {code}"));
    assert_eq!(proven["state"], "enrolled", "given in person");
    assert_eq!(in_use(&desktop), [new.fingerprint()]);
    assert_eq!(desktop.run("party cert waiting"), json!([]));
    confirmed(&desktop).await;
    enrol(&desktop);
    desktop.run(&format!("party cert reject {WINNER}"));
    desktop.refused(&format!("party cert reject {WINNER}"), 3);
    assert_eq!(desktop.run("party cert waiting"), json!([]));
    checked(&desktop);
}

/// What the party has proven by its own access is confirmed at the command line.
async fn confirmed(desktop: &Desktop) {
    let clerk = Viewer {
        party: Some(PartyCode::parse(WINNER).unwrap()),
        roles: [Role::Clerk].into(),
        ..examiner()
    };
    let (world, since) = (&desktop.world, desktop.world.now() - TimeDelta::days(1));
    let reader = TestParty::new(&cast::address(WINNER), since).unwrap();
    let bytes = reader.certificate().unwrap();
    let confirm = format!("party cert confirm {WINNER}");
    desktop.refused(&confirm, 3);
    let handed = world.desk.hand_in_certificate(&clerk, &bytes, false).await;
    handed.unwrap();
    desktop.refused(&confirm, 3);
    let code = code_in(&mail(world, "enrolment", &reader).await);
    world.desk.prove_certificate(&clerk, &code).await.unwrap();
    let waiting = desktop.run("party cert waiting");
    assert_eq!(waiting[0]["state"], "proven");
    let taken = desktop.run(&confirm);
    assert_eq!(taken["state"], "enrolled");
    assert_eq!(in_use(desktop), [reader.fingerprint()]);
}

/// What ends soon is told once.
fn checked(desktop: &Desktop) {
    assert_eq!(desktop.run("certificates check"), json!([]), "of ten years");
    let days = |days: i64| desktop.world.now() - TimeDelta::days(3650 - days);
    let issuer = bondhub::assemble::demo_issuer("Midori", days(10)).unwrap();
    desktop.file("soon.crt", &issuer.certificate_pem);
    desktop.run(&format!("party cert add {ISSUER} soon.crt"));
    for new in [true, false] {
        let told = desktop.run("certificates check");
        let told = told.as_array().unwrap();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(
            (&told[0]["kind"], &told[0]["days"]),
            (&json!("signing"), &json!(14))
        );
        assert_eq!(
            (&told[0]["party"], &told[0]["new"]),
            (&json!(ISSUER), &json!(new))
        );
    }
}
