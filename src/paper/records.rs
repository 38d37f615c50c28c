//! Rows of a CSV list: UTF-8 with or without a byte order mark, or `Shift_JIS` as Windows writes it.
//!
//! Quotation marks, commas and line ends are the same bytes in both, and no part of any other letter, so rows are cut
//! before they are decoded. What a list is in is told by its first row that is not plain ASCII; a later row that does not
//! fit is at fault itself.

use std::io::{self, BufRead};

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};

use super::fault::Fault;

/// The longest row, in bytes: a dozen cells of the longest name, with room to spare.
const LONGEST: usize = 64 * 1024;

/// A row: where it begins, and its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its first line, from 1.
    pub line: u64,
    /// Its cells, or what is wrong with it as a whole.
    pub cells: Result<Vec<String>, Fault>,
}

/// Reads rows one by one.
pub struct Records<R> {
    source: R,
    line: u64,
    encoding: Option<&'static Encoding>,
    ended: bool,
}

impl<R: BufRead> Records<R> {
    /// Reads a list from its first byte.
    pub fn new(source: R) -> Self {
        Self {
            source,
            line: 0,
            encoding: None,
            ended: false,
        }
    }

    /// The next row that is not empty.
    pub fn next_record(&mut self) -> io::Result<Option<Record>> {
        while !self.ended {
            let line = self.line + 1;
            let mut bytes = Vec::new();
            let whole = self.read_row(&mut bytes)?;
            if line == 1 {
                self.take_mark(&mut bytes);
            }
            if bytes.is_empty() && self.ended {
                break;
            }
            let cells = if whole {
                self.cells(&bytes)
            } else {
                Err(Fault::Torn)
            };
            if !matches!(&cells, Ok(cells) if cells.iter().all(String::is_empty)) {
                return Ok(Some(Record { line, cells }));
            }
        }
        Ok(None)
    }

    /// Reads lines until every quotation mark is closed; tells whether the row is whole.
    fn read_row(&mut self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        loop {
            let before = bytes.len();
            if !self.read_line(bytes)? {
                return Ok(false);
            }
            if bytes.len() == before {
                self.ended = true;
                return Ok(is_closed(bytes));
            }
            self.line += 1;
            if is_closed(bytes) {
                while bytes
                    .last()
                    .is_some_and(|byte| matches!(byte, b'\r' | b'\n'))
                {
                    bytes.pop();
                }
                return Ok(true);
            }
        }
    }

    /// Appends a line; false for one that is too long, of which the rest is skipped.
    fn read_line(&mut self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        let mut fits = true;
        loop {
            let chunk = self.source.fill_buf()?;
            if chunk.is_empty() {
                return Ok(fits);
            }
            let end = chunk
                .iter()
                .position(|byte| *byte == b'\n')
                .map(|at| at + 1);
            let taken = end.unwrap_or(chunk.len());
            fits &= bytes.len() + taken <= LONGEST;
            if fits {
                bytes.extend(chunk.iter().take(taken));
            }
            self.source.consume(taken);
            if end.is_some() {
                if !fits {
                    self.line += 1;
                }
                return Ok(fits);
            }
        }
    }

    fn take_mark(&mut self, bytes: &mut Vec<u8>) {
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
            self.encoding = Some(UTF_8);
        }
    }

    fn cells(&mut self, bytes: &[u8]) -> Result<Vec<String>, Fault> {
        let text = self.decode(bytes)?;
        Ok(split(&text))
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<String, Fault> {
        if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") || bytes.contains(&0) {
            return Err(Fault::Encoding);
        }
        if bytes.is_ascii() {
            return Ok(String::from_utf8_lossy(bytes).into_owned());
        }
        let tried: &[&'static Encoding] = match self.encoding {
            Some(known) if known == UTF_8 => &[UTF_8],
            Some(_) => &[SHIFT_JIS],
            None => &[UTF_8, SHIFT_JIS],
        };
        for encoding in tried {
            if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes)
            {
                self.encoding = Some(encoding);
                return Ok(text.into_owned());
            }
        }
        Err(self
            .encoding
            .map_or(Fault::Encoding, |known| Fault::MixedEncodings {
                before: if known == UTF_8 { "UTF-8" } else { "Shift_JIS" },
            }))
    }
}

fn is_closed(bytes: &[u8]) -> bool {
    let open = |open: bool, byte: &u8| open != (*byte == b'"');
    !bytes.iter().fold(false, open)
}

/// The cells of a row whose quotation marks are closed, without blanks around them.
fn split(text: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    cells.push(cell);
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<Record> {
        let mut records = Records::new(bytes);
        std::iter::from_fn(|| records.next_record().unwrap()).collect()
    }

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        read(bytes)
            .into_iter()
            .map(|record| record.cells.unwrap())
            .collect()
    }

    #[test]
    fn quoted_cells_may_hold_commas_quotes_and_line_ends() {
        assert_eq!(
            cells(b"a,\"b,\"\"c\"\"\r\nd\",e\r\n1,2,3"),
            [vec!["a", "b,\"c\"\r\nd", "e"], vec!["1", "2", "3"]]
        );
        assert_eq!(read(b"\"a\nb\",c\n\n\nd,e\n")[1].line, 5);
    }

    #[test]
    fn utf_8_with_a_mark_and_shift_jis_are_read_alike() {
        let utf_8 = "\u{feff}番号,種別\n甲－１,履行\n".as_bytes();
        let (shift_jis, _, _) = SHIFT_JIS.encode("番号,種別\n甲－１,履行\n");
        assert_eq!(cells(utf_8), cells(&shift_jis));
        assert_eq!(cells(utf_8)[1], ["甲－１", "履行"]);
    }

    #[test]
    fn a_row_in_another_encoding_is_at_fault_with_its_line_and_the_next_is_read() {
        let (shift_jis, _, _) = SHIFT_JIS.encode("乙,予約\n");
        let mixed = ["甲,履行\n".as_bytes(), &shift_jis, "丙,入札\n".as_bytes()].concat();
        let records = read(&mixed);
        assert_eq!(records[1].line, 2);
        assert_eq!(
            records[1].cells,
            Err(Fault::MixedEncodings { before: "UTF-8" })
        );
        assert!(records[2].cells.is_ok());
    }

    #[test]
    fn utf_16_an_open_quote_and_an_endless_row_are_told() {
        assert_eq!(read(b"\xFF\xFEa\0,\0b\0")[0].cells, Err(Fault::Encoding));
        assert_eq!(read(b"a,\"b\n")[0].cells, Err(Fault::Torn));
        let endless = [vec![b'x'; LONGEST + 1], b"\na,b\n".to_vec()].concat();
        let records = read(&endless);
        assert_eq!(records[0].cells, Err(Fault::Torn));
        assert_eq!((records[1].line, records[1].cells.is_ok()), (2, true));
    }
}
