//! Header fields, encoded by lettre (RFC 2047, folding).

use std::time::SystemTime;

use bondhub_core::{
    party::MailAddress,
    ports::mail::{ComposeError, Draft},
};
use lettre::{
    Address,
    message::{
        Mailbox, Mailboxes,
        header::{Date, From, HeaderName, HeaderValue, Headers, MessageId, Subject},
    },
};

use super::{check::short_lines, invalid};

/// The fields of a draft with one of its subjects, each ended by CRLF.
pub(super) fn fields(draft: &Draft<'_>, subject: &str) -> Result<String, ComposeError> {
    let mut headers = Headers::with_capacity(5);
    headers.set(From::from(Mailboxes::from(sender(draft)?)));
    headers.set(Date::new(SystemTime::from(draft.date)));
    headers.set(Subject::from(subject.to_owned()));
    headers.set(MessageId::from(draft.message_id.to_owned()));
    // Nobody's out-of-office reply comes back (RFC 3834).
    headers.insert_raw(raw("Auto-Submitted", "auto-generated"));
    let text = format!("{}{headers}", recipients(draft.to));
    short_lines(text.as_bytes())?;
    Ok(text)
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// One address a line: lettre folds only where there are names.
fn recipients(to: &[MailAddress]) -> String {
    let addresses: Vec<&str> = to.iter().map(MailAddress::as_str).collect();
    format!("To: {}\r\n", addresses.join(",\r\n "))
}

fn sender(draft: &Draft<'_>) -> Result<Mailbox, ComposeError> {
    let address: Address =
        draft.from.as_str().parse().map_err(|error| {
            invalid(format!("the address {} is not taken: {error}", draft.from))
        })?;
    let name = Some(draft.from_name)
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    Ok(Mailbox::new(name, address))
}

/// What the outside of the mail says, told again inside: a reader that knows RFC 9788 shows which of
/// the fields inside were hidden on the way. Continuation lines stay as they are.
pub(super) fn outer_record(outer: &str) -> String {
    let mut record = String::with_capacity(outer.len() + 128);
    for line in outer.split_inclusive("\r\n") {
        let prefix = if line.starts_with([' ', '\t']) {
            ""
        } else {
            "HP-Outer: "
        };
        record.push_str(prefix);
        record.push_str(line);
    }
    record
}
