//! TLS to the mail server, and settings that would do without (R71).
#![expect(
    clippy::unwrap_used,
    reason = "tests fail by panicking, helpers of tests too"
)]

use std::process::Command;

use bondhub_core::{
    party::MailAddress,
    ports::mail::{Letter, Post, Posted},
};
use bondhub_mail::{SmtpPost, SmtpSettings, SmtpSettingsError, SmtpTimeouts};
use bondhub_test_support::{command::run, smtp_sink::SmtpSink};
use tempfile::TempDir;
use zeroize::Zeroizing;

fn settings(url: &str) -> SmtpSettings {
    SmtpSettings {
        url: url.to_owned(),
        insecure: false,
        authorities: None,
        user: None,
        password: None,
        sender: MailAddress::parse("bounce@hub.example.jp").unwrap(),
        hello: "hub.example.jp".to_owned(),
        connections: 2,
        timeouts: SmtpTimeouts::default(),
    }
}

fn letter() -> Letter {
    Letter {
        to: vec![MailAddress::parse("desk@contractor.example.jp").unwrap()],
        message_id: "<m@hub.example.jp>".to_owned(),
        bytes: b"Message-ID: <m@hub.example.jp>\r\n\r\nx\r\n".to_vec(),
    }
}

/// A self-signed certificate for 127.0.0.1, and its key, PEM.
fn identity() -> (Vec<u8>, Vec<u8>) {
    let home = TempDir::new().unwrap();
    let (cert, key) = (home.path().join("cert.pem"), home.path().join("key.pem"));
    let mut openssl = Command::new("openssl");
    openssl
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ])
        .args([
            "-days",
            "30",
            "-subj",
            "/CN=sink",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&cert);
    run(&mut openssl, b"").unwrap().checked().unwrap();
    (std::fs::read(cert).unwrap(), std::fs::read(key).unwrap())
}

#[tokio::test]
async fn mails_go_over_tls_to_a_server_whose_authority_is_trusted() {
    let (cert, key) = identity();
    let sink = SmtpSink::start_secure(&cert, &key).await.unwrap();
    let trusting = SmtpSettings {
        authorities: Some(cert),
        ..settings(&sink.url())
    };
    let posted = SmtpPost::new(trusting).unwrap().post(&[letter()]).await;
    assert_eq!(posted, [Posted::Accepted("250 kept".to_owned())]);
}

#[tokio::test]
async fn a_server_with_an_unknown_certificate_gets_no_mail() {
    let (cert, key) = identity();
    let sink = SmtpSink::start_secure(&cert, &key).await.unwrap();
    let posted = SmtpPost::new(settings(&sink.url()))
        .unwrap()
        .post(&[letter()])
        .await;
    assert!(matches!(posted.as_slice(), [Posted::Down(_)]), "{posted:?}");
    assert!(sink.verbs().is_empty() && sink.stored().is_empty());
}

#[tokio::test]
async fn a_server_without_tls_gets_no_mail_meant_for_tls() {
    let sink = SmtpSink::start().await.unwrap();
    let url = sink.url().replace("smtp://", "smtps://");
    let posted = SmtpPost::new(settings(&url))
        .unwrap()
        .post(&[letter()])
        .await;
    assert!(matches!(posted.as_slice(), [Posted::Down(_)]), "{posted:?}");
    assert!(sink.stored().is_empty());
}

fn refusal(settings: SmtpSettings) -> SmtpSettingsError {
    SmtpPost::new(settings).err().unwrap()
}

#[test]
fn plain_smtp_is_for_this_machine_unless_explicitly_allowed() {
    for here in [
        "smtp://localhost",
        "smtp://127.0.0.1:2525",
        "smtp://[::1]:2525",
    ] {
        assert!(SmtpPost::new(settings(here)).is_ok(), "{here}");
    }
    for elsewhere in [
        "smtp://mail.example.jp",
        "smtp://192.0.2.1:25",
        "smtp://127.0.0.1.example.jp",
    ] {
        assert!(matches!(
            refusal(settings(elsewhere)),
            SmtpSettingsError::Insecure(_)
        ));
        let allowed = SmtpSettings {
            insecure: true,
            ..settings(elsewhere)
        };
        assert!(SmtpPost::new(allowed).is_ok(), "{elsewhere}");
    }
}

#[test]
fn a_password_never_goes_over_a_network_in_the_clear() {
    let password = Some(Zeroizing::new("secret".to_owned()));
    let url = "smtp://mail.example.jp";
    let sent = SmtpSettings {
        insecure: true,
        user: Some("hub".into()),
        password,
        ..settings(url)
    };
    assert!(matches!(
        refusal(sent),
        SmtpSettingsError::PasswordInClear(_)
    ));
}

#[test]
fn settings_that_do_not_do_say_what_to_do() {
    let url = "smtps://mail.example.jp";
    let cases = [
        (settings("mail.example.jp"), "write smtps://HOST"),
        (settings("http://mail.example.jp"), "write smtps://HOST"),
        (settings("smtps://"), "write smtps://HOST"),
        (settings("smtps://mail.example.jp/x"), "write smtps://HOST"),
        (
            settings("smtps://hub:secret@mail.example.jp"),
            "set them on their own",
        ),
        (
            settings("smtp://mail.example.jp"),
            "use smtps://mail.example.jp",
        ),
        (
            SmtpSettings {
                user: Some("hub".into()),
                ..settings(url)
            },
            "set both or none",
        ),
        (
            SmtpSettings {
                hello: "a b".into(),
                ..settings(url)
            },
            "public host name",
        ),
        (
            SmtpSettings {
                connections: 0,
                ..settings(url)
            },
            "set 1 to 32",
        ),
        (
            SmtpSettings {
                connections: 33,
                ..settings(url)
            },
            "set 1 to 32",
        ),
    ];
    for (settings, advice) in cases {
        let message = refusal(settings).to_string();
        assert!(message.contains(advice), "{message}");
        assert!(!message.contains("secret"), "{message}");
    }
}
