//! Acts: signed documents, handing over, revoking keys, looking.

use bondhub_core::{
    attachment::Enclosed,
    audit::Actor,
    document::Statement,
    event::{EventIdentity, Stamp, hex_digest},
    identifier::BondId,
    matching::Finding,
    party::Role,
    ports::store::{EventRow, EventState, KeyRow},
    procurement::{BondFact, Fact, Lesson},
};
use serde_json::{Value, json};

use super::{Desk, DeskError, Refusal, Taken, armor};
use crate::{
    hub::{
        decide::{Brought, Outcome, Work},
        prepare::HandedKey,
        read::{Content, Incoming},
    },
    vault::Presented,
};

/// A bond that was handed over (R14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOver {
    /// What became of the act.
    pub taken: Taken,
    /// What does not match its case.
    pub findings: Vec<Finding>,
}

impl Desk {
    /// Takes a document an issuer signed (CMS, DER or PEM): registration, update, deletion, standing
    /// instruction, consent (R5).
    pub async fn document(&self, bytes: &[u8]) -> Result<Taken, DeskError> {
        self.document_with(bytes, Enclosed::default()).await
    }

    /// Takes a signed document with the attachments it binds: none missing, none extra.
    pub async fn document_with(
        &self,
        bytes: &[u8],
        attachments: Enclosed,
    ) -> Result<Taken, DeskError> {
        let cms = armor::block(bytes)?;
        let (directory, now) = (self.directory().await?, self.clock.now());
        self.perform(self.reader.handed_over(&cms, attachments, &directory, now))
            .await
    }

    /// What a document says, before anything of it is verified.
    pub fn claimed_statement(&self, bytes: &[u8]) -> Option<Statement> {
        let cms = armor::block(bytes).ok()?;
        let content = self.reader.verifier.claimed_content(&cms)?;
        Statement::read(&content).ok()
    }

    /// Does one event at once. A refused one is not kept: whoever sent it is told now.
    pub(super) async fn perform(&self, event: Incoming) -> Result<Taken, DeskError> {
        let done = self.perform_with(event, None).await;
        done.map(|(taken, _)| taken)
    }

    /// Does one event at once, with what whoever acts brings along; hands out what goes by hand.
    async fn perform_with(
        &self,
        mut event: Incoming,
        brought: Option<Brought>,
    ) -> Result<(Taken, Vec<HandedKey>), DeskError> {
        event.actor.get_or_insert_with(|| self.actor.clone());
        if let Content::Refused(rejection) = &event.content {
            let taken = self.taken_before(&event).await?;
            return taken
                .map(|taken| (taken, Vec::new()))
                .ok_or_else(|| DeskError::Rejected(rejection.clone()));
        }
        let id = event.row.id;
        let work = match brought {
            Some(brought) => Work::Act(Box::new(event), Box::new(brought)),
            None => Work::Event(Box::new(event)),
        };
        let (outcome, keys) = self.bench.perform_by_hand(work).await?;
        let state = match outcome {
            Outcome::Taken(EventState::SetAside) => return Err(self.why_set_aside(id).await?),
            Outcome::Taken(state) => Some(state),
            Outcome::Duplicate | Outcome::Reconciled => None,
        };
        Ok((Taken { id, state }, keys))
    }

    /// A document that was taken before its signer's certificate was revoked, and comes again: nothing is done.
    async fn taken_before(&self, event: &Incoming) -> Result<Option<Taken>, DeskError> {
        let Some(before) = &event.before else {
            return Ok(None);
        };
        let row = self.store.event(before.id).await?;
        let row = row.filter(|row| row.state != EventState::SetAside);
        Ok(row.map(|row| Taken {
            id: row.id,
            state: None,
        }))
    }

    async fn why_set_aside(&self, id: uuid::Uuid) -> Result<DeskError, DeskError> {
        let row = self.store.event(id).await?;
        let rejection = row.and_then(|row| row.rejection);
        Ok(rejection.map_or_else(|| Refusal::OtherContent.into(), DeskError::Rejected))
    }

    /// The contractor hands its bond to the owner with its own key (R14).
    pub async fn hand_over(&self, file: &[u8]) -> Result<HandedOver, DeskError> {
        self.hand_over_with(&Presented::file(file)).await
    }

    /// The same with a key however it is presented.
    ///
    /// A bond that does not match its case is handed over all the same, and the contractor told: whether a bond is
    /// good enough is the owner's to say, and a bid that is not handed in is lost (docs/rules.md).
    pub async fn hand_over_with(&self, presented: &Presented<'_>) -> Result<HandedOver, DeskError> {
        let look = self.look(presented).await?;
        if look.role != Role::Contractor {
            return Err(Refusal::NotTheContractorsKey { role: look.role }.into());
        }
        let act = json!({"act": "hand_over", "kid": look.kid});
        let holder = self.as_holder(&look.kid).await?;
        let taken = holder.act(&look.bond, &act, BondFact::HandedOver).await?;
        let findings = self.open_findings(&look.bond).await?;
        Ok(HandedOver { taken, findings })
    }

    /// What the match of a bond with its case finds and nobody waived (R7): for its issuer and contractor.
    pub async fn open_findings(&self, bond: &BondId) -> Result<Vec<Finding>, DeskError> {
        let view = self.store.bond(bond).await?;
        let view = view.ok_or_else(|| DeskError::NotFound(format!("bond {bond}")))?;
        let case = self.store.case(&view.bond.terms.procurement).await?;
        let record = case.and_then(|mut case| case.file.carried.bonds.remove(bond));
        let result = record.and_then(|record| record.matched);
        Ok(result.map_or_else(Vec::new, |result| result.open().cloned().collect()))
    }

    /// An operator revokes the keys of one role (R11).
    pub async fn revoke_keys(
        &self,
        bond: &BondId,
        role: Role,
        reissue: bool,
        reason: &str,
    ) -> Result<Taken, DeskError> {
        let now = self.clock.now();
        let act = json!({"act": "revoke_keys", "role": role, "reissue": reissue, "reason": reason, "at": now});
        self.act(
            bond,
            &act,
            BondFact::KeysRevoked {
                role,
                reissue,
                reason: reason.to_owned(),
            },
        )
        .await
    }

    /// An owner agrees that an issuer deletes a bond the owner holds a key to (E25).
    pub async fn consent(&self, file: &[u8]) -> Result<Taken, DeskError> {
        self.consent_with(&Presented::file(file)).await
    }

    /// The same with a key however it is presented.
    pub async fn consent_with(&self, presented: &Presented<'_>) -> Result<Taken, DeskError> {
        let look = self.look(presented).await?;
        if look.role != Role::Owner {
            return Err(Refusal::NotTheOwnersKey { role: look.role }.into());
        }
        let act = json!({"act": "owner_consents", "at": self.clock.now()});
        let holder = self.as_holder(&look.kid).await?;
        holder.act(&look.bond, &act, BondFact::OwnerConsents).await
    }

    /// The desk for whoever holds this key.
    async fn as_holder(&self, kid: &str) -> Result<Self, DeskError> {
        let view = self.store.key(kid).await?;
        let key = view.ok_or_else(|| DeskError::NotFound(format!("key {kid}")))?;
        let KeyRow { holder, role, .. } = key.key;
        Ok(self.by(Actor::KeyHolder(holder, role, kid.to_owned())))
    }

    async fn act(&self, bond: &BondId, act: &Value, fact: BondFact) -> Result<Taken, DeskError> {
        let brought = Brought::default();
        let (taken, _) = self.act_with(bond, act, vec![fact], brought).await?;
        Ok(taken)
    }

    /// An act about a bond: what it teaches, and what whoever acts brings along.
    pub(super) async fn act_with(
        &self,
        bond: &BondId,
        act: &Value,
        facts: Vec<BondFact>,
        brought: Brought,
    ) -> Result<(Taken, Vec<HandedKey>), DeskError> {
        let view = self.store.bond(bond).await?;
        let view = view.ok_or_else(|| DeskError::NotFound(format!("bond {bond}")))?;
        let now = self.clock.now();
        let data = json!({"bond": bond, "act": act});
        let body = serde_json::to_vec(&data).unwrap_or_default();
        let digest = hex_digest(&body);
        let identity = EventIdentity {
            source: "act".to_owned(),
            id: digest.clone(),
        };
        let procurement = view.bond.terms.procurement;
        let row = EventRow {
            id: EventRow::key(&identity, ""),
            identity: identity.clone(),
            kind: "act".to_owned(),
            subject: Some(procurement.clone()),
            time: now,
            digest,
            state: EventState::Applied,
            rejection: None,
            waits_for: None,
            body,
            sealed: false,
            content_type: None,
            received_at: now,
        };
        let about = |fact| Fact::Bond {
            bond: bond.clone(),
            fact,
        };
        let lesson = Lesson {
            stamp: Stamp {
                time: now,
                sequence: 0,
                event: identity,
            },
            facts: facts.into_iter().map(about).collect(),
        };
        let event = Incoming {
            row,
            content: Content::Facts {
                procurement,
                lesson,
                document: None,
            },
            actor: None,
            before: None,
        };
        self.perform_with(event, Some(brought)).await
    }
}
