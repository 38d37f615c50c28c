//! The ledger: what is outstanding from which day on (R40, R42).
