//! Rows of a CSV list: UTF-8 with or without a byte order mark, or `Shift_JIS` as Windows writes it.
//!
//! Quotation marks, commas and line ends are the same bytes in both, and no part of any other letter, so rows are cut
//! before they are decoded. No column holds a line end, so a row ends with its line, whatever its quotation marks say: one that is
//! left open spoils no other row. What a list is in is told by its first row that is not plain ASCII; a later row that does not
//! fit is at fault itself.

use std::io::{self, BufRead};

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};

use super::fault::Fault;

/// The longest row, in bytes: a dozen cells of the longest name, with room to spare.
const LONGEST: usize = 64 * 1024;

/// A row: where it begins, and its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its line, from 1.
    pub line: u64,
    /// Its cells, or what is wrong with it as a whole.
    pub cells: Result<Vec<String>, Fault>,
}

/// Reads rows one by one.
pub struct Records<R> {
    source: R,
    line: u64,
    encoding: Option<&'static Encoding>,
}

impl<R: BufRead> Records<R> {
    /// Reads a list from its first byte.
    pub fn new(source: R) -> Self {
        Self {
            source,
            line: 0,
            encoding: None,
        }
    }

    /// The next row that is not empty.
    pub fn next_record(&mut self) -> io::Result<Option<Record>> {
        loop {
            let mut bytes = Vec::new();
            let fits = self.read_line(&mut bytes)?;
            if bytes.is_empty() && fits {
                return Ok(None);
            }
            self.line += 1;
            if self.line == 1 {
                self.take_mark(&mut bytes);
            }
            let cells = if fits {
                self.cells(bytes.trim_ascii_end())
            } else {
                Err(Fault::Torn)
            };
            if !matches!(&cells, Ok(cells) if cells.iter().all(String::is_empty)) {
                let line = self.line;
                return Ok(Some(Record { line, cells }));
            }
        }
    }

    /// Reads a line; false for one that is too long, of which the rest is skipped.
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
        if is_closed(bytes) {
            Ok(split(&text))
        } else {
            Err(Fault::Torn)
        }
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
            Some(_) if is_japanese_utf_8(bytes) => &[],
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

/// Whether bytes of a list in `Shift_JIS` are a row in UTF-8 all the same: `甲-1` would read as `逕ｲ-1`.
///
/// Every letter beyond U+07FF must be one that is written in Japan, which three bytes of UTF-8 begin with E2 to E9. Of a row
/// really in `Shift_JIS` that asks a lot: every run of letters that are not ASCII would have to begin with one of 512 rare kanji
/// (E2 80 to E9 BF), and go on with a half-width katakana, or with a kanji whose second byte is ASCII; ordinary kanji and kana begin
/// with 81 to 9F, as nothing in UTF-8 does. `邉田` alone is such a run, `邉田組` is none any more. A row of which nothing else is
/// Japanese is then told to be at fault, which can be mended, rather than taken as what nobody wrote.
fn is_japanese_utf_8(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let mut long = text.chars().filter(|letter| *letter > '\u{7ff}').peekable();
    long.peek().is_some() && long.all(is_written_in_japan)
}

fn is_written_in_japan(letter: char) -> bool {
    matches!(letter, '\u{2000}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
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
    fn quoted_cells_may_hold_commas_and_quotes() {
        assert_eq!(
            cells(b"a,\"b,\"\"c\"\"\",e\r\n1,2,3"),
            [vec!["a", "b,\"c\"", "e"], vec!["1", "2", "3"]]
        );
        assert_eq!(read(b"\"a\",c\n\n\nd,e\n")[1].line, 4);
    }

    #[test]
    fn a_quotation_mark_left_open_spoils_its_own_line_only() {
        let records = read(b"1,a\n2,b\n3,\"c\n4,d\n5,\"\"\"e\"\"\"\n6,f\n");
        let torn: Vec<u64> = records
            .iter()
            .filter(|record| record.cells == Err(Fault::Torn))
            .map(|record| record.line)
            .collect();
        assert_eq!((torn, records.len()), (vec![3], 6));
        assert_eq!(records[4].cells, Ok(vec!["5".into(), "\"e\"".into()]));
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
    fn a_row_in_utf_8_is_at_fault_in_a_list_in_shift_jis_although_it_could_be_read() {
        let (header, _, _) = SHIFT_JIS.encode("番号,種別\n");
        let (good, _, _) = SHIFT_JIS.encode("乙-1,bid\n");
        let odd = "甲-1,bid\n".as_bytes();
        assert_eq!(SHIFT_JIS.decode(odd).0, "逕ｲ-1,bid\n", "no byte is wrong");
        let records = read(&[header.as_ref(), odd, good.as_ref()].concat());
        let before = "Shift_JIS";
        assert_eq!(records[1].cells, Err(Fault::MixedEncodings { before }));
        assert_eq!(records[2].cells, Ok(vec!["乙-1".into(), "bid".into()]));
    }

    #[test]
    fn names_with_rare_kanji_or_half_width_katakana_are_read_as_shift_jis() {
        let names = [
            "株式会社大林組",
            "㈱竹中工務店",
            "纐纈建設",
            "邊見工業",
            "渡邊組",
            "邉田組",
            "齋田",
            "齊藤",
            "髙橋建設",
            "鐵道機器",
            "ｶﾌﾞｼｷｶﾞｲｼｬ ﾔﾏﾀﾞ",
            "ﾃｽﾄ",
            "甲－１",
        ];
        for name in names {
            let (bytes, _, lossy) = SHIFT_JIS.encode(name);
            assert!(!lossy, "{name}");
            let (header, _, _) = SHIFT_JIS.encode("番号\n");
            let list = [header.as_ref(), bytes.as_ref()].concat();
            assert_eq!(cells(&list)[1], [name]);
        }
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
