//! Accounts of the people in the stories.

use bondhub::desk::{Invitation, NewAccount};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role},
    identifier::PartyCode,
    party::Language,
};

use super::world::World;

impl World {
    /// Makes an account of a party, or of who runs the hub.
    pub(crate) async fn invite(&self, name: &str, party: Option<&str>, role: Role) -> Invitation {
        let new = NewAccount {
            name: AccountName::parse(name).unwrap(),
            party: party.map(|code| PartyCode::parse(code).unwrap()),
            roles: [role].into(),
            language: Language::En,
            zone: DEFAULT_ZONE.to_owned(),
        };
        self.desk.add_account(new).await.unwrap()
    }
}
