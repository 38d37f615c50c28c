//! Acts that need more around them: an issuer with a token, an owner's key, a party that replaces its certificate, an
//! event that was set aside, a mail that came back, another master key.

use std::ops::ControlFlow;

use bondhub::{desk::ByHand, vault::Presented};
use bondhub_core::ports::store::{EventState, OutboxState, Resolution};

use super::*;
use crate::{
    certificates::{code_in, mail},
    harness::papers::event,
    signing::{DESK, desk_issuer, document},
    vault::desk_with,
};

/// The owner agrees, with the key that was put into its hands, that the bond is deleted.
pub(super) async fn agree(stage: &mut Stage, key: ByHand) {
    let ByHand::Issued { key, .. } = key else {
        panic!("the issuer entrusted its key");
    };
    let desk = std::sync::Arc::clone(&stage.world.desk);
    stage
        .play("consent", desk.consent(&key.file))
        .await
        .unwrap();
    let presented = Presented::file(&key.file);
    stage
        .play("consent_with", desk.consent_with(&presented))
        .await
        .unwrap();
}

/// The issuer signs, at its desk, the key that waits for it.
pub(super) async fn sign(stage: &mut Stage) {
    let desk = std::sync::Arc::clone(&stage.world.desk);
    let issuer = desk_issuer(&stage.world).await;
    document(&stage.world, &issuer, "registration", 6_000_000).await;
    let waiting = desk.waiting_signatures(&code(DESK), 10).await.unwrap();
    let block = issuer.sign(&waiting[0].statement, stage.world.now());
    let blocks = [block.unwrap()];
    let submitted = desk.submit_signatures(None, &blocks, false);
    stage.play("submit_signatures", submitted).await.unwrap();
}

/// A clerk of the contractor hands two certificates in: one is confirmed, one rejected.
pub(super) async fn replace_certificates(stage: &mut Stage) {
    let desk = std::sync::Arc::clone(&stage.world.desk);
    let clerk = Viewer {
        party: Some(code(WINNER)),
        ..owner()
    };
    let since = stage.world.now() - TimeDelta::days(1);
    let reader = || TestParty::new(&cast::address(WINNER), since).unwrap();
    let (new, other) = (reader(), reader());
    let bytes = new.certificate().unwrap();
    let handed = desk.hand_in_certificate(&clerk, &bytes, false);
    stage.play("hand_in_certificate", handed).await.unwrap();
    let code_of_mail = code_in(&mail(&stage.world, "enrolment", &new).await);
    let proven = desk.prove_certificate(&clerk, &code_of_mail);
    stage.play("prove_certificate", proven).await.unwrap();
    let winner = code(WINNER);
    let confirmed = desk.confirm_enrolment(&winner);
    stage.play("confirm_enrolment", confirmed).await.unwrap();
    let bytes = other.certificate().unwrap();
    let handed = desk.hand_in_certificate(&clerk, &bytes, false);
    handed.await.unwrap();
    let rejected = desk.reject_enrolment(&winner);
    stage.play("reject_enrolment", rejected).await.unwrap();
}

/// A certificate of the issuer that ends in ten days is told of.
pub(super) async fn warn(stage: &mut Stage) {
    let desk = std::sync::Arc::clone(&stage.world.desk);
    let soon = stage.world.now() - TimeDelta::days(3650 - 10);
    let ending = bondhub::assemble::demo_issuer("Midori", soon).unwrap();
    let issuer = code(ISSUER);
    let pinned = desk.pin(&issuer, &ending.certificate_pem);
    pinned.await.unwrap();
    stage
        .play("check_certificates", desk.check_certificates())
        .await
        .unwrap();
}

/// An event that was set aside is corrected; a mail nobody takes is counted as sent by hand.
pub(super) async fn mend(stage: &mut Stage) {
    let desk = std::sync::Arc::clone(&stage.world.desk);
    let now = stage.world.now();
    let taken = stage.world.taken().await;
    let other = "ocds-jp0001-R8-0099";
    let mut wrong = event(other, "t-9", "tender.exploded", now, tender(now));
    stage
        .world
        .play(std::slice::from_ref(&wrong), taken + 1)
        .await;
    let aside = stage.world.event("t-9").await;
    assert_eq!(aside.state, EventState::SetAside);
    wrong["type"] = "jp.bondhub.tender.announced".into();
    let right = serde_json::to_vec(&wrong).unwrap();
    let again = desk.resubmit(aside.id, Some(&right));
    stage.play("resubmit", again).await.unwrap();

    let address = cast::address(LOSER);
    stage
        .world
        .sink
        .refuse_recipient(&address, "550 no such user");
    let reader = TestParty::new(&address, now - TimeDelta::days(1)).unwrap();
    let certificate = reader.certificate().unwrap();
    let loser = code(LOSER);
    let begun = desk.begin_enrolment(&loser, &certificate, false);
    begun.await.unwrap();
    let failed = async || {
        let rows = stage.world.outbox().await;
        rows.into_iter()
            .find(|row| row.state == OutboxState::Failed)
    };
    let came_back = async || failed().await.is_some();
    stage
        .world
        .eventually("the mail came back", came_back)
        .await;
    let mail = failed().await.unwrap().id;
    let resolved = desk.resolve_mail(mail, Resolution::MarkSent);
    stage.play("resolve_mail", resolved).await.unwrap();
}

/// What is sealed goes under another master key.
pub(super) async fn rotate(stage: &mut Stage) {
    let old = stage.world.settings.vault.master_key_file.clone();
    let new = stage.world.folder().join("new.key");
    std::fs::write(&new, [42; 32]).unwrap();
    let both = desk_with(&stage.world, &new, &[&old]).await.unwrap();
    let mut told = |_| ControlFlow::Continue(());
    stage
        .play("rotate", both.rotate(100, &mut told))
        .await
        .unwrap();
}
