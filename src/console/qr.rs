//! QR codes as the path of an SVG.

use std::fmt::Write as _;

use qrcodegen::{QrCode as Code, QrCodeEcc};
use serde::Serialize;

/// White around the code, in modules (ISO/IEC 18004 asks for four).
const QUIET: i32 = 4;

/// A QR code: a square of `size` by `size` and the dark modules as an SVG path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct QrCode {
    size: i32,
    path: String,
}

impl QrCode {
    /// The code of a text; none if it is too long for one.
    pub(super) fn of(text: &str) -> Option<Self> {
        let code = Code::encode_text(text, QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for y in 0..code.size() {
            for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
                let _infallible = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
            }
        }
        Some(Self {
            size: code.size() + 2 * QUIET,
            path,
        })
    }
}
