//! The mail server, the database or the broker breaks while the hub is at work.

mod broker;
mod database;
mod mail;
