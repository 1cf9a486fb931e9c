//! Conditions from their text to their answer.

#![allow(
    clippy::print_stdout,
    reason = "a test says which seed it ran with, and how long what took"
)]

mod bounds;
mod docs;
mod exact;

mod fuzz;
mod refused;
mod support;
mod worked;
