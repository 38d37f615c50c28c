//! Tests through the public ports; `openssl` the command is the other side of the interoperability
//! tests.

mod documentation;
mod importing;
mod interoperability;
mod malformed;
mod offline;
mod pki;
mod revocation;
mod signing;
mod support;
mod tokens;
mod trusting;
mod verifying;
