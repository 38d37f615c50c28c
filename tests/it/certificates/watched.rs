//! The hub looks at certificates by itself: nobody has to ask.

use super::*;
use crate::harness::process::Hub;

/// A hub that serves tells an issuer, without being asked, that its certificate ends in ten days.
pub(super) async fn by_itself(on: Combination) {
    let world = World::set(on, "").await;
    let soon = world.now() - TimeDelta::days(3650 - 10);
    let ending = assemble::demo_issuer("Aozora Surety", soon).unwrap();
    let issuer = PartyCode::parse(ISSUER).unwrap();
    let pinned = world.desk.pin(&issuer, &ending.certificate_pem);
    let fingerprint = pinned.await.unwrap().details.fingerprint;
    assert_eq!(world.mails_to(ISSUER).len(), 0);
    let hub = Hub::start(&world, &[]);
    hub.open(&world).await;
    let told = async || {
        let rows = world.outbox().await;
        let mut told = rows.iter().filter(|row| row.name == "certificate_expiring");
        told.any(|row| row.state.as_str() == "sent")
    };
    world.eventually("the issuer is told", told).await;
    let mails = world.mails_to(ISSUER);
    let reader = &world.cast.readers[ISSUER];
    let opened = mails.values().map(|mail| {
        let opened = reader.open_mail(&mail.bytes, &world.hub_certificate, world.now());
        body(&opened.unwrap())
    });
    let letters: Vec<String> = opened
        .map(|text| text.split_whitespace().collect())
        .collect();
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(letters[0].contains(&fingerprint), "{letters:?}");
}
