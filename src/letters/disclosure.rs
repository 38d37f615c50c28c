//! What a letter may tell of a bond (R21): judged once, before any text is written.

use bondhub_core::{
    bond::BondTerms,
    notice::NoticeContent,
    party::Role,
    task::{Subject, TaskKind},
};

use super::Circumstances;

/// How much of a bond a letter shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Disclosure {
    /// That it exists, for this case and contractor.
    Existence,
    /// Everything but the amount.
    NoAmount,
    /// Everything.
    Full,
}

impl Disclosure {
    /// For a letter that is always encrypted to its reader.
    pub(super) fn sealed(terms: &BondTerms, role: Role, case: &Circumstances<'_>) -> Self {
        if !is_embargoed(Some(terms), case) {
            return Self::Full;
        }
        match role {
            Role::Owner => Self::Existence,
            Role::Issuer | Role::Contractor => Self::Full,
        }
    }

    /// For a notice, which goes in plain to a party without a certificate.
    pub(super) fn of_notice(
        terms: Option<&BondTerms>,
        role: Role,
        case: &Circumstances<'_>,
    ) -> Self {
        match role {
            _ if !is_embargoed(terms, case) => Self::Full,
            Role::Owner => Self::Existence,
            Role::Issuer | Role::Contractor => Self::NoAmount,
        }
    }
}

/// Whether the subject of a notice that is about no bond may say what it is about: that a case is
/// named to a party tells, before the opening, that the party takes part.
pub(super) fn may_name_case(content: &NoticeContent, case: &Circumstances<'_>) -> bool {
    let about_contract = match content {
        NoticeContent::TaskOpened { key, .. } => {
            key.kind == TaskKind::CertificateNeeded || matches!(key.subject, Subject::Contract(_))
        }
        _ => false,
    };
    about_contract || case.opening_at.is_some_and(|opening| opening <= case.now)
}

/// A bid-stage bond before the opening; the opening instant itself is no longer before it. A bond
/// of which nothing is known is taken for one.
fn is_embargoed(terms: Option<&BondTerms>, case: &Circumstances<'_>) -> bool {
    let bid_stage = terms.is_none_or(|terms| terms.kind.is_bid_stage());
    bid_stage && case.opening_at.is_none_or(|opening| case.now < opening)
}
