//! Tests through the public ports; `openssl` the command is the other side of the interoperability
//! tests.

mod documentation;
mod importing;
mod interoperability;
mod malformed;
mod offline;
mod signing;
mod support;
mod tokens;
mod verifying;
