//! All integration tests in one binary, a module for each subject.

mod costs;
mod crashes;
mod faults;
mod model;
mod races;
mod refunds;
