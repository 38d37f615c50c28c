//! Mail: composing it, and handing it over (R50–R52).
//!
//! * [`Composer`] puts mails together: the entity that is encrypted, the mail around it, and notices
//!   that are not encrypted.
//! * [`SmtpPost`] hands finished mails to a mail server, and tells exactly what became of each.
//! * [`FilePost`] writes them into a directory instead.
#![warn(missing_docs)]

mod compose;
mod file_post;
mod smtp_post;

pub use compose::Composer;
pub use file_post::{FilePost, FilePostError};
pub use smtp_post::{SmtpPost, SmtpSettings, SmtpSettingsError, SmtpTimeouts};
