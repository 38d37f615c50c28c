//! bondhub: a message-driven integration hub for electronic bonds in public-works procurement.
#![warn(missing_docs)]

pub mod settings;
