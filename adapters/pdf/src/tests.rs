use std::{path::Path, process::Command};

use bondhub_core::ports::paper::{Chart, Column, Enclosure, Row, Section};
use krilla::{Document, page::PageSettings};

use super::*;
use crate::{
    face::Face,
    sheet::{Ink, Sheet},
};

/// A PDF with pages of these sizes, each saying which it is.
fn attachment(sizes: &[(f32, f32)]) -> Vec<u8> {
    let face = Face::load().unwrap();
    let mut document = Document::new();
    for (index, (width, height)) in sizes.iter().enumerate() {
        let settings = PageSettings::from_wh(*width, *height).unwrap();
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        let mut sheet = Sheet {
            surface: &mut surface,
            face: &face,
        };
        sheet.fill(10.0, 10.0, width - 20.0, 4.0, Ink::Black);
        let text = format!("保証書の{}ページ目 original page {}", index + 1, index + 1);
        sheet.text(20.0, 60.0, 14.0, Ink::Black, &text);
        surface.finish();
        page.finish();
    }
    document.finish().unwrap()
}

fn sheet<'a>(attachments: Vec<Enclosure<'a>>, wording: &'a str) -> CopySheet<'a> {
    let row = |label_ja, label_en, value: &str| Row {
        label_ja,
        label_en,
        value: value.to_owned(),
    };
    CopySheet {
        title_ja: "履行保証証券（写し）".to_owned(),
        title_en: "Performance bond (copy)".to_owned(),
        notice: vec![
            "これは写しです。原本はボンド管理システムの中にある１通だけです。".to_owned(),
            "This is a copy. The one original is in the bond management system.".to_owned(),
        ],
        rows: vec![
            row("ボンド番号", "Bond", "S001 / P-2026-000123 (version 2)"),
            row(
                "受注者",
                "Contractor",
                "髙橋建設株式会社\nTakahashi Construction Co., Ltd.",
            ),
            row("保証金額", "Amount", "¥13,500,000"),
        ],
        wording,
        mark: vec![
            "写し COPY — S001/P-2026-000123 第2版 version 2".to_owned(),
            "2026-11-25 14:00 JST 発注者 owner O001 あおぞら市 — 0123456789ABCDEF".to_owned(),
        ],
        code: "https://bonds.example/verify/0123456789ABCDEF".to_owned(),
        code_caption: vec!["写しの確認 / Check this copy".to_owned()],
        attachments,
        made_at: "2026-11-25T05:00:00Z".parse().unwrap(),
    }
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Writes a copy and lets other programs judge it; the text of each page.
fn judged(bytes: &[u8], folder: &Path) -> Vec<String> {
    std::fs::write(folder.join("copy.pdf"), bytes).unwrap();
    run("qpdf", &["--check", "copy.pdf"], folder);
    let text = run("pdftotext", &["-layout", "copy.pdf", "-"], folder);
    let pages = text.trim_end_matches('\u{c}').split('\u{c}');
    pages.map(str::to_owned).collect()
}

#[test]
fn every_page_says_that_it_is_a_copy_of_what_and_for_whom_and_nothing_of_a_page_is_lost() {
    let file = attachment(&[(595.0, 842.0), (842.0, 595.0), (300.0, 200.0)]);
    let enclosures = vec![Enclosure {
        name: "保証書.pdf",
        bytes: &file,
    }];
    let made = MakeCopy::make(&Paper, &sheet(enclosures, "保証する。")).unwrap();
    assert_eq!(made.enclosed, Vec::<String>::new());
    let folder = tempfile::tempdir().unwrap();
    let pages = judged(&made.bytes, folder.path());
    assert_eq!(pages.len(), 4);
    for page in &pages {
        let mark = page.contains("S001/P-2026-000123") && page.contains("O001");
        assert!(mark && page.contains("写し COPY"), "{page}");
        assert!(page.contains("0123456789ABCDEF"), "{page}");
    }
    assert!(pages[0].contains("髙橋建設株式会社") && pages[0].contains("13,500,000"));
    for (index, page) in pages.iter().skip(1).enumerate() {
        assert!(
            page.contains(&format!("original page {}", index + 1)),
            "{page}"
        );
    }
}

#[test]
fn the_code_on_every_page_is_read_by_a_scanner() {
    let file = attachment(&[(595.0, 842.0), (595.0, 842.0)]);
    let enclosures = vec![Enclosure {
        name: "x.pdf",
        bytes: &file,
    }];
    let made = MakeCopy::make(&Paper, &sheet(enclosures, "")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("copy.pdf"), made.bytes).unwrap();
    run(
        "pdftoppm",
        &["-r", "200", "-png", "copy.pdf", "page"],
        folder.path(),
    );
    for page in ["page-1.png", "page-2.png", "page-3.png"] {
        let read = run("zbarimg", &["--quiet", "--raw", page], folder.path());
        let expected = "https://bonds.example/verify/0123456789ABCDEF";
        assert!(read.lines().all(|line| line == expected), "{page}: {read}");
        assert!(!read.is_empty(), "{page}");
    }
}

#[test]
fn a_turned_page_stands_upright_and_keeps_its_content() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.pdf"), attachment(&[(400.0, 600.0)])).unwrap();
    run(
        "qpdf",
        &["a.pdf", "--rotate=+90", "turned.pdf"],
        folder.path(),
    );
    let file = std::fs::read(folder.path().join("turned.pdf")).unwrap();
    let enclosures = vec![Enclosure {
        name: "x.pdf",
        bytes: &file,
    }];
    let made = MakeCopy::make(&Paper, &sheet(enclosures, "")).unwrap();
    let pages = judged(&made.bytes, folder.path());
    assert!(pages[1].contains("original page 1"), "{}", pages[1]);
    let info = run(
        "pdfinfo",
        &["-f", "2", "-l", "2", "copy.pdf"],
        folder.path(),
    );
    assert!(info.contains("600 x 446"), "{info}");
}

#[test]
fn what_cannot_be_taken_apart_lies_in_the_copy_as_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.pdf"), attachment(&[(400.0, 600.0)])).unwrap();
    let encrypt = [
        "a.pdf",
        "--encrypt",
        "secret",
        "owner",
        "256",
        "--",
        "locked.pdf",
    ];
    run("qpdf", &encrypt, folder.path());
    let locked = std::fs::read(folder.path().join("locked.pdf")).unwrap();
    let whole = attachment(&[(400.0, 600.0)]);
    let odd: [&[u8]; 4] = [b"%PDF-1.7\n%%EOF", b"", &locked, &whole[..whole.len() / 3]];
    for (index, bytes) in odd.into_iter().enumerate() {
        let enclosures = vec![
            Enclosure {
                name: "good.pdf",
                bytes: &whole,
            },
            Enclosure {
                name: "odd.pdf",
                bytes,
            },
        ];
        let made = MakeCopy::make(&Paper, &sheet(enclosures, "")).unwrap();
        assert_eq!(made.enclosed, ["odd.pdf"], "{index}");
        let pages = judged(&made.bytes, folder.path());
        assert!(pages[0].contains("odd.pdf"), "{index}");
        run(
            "pdfdetach",
            &["-save", "1", "-o", "out.pdf", "copy.pdf"],
            folder.path(),
        );
        let out = std::fs::read(folder.path().join("out.pdf")).unwrap();
        assert_eq!(out, bytes, "{index}");
    }
}

#[test]
fn an_attachment_with_more_than_500_pages_lies_in_the_copy_as_a_file() {
    let long = attachment(&[(200.0, 200.0); 501]);
    let attachments = vec![Enclosure {
        name: "long.pdf",
        bytes: &long,
    }];
    let made = copy::make(&sheet(attachments, "")).unwrap();
    assert_eq!(made.enclosed, ["long.pdf"]);
}

#[test]
fn a_long_wording_goes_on_upon_further_pages() {
    let wording =
        "発行機関は、受注者が契約を履行しないとき、発注者に対し保証金額を限度として支払う。\n"
            .repeat(120);
    let made = MakeCopy::make(&Paper, &sheet(Vec::new(), &wording)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let pages = judged(&made.bytes, folder.path());
    assert!(pages.len() > 2, "{}", pages.len());
    let count: usize = pages
        .iter()
        .map(|page| page.matches("受注者が契約").count())
        .sum();
    assert_eq!(count, 120);
    assert!(pages.iter().all(|page| page.contains("写し COPY")));
}

#[test]
fn the_font_in_a_copy_is_a_small_part_of_the_whole() {
    let made = MakeCopy::make(&Paper, &sheet(Vec::new(), "保証する。")).unwrap();
    assert!(made.bytes.len() < 150_000, "{}", made.bytes.len());
}

#[test]
fn a_report_repeats_the_head_of_its_table_and_loses_no_row() {
    let column = |title: &str, share, figures| Column {
        title: title.to_owned(),
        share,
        figures,
    };
    let rows = (0..150).map(|number| {
        let name = format!("建設会社{number} Contractor {number}");
        vec![name, format!("{},000,000", number + 1)]
    });
    let sections = vec![
        Section::Heading("推移 / History".to_owned()),
        Section::Bars(Chart {
            says: "月ごとの残高 / by month".to_owned(),
            labels: (1..=12).map(|month| format!("2026-{month:02}")).collect(),
            series: vec![
                ("あおぞら保証".to_owned(), (1..=12).map(f64::from).collect()),
                (
                    "みどり銀行".to_owned(),
                    (1..=12).rev().map(f64::from).collect(),
                ),
            ],
            greatest: "13百万円".to_owned(),
        }),
        Section::Heading("受注者別 / By contractor".to_owned()),
        Section::Table {
            columns: vec![column("受注者", 3, false), column("残高 Balance", 1, true)],
            rows: rows.collect(),
        },
    ];
    let report = Report {
        title: "保証債務残高".to_owned(),
        subtitle: vec!["2026-11-25 現在".to_owned()],
        language: "ja".to_owned(),
        sections,
        made_at: "2026-11-25T05:00:00Z".parse().unwrap(),
    };
    let bytes = MakeReport::make(&Paper, &report).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let pages = judged(&bytes, folder.path());
    let text = pages.concat();
    for number in 0..150 {
        assert!(text.contains(&format!("Contractor {number} ")), "{number}");
    }
    assert!(pages.len() > 2 && pages.iter().all(|page| page.contains("残高 Balance")));
}
