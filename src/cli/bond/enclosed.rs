//! Attachments from files: bound into a statement, and sent along with it.

use std::path::{Path, PathBuf};

use bondhub_core::attachment::{Attachment, Enclosed};
use serde_json::{Value, json};

use super::super::{Failure, party::read_file};

/// The attachments to send along.
pub(super) fn read(files: &[PathBuf]) -> Result<Enclosed, Failure> {
    let mut enclosed = Enclosed::default();
    for file in files {
        enclosed.add(read_file(file)?);
    }
    Ok(enclosed)
}

/// Writes name, size and digest of each file into the statement, behind those it has.
pub(super) fn bind(statement: &mut Value, files: &[PathBuf]) -> Result<(), Failure> {
    if files.is_empty() {
        return Ok(());
    }
    let bond = statement.get_mut("bond").and_then(Value::as_object_mut);
    let bond = bond.ok_or_else(|| {
        Failure::refused("--attach: only a registration or an update has attachments".to_owned())
    })?;
    let listed = bond.entry("attachments").or_insert_with(|| json!([]));
    let listed = listed
        .as_array_mut()
        .ok_or_else(|| Failure::refused("`bond.attachments` is not a list".to_owned()))?;
    for file in files {
        let entry = Attachment::of(name_of(file)?, &read_file(file)?)
            .map_err(|rejection| Failure::refused(format!("{}: {rejection}", file.display())))?;
        listed.push(json!(entry));
    }
    Ok(())
}

fn name_of(file: &Path) -> Result<&str, Failure> {
    let name = file.file_name().and_then(|name| name.to_str());
    name.ok_or_else(|| Failure::misused(format!("{}: the name is not Unicode", file.display())))
}
