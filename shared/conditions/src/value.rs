//! Values: what the parts of a condition come to. They borrow from the event and the member, so
//! that nothing is copied that is only looked at.

use std::{borrow::Cow, cmp::Ordering, collections::BTreeMap, rc::Rc};

use jiff::{SignedDuration, Timestamp};
use laurel_rules::event::LineItem;
use rust_decimal::Decimal;
use serde_json::{Map as Object, Number, Value as Json};

use crate::failure::Failure;

#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(Cow<'a, str>),
    Time(Timestamp),
    Span(SignedDuration),
    List(List<'a>),
    Object(&'a Object<String, Json>),
    Texts(&'a BTreeMap<String, String>),
    LineItem(&'a LineItem),
}

/// A list; a copy of it is no copy of its members.
#[derive(Debug, Clone)]
pub(crate) enum List<'a> {
    Json(&'a [Json]),
    LineItems(&'a [LineItem]),
    Made(Rc<[Value<'a>]>),
}

impl<'a> Value<'a> {
    pub(crate) fn text(text: &'a str) -> Value<'a> {
        Value::Text(Cow::Borrowed(text))
    }

    pub(crate) fn whole(number: impl Into<Decimal>) -> Value<'a> {
        Value::Number(number.into())
    }

    pub(crate) fn made(members: Vec<Value<'a>>) -> Value<'a> {
        Value::List(List::Made(members.into()))
    }

    /// What JSON says.
    pub(crate) fn of(json: &'a Json) -> Result<Value<'a>, Failure> {
        Ok(match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => Value::Number(exact(number)?),
            Json::String(text) => Value::text(text),
            Json::Array(members) => Value::List(List::Json(members)),
            Json::Object(fields) => Value::Object(fields),
        })
    }

    /// The type, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::Time(_) => "a time",
            Value::Span(_) => "a span of time",
            Value::List(_) => "a list",
            Value::Object(_) | Value::Texts(_) => "keys with values",
            Value::LineItem(_) => "a line item",
        }
    }

    /// Its length in bytes where it is a text, for what handling it costs.
    pub(crate) fn text_len(&self) -> usize {
        match self {
            Value::Text(text) => text.len(),
            _ => 0,
        }
    }

    /// The field of this name; `None` where there is none.
    pub(crate) fn field(&self, name: &str) -> Result<Option<Value<'a>>, Failure> {
        match self {
            Value::Object(fields) => fields.get(name).map(Value::of).transpose(),
            Value::Texts(texts) => Ok(texts.get(name).map(|text| Value::text(text))),
            Value::LineItem(item) => Ok(match name {
                "product" => item.product.as_deref().map(Value::text),
                "category" => item.category.as_deref().map(Value::text),
                "quantity" => Some(Value::whole(item.quantity)),
                "amount" => Some(Value::whole(item.amount)),
                _ => None,
            }),
            other => Err(Failure::wrong(format!(
                "{} has no field `{name}`",
                other.kind()
            ))),
        }
    }

    /// How the two are ordered, where values of their types are.
    pub(crate) fn order(&self, other: &Value<'_>) -> Result<Ordering, Failure> {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => Ok(a.cmp(b)),
            (Value::Text(a), Value::Text(b)) => Ok(a.cmp(b)),
            (Value::Time(a), Value::Time(b)) => Ok(a.cmp(b)),
            (Value::Span(a), Value::Span(b)) => Ok(a.cmp(b)),
            (Value::Bool(a), Value::Bool(b)) => Ok(a.cmp(b)),
            (a, b) => Err(Failure::wrong(format!(
                "{} and {} have no order",
                a.kind(),
                b.kind()
            ))),
        }
    }
}

impl<'a> List<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            List::Json(members) => members.len(),
            List::LineItems(items) => items.len(),
            List::Made(members) => members.len(),
        }
    }

    pub(crate) fn get(&self, place: usize) -> Option<Result<Value<'a>, Failure>> {
        match self {
            List::Json(members) => members.get(place).map(Value::of),
            List::LineItems(items) => items.get(place).map(|item| Ok(Value::LineItem(item))),
            List::Made(members) => members.get(place).map(|member| Ok(member.clone())),
        }
    }
}

/// A number of JSON, exactly: one with a fraction is read as it is written in decimal digits.
fn exact(number: &Number) -> Result<Decimal, Failure> {
    if let Some(whole) = number.as_i64() {
        return Ok(whole.into());
    }
    if let Some(whole) = number.as_u64() {
        return Ok(whole.into());
    }
    let read = crate::lex::decimal(&number.to_string());
    read.ok_or_else(|| Failure::wrong("the number is too large or too small"))
}
