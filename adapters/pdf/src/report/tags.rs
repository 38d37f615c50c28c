//! What a program that reads the report out is told: headings, paragraphs, tables, charts (PDF's logical structure).

use std::num::NonZeroU16;

use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};

use crate::sheet::Sheet;

/// How a line is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// The report's title.
    Title,
    /// A section's heading.
    Heading,
    /// A paragraph.
    Text,
}

impl Voice {
    fn tag(self) -> TagKind {
        match self {
            Self::Title => Tag::Hn(NonZeroU16::MIN, None).into(),
            Self::Heading => Tag::Hn(NonZeroU16::MIN.saturating_add(1), None).into(),
            Self::Text => Tag::P.into(),
        }
    }
}

/// The structure so far, and the table that is being drawn.
#[derive(Default)]
pub(super) struct Tags {
    done: Vec<TagGroup>,
    table: Vec<Row>,
}

struct Row {
    is_head: bool,
    cells: Vec<TagGroup>,
}

impl Tags {
    /// Draws something that is not read out.
    pub(super) fn skip(sheet: &mut Sheet<'_, '_>, draw: impl FnOnce(&mut Sheet<'_, '_>)) {
        let artifact = Artifact::with_kind(ArtifactType::Other);
        sheet.surface.start_tagged(ContentTag::Artifact(artifact));
        draw(sheet);
        sheet.surface.end_tagged();
    }

    pub(super) fn line(
        &mut self,
        sheet: &mut Sheet<'_, '_>,
        voice: Voice,
        draw: impl FnOnce(&mut Sheet<'_, '_>),
    ) {
        self.end_table();
        let group = tagged(sheet, voice.tag(), ContentTag::Span(SpanTag::empty()), draw);
        self.done.push(group);
    }

    pub(super) fn figure(
        &mut self,
        sheet: &mut Sheet<'_, '_>,
        says: &str,
        draw: impl FnOnce(&mut Sheet<'_, '_>),
    ) {
        self.end_table();
        let tag = Tag::Figure(Some(says.to_owned()));
        let group = tagged(sheet, tag.into(), ContentTag::Other, draw);
        self.done.push(group);
    }

    pub(super) fn begin_table(&mut self) {
        self.end_table();
        self.table.push(Row {
            is_head: true,
            cells: Vec::new(),
        });
    }

    pub(super) fn begin_row(&mut self) {
        self.table.push(Row {
            is_head: false,
            cells: Vec::new(),
        });
    }

    /// A cell of the row that was begun last: a header above or before others, or figures.
    pub(super) fn cell(
        &mut self,
        sheet: &mut Sheet<'_, '_>,
        draw: impl FnOnce(&mut Sheet<'_, '_>),
    ) {
        let Some(row) = self.table.last_mut() else {
            return draw(sheet);
        };
        let tag: TagKind = match (row.is_head, row.cells.is_empty()) {
            (true, _) => Tag::TH(TableHeaderScope::Column).into(),
            (false, true) => Tag::TH(TableHeaderScope::Row).into(),
            (false, false) => Tag::TD.into(),
        };
        let group = tagged(sheet, tag, ContentTag::Span(SpanTag::empty()), draw);
        row.cells.push(group);
    }

    fn end_table(&mut self) {
        if self.table.is_empty() {
            return;
        }
        let mut table = TagGroup::new(Tag::Table);
        for row in std::mem::take(&mut self.table) {
            let mut group = TagGroup::new(Tag::TR);
            row.cells.into_iter().for_each(|cell| group.push(cell));
            table.push(group);
        }
        self.done.push(table);
    }

    /// The whole structure.
    pub(super) fn tree(mut self) -> TagTree {
        self.end_table();
        let mut tree = TagTree::new();
        for group in self.done {
            tree.push(group);
        }
        tree
    }
}

fn tagged(
    sheet: &mut Sheet<'_, '_>,
    tag: TagKind,
    content: ContentTag<'_>,
    draw: impl FnOnce(&mut Sheet<'_, '_>),
) -> TagGroup {
    let id = sheet.surface.start_tagged(content);
    draw(sheet);
    sheet.surface.end_tagged();
    let mut group = TagGroup::new(tag);
    group.push(id);
    group
}
