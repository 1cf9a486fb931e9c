//! A condition as it is written, before anything is known of what its names mean.

use rust_decimal::Decimal;

/// A part of a condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expr {
    /// Where it is told to be in messages, in bytes: an operator's own place.
    pub(crate) at: usize,
    /// How many parts lie in one another, from here on.
    pub(crate) depth: usize,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    Name(String),
    List(Vec<Expr>),
    Field(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    Call(Option<Box<Expr>>, String, Vec<Expr>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// `&&` between all of them.
    All(Vec<Expr>),
    /// `||` between all of them.
    Any(Vec<Expr>),
    /// `a ? b : c`
    Choice(Box<[Expr; 3]>),
}

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
    In,
    Plus,
    Minus,
    Times,
    Over,
    Modulo,
}

impl Binary {
    /// The operator that a sign or a word is, and how tightly it binds.
    pub(crate) fn of(sign: &str) -> Option<(Binary, u8)> {
        Some(match sign {
            "==" => (Binary::Equal, 1),
            "!=" => (Binary::NotEqual, 1),
            "<" => (Binary::Less, 1),
            "<=" => (Binary::AtMost, 1),
            ">" => (Binary::More, 1),
            ">=" => (Binary::AtLeast, 1),
            "in" => (Binary::In, 1),
            "+" => (Binary::Plus, 2),
            "-" => (Binary::Minus, 2),
            "*" => (Binary::Times, 3),
            "/" => (Binary::Over, 3),
            "%" => (Binary::Modulo, 3),
            _ => return None,
        })
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Binary::Equal => "==",
            Binary::NotEqual => "!=",
            Binary::Less => "<",
            Binary::AtMost => "<=",
            Binary::More => ">",
            Binary::AtLeast => ">=",
            Binary::In => "in",
            Binary::Plus => "+",
            Binary::Minus => "-",
            Binary::Times => "*",
            Binary::Over => "/",
            Binary::Modulo => "%",
        }
    }
}
