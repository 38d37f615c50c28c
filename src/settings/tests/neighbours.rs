//! How database, broker, mail server and HTTP clients are reached (R71).

use super::*;

fn url(section: &str, url: &str) -> Result<Settings, String> {
    load(&format!("[{section}]\nurl = \"{url}\""), &[])
}

#[test]
fn a_database_on_another_machine_is_reached_by_tls_only() {
    for good in [
        "postgres://hub@localhost/bondhub",
        "postgres://hub@127.0.0.1:5433/bondhub",
        "postgresql://hub@[::1]/bondhub",
        "postgres:///bondhub?host=/run/postgresql",
        "postgres://hub@db.example.jp/bondhub?sslmode=verify-full",
        "postgres://hub@db.example.jp/bondhub?sslmode=require",
    ] {
        assert!(url("database", good).is_ok(), "{good}");
    }
    for bad in [
        "postgres://hub@db.example.jp/bondhub",
        "postgres://hub@db.example.jp/bondhub?sslmode=prefer",
        "postgres://hub@localhost/bondhub?host=db.example.jp",
        "postgres://hub@localhost.example.jp/bondhub",
    ] {
        let error = url("database", bad).unwrap_err();
        assert!(
            error.contains("expected ?sslmode=verify-full"),
            "{bad}: {error}"
        );
    }
    let lifted = "[database]\nurl = \"postgres://hub@db/bondhub\"\nallow_insecure = true";
    assert!(load(lifted, &[]).is_ok());
}

#[test]
fn a_database_is_a_sqlite_file_or_postgresql() {
    for bad in [
        "mysql://x",
        "sqlite:",
        "sqlite::memory:",
        "sqlite:x?mode=ro",
        "",
    ] {
        let error = url("database", bad).unwrap_err();
        assert!(
            error.starts_with("hub.toml: database.url: expected"),
            "{bad}: {error}"
        );
    }
}

#[test]
fn a_broker_on_another_machine_is_reached_by_tls_only() {
    for good in [
        "amqp://guest:guest@127.0.0.1:5672",
        "amqp://guest:guest@localhost/bondhub",
        "amqps://hub:x@mq.example.jp/bondhub",
    ] {
        assert!(url("broker", good).is_ok(), "{good}");
    }
    for bad in ["amqp://hub:x@mq.example.jp", "kafka://x", "spool:"] {
        let error = url("broker", bad).unwrap_err();
        assert!(
            error.starts_with("hub.toml: broker.url: expected"),
            "{bad}: {error}"
        );
    }
    let lifted = "[broker]\nurl = \"amqp://hub:x@mq\"\nallow_insecure = true";
    assert!(load(lifted, &[]).is_ok());
}

#[test]
fn a_mail_server_on_another_machine_is_reached_by_tls_only() {
    let smtp = |host: &str, port, tls| MailUrl::Smtp {
        host: host.to_owned(),
        port,
        tls,
    };
    let read = |text| url("mail", text).map(|settings| settings.mail.url);
    assert_eq!(
        read("smtps://mail.example.jp"),
        Ok(smtp("mail.example.jp", 465, true))
    );
    assert_eq!(read("smtp://localhost"), Ok(smtp("localhost", 25, false)));
    assert_eq!(read("smtp://[::1]:2525"), Ok(smtp("::1", 2525, false)));
    let error = read("smtp://mail.example.jp").unwrap_err();
    assert!(
        error.contains("expected smtps:// for a mail server on another machine"),
        "{error}"
    );
    let lifted = "[mail]\nurl = \"smtp://sink:1025\"\nallow_insecure = true";
    assert_eq!(
        load(lifted, &[]).unwrap().mail.url,
        smtp("sink", 1025, false)
    );
}

#[test]
fn an_account_at_the_mail_server_needs_both_name_and_password() {
    assert_eq!(
        refusal("[mail]\nuser = \"hub\""),
        "hub.toml: mail.user: expected mail.password(_file) with it"
    );
    assert_eq!(
        refusal("[mail]\npassword = \"x\""),
        "hub.toml: mail.password: expected mail.user with it"
    );
    let error = refusal("[mail]\nurl = \"smtps://hub@mail.example.jp\"");
    assert!(error.contains("the account stands in mail.user"), "{error}");
}

#[test]
fn names_that_go_into_mail_headers_hold_no_line_end() {
    let error = refusal("[mail]\nfrom_name = \"hub\\r\\nBcc: all@example.jp\"");
    assert!(error.contains("expected one line"), "{error}");
    let error = refusal("[mail]\ndomain = \"hub example\"");
    assert!(error.contains("expected a host name"), "{error}");
    let error = refusal("[mail]\nfrom = \"hub\"");
    assert!(error.contains("is not a mail address"), "{error}");
}

#[test]
fn without_a_token_only_this_machine_is_listened_to() {
    let error = refusal("[http]\nlisten = \"0.0.0.0:8080\"");
    assert!(error.contains("expected a loopback address"), "{error}");
    let token = "[http]\nlisten = \"0.0.0.0:8080\"\napi_token = \"0123456789abcdef\"";
    assert!(load(token, &[]).is_ok());
    let published = "[http]\npublic_url = \"https://bonds.example.jp\"";
    let error = refusal(published);
    assert!(
        error.contains("expected an http.api_token(_file) with it"),
        "{error}"
    );
    assert!(
        load(
            &format!("{published}\napi_token = \"0123456789abcdef\""),
            &[]
        )
        .is_ok()
    );
    let short = refusal("[http]\napi_token = \"0123456789abcde\"");
    assert!(
        short.contains("expected at least 16 visible ASCII characters"),
        "{short}"
    );
    assert!(refusal("[http]\nlisten = \"8080\"").contains("expected address and port"));
}
