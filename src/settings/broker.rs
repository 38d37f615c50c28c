//! Section `broker`.

use std::path::PathBuf;

use super::{Secret, SettingsError, address::Address, section::Section};

/// Where events come from and go to.
#[derive(Debug)]
pub struct BrokerSettings {
    /// Which queue.
    pub url: BrokerUrl,
    /// Deliveries a consumer holds unacknowledged.
    pub prefetch: u16,
    /// Partitions that are consumed beside the one queue.
    pub partitions: u16,
    /// Which of the hub's own events are published.
    pub own_events: OwnEvents,
    /// Where the embedded spool writes them.
    pub out_file: PathBuf,
    /// Own certificate authorities, PEM, beside those of the system.
    pub authorities_file: Option<PathBuf>,
}

/// Which queue.
#[derive(Debug)]
pub enum BrokerUrl {
    /// The embedded queue in a directory.
    Spool(PathBuf),
    /// RabbitMQ; the address may hold a password.
    Amqp(Secret),
}

/// Which of the hub's own events are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnEvents(Vec<String>);

impl OwnEvents {
    /// Whether events of this kind (`bond.updated`, without prefix) are wanted.
    pub fn wants(&self, kind: &str) -> bool {
        let kind: Vec<_> = kind.split('.').collect();
        self.0.iter().any(|pattern| {
            let pattern: Vec<_> = pattern.split('.').collect();
            matches(&pattern, &kind)
        })
    }
}

/// Matches as a topic exchange does: `*` is one word, `#` any number of them.
fn matches(pattern: &[&str], kind: &[&str]) -> bool {
    match (pattern.split_first(), kind.split_first()) {
        (None, None) => true,
        (Some((&"#", rest)), None) => matches(rest, kind),
        (Some((&"#", rest)), Some((_, others))) => matches(rest, kind) || matches(pattern, others),
        (Some((word, rest)), Some((found, others))) => {
            (*word == "*" || word == found) && matches(rest, others)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

impl BrokerSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        let allow_insecure = section.flag("allow_insecure")?;
        Ok(Self {
            url: url(section, allow_insecure)?,
            prefetch: section.number("prefetch", 1..=2000)?,
            partitions: section.number("partitions", 0..=64)?,
            own_events: own_events(section)?,
            out_file: section.path("out_file")?,
            authorities_file: section.optional_path("authorities_file")?,
        })
    }
}

fn url(section: &Section<'_>, allow_insecure: bool) -> Result<BrokerUrl, SettingsError> {
    let text = section.text("url")?;
    if let Some(path) = text.strip_prefix("spool:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        let found = (!path.is_empty()).then(|| BrokerUrl::Spool(PathBuf::from(path)));
        return found.ok_or_else(|| section.invalid("url", "expected a directory after spool:"));
    }
    let address = Address::parse(&text).filter(|one| matches!(one.scheme(), "amqp" | "amqps"));
    let address = address.ok_or_else(|| {
        section.invalid(
            "url",
            "expected spool:DIRECTORY or amqps://USER:PASSWORD@HOST/VHOST",
        )
    })?;
    if address.scheme() == "amqps" || allow_insecure || address.is_loopback() {
        return Ok(BrokerUrl::Amqp(Secret::new(text)));
    }
    Err(section.invalid(
        "url",
        "expected amqps:// for a broker on another machine; broker.allow_insecure = true lifts this",
    ))
}

fn own_events(section: &Section<'_>) -> Result<OwnEvents, SettingsError> {
    let patterns = section.texts("own_events")?;
    if let Some(bad) = patterns.iter().find(|pattern| !is_pattern(pattern)) {
        let problem = format!("expected patterns such as bond.* or #, found {bad:?}");
        return Err(section.invalid("own_events", &problem));
    }
    let wanted = section.flag("publish_own_events")?;
    Ok(OwnEvents(if wanted { patterns } else { Vec::new() }))
}

fn is_pattern(text: &str) -> bool {
    text.split('.').all(|word| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        !word.is_empty() && (word == "*" || word == "#" || word.chars().all(plain))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(patterns: &[&str], kind: &str) -> bool {
        OwnEvents(patterns.iter().map(|&one| one.to_owned()).collect()).wants(kind)
    }

    #[test]
    fn patterns_match_as_a_topic_exchange_matches_them() {
        assert!(wants(&["#"], "bond.updated"));
        assert!(wants(&["bond.*"], "bond.updated"));
        assert!(wants(&["*.updated"], "bond.updated"));
        assert!(wants(&["bond.#"], "bond"));
        assert!(!wants(&["bond.*"], "bond"));
        assert!(!wants(&["bond.*"], "bond.match.result"));
        assert!(!wants(&["bond.*"], "key.issued"));
        assert!(!wants(&[], "bond.updated"));
    }
}
