//! The audit log at work: its head signed daily, the chain verified and exported, details purged
//! (R70, R72). What an entry is and how the chain holds stands in the core's `audit`.

mod export;
mod sign;
mod verify;

use bondhub_core::audit::Link;
use serde_json::{Value, json};

pub use export::{ExportFailure, Pour, Range, export};
pub use sign::{HeadError, HeadSigner};
pub use verify::{Report, Signatures, verify_export, verify_store};

/// An entry as it is listed, with what is kept beside it.
pub fn entry_of(link: &Link) -> Value {
    let mut row: Value = serde_json::from_str(&link.entry).unwrap_or_default();
    let private = link.private.as_ref();
    let beside: Option<Value> = private.and_then(|one| serde_json::from_str(&one.content).ok());
    if let Some(members) = row.as_object_mut() {
        members.remove("private");
        members.insert("beside".to_owned(), json!(beside));
    }
    row
}
