//! A condition made ready: its names are looked up, its constants read, its patterns compiled.

use jiff::{SignedDuration, Timestamp};
use regex::Regex;
use rust_decimal::Decimal;

use crate::{
    functions::{Conversion, DatePart, TextTest},
    syntax::Binary,
};

/// A part of a condition that can be evaluated.
#[derive(Debug)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    Time(Timestamp),
    Span(SignedDuration),
    List(Vec<Node>),
    /// What a fact that is always called the same is now.
    Fact(Fact),
    /// What is kept of the member's events of one type.
    Stat(EventType, StatField),
    /// How many days in a row the member has had such events.
    Streak(EventType),
    /// A key of the event's metadata.
    Key(String),
    /// What a macro's variable stands for: the place of its value.
    Local(usize),
    /// A field, by name.
    Field(Box<Node>, String),
    Index(Box<Node>, Box<Node>),
    /// Whether there is such a thing.
    Has(Box<Node>),
    Not(Box<Node>),
    Negative(Box<Node>),
    Binary(Binary, Box<Node>, Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Choice(Box<[Node; 3]>),
    /// Whether the member is in the segment of this name, of which no other need be looked at.
    InSegment(Box<Node>),
    Size(Box<Node>),
    Convert(Conversion, Box<Node>),
    Lower(Box<Node>),
    Upper(Box<Node>),
    Test(TextTest, Box<Node>, Box<Node>),
    Matches(Box<Node>, Regex),
    /// A part of a date, by the clocks of a time zone, or of a span of time.
    Part(DatePart, Box<Node>, Option<Box<Node>>),
    /// A macro over a list: the list, and what is asked or made of each of its members.
    Each(Macro, Box<Node>, Box<Node>),
}

/// A fact of the event, the member or the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fact {
    Now,
    EventType,
    EventId,
    EventAmount,
    EventCurrency,
    EventMetadata,
    EventLineItems,
    EventOccurredAt,
    EventData,
    MemberId,
    MemberTier,
    MemberBalance,
    MemberLifetimePoints,
    MemberMetadata,
    MemberCreatedAt,
    MemberSegments,
    ProgramId,
    ProgramName,
    ProgramCurrency,
    ProgramTimezone,
    ProgramMetadata,
}

/// Which events a figure is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventType {
    /// Those of this type.
    Named(String),
    /// Those of the type of the event at hand.
    OfEvent,
}

/// What is kept of events of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatField {
    Count,
    Sum,
    FirstAt,
    LastAt,
    Days,
}

/// What asks or makes something of each member of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Macro {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}
