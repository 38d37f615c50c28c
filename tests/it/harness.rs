//! A hub with everything around it: database, queue, mail server and parties of a test's own.
//!
//! | file | concern |
//! |---|---|
//! | `combination` | {SQLite, PostgreSQL} × {spool, RabbitMQ}, and the macro that stamps a story for each |
//! | `world` | a folder, its settings, what is around the hub, and the hub |
//! | `clock` | the machine's time, moved on by the test |
//! | `cast` | the parties, with certificates |
//! | `papers` | events of the feeds and documents the issuer signs |
//! | `process` | the program as a child of the test |
//! | `ledger` | what the hub holds, to be compared |
//! | `mailbox` | what the mail server got, opened by its readers |

pub(crate) mod cast;
pub(crate) mod clock;
pub(crate) mod combination;
pub(crate) mod ledger;
pub(crate) mod mailbox;
pub(crate) mod office;
pub(crate) mod papers;
pub(crate) mod process;
pub(crate) mod world;
