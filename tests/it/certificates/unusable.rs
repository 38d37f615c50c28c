//! Certificates that cannot be used: broken ones, and those that were revoked.

use bondhub_core::{identifier::PartyCode, party::OpenPgpCertificate};
use chrono::TimeDelta;

use super::{refusal, winner};
use crate::harness::{
    cast::{ISSUER, LOSER, WINNER},
    combination::Combination,
    world::World,
};

pub(super) async fn unusable(on: Combination) {
    let world = World::start(on).await;
    let (near, code) = (world.now() + TimeDelta::days(10), |text| {
        PartyCode::parse(text).unwrap()
    });
    // The first party comes first; nothing can be encrypted to what it has.
    for (party, bytes) in [(LOSER, b"no certificate".as_slice()), (WINNER, b"neither")] {
        let broken = OpenPgpCertificate {
            party: code(party),
            fingerprint: format!("{:0<40}", party.replace('C', "")),
            bytes: bytes.to_vec(),
            usable_until: Some(near),
            modern: false,
            revoked_at: None,
            added_at: world.now(),
        };
        assert!(world.store().add_certificate(&broken, &[]).await.unwrap());
    }
    let told = async || {
        let warnings = world.desk.check_certificates().await.unwrap();
        let openpgp = warnings.into_iter().filter(|one| one.kind == "openpgp");
        openpgp.map(|one| (one.days, one.new)).collect::<Vec<_>>()
    };
    assert_eq!(told().await, [(14, true), (14, true)]);
    assert_eq!(told().await, [(14, false), (14, false)], "once");
    let rows = world.outbox().await;
    let told_to = |party| {
        let mails = rows.iter().filter(|row| row.name == "certificate_expiring");
        mails
            .filter(|row| row.recipient == Some(code(party)))
            .count()
    };
    assert_eq!((told_to(LOSER), told_to(WINNER)), (1, 1), "in the open");
}

pub(super) async fn revoked_again(on: Combination) {
    let world = World::set(on, "").await;
    let (desk, issuer) = (&world.desk, PartyCode::parse(ISSUER).unwrap());
    let reader = &world.cast.readers[WINNER];
    let certificate = reader.certificate().unwrap();
    desk.revoke_certificate(&winner(), &reader.fingerprint())
        .await
        .unwrap();
    let signing = world.store().book().await.unwrap().signing;
    let fingerprint = signing[0].fingerprint.clone();
    desk.revoke_certificate(&issuer, &fingerprint)
        .await
        .unwrap();
    let before = (
        world.store().book().await.unwrap().generation,
        head(&world).await,
    );
    let own = &world.cast.issuer;
    for refused in [
        refusal(desk.enrol(&winner(), &certificate, false).await),
        refusal(desk.begin_enrolment(&winner(), &certificate, false).await),
        refusal(desk.pin(&issuer, &own.certificate_pem).await),
        refusal(desk.entrust(&issuer, &own.key_pem, None).await),
    ] {
        assert!(refused.contains("was revoked at"), "{refused}");
    }
    let after = (
        world.store().book().await.unwrap().generation,
        head(&world).await,
    );
    assert_eq!(after, before, "nothing changed and nothing was told");
}

async fn head(world: &World) -> u64 {
    world.store().audit_head().await.unwrap().sequence
}
