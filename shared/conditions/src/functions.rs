//! The functions of conditions: those of CEL that a condition has a use for.

use crate::node::Macro;

/// What a text is asked about another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

/// What a value is made to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conversion {
    /// A whole number: the digits of a text, a number without its fraction, seconds since 1970.
    Int,
    /// A number: the digits of a text.
    Double,
    Text,
    Bool,
    Timestamp,
    Duration,
}

/// A part of a date, or of a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatePart {
    FullYear,
    Month,
    Date,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// A function, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Has,
    Size,
    Convert(Conversion),
    Lower,
    Upper,
    Test(TextTest),
    Matches,
    Part(DatePart),
    Each(Macro),
}

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `size(x)`
    Global,
    /// `x.contains(y)`
    Member,
    /// Either way.
    Both,
}

/// All functions, with an example of how each is called.
pub(crate) const FUNCTIONS: [(&str, Function, Form, &str); 30] = [
    (
        "has",
        Function::Has,
        Form::Global,
        "has(event.metadata.rating)",
    ),
    ("size", Function::Size, Form::Both, "size(event.line_items)"),
    (
        "int",
        Function::Convert(Conversion::Int),
        Form::Global,
        "int(member.metadata.age)",
    ),
    (
        "double",
        Function::Convert(Conversion::Double),
        Form::Global,
        "double(member.metadata.score)",
    ),
    (
        "string",
        Function::Convert(Conversion::Text),
        Form::Global,
        "string(rating)",
    ),
    (
        "bool",
        Function::Convert(Conversion::Bool),
        Form::Global,
        "bool(member.metadata.staff)",
    ),
    (
        "timestamp",
        Function::Convert(Conversion::Timestamp),
        Form::Global,
        "timestamp('2026-01-01T00:00:00Z')",
    ),
    (
        "duration",
        Function::Convert(Conversion::Duration),
        Form::Global,
        "duration('30d')",
    ),
    (
        "lowerAscii",
        Function::Lower,
        Form::Member,
        "coupon.lowerAscii()",
    ),
    (
        "upperAscii",
        Function::Upper,
        Form::Member,
        "coupon.upperAscii()",
    ),
    (
        "contains",
        Function::Test(TextTest::Contains),
        Form::Member,
        "text.contains('great')",
    ),
    (
        "startsWith",
        Function::Test(TextTest::StartsWith),
        Form::Member,
        "coupon.startsWith('VIP')",
    ),
    (
        "endsWith",
        Function::Test(TextTest::EndsWith),
        Form::Member,
        "email.endsWith('.edu')",
    ),
    (
        "matches",
        Function::Matches,
        Form::Both,
        "coupon.matches('^VIP-[0-9]+$')",
    ),
    (
        "getFullYear",
        Function::Part(DatePart::FullYear),
        Form::Member,
        "now.getFullYear()",
    ),
    (
        "getMonth",
        Function::Part(DatePart::Month),
        Form::Member,
        "now.getMonth()",
    ),
    (
        "getDate",
        Function::Part(DatePart::Date),
        Form::Member,
        "now.getDate()",
    ),
    (
        "getDayOfMonth",
        Function::Part(DatePart::DayOfMonth),
        Form::Member,
        "now.getDayOfMonth()",
    ),
    (
        "getDayOfWeek",
        Function::Part(DatePart::DayOfWeek),
        Form::Member,
        "now.getDayOfWeek(program.timezone)",
    ),
    (
        "getDayOfYear",
        Function::Part(DatePart::DayOfYear),
        Form::Member,
        "now.getDayOfYear()",
    ),
    (
        "getHours",
        Function::Part(DatePart::Hours),
        Form::Member,
        "now.getHours(program.timezone)",
    ),
    (
        "getMinutes",
        Function::Part(DatePart::Minutes),
        Form::Member,
        "now.getMinutes()",
    ),
    (
        "getSeconds",
        Function::Part(DatePart::Seconds),
        Form::Member,
        "now.getSeconds()",
    ),
    (
        "getMilliseconds",
        Function::Part(DatePart::Milliseconds),
        Form::Member,
        "now.getMilliseconds()",
    ),
    (
        "all",
        Function::Each(Macro::All),
        Form::Member,
        "event.line_items.all(i, i.amount > 0)",
    ),
    (
        "exists",
        Function::Each(Macro::Exists),
        Form::Member,
        "event.line_items.exists(i, i.category == 'books')",
    ),
    (
        "exists_one",
        Function::Each(Macro::ExistsOne),
        Form::Member,
        "event.line_items.exists_one(i, i.quantity > 1)",
    ),
    (
        "existsOne",
        Function::Each(Macro::ExistsOne),
        Form::Member,
        "event.line_items.existsOne(i, i.quantity > 1)",
    ),
    (
        "filter",
        Function::Each(Macro::Filter),
        Form::Member,
        "event.line_items.filter(i, i.amount > 0)",
    ),
    (
        "map",
        Function::Each(Macro::Map),
        Form::Member,
        "event.line_items.map(i, i.category)",
    ),
];

/// What functions of other languages are called here.
pub(crate) const CALLED_ELSEWHERE: [(&str, &str); 17] = [
    ("any", "exists"),
    ("some", "exists"),
    ("every", "all"),
    ("count", "size"),
    ("len", "size"),
    ("length", "size"),
    ("lower", "lowerAscii"),
    ("tolower", "lowerAscii"),
    ("tolowercase", "lowerAscii"),
    ("upper", "upperAscii"),
    ("touppercase", "upperAscii"),
    ("includes", "contains"),
    ("test", "matches"),
    ("regex", "matches"),
    ("float", "double"),
    ("number", "double"),
    ("date", "timestamp"),
];
