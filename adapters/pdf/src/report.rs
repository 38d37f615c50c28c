//! Reports: a title, tables, bars; page after page of A4, tagged so that they can be read out.

mod bars;
mod tags;

use bondhub_core::ports::paper::{Chart, Column, PaperError, Report, Section};
use krilla::{
    Document,
    metadata::Metadata,
    page::{Page, PageSettings},
};

use crate::{
    face::Face,
    sheet::{A4, Ink, Sheet},
};
use tags::{Tags, Voice};

const LEFT: f32 = 48.0;
const TOP: f32 = 64.0;
const BOTTOM: f32 = A4.1 - 56.0;
const WIDTH: f32 = A4.0 - 2.0 * LEFT;
const SIZE: f32 = 8.5;
const LINE: f32 = SIZE * 1.45;

/// Something that stands on a page as a whole.
pub(super) enum Block<'a> {
    Line(Voice, f32, Ink, String),
    Space(f32),
    /// The head of a table.
    Head(&'a [Column]),
    /// A row, as lines for each column.
    Row(&'a [Column], Vec<Vec<String>>),
    Bars(&'a Chart),
}

impl Block<'_> {
    fn height(&self) -> f32 {
        match self {
            Self::Line(_, size, ..) => size * 1.5,
            Self::Space(height) => *height,
            Self::Head(_) => LINE + 8.0,
            Self::Row(_, cells) => {
                let most = cells.iter().map(Vec::len).max().unwrap_or(1);
                rows_high(most)
            }
            Self::Bars(chart) => bars::height(chart.series.len()),
        }
    }
}

fn rows_high(lines: usize) -> f32 {
    LINE * f32::from(u16::try_from(lines.max(1)).unwrap_or(u16::MAX)) + 3.0
}

pub(crate) fn make(report: &Report) -> Result<Vec<u8>, PaperError> {
    let face = Face::load()?;
    let mut document = Document::new();
    let mut blocks = blocks(&face, report).into_iter().peekable();
    let (mut number, mut head) = (1_u32, None::<&[Column]>);
    let mut tags = Tags::default();
    while number == 1 || blocks.peek().is_some() {
        let mut page = start(&mut document)?;
        let mut surface = page.surface();
        let mut sheet = Sheet {
            surface: &mut surface,
            face: &face,
        };
        foot(&mut sheet, report, number);
        let mut y = TOP;
        // A table that goes on begins with its head again.
        if let (Some(columns), Some(Block::Row(..))) = (head, blocks.peek()) {
            Tags::skip(&mut sheet, |sheet| draw_head(sheet, y, columns, None));
            y += Block::Head(columns).height();
        }
        while let Some(block) =
            blocks.next_if(|block| y + block.height() <= BOTTOM || y <= TOP + LINE + 8.0)
        {
            if let Block::Head(columns) = &block {
                head = Some(columns);
            }
            y = draw(&mut sheet, &mut tags, y, &block);
        }
        surface.finish();
        page.finish();
        number += 1;
    }
    document.set_tag_tree(tags.tree());
    document.set_metadata(
        Metadata::new()
            .title(report.title.clone())
            .language(report.language.clone())
            .creator("bondhub".to_owned()),
    );
    document
        .finish()
        .map_err(|error| PaperError::Failed(error.to_string()))
}

fn start(document: &mut Document) -> Result<Page<'_>, PaperError> {
    let settings = PageSettings::from_wh(A4.0, A4.1)
        .ok_or_else(|| PaperError::Failed("A4 is no size".to_owned()))?;
    Ok(document.start_page_with(settings))
}

fn blocks<'a>(face: &Face, report: &'a Report) -> Vec<Block<'a>> {
    let mut blocks = Vec::new();
    add_lines(
        face,
        &mut blocks,
        Voice::Title,
        18.0,
        Ink::Black,
        &report.title,
    );
    for line in &report.subtitle {
        add_lines(face, &mut blocks, Voice::Text, 9.0, Ink::Grey, line);
    }
    for section in &report.sections {
        match section {
            Section::Heading(text) => {
                blocks.push(Block::Space(12.0));
                add_lines(face, &mut blocks, Voice::Heading, 12.0, Ink::Black, text);
            }
            Section::Text(text) => {
                add_lines(face, &mut blocks, Voice::Text, 9.0, Ink::Black, text);
            }
            Section::Table { columns, rows } => {
                blocks.push(Block::Space(4.0));
                blocks.push(Block::Head(columns));
                blocks.extend(rows.iter().map(|row| table_row(face, columns, row)));
            }
            Section::Bars(chart) => blocks.push(Block::Bars(chart)),
        }
    }
    blocks
}

fn add_lines(
    face: &Face,
    blocks: &mut Vec<Block<'_>>,
    voice: Voice,
    size: f32,
    ink: Ink,
    text: &str,
) {
    let lines = face.lines(text, size, WIDTH).into_iter();
    blocks.extend(lines.map(|line| Block::Line(voice, size, ink, line)));
}

fn table_row<'a>(face: &Face, columns: &'a [Column], row: &[String]) -> Block<'a> {
    let cells = columns.iter().zip(row).map(|(column, text)| {
        let room = width_of(columns, column) - 8.0;
        face.lines(text, SIZE, room)
    });
    Block::Row(columns, cells.collect())
}

fn width_of(columns: &[Column], column: &Column) -> f32 {
    let sum: f32 = columns.iter().map(|one| f32::from(one.share)).sum();
    WIDTH * f32::from(column.share) / sum.max(1.0)
}

fn draw(sheet: &mut Sheet<'_, '_>, tags: &mut Tags, y: f32, block: &Block<'_>) -> f32 {
    match block {
        Block::Line(voice, size, ink, text) => tags.line(sheet, *voice, |sheet| {
            sheet.text(LEFT, y + size, *size, *ink, text);
        }),
        Block::Space(_) => {}
        Block::Head(columns) => draw_head(sheet, y, columns, Some(tags)),
        Block::Row(columns, texts) => {
            tags.begin_row();
            cells(sheet, columns, texts, y, Some(tags));
            let line = y + block.height() - 1.0;
            Tags::skip(sheet, |sheet| sheet.fill(LEFT, line, WIDTH, 0.3, Ink::Pale));
        }
        Block::Bars(chart) => tags.figure(sheet, &chart.says, |sheet| {
            bars::draw(sheet, (LEFT, y, WIDTH), chart);
        }),
    }
    y + block.height()
}

/// The head of a table; without tags where it is repeated.
fn draw_head(sheet: &mut Sheet<'_, '_>, y: f32, columns: &[Column], mut tags: Option<&mut Tags>) {
    let field = |sheet: &mut Sheet<'_, '_>| sheet.fill(LEFT, y, WIDTH, LINE + 4.0, Ink::Pale);
    match &mut tags {
        Some(tags) => {
            Tags::skip(sheet, field);
            tags.begin_table();
        }
        None => field(sheet),
    }
    let titles = columns.iter().map(|column| vec![column.title.clone()]);
    cells(sheet, columns, &titles.collect::<Vec<_>>(), y + 2.0, tags);
}

fn cells(
    sheet: &mut Sheet<'_, '_>,
    columns: &[Column],
    texts: &[Vec<String>],
    y: f32,
    mut tags: Option<&mut Tags>,
) {
    let mut x = LEFT;
    for (column, lines) in columns.iter().zip(texts) {
        let width = width_of(columns, column);
        let draw = |sheet: &mut Sheet<'_, '_>| cell(sheet, column, lines, (x, y, width));
        match &mut tags {
            Some(tags) => tags.cell(sheet, draw),
            None => draw(sheet),
        }
        x += width;
    }
}

fn cell(
    sheet: &mut Sheet<'_, '_>,
    column: &Column,
    lines: &[String],
    (x, y, width): (f32, f32, f32),
) {
    let mut line_y = y + SIZE + 1.0;
    for line in lines {
        let start = if column.figures {
            x + width - 4.0 - sheet.face.width(line, SIZE)
        } else {
            x + 4.0
        };
        sheet.text(start, line_y, SIZE, Ink::Black, line);
        line_y += LINE;
    }
}

/// What every page ends with is not read out.
fn foot(sheet: &mut Sheet<'_, '_>, report: &Report, number: u32) {
    Tags::skip(sheet, |sheet| draw_foot(sheet, report, number));
}

fn draw_foot(sheet: &mut Sheet<'_, '_>, report: &Report, number: u32) {
    let y = A4.1 - 32.0;
    sheet.fill(LEFT, y - 12.0, WIDTH, 0.4, Ink::Pale);
    sheet.text(LEFT, y, 7.0, Ink::Grey, &report.title);
    let number = number.to_string();
    let start = LEFT + WIDTH - sheet.face.width(&number, 7.0);
    sheet.text(start, y, 7.0, Ink::Grey, &number);
}
