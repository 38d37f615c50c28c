//! Reading mails, just enough to get at what is in them.

/// The armored OpenPGP message in an RFC 3156 mail, from its first to its last line.
pub fn sealed_part(mail: &[u8]) -> Option<&[u8]> {
    const BEGIN: &str = "-----BEGIN PGP MESSAGE-----";
    const END: &str = "-----END PGP MESSAGE-----";
    let text = std::str::from_utf8(mail).ok()?;
    let from = text.find(BEGIN)?;
    let to = text.rfind(END)? + END.len();
    mail.get(from..to)
}

/// The value of the first header of that name, unfolded; names are compared without case.
pub fn header(mail: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(mail).replace("\r\n", "\n");
    let head = text
        .split("\n\n")
        .next()?
        .replace("\n ", " ")
        .replace("\n\t", " ");
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}
