//! The `clock` function on Lambda.

use std::time::{Duration, Instant, SystemTime};

use clock::Clock;
use laurel_host::{
    Config,
    aws::Aws,
    lambda::{Error, LambdaEvent, ledger, run_concurrent, service_fn},
    logging,
};
use serde_json::Value;

/// What is left of the time-out for visits that are under way, and for the log.
const RESERVE: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_env();
    logging::init(&config);
    let clock = Clock::new(ledger(&config, &Aws::from_config(&config)?)?);
    run_concurrent(service_fn(move |event: LambdaEvent<Value>| {
        let clock = clock.clone();
        async move {
            let deadline = event.context.deadline();
            let left = deadline.duration_since(SystemTime::now());
            let left = left.unwrap_or_default().saturating_sub(RESERVE);
            let swept = clock.sweep(Instant::now() + left).await;
            match swept.failed {
                0 => Ok(()),
                // For the metric that the alarm watches: the rest is done, and those stay due.
                failed => Err(Error::from(format!("{failed} visits failed"))),
            }
        }
    }))
    .await
}
