//! The table of routes: which path, who may come in, how much may be sent.
//!
//! A page cannot be reached but through its row here, and the row says who may. So authorisation is tested by
//! enumeration: a row without a test fails (`tests/it/pages.rs`).

use std::sync::Arc;

use axum::{
    handler::Handler,
    http::Method,
    middleware,
    routing::{self, MethodRouter},
};
use bondhub_core::{account::Permission, party::Role};

use super::{
    Console,
    gate::{Gate, gate},
};

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody; what is shown depends on a key, not on an account.
    Anyone,
    /// Whoever is signed in.
    SignedIn,
    /// An account of any party, or of the hub, with this permission.
    May(Permission),
    /// An account of a party, with this permission.
    OfParty(Permission),
    /// An account of a party with this role in procurements, and this permission.
    Of(Role, Permission),
    /// An account of a party with one of these roles and the first permission, or of the hub with the second.
    PartyOrHub(&'static [Role], Permission, Permission),
}

/// How much may be sent with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// A form with fields, perhaps a key file: 256 KiB.
    Form,
    /// A form with documents: as much as the settings allow.
    Documents,
}

/// One row.
pub struct Route {
    /// `GET` or `POST`.
    pub method: Method,
    /// The path, with axum's parameters.
    pub path: &'static str,
    /// Who may come in.
    pub access: Access,
    /// How much may be sent.
    pub sent: Sent,
    handler: MethodRouter<Arc<Console>>,
}

impl Route {
    /// A page.
    pub fn get<H, T>(path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        Self {
            method: Method::GET,
            path,
            access,
            sent: Sent::Form,
            handler: routing::get(handler),
        }
    }

    /// An act; its form token is checked before the handler is called.
    pub fn post<H, T>(path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        Self {
            method: Method::POST,
            path,
            access,
            sent: Sent::Form,
            handler: routing::post(handler),
        }
    }

    /// The same, and documents may be sent.
    pub fn with_documents(self) -> Self {
        Self {
            sent: Sent::Documents,
            ..self
        }
    }

    /// Its path, if it is asked for and not sent to.
    pub(super) fn page(&self) -> Option<&'static str> {
        (self.method == Method::GET).then_some(self.path)
    }

    /// The handler behind its gate.
    pub(super) fn guarded(self, console: &Arc<Console>) -> MethodRouter<Arc<Console>> {
        let gate_state = Gate {
            console: Arc::clone(console),
            access: self.access,
            sent: self.sent,
        };
        self.handler
            .layer(middleware::from_fn_with_state(gate_state, gate))
    }
}

/// Whether a path is one of a route's: a part in braces stands for a segment, with an asterisk for all that follow.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(text)) if part.starts_with("{*") => return !text.is_empty(),
            (Some(part), Some(text)) if part.starts_with('{') && !text.is_empty() => {}
            (Some(part), Some(text)) if part == text => {}
            _ => return false,
        }
    }
}
