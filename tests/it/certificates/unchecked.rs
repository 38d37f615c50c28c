//! Signers whose revocation nobody could tell (R5).

use bondhub::desk::Desk;
use bondhub_core::{identifier::PartyCode, ports::store::AuditFilter, task::TaskKind};
use serde_json::json;

use super::json_of;
use crate::harness::world::{World, bondhub};

/// R5: what could not be checked is taken, marked wherever the document is shown, and an operator's task until it can be
/// checked.
pub(super) async fn is_marked(world: &World, desk: &Desk, cms: &[u8]) {
    desk.document(cms).await.unwrap();
    let id = "S001/B-3".to_owned().try_into().unwrap();
    let view = world.store().bond(&id).await.unwrap().unwrap();
    let behind = desk.documents_behind(&view).await.unwrap();
    let why = behind[0].unchecked().unwrap().to_owned();
    assert!(why.contains("no revocation list of"), "{why}");
    let shown = json_of(&bondhub(
        world.folder(),
        &["--output", "json", "bond", "show", "S001/B-3"],
    ));
    assert_eq!(shown["documents"][0]["revocation"], "unchecked");
    assert_eq!(shown["documents"][0]["revocation_unchecked"], json!(why));
    let filter = AuditFilter {
        subject: Some("bond:S001/B-3".to_owned()),
        ..AuditFilter::default()
    };
    let links = world.store().audit_links(&filter).await.unwrap();
    let kept = links
        .iter()
        .find(|link| link.entry.contains("document_kept"));
    assert!(kept.unwrap().entry.contains(r#""revocation":"unchecked""#));
    let tasks = async || {
        let tasks = world.store().tasks(false, 0).await.unwrap().into_iter();
        let own = tasks.filter(|view| view.key.kind == TaskKind::RevocationListNeeded);
        own.map(|view| view.task.note.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(tasks().await, [""; 0]);
    for _ in 0..2 {
        desk.check_certificates().await.unwrap();
        assert_eq!(
            tasks().await,
            std::slice::from_ref(&why),
            "once, however often it is looked"
        );
    }
    let signer = &behind[0].signer;
    desk.revoke_certificate(&PartyCode::parse("S001").unwrap(), signer)
        .await
        .unwrap();
    desk.check_certificates().await.unwrap();
    assert_eq!(tasks().await, [""; 0], "its reason is gone");
}
