//! What an operator can rely on when writing a configuration.

use std::{collections::BTreeSet, path::PathBuf};

use super::*;

mod neighbours;
mod sources;

/// Loads with these lines as the operator's file and these variables.
fn load(file: &str, environment: &[(&str, &str)]) -> Result<Settings, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hub.toml");
    std::fs::write(&path, file).unwrap();
    let named = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Settings::load(Some(&path), environment.iter().map(named)).map_err(|error| {
        error
            .to_string()
            .replace(path.to_str().unwrap(), "hub.toml")
    })
}

fn refusal(file: &str) -> String {
    load(file, &[]).unwrap_err()
}

/// Every TOML file that somebody might copy.
fn examples() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let below = |directory| std::fs::read_dir(root.join(directory)).unwrap();
    let files = ["config", "docker"].into_iter().flat_map(below);
    let paths = files.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|one| one == "toml"))
        .collect()
}

#[test]
fn the_defaults_are_valid_and_say_what_the_documents_say() {
    let settings = Settings::load(None, std::iter::empty()).unwrap();
    let DatabaseUrl::Sqlite(path) = settings.database.url else {
        panic!("SQLite is the embedded default");
    };
    assert_eq!(path, PathBuf::from("bondhub-data/bondhub.db"));
    let BrokerUrl::Spool(path) = settings.broker.url else {
        panic!("the spool is the embedded default");
    };
    assert_eq!(path, PathBuf::from("bondhub-data/spool"));
    assert_eq!(
        settings.mail.url,
        MailUrl::Files(PathBuf::from("bondhub-data/mail"))
    );
    assert_eq!(settings.mail.data_timeout.as_secs(), 600);
    assert_eq!(settings.http.listen.to_string(), "127.0.0.1:8080");
}

#[test]
fn the_default_rules_are_those_of_the_core() {
    let settings = Settings::load(None, std::iter::empty()).unwrap();
    let policy = settings.rules.to_policy();
    let core = bondhub_core::rules::Policy::default();
    assert_eq!(format!("{policy:?}"), format!("{core:?}"));
}

#[test]
fn every_key_of_the_defaults_is_read_and_every_key_read_has_a_default() {
    let schema = Schema::of_defaults().unwrap();
    let document = Document::merge(vec![Layer::defaults().unwrap()], &schema).unwrap();
    Settings::read(&document).unwrap();
    let listed: BTreeSet<_> = schema.names().collect();
    assert_eq!(document.names_read(), listed);
}

#[test]
fn every_key_of_the_defaults_is_explained() {
    let mut explained = false;
    let mut bare = Vec::new();
    for line in DEFAULTS.lines() {
        let is_key = line.split_once(" = ").is_some() && !line.starts_with('#');
        if is_key && !explained {
            bare.push(line);
        }
        explained = line.starts_with('#') || (explained && is_key);
    }
    assert_eq!(bare, Vec::<&str>::new());
}

#[test]
fn all_example_files_are_valid() {
    let examples = examples();
    assert!(
        examples.len() >= 3,
        "default, production, docker: {examples:?}"
    );
    for path in examples {
        let text = std::fs::read_to_string(&path).unwrap();
        // The files that hold the secrets exist only where the hub is installed.
        let text = text.replace("_file = \"/run/secrets/", "_file = \"SECRETS/");
        let directory = secrets_for(&text);
        let text = text.replace("SECRETS", directory.path().to_str().unwrap());
        let loaded = if path.ends_with("default.toml") {
            Settings::load(None, std::iter::empty()).map_err(|error| error.to_string())
        } else {
            load(&text, &[])
        };
        if let Err(error) = loaded {
            panic!("{}: {error}", path.display());
        }
    }
}

/// A directory with a plausible file for each `…_file` of an example.
fn secrets_for(text: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let names = text.split("\"SECRETS/").skip(1);
    for name in names.filter_map(|rest| rest.split('"').next()) {
        let content = match name {
            "database-url" => "postgres://hub:x@db.example.jp/bondhub?sslmode=verify-full",
            "broker-url" => "amqps://hub:x@mq.example.jp/bondhub",
            _ => "0123456789abcdef0123456789abcdef",
        };
        std::fs::write(directory.path().join(name), format!("{content}\n")).unwrap();
    }
    directory
}

#[test]
fn an_unknown_key_is_refused_and_the_nearest_one_named() {
    assert_eq!(
        refusal("[hub]\nlane = 3"),
        "hub.toml: hub.lane is not a setting; did you mean hub.lanes?"
    );
    assert_eq!(
        refusal("[datebase]\nurl = \"x\""),
        "hub.toml: datebase is not a setting; did you mean database?"
    );
    assert_eq!(
        refusal("[hub]\nzzzzzzzz = 3"),
        "hub.toml: hub.zzzzzzzz is not a setting; see config/default.toml for all of them"
    );
}

#[test]
fn a_key_outside_of_a_section_is_refused() {
    assert_eq!(
        refusal("lanes = 3"),
        "hub.toml: lanes: expected inside a section such as [database]"
    );
}

#[test]
fn a_value_of_another_kind_is_refused_with_its_key() {
    let cases = [
        ("lanes = \"3\"", "hub.lanes: expected a whole number"),
        ("lanes = 3.5", "hub.lanes: expected a whole number"),
        (
            "retry_secs = [1, \"2\"]",
            "hub.retry_secs: expected a list of whole numbers",
        ),
        (
            "retry_secs = 5",
            "hub.retry_secs: expected a list of whole numbers",
        ),
        (
            "retry_secs = []",
            "hub.retry_secs: expected at least one number of seconds",
        ),
    ];
    for (line, problem) in cases {
        assert_eq!(
            refusal(&format!("[hub]\n{line}")),
            format!("hub.toml: {problem}")
        );
    }
    assert_eq!(
        refusal("[rules]\nperformance_guarantee_required = 1"),
        "hub.toml: rules.performance_guarantee_required: expected true or false"
    );
}

#[test]
fn a_number_beyond_its_limits_is_refused_with_the_limits() {
    assert_eq!(
        refusal("[hub]\nlanes = -1"),
        "hub.toml: hub.lanes: expected a whole number from 1 to 64, found -1"
    );
}

#[test]
fn a_word_that_is_no_choice_is_refused_with_the_choices() {
    assert_eq!(
        refusal("[rules]\nrelease_losers = \"at once\""),
        "hub.toml: rules.release_losers: expected one of at_contract, at_award"
    );
}

#[test]
fn a_file_that_is_not_toml_is_refused_with_its_line() {
    let error = refusal("[hub]\nlanes = 3\nlanes 4\n");
    assert!(error.starts_with("hub.toml: line 3: "), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[test]
fn a_zone_with_daylight_saving_is_refused_and_one_without_is_taken() {
    let error = refusal("[rules]\nzone = \"Europe/Berlin\"");
    assert!(
        error.contains("expected a zone whose clock never changes"),
        "{error}"
    );
    assert!(refusal("[rules]\nzone = \"Asia/Tokio\"").contains("expected an IANA zone"));
    let settings = load("[rules]\nzone = \"Asia/Kolkata\"", &[]).unwrap();
    assert_eq!(settings.rules.to_policy().zone.to_string(), "+05:30");
}

#[test]
fn a_relay_may_hold_a_mail_longer_than_its_reply_may_take() {
    assert_eq!(
        refusal("[hub]\nlease_secs = 600"),
        "hub.toml: hub.lease_secs: expected more than mail.data_timeout_secs, which is 600"
    );
}
