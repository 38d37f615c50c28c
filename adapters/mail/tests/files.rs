//! Mails into a directory.
#![expect(
    clippy::unwrap_used,
    reason = "tests fail by panicking, helpers of tests too"
)]

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use bondhub_core::{
    party::MailAddress,
    ports::mail::{Letter, Post, Posted},
};
use bondhub_mail::FilePost;
use tempfile::TempDir;

fn letter(id: &str, bytes: &[u8]) -> Letter {
    let to = vec![MailAddress::parse("desk@contractor.example.jp").unwrap()];
    Letter {
        to,
        message_id: format!("<{id}@hub.example.jp>"),
        bytes: bytes.to_vec(),
    }
}

fn post_into(directory: &Path) -> FilePost {
    FilePost::from_url(&format!("file:{}", directory.display())).unwrap()
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn refused_for_good(posted: &Posted) -> bool {
    matches!(
        posted,
        Posted::Refused {
            permanent: true,
            ..
        }
    )
}

#[tokio::test]
async fn a_mail_is_written_whole_for_the_hubs_account_only_and_nothing_else_is_left() {
    let home = TempDir::new().unwrap();
    let directory = home.path().join("deep/mail");
    let posted = post_into(&directory)
        .post(&[letter("abc-1", b"bytes\r\n")])
        .await;
    assert!(
        matches!(posted.as_slice(), [Posted::Accepted(_)]),
        "{posted:?}"
    );
    let path = directory.join("abc-1.eml");
    assert_eq!(fs::read(&path).unwrap(), b"bytes\r\n");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        fs::metadata(&directory).unwrap().permissions().mode() & 0o777,
        0o700
    );
    assert_eq!(names(&directory), ["abc-1.eml"]);
}

#[tokio::test]
async fn the_same_mail_again_is_the_same_file() {
    let home = TempDir::new().unwrap();
    let post = post_into(home.path());
    let letters = [
        letter("a", b"same\r\n"),
        letter("a", b"same\r\n"),
        letter("b", b"other\r\n"),
    ];
    for _ in 0..2 {
        let posted = post.post(&letters).await;
        assert!(
            posted.iter().all(|one| matches!(one, Posted::Accepted(_))),
            "{posted:?}"
        );
    }
    assert_eq!(names(home.path()).len(), 2);
}

#[tokio::test]
async fn another_mail_with_the_same_message_id_is_refused_and_the_first_is_kept() {
    let home = TempDir::new().unwrap();
    let post = post_into(home.path());
    let posted = post
        .post(&[letter("a", b"first\r\n"), letter("a", b"second\r\n")])
        .await;
    assert!(matches!(posted[0], Posted::Accepted(_)));
    assert!(refused_for_good(&posted[1]), "{posted:?}");
    assert_eq!(fs::read(home.path().join("a.eml")).unwrap(), b"first\r\n");
}

#[tokio::test]
async fn a_message_id_cannot_lead_out_of_the_directory() {
    let home = TempDir::new().unwrap();
    let directory = home.path().join("mail");
    let odd = ["../../etc/x", ".hidden", "a/b", "", "a b", "a\0b"];
    let letters: Vec<_> = odd.iter().map(|id| letter(id, b"x")).collect();
    let posted = post_into(&directory).post(&letters).await;
    assert!(posted.iter().all(refused_for_good), "{posted:?}");
    assert!(names(&directory).is_empty());
}

#[tokio::test]
async fn a_directory_that_is_gone_is_a_neighbour_that_is_down() {
    let home = TempDir::new().unwrap();
    let directory = home.path().join("mail");
    let post = post_into(&directory);
    fs::remove_dir(&directory).unwrap();
    let posted = post.post(&[letter("a", b"x")]).await;
    assert!(matches!(posted.as_slice(), [Posted::Down(_)]), "{posted:?}");
}

#[test]
fn an_address_without_a_directory_is_refused() {
    for url in ["file:", "smtp://x", "", "/tmp"] {
        let error = FilePost::from_url(url).unwrap_err().to_string();
        assert!(error.contains("file:DIR"), "{error}");
    }
}
