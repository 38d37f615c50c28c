//! CSV that spreadsheets read right: UTF-8 with its mark, RFC 4180, and no cell that a spreadsheet would calculate.

/// A sheet as it is written.
pub(super) struct Sheet {
    text: String,
    rows: usize,
}

impl Sheet {
    /// A sheet with its head.
    pub(super) fn new(head: &[&str]) -> Self {
        let mut sheet = Self {
            text: "\u{feff}".to_owned(),
            rows: 0,
        };
        sheet.line(head.iter().copied());
        sheet
    }

    /// Adds a row.
    pub(super) fn add(&mut self, cells: &[String]) {
        self.line(cells.iter().map(String::as_str));
        self.rows += 1;
    }

    /// How many rows there are, without the head.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn line<'a>(&mut self, cells: impl Iterator<Item = &'a str>) {
        for (index, cell) in cells.enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.text.push_str(&written(cell));
        }
        self.text.push_str("\r\n");
    }
}

/// A text that begins like a formula gets an apostrophe before it.
fn written(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let plain = if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if plain.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", plain.replace('"', "\"\""))
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_and_never_a_formula() {
        assert_eq!(written("a,b"), "\"a,b\"");
        assert_eq!(written("say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(written("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(written("-1"), "'-1");
        let mut sheet = Sheet::new(&["a", "b"]);
        sheet.add(&["1".to_owned(), "2".to_owned()]);
        assert_eq!(sheet.finish(), "\u{feff}a,b\r\n1,2\r\n");
    }
}
