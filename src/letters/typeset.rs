//! From what a template gave to lines a mail reader shows well.
//!
//! Templates are written for people to edit: neighbouring lines are one paragraph, a blank line
//! ends it. Four kinds of line stand for themselves: a heading (`## `), `label⇥value`, a list item
//! (`- `, `・`), and a line indented by four blanks, such as a command, which is never broken.

use bondhub_core::party::Language;

/// The longest line, in columns; a full-width character takes two.
pub(super) const COLUMNS: usize = 76;
const LONGEST_SUBJECT: usize = 110;
const VERBATIM: &str = "    ";
const HEADING: &str = "## ";

/// One line, not too long.
pub(super) fn subject(text: &str) -> String {
    let text = super::wording::one_line(text.trim());
    if text.chars().count() <= LONGEST_SUBJECT {
        return text;
    }
    let cut: String = text.chars().take(LONGEST_SUBJECT - 1).collect();
    format!("{}…", cut.trim_end())
}

/// The body, in lines.
pub(super) fn body(text: &str, language: Language) -> String {
    let mut page = Page {
        language,
        out: String::new(),
        paragraph: String::new(),
    };
    text.lines().for_each(|line| page.take(line));
    page.end_paragraph();
    let trimmed = page.out.trim_end();
    format!("{trimmed}\n")
}

struct Page {
    language: Language,
    out: String,
    paragraph: String,
}

impl Page {
    fn take(&mut self, line: &str) {
        if line.trim().is_empty() {
            self.blank();
        } else if let Some(heading) = line.strip_prefix(HEADING) {
            self.heading(heading.trim());
        } else if line.starts_with(VERBATIM) {
            self.end_paragraph();
            self.line(line.trim_end());
        } else if let Some((label, value)) = line.split_once('\t') {
            self.end_paragraph();
            let label = padded(label.trim(), label_columns(self.language));
            self.wrapped(
                &format!("{label}{}", value.trim()),
                label_columns(self.language),
            );
        } else {
            if is_item(line) {
                self.end_paragraph();
            }
            self.join(line.trim());
        }
    }

    fn blank(&mut self) {
        self.end_paragraph();
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn heading(&mut self, text: &str) {
        self.end_paragraph();
        match self.language {
            Language::Ja => self.line(&format!("【{text}】")),
            Language::En => {
                self.line(text);
                self.line(&"-".repeat(width(text)));
            }
        }
    }

    /// Japanese has no blank between the lines of a paragraph, unless both ends are Latin.
    fn join(&mut self, line: &str) {
        let seam = (self.paragraph.chars().last(), line.chars().next());
        if let (Some(last), Some(first)) = seam
            && !(is_wide(last) || is_wide(first))
        {
            self.paragraph.push(' ');
        }
        self.paragraph.push_str(line);
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        if !paragraph.is_empty() {
            let indent = if is_item(&paragraph) { 2 } else { 0 };
            self.wrapped(&paragraph, indent);
        }
    }

    fn wrapped(&mut self, text: &str, indent: usize) {
        for line in wrap(text, indent) {
            self.line(&line);
        }
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }
}

fn label_columns(language: Language) -> usize {
    match language {
        Language::Ja => 18,
        Language::En => 17,
    }
}

fn padded(label: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(label)).max(1);
    format!("{label}{}", " ".repeat(missing))
}

fn is_item(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with('・')
}

/// Breaks a text into lines; all but the first are indented.
fn wrap(text: &str, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut columns) = (String::new(), 0);
    for piece in pieces(text) {
        let full = columns + width(piece.trim_end()) > COLUMNS;
        if full && !line.trim().is_empty() {
            lines.push(line.trim_end().to_owned());
            line.clear();
            line.extend(std::iter::repeat_n(' ', indent));
            columns = indent;
        }
        line.push_str(piece);
        columns += width(piece);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// The parts between which a line may be broken.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at_checked(first_break(rest))?;
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Where a text may first be broken, in bytes; its end if nowhere.
fn first_break(text: &str) -> usize {
    let following = text.char_indices().skip(1);
    let mut pairs = text.chars().zip(following);
    let found = pairs.find(|(last, (_, next))| may_break(*last, *next));
    found.map_or(text.len(), |(_, (at, _))| at)
}

fn may_break(last: char, next: char) -> bool {
    if next == ' ' {
        return false;
    }
    let between_words = last == ' ' || is_wide(last) || is_wide(next);
    between_words && !may_not_begin(next) && !may_not_end(last) && !is_in_date(last, next)
}

/// Japanese line breaking: what may not stand at the beginning of a line.
fn may_not_begin(c: char) -> bool {
    "、。，．」』）】〉》〕］｝！？・ー：；々ゃゅょっぁぃぅぇぉャュョッァィゥェォ,.;:!?)]}”’"
        .contains(c)
}

/// What may not stand at its end.
fn may_not_end(c: char) -> bool {
    "「『（【〈《〔［｛￥([{“‘".contains(c)
}

fn is_in_date(last: char, next: char) -> bool {
    (last.is_ascii_digit() && "年月日版％".contains(next))
        || ("年月".contains(last) && next.is_ascii_digit())
}

fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// East Asian wide and full-width characters, as mail readers with fixed columns draw them.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
}
