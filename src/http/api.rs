//! The JSON API (CONTRACT §6, R62): the same use cases as the pages and the command line.
//!
//! One table says what there is: path, who may call, what comes in, what goes out. The router, the
//! guard before each handler and the OpenAPI document are made of it, so that none of them can tell
//! something else than the others.
//!
//! | file | concern |
//! |---|---|
//! | `route` | a row of the table |
//! | `caller` | who calls, and whether it may |
//! | `openapi` | the document |
//! | `asked` | queries, paths and bodies; what is wrong with them is told as a problem |
//! | `shapes`, `words` | what is sent back, with its schema |
//! | others | the rows and handlers of one concern |

mod accounts;
mod asked;
mod audit;
mod balances;
mod bond_list;
mod bonds;
mod caller;
mod cases;
mod certificates;
mod copies;
mod deeds;
mod documents;
mod events;
mod exposure;
mod grants;
mod mails;
mod openapi;
mod paper;
mod parties;
mod route;
mod shapes;
mod signing;
mod standings;
mod tasks;
mod trust;
mod vault;
mod words;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::MethodRouter};

use super::Http;

pub use route::{Need, Route};

/// What every path begins with.
pub const BASE: &str = "/api/v1";

/// Every operation there is.
pub fn table() -> Vec<Route> {
    let parts = [
        openapi::routes(),
        vault::routes(),
        copies::routes(),
        bond_list::routes(),
        bonds::routes(),
        paper::routes(),
        cases::routes(),
        balances::routes(),
        standings::routes(),
        exposure::routes(),
        deeds::routes(),
        tasks::routes(),
        events::routes(),
        mails::routes(),
        documents::routes(),
        signing::routes(),
        parties::routes(),
        certificates::routes(),
        trust::routes(),
        grants::routes(),
        accounts::routes(),
        audit::routes(),
    ];
    parts.into_iter().flatten().collect()
}

/// The OpenAPI document (3.1) of the table.
pub fn document() -> serde_json::Value {
    openapi::document(&table())
}

/// The routes, each behind its guard.
pub(super) fn router(http: &Arc<Http>) -> Router<Arc<Http>> {
    table().into_iter().fold(Router::new(), |router, route| {
        let path = format!("{BASE}{}", route.path);
        let guard = (Arc::clone(http), route.need);
        let handler: MethodRouter<Arc<Http>> = route
            .handler
            .layer(middleware::from_fn_with_state(guard, caller::guard));
        let limit = if route.is_large {
            http.upload_max_bytes
        } else {
            http.max_bytes
        };
        router.route(&path, handler.layer(DefaultBodyLimit::max(limit)))
    })
}
