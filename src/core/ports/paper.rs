//! What is printed or read as on paper: marked copies (R23) and reports, as PDF.

use crate::calendar::Timestamp;

/// A label in both languages with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// In Japanese.
    pub label_ja: &'static str,
    /// In English.
    pub label_en: &'static str,
    /// The value, one or several lines.
    pub value: String,
}

/// A file that belongs to the original.
#[derive(Debug, Clone, Copy)]
pub struct Enclosure<'a> {
    /// Its name.
    pub name: &'a str,
    /// The PDF.
    pub bytes: &'a [u8],
}

/// What a copy shows.
#[derive(Debug, Clone)]
pub struct CopySheet<'a> {
    /// The title in Japanese.
    pub title_ja: String,
    /// The title in English.
    pub title_en: String,
    /// Sentences below the title.
    pub notice: Vec<String>,
    /// The bond's data.
    pub rows: Vec<Row>,
    /// The text of the guarantee.
    pub wording: &'a str,
    /// Lines that stand on every page: that it is a copy, of what, when, for whom.
    pub mark: Vec<String>,
    /// What the QR code says.
    pub code: String,
    /// Lines beside the QR code.
    pub code_caption: Vec<String>,
    /// The attachments: their pages follow, each with the mark.
    pub attachments: Vec<Enclosure<'a>>,
    /// When it is made.
    pub made_at: Timestamp,
}

/// A copy that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeCopy {
    /// The PDF.
    pub bytes: Vec<u8>,
    /// Names of attachments whose pages could not be marked one by one, or not with everything on them:
    /// they lie in the PDF as files.
    pub enclosed: Vec<String>,
}

/// Makes copies.
pub trait MakeCopy: Send + Sync {
    /// Makes a PDF of which every page says that it is a copy.
    fn make(&self, sheet: &CopySheet<'_>) -> Result<MadeCopy, PaperError>;
}

/// Why no PDF was made.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The text for the QR code is too long.
    #[error("the text for the QR code is too long")]
    Code,
    /// The library failed.
    #[error("the PDF could not be made: {0}")]
    Failed(String),
}

/// A report: a title, then sections from top to bottom.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The title.
    pub title: String,
    /// Lines below it: of what day, for whom.
    pub subtitle: Vec<String>,
    /// `ja` or `en`.
    pub language: String,
    /// What follows.
    pub sections: Vec<Section>,
    /// When it is made.
    pub made_at: Timestamp,
}

/// A section of a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Section {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A table; its head is repeated on every page.
    Table {
        /// The columns.
        columns: Vec<Column>,
        /// The rows, a text for each column.
        rows: Vec<Vec<String>>,
    },
    /// A chart.
    Bars(Chart),
}

/// Stacked bars, one for each label; in shades that differ in black and white.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What it shows, in a sentence, for whoever has it read out.
    pub says: String,
    /// Below the bars.
    pub labels: Vec<String>,
    /// Name and values, as many as labels; negative ones count as 0.
    pub series: Vec<(String, Vec<f64>)>,
    /// What the greatest value is, as it is written.
    pub greatest: String,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its head.
    pub title: String,
    /// Its share of the width, of the sum of all shares.
    pub share: u16,
    /// Whether its texts end at the right, as figures do.
    pub figures: bool,
}

/// Makes reports.
pub trait MakeReport: Send + Sync {
    /// Makes a PDF, A4 upright.
    fn make(&self, report: &Report) -> Result<Vec<u8>, PaperError>;
}
