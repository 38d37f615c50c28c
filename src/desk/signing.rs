//! The signing queue (R12): what waits for an issuer's signature, and the signatures that come.

use bondhub_core::{
    event::hex_digest,
    identifier::{BondId, PartyCode},
    key::Statement,
    party::Role,
    ports::{
        signing::PinnedCertificate,
        store::{RequestSignature, RequestState, SigningRequest},
    },
    procurement::BondFact,
};
use serde_json::json;

use super::{Desk, DeskError, Refusal, armor};
use crate::hub::{decide::Brought, directory::Directory, read};

/// The longest signature taken, in bytes of DER: with it a key file still has the size that readers take.
const LONGEST_SIGNATURE: usize = 11_000;

/// A signature that was handed in, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The key it is for, if that could be read.
    pub kid: Option<String>,
    /// The key's bond, if there is such a key.
    pub bond: Option<BondId>,
    /// In which role the key is held.
    pub role: Option<Role>,
    /// What became of it.
    pub outcome: SignatureOutcome,
}

/// What became of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureOutcome {
    /// It fits; nothing was done, as was asked.
    Fits,
    /// The key works from now on.
    Issued,
    /// It was taken; the key waits for its holder.
    Kept,
    /// A new version, a revocation or the bond's end came first. Nothing was changed.
    Overtaken,
    /// It was there before.
    Duplicate,
    /// It is not acceptable.
    Refused(Refusal),
}

impl SignatureOutcome {
    /// The outcome in one word.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Issued => "issued",
            Self::Kept => "kept",
            Self::Overtaken => "overtaken",
            Self::Duplicate => "duplicate",
            Self::Refused(_) => "refused",
        }
    }

    fn of(state: RequestState) -> Self {
        match state {
            RequestState::Waiting => Self::Fits,
            RequestState::Signed => Self::Kept,
            RequestState::Issued => Self::Issued,
            RequestState::Overtaken => Self::Overtaken,
        }
    }
}

impl Desk {
    /// What waits for an issuer's signature, oldest first.
    pub async fn waiting_signatures(
        &self,
        issuer: &PartyCode,
        limit: u32,
    ) -> Result<Vec<SigningRequest>, DeskError> {
        Ok(self.store.requests_waiting(issuer, limit).await?)
    }

    /// Takes signatures (CMS, DER or PEM) for keys that wait for them. Each stands alone, and may come
    /// in any order and more than once; with `dry_run` they are checked and nothing is changed.
    ///
    /// With an issuer, only its own are taken.
    pub async fn submit_signatures(
        &self,
        issuer: Option<&PartyCode>,
        blocks: &[Vec<u8>],
        dry_run: bool,
    ) -> Result<Vec<Submitted>, DeskError> {
        let mut submitted = Vec::with_capacity(blocks.len());
        for block in blocks {
            submitted.push(self.submit_signature(issuer, block, dry_run).await?);
        }
        Ok(submitted)
    }

    async fn submit_signature(
        &self,
        issuer: Option<&PartyCode>,
        block: &[u8],
        dry_run: bool,
    ) -> Result<Submitted, DeskError> {
        let (cms, statement) = match self.claimed(block) {
            Ok(claimed) => claimed,
            Err(reason) => return Ok(refused(None, reason)),
        };
        let kid = statement.kid.as_str().to_owned();
        let request = self.store.request(&kid).await?;
        let own = |request: &SigningRequest| issuer.is_none_or(|own| *own == request.bond.issuer);
        let Some(request) = request.filter(own) else {
            let reason = Refusal::NotAwaited { kid: kid.clone() };
            return Ok(refused(Some(kid), reason));
        };
        let directory = self.newest().await?;
        let outcome = match self.check_signature(&request, &cms, &directory) {
            Err(reason) => SignatureOutcome::Refused(reason),
            Ok(()) => self.take_signature(&request, cms, dry_run).await?,
        };
        Ok(Submitted {
            kid: Some(kid),
            bond: Some(request.bond),
            role: Some(request.role),
            outcome,
        })
    }

    /// What a block says it signs, not verified yet.
    fn claimed(&self, block: &[u8]) -> Result<(Vec<u8>, Statement), Refusal> {
        let cms = armor::block(block).map_err(|reason| match reason {
            Refusal::NotCms => Refusal::NotAKeyStatement,
            several => several,
        })?;
        if cms.len() > LONGEST_SIGNATURE {
            return Err(Refusal::NotAKeyStatement);
        }
        let content = self.reader.verifier.claimed_content(&cms);
        let content = content.ok_or(Refusal::NotAKeyStatement)?;
        let statement = Statement::read(&content).map_err(|_| Refusal::NotAKeyStatement)?;
        Ok((cms, statement))
    }

    /// The signature must be made with a certificate of the bond's own issuer, over exactly the bytes
    /// that wait.
    fn check_signature(
        &self,
        request: &SigningRequest,
        cms: &[u8],
        directory: &Directory,
    ) -> Result<(), Refusal> {
        let pinned = pinned_of(directory, &request.bond.issuer);
        let verified = self.reader.verifier.verify(cms, &pinned, self.clock.now());
        let verified = verified.map_err(|rejection| Refusal::SignatureRejected {
            cause: rejection.to_string(),
        })?;
        if verified.content == request.statement {
            Ok(())
        } else {
            Err(Refusal::OtherStatementSigned)
        }
    }

    async fn take_signature(
        &self,
        request: &SigningRequest,
        cms: Vec<u8>,
        dry_run: bool,
    ) -> Result<SignatureOutcome, DeskError> {
        match request.state {
            RequestState::Overtaken => return Ok(SignatureOutcome::Overtaken),
            RequestState::Signed | RequestState::Issued => return Ok(SignatureOutcome::Duplicate),
            RequestState::Waiting if dry_run => return Ok(SignatureOutcome::Fits),
            RequestState::Waiting => {}
        }
        let act = json!({"act": "sign_key", "kid": request.kid, "signature": hex_digest(&cms)});
        let fact = BondFact::KeySigned {
            role: request.role,
            edition: request.edition,
        };
        let signature = RequestSignature {
            kid: request.kid.clone(),
            cms,
        };
        let brought = Brought {
            signature: Some(signature),
            ..Brought::default()
        };
        self.act_with(&request.bond, &act, vec![fact], brought)
            .await?;
        let now = self.store.request(&request.kid).await?;
        let state = now.map_or(RequestState::Overtaken, |request| request.state);
        Ok(SignatureOutcome::of(state))
    }
}

/// The certificates that are pinned for an issuer.
pub(super) fn pinned_of<'a>(
    directory: &'a Directory,
    issuer: &PartyCode,
) -> Vec<PinnedCertificate<'a>> {
    let own = directory.pinned.iter().filter(|one| one.party == *issuer);
    own.map(read::pinned).collect()
}

fn refused(kid: Option<String>, reason: Refusal) -> Submitted {
    Submitted {
        kid,
        bond: None,
        role: None,
        outcome: SignatureOutcome::Refused(reason),
    }
}
