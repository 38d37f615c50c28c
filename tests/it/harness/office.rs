//! Accounts of the people in the stories.

use bondhub::desk::{Invitation, NewAccount};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role, SignedInBy},
    audit::{Act, Actor, AuditEntry},
    identifier::PartyCode,
    party::Language,
    ports::store::SessionRow,
};
use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

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
    /// Makes a clerk of a party who signed in just now, by this cookie: what is dangerous asks for that.
    pub(crate) async fn let_in(&self, name: &str, party: &str, cookie: &str) {
        self.invite(name, Some(party), Role::Clerk).await;
        let now = self.now();
        let mut digest = Sha256::new();
        digest.update("bondhub-id-v1");
        digest.update([0]);
        digest.update(cookie);
        let session = SessionRow {
            digest: digest.finalize().to_vec(),
            account: AccountName::parse(name).unwrap(),
            signed_in_by: SignedInBy::Password,
            created_at: now,
            last_seen_at: now,
            expires_at: now + TimeDelta::hours(8),
            address: None,
            agent: None,
        };
        let told = AuditEntry::new(now, Actor::Hub, Act::SignedIn, "account:x");
        let store = self.store();
        store.add_session(&session, None, &told).await.unwrap();
    }
}
