//! What goes wrong inside a step, before it is told in the port's words.

use bondhub_core::ports::store::StoreError;
use sqlx::error::DatabaseError;

/// A step stopped: because of the database, or because the store decided so.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database or the connection to it.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The store.
    #[error("the step was given up")]
    Store(#[from] StoreError),
}

impl Failure {
    /// The failure in the port's words; `refused` tells whether an error is about the data, so that
    /// the same data will fail again.
    pub fn told(
        self,
        what: &'static str,
        refused: impl Fn(&dyn DatabaseError) -> bool,
    ) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Database(error) => told(what, error, refused),
        }
    }
}

/// Whatever is not surely about the data is taken for an outage: an event that is set aside because
/// of a missing table or right would be a wrong verdict, and every event would get it.
fn told(
    what: &'static str,
    error: sqlx::Error,
    refused: impl Fn(&dyn DatabaseError) -> bool,
) -> StoreError {
    let about_data = match &error {
        sqlx::Error::Database(error) => refused(error.as_ref()),
        sqlx::Error::Encode(_) | sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => true,
        _ => false,
    };
    let source = Box::new(error);
    if about_data {
        StoreError::Refused { what, source }
    } else {
        StoreError::Down { what, source }
    }
}

/// A conflict if fewer rows than meant were touched.
pub fn all_touched(touched: u64, meant: usize) -> Result<(), StoreError> {
    if u64::try_from(meant).is_ok_and(|meant| meant == touched) {
        return Ok(());
    }
    Err(StoreError::Conflict)
}
