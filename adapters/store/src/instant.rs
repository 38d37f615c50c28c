//! Times as both databases keep them.

use bondhub_core::calendar::Timestamp;

/// A time out of a database: whole microseconds, UTC.
///
/// `timestamptz` on PostgreSQL; on SQLite the number of microseconds since 1970, so that what is
/// equal and what is earlier is the same on both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(pub Timestamp);

impl From<Instant> for Timestamp {
    fn from(instant: Instant) -> Self {
        instant.0
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use super::{Instant, Timestamp};
    use sqlx::{
        Decode, Postgres, Type,
        error::BoxDynError,
        postgres::{PgTypeInfo, PgValueRef},
    };

    impl Type<Postgres> for Instant {
        fn type_info() -> PgTypeInfo {
            <Timestamp as Type<Postgres>>::type_info()
        }
    }

    impl<'r> Decode<'r, Postgres> for Instant {
        fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
            <Timestamp as Decode<'r, Postgres>>::decode(value).map(Self)
        }
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use super::{Instant, Timestamp};
    use sqlx::{
        Decode, Sqlite, Type,
        error::BoxDynError,
        sqlite::{SqliteTypeInfo, SqliteValueRef},
    };

    impl Type<Sqlite> for Instant {
        fn type_info() -> SqliteTypeInfo {
            <i64 as Type<Sqlite>>::type_info()
        }
    }

    impl<'r> Decode<'r, Sqlite> for Instant {
        fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
            let micros = <i64 as Decode<'r, Sqlite>>::decode(value)?;
            let time = Timestamp::from_timestamp_micros(micros);
            time.map(Self)
                .ok_or_else(|| format!("{micros} is out of range").into())
        }
    }
}
