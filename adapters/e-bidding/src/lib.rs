//! Native events of e-bidding systems into facts
