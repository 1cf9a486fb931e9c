//! All integration tests in one binary, a module for each subject.

mod bad_input;
mod costs;
mod crashes;
mod event_types;
mod faults;
mod handlers;
mod http;
mod model;
mod openapi;
mod races;
mod refunds;
mod sandbox;
mod settings;
mod stack;
mod windows;
