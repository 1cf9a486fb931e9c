//! Reckoning, exact and checked: with numbers, and with times and spans of time.

use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::Evaluated;
use crate::{failure::Failure, syntax::Binary, value::Value};

pub(super) fn negative<'a>(value: &Value<'a>) -> Evaluated<'a> {
    match value {
        Value::Number(number) => Ok(Value::Number(-number)),
        Value::Span(span) => span.checked_neg().map(Value::Span).ok_or_else(too_large),
        other => Err(Failure::wrong(format!("{} has no negative", other.kind()))),
    }
}

pub(super) fn reckon<'a>(operator: Binary, left: &Value<'_>, right: &Value<'_>) -> Evaluated<'a> {
    let reckoned = match (operator, left, right) {
        (_, Value::Number(a), Value::Number(b)) => {
            return numbers(operator, *a, *b).map(Value::Number);
        }
        (Binary::Plus, Value::Time(at), Value::Span(span))
        | (Binary::Plus, Value::Span(span), Value::Time(at)) => {
            at.checked_add(*span).ok().map(Value::Time)
        }
        (Binary::Minus, Value::Time(at), Value::Span(span)) => {
            at.checked_sub(*span).ok().map(Value::Time)
        }
        (Binary::Minus, Value::Time(a), Value::Time(b)) => Some(Value::Span(a.duration_since(*b))),
        (Binary::Plus, Value::Span(a), Value::Span(b)) => a.checked_add(*b).map(Value::Span),
        (Binary::Minus, Value::Span(a), Value::Span(b)) => a.checked_sub(*b).map(Value::Span),
        (operator, a, b) => {
            let message = format!(
                "`{}` does not take {} and {}",
                operator.as_str(),
                a.kind(),
                b.kind()
            );
            return Err(Failure::wrong(message));
        }
    };
    reckoned.ok_or_else(too_large)
}

fn numbers(operator: Binary, a: Decimal, b: Decimal) -> Result<Decimal, Failure> {
    let reckoned = match operator {
        Binary::Plus => a.checked_add(b),
        Binary::Minus => a.checked_sub(b),
        Binary::Times => a.checked_mul(b),
        Binary::Over | Binary::Modulo if b.is_zero() => {
            return Err(Failure::wrong("something is divided by zero"));
        }
        Binary::Over => a.checked_div(b),
        Binary::Modulo => a.checked_rem(b),
        _ => None,
    };
    reckoned.ok_or_else(too_large)
}

/// The whole seconds of a span, and what is left, in the unit that is asked for.
pub(super) fn whole_units(span: SignedDuration, unit_ms: i64) -> i64 {
    let ms = span.as_millis();
    i64::try_from(ms / i128::from(unit_ms)).unwrap_or(i64::MAX)
}

pub(super) fn too_large() -> Failure {
    Failure::wrong("a number or a time becomes too large")
}
