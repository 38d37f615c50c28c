//! Which language a page is in: the switch, else the account, else what the browser asks for, else Japanese (R63).

use axum::{http::HeaderMap, http::header, response::Response};
use bondhub_core::{account::Viewer, party::Language};

use super::{
    Access, Posted, Route, Visit,
    cookie::{self, Cookies},
    navigation::local_path,
};

const A_YEAR: u64 = 365 * 24 * 3600;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/language", Access::Anyone, switch)]
}

/// Keeps the choice and goes back to where it was made.
async fn switch(visit: Visit, form: Posted) -> Response {
    if let Some(language) = Language::parse(form.text("language")) {
        visit.set_cookie(cookie::LANGUAGE, language.as_str(), Some(A_YEAR));
    }
    visit.redirect(local_path(form.text("back")))
}

/// The language for a request.
pub(super) fn of(cookies: Cookies, headers: &HeaderMap, viewer: Option<&Viewer>) -> Language {
    let chosen = cookies.read(headers, cookie::LANGUAGE);
    chosen
        .and_then(|chosen| Language::parse(&chosen))
        .or_else(|| viewer.map(|viewer| viewer.language))
        .or_else(|| asked(headers))
        .unwrap_or_default()
}

/// The first of the languages a browser asks for, by its weights, that we speak.
fn asked(headers: &HeaderMap) -> Option<Language> {
    let header = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut asked: Vec<_> = header.split(',').filter_map(weighed).collect();
    asked.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    asked.first().map(|(_, language)| *language)
}

fn weighed(part: &str) -> Option<(f32, Language)> {
    let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
    let primary = tag.trim().split('-').next()?.to_ascii_lowercase();
    let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
    let language = Language::parse(&primary)?;
    (weight > 0.0).then_some((weight, language))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn language(accept: &str, cookie: &str) -> Language {
        let mut headers = HeaderMap::new();
        let accept = HeaderValue::from_str(accept).unwrap();
        headers.insert(header::ACCEPT_LANGUAGE, accept);
        headers.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        of(Cookies::new(false), &headers, None)
    }

    #[test]
    fn a_browser_gets_the_language_it_prefers_of_those_we_speak() {
        assert_eq!(language("en-GB,ja;q=0.8", ""), Language::En);
        assert_eq!(language("ja;q=0.8, en;q=0.9", ""), Language::En);
        assert_eq!(language("de, fr;q=0.9", ""), Language::Ja);
        assert_eq!(language("en;q=0", ""), Language::Ja);
        assert_eq!(language(";;;,q", ""), Language::Ja);
    }

    #[test]
    fn the_switch_outweighs_the_browser() {
        assert_eq!(language("en", "bondhub-language=ja"), Language::Ja);
        assert_eq!(language("ja", "bondhub-language=en"), Language::En);
        assert_eq!(language("en", "bondhub-language=xx"), Language::En);
    }
}
