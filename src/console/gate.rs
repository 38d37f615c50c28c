//! What happens before each page: who asks, may it come in, and did its form come from us.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use bondhub_core::account::Viewer;

use super::{Access, Console, Posted, Sent, Trouble, Visit, protect, token};

/// What one route's gate knows.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) console: Arc<Console>,
    pub(super) access: Access,
    pub(super) sent: Sent,
}

/// The most a form without documents may hold.
const FORM_MAX_BYTES: usize = 256 * 1024;

/// Lets a request through to its page, or answers it.
pub(super) async fn gate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let visit = match Visit::begin(&gate.console, &parts).await {
        Ok(visit) => visit,
        Err(trouble) => return trouble.bare(),
    };
    if let Some(answer) = turned_away(&gate, &visit, &parts.method) {
        return visit.finish(answer);
    }
    let mut request = Request::from_parts(parts, body);
    if request.method() == Method::POST {
        request = match form(&gate, &visit, request).await {
            Ok(request) => request,
            Err(trouble) => return visit.finish(trouble.into_response()),
        };
    }
    request.extensions_mut().insert(visit.clone());
    visit.finish(next.run(request).await)
}

fn turned_away(gate: &Gate, visit: &Visit, method: &Method) -> Option<Response> {
    if gate.access.admits(visit) {
        return None;
    }
    if visit.viewer().is_some() {
        return Some(Trouble::NotAllowed.into_response());
    }
    if method == Method::GET {
        return Some(visit.redirect(&super::navigation::sign_in(visit.back())));
    }
    Some(Trouble::SignInNeeded.into_response())
}

impl Access {
    /// Whether it lets this visitor in.
    pub fn admits(self, visit: &Visit) -> bool {
        let viewer = visit.viewer();
        let of_party = |viewer: &&Viewer| viewer.party.is_some();
        match self {
            Self::Anyone => true,
            Self::SignedIn => viewer.is_some(),
            Self::May(permission) => viewer.is_some_and(|viewer| viewer.may(permission)),
            Self::OfParty(permission) => viewer
                .filter(of_party)
                .is_some_and(|viewer| viewer.may(permission)),
            Self::Of(role, permission) => {
                let is_one = visit.party_roles().contains(&role);
                is_one && viewer.is_some_and(|viewer| viewer.may(permission))
            }
            Self::PartyOrHub(roles, of_party, of_hub) => {
                let is_one = visit.party_roles().iter().any(|role| roles.contains(role));
                viewer.is_some_and(|viewer| match &viewer.party {
                    Some(_) => is_one && viewer.may(of_party),
                    None => viewer.may(of_hub),
                })
            }
        }
    }
}

/// Reads the form and checks that it is ours.
async fn form(gate: &Gate, visit: &Visit, request: Request) -> Result<Request, Trouble> {
    let limit = match gate.sent {
        Sent::Form => FORM_MAX_BYTES,
        Sent::Documents => gate.console.upload_max_bytes,
    };
    comes_from_here(&gate.console, request.headers())?;
    let by_header = request.headers().get(token::HEADER);
    let by_header = by_header
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let (mut request, posted) = Posted::read(request, limit).await?;
    let given = by_header
        .as_deref()
        .unwrap_or_else(|| posted.text(token::FIELD));
    if !visit.owns(given) {
        return Err(Trouble::FormExpired);
    }
    request.extensions_mut().insert(posted);
    Ok(request)
}

/// Browsers say where a form comes from: another origin is refused before its body is read.
fn comes_from_here(console: &Console, headers: &HeaderMap) -> Result<(), Trouble> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &header::HeaderValue| value.to_str().ok())
    };
    let site = text(header::HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return Err(Trouble::FormExpired);
    }
    let Some(origin) = text(header::ORIGIN) else {
        return Ok(());
    };
    let host = text(header::HOST).unwrap_or_default();
    let ours = console.origin.clone();
    let ours = ours.unwrap_or_else(|| format!("http://{host}"));
    if origin == ours {
        Ok(())
    } else {
        Err(Trouble::FormExpired)
    }
}

/// The answer to a path that is no page, in the visitor's language.
pub async fn missing(console: &Arc<Console>, request: Request, status: StatusCode) -> Response {
    let (parts, _body) = request.into_parts();
    let trouble = if status == StatusCode::METHOD_NOT_ALLOWED {
        Trouble::WrongMethod
    } else {
        Trouble::NotFound
    };
    let answer = match Visit::begin(console, &parts).await {
        Ok(visit) => visit.finish(trouble.into_response()),
        Err(trouble) => trouble.bare(),
    };
    protect::dress(console, answer)
}
