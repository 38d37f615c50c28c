//! Charts as SVG, drawn on the server: they need no script, print in black and white, and say what they show.
//!
//! Layers and bars are told apart by hatching and by their names beside them, not by colour alone. Each chart has a
//! title and a description for screen readers; the page puts a table of the same figures beside it.

mod bars;
mod layers;
mod paper;
mod scale;

pub use bars::{Bar, bars, ranks};
pub use layers::{Layer, layers};
pub use scale::Unit;

/// What every chart is told.
#[derive(Debug, Clone)]
pub struct Caption {
    /// An id no other chart of the page has: letters, digits, hyphens.
    pub id: String,
    /// What the chart shows.
    pub title: String,
    /// The same in a sentence or two, with the figures that matter.
    pub description: String,
    /// In what amounts are written.
    pub unit: Unit,
}

#[cfg(test)]
mod tests;
