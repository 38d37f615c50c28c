//! The pages in `docs/` are normative: what they show is run here.

use std::process::Command;

use bondhub_core::{
    document,
    key::{KeyFile, Statement},
    ports::signing::{Sign as _, VerifyDocument as _},
};

use super::{
    interoperability::key_file,
    support::{Desk, at, authority, issue, now, order, pem, pin},
};
use crate::{OfflineTrust, Signatures, verify_offline};

const KEY_FILE: &str = include_str!("../../../../docs/key-file.md");
const SIGNED_DOCUMENTS: &str = include_str!("../../../../docs/signed-documents.md");

/// The code blocks of a page in one language, without their fences.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect()
}

#[test]
fn the_documented_key_file_is_valid_and_its_statement_is_the_documented_one() {
    let file = KeyFile::parse(blocks(KEY_FILE, "text")[0].as_bytes()).unwrap();
    assert_eq!(file.token.secret().expose(), &[b'a'; 32]);
    let report = verify_offline(&file.cms, OfflineTrust::default(), now()).unwrap();
    let statement = Statement::read(&report.content).unwrap();
    assert_eq!(file.check(&statement), Ok(()));
    let documented = blocks(KEY_FILE, "json")[0].trim_end();
    assert_eq!(String::from_utf8(report.content).unwrap(), documented);
}

#[test]
fn the_documented_steps_by_hand_find_the_secret_to_belong_to_the_statement() {
    let authority = authority("CA");
    let key = issue(&authority, &order("Surety"));
    let desk = Desk::new(&[
        ("FILE", &key_file(&key)),
        ("ca.pem", &authority.certificate_pem().unwrap()),
        ("issuer.pem", &certificate_pem(&key.certificate.der)),
    ]);
    let steps = blocks(KEY_FILE, "sh");
    let [verify, who, pinned, secret] = steps.as_slice() else {
        panic!("four steps, found {}", steps.len());
    };
    for step in [verify, who, pinned] {
        assert!(run(&desk, step).0, "{step}");
    }
    let (success, written) = run(&desk, secret);
    let lines: Vec<&str> = written.lines().collect();
    assert!(
        success && lines.len() == 2 && lines[0].len() == 43,
        "{written}"
    );
    assert_eq!(lines[0], lines[1]);
}

fn certificate_pem(der: &[u8]) -> Vec<u8> {
    openssl::x509::X509::from_der(der)
        .unwrap()
        .to_pem()
        .unwrap()
}

fn run(desk: &Desk, script: &str) -> (bool, String) {
    let output = Command::new("sh")
        .args(["-ec", script])
        .current_dir(desk.path())
        .output()
        .unwrap();
    (
        output.status.success(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

#[test]
fn every_documented_document_is_signed_as_documented_and_read() {
    let made = authority("CA").issue(&order("Surety")).unwrap();
    let key = Signatures::new().import(&pem(&made), None).unwrap();
    let desk = Desk::new(&[("issuer.pem", &pem(&made))]);
    let command = blocks(SIGNED_DOCUMENTS, "sh")[0].trim_end();
    let mut types = Vec::new();
    for example in blocks(SIGNED_DOCUMENTS, "json") {
        let example: serde_json::Value = serde_json::from_str(example).unwrap();
        if example.get("specversion").is_some() {
            continue;
        }
        desk.put(
            "document.json",
            &serde_json_canonicalizer::to_vec(&example).unwrap(),
        );
        desk.make(command.strip_prefix("openssl ").unwrap());
        let cms = desk.get("document.p7m");
        let signed = Signatures::new().verify(&cms, &[pin(&key)], at("2098-01-01T00:00:00Z"));
        document::Statement::read(&signed.unwrap().content).unwrap();
        types.push(example["type"].as_str().unwrap().to_owned());
    }
    types.sort();
    let all = [
        "deletion",
        "registration",
        "release_consent",
        "standing_instruction",
        "update",
    ];
    assert_eq!(types, all);
}

#[test]
fn every_documented_refusal_is_a_sentence_of_the_verifier() {
    let sentences = include_str!("../signed_data.rs").to_owned() + include_str!("../verify.rs");
    let flat: String = sentences.split_whitespace().collect::<Vec<_>>().join(" ");
    // What is refused of attachments stands further down; the verifier knows nothing of it.
    let signature = SIGNED_DOCUMENTS.split("\n## 3. ").next().unwrap();
    let rows = signature.lines().filter(|line| line.starts_with("| "));
    let documented: Vec<&str> = rows
        .skip_while(|row| !row.starts_with("| refused because"))
        .skip(1)
        .filter_map(|row| {
            row.split(" | ")
                .nth(1)?
                .split(&['…', '`', '(', '2'][..])
                .next()
        })
        .map(str::trim)
        .collect();
    assert!(documented.len() >= 15, "{documented:?}");
    for sentence in documented {
        let beginning = sentence.trim_end_matches(" |").trim();
        assert!(flat.contains(beginning), "{beginning}");
    }
}
