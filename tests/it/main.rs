//! Stories through the front door: events come in by a queue, mails arrive at a mail server.
//!
//! Each story is told on {SQLite, PostgreSQL} × {spool, RabbitMQ}.
//!
//! | file | told |
//! |---|---|
//! | `accounts` | invited, signed in, signed out; tokens |
//! | `acting` | what accounts report by hand, rehearsals and waivers |
//! | `flows` | both business flows, F01 and F02, from the announcement to the release |
//! | `duplicates` | the same events again change nothing, and nothing is sent twice |
//! | `order` | events in reverse order end the same |
//! | `refused` | bad input is set aside, the feed goes on, and a correction is taken |
//! | `reading` | dead letters, binary mode, times ahead, what is sealed |
//! | `races` | looks while bonds change, updates at once, dead and unknown keys |
//! | `signing` | issuers that sign keys at their desks, keys that go by hand, hand-over |
//! | `signing_commands` | `key sign` and `key issue`, with files, without a hub, with a card |
//! | `timing` | too early, too late, not to be placed yet |
//! | `my_bonds` | lists of a party's own bonds: what they hide and how long their pages are |
//! | `looking` | looks at bonds: shown, recorded, refused |
//! | `away` | a token that is away for a while |
//! | `overtaken` | what one batch overtakes is not told |
//! | `figures` | an owner's figures before the opening |
//! | `own_events` | what the hub tells other systems |
//! | `http` | events by HTTP, health, metrics, the first page |
//! | `api` | the JSON API: who may call what, and that it says of itself what it does |
//! | `audit` | what happened is told in a chain, and tampering with it is found |
//! | `by_hand` | both flows by people alone, without a feed |
//! | `operations` | each command has its operation of the API, or the reason why not |
//! | `permission` | who may report what, who is a second person, what is withheld from those who run the hub |
//! | `told` | whatever changes takes its entry in the audit log along, by enumeration |
//! | `desk_acts` | every act of the desk, with the entry it leaves |
//! | `liability` | paper bonds, figures, another tool that adds up the ledger |
//! | `certificates` | whom the hub believes: enrolment, warnings, tokens, roots |
//! | `commands` | the program: exit codes, one-line errors, SIGTERM, the demonstration |
//! | `copies` | marked copies, and whether one is genuine |
//! | `vault` | attachments, originals at rest, another master key |
//! | `harness` | the hub and everything around it |

#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod accounts;
mod acting;
mod api;
mod audit;
mod away;
mod by_hand;
mod certificates;
mod commands;
mod copies;
mod desk_acts;
mod duplicates;
mod figures;
mod flows;
#[expect(dead_code, reason = "the fault tests use what the stories do not")]
mod harness;
mod http;
mod liability;
mod looking;
mod my_bonds;
mod operations;
mod order;
mod overtaken;
mod own_events;
mod permission;
mod races;
mod reading;
mod refused;
mod signing;
mod signing_commands;
mod timing;
mod told;
mod vault;
