//! A party replaces its certificate by its own access.

use bondhub::desk::{OwnCertificates, Proven};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role, SignedInBy, Viewer},
    party::Language,
};

use super::*;

/// A clerk of the winner, signed in.
fn clerk() -> Viewer {
    Viewer {
        account: AccountName::parse("hanako").unwrap(),
        party: Some(winner()),
        roles: [Role::Clerk].into(),
        scopes: None,
        language: Language::Ja,
        zone: DEFAULT_ZONE.to_owned(),
        signed_in_by: SignedInBy::Password,
    }
}

/// A stolen session, even with the mailbox, redirects nothing in silence: the old holder is told at once, and an operator
/// has to confirm.
pub(super) async fn told(on: Combination) {
    let world = World::start(on).await;
    let since = world.now() - TimeDelta::days(1);
    let new = TestParty::new(&cast::address(WINNER), since).unwrap();
    let (desk, old) = (&world.desk, &world.cast.readers[WINNER]);
    let secret = new.secret_armored().unwrap();
    let secret = desk.hand_in_certificate(&clerk(), &secret, false).await;
    assert!(refusal(secret).contains("SECRET"));
    assert_eq!(desk.enrolments().await.unwrap(), [], "not kept");
    let bytes = new.certificate().unwrap();
    let handed = desk.hand_in_certificate(&clerk(), &bytes, false).await;
    assert_eq!(handed.unwrap().facts.fingerprint, new.fingerprint());
    let announced = mail(&world, "certificate_announced", old).await;
    let flat: String = announced.split_whitespace().collect();
    assert!(
        flat.contains(&new.fingerprint()),
        "told before anything changes: {announced}"
    );

    let code = code_in(&mail(&world, "enrolment", &new).await);
    let proven = desk.prove_certificate(&clerk(), &code).await.unwrap();
    assert!(matches!(proven, Proven::WaitsForOperator(_)), "{proven:?}");
    let own = desk.own_certificates(&clerk()).await.unwrap();
    assert!(own.waiting.is_some_and(|row| row.is_proven()));
    let in_use = |own: &OwnCertificates| {
        let live = own.openpgp.iter().filter(|one| one.revoked_at.is_none());
        live.map(|one| one.fingerprint.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        in_use(&desk.own_certificates(&clerk()).await.unwrap()),
        [old.fingerprint()]
    );
    assert!(refusal(desk.prove_certificate(&clerk(), &code).await).contains("operator"));
    let in_person = desk.finish_enrolment(&winner(), &code).await;
    assert!(
        refusal(in_person).contains("operator"),
        "the code counts once"
    );

    desk.confirm_enrolment(&winner()).await.unwrap();
    assert_eq!(
        in_use(&desk.own_certificates(&clerk()).await.unwrap()),
        [new.fingerprint()]
    );
    assert!(
        refusal(desk.confirm_enrolment(&winner()).await).contains("proven"),
        "once"
    );
    rejected(&world).await;
}

/// What an operator rejects is not used, whatever code comes back.
async fn rejected(world: &World) {
    let (desk, since) = (&world.desk, world.now() - TimeDelta::days(1));
    let third = TestParty::new(&cast::address(WINNER), since).unwrap();
    let bytes = third.certificate().unwrap();
    desk.hand_in_certificate(&clerk(), &bytes, false)
        .await
        .unwrap();
    desk.reject_enrolment(&winner()).await.unwrap();
    assert_eq!(desk.enrolments().await.unwrap(), []);
    assert!(refusal(desk.reject_enrolment(&winner()).await).contains("waits"));
    let stranger = Viewer {
        roles: [Role::Signer].into(),
        ..clerk()
    };
    let lacks = desk.hand_in_certificate(&stranger, &bytes, false).await;
    assert!(refusal(lacks).contains("party:act"));
}
