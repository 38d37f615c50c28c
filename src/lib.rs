//! bondhub: a message-driven integration hub for electronic bonds in public-works procurement.
#![warn(missing_docs)]

pub mod desk;
pub mod hub;
pub mod letters;
pub mod settings;
pub mod vault;
