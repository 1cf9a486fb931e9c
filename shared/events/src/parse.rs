//! From what came in to an event that may be decided: every check of its data.

use iso_currency::Currency;
use jiff::Timestamp;
use laurel_rules::{
    Code, Event, Refusal,
    event::{
        ACCOUNT_CREATED, CUSTOMER_CREATED, CUSTOMER_DELETED, CUSTOMER_UPDATED, Intent, LineItem,
        MemberRef, PAYMENT_DISPUTED, PAYMENT_FAILED, PAYMENT_REFUNDED, POINTS_EARNED,
        REFERRAL_ATTRIBUTED, TIER_CHANGED, is_payment,
    },
    id,
};
use serde_json::{Map, Value};

use crate::{Incoming, digest::digest_and_size, fields::Fields};

/// The most line items that one event may have.
const LINE_ITEMS_MAX: usize = 500;
/// The most bytes that an event's data may have: what EventBridge carries.
const DATA_BYTES_MAX: usize = 256 * 1024;

/// Checks an event and gives it the form that is decided on. `now` stands in where nobody says
/// when it happened.
///
/// # Errors
/// A refusal whose `param` is relative to the event, as `data.line_items[2].amount`.
pub fn parse(incoming: Incoming, now: Timestamp) -> Result<Event, Refusal> {
    id::check_event_type("type", &incoming.event_type)?;
    let data = Fields::new(&incoming.data, "data");
    let trigger = incoming.event_type.as_str();
    if !incoming.own && [POINTS_EARNED, TIER_CHANGED].contains(&trigger) {
        let message = format!(
            "`{trigger}` is what Laurel tells, and what rules hear from Laurel alone; it cannot be \
             sent."
        );
        return Err(Refusal::invalid("type", message));
    }
    let occurred_at = occurred_at(&incoming, data)?;
    let mut event = Event {
        trigger: trigger.to_owned(),
        source_id: source_id(&incoming, data)?,
        program: program(&incoming, data)?,
        occurred_at: laurel_rules::time::truncate(occurred_at.unwrap_or(now)),
        is_dated: occurred_at.is_some(),
        member: MemberRef::default(),
        amount: None,
        currency: None,
        line_items: Vec::new(),
        data: Map::new(),
        content: String::new(),
        intent: Intent::Ignore,
    };
    if incoming.is_own_news() {
        return Ok(event);
    }
    if trigger == ACCOUNT_CREATED {
        // The bonus depends on nothing but the account, whoever reports it and with whatever
        // fields; so the fields are neither kept nor compared.
        event.member.accounts.push(event.source_id.clone());
        event.intent = Intent::Earn;
        return Ok(event);
    }
    if trigger == REFERRAL_ATTRIBUTED {
        // What both sides may get depends on nothing but the referral.
        event.intent = Intent::Earn;
        return Ok(event);
    }
    let (content, size_bytes) = digest_and_size(&incoming.data);
    if size_bytes > DATA_BYTES_MAX {
        let message = format!("`data` must have at most {DATA_BYTES_MAX} bytes.");
        return Err(Refusal::new(Code::BodyTooLarge, message).at("data"));
    }
    event.content = content;
    event.intent = intent(trigger, data)?;
    event.member = member(trigger, data)?;
    (event.amount, event.currency) = money(trigger, data)?;
    if event.intent == Intent::Earn {
        event.line_items = line_items(data)?;
    }
    event.data = incoming.data;
    Ok(event)
}

/// The object behind the event. A custom behaviour may be nothing beyond the event itself.
fn source_id(incoming: &Incoming, data: Fields<'_>) -> Result<String, Refusal> {
    let trigger = incoming.event_type.as_str();
    let stands_for_an_object = is_payment(trigger)
        || [
            PAYMENT_FAILED,
            PAYMENT_REFUNDED,
            PAYMENT_DISPUTED,
            ACCOUNT_CREATED,
            REFERRAL_ATTRIBUTED,
            CUSTOMER_CREATED,
            CUSTOMER_DELETED,
        ]
        .contains(&trigger);
    let own = incoming.id.as_deref().filter(|_| !stands_for_an_object);
    let named = if incoming.is_own_news() {
        None
    } else {
        data.id("id")?
    };
    match (named, own) {
        // A customer is changed again and again: each change is an event of its own.
        (Some(_), Some(own)) if trigger == CUSTOMER_UPDATED => {
            id::check("id", own).map(str::to_owned)
        }
        (None, _) if trigger == CUSTOMER_UPDATED => Err(Refusal::missing("data.id")),
        (Some(id), _) => Ok(id.to_owned()),
        (None, Some(own)) => id::check("id", own).map(str::to_owned),
        (None, None) => Err(Refusal::missing("data.id")),
    }
}

fn program(incoming: &Incoming, data: Fields<'_>) -> Result<String, Refusal> {
    let outer = incoming
        .program
        .as_deref()
        .map(|name| id::check("program", name))
        .transpose()?;
    let inner = if incoming.own {
        None
    } else {
        data.id("program")?
    };
    if let (Some(outer), Some(inner)) = (outer, inner)
        && outer != inner
    {
        let message = "`data.program` differs from `program`; give one of them.";
        return Err(Refusal::invalid("data.program", message));
    }
    Ok(inner.or(outer).unwrap_or(id::DEFAULT_PROGRAM).to_owned())
}

/// The data knows better than the envelope, which may say when the event was published.
fn occurred_at(incoming: &Incoming, data: Fields<'_>) -> Result<Option<Timestamp>, Refusal> {
    let told = if incoming.own {
        None
    } else {
        data.time("occurred_at")?
            .map_or_else(|| data.time_or_seconds("created"), |at| Ok(Some(at)))?
    };
    Ok(told.or(incoming.occurred_at))
}

fn intent(trigger: &str, data: Fields<'_>) -> Result<Intent, Refusal> {
    match trigger {
        PAYMENT_REFUNDED => {
            let payment = data.required_id("payment")?.to_owned();
            Ok(Intent::Refund {
                payment,
                amount: data.amount("amount")?,
            })
        }
        PAYMENT_DISPUTED => {
            let payment = data.required_id("payment")?.to_owned();
            let status = data
                .text("status")?
                .ok_or_else(|| Refusal::missing("data.status"))?;
            // The whole payment is gone, whatever amount the dispute names.
            Ok(if status == "lost" {
                Intent::Refund {
                    payment,
                    amount: None,
                }
            } else {
                Intent::Ignore
            })
        }
        CUSTOMER_UPDATED => {
            let email = data.email("email")?;
            Ok(email.map_or(Intent::Ignore, |email| Intent::Update { email }))
        }
        CUSTOMER_DELETED => Ok(Intent::Close),
        PAYMENT_FAILED => Ok(Intent::Ignore),
        _ => Ok(Intent::Earn),
    }
}

fn member(trigger: &str, data: Fields<'_>) -> Result<MemberRef, Refusal> {
    let metadata = data.object("metadata")?;
    let named = match metadata {
        Some(metadata) => Fields::new(metadata, "data.metadata").id("loyalty_account")?,
        None => None,
    };
    let accounts = [named, data.id("account")?]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .collect();
    let customer = match trigger {
        CUSTOMER_CREATED | CUSTOMER_UPDATED | CUSTOMER_DELETED => data.id("id")?,
        _ => data.id("customer")?,
    };
    Ok(MemberRef {
        accounts,
        customer: customer.map(str::to_owned),
        email: data.email("email")?,
        enrols_by_email: false,
    })
}

fn money(trigger: &str, data: Fields<'_>) -> Result<(Option<i64>, Option<Currency>), Refusal> {
    let amount = data.amount("amount")?;
    let currency = data.currency("currency")?;
    if is_payment(trigger) {
        if amount.is_none() {
            return Err(Refusal::missing("data.amount"));
        }
        if currency.is_none() {
            return Err(Refusal::missing("data.currency"));
        }
    }
    Ok((amount, currency))
}

fn line_items(data: Fields<'_>) -> Result<Vec<LineItem>, Refusal> {
    let Some(value) = data.get("line_items") else {
        return Ok(Vec::new());
    };
    let items = value
        .as_array()
        .filter(|items| items.len() <= LINE_ITEMS_MAX)
        .ok_or_else(|| {
            let message =
                format!("`data.line_items` must be a list of at most {LINE_ITEMS_MAX} items.");
            Refusal::invalid("data.line_items", message)
        })?;
    items
        .iter()
        .enumerate()
        .map(|(place, item)| line_item(place, item))
        .collect()
}

fn line_item(place: usize, item: &Value) -> Result<LineItem, Refusal> {
    let Some(item) = item.as_object() else {
        let path = format!("data.line_items[{place}]");
        let message = format!("`{path}` must be an object, as {{\"category\": …, \"amount\": …}}.");
        return Err(Refusal::invalid(path, message));
    };
    let item = Fields::item(item, "data.line_items", place);
    Ok(LineItem {
        product: item.text("product")?.map(str::to_owned),
        category: item.text("category")?.map(str::to_owned),
        quantity: item.count("quantity", "of pieces")?.unwrap_or(1),
        amount: item.amount("amount")?.unwrap_or(0),
    })
}
