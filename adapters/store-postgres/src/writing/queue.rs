//! The signing queue: keys begin to wait, are signed, are issued or overtaken.

use bondhub_core::{
    calendar::Timestamp,
    ports::store::{ClosedRequest, Commit, RequestSignature, SigningRequest},
};
use bondhub_store::Failure;

use crate::transaction::Writing;

/// Few commits have rows here, and these have few.
pub(super) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    for request in &commit.requests {
        add(transaction, request).await?;
    }
    let now = commit.now;
    for signature in &commit.signatures {
        sign(transaction, signature, now).await?;
    }
    for closed in &commit.closed_requests {
        close(transaction, closed, now).await?;
    }
    Ok(())
}

async fn add(transaction: &mut Writing, request: &SigningRequest) -> Result<(), Failure> {
    let (issuer, number) = (request.bond.issuer.as_str(), request.bond.number.as_str());
    let (role, holder) = (request.role.as_str(), request.holder.as_str());
    let (version, edition) = (i64::from(request.version), i64::from(request.edition));
    let procurement = request.procurement.as_str();
    let requested_at = request.requested_at;
    sqlx::query_file!(
        "../store/queries/request_add.sql",
        request.kid,
        procurement,
        issuer,
        number,
        version,
        edition,
        role,
        holder,
        request.digest,
        request.statement,
        request.sealed,
        requested_at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn sign(
    transaction: &mut Writing,
    signature: &RequestSignature,
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query_file!(
        "../store/queries/request_sign.sql",
        signature.kid,
        signature.cms,
        now
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn close(
    transaction: &mut Writing,
    closed: &ClosedRequest,
    now: Timestamp,
) -> Result<(), Failure> {
    let name = &closed.name;
    let (issuer, number) = (name.bond.issuer.as_str(), name.bond.number.as_str());
    let (role, edition) = (name.role.as_str(), i64::from(name.edition));
    let state = closed.state.as_str();
    sqlx::query_file!(
        "../store/queries/request_close.sql",
        issuer,
        number,
        role,
        edition,
        state,
        now
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
