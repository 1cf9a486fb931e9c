//! The HTTP API as a Lambda function behind API Gateway.

use std::sync::Arc;

use api::{ApiKey, AppState, router};
use laurel_host::{Config, aws::Aws, logging, webhook_policy};
use laurel_ledger::{Ledger, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let config = Config::from_env();
    logging::init(&config);
    let state = state(&config).inspect_err(|error| {
        tracing::error!(reason = %error, "cannot start");
    })?;
    lambda_http::run(router(state)).await
}

fn state(config: &Config) -> Result<AppState, laurel_host::ConfigError> {
    let aws = Aws::from_config(config)?;
    let ledger = Ledger::new(aws.dynamodb(), config.table()?, Arc::new(SystemClock));
    let api_key = ApiKey::new(&config.api_key()?);
    let bus = Arc::new(aws.bus(config.bus()?));
    let mode = config.mode()?;
    let deliveries = Arc::new(aws.deliveries(config.deliveries_queue()?));
    let state = AppState::new(ledger, bus, api_key, mode)
        .with_webhooks(deliveries, webhook_policy(config, mode));
    Ok(state
        .with_rate_limit(config.rate_limit()?)
        .with_public_url(config.public_url()?))
}
