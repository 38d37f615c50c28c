//! The cover: what the bond says, in Japanese and English; further pages where it says much.

use bondhub_core::ports::paper::{CopySheet, PaperError};
use krilla::{Document, page::PageSettings};

use super::{ACROSS, STRIP, strip};
use crate::{
    code::Code,
    face::Face,
    sheet::{A4, Ink, Sheet},
};

const LEFT: f32 = 56.0;
const LABELS: f32 = 128.0;
const CODE: f32 = 116.0;
/// Nothing is written below this.
const BOTTOM: f32 = A4.1 - STRIP - 24.0;
const SIZE: f32 = 10.0;

/// A line of the cover, with the room it needs.
struct Line {
    label: Option<(&'static str, &'static str)>,
    text: String,
}

pub(super) fn draw(
    document: &mut Document,
    face: &Face,
    code: &Code,
    copy: &CopySheet<'_>,
    enclosed: &[String],
) -> Result<(), PaperError> {
    let mut lines = lines(face, copy, enclosed).into_iter().peekable();
    let mut first = true;
    while first || lines.peek().is_some() {
        let settings = PageSettings::from_wh(A4.0, A4.1)
            .ok_or_else(|| PaperError::Failed("A4 is no size".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        let mut sheet = Sheet {
            surface: &mut surface,
            face,
        };
        sheet.across(A4.0, A4.1, ACROSS);
        let mut y = if first {
            head(&mut sheet, code, copy)
        } else {
            72.0
        };
        while let Some(line) = lines.next_if(|_| y < BOTTOM) {
            y = draw_line(&mut sheet, y, &line);
        }
        strip(&mut sheet, code, copy, (A4.0, A4.1 - STRIP));
        surface.finish();
        page.finish();
        first = false;
    }
    Ok(())
}

/// Title, notice and code; where the rows begin.
fn head(sheet: &mut Sheet<'_, '_>, code: &Code, copy: &CopySheet<'_>) -> f32 {
    let room = A4.0 - 2.0 * LEFT - CODE - 16.0;
    sheet.fill(LEFT, 52.0, 40.0, 3.0, Ink::Red);
    let y = sheet.paragraph((LEFT, 82.0), room, 20.0, Ink::Black, &copy.title_ja);
    let mut y = sheet.paragraph((LEFT, y - 6.0), room, 12.0, Ink::Grey, &copy.title_en) + 6.0;
    for sentence in &copy.notice {
        y = sheet.paragraph((LEFT, y), room, 9.0, Ink::Black, sentence) + 2.0;
    }
    let corner = (A4.0 - LEFT - CODE, 48.0);
    code.draw(sheet, corner, CODE);
    let mut below = corner.1 + CODE + 8.0;
    for line in &copy.code_caption {
        below = sheet.paragraph((corner.0, below), CODE, 7.0, Ink::Grey, line);
    }
    let y = y.max(below) + 8.0;
    sheet.fill(LEFT, y, A4.0 - 2.0 * LEFT, 0.8, Ink::Black);
    y + 20.0
}

/// Everything below the head, broken into lines.
fn lines(face: &Face, copy: &CopySheet<'_>, enclosed: &[String]) -> Vec<Line> {
    let mut lines = Vec::new();
    for row in &copy.rows {
        add(face, &mut lines, (row.label_ja, row.label_en), &row.value);
    }
    if !copy.wording.is_empty() {
        add(face, &mut lines, ("保証文言", "Wording"), copy.wording);
    }
    for attachment in &copy.attachments {
        let as_file = enclosed.iter().any(|name| name == attachment.name);
        let how = if as_file {
            "このPDFに添付ファイルとして含まれます / contained in this PDF as a file"
        } else {
            "次のページ以降 / on the pages that follow"
        };
        let text = format!("{}\n{how}", attachment.name);
        add(face, &mut lines, ("添付書類", "Attachment"), &text);
    }
    lines
}

fn add(face: &Face, lines: &mut Vec<Line>, label: (&'static str, &'static str), text: &str) {
    let room = A4.0 - 2.0 * LEFT - LABELS;
    let mut label = Some(label);
    for text in face.lines(text, SIZE, room) {
        lines.push(Line {
            label: label.take(),
            text,
        });
    }
}

fn draw_line(sheet: &mut Sheet<'_, '_>, y: f32, line: &Line) -> f32 {
    let mut y = y;
    if let Some((ja, en)) = line.label {
        y += 5.0;
        sheet.fill(LEFT, y - SIZE - 4.0, A4.0 - 2.0 * LEFT, 0.4, Ink::Pale);
        sheet.text(LEFT, y, 9.0, Ink::Black, ja);
        let beside = LEFT + sheet.face.width(ja, 9.0) + 6.0;
        sheet.text(beside, y, 7.0, Ink::Grey, en);
    }
    sheet.text(LEFT + LABELS, y, SIZE, Ink::Black, &line.text);
    y + SIZE * 1.5
}
