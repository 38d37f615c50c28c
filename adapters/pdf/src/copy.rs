//! Copies: a cover page with the bond's data, then the attachments' pages. Every page says that it is a
//! copy, in large letters across and in a strip of its own below, so that nothing of a page is hidden.
//!
//! What cannot be taken apart into pages, or has annotations (a visible signature is one), lies in the
//! PDF as a file too.

mod cover;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use bondhub_core::ports::paper::{CopySheet, Enclosure, MadeCopy, PaperError};
use chrono::{Datelike as _, Timelike as _};
use krilla::{
    Document, SerializeSettings,
    configure::{ConfigurationBuilder, PdfVersion},
    embed::{AssociationKind, EmbeddedFile, MimeType},
    geom::{Size, Transform},
    metadata::{DateTime, Metadata},
    page::PageSettings,
    pdf::{Pdf, PdfDocument},
};

use crate::{
    code::Code,
    face::Face,
    sheet::{Ink, Sheet},
};

/// The strip below each page.
const STRIP: f32 = 46.0;
/// Written across every page.
const ACROSS: &str = "写し COPY";
/// Pages smaller or larger than this (in points) are not redrawn.
const SIDES: std::ops::RangeInclusive<f32> = 72.0..=7200.0;

/// An attachment with more pages is not redrawn: it would take minutes and gigabytes.
const MOST_PAGES: usize = 500;

/// An attachment that can be redrawn page by page.
struct Drawn {
    document: PdfDocument,
    pages: Vec<(f32, f32)>,
}

pub(crate) fn make(sheet: &CopySheet<'_>) -> Result<MadeCopy, PaperError> {
    let attempt = |draws: bool| catch_unwind(AssertUnwindSafe(|| compose(sheet, draws)));
    // The library reads foreign files: whatever it makes of an odd one, there is a copy.
    match attempt(true) {
        Ok(Ok(made)) => Ok(made),
        Ok(Err(PaperError::Code)) => Err(PaperError::Code),
        Ok(Err(PaperError::Failed(_))) | Err(_) => attempt(false)
            .unwrap_or_else(|_| Err(PaperError::Failed("the library panicked".to_owned()))),
    }
}

fn compose(sheet: &CopySheet<'_>, draws: bool) -> Result<MadeCopy, PaperError> {
    let (face, code) = (Face::load()?, Code::of(&sheet.code)?);
    let mut document = Document::new_with(settings()?);
    let (mut redrawn, mut enclosed) = (Vec::new(), Vec::new());
    for attachment in &sheet.attachments {
        let taken = draws.then(|| read(attachment.bytes)).flatten();
        let whole = taken
            .as_ref()
            .is_some_and(|(_, has_annotations)| !has_annotations);
        redrawn.extend(taken.map(|(pages, _)| pages));
        if !whole {
            enclose(&mut document, attachment, sheet)?;
            enclosed.push(attachment.name.to_owned());
        }
    }
    cover::draw(&mut document, &face, &code, sheet, &enclosed)?;
    for attachment in &redrawn {
        for (index, size) in attachment.pages.iter().enumerate() {
            page(
                &mut document,
                &face,
                &code,
                sheet,
                (&attachment.document, index, *size),
            )?;
        }
    }
    document.set_metadata(metadata(sheet));
    let bytes = document
        .finish()
        .map_err(|error| PaperError::Failed(error.to_string()))?;
    Ok(MadeCopy { bytes, enclosed })
}

fn settings() -> Result<SerializeSettings, PaperError> {
    // What is embedded may be of any version.
    let configuration = ConfigurationBuilder::new()
        .with_version(PdfVersion::Pdf20)
        .finish();
    let configuration = configuration.map_err(|error| PaperError::Failed(format!("{error:?}")))?;
    Ok(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    })
}

/// The pages of a PDF, and whether one of them has annotations; none if it cannot be taken apart.
fn read(bytes: &[u8]) -> Option<(Drawn, bool)> {
    let pdf = Arc::new(Pdf::new(bytes.to_vec()).ok()?);
    if pdf.pages().len() > MOST_PAGES {
        return None;
    }
    let pages: Vec<(f32, f32)> = pdf
        .pages()
        .iter()
        .map(|page| {
            let (width, height) = page.render_dimensions();
            (width, height)
        })
        .collect();
    let fits = |(width, height): &(f32, f32)| SIDES.contains(width) && SIDES.contains(height);
    if pages.is_empty() || !pages.iter().all(fits) {
        return None;
    }
    let annotated = pdf
        .pages()
        .iter()
        .any(|page| page.raw().contains_key(b"Annots".as_slice()));
    let document = PdfDocument::new(pdf);
    Some((Drawn { document, pages }, annotated))
}

fn enclose(
    document: &mut Document,
    attachment: &Enclosure<'_>,
    sheet: &CopySheet<'_>,
) -> Result<(), PaperError> {
    let file = EmbeddedFile {
        path: attachment.name.to_owned(),
        mime_type: MimeType::new("application/pdf"),
        description: Some(sheet.mark.join(" ")),
        association_kind: AssociationKind::Supplement,
        data: attachment.bytes.to_vec().into(),
        modification_date: Some(date(sheet)),
        compress: Some(false),
        location: None,
    };
    let twice = || PaperError::Failed(format!("two attachments are called {}", attachment.name));
    document.embed_file(file).ok_or_else(twice)
}

/// A page of an attachment, as large as it was, with the strip below.
fn page(
    document: &mut Document,
    face: &Face,
    code: &Code,
    copy: &CopySheet<'_>,
    (pdf, index, (width, height)): (&PdfDocument, usize, (f32, f32)),
) -> Result<(), PaperError> {
    let odd = || PaperError::Failed("a page of an attachment has no size".to_owned());
    let settings = PageSettings::from_wh(width, height + STRIP).ok_or_else(odd)?;
    let size = Size::from_wh(width, height).ok_or_else(odd)?;
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    surface.push_transform(&Transform::identity());
    surface.draw_pdf_page(pdf, size, index);
    surface.pop();
    let mut sheet = Sheet {
        surface: &mut surface,
        face,
    };
    sheet.across(width, height, ACROSS);
    strip(&mut sheet, code, copy, (width, height));
    surface.finish();
    page.finish();
    Ok(())
}

/// The strip from `top` on: the mark, and the code.
fn strip(sheet: &mut Sheet<'_, '_>, code: &Code, copy: &CopySheet<'_>, (width, top): (f32, f32)) {
    sheet.fill(0.0, top, width, STRIP, Ink::White);
    sheet.fill(0.0, top, width, 0.8, Ink::Red);
    code.draw(sheet, (width - STRIP - 4.0, top + 1.5), STRIP - 3.0);
    let room = width - STRIP - 24.0;
    let size = 8.0;
    let widest = copy.mark.iter().map(|line| sheet.face.width(line, size));
    let widest = widest.fold(1.0, f32::max);
    let size = (size * (room / widest)).clamp(3.0, size);
    let mut y = top + 6.0 + size;
    for line in &copy.mark {
        sheet.text(12.0, y, size, Ink::Red, line);
        y += size * 1.45;
    }
}

fn metadata(sheet: &CopySheet<'_>) -> Metadata {
    Metadata::new()
        .title(format!("{} / {}", sheet.title_ja, sheet.title_en))
        .description(sheet.mark.join(" "))
        .language("ja".to_owned())
        .creator("bondhub".to_owned())
        .creation_date(date(sheet))
}

fn date(sheet: &CopySheet<'_>) -> DateTime {
    let at = sheet.made_at;
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}
