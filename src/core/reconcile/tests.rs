//! Reconciling by example; the laws are in `tests/laws`.
