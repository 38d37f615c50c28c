//! The vault: what the hub keeps sealed, and how a key opens a bond.
//!
//! | file | concern |
//! |---|---|
//! | `seal` | sealing under the master key (R4, R12) |
//! | `pepper` | digests of authentication keys (R13) |
//! | `open` | looking at a bond with its key (R20, R21) |

mod open;
mod pepper;
mod seal;

pub use open::{Look, OpenRefusal, Shown, open};
pub use pepper::Pepper;
pub use seal::{MasterKey, SealError};
