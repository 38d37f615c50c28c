//! The spool on a real directory.

#[cfg(test)]
mod it {
    mod killed;
    mod model;
    mod publishing;
    mod support;
    mod taking;
}
