//! The `audit` function on Lambda.

use std::{
    io::{Write, stdout},
    time::{Duration, Instant, SystemTime},
};

use audit::{Audit, metrics};
use jiff::Timestamp;
use laurel_host::{
    Config,
    aws::Aws,
    lambda::{Error, LambdaEvent, ledger, run_concurrent, service_fn},
    logging,
};
use serde_json::Value;

/// What is left of the time-out for the step that is under way, and for writing how far it is.
const RESERVE: Duration = Duration::from_secs(30);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_env();
    logging::init(&config);
    let function = config.optional("AWS_LAMBDA_FUNCTION_NAME");
    let function = function.unwrap_or_else(|| "audit".to_owned());
    let ledger = ledger(&config, &Aws::from_config(&config)?)?;
    let audit = Audit::new(ledger, config.audit_members()?, config.audit_hours()?);
    run_concurrent(service_fn(move |event: LambdaEvent<Value>| {
        let (audit, function) = (audit.clone(), function.clone());
        async move {
            let deadline = event.context.deadline();
            let left = deadline.duration_since(SystemTime::now());
            let left = left.unwrap_or_default().saturating_sub(RESERVE);
            let ran = audit.run(Instant::now() + left).await?;
            writeln!(stdout(), "{}", metrics(&function, Timestamp::now(), &ran))?;
            Ok::<(), Error>(())
        }
    }))
    .await
}
