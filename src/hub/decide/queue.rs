//! The signing queue in a batch: what waits, what was signed, what leaves it (R12).

use bondhub_core::{
    identifier::ProcurementId,
    ports::store::{ClosedRequest, KeyName, RequestSignature, RequestState, SigningRequest},
    reconcile::{Collector, Effect},
};

use super::{Draft, Order};

/// What somebody at the desk brings along with an act.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// A holder who is there to take a key.
    pub collector: Option<Collector>,
    /// A signature, verified, for a key that waits for it.
    pub signature: Option<RequestSignature>,
}

/// Marks what an effect takes out of the queue; asked before the effect is carried out.
pub(super) fn overtake(draft: &mut Draft<'_>, procurement: &ProcurementId, effect: &Effect) {
    let Effect::EndKeys {
        bond,
        role,
        edition,
        ..
    } = effect
    else {
        return;
    };
    let case = draft.cases.get(procurement);
    let record = case.and_then(|case| case.file.carried.bonds.get(bond));
    let asked = record.into_iter().flat_map(|record| &record.asked);
    let ended = asked.filter(|(holder, key)| {
        key.edition <= *edition && role.is_none_or(|role| role == **holder)
    });
    let closed: Vec<ClosedRequest> = ended
        .map(|(role, key)| ClosedRequest {
            name: KeyName {
                bond: bond.clone(),
                role: *role,
                edition: key.edition,
            },
            state: RequestState::Overtaken,
        })
        .collect();
    draft.commit.closed_requests.extend(closed);
}

impl Draft<'_> {
    /// A signature that was brought and is news is kept: the key may be issued at once, or must wait
    /// for its holder.
    pub(super) fn take_signature(&mut self) {
        let brought = self.brought.as_ref();
        let Some(signature) = brought.and_then(|brought| brought.signature.clone()) else {
            return;
        };
        let mut queue = self.queue.iter_mut();
        if let Some(request) = queue.find(|request| request.kid == signature.kid) {
            request.signature = Some(signature.cms.clone());
        }
        self.commit.signatures.push(signature);
    }

    /// The key of the queue with this name.
    pub(super) fn requested(&self, name: &KeyName) -> Option<SigningRequest> {
        let mut queue = self.queue.iter();
        queue.find(|request| request.name() == *name).cloned()
    }

    /// Keys that are issued out of the queue leave it.
    pub(super) fn close_issued(&mut self) {
        let issued = self.jobs.iter().filter_map(|job| match &job.order {
            Order::Key(key) => key.request.as_ref().map(SigningRequest::name),
            _ => None,
        });
        let closed = issued.map(|name| ClosedRequest {
            name,
            state: RequestState::Issued,
        });
        self.commit.closed_requests.extend(closed);
    }
}
