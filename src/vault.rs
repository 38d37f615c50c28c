//! The vault: what the hub keeps sealed, and how a key opens a bond.
//!
//! | file | concern |
//! |---|---|
//! | `seal` | master keys, and what is sealed under them (R4, R12) |
//! | `data_key` | the data key of each bond (R4) |
//! | `originals` | signed documents and attachments at rest (R4) |
//! | `rotation` | changing the master key |
//! | `pepper` | digests of authentication keys (R13) |
//! | `key_sheet` | a key on paper: groups to type, a QR code (R14) |
//! | `open` | looking at a bond with its key (R20–R22) |
//! | `lookbook` | every look is recorded before it is answered (R20) |
//! | `limits` | how often an address, a key, an account may look |

mod data_key;
pub mod key_sheet;
mod limits;
mod lookbook;
mod open;
mod originals;
mod pepper;
mod rotation;
mod seal;

pub use data_key::{DataKey, data_key_place};
pub use limits::{Allowance, Limits};
pub use lookbook::Lookbook;
pub use open::{Content, Door, Look, OpenRefusal, Presented, PresentedKey, Shown, TakeOneTime};
pub use originals::{OriginalError, Originals, SignedDocument, oldest_document_place, store_away};
pub use pepper::Pepper;
pub use rotation::{Progress, Rotated, Rotation, Status};
pub use seal::{Master, MasterKey, SealError};
