//! The log of a deployed function: lines on standard output, which Lambda collects.

use tracing_subscriber::{filter::LevelFilter, fmt};

use crate::Config;

/// Starts logging, as JSON or as text and from a level on as Lambda's logging controls say
/// (`AWS_LAMBDA_LOG_FORMAT`, `AWS_LAMBDA_LOG_LEVEL`, or `RUST_LOG` for the level).
///
/// Levels are the same for all modules: a filter by module brings a regular-expression engine
/// into every function.
pub fn init(config: &Config) {
    let level = config
        .optional("AWS_LAMBDA_LOG_LEVEL")
        .or_else(|| config.optional("RUST_LOG"));
    let log = fmt()
        .with_max_level(level_of(level.as_deref()))
        .with_target(false);
    let is_json = config
        .optional("AWS_LAMBDA_LOG_FORMAT")
        .is_some_and(|format| format.eq_ignore_ascii_case("json"));
    // A second start, as in tests, keeps the first log.
    let _ = if is_json {
        log.json().try_init()
    } else {
        log.with_ansi(false).without_time().try_init()
    };
}

fn level_of(name: Option<&str>) -> LevelFilter {
    match name {
        Some(name) if name.eq_ignore_ascii_case("fatal") => LevelFilter::ERROR,
        Some(name) => name.trim().parse().unwrap_or(LevelFilter::INFO),
        None => LevelFilter::INFO,
    }
}
