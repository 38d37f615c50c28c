//! The people of the play: an account for each member of the cast and for who runs the hub, told once.

use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role, SignedInBy, Viewer},
    identifier::PartyCode,
    party::Language,
};

use super::{
    cast::{ISSUER, LOSER, OWNER, WINNER},
    narrator::Narrator,
};
use crate::desk::{Desk, NewAccount};

/// Who confirms at the owner what somebody else reported (E2).
pub(super) const CHIEF: &str = "mirai-chief";

/// The owner's second person, signed in.
pub(super) fn chief(language: Language) -> anyhow::Result<Viewer> {
    Ok(Viewer {
        account: AccountName::parse(CHIEF)?,
        party: Some(PartyCode::parse(OWNER)?),
        roles: [Role::Clerk].into(),
        scopes: None,
        language,
        zone: DEFAULT_ZONE.to_owned(),
        signed_in_by: SignedInBy::Password,
    })
}

/// Name, party and roles of each.
const PEOPLE: [(&str, Option<&str>, &[Role]); 8] = [
    ("aozora", Some(ISSUER), &[Role::Clerk, Role::Signer]),
    ("midori", Some(WINNER), &[Role::Clerk]),
    ("sunrise", Some(LOSER), &[Role::Clerk]),
    ("mirai", Some(OWNER), &[Role::Clerk]),
    (CHIEF, Some(OWNER), &[Role::Clerk, Role::PrivilegedViewer]),
    ("admin", None, &[Role::Administrator]),
    ("operator", None, &[Role::Operator]),
    ("auditor", None, &[Role::Auditor]),
];

/// Makes the accounts and tells how each signs in: this is the only time.
pub(super) async fn settle(
    desk: &Desk,
    narrator: Narrator,
    language: Language,
) -> anyhow::Result<()> {
    narrator.act("Accounts for the pages", "画面用のアカウント");
    narrator.told(
        "Each signs in with its password and, in place of a one-time password, a recovery code; or enter the secret",
        "それぞれ、パスワードと、ワンタイムパスワードの代わりに復旧コードでサインインできます。秘密の文字列を",
    );
    narrator.told(
        "into an authenticator app. This is shown once.",
        "認証アプリに登録することもできます。一度しか表示されません。",
    );
    for (name, party, roles) in PEOPLE {
        let name = AccountName::parse(name)?;
        let account = NewAccount {
            name: name.clone(),
            party: party.map(PartyCode::parse).transpose()?,
            roles: roles.iter().copied().collect(),
            language,
            zone: DEFAULT_ZONE.to_owned(),
        };
        desk.add_account(account).await?;
        let equipment = desk.equip(&name).await?;
        let codes: Vec<&str> = equipment
            .recovery
            .iter()
            .map(|code| code.as_str())
            .collect();
        let party = party.unwrap_or("-");
        Narrator::line(&format!(
            "{:<12} {party:<5} {}  {}  {}",
            name.as_str(),
            *equipment.password,
            *equipment.totp,
            codes.get(..2).unwrap_or_default().join(" ")
        ));
    }
    Ok(())
}
