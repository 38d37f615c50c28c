//! QR codes (ISO/IEC 18004) as squares: sharp at any size.

use bondhub_core::ports::paper::PaperError;
use krilla::geom::Rect;
use qrcodegen::{QrCode, QrCodeEcc};

use crate::sheet::{Ink, Sheet};

/// Free modules around the code; readers want four.
const QUIET: i32 = 4;

/// A QR code.
pub(crate) struct Code(QrCode);

impl Code {
    /// The code that says `text`, readable with a seventh of it damaged.
    pub(crate) fn of(text: &str) -> Result<Self, PaperError> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium);
        code.map(Self).map_err(|_| PaperError::Code)
    }

    /// Draws it with its quiet zone, `side` wide.
    pub(crate) fn draw(&self, sheet: &mut Sheet<'_, '_>, (x, y): (f32, f32), side: f32) {
        sheet.fill(x, y, side, side, Ink::White);
        let count = self.0.size();
        let module = side / to_f32(count + 2 * QUIET);
        let dark = (0..count).flat_map(|row| self.runs(row));
        let squares: Vec<Rect> = dark
            .filter_map(|(row, start, length)| {
                let left = x + to_f32(start + QUIET) * module;
                let top = y + to_f32(row + QUIET) * module;
                Rect::from_xywh(left, top, to_f32(length) * module, module)
            })
            .collect();
        sheet.fill_all(&squares, Ink::Black);
    }

    /// Runs of dark modules of a row: where they start and how long they are.
    fn runs(&self, row: i32) -> Vec<(i32, i32, i32)> {
        let mut runs: Vec<(i32, i32, i32)> = Vec::new();
        for column in (0..self.0.size()).filter(|column| self.0.get_module(*column, row)) {
            match runs.last_mut() {
                Some((_, start, length)) if *start + *length == column => *length += 1,
                _ => runs.push((row, column, 1)),
            }
        }
        runs
    }
}

/// A count of modules; there are at most 185.
fn to_f32(count: i32) -> f32 {
    f32::from(i16::try_from(count).unwrap_or(i16::MAX))
}
