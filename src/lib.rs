//! bondhub: a message-driven integration hub for electronic bonds in public-works procurement.
//!
//! | room | what happens there |
//! |---|---|
//! | [`assemble`] | the one place that names concrete adapters and wires them to ports |
//! | [`audit`] | the audit log's chain: signed daily, verified, exported |
//! | [`charts`] | figures as SVG |
//! | [`cli`] | the command line, one file per group of commands |
//! | [`console`] | the parties' pages |
//! | `demo` | both business flows, played on the embedded default |
//! | [`desk`] | the use cases that command line, HTTP and console share |
//! | [`http`] | events in, health, metrics |
//! | [`hub`] | the path of an event: intake, lanes, prepare, commit, relay, clock |
//! | [`letters`] | what mails say, in Japanese and English |
//! | `sheet` | tables as CSV |
//! | [`paper`] | lists of paper bonds |
//! | [`settings`] | configuration, one file per section |
//! | [`telemetry`] | logs and metrics |
//! | [`vault`] | what is sealed, and how a key opens a bond |
#![warn(missing_docs)]

pub mod assemble;
pub mod audit;
pub mod charts;
pub mod cli;
pub mod console;
mod demo;
pub mod desk;
pub mod http;
pub mod hub;
pub mod letters;
pub mod paper;
pub mod settings;
mod sheet;
pub mod telemetry;
pub mod vault;
