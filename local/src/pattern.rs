//! EventBridge event patterns, as far as the template uses them.
//!
//! A pattern that uses more is refused when it is read: routing an event by half a pattern would
//! be worse than not starting.

use serde_json::{Map, Value};

/// A pattern that events match or do not.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Fields);

type Fields = Vec<(String, Node)>;

#[derive(Debug, Clone, PartialEq)]
enum Node {
    /// The field must be an object with these fields.
    Fields(Fields),
    /// The field, or one of its elements, must meet one of these.
    AnyOf(Vec<Test>),
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Equals(Value),
    Prefix(String),
    Suffix(String),
    NoneOf(Vec<Value>),
    NotPrefixed(String),
    Exists(bool),
}

/// What about a pattern is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event pattern is not understood at `{at}`: {problem}")]
pub struct PatternError {
    /// Where, as `detail.type`.
    pub at: String,
    /// What.
    pub problem: String,
}

impl Pattern {
    /// Reads a pattern in its JSON form.
    ///
    /// # Errors
    /// It is malformed, or uses an operator that is not known here.
    pub fn parse(value: &Value) -> Result<Pattern, PatternError> {
        match value {
            Value::Object(fields) => Ok(Pattern(parse_fields(fields, "")?)),
            _ => Err(problem("", "a pattern is an object")),
        }
    }

    /// Whether `event` matches: every field that the pattern names must.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        fields_match(&self.0, event)
    }
}

fn problem(at: &str, problem: impl Into<String>) -> PatternError {
    PatternError {
        at: at.to_owned(),
        problem: problem.into(),
    }
}

fn parse_fields(fields: &Map<String, Value>, path: &str) -> Result<Fields, PatternError> {
    let parse = |(name, value): (&String, &Value)| {
        let at = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        if name.starts_with('$') {
            return Err(problem(&at, "operators between fields are not known here"));
        }
        let node = match value {
            Value::Object(inner) => Node::Fields(parse_fields(inner, &at)?),
            Value::Array(tests) => {
                let tests = tests.iter().map(|test| parse_test(test, &at));
                Node::AnyOf(tests.collect::<Result<_, _>>()?)
            }
            _ => return Err(problem(&at, "a value stands in an array")),
        };
        Ok((name.clone(), node))
    };
    fields.iter().map(parse).collect()
}

fn parse_test(test: &Value, at: &str) -> Result<Test, PatternError> {
    let Value::Object(operator) = test else {
        return Ok(Test::Equals(test.clone()));
    };
    let mut operators = operator.iter();
    let (Some((name, argument)), None) = (operators.next(), operators.next()) else {
        return Err(problem(at, "an operator is an object with one field"));
    };
    let text = || match argument {
        Value::String(text) => Ok(text.clone()),
        _ => Err(problem(at, format!("`{name}` takes a string"))),
    };
    match name.as_str() {
        "prefix" => Ok(Test::Prefix(text()?)),
        "suffix" => Ok(Test::Suffix(text()?)),
        "exists" => match argument {
            Value::Bool(exists) => Ok(Test::Exists(*exists)),
            _ => Err(problem(at, "`exists` takes true or false")),
        },
        "anything-but" => match argument {
            Value::Array(values) => Ok(Test::NoneOf(values.clone())),
            Value::Object(inner) => match (inner.len(), inner.get("prefix")) {
                (1, Some(Value::String(prefix))) => Ok(Test::NotPrefixed(prefix.clone())),
                _ => Err(problem(at, "`anything-but` takes values or one `prefix`")),
            },
            value => Ok(Test::NoneOf(vec![value.clone()])),
        },
        _ => Err(problem(
            at,
            format!("the operator `{name}` is not known here"),
        )),
    }
}

fn fields_match(fields: &Fields, value: &Value) -> bool {
    fields.iter().all(|(name, node)| {
        let field = value.get(name);
        match node {
            Node::Fields(inner) => match field {
                Some(Value::Object(_)) => field.is_some_and(|field| fields_match(inner, field)),
                // What is not there matches where nothing is asked of it but that.
                _ => fields_match(inner, &Value::Null),
            },
            Node::AnyOf(tests) => tests.iter().any(|test| meets(test, field)),
        }
    })
}

fn meets(test: &Test, field: Option<&Value>) -> bool {
    let elements = match field {
        None | Some(Value::Object(_)) => &[],
        Some(Value::Array(elements)) => elements.as_slice(),
        Some(scalar) => std::slice::from_ref(scalar),
    };
    let any_text =
        |test: &dyn Fn(&str) -> bool| elements.iter().filter_map(Value::as_str).any(test);
    match test {
        Test::Equals(wanted) => elements.contains(wanted),
        Test::Prefix(prefix) => any_text(&|text| text.starts_with(prefix.as_str())),
        Test::Suffix(suffix) => any_text(&|text| text.ends_with(suffix.as_str())),
        Test::NoneOf(unwanted) => elements.iter().any(|element| !unwanted.contains(element)),
        Test::NotPrefixed(prefix) => any_text(&|text| !text.starts_with(prefix.as_str())),
        Test::Exists(wanted) => elements.is_empty() != *wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// One line for each event: whether it matches.
    fn check(pattern: Value, events: &[(Value, bool)]) {
        let parsed = Pattern::parse(&pattern).unwrap();
        for (event, expected) in events {
            assert_eq!(parsed.matches(event), *expected, "{pattern} on {event}");
        }
    }

    #[test]
    fn exact_values_are_alternatives() {
        check(
            json!({"detail-type": ["payment.completed", "invoice.paid"]}),
            &[
                (json!({"detail-type": "payment.completed"}), true),
                (
                    json!({"detail-type": "invoice.paid", "source": "shop"}),
                    true,
                ),
                (json!({"detail-type": "payment.completed.twice"}), false),
                (json!({"detail-type": null}), false),
                (json!({}), false),
            ],
        );
    }

    #[test]
    fn all_fields_must_match() {
        check(
            json!({"source": ["shop"], "detail": {"status": ["lost"], "n": [1]}}),
            &[
                (
                    json!({"source": "shop", "detail": {"status": "lost", "n": 1}}),
                    true,
                ),
                (
                    json!({"source": "shop", "detail": {"status": "lost", "n": "1"}}),
                    false,
                ),
                (
                    json!({"source": "shop", "detail": {"status": "won", "n": 1}}),
                    false,
                ),
                (json!({"source": "shop", "detail": "lost"}), false),
                (
                    json!({"source": "crm", "detail": {"status": "lost", "n": 1}}),
                    false,
                ),
            ],
        );
    }

    #[test]
    fn prefixes_and_suffixes() {
        check(
            json!({"source": [{"prefix": "shop."}], "type": [{"suffix": ".paid"}]}),
            &[
                (json!({"source": "shop.eu", "type": "invoice.paid"}), true),
                (json!({"source": "shop", "type": "invoice.paid"}), false),
                (json!({"source": "shop.eu", "type": "paid"}), false),
                (json!({"source": 7, "type": "invoice.paid"}), false),
            ],
        );
    }

    #[test]
    fn anything_but() {
        check(
            json!({"source": [{"anything-but": ["laurel", "aws"]}]}),
            &[
                (json!({"source": "shop"}), true),
                (json!({"source": "laurel"}), false),
                (json!({"source": "aws"}), false),
                (json!({}), false),
            ],
        );
        check(
            json!({"source": [{"anything-but": "laurel"}]}),
            &[
                (json!({"source": "shop"}), true),
                (json!({"source": "laurel"}), false),
            ],
        );
        check(
            json!({"source": [{"anything-but": {"prefix": "aws."}}]}),
            &[
                (json!({"source": "shop"}), true),
                (json!({"source": "aws.s3"}), false),
            ],
        );
    }

    #[test]
    fn exists_asks_for_presence_only() {
        check(
            json!({"detail": {"customer": [{"exists": true}]}}),
            &[
                (json!({"detail": {"customer": "cust_1"}}), true),
                (json!({"detail": {"customer": null}}), true),
                (json!({"detail": {}}), false),
                (json!({}), false),
            ],
        );
        check(
            json!({"detail": {"customer": [{"exists": false}, "cust_1"]}}),
            &[
                (json!({"detail": {"customer": "cust_1"}}), true),
                (json!({"detail": {"customer": "cust_2"}}), false),
                (json!({"detail": {}}), true),
                (json!({}), true),
            ],
        );
    }

    #[test]
    fn one_element_of_an_array_suffices() {
        check(
            json!({"resources": [{"prefix": "arn:a"}]}),
            &[
                (json!({"resources": ["arn:b", "arn:a"]}), true),
                (json!({"resources": ["arn:b"]}), false),
                (json!({"resources": []}), false),
            ],
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (pattern, at) in [
            (json!({"$or": []}), "$or"),
            (
                json!({"detail": {"amount": [{"numeric": [">", 0]}]}}),
                "detail.amount",
            ),
            (json!({"source": "shop"}), "source"),
            (json!({"source": [{"prefix": 1}]}), "source"),
            (
                json!({"source": [{"prefix": "a", "suffix": "b"}]}),
                "source",
            ),
            (json!([]), ""),
        ] {
            assert_eq!(Pattern::parse(&pattern).unwrap_err().at, at, "{pattern}");
        }
    }
}
