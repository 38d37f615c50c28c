//! Printing results: a table for people, JSON for scripts.

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
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn print_json(value: &Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::failed)?;
    print_line(&text);
    Ok(())
}

/// Prints a line to stdout, where results belong.
#[expect(clippy::print_stdout, reason = "results of commands go to stdout")]
pub(crate) fn print_line(line: &str) {
    println!("{line}");
}
