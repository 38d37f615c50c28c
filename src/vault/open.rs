//! Looking at a bond with its key (R20, R21).

use bondhub_core::{
    bond::{BondKind, BondTerms},
    calendar::Timestamp,
    identifier::{BondId, ProcurementId},
    key::{KeyFile, KeyFileError},
    party::Role,
    ports::store::{BondView, KeyState, KeyView, Store, StoreError},
    procurement::CaseFile,
};

use super::Pepper;

/// What a look shows, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Which bond.
    pub bond: BondId,
    /// The holder's role.
    pub role: Role,
    /// What it may see now.
    pub shown: Shown,
}

/// What may be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Before the opening: that there is a bond for this case and contractor, and nothing else.
    Existence {
        /// The case.
        procurement: ProcurementId,
        /// The contractor.
        principal: bondhub_core::identifier::PartyCode,
        /// The kind of bond.
        kind: BondKind,
        /// From when on it can be seen in full; none while no opening time is known.
        opening_at: Option<Timestamp>,
    },
    /// Everything.
    Content(Box<BondView>),
}

/// Why a key opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum OpenRefusal {
    /// The file is damaged.
    #[error("the key file cannot be used: {0}")]
    File(#[from] KeyFileError),
    /// There is no such key, or its secret is another one: the two are not told apart.
    #[error("this key opens nothing")]
    Unknown,
    /// The key was good once; told only to whoever has its secret (R11).
    #[error("this key was revoked at {at}: {reason}")]
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens a bond with a key file at `now`.
pub async fn open(
    store: &dyn Store,
    pepper: &Pepper,
    file: &[u8],
    now: Timestamp,
) -> Result<Look, OpenRefusal> {
    let file = KeyFile::parse(file)?;
    let (kid, secret) = (file.token.kid(), file.token.secret());
    let found = store.key(kid.as_str()).await?;
    // An unknown key costs the same digest as a known one.
    let stored = found
        .as_ref()
        .map_or(&[0; 32][..], |found| &found.key.digest);
    let matches = pepper.matches(kid, secret, stored);
    let KeyView { key, state } = found.filter(|_| matches).ok_or(OpenRefusal::Unknown)?;
    if let KeyState::Ended { at, reason } = state {
        return Err(OpenRefusal::Revoked { at, reason });
    }
    let view = store.bond(&key.bond).await?.ok_or(OpenRefusal::Unknown)?;
    let case = store.case(&view.bond.terms.procurement).await?;
    let shown = shown(key.role, view, case.as_ref().map(|case| &case.file), now);
    Ok(Look {
        bond: key.bond,
        role: key.role,
        shown,
    })
}

fn shown(role: Role, view: BondView, case: Option<&CaseFile>, now: Timestamp) -> Shown {
    let terms = &view.bond.terms;
    if role != Role::Owner || !terms.kind.is_bid_stage() {
        return Shown::Content(Box::new(view));
    }
    let opening_at = opening_of(terms, case);
    if opening_at.is_some_and(|opening| opening <= now) {
        return Shown::Content(Box::new(view));
    }
    Shown::Existence {
        procurement: terms.procurement.clone(),
        principal: terms.principal.clone(),
        kind: terms.kind,
        opening_at,
    }
}

/// The opening that governs a bond: the latest of its scopes; where the case's and the bond's own
/// differ, the later one (R8).
fn opening_of(terms: &BondTerms, case: Option<&CaseFile>) -> Option<Timestamp> {
    let scopes = case
        .map(|case| case.scopes_of(terms.lot.as_ref()))
        .unwrap_or_default();
    let announced = scopes.iter().filter_map(|scope| case?.opening(scope)).max();
    announced.max(terms.opening_at)
}
