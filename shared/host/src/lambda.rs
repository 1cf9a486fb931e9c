//! Running as a Lambda function.

use std::sync::Arc;

use lambda_runtime::Diagnostic;
use laurel_ledger::{Ledger, SystemClock};
use serde_json::value::RawValue;

use crate::{Adapter, Apply, Config, ConfigError, InvokeError, Mode, aws::Aws, chain, logging};

pub use lambda_runtime::{LambdaEvent, run_concurrent, service_fn};

/// Why a function ended.
pub type Error = lambda_runtime::Error;

/// Runs a handler of events until the function is shut down. `handler` gets the ledger that the
/// environment names (`LAUREL_TABLE`; see [`Config`] and [`Aws`] for the rest).
///
/// # Errors
/// A variable is missing, or the runtime cannot be reached.
pub async fn run_events(handler: impl FnOnce(Ledger) -> Arc<dyn Apply>) -> Result<(), Error> {
    let config = Config::from_env();
    logging::init(&config);
    let adapter = adapter(&config, handler)?;
    run_concurrent(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let adapter = adapter.clone();
        async move { adapter.invoke(event.payload.get()).await }
    }))
    .await
}

/// The ledger that the environment names (`LAUREL_TABLE`, `LAUREL_MODE`).
///
/// # Errors
/// A variable is missing or makes no sense.
pub fn ledger(config: &Config, aws: &Aws) -> Result<Ledger, ConfigError> {
    let ledger = Ledger::new(aws.dynamodb(), config.table()?, Arc::new(SystemClock));
    Ok(match config.mode()? {
        Mode::Live => ledger,
        Mode::Sandbox => ledger.in_sandbox(),
    })
}

fn adapter(
    config: &Config,
    handler: impl FnOnce(Ledger) -> Arc<dyn Apply>,
) -> Result<Adapter, ConfigError> {
    let aws = Aws::from_config(config)?;
    let ledger = ledger(config, &aws)?;
    let mut adapter = Adapter::new(handler(ledger), Arc::new(SystemClock));
    if let Some(queue_url) = config.dead_letter_queue() {
        adapter = adapter.with_dead_letters(Arc::new(aws.dead_letters(queue_url)));
    }
    if let Some(receives_max) = config.max_receives()? {
        adapter = adapter.with_receives_max(receives_max);
    }
    Ok(adapter)
}

impl From<InvokeError> for Diagnostic {
    fn from(error: InvokeError) -> Diagnostic {
        let error_type = match &error {
            InvokeError::Failed { code, .. } => *code,
            InvokeError::DeadLetter(_) => "dead_letter_not_kept",
        };
        Diagnostic {
            error_type: error_type.to_owned(),
            error_message: chain(&error),
        }
    }
}
