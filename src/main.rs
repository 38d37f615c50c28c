//! The command line of bondhub.

fn main() {}
