//! Entries of accounts' logs.

use aws_sdk_dynamodb::types::AttributeValue;
use laurel_rules::{
    Entry, Transaction,
    entry::{Change, TransactionType},
    hold::HeldReward,
    id::TransactionId,
    purse::LotId,
    redemption::{RedemptionChange, RedemptionStatus, Turn},
    rule::Window,
    store_credit::Money,
    tier::{TierChange, TierReason},
};

use super::{
    Item, Reader, Writer,
    credit::{balance, balance_value, credit_item, credit_transaction},
    lot_id, lot_number,
};
use crate::{
    Error,
    table::{ENTRY_PREFIX, Key},
};

/// The item that stores `entry`.
#[must_use]
pub fn entry_item(entry: &Entry) -> Item {
    let writer = Writer::keyed(Key::entry(&entry.account, entry.seq))
        .text("p", &entry.program)
        .text("t", &entry.trigger)
        .text("i", &entry.source_id)
        .maybe_text("pm", entry.payment.as_ref())
        .time("oc", entry.occurred_at)
        .time("cr", entry.created);
    let changes = entry.changes.iter().map(change_item);
    let transactions = entry
        .transactions
        .iter()
        .map(|t| AttributeValue::M(transaction_item(t, &entry.account)));
    let credits = entry.credits.iter().map(credit_item);
    let credits = credits.map(AttributeValue::M);
    let writer = match entry.seal {
        Some(seal) => writer.seal(seal),
        None => writer,
    };
    writer
        .list("ch", changes.map(AttributeValue::M).collect())
        .list("tx", transactions.collect())
        .list("sc", credits.collect())
        .done()
}

fn change_item(change: &Change) -> Item {
    let writer = Writer::nested();
    let writer = match change {
        Change::Created {
            customer,
            metadata,
            request,
        } => writer
            .text("k", "created")
            .maybe_text("cc", customer.as_ref())
            .texts("md", metadata)
            .text("rq", request),
        Change::Updated { fields } => {
            let fields = fields.iter().map(|field| AttributeValue::S(field.clone()));
            writer.text("k", "updated").list("cf", fields.collect())
        }
        Change::Closed => writer.text("k", "closed"),
        Change::Reopened => writer.text("k", "reopened"),
        Change::Merged {
            source,
            points,
            pending,
            lifetime_points,
            store_credit,
        } => writer
            .text("k", "merged")
            .text("ms", source)
            .count("mp", *points)
            .count("mn", *pending)
            .count("ml", *lifetime_points)
            .list("mc", store_credit.iter().map(balance_value).collect()),
        Change::BudgetReached {
            campaign,
            window,
            points,
            starts_at,
            ends_at,
        } => writer
            .text("k", "budget_reached")
            .maybe_text("bc", campaign.as_ref())
            .text("bw", window.as_str())
            .number("bp", points)
            .maybe_time("bs", *starts_at)
            .maybe_time("be", *ends_at),
        Change::TierChanged(change) => writer
            .text("k", "tier")
            .maybe_text("tf", change.from.as_ref())
            .maybe_text("tt", change.to.as_ref())
            .text("tr", change.reason.as_str())
            .time("at", change.at),
        Change::Redemption(change) => redemption_change(writer, change),
        Change::Referral(change) => {
            // It has no map whose keys could fail to be text.
            let text = serde_json::to_string(change).ok();
            writer.text("k", "referral").maybe_text("rl", text.as_ref())
        }
        Change::MergedInto { target, request } => writer
            .text("k", "merged_into")
            .text("mt", target)
            .text("rq", request),
        Change::PointsExpiring { points, expires_at } => writer
            .text("k", "expiring")
            .number("a", points)
            .time("ex", *expires_at),
        Change::CreditExpiring {
            currency,
            amount,
            expires_at,
        } => writer
            .text("k", "credit_expiring")
            .text("cu", currency)
            .number("a", amount)
            .time("ex", *expires_at),
    };
    writer.done()
}

fn redemption_change(writer: Writer, change: &RedemptionChange) -> Writer {
    let writer = writer
        .text("k", "redemption")
        .text("rt", change.turn.as_str())
        .text("rd", &change.id)
        .text("st", change.status.as_str())
        .number("a", change.points)
        .count("sa", change.store_credit.as_ref().map_or(0, |it| it.amount))
        .maybe_text("su", change.store_credit.as_ref().map(|it| &it.currency))
        .maybe_text("co", change.code.as_ref())
        .maybe_text("pm", change.payment.as_ref())
        .maybe_time("ex", change.expires_at)
        .time("cr", change.created);
    match &change.reward {
        Some(reward) => writer
            .text("rw", &reward.id)
            .count("rs", i64::from(reward.stock))
            .count("rc", i64::from(reward.code)),
        None => writer,
    }
}

fn read_redemption_change(reader: &Reader<'_>) -> Result<RedemptionChange, Error> {
    let turn = Turn::parse(reader.text("rt")?);
    let status = RedemptionStatus::parse(reader.text("st")?);
    let reward = match reader.owned("rw") {
        Some(id) => Some(HeldReward {
            id,
            stock: reader.count("rs")? == 1,
            code: reader.count("rc")? == 1,
        }),
        None => None,
    };
    Ok(RedemptionChange {
        turn: turn.ok_or_else(|| reader.corrupt("unknown turn of a redemption"))?,
        id: reader.text("rd")?.to_owned(),
        status: status.ok_or_else(|| reader.corrupt("unknown status of a redemption"))?,
        reward,
        points: reader.number("a")?,
        store_credit: match reader.owned("su") {
            Some(currency) => Some(Money {
                amount: reader.count("sa")?,
                currency,
            }),
            None => None,
        },
        code: reader.owned("co"),
        payment: reader.owned("pm"),
        expires_at: reader.maybe_time("ex")?,
        created: reader.time("cr")?,
    })
}

fn transaction_item(transaction: &Transaction, account: &str) -> Item {
    let mut writer = Writer::nested()
        .text("k", transaction.kind.as_str())
        .number("a", transaction.amount)
        .text("rs", &transaction.reason)
        .maybe_time("av", transaction.available_at)
        .maybe_time("ex", transaction.expires_at)
        .maybe_time("oc", transaction.occurred_at)
        .maybe_time("ea", transaction.earned_at)
        .maybe_text("rd", transaction.redemption.as_ref())
        .maybe_text("rl", transaction.referral.as_ref())
        .number("b", transaction.balance_after)
        .count("lf", i64::from(transaction.lifetime))
        .count("wo", transaction.written_off.unwrap_or(0))
        .texts("md", &transaction.metadata);
    if let Some((rule, version)) = &transaction.rule {
        writer = writer.text("r", rule).number("rv", version);
    }
    if let Some(earning) = &transaction.of {
        // Nearly always it stands in the same log, and a number says where.
        writer = if earning.account == account {
            writer.number("of", lot_number(LotId::own(earning.seq, earning.place)))
        } else {
            writer.text("of", earning.to_string())
        };
    }
    if let Some(points) = transaction.uncapped_points {
        writer = writer.number("up", points);
    }
    if let Some(Ok(text)) = transaction.calculation.as_ref().map(serde_json::to_string) {
        writer = writer.text("cl", text);
    }
    writer.done()
}

/// The entry in a stream image; `None` where the item is something else.
///
/// # Errors
/// `Corrupt` where it is an entry that does not read.
pub fn entry_from_image(image: &Item) -> Result<Option<Entry>, Error> {
    let begins = |name: &str, prefix: &str| matches!(image.get(name), Some(AttributeValue::S(key)) if key.starts_with(prefix));
    // The tiers of a program have such places, too.
    if begins("pk", "A#") && begins("sk", ENTRY_PREFIX) {
        entry(image).map(Some)
    } else {
        Ok(None)
    }
}

/// The entry that `item` stores.
///
/// # Errors
/// `Corrupt` where the item is not as [`entry_item`] writes them.
pub fn entry(item: &Item) -> Result<Entry, Error> {
    let reader = Reader::new(item);
    let seq = reader.after("sk", ENTRY_PREFIX)?.parse();
    let account = reader.after("pk", "A#")?;
    Ok(Entry {
        account: account.to_owned(),
        seq: seq.map_err(|_| reader.corrupt("the entry's number does not read"))?,
        program: reader.text("p")?.to_owned(),
        trigger: reader.text("t")?.to_owned(),
        source_id: reader.text("i")?.to_owned(),
        payment: reader.owned("pm"),
        occurred_at: reader.time("oc")?,
        created: reader.time("cr")?,
        changes: reader
            .list("ch")
            .iter()
            .map(|value| match value {
                AttributeValue::M(map) => change(&reader.nested(map)),
                _ => Err(reader.corrupt("a change is not a map")),
            })
            .collect::<Result<_, _>>()?,
        transactions: reader
            .list("tx")
            .iter()
            .map(|value| match value {
                AttributeValue::M(map) => transaction(&reader.nested(map), account),
                _ => Err(reader.corrupt("a transaction is not a map")),
            })
            .collect::<Result<_, _>>()?,
        credits: reader
            .list("sc")
            .iter()
            .map(|value| match value {
                AttributeValue::M(map) => credit_transaction(&reader.nested(map)),
                _ => Err(reader.corrupt("a transaction of store credit is not a map")),
            })
            .collect::<Result<_, _>>()?,
        seal: reader.seal()?,
    })
}

fn change(reader: &Reader<'_>) -> Result<Change, Error> {
    Ok(match reader.text("k")? {
        "created" => Change::Created {
            customer: reader.owned("cc"),
            metadata: reader.texts("md"),
            request: reader.owned("rq").unwrap_or_default(),
        },
        "updated" => {
            let fields = reader.list("cf").iter();
            let fields = fields.map(|value| Ok(reader.word("cf", Some(value))?.to_owned()));
            Change::Updated {
                fields: fields.collect::<Result<_, Error>>()?,
            }
        }
        "closed" => Change::Closed,
        "reopened" => Change::Reopened,
        "merged" => Change::Merged {
            source: reader.text("ms")?.to_owned(),
            points: reader.count("mp")?,
            pending: reader.count("mn")?,
            lifetime_points: reader.count("ml")?,
            store_credit: reader
                .list("mc")
                .iter()
                .map(|value| balance(reader, value))
                .collect::<Result<_, _>>()?,
        },
        "budget_reached" => Change::BudgetReached {
            campaign: reader.owned("bc"),
            window: Window::parse(reader.text("bw")?)
                .ok_or_else(|| reader.corrupt("unknown window"))?,
            points: reader.number("bp")?,
            starts_at: reader.maybe_time("bs")?,
            ends_at: reader.maybe_time("be")?,
        },
        "tier" => {
            let reason = TierReason::parse(reader.text("tr")?);
            Change::TierChanged(TierChange {
                from: reader.owned("tf"),
                to: reader.owned("tt"),
                reason: reason.ok_or_else(|| reader.corrupt("unknown reason of a tier"))?,
                at: reader.time("at")?,
            })
        }
        "redemption" => Change::Redemption(Box::new(read_redemption_change(reader)?)),
        "referral" => {
            let change = serde_json::from_str(reader.text("rl")?);
            Change::Referral(change.map_err(|problem| {
                reader.corrupt(format!(
                    "what became of a referral does not read: {problem}"
                ))
            })?)
        }
        "merged_into" => Change::MergedInto {
            target: reader.text("mt")?.to_owned(),
            request: reader.owned("rq").unwrap_or_default(),
        },
        "expiring" => Change::PointsExpiring {
            points: reader.number("a")?,
            expires_at: reader.time("ex")?,
        },
        "credit_expiring" => Change::CreditExpiring {
            currency: reader.text("cu")?.to_owned(),
            amount: reader.number("a")?,
            expires_at: reader.time("ex")?,
        },
        other => return Err(reader.corrupt(format!("unknown change {other}"))),
    })
}

/// The earning that a transaction in the log of `account` is about.
fn earning(reader: &Reader<'_>, account: &str) -> Result<Option<TransactionId>, Error> {
    if let Some(text) = reader.maybe_text("of") {
        let parsed = TransactionId::parse(text);
        let unreadable = || reader.corrupt(format!("{text} is not a transaction"));
        return parsed.map(Some).ok_or_else(unreadable);
    }
    let own = reader.maybe_number("of")?.map(lot_id);
    Ok(own.map(|LotId { seq, place, .. }| TransactionId {
        account: account.to_owned(),
        seq,
        place,
    }))
}

fn transaction(reader: &Reader<'_>, account: &str) -> Result<Transaction, Error> {
    let kind = TransactionType::parse(reader.text("k")?)
        .ok_or_else(|| reader.corrupt("unknown transaction type"))?;
    let calculation = reader
        .maybe_text("cl")
        .map(serde_json::from_str)
        .transpose();
    let rule = match reader.owned("r") {
        Some(rule) => Some((rule, reader.number("rv")?)),
        None => None,
    };
    let written_off = reader.count("wo")?;
    Ok(Transaction {
        kind,
        amount: reader.number("a")?,
        rule,
        reason: reader.text("rs")?.to_owned(),
        available_at: reader.maybe_time("av")?,
        expires_at: reader.maybe_time("ex")?,
        occurred_at: reader.maybe_time("oc")?,
        redemption: reader.owned("rd"),
        referral: reader.owned("rl"),
        of: earning(reader, account)?,
        earned_at: reader.maybe_time("ea")?,
        balance_after: reader.number("b")?,
        lifetime: reader.count("lf")? == 1,
        uncapped_points: reader.maybe_number("up")?,
        written_off: (written_off > 0).then_some(written_off),
        metadata: reader.texts("md"),
        calculation: calculation
            .map_err(|problem| reader.corrupt(format!("a calculation does not read: {problem}")))?,
    })
}
