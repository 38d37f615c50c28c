//! Parties and their certificates (R1, R50, R5).

use std::sync::Arc;

use axum::{Extension, Json, extract::State, http::StatusCode};
use bondhub_core::{
    account::Permission,
    calendar::Timestamp,
    identifier::PartyCode,
    party::{OpenPgpCertificate, Party, SigningCertificate},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    asked::{Asked, Given, Named, Sent},
    caller::Caller,
    route::{Body, Need, Route},
    shapes::{Free, Listed},
    words::Code,
};
use crate::{
    desk::{DeskError, Refusal},
    http::{Http, Problem},
};

const READ: Need = Need::May(Permission::ReadParties);
const MANAGE: Need = Need::May(Permission::ManageParties);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/parties", "listParties", list)
            .needs(READ, "The parties, by code.")
            .answers::<Listed<Free>>(200, "The parties."),
        Route::get("/parties/{party}", "showParty", show)
            .needs(READ, "One party with its certificates.")
            .answers::<PartyWithCertificates>(200, "The party."),
        Route::put("/parties/{party}", "putParty", put)
            .needs(MANAGE, "Adds a party, or replaces what is known of it.")
            .takes::<Free>()
            .answers::<Free>(200, "The party as it is now."),
        Route::post("/parties/{party}/certificates", "addCertificate", add)
            .needs(
                MANAGE,
                "Enrols an OpenPGP certificate, or pins a signing certificate (X.509), that was verified in person.",
            )
            .query::<Kind>()
            .takes_body(Body::Bytes("The certificate, armored (PEM) or binary."))
            .answers::<Certificate>(201, "In use."),
        Route::delete("/parties/{party}/certificates/{fingerprint}", "revokeCertificate", revoke)
            .needs(MANAGE, "Stops using a certificate of either kind.")
            .answers_nothing("Not used any more."),
    ]
}

/// What kind of certificate.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Kind {
    /// `openpgp` if left out.
    kind: Option<CertificateKind>,
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum CertificateKind {
    /// Mails are encrypted to it.
    Openpgp,
    /// The issuer signs its documents with it.
    Signing,
}

/// A party with its certificates.
#[derive(Debug, Serialize, JsonSchema)]
struct PartyWithCertificates {
    party: Free,
    certificates: Vec<Certificate>,
}

/// A certificate.
#[derive(Debug, Serialize, JsonSchema)]
struct Certificate {
    #[schemars(with = "Code")]
    party: PartyCode,
    kind: CertificateKind,
    fingerprint: String,
    /// None for no end.
    usable_until: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl From<OpenPgpCertificate> for Certificate {
    fn from(one: OpenPgpCertificate) -> Self {
        Self {
            party: one.party,
            kind: CertificateKind::Openpgp,
            fingerprint: one.fingerprint,
            usable_until: one.usable_until,
            revoked_at: one.revoked_at,
        }
    }
}

impl From<SigningCertificate> for Certificate {
    fn from(one: SigningCertificate) -> Self {
        Self {
            party: one.party,
            kind: CertificateKind::Signing,
            fingerprint: one.fingerprint,
            usable_until: Some(one.valid_until),
            revoked_at: one.revoked_at,
        }
    }
}

fn free(party: &Party) -> Free {
    let value = serde_json::to_value(party).unwrap_or_default();
    value.as_object().cloned().unwrap_or_default()
}

pub(super) fn code(text: &str) -> Result<PartyCode, Problem> {
    PartyCode::parse(text).map_err(|_| Problem::missing(format!("party {text}")))
}

async fn list(State(http): State<Arc<Http>>) -> Result<Json<Listed<Free>>, Problem> {
    let book = http.desk.store.book().await.map_err(DeskError::from)?;
    Ok(Json(Listed {
        items: book.parties.iter().map(free).collect(),
    }))
}

async fn show(
    State(http): State<Arc<Http>>,
    Named(party): Named<String>,
) -> Result<Json<PartyWithCertificates>, Problem> {
    let party = http.desk.party(&code(&party)?).await?;
    let book = http.desk.store.book().await.map_err(DeskError::from)?;
    let own = book
        .certificates
        .into_iter()
        .filter(|one| one.party == party.code);
    let signing = book
        .signing
        .into_iter()
        .filter(|one| one.party == party.code);
    Ok(Json(PartyWithCertificates {
        certificates: own
            .map(Certificate::from)
            .chain(signing.map(Certificate::from))
            .collect(),
        party: free(&party),
    }))
}

async fn put(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(named): Named<String>,
    Given(party): Given<Party>,
) -> Result<Json<Free>, Problem> {
    if party.code != code(&named)? {
        let (path, body) = (named, party.code);
        return Err(DeskError::from(Refusal::OtherParty { path, body }).into());
    }
    caller.desk(&http).put_party(&party).await?;
    Ok(Json(free(&party)))
}

async fn add(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(party): Named<String>,
    Asked(asked): Asked<Kind>,
    Sent(bytes): Sent,
) -> Result<(StatusCode, Json<Certificate>), Problem> {
    let (party, desk) = (code(&party)?, caller.desk(&http));
    let kind = asked.kind.unwrap_or(CertificateKind::Openpgp);
    let (fingerprint, usable_until) = match kind {
        CertificateKind::Openpgp => {
            let facts = desk.enrol(&party, &bytes, false).await?.facts;
            (facts.fingerprint, facts.usable_until)
        }
        CertificateKind::Signing => {
            let details = desk.pin(&party, &bytes).await?.details;
            (details.fingerprint, Some(details.valid_until))
        }
    };
    let certificate = Certificate {
        party,
        kind,
        fingerprint,
        usable_until,
        revoked_at: None,
    };
    Ok((StatusCode::CREATED, Json(certificate)))
}

async fn revoke(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named((party, fingerprint)): Named<(String, String)>,
) -> Result<StatusCode, Problem> {
    let desk = caller.desk(&http);
    desk.revoke_certificate(&code(&party)?, &fingerprint)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
