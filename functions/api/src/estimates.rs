//! `/v1/loyalty/estimate`: what an event would give, and why; nothing is written.

use axum::Json;
use laurel_events::from_api;
use laurel_ledger::KeyKind;
use laurel_rules::{Code, Event, Refusal, event::ACCOUNT_CREATED, event::MemberRef};
use serde_json::{Map, Value};

use crate::{
    AppState,
    accounts::PROGRAM,
    body::Body,
    caller::{Caller, State},
    error::{self, ApiError},
    events::type_figures,
    fields::{Field, Fields, FromFields, Kind, Shape},
    query::{Nothing, Query},
    routes::Routes,
    transactions::ACCOUNT,
};

mod answer;

use answer::EstimateObject;

pub(crate) const PATH: &str = "/v1/loyalty/estimate";

pub(crate) fn routes() -> Routes {
    Routes::tagged(
        "Estimates",
        "What an event would give: \"you will earn 84 points\", with the trace of each rule or \
         the reason why it gives nothing.",
    )
    .post(PATH, estimate, "estimate.create", "Estimate an event")
    .about(
        "It is decided as the event would be if it came now, and writes nothing. Without a member \
         it is for somebody whom the event makes one; the welcome bonus is not in it. A \
         publishable key may ask for a visitor, or for the member whose token it shows; it learns \
         of the rules that give something.",
    )
    .refuses(&[
        Code::ResourceMissing,
        Code::AccountClosed,
        Code::OccurredInFuture,
    ])
}

const EVENT: Shape = Shape::of(
    "an event to estimate",
    &[
        Field::new("type", Kind::EventType, "What would happen.")
            .example("payment.completed")
            .required(),
        Field::new("id", Kind::Id, "Its id; it is not looked at.").nullable(),
        Field::new(
            "occurred_at",
            Kind::Instant,
            "When it would have happened; now where absent. At most 5 minutes ahead.",
        )
        .nullable(),
        PROGRAM.nullable(),
        Field::new(
            "data",
            Kind::AnyObject,
            "What describes it, as in `POST /v1/events`; no `id` is needed.",
        )
        .example("{\"amount\": 4200, \"currency\": \"EUR\"}")
        .nullable(),
    ],
);

/// What a caller asks for.
struct Question {
    account: Option<String>,
    program: Option<String>,
    event: Map<String, Value>,
}

impl FromFields for Question {
    const SHAPE: Shape = Shape::of(
        "an estimate",
        &[
            Field {
                about: "The account of the member; the one that the event names where absent.",
                ..ACCOUNT
            }
            .nullable(),
            Field {
                about: "The program; that of the account, else `prog_default`, where absent.",
                ..PROGRAM
            }
            .nullable(),
            Field::new("event", Kind::Object(&EVENT), "The event.").required(),
        ],
    );

    fn from_fields(fields: &mut Fields) -> Result<Question, Refusal> {
        let account = fields.nullable("account", Fields::id)?.flatten();
        let program = fields.nullable("program", Fields::id)?.flatten();
        let is_form = fields.is_form();
        let mut event = fields.required("event", Fields::map)?;
        if is_form {
            type_figures(&mut event);
        }
        Ok(Question {
            account,
            program,
            event,
        })
    }
}

/// What stands for the id of an event that has none.
const NAMELESS: &str = "estimate";

async fn estimate(
    State(state): State<AppState>,
    caller: Caller,
    Query(Nothing): Query<Nothing>,
    Body(question): Body<Question>,
) -> Result<Json<EstimateObject>, ApiError> {
    let is_page = caller.kind == KeyKind::Publishable;
    let account = match is_page {
        true => own_account(&state, &caller, question.account).await?,
        false => question.account,
    };
    let mut event = question.event;
    event.entry("data").or_insert(Value::Null);
    if event["data"].is_null() {
        event["data"] = Value::Object(Map::new());
    }
    let mut incoming = from_api(Value::Object(event)).map_err(|it| it.within("event"))?;
    let data = &mut incoming.data;
    if data.get("id").is_none_or(Value::is_null) {
        data.insert("id".to_owned(), NAMELESS.into());
    }
    incoming.id.get_or_insert_with(|| NAMELESS.to_owned());
    let told = data.get("program").is_some_and(|told| !told.is_null());
    match (question.program, &incoming.program) {
        (Some(asked), Some(named)) if asked != *named => {
            let message = "`event.program` differs from `program`; give one of them.";
            return Err(Refusal::invalid("event.program", message).into());
        }
        (Some(asked), _) => incoming.program = Some(asked),
        (None, Some(_)) => {}
        (None, None) if told => {}
        (None, None) => {
            if let Some(account) = &account {
                incoming.program = Some(state.ledger.program_of(account).await?);
            }
        }
    }
    let parsed = laurel_events::parse(incoming, state.ledger.now());
    let mut event = parsed.map_err(|refusal| refusal.within("event"))?;
    name_member(&mut event, account.as_deref(), is_page);
    let estimate = state.ledger.estimate(&event, account.as_deref()).await;
    let estimate = estimate.map_err(|error| within_event(error::refusal_of(&error)))?;
    Ok(Json(EstimateObject::of(&event, estimate, is_page)))
}

/// The account that a page may ask about: that of the token that it shows, or the one that this was
/// merged into; nobody's where it shows none.
async fn own_account(
    state: &AppState,
    caller: &Caller,
    asked: Option<String>,
) -> Result<Option<String>, ApiError> {
    let Some(member) = caller.member() else {
        return match asked {
            None => Ok(None),
            Some(_) => Err(crate::member_tokens::not_shown().into()),
        };
    };
    if let Some(asked) = asked {
        crate::member_tokens::view(&state.ledger, member, &asked).await?;
    }
    Ok(Some(member.to_owned()))
}

/// Sets whom the event is about. A page must learn nothing of anybody by naming them; nor is there
/// anybody yet whom a welcome is for.
fn name_member(event: &mut Event, account: Option<&str>, is_page: bool) {
    if let Some(account) = account {
        event.member = MemberRef {
            accounts: vec![account.to_owned()],
            ..MemberRef::default()
        };
    } else if is_page || event.trigger == ACCOUNT_CREATED {
        event.member = MemberRef::default();
    }
}

/// What is wrong with the event stands in `event`; account and program stand beside it.
fn within_event(refusal: Refusal) -> ApiError {
    let is_beside = match refusal.param.as_deref() {
        None | Some("account" | "program") => true,
        Some(_) => false,
    };
    ApiError::from(if is_beside {
        refusal
    } else {
        refusal.within("event")
    })
}
