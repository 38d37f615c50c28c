//! CSV that spreadsheets read right: UTF-8 with its mark, RFC 4180, and no cell that a spreadsheet would calculate.

/// The head of a sheet, after the mark by which spreadsheets know UTF-8.
pub(super) fn head(names: &[&str]) -> String {
    format!("\u{feff}{}", joined(names.iter().copied()))
}

/// A row.
pub(super) fn line(cells: &[String]) -> String {
    joined(cells.iter().map(String::as_str))
}

fn joined<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(written).collect();
    format!("{}\r\n", cells.join(","))
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
        assert_eq!(head(&["a", "b"]), "\u{feff}a,b\r\n");
        assert_eq!(line(&["1".to_owned(), "2".to_owned()]), "1,2\r\n");
    }
}
