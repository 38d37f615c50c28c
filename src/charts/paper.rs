//! The sheet a chart is drawn on: frame, hatchings, escaped text.

use std::fmt::Write as _;

use super::Caption;

/// Lengths are tenths of a pixel, so that no number needs a point but in the file.
pub(super) const WIDTH: i64 = 7200;
pub(super) const HEIGHT: i64 = 3200;

/// Six hatchings that stay apart in black and white; each with a tone of its own for those who see colours.
const HATCHINGS: [(&str, &str); 6] = [
    ("#1d4ed8", ""),
    (
        "#0f766e",
        "<path d=\"M0 8 8 0\" stroke=\"#fff\" stroke-width=\"2\"/>",
    ),
    (
        "#b45309",
        "<path d=\"M0 4h8\" stroke=\"#fff\" stroke-width=\"2\"/>",
    ),
    (
        "#7e22ce",
        "<circle cx=\"4\" cy=\"4\" r=\"1.6\" fill=\"#fff\"/>",
    ),
    (
        "#475569",
        "<path d=\"M4 0v8\" stroke=\"#fff\" stroke-width=\"2\"/>",
    ),
    (
        "#be123c",
        "<path d=\"M0 0 8 8M0 8 8 0\" stroke=\"#fff\" stroke-width=\"1.5\"/>",
    ),
];

/// A drawing under way.
pub(super) struct Drawing {
    text: String,
    id: String,
}

impl Drawing {
    pub(super) fn new(caption: &Caption, height: i64) -> Self {
        let id = caption.id.clone();
        let mut text = format!(
            "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-desc\" font-family=\"sans-serif\" font-size=\"12\">",
            px(WIDTH),
            px(height),
        );
        let (title, description) = (escaped(&caption.title), escaped(&caption.description));
        let told = write!(
            text,
            "<title id=\"{id}-title\">{title}</title><desc id=\"{id}-desc\">{description}</desc><defs>"
        );
        for (number, (tone, lines)) in HATCHINGS.iter().enumerate() {
            let hatched = write!(
                text,
                "<pattern id=\"{id}-{number}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">\
                 <rect width=\"8\" height=\"8\" fill=\"{tone}\"/>{lines}</pattern>"
            );
            debug_assert!(hatched.is_ok(), "a text takes what is written");
        }
        debug_assert!(told.is_ok(), "a text takes what is written");
        text.push_str("</defs>");
        Self { text, id }
    }

    /// The hatching of a layer or bar.
    pub(super) fn hatching(&self, number: usize) -> String {
        format!("url(#{}-{})", self.id, number % HATCHINGS.len())
    }

    pub(super) fn line(&mut self, from: (i64, i64), to: (i64, i64)) {
        let (x1, y1, x2, y2) = (px(from.0), px(from.1), px(to.0), px(to.1));
        self.add(&format!(
            "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" stroke=\"currentColor\" stroke-opacity=\".25\"/>"
        ));
    }

    pub(super) fn rectangle(&mut self, at: (i64, i64), size: (i64, i64), fill: &str) {
        let (x, y, width, height) = (px(at.0), px(at.1), px(size.0), px(size.1));
        self.add(&format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\" stroke=\"currentColor\" \
             stroke-width=\".5\"/>"
        ));
    }

    pub(super) fn area(&mut self, points: &[(i64, i64)], fill: &str) {
        let points: Vec<String> = points
            .iter()
            .map(|(x, y)| format!("{},{}", px(*x), px(*y)))
            .collect();
        self.add(&format!(
            "<polygon points=\"{}\" fill=\"{fill}\" stroke=\"currentColor\" stroke-width=\".5\"/>",
            points.join(" ")
        ));
    }

    /// `anchor` is `start`, `middle` or `end`.
    pub(super) fn text(&mut self, at: (i64, i64), anchor: &str, text: &str) {
        let (x, y, text) = (px(at.0), px(at.1), escaped(text));
        self.add(&format!(
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" fill=\"currentColor\">{text}</text>"
        ));
    }

    fn add(&mut self, element: &str) {
        self.text.push_str(element);
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str("</svg>");
        self.text
    }
}

fn px(tenths: i64) -> String {
    if tenths % 10 == 0 {
        (tenths / 10).to_string()
    } else {
        let sign = if tenths < 0 { "-" } else { "" };
        format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
