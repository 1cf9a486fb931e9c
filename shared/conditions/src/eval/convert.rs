//! From a value of one type to one of another.

use std::borrow::Cow;

use jiff::Timestamp;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::Evaluated;
use crate::{failure::Failure, functions::Conversion, lex, time, value::Value};

pub(super) fn convert(to: Conversion, from: Value<'_>) -> Evaluated<'_> {
    let wrong = |from: &Value<'_>, what: &str| {
        Failure::wrong(format!("{} cannot be read as {what}", from.kind()))
    };
    Ok(match (to, from) {
        (Conversion::Int, Value::Number(number)) => Value::Number(number.trunc()),
        (Conversion::Int, Value::Time(at)) => Value::whole(at.as_second()),
        (Conversion::Int, Value::Text(text)) => {
            let number = lex::decimal(text.trim()).filter(Decimal::is_integer);
            Value::Number(number.ok_or_else(|| Failure::wrong("the text is no whole number"))?)
        }
        (Conversion::Double, from @ Value::Number(_)) => from,
        (Conversion::Double, Value::Text(text)) => {
            let number = lex::decimal(text.trim());
            Value::Number(number.ok_or_else(|| Failure::wrong("the text is no number"))?)
        }
        (Conversion::Text, from @ Value::Text(_)) => from,
        (Conversion::Text, Value::Number(number)) => {
            Value::Text(Cow::Owned(number.normalize().to_string()))
        }
        (Conversion::Text, Value::Bool(value)) => Value::text(if value { "true" } else { "false" }),
        (Conversion::Text, Value::Time(at)) => Value::Text(Cow::Owned(at.to_string())),
        (Conversion::Bool, from @ Value::Bool(_)) => from,
        (Conversion::Bool, Value::Text(text)) => match &*text {
            "true" | "True" | "TRUE" | "t" | "1" => Value::Bool(true),
            "false" | "False" | "FALSE" | "f" | "0" => Value::Bool(false),
            _ => return Err(Failure::wrong("the text is neither true nor false")),
        },
        (Conversion::Timestamp, from @ Value::Time(_)) => from,
        (Conversion::Timestamp, Value::Text(text)) => {
            Value::Time(time::timestamp(&text).map_err(Failure::wrong)?)
        }
        (Conversion::Timestamp, Value::Number(number)) => {
            let at = number.to_i64().map(Timestamp::from_second);
            let at = at.and_then(Result::ok);
            Value::Time(at.ok_or_else(|| Failure::wrong("the number is no time"))?)
        }
        (Conversion::Duration, from @ Value::Span(_)) => from,
        (Conversion::Duration, Value::Text(text)) => {
            Value::Span(time::duration(&text).map_err(Failure::wrong)?)
        }
        (Conversion::Int, from) => return Err(wrong(&from, "a whole number")),
        (Conversion::Double, from) => return Err(wrong(&from, "a number")),
        (Conversion::Text, from) => return Err(wrong(&from, "a text")),
        (Conversion::Bool, from) => return Err(wrong(&from, "true or false")),
        (Conversion::Timestamp, from) => return Err(wrong(&from, "a time")),
        (Conversion::Duration, from) => return Err(wrong(&from, "a span of time")),
    })
}
