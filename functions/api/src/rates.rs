//! How many requests a key may make (spec section 7): ten times its rate in each window of ten
//! seconds.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use laurel_host::rates::{Rates, TooSoon};
use laurel_ledger::Ledger;
use laurel_rules::{Code, Refusal};

use crate::{caller::Caller, error::ApiError};

const WINDOW_S: u32 = 10;

/// The rates of all keys.
#[derive(Debug)]
pub(crate) struct KeyRates {
    /// Requests a second for keys without a limit of their own; 0 means no limit.
    limit: u32,
    rates: Rates,
}

impl KeyRates {
    pub(crate) fn new(limit: u32) -> KeyRates {
        KeyRates {
            limit,
            rates: Rates::new(WINDOW_S.into()),
        }
    }

    /// Lets a request pass, or answers that it came too soon.
    pub(crate) async fn admit(&self, ledger: &Ledger, caller: &Caller) -> Option<Response> {
        let budget = match caller.rate_limit.unwrap_or(self.limit) {
            0 => return None,
            limit => u64::from(limit) * u64::from(WINDOW_S),
        };
        let admitted = self.rates.admit(ledger, caller.owner(), budget).await;
        admitted.err().map(refused)
    }
}

fn refused(TooSoon { retry_after_s }: TooSoon) -> Response {
    let message = "Too many requests with this key; wait as long as `Retry-After` says.";
    let refusal = Refusal::new(Code::RateLimited, message);
    let mut response = ApiError::from(refusal).into_response();
    let retry_after_s = HeaderValue::from(retry_after_s);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, retry_after_s);
    response
}
