//! Entries of accounts' logs.

use aws_sdk_dynamodb::types::AttributeValue;
use laurel_rules::{
    Entry, Transaction,
    entry::{Change, TransactionType},
};

use super::{Item, Reader, Writer, lot_id, lot_number};
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
    let writer = match &entry.change {
        None => writer,
        Some(Change::Created {
            customer,
            metadata,
            request,
        }) => writer
            .text("ch", "created")
            .maybe_text("cc", customer.as_ref())
            .texts("md", metadata)
            .text("rq", request),
        Some(Change::Updated { fields }) => writer.text("ch", "updated").list(
            "cf",
            fields
                .iter()
                .map(|field| AttributeValue::S(field.clone()))
                .collect(),
        ),
    };
    let transactions = entry
        .transactions
        .iter()
        .map(|t| AttributeValue::M(transaction_item(t)));
    writer.list("tx", transactions.collect()).done()
}

fn transaction_item(transaction: &Transaction) -> Item {
    let mut writer = Writer::nested()
        .text("k", transaction.kind.as_str())
        .number("a", transaction.amount)
        .text("rs", &transaction.reason)
        .maybe_time("av", transaction.available_at)
        .maybe_time("ex", transaction.expires_at)
        .maybe_time("oc", transaction.occurred_at)
        .maybe_time("ea", transaction.earned_at)
        .number("b", transaction.balance_after)
        .count("lf", i64::from(transaction.lifetime))
        .count("wo", transaction.written_off.unwrap_or(0))
        .texts("md", &transaction.metadata);
    if let Some((rule, version)) = &transaction.rule {
        writer = writer.text("r", rule).number("rv", version);
    }
    if let Some(lot) = transaction.of {
        writer = writer.number("of", lot_number(lot));
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
    let is_entry =
        matches!(image.get("sk"), Some(AttributeValue::S(sk)) if sk.starts_with(ENTRY_PREFIX));
    if is_entry {
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
    let change = match reader.maybe_text("ch") {
        None => None,
        Some("created") => Some(Change::Created {
            customer: reader.owned("cc"),
            metadata: reader.texts("md"),
            request: reader.owned("rq").unwrap_or_default(),
        }),
        Some("updated") => {
            let fields = reader.list("cf").iter();
            let fields = fields.map(|value| Ok(reader.word("cf", Some(value))?.to_owned()));
            Some(Change::Updated {
                fields: fields.collect::<Result<_, Error>>()?,
            })
        }
        Some(other) => return Err(reader.corrupt(format!("unknown change {other}"))),
    };
    Ok(Entry {
        account: reader.after("pk", "A#")?.to_owned(),
        seq: seq.map_err(|_| reader.corrupt("the entry's number does not read"))?,
        program: reader.text("p")?.to_owned(),
        trigger: reader.text("t")?.to_owned(),
        source_id: reader.text("i")?.to_owned(),
        payment: reader.owned("pm"),
        occurred_at: reader.time("oc")?,
        created: reader.time("cr")?,
        change,
        transactions: reader
            .list("tx")
            .iter()
            .map(|value| match value {
                AttributeValue::M(map) => transaction(&reader.nested(map)),
                _ => Err(reader.corrupt("a transaction is not a map")),
            })
            .collect::<Result<_, _>>()?,
    })
}

fn transaction(reader: &Reader<'_>) -> Result<Transaction, Error> {
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
        of: reader.maybe_number("of")?.map(lot_id),
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
