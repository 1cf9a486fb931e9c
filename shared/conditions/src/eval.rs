//! What a condition comes to for an event.
//!
//! As in CEL, what fails beside `&&` or `||` does not matter where the other side decides.

use std::{borrow::Cow, cmp::Ordering};

use laurel_rules::condition::{Facts, Steps};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::{failure::Failure, functions::TextTest, node::Node, syntax::Binary, value::Value};

mod convert;
mod dates;
mod facts;
mod macros;
mod numbers;

/// The longest text that is put together, in bytes.
const TEXT_BYTES_MAX: usize = 4096;
/// The longest text that a pattern is matched against, in bytes.
const MATCHED_BYTES_MAX: usize = 512;
/// How many bytes of a text are looked at in the time of a step.
const BYTES_PER_STEP: usize = 32;

/// Whether a condition holds.
pub(crate) fn holds(node: &Node, facts: &Facts<'_>, steps: &mut Steps) -> Result<bool, String> {
    let mut run = Run {
        facts,
        steps,
        locals: Vec::new(),
    };
    run.bool(node).map_err(Failure::into_reason)
}

struct Run<'a, 's> {
    facts: &'a Facts<'a>,
    steps: &'s mut Steps,
    /// What the variables of macros stand for, the innermost last.
    locals: Vec<Value<'a>>,
}

type Evaluated<'a> = Result<Value<'a>, Failure>;

impl<'a> Run<'a, '_> {
    fn spend(&mut self, steps: usize) -> Result<(), Failure> {
        if self.steps.take(steps) {
            return Ok(());
        }
        Err(Failure::TooLong)
    }

    fn spend_on_text(&mut self, bytes: usize) -> Result<(), Failure> {
        self.spend(bytes / BYTES_PER_STEP)
    }

    fn value(&mut self, node: &'a Node) -> Evaluated<'a> {
        self.spend(1)?;
        Ok(match node {
            Node::Null => Value::Null,
            Node::Bool(value) => Value::Bool(*value),
            Node::Number(number) => Value::Number(*number),
            Node::Text(text) => Value::text(text),
            Node::Time(time) => Value::Time(*time),
            Node::Span(span) => Value::Span(*span),
            Node::List(members) => {
                let members = members.iter().map(|member| self.value(member));
                Value::made(members.collect::<Result<_, _>>()?)
            }
            Node::Fact(fact) => self.fact(*fact)?,
            Node::Stat(of, field) => self.stat(of, *field)?,
            Node::Streak(of) => {
                let of = self.event_type(of)?;
                Value::whole(self.facts.streak_days(of))
            }
            Node::Key(name) => self.key(name)?,
            Node::Local(place) => {
                let local = self.locals.get(*place).cloned();
                let local = local.ok_or_else(|| Failure::wrong("a name stands for nothing"))?;
                self.spend_on_text(local.text_len())?;
                local
            }
            Node::Field(object, name) => {
                let object = self.value(object)?;
                object.field(name)?.ok_or_else(|| missing(name))?
            }
            Node::Index(list, index) => {
                let (list, index) = (self.value(list)?, self.value(index)?);
                self.at(&list, &index)?.ok_or_else(|| match index {
                    Value::Text(name) => missing(&name),
                    _ => Failure::Missing("the list is not that long".to_owned()),
                })?
            }
            Node::Has(inner) => Value::Bool(self.has(inner)?),
            Node::Not(inner) => Value::Bool(!self.bool(inner)?),
            Node::Negative(inner) => numbers::negative(&self.value(inner)?)?,
            Node::Binary(operator, left, right) => self.binary(*operator, left, right)?,
            Node::All(parts) => Value::Bool(self.decided(parts, false)?),
            Node::Any(parts) => Value::Bool(self.decided(parts, true)?),
            Node::Choice(parts) => {
                let [test, then, otherwise] = &**parts;
                if self.bool(test)? {
                    self.value(then)?
                } else {
                    self.value(otherwise)?
                }
            }
            Node::InSegment(key) => {
                let key = self.text(key)?;
                let holds = self.facts.in_segment(&key, self.steps);
                Value::Bool(holds.map_err(Failure::wrong)?)
            }
            Node::Size(of) => self.size(of)?,
            Node::Convert(to, from) => {
                let from = self.value(from)?;
                self.spend_on_text(from.text_len())?;
                convert::convert(*to, from)?
            }
            Node::Lower(text) => self.cased(text, str::to_ascii_lowercase)?,
            Node::Upper(text) => self.cased(text, str::to_ascii_uppercase)?,
            Node::Test(test, text, part) => {
                let (text, part) = (self.text(text)?, self.text(part)?);
                self.spend_on_text(text.len() + part.len())?;
                Value::Bool(match test {
                    TextTest::Contains => text.contains(&*part),
                    TextTest::StartsWith => text.starts_with(&*part),
                    TextTest::EndsWith => text.ends_with(&*part),
                })
            }
            Node::Matches(text, pattern) => {
                let text = self.text(text)?;
                if text.len() > MATCHED_BYTES_MAX {
                    let message = "the text is too long to be matched against a pattern";
                    return Err(Failure::wrong(message));
                }
                // Each byte may take as many steps as the pattern has states.
                self.spend(text.len() * 4)?;
                Value::Bool(pattern.is_match(&text))
            }
            Node::Part(part, of, zone) => {
                let of = self.value(of)?;
                let zone = zone.as_deref().map(|zone| self.text(zone)).transpose()?;
                self.spend(if zone.is_some() { 20 } else { 5 })?;
                dates::part(*part, &of, zone.as_deref(), &self.facts.catalog.program)?
            }
            Node::Each(each, list, body) => self.each(*each, list, body)?,
        })
    }

    fn bool(&mut self, node: &'a Node) -> Result<bool, Failure> {
        match self.value(node)? {
            Value::Bool(value) => Ok(value),
            other => Err(Failure::wrong(format!(
                "{} stands where true or false should",
                other.kind()
            ))),
        }
    }

    fn text(&mut self, node: &'a Node) -> Result<Cow<'a, str>, Failure> {
        match self.value(node)? {
            Value::Text(text) => Ok(text),
            other => Err(Failure::wrong(format!(
                "{} stands where a text should",
                other.kind()
            ))),
        }
    }

    /// `&&` where `false` decides, `||` where `true` does. What fails matters only where nothing
    /// decides.
    fn decided(&mut self, parts: &'a [Node], deciding: bool) -> Result<bool, Failure> {
        let mut failed = None;
        for part in parts {
            match self.bool(part) {
                Ok(value) if value == deciding => return Ok(deciding),
                Ok(_) => {}
                Err(Failure::TooLong) => return Err(Failure::TooLong),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(!deciding), Err)
    }

    /// A member of a list by its place, or a value by its key; `None` where there is none.
    fn at(&mut self, list: &Value<'a>, index: &Value<'a>) -> Result<Option<Value<'a>>, Failure> {
        match (list, index) {
            (Value::List(list), Value::Number(place)) => {
                let place = Some(place).filter(|place| place.is_integer());
                let place = place.and_then(Decimal::to_usize);
                place.and_then(|place| list.get(place)).transpose()
            }
            (Value::Object(_) | Value::Texts(_) | Value::LineItem(_), Value::Text(name)) => {
                list.field(name)
            }
            (list, index) => Err(Failure::wrong(format!(
                "{} cannot be indexed by {}",
                list.kind(),
                index.kind()
            ))),
        }
    }

    /// Whether the last step of a path leads somewhere; what lies before it must be there.
    fn has(&mut self, node: &'a Node) -> Result<bool, Failure> {
        let found = match node {
            Node::Field(object, name) => self.value(object)?.field(name)?,
            Node::Index(list, index) => {
                let (list, index) = (self.value(list)?, self.value(index)?);
                self.at(&list, &index)?
            }
            other => match self.value(other) {
                Ok(value) => Some(value),
                Err(Failure::Missing(_)) => None,
                Err(failure) => return Err(failure),
            },
        };
        Ok(found.is_some_and(|value| !matches!(value, Value::Null)))
    }

    fn binary(&mut self, operator: Binary, left: &'a Node, right: &'a Node) -> Evaluated<'a> {
        let left = self.value(left)?;
        // A list that is only looked into need not be made.
        if let (Binary::In, Node::List(members)) = (operator, right) {
            for member in members {
                let is_it = if let (Value::Text(left), Node::Text(text)) = (&left, member) {
                    self.spend(1)?;
                    **left == **text
                } else {
                    let member = self.value(member)?;
                    self.equal(&left, &member)?
                };
                if is_it {
                    return Ok(Value::Bool(true));
                }
            }
            return Ok(Value::Bool(false));
        }
        let right = self.value(right)?;
        self.spend_on_text(left.text_len().min(right.text_len()))?;
        let order = |wanted: fn(Ordering) -> bool| left.order(&right).map(wanted);
        Ok(Value::Bool(match operator {
            Binary::Equal => self.equal(&left, &right)?,
            Binary::NotEqual => !self.equal(&left, &right)?,
            Binary::Less => order(Ordering::is_lt)?,
            Binary::AtMost => order(Ordering::is_le)?,
            Binary::More => order(Ordering::is_gt)?,
            Binary::AtLeast => order(Ordering::is_ge)?,
            Binary::In => self.within(&left, &right)?,
            Binary::Plus => return self.sum(left, right),
            Binary::Minus | Binary::Times | Binary::Over | Binary::Modulo => {
                return numbers::reckon(operator, &left, &right);
            }
        }))
    }

    fn sum(&mut self, left: Value<'a>, right: Value<'a>) -> Evaluated<'a> {
        match (left, right) {
            (Value::Text(left), Value::Text(right)) => {
                let bytes = left.len() + right.len();
                if bytes > TEXT_BYTES_MAX {
                    return Err(Failure::wrong("the text becomes too long"));
                }
                self.spend_on_text(bytes)?;
                Ok(Value::Text(left + right))
            }
            (Value::List(left), Value::List(right)) => {
                self.spend(left.len() + right.len())?;
                let members = [left, right];
                let members = members.iter().flat_map(|list| {
                    let places = 0..list.len();
                    places.filter_map(|place| list.get(place))
                });
                Ok(Value::made(members.collect::<Result<_, _>>()?))
            }
            (left, right) => numbers::reckon(Binary::Plus, &left, &right),
        }
    }

    fn within(&mut self, member: &Value<'a>, of: &Value<'a>) -> Result<bool, Failure> {
        match (of, member) {
            (Value::List(list), member) => {
                for place in 0..list.len() {
                    self.spend(1)?;
                    if let Some(other) = list.get(place).transpose()?
                        && self.equal(member, &other)?
                    {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Value::Object(fields), Value::Text(name)) => Ok(fields.contains_key(&**name)),
            (Value::Texts(fields), Value::Text(name)) => Ok(fields.contains_key(&**name)),
            (of, _) => Err(Failure::wrong(format!(
                "`in` takes a list, not {}",
                of.kind()
            ))),
        }
    }

    /// Whether the two are equal; values of different types are not.
    fn equal(&mut self, left: &Value<'a>, right: &Value<'a>) -> Result<bool, Failure> {
        self.spend(1)?;
        self.spend_on_text(left.text_len().min(right.text_len()))?;
        Ok(match (left, right) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Time(a), Value::Time(b)) => a == b,
            (Value::Span(a), Value::Span(b)) => a == b,
            (Value::LineItem(a), Value::LineItem(b)) => a == b,
            (Value::List(a), Value::List(b)) => {
                let mut is_equal = a.len() == b.len();
                for place in 0..a.len() {
                    if !is_equal {
                        break;
                    }
                    let pair = (a.get(place).transpose()?, b.get(place).transpose()?);
                    let (Some(a), Some(b)) = pair else { break };
                    is_equal = self.equal(&a, &b)?;
                }
                is_equal
            }
            (Value::Texts(a), Value::Texts(b)) => {
                self.spend(a.len())?;
                a == b
            }
            (Value::Object(a), Value::Object(b)) => {
                let mut is_equal = a.len() == b.len();
                for (name, a) in *a {
                    if !is_equal {
                        break;
                    }
                    self.spend(1)?;
                    is_equal = match b.get(name) {
                        Some(b) => self.equal(&Value::of(a)?, &Value::of(b)?)?,
                        None => false,
                    };
                }
                is_equal
            }
            _ => false,
        })
    }

    fn size(&mut self, of: &'a Node) -> Evaluated<'a> {
        let size = match self.value(of)? {
            Value::Text(text) => {
                self.spend_on_text(text.len())?;
                text.chars().count()
            }
            Value::List(list) => list.len(),
            Value::Object(fields) => fields.len(),
            Value::Texts(fields) => fields.len(),
            other => return Err(Failure::wrong(format!("{} has no size", other.kind()))),
        };
        Ok(Value::whole(u64::try_from(size).unwrap_or(u64::MAX)))
    }

    fn cased(&mut self, text: &'a Node, to: fn(&str) -> String) -> Evaluated<'a> {
        let text = self.text(text)?;
        if text.len() > TEXT_BYTES_MAX {
            return Err(Failure::wrong("the text is too long"));
        }
        self.spend_on_text(text.len())?;
        Ok(Value::Text(Cow::Owned(to(&text))))
    }
}

fn missing(name: &str) -> Failure {
    Failure::Missing(format!("there is no `{name}`"))
}
