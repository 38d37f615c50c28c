//! Style sheet and script. Their names hold their digest, so that browsers may keep them for good.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use bondhub_core::event::hex_digest;

use super::Console;

const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// Name, kind and text of each file.
const FILES: &[(&str, &str, &str, &str)] = &[
    (
        "style",
        "css",
        "text/css; charset=utf-8",
        concat!(
            include_str!("assets/base.css"),
            include_str!("assets/parts.css"),
            include_str!("assets/print.css")
        ),
    ),
    (
        "app",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("assets/app.js"),
    ),
    (
        "passkey",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("assets/passkey.js"),
    ),
    (
        "mark",
        "svg",
        "image/svg+xml",
        include_str!("assets/mark.svg"),
    ),
];

struct Asset {
    name: &'static str,
    path: String,
    kind: &'static str,
    text: &'static str,
}

/// The files.
pub(super) struct Assets(Vec<Asset>);

impl Assets {
    pub(super) fn new() -> Self {
        let asset =
            |&(name, ending, kind, text): &(&'static str, &str, &'static str, &'static str)| {
                let digest = hex_digest(text.as_bytes());
                let digest = digest.get(..16).unwrap_or_default();
                Asset {
                    name,
                    path: format!("/static/{name}.{digest}.{ending}"),
                    kind,
                    text,
                }
            };
        Self(FILES.iter().map(asset).collect())
    }

    /// The path of a file by its short name.
    pub(super) fn path(&self, name: &str) -> Option<&str> {
        let asset = self.0.iter().find(|asset| asset.name == name)?;
        Some(&asset.path)
    }
}

/// Serves the files.
pub(super) fn router() -> Router<Arc<Console>> {
    Router::new().route("/static/{name}", get(serve))
}

async fn serve(State(console): State<Arc<Console>>, Path(name): Path<String>) -> Response {
    let path = format!("/static/{name}");
    let Some(asset) = console.assets.0.iter().find(|asset| asset.path == path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, FOR_GOOD),
    ];
    (headers, asset.text).into_response()
}
