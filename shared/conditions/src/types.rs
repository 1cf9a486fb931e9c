//! What is known of a part of a condition before there is an event.

use std::fmt;

use crate::node::{Fact, StatField};

/// The type of a value, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// Whatever the event says.
    Any,
    Null,
    Bool,
    Number,
    Text,
    Time,
    Span,
    List(Box<Type>),
    /// Values of any type by name.
    Map,
    /// Texts by name.
    Texts,
    LineItem,
    // What follows is no value: it has fields, and only they are values.
    Event,
    Member,
    Program,
    Stats,
    Stat,
    Streaks,
    /// The length of a streak: a number, or the beginning of an event type that has dots.
    Streak,
}

impl Type {
    pub(crate) fn list(of: Type) -> Type {
        Type::List(Box::new(of))
    }

    /// Whether a value of this type could be one of the other.
    pub(crate) fn may_be(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Any, _) | (_, Type::Any) => true,
            (Type::List(a), Type::List(b)) => a.may_be(b),
            (Type::Map, Type::Texts) | (Type::Texts, Type::Map) => true,
            (a, b) => a == b,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Any => "anything",
            Type::Null => "null",
            Type::Bool => "true or false",
            Type::Number | Type::Streak => "a number",
            Type::Text => "a text",
            Type::Time => "a time",
            Type::Span => "a span of time",
            Type::List(_) => "a list",
            Type::Map | Type::Texts => "keys with values",
            Type::LineItem => "a line item",
            Type::Event
            | Type::Member
            | Type::Program
            | Type::Stats
            | Type::Stat
            | Type::Streaks => "an object",
        })
    }
}

/// The fields of `event`.
pub(crate) fn event_fields() -> [(&'static str, Fact, Type); 8] {
    [
        ("type", Fact::EventType, Type::Text),
        ("id", Fact::EventId, Type::Text),
        ("amount", Fact::EventAmount, Type::Number),
        ("currency", Fact::EventCurrency, Type::Text),
        ("metadata", Fact::EventMetadata, Type::Map),
        (
            "line_items",
            Fact::EventLineItems,
            Type::list(Type::LineItem),
        ),
        ("occurred_at", Fact::EventOccurredAt, Type::Time),
        ("data", Fact::EventData, Type::Map),
    ]
}

/// The fields of `member`, beside `stats` and `streak`.
pub(crate) fn member_fields() -> [(&'static str, Fact, Type); 7] {
    [
        ("id", Fact::MemberId, Type::Text),
        ("tier", Fact::MemberTier, Type::Text),
        ("balance", Fact::MemberBalance, Type::Number),
        ("lifetime_points", Fact::MemberLifetimePoints, Type::Number),
        ("metadata", Fact::MemberMetadata, Type::Texts),
        ("created_at", Fact::MemberCreatedAt, Type::Time),
        ("segments", Fact::MemberSegments, Type::list(Type::Text)),
    ]
}

/// The fields of `program`.
pub(crate) fn program_fields() -> [(&'static str, Fact, Type); 5] {
    [
        ("id", Fact::ProgramId, Type::Text),
        ("name", Fact::ProgramName, Type::Text),
        ("currency", Fact::ProgramCurrency, Type::Text),
        ("timezone", Fact::ProgramTimezone, Type::Text),
        ("metadata", Fact::ProgramMetadata, Type::Texts),
    ]
}

/// The fields of a line item.
pub(crate) const LINE_ITEM_FIELDS: [(&str, Type); 4] = [
    ("product", Type::Text),
    ("category", Type::Text),
    ("quantity", Type::Number),
    ("amount", Type::Number),
];

/// What is kept of events of one type.
pub(crate) const STAT_FIELDS: [(&str, StatField, Type); 5] = [
    ("count", StatField::Count, Type::Number),
    ("sum", StatField::Sum, Type::Number),
    ("first_at", StatField::FirstAt, Type::Time),
    ("last_at", StatField::LastAt, Type::Time),
    ("days", StatField::Days, Type::Number),
];
