//! What issuers are trusted by and entrust: signing keys, standing instructions, the look at certificates (R5, R12, R31).

use std::sync::Arc;

use axum::{Extension, Json, extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{
    account::Permission, calendar::Timestamp, identifier::PartyCode, ports::signing::TokenKey,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    asked::{Given, Named},
    caller::Caller,
    route::{Need, Route},
    shapes::{Free, Listed},
    words::Code,
};
use crate::{
    desk::{DeskError, Pinning, Refusal, Warning},
    http::{Http, Problem},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/parties/{party}/signing-keys", "entrustKey", entrust)
            .needs(
                Need::May(Permission::ManageParties),
                "Takes a signing key that an issuer entrusts to the hub, and pins its certificate: a PKCS#12 or PEM file, or where it lies in the hub's own token.",
            )
            .takes::<Entrusted>()
            .like(|| json!({
                "token": "pkcs11:token=hub;object=S001?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/secrets/pin",
            }))
            .answers::<EntrustedKey>(201, "The hub signs this issuer's keys from now on."),
        Route::get("/parties/{party}/standing-instructions", "listInstructions", instructions)
            .needs(
                Need::MayEither(Permission::ReadParties, Permission::ActForParty),
                "An issuer's standing instructions, oldest first. A new one comes as a signed document.",
            )
            .answers::<Listed<Instruction>>(200, "The instructions."),
        Route::post("/certificates/check", "checkCertificates", check)
            .needs(
                Need::May(Permission::Operate),
                "Looks for certificates and revocation lists that end soon, as the hub does by itself every hour; each is told once.",
            )
            .answers::<Listed<Ends>>(200, "What ends soon or has ended."),
    ]
}

/// A signing key: a file, or a place in the hub's token.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Entrusted {
    /// PKCS#12, or PEM with certificate and private key; base64.
    #[serde(default, deserialize_with = "secret")]
    #[schemars(with = "Option<String>")]
    file: Option<Zeroizing<String>>,
    /// The file's password.
    #[serde(default, deserialize_with = "secret")]
    #[schemars(with = "Option<String>")]
    password: Option<Zeroizing<String>>,
    /// A `pkcs11:` URI in place of a file; `pin-source` names a file with the PIN.
    token: Option<String>,
    /// The certificate of a key in a token, PEM or DER, base64, if the token does not hold it.
    certificate: Option<String>,
}

/// A text that is wiped when it is done with.
fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Zeroizing<String>>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(Zeroizing::new))
}

/// A key that was entrusted.
#[derive(Debug, Serialize, JsonSchema)]
struct EntrustedKey {
    fingerprint: String,
    subject: String,
    valid_until: Timestamp,
}

impl From<Pinning> for EntrustedKey {
    fn from(pinning: Pinning) -> Self {
        Self {
            fingerprint: pinning.details.fingerprint,
            subject: pinning.details.subject,
            valid_until: pinning.details.valid_until,
        }
    }
}

/// A standing instruction.
#[derive(Debug, Serialize, JsonSchema)]
struct Instruction {
    /// SHA-256 of the signed document behind it.
    document: String,
    /// What it allows.
    instruction: Free,
}

/// Something that ends.
#[derive(Debug, Serialize, JsonSchema)]
struct Ends {
    /// `openpgp`, `signing` or `revocation_list`.
    kind: String,
    #[schemars(with = "Option<Code>")]
    party: Option<PartyCode>,
    /// The fingerprint, or the authority's name.
    what: String,
    ends_at: Timestamp,
    /// The warning's days before; 0 when it has ended.
    days: i64,
    /// It is told now; false if it was before.
    new: bool,
}

impl From<Warning> for Ends {
    fn from(warning: Warning) -> Self {
        Self {
            kind: warning.kind.to_owned(),
            party: warning.party,
            what: warning.what,
            ends_at: warning.ends_at,
            days: warning.days,
            new: warning.new,
        }
    }
}

fn code(text: &str) -> Result<PartyCode, Problem> {
    PartyCode::parse(text).map_err(|_| Problem::missing(format!("party {text}")))
}

fn decoded(name: &str, text: &str) -> Result<Zeroizing<Vec<u8>>, DeskError> {
    let bytes = STANDARD.decode(text).map(Zeroizing::new);
    bytes.map_err(|_| {
        DeskError::from(Refusal::NotBase64 {
            member: name.to_owned(),
        })
    })
}

async fn entrust(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(party): Named<String>,
    Given(given): Given<Entrusted>,
) -> Result<(StatusCode, Json<EntrustedKey>), Problem> {
    let (party, desk) = (code(&party)?, caller.desk(&http));
    let pinning = match (&given.file, &given.token) {
        (Some(file), None) => {
            let bytes = decoded("file", file)?;
            let password = given.password.as_deref().map(String::as_str);
            desk.entrust(&party, &bytes, password).await?
        }
        (None, Some(uri)) => {
            let certificate = given.certificate.as_deref();
            let certificate = certificate.map(|text| decoded("certificate", text));
            let certificate = certificate.transpose()?;
            let key = TokenKey {
                uri,
                pin: None,
                certificate: certificate.as_deref().map(Vec::as_slice),
            };
            desk.entrust_token(&party, &key).await?
        }
        _ => {
            return Err(DeskError::from(Refusal::KeySource).into());
        }
    };
    Ok((StatusCode::CREATED, Json(pinning.into())))
}

async fn instructions(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(party): Named<String>,
) -> Result<Json<Listed<Instruction>>, Problem> {
    let party = code(&party)?;
    if caller.party().is_some_and(|own| *own != party) {
        return Err(Problem::missing(format!("party {party}")));
    }
    http.desk.party(&party).await?;
    let book = http.desk.store.book().await.map_err(DeskError::from)?;
    let own = book
        .instructions
        .into_iter()
        .filter(|row| row.issuer == party);
    let mut own: Vec<_> = own.collect();
    own.sort_by_key(|row| row.instruction.version);
    let items = own.into_iter().map(|row| Instruction {
        document: row.document,
        instruction: serde_json::to_value(&row.instruction)
            .ok()
            .and_then(|value| value.as_object().cloned())
            .unwrap_or_default(),
    });
    Ok(Json(Listed {
        items: items.collect(),
    }))
}

async fn check(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Listed<Ends>>, Problem> {
    let warnings = caller.desk(&http).check_certificates().await?;
    Ok(Json(Listed {
        items: warnings.into_iter().map(Ends::from).collect(),
    }))
}
