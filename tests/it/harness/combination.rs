//! Which database and which queue a story is told on.

/// The database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// The queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Queue {
    Spool,
    RabbitMq,
}

/// What a hub runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Combination {
    pub(crate) database: Database,
    pub(crate) queue: Queue,
}

pub(crate) const SQLITE_SPOOL: Combination = Combination {
    database: Database::Sqlite,
    queue: Queue::Spool,
};
pub(crate) const SQLITE_RABBITMQ: Combination = Combination {
    database: Database::Sqlite,
    queue: Queue::RabbitMq,
};
pub(crate) const POSTGRES_SPOOL: Combination = Combination {
    database: Database::Postgres,
    queue: Queue::Spool,
};
pub(crate) const POSTGRES_RABBITMQ: Combination = Combination {
    database: Database::Postgres,
    queue: Queue::RabbitMq,
};

/// A test for each combination, in a module of the story's name: `stories! { name => function; … }`.
macro_rules! stories {
    ($($name:ident => $story:path;)+) => {$(
        mod $name {
            use crate::harness::combination as on;

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite_with_the_spool() {
                $story(on::SQLITE_SPOOL).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite_with_rabbitmq() {
                $story(on::SQLITE_RABBITMQ).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgresql_with_the_spool() {
                $story(on::POSTGRES_SPOOL).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgresql_with_rabbitmq() {
                $story(on::POSTGRES_RABBITMQ).await;
            }
        }
    )+};
}

pub(crate) use stories;
