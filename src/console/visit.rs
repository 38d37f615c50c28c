//! What a page knows of whoever asks, and how it answers.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{Html, IntoResponse as _, Redirect, Response},
};
use bondhub_core::{
    account::Viewer,
    audit::Actor,
    party::{Language, Party, Role},
};
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

use crate::desk::Desk;

use super::{
    Console, Trouble, Words, cookie, language,
    navigation::{self, Link},
    token, words,
};

/// One request of one visitor.
#[derive(Clone)]
pub struct Visit(Arc<Inner>);

struct Inner {
    console: Arc<Console>,
    viewer: Option<Viewer>,
    party: Option<Party>,
    words: Words,
    name: String,
    is_new: bool,
    session: Option<String>,
    look: Option<String>,
    flash: Option<Flash>,
    path: String,
    back: String,
    cookies: Mutex<Vec<HeaderValue>>,
}

/// A message for the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// Key of the text.
    pub key: String,
    /// What its placeholders stand for.
    pub with: Vec<(String, String)>,
    /// Whether it reports a success.
    pub good: bool,
}

/// What every template is told besides its own.
#[derive(Serialize)]
struct Frame<'a> {
    lang: &'static str,
    /// Where the switch of languages leads back to.
    back: &'a str,
    token: String,
    navigation: Vec<Link>,
    viewer: Option<Account>,
    flash: Option<Told>,
    home: bool,
}

#[derive(Serialize)]
struct Account {
    name: String,
    party: Option<String>,
}

#[derive(Serialize)]
struct Told {
    text: String,
    good: bool,
}

impl Visit {
    /// Reads who asks from a request's head.
    pub(super) async fn begin(console: &Arc<Console>, head: &Parts) -> Result<Self, Trouble> {
        let cookies = console.cookies;
        let session = cookies.read(&head.headers, cookie::SESSION);
        let viewer = match &session {
            Some(session) => console.sessions.viewer(session).await?,
            None => None,
        };
        let known = cookies.read(&head.headers, cookie::VISIT);
        let known = known.filter(|name| token::is_name(name));
        let is_new = known.is_none();
        let name = match known {
            Some(name) => name,
            None => token::random_name(console.desk.randomness.as_ref())?,
        };
        let flash = cookies.read(&head.headers, cookie::FLASH);
        let words = Words {
            language: language::of(cookies, &head.headers, viewer.as_ref()),
            zone: words::zone_of(viewer.as_ref()),
        };
        Ok(Self(Arc::new(Inner {
            party: party_of(console, viewer.as_ref()).await?,
            session: session.filter(|_| viewer.is_some()),
            look: cookies.read(&head.headers, cookie::LOOK),
            flash: flash.and_then(|sealed| Flash::unseal(console, &sealed)),
            console: Arc::clone(console),
            viewer,
            words,
            name,
            is_new,
            path: head.uri.path().to_owned(),
            back: back_to(console, head),
            cookies: Mutex::default(),
        })))
    }

    /// The pages.
    pub fn console(&self) -> &Arc<Console> {
        &self.0.console
    }

    /// Who is signed in.
    pub fn viewer(&self) -> Option<&Viewer> {
        self.0.viewer.as_ref()
    }

    /// Who is signed in, on a page that asked for it.
    pub fn signed_in(&self) -> Result<&Viewer, Trouble> {
        self.viewer().ok_or(Trouble::SignInNeeded)
    }

    /// The desk for whoever is signed in: what is done at it is told as done by that account (R70).
    pub fn desk(&self) -> Result<Desk, Trouble> {
        let viewer = self.signed_in()?;
        let actor = Actor::Account(viewer.account.as_str().to_owned(), viewer.party.clone());
        Ok(self.0.console.desk.by(actor))
    }

    /// The party of whoever is signed in.
    pub fn party(&self) -> Option<&Party> {
        self.0.party.as_ref()
    }

    /// What that party does in procurements.
    pub fn party_roles(&self) -> &[Role] {
        self.party().map_or(&[], |party| party.roles.as_slice())
    }

    /// The value of the session cookie, if the session is alive.
    pub fn session(&self) -> Option<&str> {
        self.0.session.as_deref()
    }

    /// The name of this visit.
    pub(super) fn name(&self) -> &str {
        &self.0.name
    }

    /// The value of the cookie that names a held key.
    pub(super) fn look(&self) -> Option<&str> {
        self.0.look.as_deref()
    }

    /// The name of the party of whoever is signed in; empty if there is none.
    pub fn own_party_name(&self) -> String {
        let name = |party: &Party| party.name(self.language()).to_owned();
        self.party().map(name).unwrap_or_default()
    }

    /// The path that was asked for.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Where the visitor can come back to: the page that was asked for, or the one above a form that was sent.
    pub fn back(&self) -> &str {
        &self.0.back
    }

    /// Amounts and times as the visitor writes them.
    pub fn words(&self) -> &Words {
        &self.0.words
    }

    /// The visitor's language.
    pub fn language(&self) -> Language {
        self.0.words.language
    }

    /// A text in the visitor's language.
    pub fn text(&self, key: &str) -> String {
        self.text_with(key, &[])
    }

    /// A text with placeholders.
    pub fn text_with(&self, key: &str, with: &[(&str, &str)]) -> String {
        let catalogue = &self.0.console.templates.catalogue;
        catalogue.text(self.language(), key, with)
    }

    /// The name of a party in the visitor's language; its code if it is not known.
    pub fn party_name(&self, code: &bondhub_core::identifier::PartyCode) -> String {
        let directory = self.0.console.desk.directories.newest();
        let party = directory.parties.get(code);
        party
            .map_or(code.as_str(), |party| party.name(self.language()))
            .to_owned()
    }

    /// The token for forms on this visit.
    pub fn form_token(&self) -> String {
        token::of(&self.0.console.desk.pepper, &self.0.name, self.session())
    }

    /// Whether a form's token was made for this visit.
    pub(super) fn owns(&self, given: &str) -> bool {
        let pepper = &self.0.console.desk.pepper;
        token::fits(pepper, &self.0.name, self.session(), given)
    }

    /// A page from a template and what it tells.
    pub fn page(&self, template: &str, tells: impl Serialize) -> Result<Response, Trouble> {
        self.page_as(StatusCode::OK, template, tells)
    }

    /// The same with another status, such as 422 for a form with errors.
    pub fn page_as(
        &self,
        status: StatusCode,
        template: &str,
        tells: impl Serialize,
    ) -> Result<Response, Trouble> {
        let templates = &self.0.console.templates;
        let html = templates.render(self.language(), template, self.frame(), Serde(&tells))?;
        Ok((status, Html(html)).into_response())
    }

    fn frame(&self) -> minijinja::Value {
        let viewer = self.viewer().map(|viewer| Account {
            name: viewer.account.as_str().to_owned(),
            party: self
                .party()
                .map(|party| party.name(self.language()).to_owned()),
        });
        let flash = self.0.flash.as_ref().map(|flash| {
            let with: Vec<_> = flash
                .with
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            Told {
                text: self.text_with(&flash.key, &with),
                good: flash.good,
            }
        });
        minijinja::Value::from(Serde(&Frame {
            lang: self.language().as_str(),
            back: self.back(),
            token: self.form_token(),
            navigation: navigation::links(self),
            viewer,
            flash,
            home: self.path() == "/",
        }))
    }

    /// Sends the browser on with `GET`.
    pub fn redirect(&self, path: &str) -> Response {
        Redirect::to(path).into_response()
    }

    /// Sends the browser on, where it is told what was done.
    pub fn done(&self, path: &str, key: &str, with: &[(&str, &str)]) -> Response {
        self.say(&Flash::new(key, with, true));
        self.redirect(path)
    }

    /// Leaves a message for the next page.
    pub fn say(&self, flash: &Flash) {
        let text = serde_json::to_string(flash).unwrap_or_default();
        let sealed = token::seal(&self.0.console.desk.pepper, &text);
        self.set_cookie(cookie::FLASH, &sealed, Some(60));
    }

    /// Sets a cookie with the answer.
    pub fn set_cookie(&self, name: &str, value: &str, seconds: Option<u64>) {
        self.push(self.0.console.cookies.set(name, value, seconds));
    }

    /// Takes a cookie away with the answer.
    pub fn clear_cookie(&self, name: &str) {
        self.push(self.0.console.cookies.clear(name));
    }

    fn push(&self, cookie: Option<HeaderValue>) {
        let mut cookies = self
            .0
            .cookies
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        cookies.extend(cookie);
    }

    /// The answer with its cookies; trouble becomes a page.
    pub(super) fn finish(&self, mut response: Response) -> Response {
        if let Some(trouble) = response.extensions_mut().remove::<Arc<Trouble>>() {
            response = trouble.page(self);
        }
        if self.0.is_new {
            self.set_cookie(cookie::VISIT, &self.0.name, None);
        }
        let shown = response.headers().get(header::CONTENT_TYPE);
        let is_page = shown.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if self.0.flash.is_some() && is_page {
            self.clear_cookie(cookie::FLASH);
        }
        let mut cookies = self
            .0
            .cookies
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for cookie in cookies.drain(..) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        drop(cookies);
        let headers = response.headers_mut();
        headers.append(
            header::VARY,
            HeaderValue::from_static("accept-language, cookie"),
        );
        response
    }
}

/// A question can be asked again as it is; the answer to a form has no address, so that it is the nearest page.
fn back_to(console: &Console, head: &Parts) -> String {
    if head.method != Method::GET {
        return console.nearest_page(head.uri.path()).to_owned();
    }
    let asked = head.uri.path_and_query();
    asked.map_or_else(|| "/".to_owned(), ToString::to_string)
}

async fn party_of(console: &Console, viewer: Option<&Viewer>) -> Result<Option<Party>, Trouble> {
    let Some(code) = viewer.and_then(|viewer| viewer.party.as_ref()) else {
        return Ok(None);
    };
    let directory = console.desk.directory().await?;
    Ok(directory.parties.get(code).cloned())
}

impl Flash {
    /// A message by the key of its text.
    pub fn new(key: &str, with: &[(&str, &str)], good: bool) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            key: key.to_owned(),
            with: with.iter().map(owned).collect(),
            good,
        }
    }

    fn unseal(console: &Console, sealed: &str) -> Option<Self> {
        let text = token::unseal(&console.desk.pepper, sealed)?;
        serde_json::from_str(&text).ok()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        let visit = parts.extensions.get::<Self>().cloned();
        visit.ok_or_else(|| Trouble::Failed("a page without a gate".to_owned()))
    }
}
