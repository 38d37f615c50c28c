//! The letters, read as their readers do.

mod coverage;
mod embargo;
mod readings;
mod samples;
mod wording;
