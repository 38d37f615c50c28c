//! Whether a database has the schema this program was written for.

use bondhub_core::ports::Cause;
use sqlx::migrate::{MigrateError, Migrator};

use crate::Failure;

/// Why the schema cannot be used, or could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The schema is older than the program, or not there at all (0).
    #[error("the database has schema {found}, this program needs {needed}: run `bondhub migrate`")]
    Behind {
        /// The newest version in the database.
        found: i64,
        /// The version the program needs.
        needed: i64,
    },
    /// The schema was made by a newer program.
    #[error(
        "the database has schema {found}, which this program does not know: it needs a newer bondhub"
    )]
    Ahead {
        /// The version the program does not know.
        found: i64,
    },
    /// A migration in the database is not the one this program has.
    #[error("migration {version} in the database differs from the one in this program")]
    Altered {
        /// Which.
        version: i64,
    },
    /// The database cannot be reached or refused.
    #[error("cannot {what} the database schema")]
    Failed {
        /// `read` or `change`.
        what: &'static str,
        /// The cause.
        #[source]
        source: Cause,
    },
}

impl SchemaError {
    /// What a migration left to the program could not be done.
    pub fn unfinished(failure: Failure) -> Self {
        Self::Failed {
            what: "change",
            source: Box::new(failure),
        }
    }

    /// The schema could not be read.
    pub fn unread(error: sqlx::Error) -> Self {
        Self::Failed {
            what: "read",
            source: Box::new(error),
        }
    }
}

impl From<MigrateError> for SchemaError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(found) => Self::Ahead { found },
            MigrateError::VersionMismatch(version) => Self::Altered { version },
            other => Self::Failed {
                what: "change",
                source: Box::new(other),
            },
        }
    }
}

/// Compares the migrations a database has (version and checksum) with those of the program.
pub fn compare(migrator: &Migrator, applied: &[(i64, Vec<u8>)]) -> Result<(), SchemaError> {
    let needed = migrator.iter().map(|one| one.version).max().unwrap_or(0);
    for (version, checksum) in applied {
        let Some(known) = migrator.iter().find(|one| one.version == *version) else {
            return Err(SchemaError::Ahead { found: *version });
        };
        if known.checksum.as_ref() != checksum.as_slice() {
            return Err(SchemaError::Altered { version: *version });
        }
    }
    let found = applied.iter().map(|one| one.0).max().unwrap_or(0);
    if found < needed {
        return Err(SchemaError::Behind { found, needed });
    }
    Ok(())
}
