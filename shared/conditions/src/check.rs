//! What the parts of a condition mean: names are looked up, types compared, constants read.

use laurel_rules::id;
use regex::RegexBuilder;

use crate::{
    Scope,
    functions::{CALLED_ELSEWHERE, Conversion, DatePart, FUNCTIONS, Form, Function},
    node::{EventType, Fact, Macro, Node},
    problem::{Problem, nearest},
    syntax::{Binary, Expr, Kind},
    time,
    types::{LINE_ITEM_FIELDS, STAT_FIELDS, Type, event_fields, member_fields, program_fields},
};

/// How deep macros may lie in one another: their costs multiply.
const MACROS_DEPTH_MAX: usize = 2;
/// The longest pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 200;
/// The most memory that one pattern may compile to, in bytes: with the length of the text it
/// bounds the time of a match.
const PATTERN_SIZE_MAX: usize = 48 * 1024;

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

    fn call(&mut self, at: usize, target: Option<&Expr>, name: &str, args: &[Expr]) -> Checked {
        let Some((_, function, form, example)) = FUNCTIONS.iter().find(|it| it.0 == name) else {
            return Err(no_function(at, name));
        };
        let wrong = || Problem::new(at, format!("`{name}` is called as {example}"));
        let fits = match form {
            Form::Global => target.is_none(),
            Form::Member => target.is_some(),
            Form::Both => true,
        };
        if !fits {
            return Err(wrong());
        }
        let all: Vec<&Expr> = target.into_iter().chain(args).collect();
        match (function, all.as_slice()) {
            (Function::Has, [inner]) => self.has(at, inner),
            (Function::Size, [of]) => {
                let (node, kind) = self.value(of)?;
                if !matches!(
                    kind,
                    Type::Any | Type::Text | Type::List(_) | Type::Map | Type::Texts
                ) {
                    let message = format!("`size` takes a text or a list, and this is {kind}");
                    return Err(Problem::new(of.at, message));
                }
                Ok((Node::Size(Box::new(node)), Type::Number))
            }
            (Function::Convert(to), [from]) => self.convert(*to, name, from),
            (Function::Lower, [text]) => {
                let node = self.typed(text, &Type::Text, "`lowerAscii`")?;
                Ok((Node::Lower(Box::new(node)), Type::Text))
            }
            (Function::Upper, [text]) => {
                let node = self.typed(text, &Type::Text, "`upperAscii`")?;
                Ok((Node::Upper(Box::new(node)), Type::Text))
            }
            (Function::Test(test), [text, part]) => {
                let whose = format!("`{name}`");
                let text = Box::new(self.typed(text, &Type::Text, &whose)?);
                let part = Box::new(self.typed(part, &Type::Text, &whose)?);
                Ok((Node::Test(*test, text, part), Type::Bool))
            }
            (Function::Matches, [text, pattern]) => {
                let text = self.typed(text, &Type::Text, "`matches`")?;
                let pattern = pattern_of(pattern)?;
                Ok((Node::Matches(Box::new(text), pattern), Type::Bool))
            }
            (Function::Part(part), [of]) => self.date_part(*part, name, of, None),
            (Function::Part(part), [of, zone]) => self.date_part(*part, name, of, Some(zone)),
            (Function::Each(each), [list, variable, body]) => {
                self.each(*each, name, list, variable, body)
            }
            _ => Err(wrong()),
        }
    }

    fn has(&mut self, at: usize, inner: &Expr) -> Checked {
        if let Kind::Name(name) = &inner.kind {
            let message = format!(
                "`has` takes a field; a metadata key is asked for by has(event.metadata.{name})"
            );
            return Err(Problem::new(at, message));
        }
        let (node, _) = self.value(inner)?;
        if !matches!(
            node,
            Node::Fact(_) | Node::Field(..) | Node::Index(..) | Node::Stat(..) | Node::Streak(_)
        ) {
            let message = "`has` takes a field, as has(event.metadata.rating)";
            return Err(Problem::new(at, message));
        }
        Ok((Node::Has(Box::new(node)), Type::Bool))
    }

    fn convert(&mut self, to: Conversion, name: &str, from: &Expr) -> Checked {
        // What is written out is read now, so that a slip is found now.
        if let Kind::Text(text) = &from.kind {
            let read = match to {
                Conversion::Timestamp => {
                    Some(time::timestamp(text).map(|it| (Node::Time(it), Type::Time)))
                }
                Conversion::Duration => {
                    Some(time::duration(text).map(|it| (Node::Span(it), Type::Span)))
                }
                _ => None,
            };
            if let Some(read) = read {
                return read.map_err(|problem| Problem::new(from.at, problem));
            }
        }
        let (node, kind) = self.value(from)?;
        let takes: &[Type] = match to {
            Conversion::Int => &[Type::Number, Type::Text, Type::Time],
            Conversion::Double => &[Type::Number, Type::Text],
            Conversion::Text => &[Type::Number, Type::Text, Type::Bool, Type::Time],
            Conversion::Bool => &[Type::Bool, Type::Text],
            Conversion::Timestamp => &[Type::Text, Type::Time, Type::Number],
            Conversion::Duration => &[Type::Text, Type::Span],
        };
        if kind != Type::Any && !takes.contains(&kind) {
            let message = format!("`{name}` does not take {kind}");
            return Err(Problem::new(from.at, message));
        }
        let kind = match to {
            Conversion::Int | Conversion::Double => Type::Number,
            Conversion::Text => Type::Text,
            Conversion::Bool => Type::Bool,
            Conversion::Timestamp => Type::Time,
            Conversion::Duration => Type::Span,
        };
        Ok((Node::Convert(to, Box::new(node)), kind))
    }

    fn date_part(&mut self, part: DatePart, name: &str, of: &Expr, zone: Option<&Expr>) -> Checked {
        let (node, kind) = self.value(of)?;
        let is_of_span = matches!(
            part,
            DatePart::Hours | DatePart::Minutes | DatePart::Seconds | DatePart::Milliseconds
        );
        let fits = match kind {
            Type::Any | Type::Time => true,
            Type::Span => is_of_span && zone.is_none(),
            _ => false,
        };
        if !fits {
            let message = format!("`{name}` takes a time, and this is {kind}");
            return Err(Problem::new(of.at, message));
        }
        let zone = zone.map(|zone| {
            if let Kind::Text(name) = &zone.kind {
                time::zone(name).map_err(|problem| Problem::new(zone.at, problem))?;
            }
            self.typed(zone, &Type::Text, "a time zone").map(Box::new)
        });
        let node = Node::Part(part, Box::new(node), zone.transpose()?);
        Ok((node, Type::Number))
    }

    fn each(
        &mut self,
        each: Macro,
        name: &str,
        list: &Expr,
        variable: &Expr,
        body: &Expr,
    ) -> Checked {
        let (list_node, kind) = self.value(list)?;
        let of = match kind {
            Type::List(of) => *of,
            Type::Any => Type::Any,
            Type::Map | Type::Texts => Type::Text,
            kind => {
                let message = format!("`{name}` takes a list, and this is {kind}");
                return Err(Problem::new(list.at, message));
            }
        };
        let Kind::Name(variable_name) = &variable.kind else {
            let message = format!("`{name}` first takes a name for each member, as `i`");
            return Err(Problem::new(variable.at, message));
        };
        if NAMES.contains(&variable_name.as_str()) {
            let message = format!("`{variable_name}` is taken; give the members another name");
            return Err(Problem::new(variable.at, message));
        }
        if self.locals.len() >= MACROS_DEPTH_MAX {
            let message = format!(
                "`{name}` and its like may lie at most {MACROS_DEPTH_MAX} deep in one another"
            );
            return Err(Problem::new(list.at, message));
        }
        self.locals.push((variable_name.clone(), of.clone()));
        let body_checked = self.value(body);
        self.locals.pop();
        let (body_node, body_kind) = body_checked?;
        if each != Macro::Map && !body_kind.may_be(&Type::Bool) {
            let message = format!("`{name}` asks what is true or false, and this is {body_kind}");
            return Err(Problem::new(body.at, message));
        }
        let kind = match each {
            Macro::Map => Type::list(body_kind),
            Macro::Filter => Type::list(of),
            Macro::All | Macro::Exists | Macro::ExistsOne => Type::Bool,
        };
        let node = Node::Each(each, Box::new(list_node), Box::new(body_node));
        Ok((node, kind))
    }
}

/// A field of `member.stats`, of `member.streak`, or of what they hold: an event type may have dots.
fn figure(at: usize, node: Node, kind: &Type, name: &str) -> Checked {
    match (kind, node) {
        (Type::Stats, _) => {
            let of = named_type(at, name)?;
            Ok((Node::Stat(of, STAT_FIELDS[0].1), Type::Stat))
        }
        (Type::Streaks, _) => Ok((Node::Streak(named_type(at, name)?), Type::Streak)),
        (Type::Stat, Node::Stat(of, _)) => {
            let mut fields = STAT_FIELDS.iter();
            if let Some((_, field, kind)) = fields.find(|(known, ..)| *known == name) {
                return Ok((Node::Stat(of, *field), kind.clone()));
            }
            let names = STAT_FIELDS.iter().map(|(name, ..)| *name);
            if let Some(meant) = nearest(name, names) {
                let message = format!("there is no figure `{name}`; did you mean `{meant}`?");
                return Err(Problem::new(at, message));
            }
            Ok((
                Node::Stat(longer_type(at, of, name)?, STAT_FIELDS[0].1),
                Type::Stat,
            ))
        }
        (_, Node::Streak(of)) => Ok((Node::Streak(longer_type(at, of, name)?), Type::Streak)),
        _ => Err(Problem::new(at, "this has no fields")),
    }
}

fn named_type(at: usize, name: &str) -> Result<EventType, Problem> {
    id::check_event_type("when", name).map_err(|_| {
        let message = format!("`{name}` is no event type: they are as review_submitted");
        Problem::new(at, message)
    })?;
    Ok(EventType::Named(name.to_owned()))
}

fn longer_type(at: usize, of: EventType, name: &str) -> Result<EventType, Problem> {
    match of {
        EventType::Named(start) => named_type(at, &format!("{start}.{name}")),
        EventType::OfEvent => Err(Problem::new(at, format!("there is no figure `{name}`"))),
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

fn no_function(at: usize, name: &str) -> Problem {
    let lower = name.to_ascii_lowercase();
    let mut elsewhere = CALLED_ELSEWHERE.iter();
    let meant = elsewhere
        .find(|(other, _)| *other == lower)
        .map(|(_, here)| *here)
        .or_else(|| nearest(name, FUNCTIONS.iter().map(|(name, ..)| *name)));
    let example = FUNCTIONS.iter().find(|it| Some(it.0) == meant);
    let hint = match example {
        Some((name, .., example)) => format!("; did you mean `{name}`, as {example}?"),
        None if NAMES.contains(&name) => format!("; `{name}` stands without brackets"),
        None => {
            let names: Vec<&str> = FUNCTIONS.iter().map(|(name, ..)| *name).collect();
            format!("; there are {}", names.join(", "))
        }
    };
    Problem::new(at, format!("there is no function `{name}`{hint}"))
}

/// What an operator makes of two types; `None` where it does not take them.
fn result_type(operator: Binary, a: &Type, b: &Type) -> Option<Type> {
    use Type::{Any, Bool, List, Null, Number, Span, Text, Time};
    let comparable = |kind: &Type| matches!(kind, Any | Number | Text | Time | Span | Bool);
    match operator {
        Binary::Equal | Binary::NotEqual => {
            (a.may_be(b) || *a == Null || *b == Null).then_some(Bool)
        }
        Binary::Less | Binary::AtMost | Binary::More | Binary::AtLeast => {
            (a.may_be(b) && comparable(a) && comparable(b)).then_some(Bool)
        }
        Binary::Plus => match (a, b) {
            (Number, Number | Any) | (Any, Number) => Some(Number),
            (Text, Text | Any) | (Any, Text) => Some(Text),
            (Time, Span | Any) | (Span | Any, Time) => Some(Time),
            (Span, Span) => Some(Span),
            (List(a), List(b)) => Some(Type::list(if a == b { (**a).clone() } else { Any })),
            (Any, Any | Span | List(_)) | (Span | List(_), Any) => Some(Any),
            _ => None,
        },
        Binary::Minus => match (a, b) {
            (Number, Number | Any) | (Any, Number) => Some(Number),
            (Time, Time) | (Span, Span) => Some(Span),
            (Time, Span) => Some(Time),
            (Any, Any | Time | Span) | (Time | Span, Any) => Some(Any),
            _ => None,
        },
        Binary::Times | Binary::Over | Binary::Modulo => {
            (a.may_be(&Number) && b.may_be(&Number)).then_some(Number)
        }
        Binary::In => None,
    }
}

fn pattern_of(pattern: &Expr) -> Result<regex::Regex, Problem> {
    let Kind::Text(text) = &pattern.kind else {
        let message = "`matches` takes a pattern that is written out, as 'VIP-[0-9]+'";
        return Err(Problem::new(pattern.at, message));
    };
    if text.len() > PATTERN_BYTES_MAX {
        let message = format!("a pattern may be at most {PATTERN_BYTES_MAX} bytes long");
        return Err(Problem::new(pattern.at, message));
    }
    let built = RegexBuilder::new(text)
        .size_limit(PATTERN_SIZE_MAX)
        .dfa_size_limit(PATTERN_SIZE_MAX)
        .build();
    built.map_err(|error| {
        let message = match error {
            regex::Error::CompiledTooBig(_) => {
                "this pattern is too large; repeat less, and write [0-9] and [a-zA-Z0-9_] where \
                 all letters of all languages are not needed"
                    .to_owned()
            }
            error => {
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or_default();
                let reason = reason.strip_prefix("error: ").unwrap_or(reason);
                format!("this is no pattern: {reason}")
            }
        };
        Problem::new(pattern.at, message)
    })
}
