//! What the parts of a condition mean: names are looked up, types compared, constants read.

mod calls;
mod figures;
mod operators;

use figures::{figure, named_type};
use operators::result_type;

use crate::{
    Scope,
    functions::FUNCTIONS,
    node::{EventType, Fact, Node},
    problem::{Problem, nearest},
    syntax::{Binary, Expr, Kind},
    types::{LINE_ITEM_FIELDS, STAT_FIELDS, Type, event_fields, member_fields, program_fields},
};

/// Names that stand for something by themselves.
const NAMES: [&str; 4] = ["event", "member", "program", "now"];

type Checked = Result<(Node, Type), Problem>;

/// Makes a condition ready; answers the event types whose stats it asks for by name as well.
pub(crate) fn condition(expr: &Expr, scope: Scope) -> Result<(Node, Vec<String>), Problem> {
    let mut checker = Checker {
        scope,
        locals: Vec::new(),
        event_types: Vec::new(),
    };
    let (node, kind) = checker.value(expr)?;
    if !kind.may_be(&Type::Bool) {
        let message = format!("a condition is true or false, and this is {kind}");
        return Err(Problem::new(expr.at, message));
    }
    Ok((node, checker.event_types))
}

struct Checker {
    scope: Scope,
    /// The event types whose stats are asked for.
    event_types: Vec<String>,
    /// The variables of macros, the innermost last.
    locals: Vec<(String, Type)>,
}

impl Checker {
    /// A part that must be a value.
    fn value(&mut self, expr: &Expr) -> Checked {
        let (node, kind) = self.part(expr)?;
        if let Node::Stat(EventType::Named(name), _) | Node::Streak(EventType::Named(name)) = &node
            && !self.event_types.contains(name)
        {
            self.event_types.push(name.clone());
        }
        let fields = match kind {
            Type::Streak => return Ok((node, Type::Number)),
            Type::Event => "event.amount",
            Type::Member => "member.tier",
            Type::Program => "program.id",
            Type::Stats | Type::Stat => "member.stats.signup.count",
            Type::Streaks => "member.streak.check_in",
            kind => return Ok((node, kind)),
        };
        let message = format!("this is an object; name a field of it, as {fields}");
        Err(Problem::new(expr.at, message))
    }

    /// A part that must be a value of this type.
    fn typed(&mut self, expr: &Expr, wanted: &Type, whose: &str) -> Result<Node, Problem> {
        let (node, kind) = self.value(expr)?;
        if kind.may_be(wanted) {
            return Ok(node);
        }
        let message = format!("{whose} takes {wanted}, and this is {kind}");
        Err(Problem::new(expr.at, message))
    }

    fn part(&mut self, expr: &Expr) -> Checked {
        let at = expr.at;
        Ok(match &expr.kind {
            Kind::Null => (Node::Null, Type::Null),
            Kind::Bool(value) => (Node::Bool(*value), Type::Bool),
            Kind::Number(number) => (Node::Number(*number), Type::Number),
            Kind::Text(text) => (Node::Text(text.clone()), Type::Text),
            Kind::Name(name) => self.name(at, name)?,
            Kind::List(members) => self.list(members)?,
            Kind::Field(object, name) => self.field(at, object, name)?,
            Kind::Index(list, index) => self.index(list, index)?,
            Kind::Call(target, name, args) => self.call(at, target.as_deref(), name, args)?,
            Kind::Not(inner) => {
                let node = self.typed(inner, &Type::Bool, "`!`")?;
                (Node::Not(Box::new(node)), Type::Bool)
            }
            Kind::Negative(inner) => self.negative(inner)?,
            Kind::Binary(Binary::In, member, of) => self.within(at, member, of)?,
            Kind::Binary(operator, left, right) => self.binary(at, *operator, left, right)?,
            Kind::All(parts) => (Node::All(self.bools(parts, "`&&`")?), Type::Bool),
            Kind::Any(parts) => (Node::Any(self.bools(parts, "`||`")?), Type::Bool),
            Kind::Choice(parts) => {
                let [test, then, otherwise] = &**parts;
                let test = self.typed(test, &Type::Bool, "`?`")?;
                let (then, kind) = self.value(then)?;
                let (otherwise, other) = self.value(otherwise)?;
                let kind = if kind == other { kind } else { Type::Any };
                (Node::Choice(Box::new([test, then, otherwise])), kind)
            }
        })
    }

    fn bools(&mut self, parts: &[Expr], whose: &str) -> Result<Vec<Node>, Problem> {
        let parts = parts.iter();
        parts
            .map(|part| self.typed(part, &Type::Bool, whose))
            .collect()
    }

    fn name(&mut self, at: usize, name: &str) -> Checked {
        let mut locals = self.locals.iter().enumerate().rev();
        if let Some((place, (_, kind))) = locals.find(|(_, (local, _))| local == name) {
            return Ok((Node::Local(place), kind.clone()));
        }
        Ok(match name {
            "now" => (Node::Fact(Fact::Now), Type::Time),
            "member" => (Node::Null, Type::Member),
            "program" => (Node::Null, Type::Program),
            "event" if self.scope == Scope::Event => (Node::Null, Type::Event),
            _ if self.scope == Scope::Event => (Node::Key(name.to_owned()), Type::Any),
            "event" => {
                let message = "there is no `event` here: segments and rewards are about the member";
                return Err(Problem::new(at, message));
            }
            _ => {
                let known = nearest(name, NAMES.into_iter().filter(|name| *name != "event"));
                let hint = known.map_or_else(
                    || "; there are `member`, `program` and `now`".to_owned(),
                    |known| format!("; did you mean `{known}`?"),
                );
                return Err(Problem::new(at, format!("`{name}` is not known{hint}")));
            }
        })
    }

    fn list(&mut self, members: &[Expr]) -> Checked {
        let mut of = None;
        let mut nodes = Vec::with_capacity(members.len());
        for member in members {
            let (node, kind) = self.value(member)?;
            nodes.push(node);
            of = match of {
                None => Some(kind),
                Some(known) if known == kind => Some(known),
                Some(_) => Some(Type::Any),
            };
        }
        Ok((Node::List(nodes), Type::list(of.unwrap_or(Type::Any))))
    }

    fn field(&mut self, at: usize, object: &Expr, name: &str) -> Checked {
        let (node, kind) = self.part(object)?;
        let known = |fields: &[(&'static str, Fact, Type)], object: &str, also: &[&'static str]| {
            let found = fields.iter().find(|(known, ..)| *known == name);
            if let Some((_, fact, kind)) = found {
                return Ok((Node::Fact(*fact), kind.clone()));
            }
            let names = fields.iter().map(|(name, ..)| *name);
            Err(no_field(
                at,
                object,
                name,
                names.chain(also.iter().copied()),
            ))
        };
        match kind {
            Type::Event => known(&event_fields(), "event", &[]),
            Type::Program => known(&program_fields(), "program", &[]),
            Type::Member => match name {
                "stats" => Ok((Node::Null, Type::Stats)),
                "streak" => Ok((Node::Null, Type::Streaks)),
                "segments" if self.scope == Scope::Segment => {
                    let message = "a segment cannot depend on segments; write out what they ask";
                    Err(Problem::new(at, message))
                }
                _ => known(&member_fields(), "member", &["stats", "streak"]),
            },
            Type::Stats | Type::Stat | Type::Streaks | Type::Streak => {
                figure(at, node, &kind, name)
            }
            Type::LineItem => {
                let mut fields = LINE_ITEM_FIELDS.iter();
                let Some((_, kind)) = fields.find(|(known, _)| *known == name) else {
                    let names = LINE_ITEM_FIELDS.iter().map(|(name, _)| *name);
                    return Err(no_field(at, "a line item", name, names));
                };
                Ok((Node::Field(Box::new(node), name.to_owned()), kind.clone()))
            }
            Type::Texts => Ok((Node::Field(Box::new(node), name.to_owned()), Type::Text)),
            Type::Map | Type::Any => Ok((Node::Field(Box::new(node), name.to_owned()), Type::Any)),
            kind => {
                let mut functions = FUNCTIONS.iter();
                let called = functions.find(|(known, ..)| *known == name);
                let hint = called.map_or_else(String::new, |(.., example)| {
                    format!("; a function is called with brackets, as {example}")
                });
                let message = format!("{kind} has no field `{name}`{hint}");
                Err(Problem::new(at, message))
            }
        }
    }

    fn index(&mut self, list: &Expr, index: &Expr) -> Checked {
        let (node, kind) = self.part(list)?;
        let at = index.at;
        match &kind {
            Type::Stats | Type::Streaks => {
                let of = match &index.kind {
                    Kind::Text(name) => named_type(at, name)?,
                    _ => match self.value(index)? {
                        (Node::Fact(Fact::EventType), _) => EventType::OfEvent,
                        _ => {
                            let message = "name the event type as a text, as \
                                           member.stats['payment.completed'], or event.type";
                            return Err(Problem::new(at, message));
                        }
                    },
                };
                Ok(if kind == Type::Stats {
                    (Node::Stat(of, STAT_FIELDS[0].1), Type::Stat)
                } else {
                    (Node::Streak(of), Type::Number)
                })
            }
            Type::List(of) => {
                let index = self.typed(index, &Type::Number, "a place in a list")?;
                let of = (**of).clone();
                Ok((Node::Index(Box::new(node), Box::new(index)), of))
            }
            Type::Map | Type::Texts => {
                let of = if kind == Type::Map {
                    Type::Any
                } else {
                    Type::Text
                };
                let index = self.typed(index, &Type::Text, "a key")?;
                Ok((Node::Index(Box::new(node), Box::new(index)), of))
            }
            Type::Any => {
                let (index, _) = self.value(index)?;
                Ok((Node::Index(Box::new(node), Box::new(index)), Type::Any))
            }
            // `event['amount']`
            _ => match &index.kind {
                Kind::Text(name) => self.field(at, list, name),
                _ => {
                    let message = format!("{kind} has no places to index");
                    Err(Problem::new(list.at, message))
                }
            },
        }
    }

    fn negative(&mut self, inner: &Expr) -> Checked {
        let (node, kind) = self.value(inner)?;
        match kind {
            Type::Number | Type::Span | Type::Any => Ok((Node::Negative(Box::new(node)), kind)),
            kind => {
                let message = format!("`-` takes a number, and this is {kind}");
                Err(Problem::new(inner.at, message))
            }
        }
    }

    fn within(&mut self, at: usize, member: &Expr, of: &Expr) -> Checked {
        let (member_node, kind) = self.value(member)?;
        let (node, of) = self.value(of)?;
        if matches!(node, Node::Fact(Fact::MemberSegments)) {
            if !kind.may_be(&Type::Text) {
                let message = format!("a segment is named by its key, a text; this is {kind}");
                return Err(Problem::new(member.at, message));
            }
            return Ok((Node::InSegment(Box::new(member_node)), Type::Bool));
        }
        let wanted = match &of {
            Type::Any => Type::Any,
            Type::List(of) => (**of).clone(),
            Type::Map | Type::Texts => Type::Text,
            Type::Text => {
                let message = "`in` takes a list; a text is searched by text.contains('part')";
                return Err(Problem::new(at, message));
            }
            of => {
                let message = format!("`in` takes a list, and this is {of}");
                return Err(Problem::new(at, message));
            }
        };
        if !kind.may_be(&wanted) {
            let message = format!("`in` looks for {kind} among what is never such: {wanted}");
            return Err(Problem::new(at, message));
        }
        let pair = (Box::new(member_node), Box::new(node));
        Ok((Node::Binary(Binary::In, pair.0, pair.1), Type::Bool))
    }

    fn binary(&mut self, at: usize, operator: Binary, left: &Expr, right: &Expr) -> Checked {
        let (left_node, a) = self.value(left)?;
        let (right_node, b) = self.value(right)?;
        let kind = result_type(operator, &a, &b).ok_or_else(|| {
            let from_metadata = |kind: &Type, expr: &Expr| {
                *kind == Type::Text && matches!(expr.kind, Kind::Field(..) | Kind::Index(..))
            };
            let is_digits = (a == Type::Number && from_metadata(&b, right))
                || (b == Type::Number && from_metadata(&a, left));
            let hint = if is_digits {
                "; int(…) and double(…) read the digits of a text"
            } else {
                ""
            };
            let message = format!("`{}` does not take {a} and {b}{hint}", operator.as_str());
            Problem::new(at, message)
        })?;
        let (left, right) = (Box::new(left_node), Box::new(right_node));
        Ok((Node::Binary(operator, left, right), kind))
    }
}

fn no_field<'n>(
    at: usize,
    object: &str,
    name: &str,
    fields: impl Iterator<Item = &'n str> + Clone,
) -> Problem {
    let prefix = if object.contains(' ') {
        String::new()
    } else {
        format!("{object}.")
    };
    let hint = match nearest(name, fields.clone()) {
        Some(meant) => format!("; did you mean `{prefix}{meant}`?"),
        None => format!("; it has {}", fields.collect::<Vec<_>>().join(", ")),
    };
    let object = if prefix.is_empty() {
        object.to_owned()
    } else {
        format!("`{object}`")
    };
    Problem::new(at, format!("{object} has no field `{name}`{hint}"))
}
