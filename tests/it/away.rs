//! A token that is away for a while holds up the keys it signs, and nothing else (R12).

use bondhub::{assemble::demo_issuer, hub::directory::entrusted_place};
use bondhub_core::{
    identifier::{PartyCode, ProcurementId},
    party::{Language, Role, SigningCertificate},
    ports::store::EventState,
};
use chrono::TimeDelta;

use crate::harness::{
    cast::{self, WINNER},
    combination::{POSTGRES_SPOOL, SQLITE_SPOOL},
    papers::{self, CASE, bond, registration, with},
    world::World,
};

const AWAY: &str = "S900";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_away_sets_no_event_aside_and_its_keys_come_when_it_is_back() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::start(on).await;
        let now = world.now();
        let issuer = demo_issuer("Away Surety", now - TimeDelta::days(30)).unwrap();
        let code = PartyCode::parse(AWAY).unwrap();
        let party = cast::party(AWAY, Role::Issuer, Language::Ja);
        world.desk.put_party(&party).await.unwrap();
        entrust_what_is_away(&world, &code, &issuer.certificate_pem).await;
        let terms = || bond(CASE, "bid", WINNER, 6_000_000);
        let statement = with(registration("X-1", terms(), now), "issuer", AWAY);
        let events = [
            papers::document(&papers::sign(statement, &issuer, now), now),
            world.signed(registration("B-1", terms(), now)),
        ];
        world.play(&events, 2).await;
        for row in world.events().await {
            assert_eq!(row.state, EventState::Applied, "{}", row.identity);
        }
        let ledger = world.ledger().await;
        assert_eq!(ledger.holders("S001/B-1"), [WINNER], "others go on");
        assert!(ledger.holders("S900/X-1").is_empty());
        assert!(
            ledger.tasks.is_empty(),
            "nobody is asked: {:?}",
            ledger.tasks
        );
        let asked = world.desk.waiting_signatures(&code, 10).await.unwrap();
        assert!(asked.is_empty());
        let case = ProcurementId::parse(CASE).unwrap();
        let due = world.store().case(&case).await.unwrap().unwrap().due_at;
        assert!(
            due.is_some_and(|due| due < now + TimeDelta::minutes(2)),
            "{due:?}"
        );
        let key = &issuer.key_pem;
        world.desk.entrust(&code, key, None).await.unwrap();
        world.clock.advance(TimeDelta::minutes(1));
        let back = async || world.ledger().await.holders("S900/X-1") == [WINNER];
        world.eventually("its key is issued", back).await;
    }
}

/// Pins the issuer's certificate, with a key in a token whose module is not there.
async fn entrust_what_is_away(world: &World, code: &PartyCode, certificate: &[u8]) {
    let desk = &world.desk;
    let details = desk.signer.read_certificate(certificate).unwrap();
    let uri = "pkcs11:token=desk;object=keys?module-path=/nowhere/module.so\n1234";
    let place = entrusted_place(&details.fingerprint);
    let sealed = desk
        .master
        .seal(&place, uri.as_bytes(), desk.randomness.as_ref());
    let entrusted = SigningCertificate {
        party: code.clone(),
        fingerprint: details.fingerprint,
        der: details.der,
        valid_from: details.valid_from,
        valid_until: details.valid_until,
        revoked_at: None,
        entrusted_key: Some(sealed.unwrap()),
        added_at: world.now(),
    };
    world.store().put_signing(&entrusted, &[]).await.unwrap();
}
