//! Findings of the match between bond and case (R7).
