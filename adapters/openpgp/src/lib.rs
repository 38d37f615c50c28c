//! OpenPGP on sequoia: certificates of parties, and messages signed by the hub and encrypted to one
//! of them (R1, R50).
//!
//! * [`CertificateReader`] decides whether a certificate that a party hands in can be used, and says
//!   what its owner has to do if not.
//! * [`HubKey`] is the hub's own key.
//! * [`Sealer`] signs with it and encrypts; it has no way to give out what is not encrypted.
//!
//! What reads everywhere was measured, and decides the defaults: one recipient per message, named by
//! key id (RNP cannot open messages to hidden recipients), SEIPDv1 (`GnuPG` 2.2 and RNP cannot read
//! SEIPDv2, which sequoia would choose by itself), no compression.
#![warn(missing_docs)]

mod certificate;
mod detached;
mod hub_key;
mod instant;
mod sealer;

pub mod demonstration;

pub use certificate::{CertificateReader, LARGEST_CERTIFICATE};
pub use detached::SignatureChecker;
pub use hub_key::{HubKey, HubKeyError};
pub use sealer::Sealer;
