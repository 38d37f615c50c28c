//! What composed mails look like, byte by byte (R50–R52).
#![expect(
    clippy::unwrap_used,
    reason = "tests fail by panicking, helpers of tests too"
)]

use bondhub_core::{
    key::KeyFile,
    party::MailAddress,
    ports::mail::{Attachment, Compose, ComposeError, Draft},
};
use bondhub_mail::Composer;

const ARMORED: &[u8] =
    b"-----BEGIN PGP MESSAGE-----\n\nwV4DFTg=\n=abcd\n-----END PGP MESSAGE-----\n";
const KEY: &[u8] = b"BOND-KEY-FILE: 1\r\nBond: S1/B-1\r\n\r\n.\r\nFrom here\r\n";

struct Parts {
    from: MailAddress,
    to: Vec<MailAddress>,
}

fn parts() -> Parts {
    let address = |text| MailAddress::parse(text).unwrap();
    Parts {
        from: address("hub@hub.example.jp"),
        to: vec![address("desk@contractor.example.jp")],
    }
}

impl Parts {
    fn draft(&self) -> Draft<'_> {
        Draft {
            from_name: "ボンドハブ",
            from: &self.from,
            to: &self.to,
            subject: "認証キー B-2026-000123",
            outer_subject: "[...]",
            date: "2026-09-01T01:02:03.456789Z".parse().unwrap(),
            message_id: "<0123456789abcdef@hub.example.jp>",
            text: "認証キーをお送りします。\n",
            attachment: Some(Attachment {
                name: "B-2026-000123.bondkey",
                content: KEY,
            }),
        }
    }
}

fn lines(mail: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(mail).unwrap();
    assert!(text.ends_with("\r\n"), "whole lines");
    let lines: Vec<_> = text.split("\r\n").map(str::to_owned).collect();
    assert!(
        lines.iter().all(|line| !line.contains(['\r', '\n'])),
        "only CRLF"
    );
    lines
}

fn assert_fit_for_smtp(mail: &[u8]) {
    assert!(mail.is_ascii(), "7-bit only");
    for line in lines(mail) {
        assert!(line.len() <= 998, "{} bytes in a line", line.len());
        assert!(
            !line.ends_with([' ', '\t']),
            "a blank at the end of {line:?}"
        );
    }
}

fn header_lines(mail: &[u8]) -> Vec<String> {
    lines(mail)
        .into_iter()
        .take_while(|line| !line.is_empty())
        .collect()
}

#[test]
fn the_outside_is_rfc_3156_and_tells_nothing() {
    let parts = parts();
    let mail = Composer::new().outside(&parts.draft(), ARMORED).unwrap();
    assert_fit_for_smtp(&mail);
    let head = header_lines(&mail);
    for expected in [
        "To: desk@contractor.example.jp",
        "Date: Tue, 01 Sep 2026 01:02:03 +0000",
        "Subject: [...]",
        "Message-ID: <0123456789abcdef@hub.example.jp>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";",
    ] {
        assert!(
            head.contains(&expected.to_owned()),
            "{expected} in {head:#?}"
        );
    }
    let all = lines(&mail);
    assert!(all.contains(&"Version: 1".to_owned()), "with a colon");
    assert!(all.contains(&"-----BEGIN PGP MESSAGE-----".to_owned()));
    let text = String::from_utf8(mail).unwrap();
    assert!(
        !text.contains("bondkey") && !text.contains("000123"),
        "no file name, no number"
    );
}

#[test]
fn the_inside_has_protected_headers_and_what_the_outside_said_instead() {
    let parts = parts();
    let inside = Composer::new().inside(&parts.draft()).unwrap();
    assert_fit_for_smtp(&inside);
    let head = header_lines(&inside);
    assert!(head.contains(&"Content-Type: multipart/mixed; hp=\"cipher\";".to_owned()));
    assert!(head.contains(&"HP-Outer: Subject: [...]".to_owned()));
    assert!(head.contains(&"HP-Outer: Message-ID: <0123456789abcdef@hub.example.jp>".to_owned()));
    assert_eq!(
        head.iter()
            .filter(|line| line.starts_with("Subject: =?utf-8?b?"))
            .count(),
        1
    );
    assert_eq!(
        head.iter()
            .filter(|line| line.starts_with("HP-Outer: "))
            .count(),
        6
    );
}

#[test]
fn the_same_draft_gives_the_same_bytes() {
    let parts = parts();
    let composer = Composer::new();
    let draft = parts.draft();
    assert_eq!(
        *composer.inside(&draft).unwrap(),
        *composer.inside(&draft).unwrap()
    );
    assert_eq!(
        composer.outside(&draft, ARMORED),
        composer.outside(&draft, ARMORED)
    );
    let notice = Draft {
        attachment: None,
        ..draft
    };
    assert_eq!(composer.open(&notice), composer.open(&notice));
}

#[test]
fn another_message_id_gives_another_boundary() {
    let parts = parts();
    let boundary = |draft: &Draft<'_>| {
        let inside = Composer::new().inside(draft).unwrap();
        header_lines(&inside)
            .into_iter()
            .find(|line| line.starts_with(" boundary="))
            .unwrap()
    };
    let other = Draft {
        message_id: "<fedcba@hub.example.jp>",
        ..parts.draft()
    };
    assert_ne!(boundary(&parts.draft()), boundary(&other));
}

#[test]
fn the_size_inside_tells_neither_the_length_of_the_text_nor_of_the_subject() {
    let parts = parts();
    let size = |text: &str, subject: &str| {
        let draft = Draft {
            text,
            subject,
            ..parts.draft()
        };
        Composer::new().inside(&draft).unwrap().len()
    };
    let long = "再発行の理由: 契約変更により保証期間が延長されたため。\n".repeat(12);
    assert_eq!(
        size("短い\n", "新規"),
        size(&long, "再発行のお知らせ（契約変更）")
    );
    assert_eq!(size("x", "x"), 4096);
    for length in 0..300 {
        assert_eq!(size(&"x".repeat(length * 37), "x") % 4096, 0);
    }
}

#[test]
fn any_line_ends_become_crlf_in_text_and_attachment() {
    let parts = parts();
    let attachment = Some(Attachment {
        name: "k.bondkey",
        content: b"one\ntwo\rthree\r\nfour",
    });
    let draft = Draft {
        text: "a\nb\rc\r\nd",
        attachment,
        ..parts.draft()
    };
    let inside = Composer::new().inside(&draft).unwrap();
    let text = std::str::from_utf8(&inside).unwrap();
    assert!(text.contains("\r\n\r\na\r\nb\r\nc\r\nd\r\n\r\n--"));
    assert!(text.contains("\r\n\r\none\r\ntwo\r\nthree\r\nfour\r\n--"));
    assert_fit_for_smtp(&inside);
}

#[test]
fn an_empty_line_between_two_lone_returns_is_kept() {
    let parts = parts();
    let draft = Draft {
        text: "a\r\rb\n\nc\r\n\r\nd",
        attachment: None,
        ..parts.draft()
    };
    let mail = Composer::new().open(&draft).unwrap();
    assert!(
        String::from_utf8(mail)
            .unwrap()
            .ends_with("\r\n\r\na\r\n\r\nb\r\n\r\nc\r\n\r\nd\r\n")
    );
}

#[test]
fn text_that_would_not_survive_as_it_is_goes_as_base64() {
    let parts = parts();
    let long = "x".repeat(2000);
    for text in [
        "日本語\n",
        "blank at the end \n",
        "tab\t\n",
        "From here\n",
        "bell\u{7}",
        &long,
    ] {
        let draft = Draft {
            text,
            attachment: None,
            ..parts.draft()
        };
        let mail = Composer::new().open(&draft).unwrap();
        assert_fit_for_smtp(&mail);
        let head = header_lines(&mail);
        let encoding = "Content-Transfer-Encoding: base64".to_owned();
        assert!(head.contains(&encoding), "{text:?}: {head:#?}");
    }
}

#[test]
fn an_english_notice_can_be_read_as_it_is() {
    let parts = parts();
    let text = "Dear desk,\nthe bond was released.\n";
    let draft = Draft {
        subject: "Released",
        text,
        attachment: None,
        ..parts.draft()
    };
    let mail = String::from_utf8(Composer::new().open(&draft).unwrap()).unwrap();
    assert!(mail.contains("Subject: Released\r\n"));
    assert!(mail.contains("Content-Type: text/plain; charset=utf-8\r\n"));
    assert!(mail.ends_with("\r\n\r\nDear desk,\r\nthe bond was released.\r\n"));
}

#[test]
fn a_key_file_never_goes_without_encryption() {
    let parts = parts();
    assert_eq!(
        Composer::new().open(&parts.draft()),
        Err(ComposeError::Unencrypted)
    );
}

#[test]
fn what_is_not_an_armored_message_does_not_go_out_as_one() {
    let parts = parts();
    let armored = String::from_utf8(ARMORED.to_vec()).unwrap();
    let bad = [
        "secret".to_owned(),
        String::new(),
        format!("secret\n{armored}"),
        format!("{armored}secret\n"),
        armored.replace("wV4DFTg=", &"w".repeat(99)),
        armored.replace("wV4DFTg=", "日本"),
    ];
    for text in bad {
        let composed = Composer::new().outside(&parts.draft(), text.as_bytes());
        assert!(matches!(composed, Err(ComposeError::Invalid(_))), "{text}");
    }
}

#[test]
fn names_and_subjects_with_line_breaks_or_nul_are_refused_and_never_reach_a_header() {
    let parts = parts();
    let composer = Composer::new();
    for bad in [
        "a\r\nBcc: x@example.com",
        "a\nb",
        "a\rb",
        "a\0b",
        "a\u{85}b",
    ] {
        let drafts = [
            Draft {
                from_name: bad,
                ..parts.draft()
            },
            Draft {
                subject: bad,
                ..parts.draft()
            },
            Draft {
                outer_subject: bad,
                ..parts.draft()
            },
            Draft {
                message_id: bad,
                ..parts.draft()
            },
        ];
        for draft in drafts {
            let notice = Draft {
                attachment: None,
                ..draft.clone()
            };
            assert!(composer.inside(&draft).is_err(), "{draft:?}");
            assert!(composer.outside(&draft, ARMORED).is_err(), "{draft:?}");
            assert!(composer.open(&notice).is_err(), "{draft:?}");
        }
    }
}

#[test]
fn odd_message_ids_attachments_and_recipients_are_refused() {
    let parts = parts();
    let key = |name, content| Some(Attachment { name, content });
    let long = [b'x'; 999];
    let drafts = [
        Draft {
            message_id: "no-brackets@x",
            ..parts.draft()
        },
        Draft {
            message_id: "<a b@x>",
            ..parts.draft()
        },
        Draft {
            message_id: "<a>@x>",
            ..parts.draft()
        },
        Draft {
            to: &[],
            ..parts.draft()
        },
        Draft {
            attachment: key("../x", b""),
            ..parts.draft()
        },
        Draft {
            attachment: key("a\"b", b""),
            ..parts.draft()
        },
        Draft {
            attachment: key("鍵", b""),
            ..parts.draft()
        },
        Draft {
            attachment: key("", b""),
            ..parts.draft()
        },
        Draft {
            attachment: key("k", "鍵".as_bytes()),
            ..parts.draft()
        },
        Draft {
            attachment: key("k", b"\0"),
            ..parts.draft()
        },
        Draft {
            attachment: key("k", &long),
            ..parts.draft()
        },
        Draft {
            date: "1969-12-31T23:59:59Z".parse().unwrap(),
            ..parts.draft()
        },
    ];
    for draft in drafts {
        let composed = Composer::new().inside(&draft);
        assert!(
            matches!(composed, Err(ComposeError::Invalid(_))),
            "{draft:?}"
        );
    }
}

#[test]
fn an_attachment_that_holds_the_boundary_is_refused() {
    let parts = parts();
    let inside = Composer::new().inside(&parts.draft()).unwrap();
    let line = lines(&inside)
        .into_iter()
        .find(|line| line.starts_with("--=_inside"))
        .unwrap();
    let attachment = Some(Attachment {
        name: "k",
        content: line.as_bytes(),
    });
    let draft = Draft {
        attachment,
        ..parts.draft()
    };
    assert!(matches!(
        Composer::new().inside(&draft),
        Err(ComposeError::Invalid(_))
    ));
}

#[test]
fn long_names_subjects_and_many_recipients_are_folded() {
    let mut parts = parts();
    let many = (0..40).map(|n| MailAddress::parse(&format!("desk{n}@contractor.example.jp")));
    parts.to = many.map(Result::unwrap).collect();
    let subject = "契約変更に伴う履行ボンドの認証キー再発行について".repeat(4);
    let draft = Draft {
        subject: &subject,
        from_name: "発注者支援センター「ハブ」",
        ..parts.draft()
    };
    let inside = Composer::new().inside(&draft).unwrap();
    assert_fit_for_smtp(&inside);
    let longest = header_lines(&inside)
        .into_iter()
        .max_by_key(String::len)
        .unwrap();
    assert!(longest.len() <= 120, "{longest}");
}

/// What somebody has who decrypts by hand and saves all of it.
#[test]
fn the_whole_inside_is_a_key_file_too() {
    let page = include_str!("../../../docs/key-file.md");
    let start = page.find("BOND-KEY-FILE: 1\n").unwrap();
    let end = page.find("-----END CMS-----").unwrap() + "-----END CMS-----".len();
    let sample = page.get(start..end).unwrap().replace('\n', "\r\n") + "\r\n";
    let parts = parts();
    let attachment = Some(Attachment {
        name: "k.bondkey",
        content: sample.as_bytes(),
    });
    let draft = Draft {
        attachment,
        ..parts.draft()
    };
    let inside = Composer::new().inside(&draft).unwrap();
    let alone = KeyFile::parse(sample.as_bytes()).unwrap();
    let saved = KeyFile::parse(&inside).unwrap();
    assert_eq!((saved.bond, saved.cms), (alone.bond, alone.cms));
}
