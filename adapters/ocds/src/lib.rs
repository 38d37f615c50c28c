//! OCDS 1.1 releases and release packages into facts
