//! Which types operators take, and what they make of them.

use crate::{syntax::Binary, types::Type};

/// What an operator makes of two types; `None` where it does not take them.
pub(super) fn result_type(operator: Binary, a: &Type, b: &Type) -> Option<Type> {
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
