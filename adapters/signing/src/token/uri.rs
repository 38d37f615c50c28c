//! `pkcs11:` URIs (RFC 7512): which module, which token, which key.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

/// Where a key lies.
///
/// Of RFC 7512 these attributes are read: `token`, `serial`, `manufacturer`, `model`, `object`, `id`,
/// `type`; and `module-path`, `pin-source` in the query. A `pin-value` is refused, so that no PIN
/// stands in a list of processes, in a shell's history or in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUri {
    text: String,
    module: PathBuf,
    pin_file: Option<PathBuf>,
    pub(super) token: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) manufacturer: Option<String>,
    pub(super) model: Option<String>,
    pub(super) object: Option<Vec<u8>>,
    pub(super) id: Option<Vec<u8>>,
}

/// Why a text is not the URI of a key in a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Not such a URI at all.
    #[error(
        "expected a URI such as pkcs11:token=LABEL;object=NAME?module-path=/usr/lib/softhsm/libsofthsm2.so"
    )]
    Scheme,
    /// A PIN within.
    #[error("a PIN must not stand in a URI (`pin-value`); name a file with it in `pin-source`")]
    PinInside,
    /// No module.
    #[error("`module-path` is missing: the full path of the token's PKCS#11 library")]
    NoModule,
    /// An attribute that is unknown here, twice there or wrongly written.
    #[error("the attribute `{0}` of the pkcs11 URI is {1}")]
    Attribute(String, &'static str),
}

impl TokenUri {
    /// Whether a text is meant to be such a URI.
    pub fn is_meant(text: &str) -> bool {
        text.get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("pkcs11:"))
    }

    /// Reads a URI.
    pub fn parse(text: &str) -> Result<Self, UriError> {
        if !Self::is_meant(text) {
            return Err(UriError::Scheme);
        }
        let rest = text.get(7..).unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut path = attributes(path, ';')?;
        let mut query = attributes(query, '&')?;
        if path.contains_key("pin-value") || query.contains_key("pin-value") {
            return Err(UriError::PinInside);
        }
        let module = query.remove("module-path").ok_or(UriError::NoModule)?;
        let pin_file = query
            .remove("pin-source")
            .map(|it| file_of(it, "pin-source"));
        let mut texts = |name: &str| path.remove(name).map(|it| utf8(it, name)).transpose();
        let uri = Self {
            text: text.to_owned(),
            module: absolute(module, "module-path")?,
            pin_file: pin_file.transpose()?,
            token: texts("token")?,
            serial: texts("serial")?,
            manufacturer: texts("manufacturer")?,
            model: texts("model")?,
            object: path.remove("object"),
            id: path.remove("id"),
        };
        let kind = path.remove("type");
        if kind.is_some_and(|kind| {
            !["private", "secret-key"]
                .iter()
                .any(|it| it.as_bytes() == kind)
        }) {
            return Err(wrong("type", "neither `private` nor `secret-key`"));
        }
        match path.into_keys().chain(query.into_keys()).next() {
            Some(name) => Err(wrong(&name, "unknown here")),
            None => Ok(uri),
        }
    }

    /// The URI as it was given; it holds no secret.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What finds the key, without the module and the PIN: the same for whoever reaches the same token
    /// in another way.
    pub fn identity(&self) -> String {
        format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            self.token, self.serial, self.manufacturer, self.model, self.object, self.id
        )
    }

    /// The module's library.
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// The file that holds the PIN (`pin-source`).
    pub fn pin_file(&self) -> Option<&Path> {
        self.pin_file.as_deref()
    }
}

impl fmt::Display for TokenUri {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn wrong(name: &str, problem: &'static str) -> UriError {
    UriError::Attribute(name.to_owned(), problem)
}

fn attributes(text: &str, between: char) -> Result<BTreeMap<String, Vec<u8>>, UriError> {
    let mut found = BTreeMap::new();
    for part in text.split(between).filter(|part| !part.is_empty()) {
        let (name, value) = part
            .split_once('=')
            .ok_or_else(|| wrong(part, "without a value"))?;
        let value = unescape(value).ok_or_else(|| wrong(name, "wrongly escaped"))?;
        if found.insert(name.to_owned(), value).is_some() {
            return Err(wrong(name, "there twice"));
        }
    }
    Ok(found)
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            let value = digit()? * 16 + digit()?;
            out.push(u8::try_from(value).ok()?);
        } else {
            out.push(byte);
        }
    }
    Some(out)
}

fn utf8(bytes: Vec<u8>, name: &str) -> Result<String, UriError> {
    String::from_utf8(bytes).map_err(|_| wrong(name, "not UTF-8"))
}

/// A path from the root: a library or a PIN is never looked for elsewhere.
fn absolute(bytes: Vec<u8>, name: &str) -> Result<PathBuf, UriError> {
    let path = PathBuf::from(utf8(bytes, name)?);
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(wrong(name, "not a full path"))
    }
}

/// A path, plain or as `file:` URI.
fn file_of(bytes: Vec<u8>, name: &str) -> Result<PathBuf, UriError> {
    let text = utf8(bytes, name)?;
    let path = text.strip_prefix("file:").unwrap_or(&text);
    let path = path.strip_prefix("//").unwrap_or(path);
    absolute(path.as_bytes().to_vec(), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_names_module_token_and_key() {
        let uri = TokenUri::parse(
            "pkcs11:token=IC%20card;serial=1;object=sign;id=%01%ff;type=private\
             ?module-path=/usr/lib/m.so&pin-source=file:///run/pin",
        )
        .unwrap();
        assert_eq!(uri.token.as_deref(), Some("IC card"));
        assert_eq!(uri.id.as_deref(), Some(&[1, 0xff][..]));
        assert_eq!(uri.object.as_deref(), Some(&b"sign"[..]));
        assert_eq!(uri.module(), Path::new("/usr/lib/m.so"));
        assert_eq!(uri.pin_file(), Some(Path::new("/run/pin")));
    }

    #[test]
    fn a_pin_within_a_uri_is_refused() {
        for text in [
            "pkcs11:token=a?module-path=/m.so&pin-value=1234",
            "pkcs11:token=a;pin-value=1234?module-path=/m.so",
        ] {
            let refused = TokenUri::parse(text).unwrap_err();
            assert_eq!(refused, UriError::PinInside);
            assert!(!refused.to_string().contains("1234"));
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_rather_than_ignored() {
        let odd = [
            ("http://x", "expected a URI"),
            ("pkcs11:token=a", "module-path"),
            ("pkcs11:token=a?module-path=m.so", "not a full path"),
            ("pkcs11:token=a;token=b?module-path=/m.so", "there twice"),
            ("pkcs11:tokn=a?module-path=/m.so", "`tokn`"),
            ("pkcs11:token=%4?module-path=/m.so", "wrongly escaped"),
            ("pkcs11:token?module-path=/m.so", "without a value"),
            ("pkcs11:type=cert?module-path=/m.so", "`type`"),
        ];
        for (text, part) in odd {
            let refused = TokenUri::parse(text).unwrap_err().to_string();
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }
}
