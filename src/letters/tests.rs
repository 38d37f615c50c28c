//! The letters, read as their readers do.

mod coverage;
mod embargo;
mod personal;
mod readings;
mod samples;
mod wording;
