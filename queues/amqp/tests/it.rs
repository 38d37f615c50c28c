//! The queue against a real RabbitMQ; see `it/support.rs` for what the tests need.

#[cfg(test)]
mod it {
    mod consuming;
    mod dead_letters;
    mod failing;
    mod proxy;
    mod publishing;
    mod support;
}
