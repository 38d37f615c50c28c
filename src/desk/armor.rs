//! CMS blocks as people hand them in: DER as it is, or in PEM armor.
//!
//! `openssl cms` silently takes the first of several blocks, and passes over what stands around it. Whoever looks at such a
//! file sees something that was never read: so it is refused.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::Refusal;

/// What a line of PEM names a CMS block (RFC 7468, and older tools).
const LABELS: [&str; 3] = ["CMS", "PKCS7", "SIGNED MESSAGE"];
const BYTE_ORDER_MARK: char = '\u{feff}';
/// With this byte every DER block begins: a SEQUENCE.
const SEQUENCE: u8 = 0x30;

/// The one block of a file, as DER.
pub(super) fn block(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut blocks = blocks(bytes)?;
    match (blocks.pop(), blocks.is_empty()) {
        (Some(block), true) => Ok(block),
        (Some(_), false) => Err(Refusal::SeveralBlocks),
        (None, _) => Err(Refusal::NotCms),
    }
}

/// The blocks of a file, each as DER, with nothing but blanks around them.
pub(crate) fn blocks(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Refusal> {
    // What follows a block of DER is seen by whoever verifies it.
    if bytes.first() == Some(&SEQUENCE) {
        return Ok(vec![bytes.to_vec()]);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::NotCms)?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if !text.lines().any(|line| label(line, "BEGIN").is_some()) {
        return Err(Refusal::NotCms);
    }
    let mut lines = text.lines().map(str::trim);
    let mut found = Vec::new();
    while let Some(line) = lines.by_ref().find(|line| !line.is_empty()) {
        let label = label(line, "BEGIN").ok_or(Refusal::TextAroundBlock)?;
        found.push(decoded(label, &mut lines)?);
    }
    Ok(found)
}

/// The lines of a block up to its end, decoded.
fn decoded<'a>(label: &str, lines: &mut impl Iterator<Item = &'a str>) -> Result<Vec<u8>, Refusal> {
    let end = format!("-----END {label}-----");
    let mut text = String::new();
    loop {
        match lines.next() {
            Some(line) if line == end => break,
            Some(line) => text.push_str(line),
            None => return Err(Refusal::NotCms),
        }
    }
    let block = STANDARD.decode(text).map_err(|_| Refusal::NotCms)?;
    let is_der = block.first() == Some(&SEQUENCE);
    is_der.then_some(block).ok_or(Refusal::NotCms)
}

/// The label of a line that begins or ends a block of ours.
fn label<'a>(line: &'a str, what: &str) -> Option<&'a str> {
    let rest = line.trim().strip_prefix("-----")?.strip_prefix(what)?;
    let label = rest.strip_prefix(' ')?.strip_suffix("-----")?;
    LABELS.contains(&label).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DER: &[u8] = &[SEQUENCE, 3, 2, 1, 7];

    fn pem(label: &str, der: &[u8]) -> String {
        let text = STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
    }

    #[test]
    fn one_block_is_read_as_der_and_in_armor_of_each_name() {
        assert_eq!(block(DER), Ok(DER.to_vec()));
        for label in LABELS {
            let armored = pem(label, DER);
            let with_blanks = format!("\u{feff}\r\n  \n{}\n \n", armored.replace('\n', "\r\n"));
            for file in [armored, with_blanks] {
                assert_eq!(block(file.as_bytes()), Ok(DER.to_vec()), "{file}");
            }
        }
    }

    #[test]
    fn of_several_blocks_none_is_taken_where_one_is_asked_for() {
        let other = [SEQUENCE, 1, 0];
        let file = format!("{}{}", pem("CMS", DER), pem("PKCS7", &other));
        assert_eq!(block(file.as_bytes()), Err(Refusal::SeveralBlocks));
        let all = blocks(file.as_bytes()).unwrap();
        assert_eq!(all, [DER.to_vec(), other.to_vec()]);
    }

    #[test]
    fn what_stands_around_a_block_is_refused() {
        let armored = pem("CMS", DER);
        let key = pem("PRIVATE KEY", DER);
        for file in [
            format!("Approved by the board.\n{armored}"),
            format!("{armored}Approved by the board.\n"),
            format!("{armored}{key}"),
            format!("{armored}-----END CMS-----\n"),
        ] {
            assert_eq!(
                block(file.as_bytes()),
                Err(Refusal::TextAroundBlock),
                "{file}"
            );
        }
    }

    #[test]
    fn what_is_no_block_is_refused_as_none() {
        let armored = pem("CMS", DER);
        let nested = armored.replace("-----END", "-----BEGIN CMS-----\n-----END");
        for file in [
            String::new(),
            "hello".to_owned(),
            pem("CERTIFICATE", DER),
            pem("CMS", b"hello"),
            armored.replace("-----END CMS-----", ""),
            armored.replace("-----END CMS", "-----END PKCS7"),
            nested,
        ] {
            assert_eq!(block(file.as_bytes()), Err(Refusal::NotCms), "{file}");
        }
    }
}
