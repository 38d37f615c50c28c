//! Who is signed in.

use async_trait::async_trait;
use bondhub_core::account::Viewer;

use crate::desk::DeskError;

/// Tells who is signed in, by the value of the session cookie.
#[async_trait]
pub trait Identify: Send + Sync {
    /// The account behind a session that is alive; none for any other text.
    async fn viewer(&self, session: &str) -> Result<Option<Viewer>, DeskError>;
}

/// Nobody is ever signed in.
pub struct Nobody;

#[async_trait]
impl Identify for Nobody {
    async fn viewer(&self, _: &str) -> Result<Option<Viewer>, DeskError> {
        Ok(None)
    }
}
