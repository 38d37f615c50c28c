//! The pages: what parties see and do in a browser, in Japanese and English (R63).
//!
//! Every page is made on the server and works without scripts. A page asks the [`Desk`], never the store, so that it can do
//! nothing the command line and the API cannot.
//!
//! | file | concern |
//! |---|---|
//! | `route` | the table of routes: path, who may come in, how much may be sent |
//! | `gate` | what happens before each page: who is it, may it, is the form ours |
//! | `visit` | what a page knows of whoever asks, and how it answers |
//! | `posted` | forms and uploads, read within limits |
//! | `token`, `cookie`, `protect` | form tokens, cookies, headers that browsers heed |
//! | `strings`, `templates`, `words` | the texts of both languages, the templates, amounts and times as people write them |
//! | `assets` | style sheet and script, under names that hold their digest |
//! | `trouble` | what went wrong, told as a page |
//! | others | one file per page or group of pages |

mod account;
mod acts;
mod assets;
mod balances;
mod bonds;
mod cases;
mod certificates;
mod cookie;
mod copy;
mod csv;
mod draft;
mod gate;
mod held;
mod home;
mod key_by_hand;
mod language;
mod matched;
mod navigation;
mod open;
mod open_view;
mod origin;
mod paper;
mod parts;
mod posted;
mod protect;
mod qr;
mod reading;
mod register;
mod route;
mod session;
mod sign;
mod sign_in;
mod strings;
mod templates;
#[cfg(test)]
mod tests;
mod to_do;
mod token;
mod trouble;
mod verify;
mod visit;
mod welcome;
mod words;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware};

use crate::desk::Desk;

pub use posted::{Posted, Upload};
pub use route::{Access, Route, Sent};
pub use session::{Identify, Nobody};
pub use sign_in::Sessions;
pub use strings::{Catalogue, StringsError};
pub use templates::{Templates, TemplatesError};
pub use trouble::Trouble;
pub use visit::{Flash, Visit};
pub use words::Words;

use assets::Assets;
use cookie::Cookies;
use held::HeldKeys;

/// What the pages work with.
pub struct Console {
    /// The use cases.
    pub desk: Arc<Desk>,
    /// Tells who is signed in.
    pub sessions: Arc<dyn Identify>,
    cookies: Cookies,
    origin: Option<String>,
    upload_max_bytes: usize,
    templates: Templates,
    assets: Assets,
    held: HeldKeys,
    /// The paths that can be asked for.
    pages: Vec<&'static str>,
}

/// How the pages are reached.
#[derive(Debug, Clone, Default)]
pub struct Address {
    /// The origin browsers see, e.g. `https://bonds.example.jp`; none on a loopback listener.
    pub origin: Option<String>,
    /// Larger uploads are refused.
    pub upload_max_bytes: usize,
}

impl Console {
    /// Reads the embedded templates and texts.
    pub fn new(
        desk: Arc<Desk>,
        sessions: Arc<dyn Identify>,
        address: Address,
    ) -> Result<Self, TemplatesError> {
        let secure = address
            .origin
            .as_deref()
            .is_some_and(|origin| origin.starts_with("https:"));
        let assets = Assets::new();
        Ok(Self {
            desk,
            sessions,
            cookies: Cookies::new(secure),
            origin: address.origin,
            upload_max_bytes: address.upload_max_bytes,
            templates: Templates::new(&assets)?,
            assets,
            held: HeldKeys::default(),
            pages: routes().iter().filter_map(Route::page).collect(),
        })
    }

    /// Wipes keys that were shown a while ago: whoever serves the pages calls it now and then, since nobody else may come.
    pub fn wipe_held_keys(&self) {
        self.held.wipe(self.desk.clock.now());
    }

    /// The page at a path, or the nearest one above it.
    fn nearest_page<'a>(&self, path: &'a str) -> &'a str {
        let mut path = path;
        while !self.pages.iter().any(|page| route::fits(page, path)) {
            match path.rsplit_once('/') {
                Some((above, _)) if !above.is_empty() => path = above,
                _ => return "/",
            }
        }
        path
    }

    /// Whether browsers reach the pages by TLS.
    pub fn is_secure(&self) -> bool {
        self.cookies.are_secure()
    }
}

/// Every route of the pages: the only list, read by the router, by the navigation and by the tests.
pub fn routes() -> Vec<Route> {
    [
        home::routes(),
        language::routes(),
        sign_in::routes(),
        welcome::routes(),
        account::routes(),
        certificates::routes(),
        balances::routes(),
        paper::routes(),
        open::routes(),
        bonds::routes(),
        copy::routes(),
        verify::routes(),
        to_do::routes(),
        cases::routes(),
        acts::routes(),
        matched::routes(),
        register::routes(),
        sign::routes(),
        key_by_hand::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The pages.
pub fn router<S: Clone + Send + Sync + 'static>(console: &Arc<Console>) -> Router<S> {
    let mut router = Router::new();
    for route in routes() {
        router = router.route(route.path, route.guarded(console));
    }
    router
        .merge(assets::router())
        .layer(middleware::from_fn_with_state(
            Arc::clone(console),
            protect::protect,
        ))
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::clone(console))
}

pub use gate::missing;
pub(crate) use origin::client_address;
