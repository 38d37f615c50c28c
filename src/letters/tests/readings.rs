//! Letters to read: each as its usual reader gets it, in both languages.

use bondhub_core::{
    bond::{BondKind, BondState, Rule},
    notice::NoticeContent,
    party::{Language, Role},
    procurement::Scope,
    reconcile::KeyReason,
    task::TaskKind,
};

use super::super::Text;
use super::samples::*;

fn keep(name: &str, language: Language, text: &Text) {
    let name = format!("{name}.{}", language.as_str());
    let shown = format!("Subject: {}\n\n{}", text.subject, text.body);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(name, shown);
    });
}

fn keep_key(name: &str, now: &str, kind: BondKind, role: Role, reason: KeyReason) {
    let world = World::at(now);
    for language in LANGUAGES {
        let text = world.key(&terms(kind), &reader(role, language), role, reason);
        keep(name, language, &text);
    }
}

fn keep_notice(name: &str, kind: BondKind, role: Role, content: &NoticeContent) {
    keep_notice_at(AFTER, name, kind, role, content);
}

fn keep_notice_at(now: &str, name: &str, kind: BondKind, role: Role, content: &NoticeContent) {
    let world = World::at(now);
    for language in LANGUAGES {
        let reader = reader(role, language);
        let text = world.notice(content.clone(), &reader, Some(&terms(kind)));
        keep(name, language, &text);
    }
}

#[test]
fn the_contractors_first_key() {
    let reason = KeyReason::Registered;
    keep_key(
        "key_registered_contractor",
        BEFORE,
        BondKind::Bid,
        Role::Contractor,
        reason,
    );
}

#[test]
fn the_owners_key_before_the_opening() {
    let reason = KeyReason::HandedOver;
    keep_key(
        "key_handed_over_owner_embargoed",
        BEFORE,
        BondKind::Bid,
        Role::Owner,
        reason,
    );
}

#[test]
fn the_owners_key_to_a_performance_bond() {
    let reason = KeyReason::HandedOver;
    keep_key(
        "key_handed_over_owner",
        AFTER,
        BondKind::Performance,
        Role::Owner,
        reason,
    );
}

#[test]
fn the_contractors_new_key_after_an_update() {
    let reason = KeyReason::Updated;
    keep_key(
        "key_updated_contractor",
        AFTER,
        BondKind::Performance,
        Role::Contractor,
        reason,
    );
}

#[test]
fn the_owners_new_key_after_a_revocation() {
    let reason = KeyReason::Reissued;
    keep_key(
        "key_reissued_owner",
        AFTER,
        BondKind::Performance,
        Role::Owner,
        reason,
    );
}

#[test]
fn a_loser_learns_of_the_release() {
    let content = state_changed(BondState::Released, Rule::AwardedToAnother);
    keep_notice(
        "released_awarded_to_another",
        BondKind::Bid,
        Role::Contractor,
        &content,
    );
}

#[test]
fn an_owner_learns_of_the_release_at_the_end_of_the_works() {
    let content = state_changed(BondState::Released, Rule::ContractCompleted);
    keep_notice(
        "released_contract_completed",
        BondKind::Performance,
        Role::Owner,
        &content,
    );
}

#[test]
fn an_issuer_learns_of_a_conversion() {
    let content = state_changed(BondState::Converted, Rule::ContractConcluded);
    let kind = BondKind::PerformanceReservation;
    keep_notice("converted_contract_concluded", kind, Role::Issuer, &content);
}

#[test]
fn an_issuer_learns_of_a_freeze() {
    let content = state_changed(BondState::Frozen, Rule::ContractTerminated);
    keep_notice(
        "frozen_contract_terminated",
        BondKind::Performance,
        Role::Issuer,
        &content,
    );
}

#[test]
fn an_issuer_learns_what_the_hub_updated_within_its_instruction() {
    let content = updated(Rule::ContractChanged);
    keep_notice(
        "updated_contract_changed",
        BondKind::Performance,
        Role::Issuer,
        &content,
    );
}

#[test]
fn a_contractor_learns_that_the_opening_moved() {
    let content = NoticeContent::OpeningMoved {
        scope: Scope::Tender,
        opening_at: time("2026-09-15T01:00:00Z"),
    };
    keep_notice_at(
        BEFORE,
        "opening_moved",
        BondKind::Bid,
        Role::Contractor,
        &content,
    );
}

#[test]
fn an_owner_learns_that_the_bids_were_opened() {
    let content = NoticeContent::BidsOpened {
        scope: Scope::Tender,
        at: time(OPENING),
    };
    keep_notice("bids_opened", BondKind::Bid, Role::Owner, &content);
}

#[test]
fn a_contractor_is_reminded_of_the_end() {
    keep_notice(
        "expiring",
        BondKind::Performance,
        Role::Contractor,
        &expiring(30),
    );
}

/// The party that is asked first.
fn asked(kind: TaskKind) -> Role {
    match kind {
        TaskKind::ForfeitureProposed | TaskKind::OwnerConsentNeeded | TaskKind::BondMissing => {
            Role::Owner
        }
        TaskKind::ExtensionNeeded | TaskKind::CertificateNeeded => Role::Contractor,
        _ => Role::Issuer,
    }
}

fn stage(kind: TaskKind) -> BondKind {
    match kind {
        TaskKind::ExtensionNeeded
        | TaskKind::RebidBondNeeded
        | TaskKind::ForfeitureProposed
        | TaskKind::ReinstatementNeeded
        | TaskKind::OwnerConsentNeeded => BondKind::Bid,
        _ => BondKind::Performance,
    }
}

/// Tasks of the bidding come up before the opening.
fn when(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::ExtensionNeeded | TaskKind::RebidBondNeeded => BEFORE,
        _ => AFTER,
    }
}

#[test]
fn every_task_asks_its_party() {
    for kind in TaskKind::ALL {
        let name = format!("task_{}", kind.as_str());
        keep_notice_at(when(kind), &name, stage(kind), asked(kind), &task(kind));
    }
}
