//! Printing results: a table for people, JSON for scripts.

use std::io::{self, Write as _};

use clap::ValueEnum;
use comfy_table::{Table, presets};
use serde_json::Value;

use super::Failure;

/// The form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people.
    Table,
    /// For scripts: one JSON document on stdout.
    Json,
}

/// Prints results.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    form: Form,
}

impl Output {
    /// Prints in this form.
    pub(super) fn new(form: Form) -> Self {
        Self { form }
    }

    /// Prints rows: the named members of each.
    pub(super) fn rows(self, columns: &[&str], rows: &[Value]) -> Result<(), Failure> {
        match self.form {
            Form::Json => print_json(&Value::from(rows.to_vec())),
            Form::Table => {
                print_table(columns, rows);
                Ok(())
            }
        }
    }

    /// Prints one thing: each member on a line.
    pub(super) fn one(self, value: &Value) -> Result<(), Failure> {
        match (self.form, value) {
            (Form::Table, Value::Object(members)) => {
                let mut table = plain_table();
                for (name, value) in members {
                    table.add_row([name.clone(), text(value)]);
                }
                print_line(&table.to_string());
                Ok(())
            }
            _ => print_json(value),
        }
    }
}

fn print_table(columns: &[&str], rows: &[Value]) {
    if rows.is_empty() {
        return print_line("nothing found");
    }
    let mut table = plain_table();
    table.set_header(columns.iter().copied());
    for row in rows {
        table.add_row(
            columns
                .iter()
                .map(|column| row.get(column).map(text).unwrap_or_default()),
        );
    }
    print_line(&table.to_string());
}

fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => visible(text),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A text as a terminal may show it: what would move its cursor or change its colours is written out.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() && letter != '\n' {
            out.extend(letter.escape_default());
        } else {
            out.push(letter);
        }
    }
    out
}

fn print_json(value: &Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::failed)?;
    print_line(&text);
    Ok(())
}

/// Prints a line to stdout, where results belong. Whoever reads may have gone, as `head` does: then nobody is left to be told.
pub(crate) fn print_line(line: &str) {
    let written = writeln!(io::stdout().lock(), "{line}");
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        tracing::error!("a result cannot be written: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_text_cannot_steer_the_terminal() {
        let title = Value::from("bridge\u{1b}[2J\rroad\nsecond line");
        assert_eq!(text(&title), "bridge\\u{1b}[2J\\rroad\nsecond line");
    }
}
