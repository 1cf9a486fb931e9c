//! All integration tests in one binary, a module for each subject.

mod account_life;
mod bad_input;
mod calls;
mod costs;
mod crashes;
mod erasure;
mod event_types;
mod faults;
mod handlers;
mod http;
mod idempotency;
mod isolation;
mod keys;
mod merged_lists;
mod merges;
mod model;
mod openapi;
mod races;
mod rates;
mod refunds;
mod sandbox;
mod settings;
mod stack;
mod webhooks;
mod windows;
