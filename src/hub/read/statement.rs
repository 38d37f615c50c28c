//! What a signed statement teaches.

use std::sync::Arc;

use bondhub_core::{
    attachment::{Attachment, Enclosed},
    bond::BondTerms,
    document::{Act, Statement},
    event::{EventIdentity, Stamp},
    identifier::{BondId, ProcurementId},
    ports::{
        signing::Revocation,
        store::{EventRow, InstructionRow},
    },
    procurement::{BondFact, Fact, Lesson},
    rules::StandingInstruction,
};

use super::Content;
use crate::vault::SignedDocument;

/// What came with a statement, verified.
pub(super) struct Signed {
    pub(super) cms: Arc<Vec<u8>>,
    pub(super) attachments: Enclosed,
    /// Fingerprint of the certificate that signed.
    pub(super) signer: String,
    pub(super) revocation: Revocation,
}

/// The content of the event that a verified statement is; its row gets the identity of the document.
pub(super) fn content(statement: &Statement, signed: Signed, row: &mut EventRow) -> Content {
    let identity = identity(&row.digest);
    row.id = EventRow::key(&identity, "");
    let stamp = Stamp {
        time: statement.signed_at,
        sequence: 0,
        event: identity,
    };
    let mut document = Box::new(SignedDocument {
        digest: row.digest.clone(),
        issuer: statement.issuer.clone(),
        bond: None,
        kind: kind_of(&statement.act).to_owned(),
        signed_at: statement.signed_at,
        signer: signed.signer,
        revocation: signed.revocation,
        cms: signed.cms,
        attachments: Arc::new(signed.attachments),
    });
    match bond_fact(&statement.act) {
        BondAct::Instruction(instruction) => {
            let row = InstructionRow {
                issuer: statement.issuer.clone(),
                instruction: StandingInstruction {
                    signed_at: Some(statement.signed_at),
                    ..instruction
                },
                document: row.digest.clone(),
            };
            Content::Instruction(row, document)
        }
        BondAct::Bond {
            number,
            procurement,
            fact,
        } => {
            let bond = BondId::new(statement.issuer.clone(), number);
            row.subject = Some(procurement.clone());
            let facts = facts_of(&bond, *fact);
            document.bond = Some(bond);
            Content::Facts {
                procurement,
                lesson: Lesson { stamp, facts },
                document: Some(document),
            }
        }
    }
}

/// What a signed document is known by: its content, however often and by whatever way it comes.
pub(super) fn identity(digest: &str) -> EventIdentity {
    EventIdentity {
        source: "document".into(),
        id: digest.to_owned(),
    }
}

/// The attachments a statement binds.
pub(super) fn attachments_of(act: &Act) -> &[Attachment] {
    match act {
        Act::Registration { bond, .. } | Act::Update { bond, .. } => &bond.attachments,
        Act::Deletion { .. } | Act::ReleaseConsent { .. } | Act::StandingInstruction { .. } => &[],
    }
}

fn kind_of(act: &Act) -> &'static str {
    match act {
        Act::Registration { .. } => "registration",
        Act::Update { .. } => "update",
        Act::Deletion { .. } => "deletion",
        Act::ReleaseConsent { .. } => "release_consent",
        Act::StandingInstruction { .. } => "standing_instruction",
    }
}

enum BondAct {
    Instruction(StandingInstruction),
    Bond {
        number: bondhub_core::identifier::BondNumber,
        procurement: ProcurementId,
        fact: Box<BondFact>,
    },
}

fn bond_fact(act: &Act) -> BondAct {
    let about = |number: &_, procurement: &ProcurementId, fact| BondAct::Bond {
        number: Clone::clone(number),
        procurement: procurement.clone(),
        fact: Box::new(fact),
    };
    let with = |number, bond: &BondTerms, fact: fn(BondTerms) -> BondFact| {
        about(number, &bond.procurement, fact(bond.clone()))
    };
    match act {
        Act::Registration { number, bond } => with(number, bond, BondFact::Registered),
        Act::Update { number, bond } => with(number, bond, BondFact::Updated),
        Act::Deletion {
            number,
            procurement,
            ..
        } => about(number, procurement, BondFact::Deleted),
        Act::ReleaseConsent {
            number,
            procurement,
            outcome,
        } => about(number, procurement, BondFact::Settled(*outcome)),
        Act::StandingInstruction { instruction } => BondAct::Instruction(instruction.clone()),
    }
}

fn facts_of(bond: &BondId, fact: BondFact) -> Vec<Fact> {
    vec![Fact::Bond {
        bond: bond.clone(),
        fact,
    }]
}
