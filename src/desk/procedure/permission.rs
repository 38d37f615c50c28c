//! Who may report what (R8): those who run the hub anything, a party what is its own to say.

use bondhub_core::{
    account::{Permission, Viewer},
    identifier::PartyCode,
};
use serde_json::Value;

use super::{Deed, Happening, Step};
use crate::desk::{Desk, DeskError};

impl Desk {
    /// Does what somebody who is signed in reports, if it is for that party to say.
    pub async fn deed_of(&self, viewer: &Viewer, deed: &Deed) -> Result<super::Taken, DeskError> {
        self.may_report(viewer, deed).await?;
        self.deed(deed).await
    }

    /// Refuses a deed that is not for the viewer to report: an owner speaks of its own cases, a contractor of its own
    /// bid; operators report whatever reached them on paper.
    pub async fn may_report(&self, viewer: &Viewer, deed: &Deed) -> Result<(), DeskError> {
        let Some(party) = &viewer.party else {
            return allowed(
                viewer.may(Permission::Operate),
                "only operators report for others",
            );
        };
        let own = match &deed.what {
            Happening::Step(Step::BidSubmitted, data) => {
                named(data, "contractor") == Some(party.as_str())
            }
            Happening::Step(Step::TenderAnnounced, data) => {
                named(data, "owner") == Some(party.as_str()) && self.owns(party, deed).await?
            }
            Happening::Step(..)
            | Happening::OpeningConfirmed(..)
            | Happening::OwnRules(_)
            | Happening::Waived(..) => self.is_owner(party, deed).await?,
        };
        let may = own && viewer.may(Permission::ActForParty);
        allowed(may, "this is for the owner of the case to report")
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

fn named<'a>(data: &'a Value, member: &str) -> Option<&'a str> {
    data.get(member).and_then(Value::as_str)
}

fn allowed(may: bool, why_not: &str) -> Result<(), DeskError> {
    if may {
        Ok(())
    } else {
        Err(DeskError::Refused(why_not.to_owned()))
    }
}
