//! The hub: the path of an event, from the queue to the mail (DESIGN §2).
//!
//! | file | step |
//! |---|---|
//! | `read` | bytes become an event with facts, or a rejection |
//! | `intake` | deliveries are read and spread over lanes by procurement id |
//! | `lane` | a micro-batch: load, decide, prepare, commit, acknowledge |
//! | `decide` | learn and reconcile: pure |
//! | `prepare` | keys are made and signed, letters written, signed and encrypted |
//! | `relay` | what was committed leaves: leased, sent, settled |
//! | `ticker` | time passes: due cases, leases that ended, parties that changed |
//! | `directory` | the parties, as one snapshot |
//! | `fault` | the steps by name, for tests that end the process between them |

pub mod decide;
pub mod directory;
pub mod fault;
pub mod intake;
pub mod lane;
pub mod prepare;
pub mod read;
pub mod relay;
pub mod running;
pub mod system;
pub mod ticker;
