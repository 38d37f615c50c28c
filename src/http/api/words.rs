//! The core's words as they stand in requests and answers, with schemas that list them.

use std::borrow::Cow;

use bondhub_core::{
    account,
    bond::{BondKind, BondState},
    party::{Language, Role},
    ports::store::{BalanceBy, Channel, EventState, OutboxState},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error as _};

/// Declares a word of the core that may be asked with.
macro_rules! words {
    ($($(#[$doc:meta])+ $name:ident = $core:ty: $all:expr;)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy)]
        pub(super) struct $name(pub(super) $core);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let words: Vec<&str> = $all.iter().map(|word| word.as_str()).collect();
                json_schema!({"type": "string", "enum": words})
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                let words = || {
                    let all: Vec<&str> = $all.iter().map(|word| word.as_str()).collect();
                    D::Error::custom(format!("`{text}` is none of {}", all.join(", ")))
                };
                let found = $all.iter().copied().find(|word| word.as_str() == text);
                found.map(Self).ok_or_else(words)
            }
        }
    )+};
}

words! {
    /// Where a bond is in its life.
    BondStateWord = BondState: BondState::ALL;
    /// What a bond guarantees.
    BondKindWord = BondKind: BondKind::ALL;
    /// What became of an event.
    EventStateWord = EventState: EventState::ALL;
    /// How far a mail or own event got.
    OutboxStateWord = OutboxState: OutboxState::ALL;
    /// Which way out of the hub.
    ChannelWord = Channel: [Channel::Mail, Channel::Event];
    /// How balances are added up.
    BalanceByWord = BalanceBy: BalanceBy::ALL;
    /// What an account is there for.
    AccountRoleWord = account::Role: account::Role::ALL;
    /// What an account may do: a token's scope.
    PermissionWord = account::Permission: account::Permission::ALL;
    /// A language.
    LanguageWord = Language: [Language::Ja, Language::En];
    /// What a party does in a procurement.
    RoleWord = Role: [Role::Issuer, Role::Contractor, Role::Owner];
}

/// An identifier: a party's code, a bond's number, a procurement's id.
pub(super) struct Code;

impl JsonSchema for Code {
    fn schema_name() -> Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": 200})
    }
}

/// A bond: `ISSUER/NUMBER`.
pub(super) struct BondCode;

impl JsonSchema for BondCode {
    fn schema_name() -> Cow<'static, str> {
        "BondCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "description": "ISSUER/NUMBER", "examples": ["SURETY1/B-2026-0042"]})
    }
}
