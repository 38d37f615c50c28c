//! Copies by command: made for whoever holds a key, checked by whoever holds a copy (R23).

use std::{io::Write as _, path::Path};

use serde_json::{Value, json};

use super::super::{Failure, output::Output, party::read_file};
use crate::{
    desk::{CopyCheck, Desk},
    vault::Look,
};

/// Makes a copy and writes it into a new file; what is printed names it.
pub(super) async fn make(
    desk: &Desk,
    look: &Look,
    to: &Path,
    row: &mut Value,
) -> Result<(), Failure> {
    let unwritten =
        |error: std::io::Error| Failure::misused(format!("cannot write {}: {error}", to.display()));
    let copy = desk.copy(look).await?;
    let mut file = std::fs::File::create_new(to).map_err(unwritten)?;
    file.write_all(&copy.bytes).map_err(unwritten)?;
    if let Some(members) = row.as_object_mut() {
        members.insert("copy".to_owned(), json!(copy.row.id));
        members.insert("copy_sha256".to_owned(), json!(copy.row.sha256));
    }
    Ok(())
}

/// Tells what is known of a copy.
pub(in super::super) async fn verify(
    desk: &Desk,
    number: &str,
    pdf: Option<&Path>,
    output: Output,
) -> Result<(), Failure> {
    let pdf = pdf.map(read_file).transpose()?;
    let told = desk.verify_copy(number, None).await?;
    let same = pdf.map(|bytes| told.is_of(&bytes));
    match told {
        CopyCheck::Unconfirmed => Err(Failure::not_found(
            "no such copy is confirmed; before the opening of bids none is",
        )),
        CopyCheck::Genuine { .. } if same == Some(false) => Err(Failure::refused(
            "the file is not the copy of this number: it was changed, or is another one",
        )),
        CopyCheck::Genuine {
            bond,
            version,
            made_at,
            sha256,
            is_current,
            is_in_force,
        } => output.one(&json!({
            "copy": "genuine", "bond": bond, "version": version, "made_at": made_at,
            "current": is_current, "in_force": is_in_force, "sha256": sha256, "same": same,
        })),
    }
}
