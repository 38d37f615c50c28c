//! Who calls, and whether it may.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::Response,
};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Permission, Role, SignedInBy, Viewer},
    audit::Actor,
    identifier::PartyCode,
    party::Language,
};
use subtle::ConstantTimeEq as _;

use super::Need;
use crate::{
    desk::Desk,
    http::{Http, Problem},
};

/// Who calls: an account, by its token.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// The account.
    pub(super) viewer: Viewer,
}

impl Caller {
    /// The desk, where what is done is told as done by this account.
    pub(super) fn desk(&self, http: &Http) -> Desk {
        let name = self.viewer.account.as_str().to_owned();
        http.desk
            .by(Actor::Account(name, self.viewer.party.clone()))
    }

    /// The party whose account it is; none for those who run the hub.
    pub(super) fn party(&self) -> Option<&PartyCode> {
        self.viewer.party.as_ref()
    }
}

/// Lets a request through to its handler, or answers it.
pub(super) async fn guard(
    State((http, need)): State<(Arc<Http>, Need)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let permissions = match need {
        // The handler of events has a rule of its own: a loopback listener without a token is open.
        Need::Nobody | Need::Events => return Ok(next.run(request).await),
        Need::Key => {
            // Who is signed in may be granted more than its key shows (R21).
            if request.headers().contains_key(header::AUTHORIZATION) {
                let viewer = viewer(&http, request.headers()).await?;
                request.extensions_mut().insert(Caller { viewer });
            }
            return Ok(next.run(request).await);
        }
        Need::May(permission) => vec![permission],
        Need::MayEither(one, other) => vec![one, other],
    };
    let viewer = viewer(&http, request.headers()).await?;
    if !permissions.iter().any(|one| viewer.may(*one)) {
        return Err(forbidden(&permissions));
    }
    request.extensions_mut().insert(Caller { viewer });
    Ok(next.run(request).await)
}

fn forbidden(permissions: &[Permission]) -> Problem {
    let names: Vec<_> = permissions.iter().map(|one| one.as_str()).collect();
    let detail = format!("this needs the permission {}", names.join(" or "));
    Problem::new(StatusCode::FORBIDDEN, "not permitted", detail)
}

/// The account behind the request's token.
async fn viewer(http: &Http, headers: &HeaderMap) -> Result<Viewer, Problem> {
    let given = headers.get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok());
    let token = given.and_then(|text| text.strip_prefix("Bearer "));
    let token = token.ok_or_else(Problem::unauthorized)?;
    if is_installation(http, token) {
        return installation().ok_or_else(Problem::unauthorized);
    }
    http.viewer_of(token).await
}

fn is_installation(http: &Http, token: &str) -> bool {
    let same = |kept: &str| bool::from(token.as_bytes().ct_eq(kept.as_bytes()));
    http.token.as_ref().is_some_and(|kept| same(kept))
}

/// Whoever has the token of the settings runs the hub.
fn installation() -> Option<Viewer> {
    Some(Viewer {
        account: AccountName::parse("api-token").ok()?,
        party: None,
        roles: BTreeSet::from([Role::Administrator, Role::Operator, Role::Auditor]),
        scopes: None,
        language: Language::En,
        zone: DEFAULT_ZONE.to_owned(),
        signed_in_by: SignedInBy::SharedToken,
    })
}
