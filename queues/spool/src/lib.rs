//! The embedded queue: a directory
