//! Rows, conversions and the conformance suite that both stores share
