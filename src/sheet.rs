//! Tables as CSV (RFC 4180): UTF-8, a header line, CRLF; for spreadsheets and for scripts.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use serde_json::Value;

/// A table being written.
pub(crate) struct Sheet {
    out: Box<dyn Write + Send>,
}

impl Sheet {
    /// Writes to a file, or to standard output.
    pub(crate) fn create(file: Option<&Path>) -> io::Result<Self> {
        let out: Box<dyn Write + Send> = match file {
            Some(file) => Box::new(BufWriter::new(File::create(file)?)),
            None => Box::new(BufWriter::new(io::stdout())),
        };
        Ok(Self { out })
    }

    /// Writes a row.
    pub(crate) fn row(&mut self, cells: &[impl AsRef<str>]) -> io::Result<()> {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell.as_ref())).collect();
        write!(self.out, "{}\r\n", cells.join(","))
    }

    /// Writes objects that all have the same members: their names, then their values.
    pub(crate) fn values(&mut self, rows: &[Value]) -> io::Result<()> {
        let Some(Value::Object(first)) = rows.first() else {
            return Ok(());
        };
        let names: Vec<&String> = first.keys().collect();
        self.row(&names)?;
        for row in rows {
            let cells: Vec<String> = names
                .iter()
                .map(|name| row.get(name.as_str()).map(text).unwrap_or_default())
                .collect();
            self.row(&cells)?;
        }
        Ok(())
    }

    /// Everything is written.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The whole table as text.
pub(crate) fn text_of(rows: &[Vec<String>]) -> String {
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        format!("{}\r\n", cells.join(","))
    };
    rows.iter().map(line).collect()
}

/// Quoted where it must be. A text that a spreadsheet would take for a formula is made a text.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '@', '\t']) || is_dash_of_a_text(cell);
    let cell = if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if cell.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

/// A minus sign is a number's, or the beginning of a formula.
fn is_dash_of_a_text(cell: &str) -> bool {
    let rest = cell.strip_prefix('-');
    rest.is_some_and(|rest| {
        !rest
            .chars()
            .all(|digit| digit.is_ascii_digit() || digit == '.')
    })
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_become_text() {
        let row = ["a,b", "say \"so\"", "-5", "=1+1", "-cmd", "関東"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(
            text_of(&[row]),
            "\"a,b\",\"say \"\"so\"\"\",-5,'=1+1,'-cmd,関東\r\n"
        );
    }
}
