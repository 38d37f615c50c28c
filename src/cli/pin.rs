//! PINs of tokens: from a file, the environment, or whoever sits at the terminal. Never from the command
//! line, which every user of the machine can read.

use std::path::Path;

use zeroize::Zeroizing;

use super::{Failure, party::read_line};

/// The variable that a PIN may stand in.
pub(super) const VARIABLE: &str = "BONDHUB_TOKEN_PIN";

/// The PIN for a key: from `file`, else from the environment, else asked for at the terminal; none if the
/// URI says where it is (`pin-source`), or the reader has a keypad (an empty answer).
pub(super) fn read(file: Option<&Path>, uri: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    if let Some(file) = file {
        return read_line(file).map(Some);
    }
    if let Ok(pin) = std::env::var(VARIABLE) {
        return Ok(Some(Zeroizing::new(pin)));
    }
    if uri.contains("pin-source=") {
        return Ok(None);
    }
    let asked = rpassword::prompt_password("PIN of the token: ").map_err(|error| {
        Failure::misused(format!(
            "the PIN cannot be asked for ({error}); give --pin-file FILE, or set {VARIABLE}"
        ))
    })?;
    let pin = Zeroizing::new(asked);
    Ok(if pin.is_empty() { None } else { Some(pin) })
}
