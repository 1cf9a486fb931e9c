//! What calls of functions mean.

use regex::{Regex, RegexBuilder};

use super::{Checked, Checker, NAMES};
use crate::{
    functions::{CALLED_ELSEWHERE, Conversion, DatePart, FUNCTIONS, Form, Function},
    node::{Macro, Node},
    problem::{Problem, nearest},
    syntax::{Expr, Kind},
    time,
    types::Type,
};

/// How deep macros may lie in one another: their costs multiply.
const MACROS_DEPTH_MAX: usize = 2;
/// The longest pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 200;
/// The most memory that one pattern may compile to, in bytes: with the length of the text it
/// bounds the time of a match.
const PATTERN_SIZE_MAX: usize = 48 * 1024;

impl Checker {
    pub(super) fn call(
        &mut self,
        at: usize,
        target: Option<&Expr>,
        name: &str,
        args: &[Expr],
    ) -> Checked {
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

fn pattern_of(pattern: &Expr) -> Result<Regex, Problem> {
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
