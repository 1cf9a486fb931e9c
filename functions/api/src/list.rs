//! Lists, as Stripe answers them.

use axum::{Json, http::Uri};
use laurel_ledger::{Listing, Page, PageRequest, TimeRange};
use laurel_rules::Refusal;
use serde::Serialize;

use crate::{
    accounts::{PROGRAM, program},
    fields::{Field, Fields, FromFields, Kind, Shape},
};

/// One page of a list.
#[derive(Debug, Serialize)]
pub(crate) struct List<T> {
    object: &'static str,
    data: Vec<T>,
    has_more: bool,
    url: String,
}

impl<T> List<T> {
    /// A page, each of its members in its JSON form. The `url` is the path as it was called.
    pub(crate) fn of<S>(page: Page<S>, uri: &Uri, form: impl Fn(S) -> T) -> Json<List<T>> {
        Json(List {
            object: "list",
            data: page.data.into_iter().map(form).collect(),
            has_more: page.has_more,
            url: uri.path().to_owned(),
        })
    }

    /// All there is, on one page.
    pub(crate) fn whole(data: Vec<T>, uri: &Uri) -> Json<List<T>> {
        List::of(
            Page {
                data,
                has_more: false,
            },
            uri,
            |member| member,
        )
    }
}

/// The query parameters that every list takes.
pub(crate) const PAGE_FIELDS: [Field; 3] = [
    Field::new(
        "limit",
        Kind::Whole(1, LIMIT_MAX),
        "How many at most; 20 where absent.",
    )
    .example("20"),
    Field::new(
        "starting_after",
        Kind::Id,
        "An id: the page begins after it.",
    ),
    Field::new("ending_before", Kind::Id, "An id: the page ends before it."),
];

/// The query parameter of lists that go by the time of creation.
pub(crate) const CREATED_THEN: Field = Field::new(
    "created",
    Kind::Object(&TIME_RANGE),
    "Only those created then.",
);

const TIME_RANGE: Shape = Shape::of(
    "a range of times",
    &[
        Field::new("gt", Kind::Instant, "After."),
        Field::new("gte", Kind::Instant, "At or after."),
        Field::new("lt", Kind::Instant, "Before."),
        Field::new("lte", Kind::Instant, "At or before."),
    ],
);

/// The query of a list of a program's objects that takes no other filters.
impl FromFields for Listing {
    const SHAPE: Shape =
        Shape::of("a list of a program's", &[PROGRAM, CREATED_THEN]).and(&PAGE_FIELDS);

    fn from_fields(fields: &mut Fields) -> Result<Listing, Refusal> {
        Ok(Listing {
            program: program(fields)?,
            created: created(fields)?,
            page: page(fields)?,
        })
    }
}

/// Reads `created[gte]=…` and the like.
///
/// # Errors
/// `parameter_invalid`, `parameter_unknown`.
pub(crate) fn created(fields: &mut Fields) -> Result<TimeRange, Refusal> {
    let Some(mut range) = fields.object("created", &TIME_RANGE)? else {
        return Ok(TimeRange::default());
    };
    Ok(TimeRange {
        gt: range.instant("gt")?,
        gte: range.instant("gte")?,
        lt: range.instant("lt")?,
        lte: range.instant("lte")?,
    })
}

const LIMIT_DEFAULT: i64 = 20;
const LIMIT_MAX: i64 = 100;

/// Reads which page is asked for.
///
/// # Errors
/// `parameter_invalid`.
pub(crate) fn page(fields: &mut Fields) -> Result<PageRequest, Refusal> {
    let limit = fields
        .whole("limit", 1..=LIMIT_MAX)?
        .unwrap_or(LIMIT_DEFAULT);
    let page = PageRequest {
        limit: usize::try_from(limit).unwrap_or(1),
        starting_after: fields.id("starting_after")?,
        ending_before: fields.id("ending_before")?,
    };
    if page.starting_after.is_some() && page.ending_before.is_some() {
        let message = "Pass either `starting_after` or `ending_before`, not both.";
        return Err(Refusal::invalid("ending_before", message));
    }
    Ok(page)
}
