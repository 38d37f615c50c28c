//! Native events of e-contract systems into facts
