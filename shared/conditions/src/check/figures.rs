//! What fields of `member.stats` and `member.streak` mean.

use laurel_rules::id;

use super::Checked;
use crate::{
    node::{EventType, Node},
    problem::{Problem, nearest},
    types::{STAT_FIELDS, Type},
};

/// A field of `member.stats`, of `member.streak`, or of what they hold: an event type may have dots.
pub(super) fn figure(at: usize, node: Node, kind: &Type, name: &str) -> Checked {
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

pub(super) fn named_type(at: usize, name: &str) -> Result<EventType, Problem> {
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
