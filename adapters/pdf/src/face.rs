//! The font: which glyph is a letter, how wide is a text, where does a line end.
//!
//! One face for Japanese and Latin, without layout features: neither script needs them here, and what
//! is searched or copied out of the PDF are the letters themselves.

use bondhub_core::ports::paper::PaperError;
use krilla::text::{Font, GlyphId, KrillaGlyph};

/// See `fonts/README.md`.
static BYTES: &[u8] = include_bytes!("../fonts/BIZUDPGothic-Regular.ttf");
/// Stands for a letter the font does not have.
const MISSING: char = '〓';

/// The face.
pub(crate) struct Face {
    pub(crate) font: Font,
    parsed: ttf_parser::Face<'static>,
}

impl Face {
    pub(crate) fn load() -> Result<Self, PaperError> {
        let unusable = || PaperError::Failed("the font cannot be used".to_owned());
        Ok(Self {
            font: Font::new(BYTES.into(), 0).ok_or_else(unusable)?,
            parsed: ttf_parser::Face::parse(BYTES, 0).map_err(|_| unusable())?,
        })
    }

    /// The glyphs of a line; a letter that is not there is shown as one that says so.
    pub(crate) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        text.char_indices()
            .map(|(start, letter)| {
                let id = self.glyph(letter);
                KrillaGlyph {
                    glyph_id: GlyphId::new(u32::from(id.0)),
                    text_range: start..start + letter.len_utf8(),
                    x_advance: self.advance(id),
                    x_offset: 0.0,
                    y_offset: 0.0,
                    y_advance: 0.0,
                    location: None,
                }
            })
            .collect()
    }

    /// How wide a text is, in points.
    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        let letters = text.chars();
        letters
            .map(|letter| self.advance(self.glyph(letter)) * size)
            .sum()
    }

    /// Breaks a text into lines at most `width` wide: at its own line ends, else at blanks, else (as in
    /// Japanese) between any two letters but before what must not begin a line.
    pub(crate) fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            self.break_paragraph(paragraph, size, width, &mut lines);
        }
        lines
    }

    fn break_paragraph(&self, paragraph: &str, size: f32, width: f32, lines: &mut Vec<String>) {
        let mut line = String::new();
        for word in words(paragraph) {
            let joined = format!("{line}{word}");
            if self.width(joined.trim_end(), size) <= width {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(line.trim_end().to_owned());
            }
            line = self.break_word(word.trim_start(), size, width, lines);
        }
        lines.push(line.trim_end().to_owned());
    }

    /// A word wider than a line is broken where it must be; what is left of it is returned.
    fn break_word(&self, word: &str, size: f32, width: f32, lines: &mut Vec<String>) -> String {
        let mut line = String::new();
        for letter in word.chars() {
            line.push(letter);
            if self.width(&line, size) > width && line.chars().nth(1).is_some() {
                line.pop();
                lines.push(std::mem::take(&mut line));
                line.push(letter);
            }
        }
        line
    }

    fn glyph(&self, letter: char) -> ttf_parser::GlyphId {
        let letter = if letter.is_control() { ' ' } else { letter };
        let found = self.parsed.glyph_index(letter);
        found
            .or_else(|| self.parsed.glyph_index(MISSING))
            .unwrap_or_default()
    }

    fn advance(&self, glyph: ttf_parser::GlyphId) -> f32 {
        let advance = self.parsed.glyph_hor_advance(glyph).unwrap_or_default();
        f32::from(advance) / f32::from(self.parsed.units_per_em())
    }
}

/// Letters that do not begin a line (kinsoku).
const NOT_FIRST: &str =
    "、。，．・：；？！）］｝」』】〉》〕,.:;?!)]}%ー々ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ";

/// Pieces between which a line may end: words with the blank behind them, single letters of Japanese.
fn words(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut before) = (0, None::<char>);
    for (at, letter) in text.char_indices() {
        let breaks = before.is_some_and(|before| {
            let after_blank = before == ' ' || before == '\u{3000}';
            let wide = is_wide(before) || is_wide(letter);
            (after_blank || wide) && letter != ' ' && !NOT_FIRST.contains(letter)
        });
        if breaks {
            pieces.extend(text.get(start..at));
            start = at;
        }
        before = Some(letter);
    }
    pieces.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    pieces
}

fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{3000}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_never_wider_than_asked_and_loses_no_letter() {
        let face = Face::load().unwrap();
        let text = "発行機関は、受注者が契約を履行しないとき、発注者に対し保証金額を限度として支払う。\
                    The issuer pays the owner up to the amount guaranteed. 123456789012345678901234567890";
        for width in [30.0, 80.0, 200.0] {
            let lines = face.lines(text, 10.0, width);
            assert!(lines.iter().all(|line| face.width(line, 10.0) <= width));
            let without = |text: &str| text.replace(' ', "");
            assert_eq!(without(&lines.concat()), without(text), "{width}");
        }
    }

    #[test]
    fn no_line_begins_with_a_full_stop_or_a_closing_bracket() {
        let face = Face::load().unwrap();
        for width in 40..120_u8 {
            let lines = face.lines(
                "保証する。（注）保証しない。「写し」。",
                10.0,
                f32::from(width),
            );
            for line in lines {
                let first = line.chars().next().unwrap();
                assert!(!"。）」".contains(first), "{width}: {line}");
            }
        }
    }

    #[test]
    fn a_letter_the_font_does_not_have_is_shown_as_one_that_says_so() {
        let face = Face::load().unwrap();
        let glyphs = face.glyphs("\u{1f600}〓");
        assert_eq!(glyphs[0].glyph_id, glyphs[1].glyph_id);
        assert_ne!(face.glyphs("髙")[0].glyph_id, glyphs[1].glyph_id);
    }
}
