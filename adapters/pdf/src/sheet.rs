//! Drawing on a page: from the top left, in points.

use krilla::{
    color::{luma, rgb},
    geom::{PathBuilder, Point, Rect, Transform},
    num::NormalizedF32,
    paint::Fill,
    surface::Surface,
};

use crate::face::Face;

/// A4, in points.
pub(crate) const A4: (f32, f32) = (595.28, 841.89);

/// What is drawn with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Ink {
    /// Text.
    Black,
    /// Text that stands back.
    Grey,
    /// Lines and fields behind text.
    Pale,
    /// White.
    White,
    /// The one colour: it says "copy".
    Red,
    /// A shade of grey, for charts.
    Shade(u8),
    /// The letters behind a page.
    Water,
}

/// A page that is drawn on.
pub(crate) struct Sheet<'a, 'b> {
    pub(crate) surface: &'a mut Surface<'b>,
    pub(crate) face: &'a Face,
}

impl Sheet<'_, '_> {
    fn ink(&mut self, ink: Ink) {
        let (paint, opacity) = match ink {
            Ink::Black => (luma::Color::new(20).into(), 1.0),
            Ink::Grey => (luma::Color::new(90).into(), 1.0),
            Ink::Pale => (luma::Color::new(205).into(), 1.0),
            Ink::White => (luma::Color::new(255).into(), 1.0),
            Ink::Shade(grey) => (luma::Color::new(grey).into(), 1.0),
            Ink::Red => (rgb::Color::new(176, 0, 32).into(), 1.0),
            Ink::Water => (rgb::Color::new(176, 0, 32).into(), 0.10),
        };
        self.surface.set_fill(Some(Fill {
            paint,
            opacity: NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE),
            ..Fill::default()
        }));
    }

    /// A line of text; `y` is its base line.
    pub(crate) fn text(&mut self, x: f32, y: f32, size: f32, ink: Ink, text: &str) {
        self.ink(ink);
        let glyphs = self.face.glyphs(text);
        self.surface.draw_glyphs(
            Point::from_xy(x, y),
            &glyphs,
            self.face.font.clone(),
            text,
            size,
            false,
        );
    }

    /// Lines of text, broken at `width`; the base line after the last one.
    pub(crate) fn paragraph(
        &mut self,
        (x, y): (f32, f32),
        width: f32,
        size: f32,
        ink: Ink,
        text: &str,
    ) -> f32 {
        let mut y = y;
        for line in self.face.lines(text, size, width) {
            self.text(x, y, size, ink, &line);
            y += size * 1.5;
        }
        y
    }

    /// A filled rectangle.
    pub(crate) fn fill(&mut self, x: f32, y: f32, width: f32, height: f32, ink: Ink) {
        let Some(rect) = Rect::from_xywh(x, y, width, height) else {
            return;
        };
        let mut path = PathBuilder::new();
        path.push_rect(rect);
        if let Some(path) = path.finish() {
            self.ink(ink);
            self.surface.draw_path(&path);
        }
    }

    /// Many rectangles at once.
    pub(crate) fn fill_all(&mut self, rects: &[Rect], ink: Ink) {
        let mut path = PathBuilder::new();
        for rect in rects {
            path.push_rect(*rect);
        }
        if let Some(path) = path.finish() {
            self.ink(ink);
            self.surface.draw_path(&path);
        }
    }

    /// Large letters across a page, behind or above what is there.
    pub(crate) fn across(&mut self, width: f32, height: f32, text: &str) {
        let size = (width.min(height) / 5.2).max(8.0);
        let half = self.face.width(text, size) / 2.0;
        let middle = Transform::from_rotate_at(-35.0, width / 2.0, height / 2.0);
        self.surface.push_transform(&middle);
        let (x, y) = (width / 2.0 - half, height / 2.0 + size / 3.0);
        self.text(x, y, size, Ink::Water, text);
        self.surface.pop();
    }
}
