//! Which layer wins, and where secrets come from.

use super::*;

#[test]
fn the_environment_goes_before_the_file_and_the_file_before_the_defaults() {
    let file = "[hub]\nlanes = 8\nbatch_size = 10";
    let settings = load(file, &[("BONDHUB__HUB__LANES", "2")]).unwrap();
    assert_eq!(settings.hub.lanes, 2);
    assert_eq!(settings.hub.batch_size, 10);
    assert_eq!(settings.hub.relay_batch, 50);
}

#[test]
fn a_shorter_list_replaces_a_longer_one() {
    let settings = load("[rules]\nreminder_days = [3]", &[]).unwrap();
    assert_eq!(settings.rules.reminder_days, [3]);
    let none = load("[rules]\nreminder_days = []", &[]).unwrap();
    assert_eq!(none.rules.reminder_days, Vec::<i64>::new());
}

#[test]
fn variables_are_read_by_the_kind_of_their_key() {
    let variables = [
        ("BONDHUB__RULES__REMINDER_DAYS", "7, 90"),
        ("BONDHUB__BROKER__OWN_EVENTS", "bond.*,key.*"),
        ("BONDHUB__RULES__PERFORMANCE_GUARANTEE_REQUIRED", "false"),
        ("BONDHUB__MAIL__FROM_NAME", "0120"),
        ("BONDHUB_TEST_POSTGRES_URL", "not ours"),
        ("PATH", "/bin"),
    ];
    let settings = load("", &variables).unwrap();
    assert_eq!(settings.rules.reminder_days, [90, 7]);
    assert!(settings.broker.own_events.wants("key.issued"));
    assert!(!settings.broker.own_events.wants("balance.changed"));
    assert!(!settings.rules.performance_guarantee.required);
    assert_eq!(settings.mail.from_name, "0120");
}

#[test]
fn a_wrong_variable_is_named() {
    let refused = |name, value| load("", &[(name, value)]).unwrap_err();
    assert_eq!(
        refused("BONDHUB__HUB__LANE", "2"),
        "environment: BONDHUB__HUB__LANE: hub.lane is not a setting; did you mean hub.lanes?"
    );
    assert_eq!(
        refused("BONDHUB__HUB__LANES", "two"),
        "environment: BONDHUB__HUB__LANES: hub.lanes: expected a whole number"
    );
    assert_eq!(
        refused("BONDHUB__LANES", "2"),
        "environment: BONDHUB__LANES: expected a name like BONDHUB__DATABASE__URL"
    );
    assert_eq!(
        refused("BONDHUB__HUB__LANES", "65"),
        "environment: hub.lanes: expected a whole number from 1 to 64, found 65"
    );
}

#[test]
fn a_secret_is_read_from_its_file_without_the_line_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("password");
    std::fs::write(&path, "p w \n").unwrap();
    let variables = [
        ("BONDHUB__MAIL__USER", "hub"),
        ("BONDHUB__MAIL__PASSWORD_FILE", path.to_str().unwrap()),
    ];
    let (user, password) = load("", &variables).unwrap().mail.account.unwrap();
    assert_eq!((user.as_str(), password.expose()), ("hub", "p w "));
}

#[test]
fn a_value_in_a_later_layer_replaces_the_file_of_an_earlier_one() {
    let file = "[mail]\nuser = \"hub\"\npassword_file = \"/nowhere\"";
    let settings = load(file, &[("BONDHUB__MAIL__PASSWORD", "later")]).unwrap();
    let (_, password) = settings.mail.account.unwrap();
    assert_eq!(password.expose(), "later");
}

#[test]
fn a_key_and_its_file_in_one_layer_are_refused() {
    assert_eq!(
        refusal("[broker]\nurl = \"spool:x\"\nurl_file = \"y\""),
        "hub.toml: broker.url: expected either this or broker.url_file, not both"
    );
}

#[test]
fn a_missing_file_is_refused_with_the_key_that_names_it() {
    assert_eq!(
        refusal("[mail]\nuser = \"hub\"\npassword_file = \"/nowhere/password\""),
        "/nowhere/password: mail.password_file: cannot be read"
    );
    let error = Settings::load(Some(Path::new("/nowhere.toml")), std::iter::empty()).unwrap_err();
    assert_eq!(error.to_string(), "/nowhere.toml: cannot be read");
}

#[test]
fn no_secret_is_ever_shown() {
    let file = "[database]\nurl = \"postgres://hub:hush@localhost/x\"\n\
                [broker]\nurl = \"amqps://hub:hush@mq.example.jp\"\n\
                [mail]\nuser = \"hub\"\npassword = \"hush\"\n\
                [http]\napi_token = \"hushhushhushhush\"";
    let shown = format!("{:?}", load(file, &[]).unwrap());
    assert!(!shown.contains("hush"), "{shown}");
    assert_eq!(shown.matches("***").count(), 4, "{shown}");
    let wrong = [
        "[database]\nurl = \"hush\"",
        "[database]\nurl = \"postgres://hub:hush@db.example.jp/x\"",
        "[broker]\nurl = \"https://hub:hush@mq.example.jp\"",
        "[mail]\nurl = \"smtps://hub:hush@mail.example.jp\"",
        "[mail]\npassword = \"hush\"",
        "[http]\napi_token = \"hush\"",
        "[http]\napi_token = hush",
    ];
    for file in wrong {
        let error = refusal(file);
        assert!(!error.contains("hush"), "{error}");
    }
}
