//! The vault: looking, handing over, agreeing, each with a key (R20–R22, R14).

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Extension, Json,
    extract::{ConnectInfo, FromRequest, FromRequestParts as _, Request, State},
    http::header,
    response::{IntoResponse as _, Response},
};
use bondhub_core::{
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    asked::{self, Sent},
    balances::Sum,
    caller::Caller,
    route::{Need, Route},
    shapes::{Acted, Bond, Handed, Key, Told, Version},
    words::{BondCode, Code},
};
use crate::{
    console::client_address,
    desk::LiabilityOf,
    http::{Http, Problem},
    vault::{Look, Presented, PresentedKey, Shown},
};

const FILE: &str = "A key file (`.bondkey`), as it came by mail.";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/vault/open", "openBond", open)
            .needs(
                Need::Key,
                "Looks at a bond with its key; before the opening an owner sees that it exists. The look is recorded.",
            )
            .takes_either::<TypedKey>(FILE)
            .answers::<Looked>(200, "What the key's holder may see now."),
        Route::post("/vault/copy", "copyBond", copy)
            .needs(
                Need::Key,
                "A copy of the original, marked as one; before the opening an owner gets none.",
            )
            .takes_either::<TypedKey>(FILE)
            .answers_with("application/pdf", "The copy."),
        Route::post("/vault/handover", "handOver", hand_over)
            .needs(
                Need::Key,
                "The contractor hands its bond over to the owner, with its own key.",
            )
            .takes_either::<TypedKey>(FILE)
            .answers::<Handed>(200, "Handed over, or it was before; with what does not match."),
        Route::post("/vault/consent", "consent", consent)
            .needs(
                Need::Key,
                "The owner agrees, with its key, that the issuer deletes the bond.",
            )
            .takes_either::<TypedKey>(FILE)
            .answers::<Acted>(200, "Agreed."),
    ]
}

/// A key that was typed or scanned.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TypedKey {
    /// `BK1-…`; case, blanks, O for 0 and I for 1 do not matter.
    #[serde(deserialize_with = "secret")]
    #[schemars(with = "String", length(min = 1, max = 200))]
    key: Zeroizing<String>,
    /// A one-time password of an account of the key's holder, where the bond asks for one.
    one_time_password: Option<String>,
}

/// A text that is wiped when it is done with.
fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

/// A key as it came.
enum GivenKey {
    File(axum::body::Bytes),
    Typed(TypedKey),
}

/// A key, and from where it came.
struct Shows {
    key: GivenKey,
    from: Option<IpAddr>,
}

impl FromRequest<Arc<Http>> for Shows {
    type Rejection = Problem;

    async fn from_request(request: Request, http: &Arc<Http>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(&mut parts, http).await;
        let peer = peer.ok().map(|ConnectInfo(address)| address.ip());
        let from = client_address(peer, &parts.headers, http.console.is_secure());
        let is_json = asked::is_json(&parts.headers);
        let Sent(bytes) = Sent::from_request(Request::from_parts(parts, body), http).await?;
        let key = if is_json {
            GivenKey::Typed(asked::read(&bytes)?)
        } else {
            GivenKey::File(bytes)
        };
        Ok(Self { key, from })
    }
}

/// What a key shows.
#[derive(Debug, Serialize, JsonSchema)]
struct Looked {
    /// The id of the look's record.
    look: Uuid,
    at: Timestamp,
    #[schemars(with = "BondCode")]
    bond: BondId,
    #[schemars(with = "Code")]
    holder: PartyCode,
    /// The holder's role.
    role: String,
    /// Before the opening: that there is a bond for this case and contractor.
    existence: Option<Existence>,
    /// From the opening on, and to issuer and contractor always: everything.
    content: Option<Everything>,
    /// What the contractor has outstanding with all issuers together, one sum per currency: to its owner from the
    /// opening on, else null.
    liability: Option<Vec<Sum>>,
}

/// That a bond exists.
#[derive(Debug, Serialize, JsonSchema)]
struct Existence {
    #[schemars(with = "Code")]
    procurement: ProcurementId,
    #[schemars(with = "Code")]
    principal: PartyCode,
    /// From when on it can be seen in full; null while no opening time is known.
    opening_at: Option<Timestamp>,
}

/// A bond with everything.
#[derive(Debug, Serialize, JsonSchema)]
struct Everything {
    #[serde(flatten)]
    bond: Bond,
    versions: Vec<Version>,
    keys: Vec<Key>,
    /// Why it may be seen: `own`, `contract`, `opened`, `seen`, `granted`.
    because: String,
}

impl Looked {
    fn of(look: Look, liability: Option<LiabilityOf>) -> Self {
        let (existence, content) = match look.shown {
            Shown::Existence {
                procurement,
                principal,
                opening_at,
            } => {
                let existence = Existence {
                    procurement,
                    principal,
                    opening_at,
                };
                (Some(existence), None)
            }
            Shown::Content(content) => {
                let view = &content.view;
                let versions = view.versions.iter().map(|one| Version::of(one, Told::All));
                let keys = view
                    .keys
                    .iter()
                    .map(|one| Key::of(one, one.key.role == look.role));
                let everything = Everything {
                    bond: Bond::of(&view.bond, Told::All),
                    versions: versions.collect(),
                    keys: keys.collect(),
                    because: content.ground.as_str().to_owned(),
                };
                (None, Some(everything))
            }
        };
        Self {
            look: look.id,
            at: look.at,
            bond: look.bond,
            holder: look.holder,
            role: look.role.as_str().to_owned(),
            existence,
            content,
            liability: liability.map(|told| told.sums.into_iter().map(Sum::from).collect()),
        }
    }
}

async fn open(
    State(http): State<Arc<Http>>,
    caller: Option<Extension<Caller>>,
    shows: Shows,
) -> Result<Json<Looked>, Problem> {
    let look = look(&http, caller, &shows).await?;
    let liability = http.desk.liability_of(&look).await?;
    Ok(Json(Looked::of(look, liability)))
}

async fn copy(
    State(http): State<Arc<Http>>,
    caller: Option<Extension<Caller>>,
    shows: Shows,
) -> Result<Response, Problem> {
    let look = look(&http, caller, &shows).await?;
    let copy = http.desk.copy(&look).await?;
    let kind = [(header::CONTENT_TYPE, "application/pdf")];
    Ok((kind, copy.bytes).into_response())
}

async fn look(
    http: &Http,
    caller: Option<Extension<Caller>>,
    shows: &Shows,
) -> Result<Look, Problem> {
    Ok(http.desk.look(&shows.presented(caller.as_ref())).await?)
}

impl Shows {
    /// The key with everything that counts beside it.
    fn presented<'a>(&'a self, caller: Option<&'a Extension<Caller>>) -> Presented<'a> {
        let (key, one_time_password) = match &self.key {
            GivenKey::File(bytes) => (PresentedKey::File(bytes), None),
            GivenKey::Typed(typed) => (
                PresentedKey::Token(&typed.key),
                typed.one_time_password.as_deref(),
            ),
        };
        Presented {
            key,
            one_time_password,
            one_time_met: false,
            viewer: caller.map(|caller| &caller.0.viewer),
            from: self.from,
        }
    }
}

async fn hand_over(
    State(http): State<Arc<Http>>,
    caller: Option<Extension<Caller>>,
    shows: Shows,
) -> Result<Json<Handed>, Problem> {
    let presented = shows.presented(caller.as_ref());
    Ok(Json(http.desk.hand_over_with(&presented).await?.into()))
}

async fn consent(
    State(http): State<Arc<Http>>,
    caller: Option<Extension<Caller>>,
    shows: Shows,
) -> Result<Json<Acted>, Problem> {
    let presented = shows.presented(caller.as_ref());
    Ok(Json(http.desk.consent_with(&presented).await?.into()))
}
