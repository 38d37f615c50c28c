//! Reading a key file: lines first, then header, block and what may surround them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{BEGIN, END, FIRST_HEADER, KeyFile, KeyFileError, LONGEST_FILE, encode_number};
use crate::{identifier::BondNumber, key::token::Token};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) fn parse(bytes: &[u8]) -> Result<KeyFile, KeyFileError> {
    if bytes.len() > LONGEST_FILE {
        return Err(KeyFileError::TooLong);
    }
    let lines: Vec<&[u8]> = bytes
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(bytes)
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii_end)
        .collect();
    let (before, file) = lines
        .iter()
        .position(|line| is_first_header(line))
        .and_then(|place| lines.split_at_checked(place))
        .ok_or(KeyFileError::NotAKeyFile)?;
    // `openssl cms` silently takes the first block of several: another one, of whatever name, could
    // show people a signature that this reader never saw.
    let keys = file.iter().filter(|line| is_first_header(line)).count();
    let blocks = lines
        .iter()
        .filter(|line| line.starts_with(b"-----BEGIN "))
        .count();
    if keys > 1 || blocks > 1 {
        return Err(KeyFileError::SeveralBlocks);
    }
    read_file(before, file)
}

fn is_first_header(line: &[u8]) -> bool {
    line.strip_prefix(FIRST_HEADER.as_bytes())
        .is_some_and(|rest| rest.starts_with(b":"))
}

fn read_file(before: &[&[u8]], file: &[&[u8]]) -> Result<KeyFile, KeyFileError> {
    let mut lines = file.iter().copied();
    if header(lines.next(), FIRST_HEADER)? != "1" {
        return Err(KeyFileError::Version);
    }
    let bond = read_bond(header(lines.next(), "Bond")?)?;
    let revision = read_revision(header(lines.next(), "Revision")?)?;
    let token = Token::parse(header(lines.next(), "Key")?)?;
    if lines.next() != Some(b"".as_slice()) {
        return Err(KeyFileError::Header("Key"));
    }
    let cms = read_block(&mut lines)?;
    check_trailing(before, lines)?;
    Ok(KeyFile {
        bond,
        revision,
        token,
        cms,
    })
}

fn header<'a>(line: Option<&'a [u8]>, name: &'static str) -> Result<&'a str, KeyFileError> {
    line.and_then(|line| std::str::from_utf8(line).ok())
        .and_then(|line| line.strip_prefix(name))
        .and_then(|rest| rest.strip_prefix(':'))
        .map(str::trim)
        .ok_or(KeyFileError::Header(name))
}

fn read_revision(text: &str) -> Result<u32, KeyFileError> {
    let revision: u32 = text.parse().map_err(|_| KeyFileError::Header("Revision"))?;
    if revision.to_string() == text {
        Ok(revision)
    } else {
        Err(KeyFileError::Header("Revision"))
    }
}

/// Reads a number that [`encode_number`] wrote, in that one spelling.
fn read_bond(text: &str) -> Result<BondNumber, KeyFileError> {
    let refused = || KeyFileError::Header("Bond");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'%' => hexadecimal(rest.next(), rest.next()).ok_or_else(refused)?,
            byte => *byte,
        };
        bytes.push(decoded);
    }
    let number = String::from_utf8(bytes).map_err(|_| refused())?;
    let number = BondNumber::parse(&number).map_err(|_| refused())?;
    if encode_number(number.as_str()) == text {
        Ok(number)
    } else {
        Err(refused())
    }
}

fn hexadecimal(high: Option<&u8>, low: Option<&u8>) -> Option<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    u8::try_from(digit(high?)? * 16 + digit(low?)?).ok()
}

fn read_block<'a>(lines: &mut impl Iterator<Item = &'a [u8]>) -> Result<Vec<u8>, KeyFileError> {
    if lines.next() != Some(BEGIN.as_bytes()) {
        return Err(KeyFileError::Block);
    }
    let mut text = Zeroizing::new(Vec::with_capacity(LONGEST_FILE));
    loop {
        let line = lines.next().ok_or(KeyFileError::Block)?;
        if line == END.as_bytes() {
            break;
        }
        text.extend_from_slice(line);
    }
    match STANDARD.decode(text.as_slice()) {
        Ok(cms) if !cms.is_empty() => Ok(cms),
        _ => Err(KeyFileError::Block),
    }
}

/// Behind the block only blank lines may stand and, in a saved mail, the ends of its MIME parts.
fn check_trailing<'a>(
    before: &[&[u8]],
    mut lines: impl Iterator<Item = &'a [u8]>,
) -> Result<(), KeyFileError> {
    let ends_a_part = |line: &[u8]| {
        line.strip_suffix(b"--")
            .is_some_and(|delimiter| delimiter.starts_with(b"--") && before.contains(&delimiter))
    };
    if lines.all(|line| line.is_empty() || ends_a_part(line)) {
        Ok(())
    } else {
        Err(KeyFileError::Trailing)
    }
}
