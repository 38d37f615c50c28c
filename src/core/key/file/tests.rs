use proptest::prelude::*;

use super::*;
use crate::key::{
    Kid,
    statement::tests::{statement, token},
};

const CMS: [u8; 100] = [0x30; 100];

fn number(text: &str) -> BondNumber {
    BondNumber::parse(text).unwrap()
}

fn sample() -> String {
    let file = KeyFile::assemble(&number("B-2026-000123"), 2, &token(1), &CMS);
    String::from_utf8(file.to_vec()).unwrap()
}

fn error(text: impl AsRef<[u8]>) -> KeyFileError {
    KeyFile::parse(text.as_ref()).err().expect("refused")
}

fn assert_is_sample(bytes: impl AsRef<[u8]>) {
    let file = KeyFile::parse(bytes.as_ref()).unwrap();
    assert_eq!(file.bond, number("B-2026-000123"));
    assert_eq!((file.revision, file.cms.as_slice()), (2, CMS.as_slice()));
    assert_eq!(file.token.to_text(), token(1).to_text());
}

#[test]
fn a_key_file_is_ascii_with_short_lines_and_the_documented_header() {
    let file = sample();
    assert!(file.is_ascii());
    assert!(file.ends_with("-----END CMS-----\r\n"));
    assert_eq!(file.matches('\n').count(), file.matches("\r\n").count());
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(
        lines[..3],
        ["BOND-KEY-FILE: 1", "Bond: B-2026-000123", "Revision: 2"]
    );
    assert_eq!(lines[3], format!("Key: {}", *token(1).to_text()));
    assert_eq!(lines[4..6], ["", "-----BEGIN CMS-----"]);
    assert!(lines[4..].iter().all(|line| line.len() <= 76));
    assert_eq!(lines[3].len(), 98);
}

#[test]
fn a_key_file_reads_back_with_either_line_end_and_a_byte_order_mark() {
    assert_is_sample(sample());
    assert_is_sample(sample().replace("\r\n", "\n"));
    assert_is_sample(format!("\u{feff}{}", sample()));
    assert_is_sample(format!("{}\r\n \r\n", sample()));
    assert_is_sample(sample().trim_end());
}

#[test]
fn a_saved_mail_with_the_key_file_in_it_reads_as_the_key_file() {
    let part = "Content-Type: text/plain\r\n\r\nお知らせ\r\n--b1\r\nContent-Type: x/y\r\n\r\n";
    assert_is_sample(format!("--b1\r\n{part}{}", sample()));
    assert_is_sample(format!("--b1\r\n{part}{}\r\n--b1--\r\n", sample()));
    assert_eq!(
        error(format!("--b1\r\n{part}{}--b1\r\n", sample())),
        KeyFileError::Trailing
    );
    assert_eq!(
        error(format!("{part}{}--b2--\r\n", sample())),
        KeyFileError::Trailing
    );
}

#[test]
fn numbers_that_are_not_ascii_are_percent_encoded_and_read_back() {
    for text in ["保証-第12号", "100%", "a b", "B/1\\2"] {
        let file = KeyFile::assemble(&number(text), 1, &token(1), &CMS);
        assert!(file.is_ascii());
        assert_eq!(KeyFile::parse(&file).unwrap().bond, number(text));
    }
    let file = KeyFile::assemble(&number("号%"), 1, &token(1), &CMS);
    assert!(String::from_utf8_lossy(&file).contains("Bond: %E5%8F%B7%25\r\n"));
}

#[test]
fn a_second_spelling_of_a_bond_number_is_refused() {
    for spelling in [
        "%42-2026-000123",
        "B-%",
        "B-%4",
        "B-%zz",
        "%e5%8f%b7",
        "%FF",
        "%0D%0A",
        "号",
        "",
    ] {
        let text = sample().replace("B-2026-000123", spelling);
        assert_eq!(error(&text), KeyFileError::Header("Bond"), "{spelling}");
    }
}

#[test]
fn two_blocks_are_refused_wherever_the_second_stands_and_whatever_it_is_called() {
    let file = sample();
    let (_, block) = file.split_once("\r\n\r\n").unwrap();
    let pkcs7 = block.replace("CMS", "PKCS7");
    for two in [
        format!("{file}{block}"),
        format!("{block}{file}"),
        format!("{pkcs7}{file}"),
        format!("{file}{file}"),
        format!("{file}BOND-KEY-FILE: 1\r\n"),
    ] {
        assert_eq!(error(&two), KeyFileError::SeveralBlocks, "{two}");
    }
}

#[test]
fn text_after_the_block_is_refused() {
    assert_eq!(error(format!("{}x", sample())), KeyFileError::Trailing);
    assert_eq!(
        error(format!("{}\r\nBond: B-9\r\n", sample())),
        KeyFileError::Trailing
    );
}

#[test]
fn header_lines_that_are_missing_doubled_or_out_of_order_are_refused() {
    let file = sample();
    assert_eq!(
        error(file.replace("BOND-KEY-FILE: 1", "BOND-KEY-FILE: 2")),
        KeyFileError::Version
    );
    assert_eq!(
        error(file.replace("Bond: ", "Bonds: ")),
        KeyFileError::Header("Bond")
    );
    assert_eq!(
        error(file.replace("Revision: 2\r\n", "")),
        KeyFileError::Header("Revision")
    );
    for revision in ["+2", "02", "-1", "", "2 2", "99999999999"] {
        let text = file.replace("Revision: 2", &format!("Revision: {revision}"));
        assert_eq!(error(&text), KeyFileError::Header("Revision"), "{revision}");
    }
    let doubled = file.replace("Revision: 2", "Bond: B-9\r\nRevision: 2");
    assert_eq!(error(doubled), KeyFileError::Header("Revision"));
    let more = file.replace("\r\n\r\n", "\r\nRevision: 3\r\n\r\n");
    assert_eq!(error(more), KeyFileError::Header("Key"));
}

#[test]
fn a_mistyped_key_is_refused_and_not_repeated() {
    let text = token(1).to_text();
    let typo = text.replacen("BK1-0", "BK1-5", 1);
    assert_ne!(typo, *text);
    let error = error(sample().replace(text.as_str(), &typo));
    assert_eq!(error, KeyFileError::Token(TokenError::Check));
    assert!(!error.to_string().contains("BK1-5"));
}

#[test]
fn a_cut_off_or_damaged_block_is_refused() {
    let file = sample();
    assert_eq!(
        error(file.replace("-----END CMS-----", "")),
        KeyFileError::Block
    );
    assert_eq!(
        error(file.replace("-----BEGIN CMS-----", "")),
        KeyFileError::Block
    );
    assert_eq!(error(file.replace("MDAw", "MD*w")), KeyFileError::Block);
    let (head, _) = file.split_once("-----BEGIN").unwrap();
    let empty = format!("{head}{BEGIN}\r\n{END}\r\n");
    assert_eq!(error(empty), KeyFileError::Block);
}

#[test]
fn what_is_no_key_file_or_too_long_is_told_so() {
    assert_eq!(error(""), KeyFileError::NotAKeyFile);
    assert_eq!(error("BOND-KEY-FILES: 1"), KeyFileError::NotAKeyFile);
    let long = format!("{}{}", "x\n".repeat(LONGEST_FILE), sample());
    assert_eq!(error(long), KeyFileError::TooLong);
}

fn parsed() -> KeyFile {
    KeyFile::parse(sample().as_bytes()).unwrap()
}

#[test]
fn a_file_agrees_with_the_statement_about_its_key() {
    assert_eq!(parsed().check(&statement(1)), Ok(()));
}

#[test]
fn a_statement_about_another_key_secret_bond_or_revision_is_told_apart() {
    assert_eq!(parsed().check(&statement(2)), Err(KeyFileError::OtherKey));
    let mut other = statement(1);
    other.secret_digest = statement(2).secret_digest;
    assert_eq!(parsed().check(&other), Err(KeyFileError::OtherKey));
    let mut other = statement(1);
    other.kid = Kid::from_bytes([2; 10]);
    assert_eq!(parsed().check(&other), Err(KeyFileError::OtherKey));
    let mut other = statement(1);
    other.bond = number("B-9");
    assert_eq!(parsed().check(&other), Err(KeyFileError::OtherBond));
    let mut other = statement(1);
    other.revision = 3;
    assert_eq!(parsed().check(&other), Err(KeyFileError::OtherRevision));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _read_or_refused = KeyFile::parse(&bytes).is_ok();
    }

    #[test]
    fn a_damaged_file_is_read_or_refused(place in 0_usize..400, byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = sample().into_bytes();
        let place = place.min(bytes.len() - 1);
        bytes[place] = byte;
        if cut {
            bytes.truncate(place + 1);
        }
        let _read_or_refused = KeyFile::parse(&bytes).is_ok();
    }

    #[test]
    fn any_number_and_statement_reads_back(text in "\\PC{1,60}", revision in any::<u32>()) {
        if let Ok(bond) = BondNumber::parse(&text) {
            let file = KeyFile::assemble(&bond, revision, &token(3), &CMS);
            let read = KeyFile::parse(&file).unwrap();
            prop_assert_eq!((read.bond, read.revision), (bond, revision));
        }
    }
}
