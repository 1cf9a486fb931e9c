//! Lists and objects within the fields of a request.

use std::ops::RangeInclusive;

use laurel_rules::{Refusal, exact};
use serde_json::{Map, Value};

use super::{Fields, Kind, NAMES_MAX, Origin, Shape, line_problem};

impl Fields {
    /// A list of names.
    pub(crate) fn names(&mut self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(names) = self.texts(name)? else {
            return Ok(None);
        };
        for (place, text) in names.iter().enumerate() {
            if let Some(problem) = line_problem(text) {
                return Err(self.invalid(&format!("{name}[{place}]"), &problem));
            }
        }
        Ok(Some(names))
    }

    /// A list of texts that whoever asks for them checks.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        self.texts_up_to(name, NAMES_MAX)
    }

    /// The same, of at most so many.
    pub(crate) fn texts_up_to(
        &mut self,
        name: &str,
        count_max: usize,
    ) -> Result<Option<Vec<String>>, Refusal> {
        self.declared(name, |field| {
            matches!(field.kind, Kind::Names | Kind::List(..))
        });
        let problem = format!("must be a list of 1 to {count_max} strings");
        let members = match self.value(name)? {
            None => return Ok(None),
            Some(Value::Array(members)) if (1..=count_max).contains(&members.len()) => members,
            Some(_) => return Err(self.invalid(name, &problem)),
        };
        let texts = members.into_iter().enumerate().map(|(place, member)| {
            let Value::String(text) = member else {
                return Err(self.invalid(&format!("{name}[{place}]"), "must be a string"));
            };
            Ok(text)
        });
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// A list of 1 to so many whole numbers in a range.
    pub(crate) fn wholes(
        &mut self,
        name: &str,
        range: RangeInclusive<i64>,
        count_max: usize,
    ) -> Result<Option<Vec<i64>>, Refusal> {
        self.declared(name, |field| match field.kind {
            Kind::List(Kind::Whole(start, end), 1, most) => {
                (*start..=*end, most) == (range.clone(), count_max)
            }
            _ => false,
        });
        let problem = format!("must be a list of 1 to {count_max} whole numbers");
        let mut members = match self.value(name)? {
            None => return Ok(None),
            Some(Value::Array(members)) if (1..=count_max).contains(&members.len()) => members,
            Some(_) => return Err(self.invalid(name, &problem)),
        };
        let (start, end) = (range.start(), range.end());
        let problem = format!("must be a whole number from {start} to {end}");
        let numbers = members.iter_mut().enumerate().map(|(place, member)| {
            if self.origin == Origin::Text {
                to_number(member);
            }
            let number = exact::whole(member).filter(|number| range.contains(number));
            number.ok_or_else(|| self.invalid(&format!("{name}[{place}]"), &problem))
        });
        numbers.collect::<Result<_, _>>().map(Some)
    }

    /// An object whose keys the caller chooses; in a form also one with the keys 0, 1, ….
    pub(crate) fn map(&mut self, name: &str) -> Result<Option<Map<String, Value>>, Refusal> {
        match (self.value(name)?, self.origin) {
            (None, _) => Ok(None),
            (Some(Value::Object(map)), _) => Ok(Some(map)),
            (Some(Value::Array(members)), Origin::Text) => {
                let keyed = members.into_iter().enumerate();
                Ok(Some(
                    keyed
                        .map(|(key, member)| (key.to_string(), member))
                        .collect(),
                ))
            }
            (Some(_), _) => Err(self.invalid(name, "must be an object")),
        }
    }

    /// An object of whatever JSON; a form writes it as the text of one.
    pub(crate) fn json(&mut self, name: &str) -> Result<Option<Value>, Refusal> {
        self.declared(name, |field| field.kind == Kind::AnyJson);
        let value = match (self.value(name)?, self.origin) {
            (None, _) => return Ok(None),
            (Some(Value::String(text)), Origin::Text) => {
                laurel_events::json::parse_strict(text.as_bytes()).unwrap_or(Value::Null)
            }
            (Some(value), _) => value,
        };
        if value.is_object() {
            Ok(Some(value))
        } else {
            Err(self.invalid(name, "must be an object; a form writes it as JSON text"))
        }
    }

    /// A list of objects that are read elsewhere; in a form the fields called `numbers` become
    /// numbers where their text is one.
    pub(crate) fn objects_with_numbers(
        &mut self,
        name: &str,
        numbers: &[&str],
    ) -> Result<Option<Vec<Value>>, Refusal> {
        let mut members = match self.value(name)? {
            None => return Ok(None),
            Some(Value::Array(members)) => members,
            Some(_) => return Err(self.invalid(name, "must be a list of objects")),
        };
        if self.origin == Origin::Text {
            for member in &mut members {
                for number in numbers {
                    if let Some(value) = member.get_mut(*number) {
                        to_number(value);
                    }
                }
            }
        }
        Ok(Some(members))
    }

    /// An object of this shape.
    pub(crate) fn object(
        &mut self,
        name: &str,
        shape: &'static Shape,
    ) -> Result<Option<Fields>, Refusal> {
        self.declared(name, |field| match field.kind {
            Kind::Object(declared) => declared == shape,
            // What its parts have in common is read, then which of them it is.
            Kind::OneOf(_) | Kind::AnyOf(_) => true,
            _ => false,
        });
        let Some(values) = self.map(name)? else {
            return Ok(None);
        };
        let prefix = format!("{}.", self.path(name));
        let mut inner = Fields {
            prefix,
            values,
            origin: self.origin,
            shape: Some(shape),
        };
        inner.rename(shape.aliases)?;
        inner.only(shape)?;
        Ok(Some(inner))
    }

    /// The fields of an object, which are called as if it stood by itself.
    pub(crate) fn inner(&mut self, name: &str) -> Result<Option<Fields>, Refusal> {
        self.declared(name, |field| matches!(field.kind, Kind::Object(_)));
        let values = self.map(name)?;
        Ok(values.map(|values| Fields::new(values, self.origin)))
    }

    /// A list of objects of this shape.
    pub(crate) fn objects(
        &mut self,
        name: &str,
        shape: &'static Shape,
    ) -> Result<Option<Vec<Fields>>, Refusal> {
        self.declared(name, |field| matches!(field.kind, Kind::List(..)));
        let members = match self.value(name)? {
            None => return Ok(None),
            Some(Value::Array(members)) => members,
            Some(_) => return Err(self.invalid(name, "must be a list of objects")),
        };
        let mut objects = Fields {
            prefix: self.prefix.clone(),
            origin: self.origin,
            shape: None,
            values: Map::new(),
        };
        let read = members.into_iter().enumerate().map(|(place, member)| {
            let name = format!("{name}[{place}]");
            objects.values.insert(name.clone(), member);
            objects.object(&name, shape)
        });
        read.filter_map(Result::transpose)
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// Objects of this shape by names that the caller chooses.
    pub(crate) fn objects_by_name(
        &mut self,
        name: &str,
        shape: &'static Shape,
    ) -> Result<Option<Vec<(String, Fields)>>, Refusal> {
        self.declared(name, |field| matches!(field.kind, Kind::Object(_)));
        let path = self.path(name);
        let Some(values) = self.map(name)? else {
            return Ok(None);
        };
        let mut objects = Fields {
            prefix: format!("{path}."),
            origin: self.origin,
            shape: None,
            values,
        };
        let names: Vec<String> = objects.values.keys().cloned().collect();
        let read = names.into_iter().map(|name| {
            let object = objects.object(&name, shape)?;
            // The key is there, and null was refused.
            Ok(object.map(|object| (name, object)))
        });
        read.filter_map(Result::transpose)
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// The refusal of a part of this object, with its place in the whole.
    pub(crate) fn placed(&self, refusal: Refusal) -> Refusal {
        match self.prefix.strip_suffix('.') {
            Some(within) => refusal.within(within),
            None => refusal,
        }
    }

    /// Gives fields that are spelt otherwise their own names.
    fn rename(&mut self, aliases: &[(&str, &str)]) -> Result<(), Refusal> {
        for (alias, name) in aliases {
            let Some(value) = self.values.remove(*alias) else {
                continue;
            };
            if self.values.contains_key(*name) {
                let problem = format!("is the same as `{}`; pass one of them", self.path(name));
                return Err(self.invalid(alias, &problem));
            }
            self.values.insert((*name).to_owned(), value);
        }
        Ok(())
    }

    /// An object that is read elsewhere; in a form the fields called `numbers` become numbers
    /// where their text is one.
    pub(crate) fn object_with_numbers(
        &mut self,
        name: &str,
        numbers: &[&str],
    ) -> Result<Option<Value>, Refusal> {
        let Some(mut map) = self.map(name)? else {
            return Ok(None);
        };
        if self.origin == Origin::Text {
            for number in numbers {
                if let Some(value) = map.get_mut(*number) {
                    to_number(value);
                }
            }
        }
        Ok(Some(Value::Object(map)))
    }
}

/// Makes a number of a text that is a whole one.
pub(crate) fn to_number(value: &mut Value) {
    if let Some(number) = value.as_str().and_then(|text| text.parse::<i64>().ok()) {
        *value = Value::from(number);
    }
}
