//! Everything of a commit, in the order the port promises.

mod bonds;
mod cases;
mod events;
mod outgoing;
mod queue;

use bondhub_core::ports::store::Commit;
use bondhub_store::Failure;

use crate::{audit, coming, embargo, transaction::Writing};

/// Of a commit only what leaves the hub and what is told: for steps that are no commit of cases.
pub(crate) async fn write_mails(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    outgoing::write(transaction, commit).await?;
    audit::append(transaction, &commit.audit).await
}

/// Writes a commit: cases are guarded first, keys are added before keys are ended, and what ended
/// keys carry is overtaken after this commit's own mails are there. The audit log comes last: it is one
/// chain for everybody.
pub(crate) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    cases::write(transaction, commit).await?;
    events::write(transaction, commit).await?;
    bonds::write(transaction, commit).await?;
    embargo::write(transaction, commit).await?;
    coming::write(transaction, commit).await?;
    queue::write(transaction, commit).await?;
    outgoing::write(transaction, commit).await?;
    cases::take_instructions(transaction, commit).await?;
    audit::append(transaction, &commit.audit).await
}
