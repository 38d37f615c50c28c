//! Accounts and the tokens of programs (R60, R62).

use std::{collections::BTreeSet, sync::Arc};

use axum::{Extension, Json, extract::State, http::StatusCode};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Permission, Role},
    calendar::Timestamp,
    identifier::PartyCode,
    party::Language,
    ports::store::{AccountRow, TokenRow},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    asked::{Given, MayBeGiven, Named},
    caller::Caller,
    route::{Need, Route},
    shapes::Listed,
    words::{AccountRoleWord, Code, LanguageWord, PermissionWord},
};
use crate::{
    desk::{Change, Invitation, NewAccount},
    http::{Http, Problem},
};

const MANAGE: Need = Need::May(Permission::ManageAccounts);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/accounts", "listAccounts", list)
            .needs(MANAGE, "The accounts, by name.")
            .answers::<Listed<Account>>(200, "The accounts."),
        Route::post("/accounts", "addAccount", add)
            .needs(MANAGE, "Adds an account and invites its holder to choose a password.")
            .takes::<AddedAccount>()
            .answers::<Invited>(201, "The code is shown this once."),
        Route::get("/accounts/{account}", "showAccount", show)
            .needs(MANAGE, "One account.")
            .answers::<Account>(200, "The account."),
        Route::post("/accounts/{account}/change", "changeAccount", change)
            .needs(MANAGE, "Changes roles, language and zone, or whether it can sign in; what is left out stays.")
            .takes::<ChangedAccount>()
            .answers::<Account>(200, "The account as it is now."),
        Route::post("/accounts/{account}/invitations", "inviteAccount", invite)
            .needs(MANAGE, "A new invitation, shown once; earlier ones are void. A lost device is taken away with it.")
            .may_take::<Invite>()
            .like(|| json!({"reset": true}))
            .answers::<Invited>(201, "The invitation."),
        Route::get("/accounts/{account}/tokens", "listTokens", tokens)
            .needs(MANAGE, "The account's tokens, without the tokens themselves.")
            .answers::<Listed<Token>>(200, "The tokens."),
        Route::post("/accounts/{account}/tokens", "addToken", add_token)
            .needs(MANAGE, "Makes a token with scopes that the account's roles allow.")
            .takes::<AddedToken>()
            .answers::<MadeToken>(201, "The token is shown this once."),
        Route::delete("/accounts/{account}/tokens/{token}", "revokeToken", revoke_token)
            .needs(MANAGE, "The token does not work any more.")
            .answers_nothing("Revoked."),
    ]
}

/// An account.
#[derive(Debug, Serialize, JsonSchema)]
struct Account {
    #[schemars(with = "Code")]
    name: AccountName,
    #[schemars(with = "Option<Code>")]
    party: Option<PartyCode>,
    roles: Vec<String>,
    language: String,
    zone: String,
    created_at: Timestamp,
    /// Since when it cannot sign in.
    disabled_at: Option<Timestamp>,
    has_password: bool,
    has_one_time_passwords: bool,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let account = row.account;
        let confirmed = row.totp.and_then(|totp| totp.confirmed_at);
        Self {
            name: account.name,
            party: account.party,
            roles: account
                .roles
                .iter()
                .map(|role| role.as_str().to_owned())
                .collect(),
            language: account.language.as_str().to_owned(),
            zone: account.zone,
            created_at: account.created_at,
            disabled_at: account.disabled_at,
            has_password: row.password.is_some(),
            has_one_time_passwords: confirmed.is_some(),
        }
    }
}

/// An account to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AddedAccount {
    #[schemars(with = "Code")]
    name: AccountName,
    /// The party it belongs to; left out for those who run the hub.
    #[schemars(with = "Option<Code>")]
    party: Option<PartyCode>,
    roles: Vec<AccountRoleWord>,
    language: Option<LanguageWord>,
    /// A name of the IANA database; Asia/Tokyo if left out.
    zone: Option<String>,
}

/// What changes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChangedAccount {
    roles: Option<Vec<AccountRoleWord>>,
    enabled: Option<bool>,
    language: Option<LanguageWord>,
    zone: Option<String>,
}

/// What is taken away with an invitation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Invite {
    /// One-time passwords, passkeys and recovery codes are taken away too: the device is lost.
    #[serde(default)]
    reset: bool,
}

/// An invitation.
#[derive(Serialize, JsonSchema)]
struct Invited {
    account: String,
    /// Chooses the first password; shown this once.
    code: String,
    until: Timestamp,
}

impl From<Invitation> for Invited {
    fn from(invitation: Invitation) -> Self {
        Self {
            account: invitation.account.to_string(),
            code: invitation.code.to_string(),
            until: invitation.until,
        }
    }
}

/// A token, without itself.
#[derive(Debug, Serialize, JsonSchema)]
struct Token {
    name: String,
    scopes: Vec<String>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        Self {
            name: row.label,
            scopes: row.scopes.iter().map(ToString::to_string).collect(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// A token to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AddedToken {
    /// Its name within the account.
    #[schemars(length(min = 1, max = 200))]
    name: String,
    /// What it may do at most.
    scopes: Vec<PermissionWord>,
    /// From when on it does not work.
    expires_at: Option<Timestamp>,
}

/// A token, this once.
#[derive(Serialize, JsonSchema)]
struct MadeToken {
    token: String,
    #[serde(flatten)]
    kept: Token,
}

fn name(text: &str) -> Result<AccountName, Problem> {
    AccountName::parse(text).map_err(|_| Problem::missing(format!("account {text}")))
}

fn roles(words: Vec<AccountRoleWord>) -> BTreeSet<Role> {
    words.into_iter().map(|word| word.0).collect()
}

async fn list(State(http): State<Arc<Http>>) -> Result<Json<Listed<Account>>, Problem> {
    let rows = http.desk.accounts().await?;
    Ok(Json(Listed {
        items: rows.into_iter().map(Account::from).collect(),
    }))
}

async fn show(
    State(http): State<Arc<Http>>,
    Named(account): Named<String>,
) -> Result<Json<Account>, Problem> {
    Ok(Json(http.desk.account(&name(&account)?).await?.into()))
}

async fn add(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Given(added): Given<AddedAccount>,
) -> Result<(StatusCode, Json<Invited>), Problem> {
    let new = NewAccount {
        name: added.name,
        party: added.party,
        roles: roles(added.roles),
        language: added.language.map_or(Language::Ja, |word| word.0),
        zone: added.zone.unwrap_or_else(|| DEFAULT_ZONE.to_owned()),
    };
    let invitation = caller.desk(&http).add_account(new).await?;
    Ok((StatusCode::CREATED, Json(invitation.into())))
}

async fn change(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(account): Named<String>,
    Given(changed): Given<ChangedAccount>,
) -> Result<Json<Account>, Problem> {
    let (account, desk) = (name(&account)?, caller.desk(&http));
    let change = Change {
        roles: changed.roles.map(roles),
        enabled: changed.enabled,
        language: changed.language.map(|word| word.0),
        zone: changed.zone,
    };
    desk.change_account(&account, change).await?;
    Ok(Json(desk.account(&account).await?.into()))
}

async fn invite(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(account): Named<String>,
    MayBeGiven(given): MayBeGiven<Invite>,
) -> Result<(StatusCode, Json<Invited>), Problem> {
    let (account, desk) = (name(&account)?, caller.desk(&http));
    let invitation = if given.is_some_and(|given| given.reset) {
        desk.reset_factors(&account).await?
    } else {
        desk.invite(&account).await?
    };
    Ok((StatusCode::CREATED, Json(invitation.into())))
}

async fn tokens(
    State(http): State<Arc<Http>>,
    Named(account): Named<String>,
) -> Result<Json<Listed<Token>>, Problem> {
    let account = name(&account)?;
    http.desk.account(&account).await?;
    let rows = http.desk.tokens(Some(&account)).await?;
    Ok(Json(Listed {
        items: rows.into_iter().map(Token::from).collect(),
    }))
}

async fn add_token(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(account): Named<String>,
    Given(added): Given<AddedToken>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    let (account, desk) = (name(&account)?, caller.desk(&http));
    let scopes = added.scopes.into_iter().map(|word| word.0).collect();
    let made = desk
        .add_token(&account, &added.name, scopes, added.expires_at)
        .await?;
    let made = MadeToken {
        token: made.token.to_string(),
        kept: made.row.into(),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

async fn revoke_token(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named((account, token)): Named<(String, String)>,
) -> Result<StatusCode, Problem> {
    let desk = caller.desk(&http);
    desk.revoke_token(&name(&account)?, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}
