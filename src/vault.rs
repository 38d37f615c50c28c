//! The vault: what the hub keeps sealed, and how a key opens a bond.
//!
//! | file | concern |
//! |---|---|
//! | `seal` | sealing under the master key (R4, R12) |
//! | `pepper` | digests of authentication keys (R13) |
//! | `open` | looking at a bond with its key (R20–R22) |
//! | `lookbook` | every look is recorded before it is answered (R20) |
//! | `limits` | how often an address, a key, an account may look |

mod limits;
mod lookbook;
mod open;
mod pepper;
mod seal;

pub use limits::{Allowance, Limits};
pub use lookbook::Lookbook;
pub use open::{Content, Door, Look, OpenRefusal, Presented, PresentedKey, Shown};
pub use pepper::Pepper;
pub use seal::{MasterKey, SealError};
