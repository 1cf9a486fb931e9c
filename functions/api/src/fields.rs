//! The fields of a request, wherever they came from, read one by one into typed values.
//!
//! JSON has types; forms and query strings have text only, so that there a number or a boolean
//! is read from its text. Which of the two a field is, the resource says by how it reads it; the
//! [`Shape`] that it declares says the same, for the reference.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use laurel_rules::{
    Code, Refusal,
    exact::{self, Factor},
    id, time,
};
use serde::Deserialize;
use serde_json::{Map, Value};

pub(crate) use crate::shape::{Field, Kind, Shape};
pub(crate) use nested::to_number;

mod nested;

/// What is read from fields.
pub(crate) trait FromFields: Sized {
    /// The fields that there may be; all others are refused before any is read.
    const SHAPE: Shape;

    /// Reads the fields.
    ///
    /// # Errors
    /// The first refusal, with its `param`.
    fn from_fields(fields: &mut Fields) -> Result<Self, Refusal>;
}

/// Whether values have types of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// They have.
    Json,
    /// All are text.
    Text,
}

/// The longest name or reason, in characters.
pub(crate) const TEXT_LEN_MAX: usize = 200;
/// The most members of a list of names.
pub(crate) const NAMES_MAX: usize = 100;

/// The fields of an object that are not read yet.
#[derive(Debug)]
pub(crate) struct Fields {
    /// What stands before the names of fields in `param`: empty, or ending in a dot.
    prefix: String,
    values: Map<String, Value>,
    origin: Origin,
    /// What was declared, where anything was.
    shape: Option<&'static Shape>,
}

impl Fields {
    pub(crate) fn new(values: Map<String, Value>, origin: Origin) -> Fields {
        Fields {
            prefix: String::new(),
            values,
            origin,
            shape: None,
        }
    }

    /// Reads everything as a `T`.
    pub(crate) fn read<T: FromFields>(mut self) -> Result<T, Refusal> {
        self.only(&T::SHAPE)?;
        self.shape = Some(&T::SHAPE);
        let read = T::from_fields(&mut self);
        #[cfg(test)]
        assert!(
            read.is_err() || self.values.is_empty(),
            "declared, yet not read: {self:?}"
        );
        read
    }

    /// Refuses fields that `shape` does not have.
    pub(crate) fn only(&self, shape: &Shape) -> Result<(), Refusal> {
        let Some(name) = self.values.keys().find(|name| shape.field(name).is_none()) else {
            return Ok(());
        };
        let param = self.path(name);
        let message = if shape.read_only.contains(&name.as_str()) {
            format!("`{param}` is not for callers to set in {}.", shape.object)
        } else {
            let known: Vec<&str> = shape.fields().map(|field| field.name).collect();
            let known = if known.is_empty() {
                "nothing".to_owned()
            } else {
                known.join(", ")
            };
            format!("`{param}` is not known; {} takes {known}.", shape.object)
        };
        Err(Refusal::new(Code::ParameterUnknown, message).at(param))
    }

    /// Asserts, where debug assertions are on, that the field was declared as what it is read as.
    fn declared(&self, name: &str, fits: impl Fn(&Field) -> bool) {
        if cfg!(debug_assertions)
            && let Some(shape) = self.shape
        {
            let field = shape.field(name);
            assert!(
                field.is_some_and(fits),
                "`{name}` of {} is read otherwise than declared: {field:?}",
                shape.object
            );
        }
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The refusal of a value that is no good.
    pub(crate) fn invalid(&self, name: &str, problem: &str) -> Refusal {
        let param = self.path(name);
        let message = format!("`{param}` {problem}.");
        Refusal::invalid(param, message)
    }

    /// Whether the field is there and null, or empty in a form.
    pub(crate) fn is_null(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(Value::is_null)
    }

    /// Whether the values come as text, as forms and queries have them.
    pub(crate) fn is_form(&self) -> bool {
        self.origin == Origin::Text
    }

    /// Whether the field is there as text.
    pub(crate) fn is_text(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(Value::is_string)
    }

    /// Takes a value that may not be null.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<Value>, Refusal> {
        match self.values.remove(name) {
            Some(Value::Null) => Err(self.invalid(name, "must not be empty")),
            other => Ok(other),
        }
    }

    /// Reads a field that must be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields, &str) -> Result<Option<T>, Refusal>,
    ) -> Result<T, Refusal> {
        self.declared(name, |field| field.is_required);
        read(self, name)?.ok_or_else(|| Refusal::missing(self.path(name)))
    }

    /// Reads a field that may be null: absent is `None`, null is `Some(None)`.
    pub(crate) fn nullable<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields, &str) -> Result<Option<T>, Refusal>,
    ) -> Result<Option<Option<T>>, Refusal> {
        self.declared(name, |field| field.is_nullable);
        if self.is_null(name) {
            self.values.remove(name);
            return Ok(Some(None));
        }
        Ok(read(self, name)?.map(Some))
    }

    fn string(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.value(name)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.invalid(name, "must be a string")),
        }
    }

    /// One line of text.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        self.declared(name, |field| {
            matches!(
                field.kind,
                Kind::Text(_) | Kind::Pattern(_) | Kind::AnyOf(_)
            )
        });
        let text = self.string(name)?;
        match text.as_deref().map(line_problem) {
            Some(Some(problem)) => Err(self.invalid(name, &problem)),
            _ => Ok(text),
        }
    }

    /// Text that whoever asks for it checks.
    pub(crate) fn long_text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        self.declared(name, |field| matches!(field.kind, Kind::Text(_)));
        self.string(name)
    }

    /// Text in a language of its own, which whoever saves it checks.
    pub(crate) fn source(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        self.declared(name, |field| matches!(field.kind, Kind::Source(_)));
        self.string(name)
    }

    /// An id.
    pub(crate) fn id(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        self.declared(name, |field| {
            matches!(field.kind, Kind::Id | Kind::Prefixed(..))
        });
        let text = self.string(name)?;
        if let Some(text) = &text {
            id::check(self.path(name), text)?;
        }
        Ok(text)
    }

    /// An event type.
    pub(crate) fn event_type(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        self.declared(name, |field| {
            matches!(field.kind, Kind::EventType | Kind::Pattern(_))
        });
        let text = self.string(name)?;
        if let Some(text) = &text {
            id::check_event_type(&self.path(name), text)?;
        }
        Ok(text)
    }

    /// An email address, as it is compared: trimmed and in lower case.
    pub(crate) fn email(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        self.declared(name, |field| field.kind == Kind::Email);
        let Some(text) = self.string(name)? else {
            return Ok(None);
        };
        laurel_events::email(self.path(name), &text).map(Some)
    }

    /// An ISO 4217 code, in capitals.
    pub(crate) fn currency(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        let Some(text) = self.string(name)? else {
            return Ok(None);
        };
        let currency = laurel_events::currency(self.path(name), &text)?;
        Ok(Some(currency.code().to_owned()))
    }

    /// Text of whatever form.
    pub(crate) fn any_text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        self.string(name)
    }

    /// A boolean.
    pub(crate) fn boolean(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        self.declared(name, |field| field.kind == Kind::Boolean);
        match (self.value(name)?, self.origin) {
            (None, _) => Ok(None),
            (Some(Value::Bool(value)), _) => Ok(Some(value)),
            (Some(Value::String(text)), Origin::Text) if text == "true" => Ok(Some(true)),
            (Some(Value::String(text)), Origin::Text) if text == "false" => Ok(Some(false)),
            (Some(_), _) => Err(self.invalid(name, "must be true or false")),
        }
    }

    /// A whole number in a range.
    pub(crate) fn whole(
        &mut self,
        name: &str,
        range: RangeInclusive<i64>,
    ) -> Result<Option<i64>, Refusal> {
        self.declared(name, |field| {
            field.kind == Kind::Whole(*range.start(), *range.end())
        });
        let number = match (self.value(name)?, self.origin) {
            (None, _) => return Ok(None),
            (Some(Value::String(text)), Origin::Text) => text.parse().ok(),
            (Some(value), _) => exact::whole(&value),
        };
        number
            .filter(|number| range.contains(number))
            .map(Some)
            .ok_or_else(|| {
                let (start, end) = (range.start(), range.end());
                self.invalid(
                    name,
                    &format!("must be a whole number from {start} to {end}"),
                )
            })
    }

    /// A decimal factor. JSON may also write it as a string.
    pub(crate) fn factor(&mut self, name: &str) -> Result<Option<Factor>, Refusal> {
        self.declared(name, |field| field.kind == Kind::Factor);
        let Some(value) = self.value(name)? else {
            return Ok(None);
        };
        Factor::deserialize(value).map(Some).map_err(|_| {
            self.invalid(
                name,
                "must be a number from 0 to 1000000 with at most 8 decimal places",
            )
        })
    }

    /// One of several words.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, Refusal> {
        self.declared(name, |field| {
            let words = choices.iter().map(|(word, _)| *word);
            matches!(field.kind, Kind::Choice(known) if words.eq(known.iter().copied()))
        });
        let Some(text) = self.string(name)? else {
            return Ok(None);
        };
        let chosen = choices.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, choice)| Some(*choice)).ok_or_else(|| {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.invalid(name, &format!("must be one of {}", words.join(", ")))
        })
    }

    /// An instant: RFC 3339, or whole Unix seconds as Stripe's users write them.
    pub(crate) fn instant(&mut self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        self.declared(name, |field| field.kind == Kind::Instant);
        let instant = match (self.value(name)?, self.origin) {
            (None, _) => return Ok(None),
            (Some(Value::String(text)), Origin::Text) => match text.parse::<i64>() {
                Ok(seconds) => Timestamp::from_second(seconds).ok(),
                Err(_) => text.parse().ok(),
            },
            (Some(Value::String(text)), Origin::Json) => text.parse().ok(),
            (Some(value), _) => {
                exact::whole(&value).and_then(|seconds| Timestamp::from_second(seconds).ok())
            }
        };
        // RFC 3339 has four digits for the year, and no year before 0.
        let writable = |instant: &Timestamp| !instant.to_string().starts_with('-');
        instant
            .map(time::truncate)
            .filter(writable)
            .map(Some)
            .ok_or_else(|| {
                self.invalid(
                    name,
                    "must be an RFC 3339 time such as \"2026-01-31T12:00:00Z\", or Unix seconds",
                )
            })
    }
}

fn line_problem(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        Some("must not be empty".to_owned())
    } else if text.chars().count() > TEXT_LEN_MAX {
        Some(format!("must be at most {TEXT_LEN_MAX} characters long"))
    } else if text.chars().any(char::is_control) {
        Some("must be one line without control characters".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
