use super::*;

/// The smallest PDF that has a table of objects.
fn pdf(trailer: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n".to_vec();
    let at = bytes.len();
    let table = format!(
        "xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 2 /Root 1 0 R {trailer} >>\nstartxref\n{at}\n%%EOF\n"
    );
    bytes.extend_from_slice(table.as_bytes());
    bytes
}

fn with_stream(dictionary: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-2.0\n".to_vec();
    let at = bytes.len();
    let stream = format!(
        "7 0 obj\n<< /Type /XRef /Root 1 0 R {dictionary} >>\nstream\nxx\nendstream\nendobj\nstartxref\n{at}\n%%EOF"
    );
    bytes.extend_from_slice(stream.as_bytes());
    bytes
}

fn one() -> (Attachment, Enclosed) {
    let entry = Attachment::of("保証書.pdf", &pdf("")).unwrap();
    let mut enclosed = Enclosed::default();
    enclosed.add(pdf(""));
    (entry, enclosed)
}

#[test]
fn a_pdf_is_known_by_its_content() {
    assert_eq!(check_pdf(&pdf("")), Ok(()));
    assert_eq!(check_pdf(&with_stream("")), Ok(()));
    assert_eq!(check_pdf(b"<html>%PDF-1.7"), Err(PdfProblem::Header));
    assert_eq!(check_pdf(b"PK\x03\x04 a zip"), Err(PdfProblem::Header));
    assert_eq!(check_pdf(b"%PDF-9.7 nothing"), Err(PdfProblem::Header));
    assert_eq!(check_pdf(b""), Err(PdfProblem::Header));
}

#[test]
fn a_pdf_that_is_cut_off_at_any_byte_is_refused() {
    let whole = pdf("");
    for end in 0..whole.len() - 1 {
        assert!(check_pdf(&whole[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_table_that_is_not_where_the_pdf_says_is_refused() {
    let text = String::from_utf8(pdf("")).unwrap();
    for at in ["0", "9999999", "99999999999999999999999", "12"] {
        let start = text.find("startxref").unwrap();
        let moved = format!("{}startxref\n{at}\n%%EOF", text.split_at(start).0);
        assert!(check_pdf(moved.as_bytes()).is_err(), "{at}");
    }
}

#[test]
fn an_encrypted_pdf_is_refused_however_the_word_is_written() {
    for word in ["/Encrypt 5 0 R", "/#45ncrypt 5 0 R", "/Enc#72ypt<<>>"] {
        assert_eq!(check_pdf(&pdf(word)), Err(PdfProblem::Encrypted), "{word}");
        assert_eq!(
            check_pdf(&with_stream(word)),
            Err(PdfProblem::Encrypted),
            "{word}"
        );
    }
    assert_eq!(check_pdf(&pdf("/Encryption 5 0 R")), Ok(()));
}

#[test]
fn what_was_signed_and_what_came_fit() {
    let (entry, enclosed) = one();
    assert_eq!(check_enclosed(&[entry], &enclosed, 10_000), Ok(()));
    assert_eq!(check_enclosed(&[], &Enclosed::default(), 10), Ok(()));
}

#[test]
fn a_missing_and_an_extra_attachment_are_refused() {
    let (entry, mut enclosed) = one();
    let missing = check_enclosed(std::slice::from_ref(&entry), &Enclosed::default(), 10_000);
    assert!(missing.unwrap_err().message.contains("is missing"));
    enclosed.add(pdf("/Extra 1"));
    let extra = check_enclosed(&[entry], &enclosed, 10_000).unwrap_err();
    assert!(extra.message.contains("was not signed"), "{extra:?}");
}

#[test]
fn a_wrong_size_and_too_many_bytes_are_refused() {
    let (mut entry, enclosed) = one();
    let large = check_enclosed(std::slice::from_ref(&entry), &enclosed, 20).unwrap_err();
    assert_eq!(large.reason, Reason::TooLarge);
    entry.size += 1;
    let wrong = check_enclosed(&[entry], &enclosed, 10_000).unwrap_err();
    assert_eq!(
        wrong.pointer.as_deref(),
        Some("/data/bond/attachments/0/size")
    );
}

#[test]
fn a_file_that_is_not_what_it_says_is_refused_although_its_digest_was_signed() {
    let bytes = b"MZ this is a program".to_vec();
    let mut enclosed = Enclosed::default();
    let entry = Attachment {
        name: "保証書.pdf".to_owned(),
        media_type: PDF.to_owned(),
        size: size_of(&bytes),
        sha256: enclosed.add(bytes),
    };
    let refused = check_enclosed(&[entry], &enclosed, 10_000).unwrap_err();
    assert!(refused.message.contains("is no PDF"), "{refused:?}");
}

#[test]
fn a_name_is_a_name_and_no_path_no_markup_and_nothing_invisible() {
    for good in [
        "bond.pdf",
        "保証書 令和8年.pdf",
        "a",
        "CONtract.pdf",
        "COM12",
    ] {
        assert_eq!(check_name(good), Ok(()), "{good}");
    }
    let long = "あ".repeat(70);
    for bad in [
        "",
        " ",
        "..",
        ".hidden",
        "a.",
        " a",
        "a ",
        "../../etc/passwd",
        "C:\\x.pdf",
        "a/b",
        "<script>",
        "a&b.pdf",
        "a\"b",
        "a'b",
        "`x`",
        "a\r\nb",
        "a\0b",
        "x\u{202e}fdp.exe",
        "a\u{200b}b",
        "CON",
        "con.pdf",
        "lpt1.pdf",
        "a?b",
        "a|b",
        long.as_str(),
    ] {
        assert!(check_name(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn entries_that_repeat_a_name_or_a_digest_or_are_of_another_kind_are_refused() {
    let (entry, _) = one();
    let change = |change: fn(&mut Attachment)| {
        let mut other = entry.clone();
        other.sha256 = "0".repeat(64);
        other.name = "other.pdf".to_owned();
        change(&mut other);
        check_entries(&[entry.clone(), other])
    };
    assert_eq!(change(|_| ()), Ok(()));
    assert!(change(|one| one.name = "保証書.PDF".to_owned()).is_err());
    assert!(change(|one| one.media_type = "text/html".to_owned()).is_err());
    assert!(change(|one| one.sha256 = "0".repeat(63)).is_err());
    assert!(change(|one| one.sha256 = "A".repeat(64)).is_err());
    assert!(check_entries(&[entry.clone(), entry.clone()]).is_err());
    assert!(check_entries(&vec![entry.clone(); MOST + 1]).is_err());
}
