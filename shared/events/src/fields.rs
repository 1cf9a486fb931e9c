//! Typed reading of a JSON object's fields; what is wrong is told with its path.

use std::fmt;

use iso_currency::Currency;
use jiff::Timestamp;
use laurel_rules::{POINTS_MAX, Refusal, id, time};
use serde_json::{Map, Value};

/// An object and where it stands. A field that is `null` counts as absent: many publishers write
/// all of their fields always.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: &'a str,
    /// Its place, where it is an item of the list at the path.
    place: Option<usize>,
}

/// The path of a field. It is written out only where something is wrong, which is rare.
#[derive(Clone, Copy)]
pub(crate) struct Param<'a> {
    path: &'a str,
    place: Option<usize>,
    name: &'a str,
}

impl fmt::Display for Param<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.path, self.place) {
            ("", _) => {}
            (path, None) => write!(f, "{path}.")?,
            (path, Some(place)) => write!(f, "{path}[{place}].")?,
        }
        f.write_str(self.name)
    }
}

impl From<Param<'_>> for String {
    fn from(param: Param<'_>) -> String {
        param.to_string()
    }
}

impl<'a> Fields<'a> {
    pub(crate) fn new(map: &'a Map<String, Value>, path: &'a str) -> Fields<'a> {
        Fields {
            map,
            path,
            place: None,
        }
    }

    /// An item of the list at `path`.
    pub(crate) fn item(map: &'a Map<String, Value>, path: &'a str, place: usize) -> Fields<'a> {
        Fields {
            map,
            path,
            place: Some(place),
        }
    }

    fn param<'n>(&self, name: &'n str) -> Param<'n>
    where
        'a: 'n,
    {
        Param {
            path: self.path,
            place: self.place,
            name,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        value.as_str().map(Some).ok_or_else(|| {
            let param = self.param(name);
            let message = format!("`{param}` must be a string.");
            Refusal::invalid(param, message)
        })
    }

    pub(crate) fn id(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        self.text(name)?
            .map(|text| id::check(self.param(name), text))
            .transpose()
    }

    pub(crate) fn required_id(&self, name: &str) -> Result<&'a str, Refusal> {
        self.id(name)?
            .ok_or_else(|| Refusal::missing(self.param(name)))
    }

    /// A whole number, not negative. `10.0` and `1e1` are refused like `10.5`: who writes an
    /// amount as a fraction may mean major units.
    pub(crate) fn count(&self, name: &str, what: &str) -> Result<Option<i64>, Refusal> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        value
            .as_i64()
            .filter(|count| (0..=POINTS_MAX).contains(count))
            .map(Some)
            .ok_or_else(|| {
                let param = self.param(name);
                let message =
                    format!("`{param}` must be a whole number {what}, from 0 to {POINTS_MAX}.");
                Refusal::invalid(param, message)
            })
    }

    pub(crate) fn amount(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.count(name, "of minor units, as 1050 for 10.50 euros")
    }

    pub(crate) fn currency(&self, name: &str) -> Result<Option<Currency>, Refusal> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        currency(self.param(name), text).map(Some)
    }

    pub(crate) fn email(&self, name: &str) -> Result<Option<String>, Refusal> {
        self.text(name)?
            .map(|text| email(self.param(name), text))
            .transpose()
    }

    /// A moment as RFC 3339 text.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        value
            .as_str()
            .and_then(|text| text.parse::<Timestamp>().ok())
            .and_then(plausible)
            .map(Some)
            .ok_or_else(|| {
                let param = self.param(name);
                let message = format!(
                    "`{param}` must be a time since 1970 in RFC 3339, as \"2026-11-03T10:15:00Z\"."
                );
                Refusal::invalid(param, message)
            })
    }

    /// A moment as RFC 3339 text, or as Stripe writes `created`: whole seconds since 1970.
    pub(crate) fn time_or_seconds(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let Some(Value::Number(number)) = self.get(name) else {
            return self.time(name);
        };
        number
            .as_i64()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .and_then(plausible)
            .map(Some)
            .ok_or_else(|| {
                let param = self.param(name);
                let message = format!(
                    "`{param}` must be a time in RFC 3339, as \"2026-11-03T10:15:00Z\", or whole \
                     seconds since 1970."
                );
                Refusal::invalid(param, message)
            })
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<&'a Map<String, Value>>, Refusal> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let object = value.as_object().map(Some);
        object.ok_or_else(|| no_object(self.param(name)))
    }
}

/// Takes an object that must be there out of what holds it, so that it need not be copied.
pub(crate) fn take_object(
    map: &mut Map<String, Value>,
    name: &str,
    param: &str,
) -> Result<Map<String, Value>, Refusal> {
    match map.remove(name) {
        Some(Value::Object(object)) => Ok(object),
        None | Some(Value::Null) => Err(Refusal::missing(param)),
        Some(_) => Err(no_object(param)),
    }
}

fn no_object(param: impl fmt::Display) -> Refusal {
    let message = format!("`{param}` must be an object.");
    Refusal::invalid(param.to_string(), message)
}

/// Nothing that earns points happened before 1970; such a time is a mistake of units.
fn plausible(at: Timestamp) -> Option<Timestamp> {
    (at >= Timestamp::UNIX_EPOCH).then(|| time::truncate(at))
}

/// Reads an ISO 4217 code, in whatever case.
///
/// # Errors
/// `parameter_invalid` at `param`.
pub fn currency(param: impl fmt::Display, text: &str) -> Result<Currency, Refusal> {
    let known = (text.len() == 3).then(|| text.to_ascii_uppercase());
    known
        .and_then(|code| Currency::from_code(&code))
        .ok_or_else(|| {
            let message = format!("`{param}` must be an ISO 4217 currency code, as \"EUR\".");
            Refusal::invalid(param.to_string(), message)
        })
}

/// The most bytes that an email address may have (RFC 5321).
const EMAIL_LEN_MAX: usize = 254;

/// Checks an email address and gives the form that it is stored and compared in: trimmed, lower
/// case. Whether it exists only a mail can tell.
///
/// # Errors
/// `parameter_invalid` at `param`; the address itself is not repeated, since refusals are logged.
pub fn email(param: impl fmt::Display, text: &str) -> Result<String, Refusal> {
    let address = text.trim().to_lowercase();
    let parts = address.split_once('@');
    let is_one = parts
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    let is_clean = !address.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_one && is_clean && address.len() <= EMAIL_LEN_MAX {
        return Ok(address);
    }
    let message = format!(
        "`{param}` must be an email address, as \"anna@example.com\", of at most {EMAIL_LEN_MAX} \
         characters."
    );
    Err(Refusal::invalid(param.to_string(), message))
}

/// A name from outside, short enough to be repeated in an answer.
pub(crate) fn shortened(name: &str) -> String {
    const NAME_LEN_MAX: usize = 64;
    let mut short: String = name.chars().take(NAME_LEN_MAX).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}
