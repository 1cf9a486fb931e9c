//! What objects look like: the fields that a request may have, and those that an answer has.
//!
//! A [`Shape`] is written once and used twice: [`crate::fields::Fields`] refuses what is not in it
//! (and asserts, where debug assertions are on, that each field is read as the kind that is
//! declared here), and [`crate::openapi`] makes the schema of it.

/// What an object may be asked to be, or is.
#[derive(Debug, PartialEq)]
pub(crate) struct Shape {
    /// What it is. For requests a phrase for messages, as "a new account"; for answers the name
    /// of its schema, as "Account".
    pub(crate) object: &'static str,
    fields: &'static [Field],
    /// Fields that several shapes share.
    shared: &'static [Field],
    /// Fields that it has but that are not for callers to set.
    pub(crate) read_only: &'static [&'static str],
    /// Other spellings of fields, each before the name that it stands for; the reference leaves
    /// them out.
    pub(crate) aliases: &'static [(&'static str, &'static str)],
    /// What fields of other names are, where there may be any.
    pub(crate) others: Option<&'static Kind>,
    /// The fields of which at least one must be there; none for no such demand.
    pub(crate) any_of: &'static [&'static str],
    /// Whether it is an answer: all of its fields are there unless they say otherwise.
    pub(crate) is_answer: bool,
}

impl Shape {
    /// A request, or a part of one.
    pub(crate) const fn of(object: &'static str, fields: &'static [Field]) -> Shape {
        Shape {
            object,
            fields,
            shared: &[],
            read_only: &[],
            aliases: &[],
            others: None,
            any_of: &[],
            is_answer: false,
        }
    }

    /// An answer, or a part of one.
    pub(crate) const fn answer(name: &'static str, fields: &'static [Field]) -> Shape {
        Shape {
            is_answer: true,
            ..Shape::of(name, fields)
        }
    }

    /// The same with these fields, too.
    pub(crate) const fn and(self, shared: &'static [Field]) -> Shape {
        Shape { shared, ..self }
    }

    pub(crate) const fn read_only(self, read_only: &'static [&'static str]) -> Shape {
        Shape { read_only, ..self }
    }

    /// The same with other spellings, each before the name that it stands for.
    pub(crate) const fn aliases(self, aliases: &'static [(&'static str, &'static str)]) -> Shape {
        Shape { aliases, ..self }
    }

    /// The same with fields of any other name, all of this kind.
    pub(crate) const fn others(self, kind: &'static Kind) -> Shape {
        Shape {
            others: Some(kind),
            ..self
        }
    }

    /// The same where at least one of these fields must be there.
    pub(crate) const fn any_of(self, any_of: &'static [&'static str]) -> Shape {
        Shape { any_of, ..self }
    }

    /// All fields.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'static Field> + use<> {
        self.fields.iter().chain(self.shared)
    }

    /// The field of this name.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields().find(|field| field.name == name)
    }
}

/// One field.
#[derive(Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// What it means, in a sentence or two.
    pub(crate) about: &'static str,
    /// An example, as JSON; a text that is not JSON stands for itself.
    pub(crate) example: Option<&'static str>,
    /// In a request: whether it must be there.
    pub(crate) is_required: bool,
    /// Whether it may be null.
    pub(crate) is_nullable: bool,
    /// In an answer: whether it may be absent.
    pub(crate) is_optional: bool,
}

impl Field {
    pub(crate) const fn new(name: &'static str, kind: Kind, about: &'static str) -> Field {
        Field {
            name,
            kind,
            about,
            example: None,
            is_required: false,
            is_nullable: false,
            is_optional: false,
        }
    }

    pub(crate) const fn example(self, example: &'static str) -> Field {
        Field {
            example: Some(example),
            ..self
        }
    }

    /// The same, which a request must have.
    pub(crate) const fn required(self) -> Field {
        Field {
            is_required: true,
            ..self
        }
    }

    /// The same, which may be null.
    pub(crate) const fn nullable(self) -> Field {
        Field {
            is_nullable: true,
            ..self
        }
    }

    /// The same, which may not be null.
    pub(crate) const fn set(self) -> Field {
        Field {
            is_nullable: false,
            ..self
        }
    }

    /// The same, which an answer does not always have.
    pub(crate) const fn optional(self) -> Field {
        Field {
            is_optional: true,
            ..self
        }
    }
}

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// An id, as `laurel_rules::id::check` takes it.
    Id,
    /// An id that starts so, and its greatest length.
    Prefixed(&'static str, usize),
    /// An event type.
    EventType,
    /// An email address.
    Email,
    /// One line of text, with a format that a schema can name, or "".
    Text(&'static str),
    /// Text that a regular expression describes.
    Pattern(&'static str),
    /// Any text, as answers have it.
    AnyText,
    /// A program in a language of its own, so many bytes at the most, which may have several lines.
    Source(usize),
    /// This very text.
    Constant(&'static str),
    /// True or false.
    Boolean,
    /// A whole number between these two, inclusive.
    Whole(i64, i64),
    /// A decimal factor.
    Factor,
    /// Any number, as statistics have them.
    Real,
    /// A moment.
    Instant,
    /// One of these words; see [`words`].
    Choice(&'static [&'static str]),
    /// A list of 1 to 100 names.
    Names,
    /// Keys and values of the operator's own.
    Metadata,
    /// An object of this shape.
    Object(&'static Shape),
    /// An object of one of these shapes.
    OneOf(&'static [&'static Shape]),
    /// Any of these kinds.
    AnyOf(&'static [Kind]),
    /// Decimal factors by ISO 4217 code.
    Rates,
    /// So many values of this kind, from the first count to the second.
    List(&'static Kind, usize, usize),
    /// One page of a list.
    Page(&'static Kind),
    /// Values of this kind, each as a line of JSON.
    Lines(&'static Kind),
    /// Any object.
    AnyObject,
    /// Any object, whose values have types: a form writes it as JSON text.
    AnyJson,
}

impl Kind {
    /// Whether it has parts of its own, which a form writes in brackets.
    pub(crate) fn is_deep(self) -> bool {
        matches!(
            self,
            Kind::Names
                | Kind::Metadata
                | Kind::Rates
                | Kind::Object(_)
                | Kind::OneOf(_)
                | Kind::AnyOf(_)
                | Kind::List(..)
                | Kind::AnyObject
        )
    }
}

/// Any whole number that JSON carries exactly.
pub(crate) const NUMBER: Kind = Kind::Whole(-9_007_199_254_740_991, 9_007_199_254_740_991);

/// The words of a choice, for [`Kind::Choice`]: `Kind::Choice(&words(&STATUSES))`.
pub(crate) const fn words<T: Copy, const N: usize>(
    choices: &[(&'static str, T); N],
) -> [&'static str; N] {
    let mut words = [""; N];
    let mut place = 0;
    while place < N {
        words[place] = choices[place].0;
        place += 1;
    }
    words
}
