//! Enrolling OpenPGP certificates with proof of possession (R50): by the party, and confirmed by those who run the hub.

use std::sync::Arc;

use axum::{Extension, Json, extract::State, http::StatusCode};
use bondhub_core::{
    account::Permission, calendar::Timestamp, identifier::PartyCode, party::OpenPgpCertificate,
    ports::store::EnrolmentRow,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    asked::{Asked, Given, Named, Sent},
    caller::Caller,
    parties::code,
    route::{Body, Need, Route},
    shapes::Listed,
    words::Code,
};
use crate::{
    desk::Proven,
    http::{Http, Problem},
};

const OWN: Need = Need::May(Permission::ActForParty);
const MANAGE: Need = Need::May(Permission::ManageParties);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/certificates", "listOwnCertificates", list)
            .needs(OWN, "The OpenPGP certificates of the own party, and the one that waits.")
            .answers::<Own>(200, "The certificates."),
        Route::post("/certificates", "handInCertificate", hand_in)
            .needs(
                OWN,
                "Hands in an OpenPGP certificate of the own party: a code is mailed to the address on file, encrypted to it, and the \
                 holder of the one in use is told.",
            )
            .query::<Software>()
            .takes_body(Body::Bytes("The certificate, armored or binary; never a secret key."))
            .answers::<Waiting>(202, "It waits for its code."),
        Route::post("/certificates/code", "proveCertificate", prove)
            .needs(OWN, "Gives the code back.")
            .takes::<TypedCode>()
            .answers::<Outcome>(200, "In use, or an operator has to confirm it."),
        Route::get("/enrolments", "listEnrolments", waiting)
            .needs(
                Need::May(Permission::ReadParties),
                "The certificates that wait for their code or for a confirmation, by party.",
            )
            .answers::<Listed<Waiting>>(200, "What waits."),
        Route::post("/parties/{party}/enrolment/confirm", "confirmEnrolment", confirm)
            .needs(
                MANAGE,
                "Confirms a certificate that its party has proven; compare the fingerprint with the party first.",
            )
            .answers::<InUse>(200, "In use."),
        Route::delete("/parties/{party}/enrolment", "rejectEnrolment", reject)
            .needs(MANAGE, "Rejects what waits, proven or not.")
            .answers_nothing("Rejected."),
    ]
}

/// What the holder's software reads.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Software {
    /// It reads the newest messages (SEIPDv2); GnuPG 2.2 does not.
    #[serde(default)]
    modern: bool,
}

/// The code out of the mail.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TypedCode {
    /// 16 letters and digits; small letters, blanks and dashes do not matter.
    #[schemars(length(min = 1, max = 60))]
    code: String,
}

/// A certificate.
#[derive(Debug, Serialize, JsonSchema)]
struct InUse {
    fingerprint: String,
    added_at: Timestamp,
    /// None for no end.
    usable_until: Option<Timestamp>,
    /// When the hub stopped using it.
    revoked_at: Option<Timestamp>,
}

impl From<OpenPgpCertificate> for InUse {
    fn from(one: OpenPgpCertificate) -> Self {
        Self {
            fingerprint: one.fingerprint,
            added_at: one.added_at,
            usable_until: one.usable_until,
            revoked_at: one.revoked_at,
        }
    }
}

/// A certificate that is not used yet.
#[derive(Debug, Serialize, JsonSchema)]
struct Waiting {
    #[schemars(with = "Code")]
    party: PartyCode,
    fingerprint: String,
    since: Timestamp,
    /// After this instant nothing counts.
    until: Timestamp,
    tries_left: u32,
    /// The code came back: an operator has to confirm.
    proven: bool,
}

impl From<EnrolmentRow> for Waiting {
    fn from(row: EnrolmentRow) -> Self {
        Self {
            proven: row.is_proven(),
            since: row.certificate.added_at,
            until: row.ends_at,
            tries_left: row.tries_left,
            party: row.certificate.party,
            fingerprint: row.certificate.fingerprint,
        }
    }
}

/// A party's certificates.
#[derive(Debug, Serialize, JsonSchema)]
struct Own {
    certificates: Vec<InUse>,
    waiting: Option<Waiting>,
}

/// What came of a code that was right.
#[derive(Debug, Serialize, JsonSchema)]
struct Outcome {
    /// `in_use` or `waits_for_operator`.
    state: String,
    fingerprint: String,
}

async fn list(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Own>, Problem> {
    let own = caller.desk(&http).own_certificates(&caller.viewer).await?;
    Ok(Json(Own {
        certificates: own.openpgp.into_iter().map(InUse::from).collect(),
        waiting: own.waiting.map(Waiting::from),
    }))
}

async fn hand_in(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Asked(software): Asked<Software>,
    Sent(bytes): Sent,
) -> Result<(StatusCode, Json<Waiting>), Problem> {
    let desk = caller.desk(&http);
    let begun = desk
        .hand_in_certificate(&caller.viewer, &bytes, software.modern)
        .await?;
    Ok((StatusCode::ACCEPTED, Json(begun.row.into())))
}

async fn prove(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Given(typed): Given<TypedCode>,
) -> Result<Json<Outcome>, Problem> {
    let desk = caller.desk(&http);
    let proven = desk.prove_certificate(&caller.viewer, &typed.code).await?;
    let (state, certificate) = match proven {
        Proven::InUse(certificate) => ("in_use", certificate),
        Proven::WaitsForOperator(row) => ("waits_for_operator", row.certificate),
    };
    Ok(Json(Outcome {
        state: state.to_owned(),
        fingerprint: certificate.fingerprint,
    }))
}

async fn waiting(State(http): State<Arc<Http>>) -> Result<Json<Listed<Waiting>>, Problem> {
    let rows = http.desk.enrolments().await?;
    Ok(Json(Listed {
        items: rows.into_iter().map(Waiting::from).collect(),
    }))
}

async fn confirm(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(party): Named<String>,
) -> Result<Json<InUse>, Problem> {
    let desk = caller.desk(&http);
    Ok(Json(desk.confirm_enrolment(&code(&party)?).await?.into()))
}

async fn reject(
    State(http): State<Arc<Http>>,
    Extension(caller): Extension<Caller>,
    Named(party): Named<String>,
) -> Result<StatusCode, Problem> {
    caller.desk(&http).reject_enrolment(&code(&party)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
