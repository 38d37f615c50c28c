//! What keeps a hub going, by programs: looks before the opening, events sent again, parties, certificates.

use bondhub_core::party::Role as PartyRole;
use bondhub_test_support::openpgp::TestParty;
use chrono::TimeDelta;

use super::*;
use crate::{
    certificates::{code_in, mail},
    harness::{
        cast,
        papers::{at, bond, event, registration, tender},
    },
};

/// A named account of an owner looks before the opening, under a grant, until it is taken back (R21).
pub(in crate::api) async fn looking_early(on: Combination) {
    let office = Office::open(on).await;
    let (world, bond_id) = (office.world(), "S002/B-1");
    let now = world.now();
    let announced = tender(now + TimeDelta::hours(1));
    office.step("owner", "tender.announced", announced).await;
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    office.document(registration("B-1", terms, now)).await;
    office.sign_what_waits().await;
    office.hand_over(WINNER, bond_id).await;
    let key = office.key(OWNER, bond_id).await;
    let amount = async |who: &str| {
        let kind = "application/octet-stream";
        let answer = office.ask(who, "POST", "/vault/open", kind, &key).await;
        answer.json()["content"]["content"]["amount"]["amount"].as_i64()
    };
    assert_eq!(
        amount("examiner").await,
        None,
        "the role alone shows nothing"
    );
    let asked = json!({"account": "examiner", "party": OWNER, "procurement": CASE,
                       "reason": "低入札価格調査", "until": at(now + TimeDelta::minutes(30))});
    for who in ["owner", "operator", "auditor"] {
        office.refused(who, "/grants", &asked, 403).await;
    }
    let over = with(asked.clone(), "until", at(now - TimeDelta::minutes(1)));
    office.refused("administrator", "/grants", &over, 422).await;
    let grant = office.post("administrator", "/grants", &asked).await;
    assert_eq!(grant["granted_by"], "administrator");
    assert_eq!(amount("examiner").await, Some(6_000_000));
    assert_eq!(amount("nobody").await, None, "the key alone as ever");
    assert_eq!(amount("chief").await, None, "the grant names one account");
    office
        .tells(&["grant_given by administrator", "grant_used by O001"])
        .await;
    let id = grant["id"].as_str().unwrap();
    let looks = office.get("auditor", &format!("/looks?grant={id}")).await;
    let looks = looks["items"].as_array().unwrap().clone();
    assert_eq!(looks.len(), 1, "{looks:?}");
    assert_eq!(
        (&looks[0]["account"], &looks[0]["shown"]),
        (&json!("examiner"), &json!("granted"))
    );
    let path = format!("/grants/{id}");
    for status in [204, 404] {
        let taken_back = office.ask("administrator", "DELETE", &path, "text/plain", b"");
        assert_eq!(taken_back.await.status, status, "once");
    }
    assert_eq!(amount("examiner").await, None);
    let listed = office.get("auditor", "/grants").await;
    assert_eq!(listed["items"][0]["revoked_by"], "administrator");
    office.tells(&["grant_revoked by administrator"]).await;
}

/// An event that was set aside is corrected and sent again; a party is entered, its certificate too, and not used any more.
pub(in crate::api) async fn inbox_and_parties(on: Combination) {
    let office = Office::open(on).await;
    resubmit(&office).await;
    enter_a_party(&office).await;
}

async fn resubmit(office: &Office) {
    let world = office.world();
    let now = world.now();
    let wrong = event(CASE, "t-1", "tender.exploded", now, tender(now));
    let taken = world.taken().await;
    let told = office.refused("operator", "/events", &wrong, 422).await;
    assert!(told.contains("tender.exploded"), "told at once: {told}");
    world.play(std::slice::from_ref(&wrong), taken + 1).await;
    let aside = office.get("operator", "/events?state=set_aside").await;
    let id = aside["items"][0]["id"].as_str().unwrap();
    let path = format!("/events/{id}/resubmit");
    office.refused("auditor", &path, &wrong, 403).await;
    let still_wrong = office.with_json("operator", "POST", &path, &wrong).await;
    assert!(
        !still_wrong.body.contains("applied"),
        "{}",
        still_wrong.body
    );
    let right = with(wrong, "type", "jp.bondhub.tender.announced");
    let again = office.post("operator", &path, &right).await;
    assert_eq!(again["items"][0]["state"], "applied", "{again}");
    let case = office.get("owner", &format!("/cases/{CASE}")).await;
    assert_eq!(case["owner"], OWNER);
    office.tells(&["event_resubmitted by operator"]).await;
    let aside = office.get("operator", "/events?state=set_aside").await;
    let left = aside["items"].as_array().unwrap().iter();
    assert_eq!(left.filter(|row| row["id"] == id).count(), 0, "{aside}");
}

async fn enter_a_party(office: &Office) {
    let party = cast::party("C901", PartyRole::Contractor, Language::Ja);
    let body = json!(party);
    let put = async |who: &str, path: &str| office.with_json(who, "PUT", path, &body).await;
    put("operator", "/parties/C901").await.problem(403);
    put("administrator", "/parties/C902").await.problem(422);
    let known = office.ask("auditor", "GET", "/parties/C901", "text/plain", b"");
    known.await.problem(404);
    assert_eq!(put("administrator", "/parties/C901").await.status, 200);
    let since = office.world().now() - TimeDelta::days(1);
    let reader = TestParty::new(&cast::address("C901"), since).unwrap();
    let certificate = reader.certificate().unwrap();
    let path = "/parties/C901/certificates";
    let kind = "application/octet-stream";
    let added = office.ask("administrator", "POST", path, kind, &certificate);
    let added = added.await.json();
    assert_eq!(added["fingerprint"], reader.fingerprint());
    let shown = async || office.get("auditor", "/parties/C901").await;
    assert_eq!(shown().await["certificates"][0]["revoked_at"], Value::Null);
    let path = format!("{path}/{}", reader.fingerprint());
    let revoked = office.ask("administrator", "DELETE", &path, kind, b"");
    assert_eq!(revoked.await.status, 204);
    assert!(shown().await["certificates"][0]["revoked_at"].is_string());
    let told = [
        "party_put by administrator",
        "certificate_enrolled by administrator",
        "certificate_revoked by administrator",
    ];
    office.tells(&told).await;
}

/// A contractor hands a certificate in, gives the code back, and an operator confirms it; another one is rejected (R50).
pub(in crate::api) async fn certificates(on: Combination) {
    let office = Office::open(on).await;
    let since = office.world().now() - TimeDelta::days(1);
    let new = TestParty::new(&cast::address(WINNER), since).unwrap();
    let old = office.world().cast.readers[WINNER].fingerprint();
    hand_in(&office, &new).await;
    assert_eq!(in_use(&office).await, std::slice::from_ref(&old));
    let code = code_in(&mail(office.world(), "enrolment", &new).await);
    let typed = |code: &str| json!({"code": code});
    let path = "/certificates/code";
    let wrong = typed("0000-0000-0000-0000");
    let wrong = office.refused("contractor", path, &wrong, 422).await;
    assert!(wrong.contains("4 more"), "counted: {wrong}");
    office.refused("other", path, &typed(&code), 422).await;
    let proven = office.post("contractor", path, &typed(&code)).await;
    assert_eq!(proven["state"], "waits_for_operator", "{proven}");
    assert_eq!(in_use(&office).await, [old], "an operator has to confirm");
    let confirm = format!("/parties/{WINNER}/enrolment/confirm");
    office
        .refused("contractor", &confirm, &Value::Null, 403)
        .await;
    let confirmed = office.post("administrator", &confirm, &Value::Null).await;
    assert_eq!(confirmed["fingerprint"], new.fingerprint());
    assert_eq!(in_use(&office).await, [new.fingerprint()]);
    let told = [
        "enrolment_begun by contractor",
        "enrolment_tried by contractor",
        "enrolment_proven by contractor",
        "certificate_enrolled by administrator",
    ];
    office.tells(&told).await;
    reject(&office).await;
}

async fn hand_in(office: &Office, reader: &TestParty) {
    let certificate = reader.certificate().unwrap();
    let kind = "application/octet-stream";
    let handed = office.ask("contractor", "POST", "/certificates", kind, &certificate);
    let handed = handed.await;
    assert_eq!(handed.status, 202, "{}", handed.body);
    let fingerprint = reader.fingerprint();
    assert_eq!(handed.json()["fingerprint"], fingerprint);
    let waiting = office.get("operator", "/enrolments").await;
    assert_eq!(waiting["items"][0]["fingerprint"], fingerprint);
    let others = office.get("other", "/certificates").await;
    assert_eq!(others["waiting"], Value::Null, "another party's own");
}

/// The certificates mails to the contractor are encrypted to.
async fn in_use(office: &Office) -> Vec<String> {
    let own = office.get("contractor", "/certificates").await;
    let live = own["certificates"].as_array().unwrap().iter();
    let live = live.filter(|one| one["revoked_at"].is_null());
    let fingerprint = |one: &Value| one["fingerprint"].as_str().unwrap().to_owned();
    live.map(fingerprint).collect()
}

async fn reject(office: &Office) {
    let since = office.world().now() - TimeDelta::days(1);
    let third = TestParty::new(&cast::address(WINNER), since).unwrap();
    let before = in_use(office).await;
    hand_in(office, &third).await;
    let path = format!("/parties/{WINNER}/enrolment");
    for status in [204, 422] {
        let rejected = office.ask("administrator", "DELETE", &path, "text/plain", b"");
        assert_eq!(rejected.await.status, status, "once");
    }
    assert_eq!(
        office.get("operator", "/enrolments").await["items"],
        json!([])
    );
    assert_eq!(in_use(office).await, before);
    office.tells(&["enrolment_rejected by administrator"]).await;
}
