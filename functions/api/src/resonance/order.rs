//! The amount of the order that an event's metadata tells of.

use iso_currency::Currency;
use laurel_rules::{POINTS_MAX, Refusal, exact};
use serde_json::{Map, Value};

/// What was paid.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// Minor units.
    pub(super) amount: i64,
    pub(super) currency: Currency,
}

/// Reads `order_value`, in major units of `currency`: as a JSON number or as text, as shops write
/// their totals. It is read digit by digit; no float is reckoned with.
///
/// # Errors
/// `parameter_invalid` at `metadata.order_value` or `metadata.currency`.
pub(super) fn of(metadata: &Map<String, Value>) -> Result<Option<Order>, Refusal> {
    let told = |name: &str| metadata.get(name).filter(|value| !value.is_null());
    let Some(value) = told("order_value") else {
        return Ok(None);
    };
    let currency = match told("currency") {
        // The interface counts in dollars: so many points "per $1".
        None => Currency::USD,
        Some(Value::String(code)) => laurel_events::currency("metadata.currency", code)?,
        Some(_) => {
            let message = "`metadata.currency` must be an ISO 4217 currency code, as \"EUR\".";
            return Err(Refusal::invalid("metadata.currency", message));
        }
    };
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => String::new(),
    };
    let digits = currency.exponent().unwrap_or(0);
    let amount = exact::minor_units(&text, digits).ok_or_else(|| {
        let message = format!(
            "`metadata.order_value` must be an amount in major units, as 120.5, of at most \
             {POINTS_MAX} minor units."
        );
        Refusal::invalid("metadata.order_value", message)
    })?;
    Ok(Some(Order { amount, currency }))
}
