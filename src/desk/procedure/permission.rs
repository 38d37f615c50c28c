//! Who may report what (R8): those who run the hub anything, a party what is its own to say.

use std::collections::BTreeSet;

use bondhub_core::{
    account::{Permission, SignedInBy, Viewer},
    identifier::{BondId, PartyCode, ProcurementId},
    matching::Found,
    procurement::Scope,
    view,
};
use serde_json::Value;

use super::{Deed, Happening, Rehearsal, Step, rehearsal::Sight};
use crate::desk::{Desk, DeskError, MatchSeen, Refusal, my_bonds::is_open};

impl Desk {
    /// Does what somebody who is signed in reports, if it is for that party to say. It is told as said by that account,
    /// whatever name the deed gives; nobody is a second person at the command line without an account, or with the shared token.
    pub async fn deed_of(&self, viewer: &Viewer, deed: &Deed) -> Result<super::Taken, DeskError> {
        let deed = Deed {
            by: viewer.account.to_string(),
            ..deed.clone()
        };
        self.may_report(viewer, &deed).await?;
        if deed.what.needs_second_person() {
            is_somebody(viewer)?;
        }
        self.perform_deed(&deed).await
    }

    /// What a deed of somebody who is signed in would lead to, as far as it is theirs to know: of bonds before their opening
    /// nothing is told, not even whether there are any (R21).
    pub async fn rehearse_of(&self, viewer: &Viewer, deed: &Deed) -> Result<Rehearsal, DeskError> {
        self.may_report(viewer, deed).await?;
        let whole = self.rehearse(deed).await?;
        Ok(whole.seen(&self.sight(viewer, deed).await?))
    }

    /// Whoever runs the hub and acts for an owner may know what that owner may.
    async fn sight(&self, viewer: &Viewer, deed: &Deed) -> Result<Sight, DeskError> {
        let file = self.store.case(&deed.procurement).await?;
        let file = file.map(|case| case.file);
        let owner = file.as_ref().and_then(|file| file.owner.as_ref());
        let owner = owner
            .map(|owner| owner.value.clone())
            .or_else(|| announced(deed));
        let party = viewer.party.clone().or_else(|| owner.clone());
        let bonds = match &party {
            Some(party) => self.known_bonds(party, &deed.procurement).await?,
            None => BTreeSet::new(),
        };
        let now = self.clock.now();
        let opened = file.is_some_and(|file| view::is_opened(&file, &Scope::Tender, now));
        Ok(Sight {
            is_owner: party.is_some() && party == owner,
            party,
            bonds,
            embargoed: !opened,
        })
    }

    /// Refuses a deed that is not for the viewer to report: an owner speaks of its own cases, a contractor of its own
    /// bid; operators report whatever reached them on paper.
    pub async fn may_report(&self, viewer: &Viewer, deed: &Deed) -> Result<(), DeskError> {
        let Some(party) = &viewer.party else {
            return allowed(
                viewer.may(Permission::Operate),
                Refusal::OnlyOperatorsReport,
            );
        };
        let own = match &deed.what {
            Happening::Step(Step::BidSubmitted, data) => {
                named(data, "contractor") == Some(party.as_str())
            }
            Happening::Step(Step::TenderAnnounced, data) => {
                named(data, "owner") == Some(party.as_str()) && self.owns(party, deed).await?
            }
            Happening::Waived(bond, _) => {
                self.may_see(viewer, bond).await?;
                self.is_owner(party, deed).await?
            }
            Happening::Step(..) | Happening::OpeningConfirmed(..) | Happening::OwnRules(_) => {
                self.is_owner(party, deed).await?
            }
        };
        let may = own && viewer.may(Permission::ActForParty);
        allowed(may, Refusal::OnlyTheOwnerReports)
    }

    /// The waiver of a finding by somebody who is signed in: the case's owner, or an operator for it, once the bond's content
    /// may be seen. Before, whether there is such a finding is nobody's to know (R21).
    pub async fn waiver_of(
        &self,
        viewer: &Viewer,
        bond: &BondId,
        finding: &str,
        reason: &str,
    ) -> Result<Deed, DeskError> {
        self.may_see(viewer, bond).await?;
        let by = viewer.account.as_str();
        let deed = self.waiver(bond, finding, reason, by).await?;
        self.may_report(viewer, &deed).await?;
        Ok(deed)
    }

    /// A finding that the viewer may waive now, and the case it is found in.
    pub async fn waivable(
        &self,
        viewer: &Viewer,
        bond: &BondId,
        finding: &str,
    ) -> Result<(Found, ProcurementId), DeskError> {
        // What would be done is what is asked about: the same refusals.
        let deed = self.waiver_of(viewer, bond, finding, "-").await?;
        let case = self.case(&deed.procurement).await?;
        let seen = MatchSeen::of(&case.file, bond);
        let mut findings = seen.into_iter().flat_map(|seen| seen.result.findings);
        let found = findings.find(|found| found.finding.what.code() == finding);
        let unknown = || DeskError::NotFound(format!("a finding `{finding}` of bond {bond}"));
        Ok((found.ok_or_else(unknown)?, deed.procurement))
    }

    /// Refuses whoever may not see a bond's content, as if there were no such bond.
    async fn may_see(&self, viewer: &Viewer, bond: &BondId) -> Result<(), DeskError> {
        if viewer.party.is_some() {
            return self.my_bond(viewer, bond).await.map(drop);
        }
        let unknown = || DeskError::NotFound(format!("bond {bond}"));
        let row = self.store.bond(bond).await?.ok_or_else(unknown)?.bond;
        let case = self.store.case(&row.terms.procurement).await?;
        let file = case.as_ref().map(|case| &case.file);
        if is_open(&row, file, self.clock.now()) {
            return Ok(());
        }
        Err(unknown())
    }

    /// The case is known as this owner's.
    async fn is_owner(&self, party: &PartyCode, deed: &Deed) -> Result<bool, DeskError> {
        let case = self.store.case(&deed.procurement).await?;
        let owner = case.and_then(|case| case.file.owner);
        Ok(owner.is_some_and(|owner| owner.value == *party))
    }

    /// The case is not known as another owner's.
    async fn owns(&self, party: &PartyCode, deed: &Deed) -> Result<bool, DeskError> {
        let case = self.store.case(&deed.procurement).await?;
        let owner = case.and_then(|case| case.file.owner);
        Ok(owner.is_none_or(|owner| owner.value == *party))
    }
}

/// A second person has an account of its own: neither a name that is said at the command line nor a token that several have is
/// anybody's word.
fn is_somebody(viewer: &Viewer) -> Result<(), DeskError> {
    match viewer.signed_in_by {
        SignedInBy::CommandLine => Err(Refusal::SecondPerson.into()),
        SignedInBy::SharedToken => Err(Refusal::SharedToken.into()),
        SignedInBy::Token | SignedInBy::Password | SignedInBy::Passkey => Ok(()),
    }
}

/// Whose tender is announced with a deed.
fn announced(deed: &Deed) -> Option<PartyCode> {
    match &deed.what {
        Happening::Step(Step::TenderAnnounced, data) => {
            PartyCode::parse(named(data, "owner")?).ok()
        }
        Happening::Step(..)
        | Happening::OpeningConfirmed(..)
        | Happening::OwnRules(_)
        | Happening::Waived(..) => None,
    }
}

fn named<'a>(data: &'a Value, member: &str) -> Option<&'a str> {
    data.get(member).and_then(Value::as_str)
}

fn allowed(may: bool, why_not: Refusal) -> Result<(), DeskError> {
    if may { Ok(()) } else { Err(why_not.into()) }
}
