//! Keys without mail (R11, R14): the person entitled takes a key with its own hands.

use bondhub_core::{
    account::Viewer,
    identifier::{BondId, PartyCode},
    inquiry::may_take_key,
    key::KeyFile,
    party::Role,
    ports::store::{CaseView, RequestState, SigningRequest},
    procurement::BondFact,
    reconcile::{Collector, entitled},
};
use serde_json::json;
use std::sync::Arc;

use super::{Desk, DeskError, Refusal, signing::pinned_of};
use crate::hub::{decide::Brought, directory::Directory, prepare::HandedKey};

/// What comes of asking for a key by hand.
pub enum ByHand {
    /// Here it is. The hub keeps nothing that opens the bond; the key before it is dead.
    Issued {
        /// The key.
        key: HandedKey,
        /// The certificate that signed it, DER: with it the key can be checked offline.
        certificate: Option<Vec<u8>>,
    },
    /// The issuer signs at its own desk and has not signed yet; ask again when it has.
    WaitsForSignature {
        /// Who must sign.
        issuer: PartyCode,
    },
}

impl Desk {
    /// Issues a role's key into the hands of whoever is entitled to it, in place of the one before (R14).
    ///
    /// The role's earlier key dies in the same commit. Where the issuer signs at its own desk the new
    /// key is asked for first; asking again takes it once it is signed. Whoever takes it must be of its holder, or an
    /// operator.
    pub async fn issue_by_hand(
        &self,
        viewer: &Viewer,
        bond: &BondId,
        role: Role,
    ) -> Result<ByHand, DeskError> {
        let directory = self.newest().await?;
        let case = self.case_of(bond).await?;
        self.check_entitled(viewer, &case, &directory, bond, role)?;
        match self.pending_by_hand(&case, bond, role).await? {
            None => self.take_by_hand(bond, role).await,
            Some(request) if request.state == RequestState::Signed => {
                self.collect(&request, role).await
            }
            Some(request) => Ok(ByHand::WaitsForSignature {
                issuer: request.bond.issuer,
            }),
        }
    }

    /// The newest parties.
    pub(super) async fn newest(&self) -> Result<Arc<Directory>, DeskError> {
        let wanted = bondhub_core::ports::store::Wanted::default();
        let generation = self.store.load(&wanted).await?.generation;
        Ok(self.directories.at_least(generation).await?)
    }

    async fn case_of(&self, bond: &BondId) -> Result<CaseView, DeskError> {
        let unknown = || DeskError::NotFound(format!("bond {bond}"));
        let view = self.store.bond(bond).await?.ok_or_else(unknown)?;
        let case = self.store.case(&view.bond.terms.procurement).await?;
        case.ok_or_else(unknown)
    }

    fn check_entitled(
        &self,
        viewer: &Viewer,
        case: &CaseView,
        directory: &Directory,
        bond: &BondId,
        role: Role,
    ) -> Result<(), DeskError> {
        let rules = &directory.rules;
        let holders = entitled(&case.file, rules, self.clock.now(), bond);
        let Some(holder) = holders.get(&role) else {
            return Err(no_right(case, bond, role).into());
        };
        if !may_take_key(viewer, holder) {
            let bond = bond.clone();
            return Err(Refusal::KeyOfOthers { bond, role }.into());
        }
        if !rules.parties.knows(holder) {
            let party = holder.clone();
            return Err(Refusal::UnknownParty { party }.into());
        }
        Ok(())
    }

    /// The key that was asked for by hand and is not taken yet.
    async fn pending_by_hand(
        &self,
        case: &CaseView,
        bond: &BondId,
        role: Role,
    ) -> Result<Option<SigningRequest>, DeskError> {
        let file = case.file.bonds.get(bond);
        let by_hand = file.and_then(|file| file.by_hand.get(&role));
        let record = case.file.carried.bonds.get(bond);
        let asked = record.and_then(|record| record.asked.get(&role));
        let (Some(by_hand), Some(asked)) = (by_hand, asked) else {
            return Ok(None);
        };
        if asked.after != Some(by_hand.stamp.time) {
            return Ok(None);
        }
        let queue = self.store.requests_of(&case.file.id).await?;
        Ok(queue.into_iter().find(|request| {
            request.bond == *bond && request.role == role && request.edition == asked.edition
        }))
    }

    async fn take_by_hand(&self, bond: &BondId, role: Role) -> Result<ByHand, DeskError> {
        let act = json!({"act": "take_key_by_hand", "role": role, "at": self.clock.now()});
        let fact = BondFact::KeyByHand { role };
        let brought = here(bond, role);
        let (_, keys) = self.act_with(bond, &act, vec![fact], brought).await?;
        self.hand_out(bond, role, keys).await
    }

    async fn collect(&self, request: &SigningRequest, role: Role) -> Result<ByHand, DeskError> {
        let act = json!({"act": "collect_key", "kid": request.kid, "at": self.clock.now()});
        let brought = here(&request.bond, role);
        let (_, keys) = self
            .act_with(&request.bond, &act, Vec::new(), brought)
            .await?;
        self.hand_out(&request.bond, role, keys).await
    }

    async fn hand_out(
        &self,
        bond: &BondId,
        role: Role,
        keys: Vec<HandedKey>,
    ) -> Result<ByHand, DeskError> {
        let Some(key) = keys.into_iter().next() else {
            return self.why_none(bond, role).await;
        };
        let directory = self.newest().await?;
        let certificate = self.signer_of(&key, &directory);
        Ok(ByHand::Issued { key, certificate })
    }

    /// No key came: it was asked for, or what it was to open has changed meanwhile.
    async fn why_none(&self, bond: &BondId, role: Role) -> Result<ByHand, DeskError> {
        let case = self.case_of(bond).await?;
        let record = case.file.carried.bonds.get(bond);
        if record.is_some_and(|record| record.asked.contains_key(&role)) {
            let issuer = bond.issuer.clone();
            return Ok(ByHand::WaitsForSignature { issuer });
        }
        Err(Refusal::BondChanged { bond: bond.clone() }.into())
    }

    /// The certificate that signed a key.
    fn signer_of(&self, key: &HandedKey, directory: &Directory) -> Option<Vec<u8>> {
        let file = KeyFile::parse(&key.file).ok()?;
        let pinned = pinned_of(directory, &key.bond.issuer);
        let verifier = &self.reader.verifier;
        let signed = verifier.verify(&file.cms, &pinned, self.clock.now()).ok()?;
        let certificate = pinned.iter().find(|one| one.fingerprint == signed.signer)?;
        Some(certificate.der.to_vec())
    }
}

fn here(bond: &BondId, role: Role) -> Brought {
    let collector = Collector {
        bond: bond.clone(),
        role,
    };
    Brought {
        collector: Some(collector),
        ..Brought::default()
    }
}

/// Why nobody holds a key in this role.
fn no_right(case: &CaseView, bond: &BondId, role: Role) -> Refusal {
    let record = case.file.carried.bonds.get(bond);
    let file = case.file.bonds.get(bond);
    let withheld = file.and_then(|file| file.revocations.get(&role));
    let state = record.map(|record| record.state);
    let bond = bond.clone();
    match (state, withheld) {
        (Some(state), _) if !state.has_keys() => Refusal::BondWithoutKeys { bond, state },
        (_, Some(revocation)) if !revocation.value.0 => Refusal::KeysWithheld {
            role,
            reason: revocation.value.1.clone(),
        },
        _ if role == Role::Owner => Refusal::NotHandedOver { bond },
        _ => Refusal::NoKeyAs { bond, role },
    }
}
