//! A party enrols its certificate by its own access: page or API (R50).
//!
//! Whoever could slip in a certificate would get the keys. A stolen session alone does not suffice: the code goes to the address on
//! file. Whoever has session *and* mailbox still meets two things: the holder of the certificate in use was told at once, encrypted
//! to that one, and an operator has to confirm a replacement (`openpgp.operator_confirms`).

use bondhub_core::{
    account::{Permission, Viewer},
    audit::Act,
    enrolment::DAYS,
    identifier::PartyCode,
    party::{OpenPgpCertificate, SigningCertificate},
    ports::store::{Commit, EnrolmentRow},
};
use chrono::TimeDelta;

use super::{super::accounts::in_use, Begun, nothing_waits};
use crate::desk::{Desk, DeskError, Refusal, my_bonds::own_party};

/// When an operator has to confirm what a party enrols by its own access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Never: the code suffices.
    Never,
    /// Where a certificate is in use, which the new one would replace.
    Replacement,
    /// Always.
    Always,
}

/// A party's certificates, and the one that waits.
#[derive(Debug, Clone)]
pub struct OwnCertificates {
    /// OpenPGP, newest first.
    pub openpgp: Vec<OpenPgpCertificate>,
    /// An issuer's signing certificates, newest first.
    pub signing: Vec<SigningCertificate>,
    /// What waits for its code or for an operator.
    pub waiting: Option<EnrolmentRow>,
}

/// What came of a code that was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proven {
    /// The certificate is used from now on.
    InUse(OpenPgpCertificate),
    /// An operator has to confirm.
    WaitsForOperator(EnrolmentRow),
}

impl Desk {
    /// The certificates of the viewer's party.
    pub async fn own_certificates(&self, viewer: &Viewer) -> Result<OwnCertificates, DeskError> {
        let party = own_party(viewer, Permission::ActForParty)?;
        let book = self.store.book().await?;
        let mut openpgp = book.certificates;
        openpgp.retain(|one| one.party == *party);
        openpgp.sort_by_key(|one| std::cmp::Reverse(one.added_at));
        let mut signing = book.signing;
        signing.retain(|one| one.party == *party);
        signing.sort_by_key(|one| std::cmp::Reverse(one.added_at));
        Ok(OwnCertificates {
            openpgp,
            signing,
            waiting: self.waiting(party).await?,
        })
    }

    /// Takes a certificate from the viewer's party.
    pub async fn hand_in_certificate(
        &self,
        viewer: &Viewer,
        bytes: &[u8],
        modern: bool,
    ) -> Result<Begun, DeskError> {
        let party = own_party(viewer, Permission::ActForParty)?;
        self.begin_enrolment(party, bytes, modern).await
    }

    /// Takes the code back from the viewer's party.
    pub async fn prove_certificate(
        &self,
        viewer: &Viewer,
        typed: &str,
    ) -> Result<Proven, DeskError> {
        let party = own_party(viewer, Permission::ActForParty)?;
        let row = self.with_right_code(party, typed).await?;
        if self.asks_an_operator(party).await? {
            return self.wait_for_an_operator(row).await;
        }
        Ok(Proven::InUse(self.put_in_use(row).await?))
    }

    /// An operator confirms what a party has proven; from now on the certificate is used.
    pub async fn confirm_enrolment(
        &self,
        code: &PartyCode,
    ) -> Result<OpenPgpCertificate, DeskError> {
        let row = self.waiting(code).await?;
        let proven = row.filter(|row| row.is_proven() && self.clock.now() <= row.ends_at);
        let row = proven.ok_or_else(|| Refusal::NothingProven {
            party: code.clone(),
        })?;
        self.put_in_use(row).await
    }

    /// An operator rejects what waits, proven or not.
    pub async fn reject_enrolment(&self, code: &PartyCode) -> Result<(), DeskError> {
        let row = self.waiting(code).await?;
        let row = row.ok_or_else(|| nothing_waits(code))?;
        let fingerprint = &row.certificate.fingerprint;
        let told = self.enrolment_told(Act::EnrolmentRejected, code, fingerprint);
        let with = Commit {
            now: self.clock.now(),
            audit: vec![told],
            ..Commit::default()
        };
        let ended = self.store.replace_enrolment(&row, None, &with).await?;
        ended.then_some(()).ok_or_else(|| nothing_waits(code))
    }

    async fn waiting(&self, party: &PartyCode) -> Result<Option<EnrolmentRow>, DeskError> {
        let all = self.store.enrolments().await?;
        Ok(all.into_iter().find(|row| row.certificate.party == *party))
    }

    async fn asks_an_operator(&self, code: &PartyCode) -> Result<bool, DeskError> {
        match self.confirmation {
            Confirmation::Never => Ok(false),
            Confirmation::Always => Ok(true),
            Confirmation::Replacement => {
                let (book, party) = (self.store.book().await?, self.party(code).await?);
                Ok(in_use(&book, &party, self.clock.now()).is_some())
            }
        }
    }

    async fn wait_for_an_operator(&self, row: EnrolmentRow) -> Result<Proven, DeskError> {
        let now = self.clock.now();
        let party = row.certificate.party.clone();
        let proven = EnrolmentRow {
            code: Vec::new(),
            ends_at: now + TimeDelta::days(DAYS),
            ..row.clone()
        };
        let fingerprint = &row.certificate.fingerprint;
        let told = self.enrolment_told(Act::EnrolmentProven, &party, fingerprint);
        let with = Commit {
            now,
            audit: vec![told],
            ..Commit::default()
        };
        let store = &self.store;
        if !store.replace_enrolment(&row, Some(&proven), &with).await? {
            return Err(nothing_waits(&party));
        }
        tracing::warn!(party.code = %party, fingerprint, "a certificate waits for an operator's confirmation");
        Ok(Proven::WaitsForOperator(proven))
    }
}
