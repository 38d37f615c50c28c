//! Other people's programs read what the hub composed: Python's `email` package and `GnuPG`.
#![expect(
    clippy::unwrap_used,
    reason = "tests fail by panicking, helpers of tests too"
)]

use bondhub_core::{
    party::MailAddress,
    ports::mail::{Attachment, Compose, Draft},
};
use bondhub_mail::Composer;
use bondhub_test_support::{gnupg::GnuPg, python};
use serde_json::Value;

const KEY: &[u8] = b"BOND-KEY-FILE: 1\r\nBond: S1/B-1\r\n\r\n.\r\n..\r\nFrom here\r\n--\r\nend\r\n";
const TEXT: &str = "認証キーをお送りします。\n.\nFrom here\n行末の空白 \n";

/// Prints everything about a mail that the tests look at, and every defect the parser sees.
const DESCRIBE: &str = r"
import sys, json, base64, email, email.policy
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
def describe(part):
    content = None
    if not part.is_multipart():
        content = base64.b64encode(part.get_payload(decode=True)).decode()
    header_defects = [str(d) for v in part.values() for d in getattr(v, 'defects', ())]
    return {
        'type': part.get_content_type(),
        'parameters': dict(part['content-type'].params),
        'encoding': str(part.get('content-transfer-encoding', '')),
        'file': part.get_filename(),
        'headers': [[k, str(v)] for k, v in part.items()],
        'content': content,
        'text': part.get_content() if part.get_content_type() == 'text/plain' else None,
        'defects': [repr(d) for d in part.defects] + header_defects,
        'parts': [describe(p) for p in part.iter_parts()] if part.is_multipart() else [],
    }
print(json.dumps(describe(mail)))
";

fn describe(mail: &[u8]) -> Value {
    let description = serde_json::from_str(&python::script(DESCRIBE, mail).unwrap()).unwrap();
    assert_no_defects(&description);
    description
}

fn assert_no_defects(part: &Value) {
    assert_eq!(part["defects"], serde_json::json!([]), "{part:#}");
    part["parts"]
        .as_array()
        .unwrap()
        .iter()
        .for_each(assert_no_defects);
}

fn content(part: &Value) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.decode(part["content"].as_str().unwrap()).unwrap()
}

fn header<'a>(part: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = part["headers"].as_array().unwrap().iter();
    headers
        .filter(|pair| pair[0] == name)
        .map(|pair| pair[1].as_str().unwrap())
        .collect()
}

fn with_draft<T>(work: impl FnOnce(&Draft<'_>) -> T) -> T {
    let from = MailAddress::parse("hub@hub.example.jp").unwrap();
    let to = ["desk@contractor.example.jp", "second@contractor.example.jp"];
    let to = to.map(|address| MailAddress::parse(address).unwrap());
    work(&Draft {
        from_name: "ボンドハブ, 「電子保証」",
        from: &from,
        to: &to,
        subject: "認証キーの再発行（契約変更 第2回）について: B-2026-000123 / 関東サーティ株式会社",
        outer_subject: "暗号化されたお知らせ",
        date: "2026-09-01T01:02:03Z".parse().unwrap(),
        message_id: "<0123456789abcdef@hub.example.jp>",
        text: TEXT,
        attachment: Some(Attachment {
            name: "B-2026-000123.bondkey",
            content: KEY,
        }),
    })
}

#[test]
fn python_reads_the_inside_without_a_defect() {
    let inside = with_draft(|draft| Composer::new().inside(draft).unwrap());
    let mail = describe(&inside);
    assert_eq!(mail["type"], "multipart/mixed");
    assert_eq!(mail["parameters"]["hp"], "cipher");
    let subject = with_draft(|draft| draft.subject.to_owned());
    assert_eq!(header(&mail, "Subject"), [subject]);
    assert_eq!(
        header(&mail, "From"),
        ["\"ボンドハブ, 「電子保証」\" <hub@hub.example.jp>"]
    );
    assert_eq!(header(&mail, "HP-Outer").len(), 6);
    assert_eq!(mail["parts"].as_array().unwrap().len(), 2);
    assert_eq!(mail["parts"][0]["type"], "text/plain");
    assert_eq!(
        mail["parts"][0]["text"]
            .as_str()
            .unwrap()
            .replace("\r\n", "\n"),
        TEXT
    );
    let file = &mail["parts"][1];
    assert_eq!(
        (&file["file"], &file["encoding"]),
        (&"B-2026-000123.bondkey".into(), &"7bit".into())
    );
    assert_eq!(content(file), KEY);
}

#[test]
fn python_reads_the_outside_and_gnupg_gets_the_inside_out_of_it() {
    let gpg = GnuPg::new().unwrap();
    let key = gpg
        .generate(
            "Desk <d@example.jp>",
            "ed25519",
            Some("cv25519"),
            "20250101",
        )
        .unwrap();
    let inside = with_draft(|draft| Composer::new().inside(draft).unwrap());
    let seal = ["--armor", "--sign", "--encrypt", "--recipient", &key];
    let armored = gpg.checked(&seal, &inside).unwrap();
    let outside = with_draft(|draft| Composer::new().outside(draft, &armored).unwrap());
    let mail = describe(&outside);
    assert_eq!(mail["type"], "multipart/encrypted");
    assert_eq!(mail["parameters"]["protocol"], "application/pgp-encrypted");
    assert_eq!(header(&mail, "Subject"), ["暗号化されたお知らせ"]);
    assert_eq!(header(&mail, "Auto-Submitted"), ["auto-generated"]);
    let parts = mail["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[0]["type"], "application/pgp-encrypted");
    assert_eq!(content(&parts[0]), b"Version: 1\r\n");
    assert_eq!(parts[1]["type"], "application/octet-stream");
    let opened = gpg.open(&content(&parts[1])).unwrap();
    assert!(
        opened.success && opened.decrypted && opened.signed.is_some(),
        "{}",
        opened.status
    );
    assert_eq!(opened.content, *inside);
    let by_hand = gpg.open(&outside).unwrap();
    assert!(by_hand.success && by_hand.decrypted, "{}", by_hand.status);
    assert_eq!(by_hand.content, *inside);
}

#[test]
fn python_reads_a_notice_that_is_not_encrypted() {
    let notice = with_draft(|draft| {
        let draft = Draft {
            attachment: None,
            ..draft.clone()
        };
        Composer::new().open(&draft).unwrap()
    });
    let mail = describe(&notice);
    assert_eq!(mail["type"], "text/plain");
    assert_eq!(header(&mail, "Date"), ["Tue, 01 Sep 2026 01:02:03 +0000"]);
    assert_eq!(mail["text"].as_str().unwrap().replace("\r\n", "\n"), TEXT);
}
