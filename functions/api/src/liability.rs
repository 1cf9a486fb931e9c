//! `/v1/loyalty/programs/{id}/liability` and `…/journal`: what a program owes its members.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use laurel_ledger::{JournalPage, JournalRequest, Liability, MonthFigures, UnitFigures};
use laurel_rules::{Refusal, liability::Month};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    AppState,
    body::Body,
    caller::State,
    error::ApiError,
    fields::{Field, Fields, FromFields, Kind, Shape},
    path::Id,
    query::{Nothing, Query},
    routes::{Answer, Operation, Output, Routes},
};

mod shapes;

use shapes::{JOURNAL_LINE, LIABILITY, RECOUNT};

const BASE: &str = "/v1/loyalty/programs/{id}";
/// The most lines of a journal in one answer.
const LINES_MAX: i64 = 1000;
/// How many accounts one call counts again.
const RECOUNTED: usize = 100;

pub(crate) fn routes() -> Routes {
    Routes::tagged(
        "Liability",
        "What a program owes its members, for those who keep the books.",
    )
    .get(
        &format!("{BASE}/liability"),
        retrieve,
        "programs.liability",
        "Retrieve what a program owes",
    )
    .about(
        "Sums that are kept as the ledger grows, some seconds behind it; time that has passed is \
         in them at its second. Months are those of the program's time zone.",
    )
    .get(
        &format!("{BASE}/journal"),
        journal,
        "programs.journal",
        "Export the journal",
    )
    .about(
        "A line of JSON for each transaction, with the two accounts that it is booked to: by \
         account in the order in which accounts were created, then as it was written. Where there \
         may be more, the `Link` header has the address of the next part (`rel=\"next\"`), also \
         after a part without lines.",
    )
    .post(
        &format!("{BASE}/liability/recount"),
        recount,
        "programs.recount",
        "Count accounts again",
    )
    .about(
        "Counts a hundred accounts, the newest first, as the ledger has them now: for a program \
         whose expiry or time zone has changed, or whose ledger is older than its figures. Call it \
         again with `next` as `starting_after` until that is null. It may be ended and begun again \
         at will.",
    )
}

async fn retrieve(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
) -> Result<Json<LiabilityObject>, ApiError> {
    let liability = state.ledger.liability(&id).await?;
    Ok(Json(object(&liability)))
}

/// What a program owes as clients see it.
#[derive(Serialize)]
#[serde(transparent)]
struct LiabilityObject(Value);

impl Answer for LiabilityObject {
    const KIND: Kind = Kind::Object(&LIABILITY);
}

fn object(liability: &Liability) -> LiabilityObject {
    let program = &liability.program;
    let mut object = figures(&liability.points);
    object["object"] = "liability".into();
    object["program"] = program.id.as_str().into();
    object["as_of"] = liability.as_of.to_string().into();
    object["timezone"] = program.timezone_name().into();
    object["redeem_rate"] = json!(program.redeem_rate);
    object["value"] = match (&program.redeem_rate, liability.value()) {
        (Some(rate), Some(amount)) => {
            json!({"amount": number(amount), "currency": rate.currency})
        }
        _ => Value::Null,
    };
    let credit = liability.store_credit.iter().map(|(currency, credit)| {
        let mut credit = figures(credit);
        credit["currency"] = currency.as_str().into();
        credit
    });
    object["store_credit"] = credit.collect();
    LiabilityObject(object)
}

/// Sums stay far below what a JSON number carries; one that does not is shown as the most.
fn number(sum: i128) -> Value {
    let bound = i128::from(i64::MAX);
    i64::try_from(sum.clamp(-bound, bound)).unwrap_or(0).into()
}

fn figures(figures: &UnitFigures) -> Value {
    let by_expiry = figures.by_expiry.iter().map(|(month, amount)| {
        let month = month.map(|month| month.to_string());
        json!({"month": month, "amount": number(*amount)})
    });
    json!({
        "outstanding": number(figures.outstanding),
        "pending": number(figures.pending),
        "deficit": number(figures.deficit),
        "by_expiry": by_expiry.collect::<Vec<_>>(),
        "months": figures.months.iter().map(month).collect::<Vec<_>>(),
    })
}

fn month(figures: &MonthFigures) -> Value {
    let [issued, redeemed, returned, expired, reversed, adjusted] = figures.flows;
    json!({
        "month": figures.month.to_string(),
        "opening": number(figures.opening),
        "issued": number(issued),
        "redeemed": number(-redeemed),
        "returned": number(returned),
        "expired": number(-expired),
        "reversed": number(-reversed),
        "adjusted": number(adjusted),
        "closing": number(figures.closing),
    })
}

/// Which part of a journal is asked for.
struct Journal {
    month: Option<Month>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    starting_after: Option<String>,
    limit: i64,
}

impl FromFields for Journal {
    const SHAPE: Shape = Shape::of(
        "this route's query",
        &[
            Field::new(
                "month",
                Kind::Pattern(r"^[0-9]{4}-(0[1-9]|1[0-2])$"),
                "Only what is booked in this month of the program's time zone.",
            )
            .example("2026-11"),
            Field::new("from", Kind::Instant, "Only what is booked then or later."),
            Field::new("to", Kind::Instant, "Only what is booked before."),
            Field::new(
                "starting_after",
                Kind::Id,
                "A transaction or an account: the part begins after it.",
            ),
            Field::new(
                "limit",
                Kind::Whole(1, LINES_MAX),
                "How many lines at most; 1000 where absent.",
            )
            .example("1000"),
        ],
    );

    fn from_fields(fields: &mut Fields) -> Result<Journal, Refusal> {
        let month = fields.text("month")?;
        let month = month.map(|text| {
            Month::parse(&text).ok_or_else(|| {
                let message = "`month` must be a year and a month, as `2026-11`.";
                Refusal::invalid("month", message)
            })
        });
        let journal = Journal {
            month: month.transpose()?,
            from: fields.instant("from")?,
            to: fields.instant("to")?,
            starting_after: fields.id("starting_after")?,
            limit: fields.whole("limit", 1..=LINES_MAX)?.unwrap_or(LINES_MAX),
        };
        if journal.month.is_some() && (journal.from.is_some() || journal.to.is_some()) {
            let message = "Pass either `month`, or `from` and `to`.";
            return Err(Refusal::invalid("month", message));
        }
        Ok(journal)
    }
}

async fn journal(
    State(state): State<AppState>,
    Id(id): Id,
    uri: Uri,
    Query(journal): Query<Journal>,
) -> Result<Lines, ApiError> {
    let (mut from, mut to) = (journal.from, journal.to);
    if let Some(month) = journal.month {
        let zone = state.ledger.program(&id).await?.timezone;
        (from, to) = month.bounds(&zone).unzip();
    }
    let request = JournalRequest {
        program: id,
        from,
        to,
        starting_after: journal.starting_after,
        limit: usize::try_from(journal.limit).unwrap_or(1),
    };
    let page = state.ledger.journal(&request).await?;
    Ok(lines(&page, &uri))
}

/// JSON objects, one a line, and the address of the next part where there may be one.
struct Lines {
    text: String,
    next: Option<HeaderValue>,
}

impl IntoResponse for Lines {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
        let mut response = (kind, self.text).into_response();
        if let Some(next) = self.next {
            response.headers_mut().insert(header::LINK, next);
        }
        response
    }
}

impl Output for Lines {
    fn describe(operation: &mut Operation) {
        let lines = Kind::Lines(&Kind::Object(&JOURNAL_LINE));
        operation.answers.push((StatusCode::OK, Some(lines)));
    }
}

fn lines(page: &JournalPage, uri: &Uri) -> Lines {
    let mut text = String::new();
    for line in &page.lines {
        text.push_str(&shapes::line(line, &page.program).to_string());
        text.push('\n');
    }
    let next = page.next.as_ref().and_then(|next| {
        let query = uri.query().unwrap_or_default().split('&');
        let kept = query.filter(|pair| !pair.is_empty() && !pair.starts_with("starting_after="));
        let cursor = format!(
            "starting_after={}",
            utf8_percent_encode(next, NON_ALPHANUMERIC)
        );
        let query: Vec<&str> = kept.chain([cursor.as_str()]).collect();
        let link = format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"));
        HeaderValue::from_str(&link).ok()
    });
    Lines { text, next }
}

/// What is to be counted again.
struct Recount {
    starting_after: Option<String>,
}

impl FromFields for Recount {
    const SHAPE: Shape = Shape::of(
        "a recount",
        &[Field::new(
            "starting_after",
            Kind::Id,
            "The account to go on after: `next` of the answer before.",
        )],
    );

    fn from_fields(fields: &mut Fields) -> Result<Recount, Refusal> {
        Ok(Recount {
            starting_after: fields.id("starting_after")?,
        })
    }
}

/// What came of a recount.
#[derive(Serialize)]
struct RecountObject {
    object: &'static str,
    program: String,
    accounts: u64,
    corrected: u64,
    next: Option<String>,
}

impl Answer for RecountObject {
    const KIND: Kind = Kind::Object(&RECOUNT);
}

async fn recount(
    State(state): State<AppState>,
    Id(id): Id,
    Query(Nothing): Query<Nothing>,
    Body(recount): Body<Recount>,
) -> Result<Json<RecountObject>, ApiError> {
    let after = recount.starting_after;
    let (recounted, next) = state.ledger.recount(&id, after, RECOUNTED).await?;
    Ok(Json(RecountObject {
        object: "liability_recount",
        program: id,
        accounts: recounted.accounts,
        corrected: recounted.corrected,
        next,
    }))
}
