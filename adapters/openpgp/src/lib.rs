//! OpenPGP certificates, signing and encryption
