//! Forms and uploads, read whole and within limits.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest as _, FromRequestParts, Multipart, Request},
    http::{header, request::Parts},
};
use serde::de::DeserializeOwned;

use super::Trouble;

/// More fields than any form of ours has.
const MOST_FIELDS: usize = 2000;

/// What a form sent. Its token has been checked.
#[derive(Clone, Default)]
pub struct Posted {
    fields: Vec<(String, String)>,
    files: Vec<Upload>,
    json: Option<Bytes>,
}

/// A file that was sent.
#[derive(Clone)]
pub struct Upload {
    /// The form's field.
    pub field: String,
    /// What the browser called the file: a name, never a path.
    pub name: String,
    /// Its content.
    pub bytes: Bytes,
}

impl Posted {
    /// Reads the body by its kind: a form, a form with files, or JSON.
    pub(super) async fn read(request: Request, limit: usize) -> Result<(Request, Self), Trouble> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, limit)
            .await
            .map_err(|_| Trouble::TooLarge { limit })?;
        let posted = if kind.starts_with("multipart/form-data") {
            let request = Request::from_parts(parts.clone(), Body::from(body));
            Self::parts_of(request).await?
        } else if kind.starts_with("application/json") {
            Self {
                json: Some(body),
                ..Self::default()
            }
        } else {
            Self::fields_of(&body)?
        };
        Ok((Request::from_parts(parts, Body::empty()), posted))
    }

    fn fields_of(body: &[u8]) -> Result<Self, Trouble> {
        let pairs = url::form_urlencoded::parse(body);
        let fields: Vec<_> = pairs.into_owned().take(MOST_FIELDS + 1).collect();
        if fields.len() > MOST_FIELDS {
            return Err(Trouble::BadForm("too many fields".to_owned()));
        }
        Ok(Self {
            fields,
            ..Self::default()
        })
    }

    async fn parts_of(request: Request) -> Result<Self, Trouble> {
        let bad =
            |error: axum::extract::multipart::MultipartError| Trouble::BadForm(error.body_text());
        let form = Multipart::from_request(request, &()).await;
        let mut form = form.map_err(|error| Trouble::BadForm(error.body_text()))?;
        let mut posted = Self::default();
        while let Some(field) = form.next_field().await.map_err(bad)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(plain_name);
            let bytes = field.bytes().await.map_err(bad)?;
            posted.keep(name, file, bytes)?;
        }
        Ok(posted)
    }

    /// A file field that was left empty comes as a file without name and content.
    fn keep(&mut self, field: String, file: Option<String>, bytes: Bytes) -> Result<(), Trouble> {
        if self.fields.len() + self.files.len() >= MOST_FIELDS {
            return Err(Trouble::BadForm("too many fields".to_owned()));
        }
        match file {
            Some(name) if name.is_empty() && bytes.is_empty() => {}
            Some(name) => self.files.push(Upload { field, name, bytes }),
            None => {
                let text = String::from_utf8(bytes.to_vec());
                let text = text.map_err(|_| Trouble::BadForm(format!("{field} is not UTF-8")))?;
                self.fields.push((field, text));
            }
        }
        Ok(())
    }

    /// A field's text without blanks around it; empty if it was not sent.
    pub fn text<'a>(&'a self, field: &'a str) -> &'a str {
        self.all(field).next().unwrap_or_default()
    }

    /// A field's text as it came: for passwords.
    pub fn exact(&self, field: &str) -> &str {
        let mut fields = self.fields.iter();
        fields
            .find(|(name, _)| name == field)
            .map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a str> {
        let of_field = self.fields.iter().filter(move |(name, _)| name == field);
        of_field.map(|(_, value)| value.trim())
    }

    /// Whether a box was ticked or a button pressed.
    pub fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|(name, _)| name == field)
    }

    /// The file of a field.
    pub fn file<'a>(&'a self, field: &'a str) -> Option<&'a Upload> {
        self.files(field).next()
    }

    /// Every file of a field.
    pub fn files<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a Upload> {
        self.files.iter().filter(move |file| file.field == field)
    }

    /// What a script sent as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        let bytes = self.json.as_ref().map(Bytes::as_ref).unwrap_or_default();
        serde_json::from_slice(bytes).map_err(|error| Trouble::BadForm(error.to_string()))
    }
}

/// Some browsers send a whole path, and anybody can: only the last part counts.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(200).collect()
}

impl<S: Send + Sync> FromRequestParts<S> for Posted {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        let posted = parts.extensions.remove::<Self>();
        posted.ok_or_else(|| Trouble::Failed("a form without a gate".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_file_name_only_the_last_part_counts() {
        for (sent, kept) in [
            ("a.bondkey", "a.bondkey"),
            ("../../etc/passwd", "passwd"),
            ("C:\\keys\\a.bondkey", "a.bondkey"),
            ("a\r\nb", "ab"),
        ] {
            assert_eq!(plain_name(sent), kept);
        }
    }

    #[test]
    fn a_form_with_too_many_fields_is_refused() {
        let body = "a=1&".repeat(MOST_FIELDS + 1);
        assert!(matches!(
            Posted::fields_of(body.as_bytes()),
            Err(Trouble::BadForm(_))
        ));
        let posted = Posted::fields_of(b"name=+Hanako+&name=x").unwrap();
        assert_eq!(posted.text("name"), "Hanako");
        assert_eq!(posted.exact("name"), " Hanako ");
        assert_eq!(posted.all("name").count(), 2);
    }
}
