//! Letters about certificates, opened by whom they are for.

use super::*;

/// Waits for the mail of this name to the winner that `reader` can open, and opens it.
pub(crate) async fn mail(world: &World, name: &str, reader: &TestParty) -> String {
    let is_sent = async || {
        let rows = world.outbox().await;
        rows.iter()
            .any(|row| row.name == name && row.state.as_str() == "sent")
    };
    world.eventually(name, is_sent).await;
    let is_readable = async || opened(world, name, reader).is_some();
    world.eventually(name, is_readable).await;
    opened(world, name, reader).unwrap()
}

fn opened(world: &World, name: &str, reader: &TestParty) -> Option<String> {
    let opened: Vec<Vec<u8>> = world
        .mails_to(WINNER)
        .values()
        .filter_map(|mail| {
            reader
                .open_mail(&mail.bytes, &world.hub_certificate, world.now())
                .ok()
        })
        .collect();
    let marks = |text: &String| match name {
        "enrolment" => text.contains("次のコード") || text.contains("this code"),
        "certificate_announced" => {
            text.contains("届け出られた証明書は") || text.contains("handed in:")
        }
        _ => true,
    };
    let mut texts = opened.into_iter().rev().map(|mail| body(&mail));
    texts.find(marks)
}

/// The text of an opened mail.
pub(super) fn body(mail: &[u8]) -> String {
    let script = "import sys,email,email.policy;m=email.message_from_bytes(sys.stdin.buffer.read(),policy=email.policy.default);\
                  sys.stdout.buffer.write(m.get_body(('plain',)).get_content().encode())";
    let mut child =
        Command::new(std::env::var("BONDHUB_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned()))
            .args(["-c", script])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), mail).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// The code in a letter: four groups of four.
pub(crate) fn code_in(text: &str) -> String {
    let is_code = |line: &&str| {
        let groups: Vec<&str> = line.split('-').collect();
        groups.len() == 4
            && groups
                .iter()
                .all(|group| group.len() == 4 && group.is_ascii())
    };
    let line = text.lines().map(str::trim).find(is_code);
    line.unwrap_or_else(|| panic!("no code in {text}"))
        .to_owned()
}
