//! PDF: marked copies of bonds (R23), reports.
//!
//! | file | concern |
//! |---|---|
//! | `face` | the font: letters, widths, lines |
//! | `sheet` | drawing on a page, from the top left, in points |
//! | `code` | QR codes |
//! | `copy` | copies: a cover page, then the attachments' pages with the mark |
//! | `report` | reports: tables and bars |
#![warn(missing_docs)]

mod code;
mod copy;
mod face;
mod report;
mod sheet;

use bondhub_core::ports::paper::{CopySheet, MadeCopy, MakeCopy, MakeReport, PaperError, Report};

/// Makes PDFs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Paper;

impl MakeCopy for Paper {
    fn make(&self, sheet: &CopySheet<'_>) -> Result<MadeCopy, PaperError> {
        copy::make(sheet)
    }
}

impl MakeReport for Paper {
    fn make(&self, report: &Report) -> Result<Vec<u8>, PaperError> {
        report::make(report)
    }
}

#[cfg(test)]
mod tests;
