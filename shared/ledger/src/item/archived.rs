//! Events as they are kept for simulations.

use aws_sdk_dynamodb::types::AttributeValue;
use laurel_rules::archive::Archived;
use serde_json::{Map, Value};

use super::{Item, Reader, Writer, account, account_item, record, record_item};
use crate::{
    Error,
    programs::json,
    table::{ARCHIVE_PREFIX, Key},
};

/// What of the account's item says nothing here: where it is listed, and when it is visited.
const OF_INDEXES: [&str; 5] = ["sk", "gk", "gs", "dk", "ds"];

/// The item that stores `archived`.
///
/// # Errors
/// Its fields cannot be written as JSON.
pub(crate) fn archived_item(archived: &Archived) -> Result<Item, Error> {
    let before = archived.before.as_ref().map(|account| {
        let mut item = account_item(account);
        for name in OF_INDEXES {
            item.remove(name);
        }
        AttributeValue::M(item)
    });
    let records = archived.records.iter().map(|known| {
        let mut item = record_item(known);
        item.remove("sk");
        AttributeValue::M(item)
    });
    let mut writer = Writer::keyed(Key::archived(archived))
        .text("t", &archived.trigger)
        .text("i", &archived.source_id)
        .time("oc", archived.occurred_at)
        .number("n", archived.entries)
        .number("ttl", archived.gone_at.as_second())
        .maybe("b", before)
        .list("rc", records.collect());
    if !archived.data.is_empty() {
        writer = writer.text("d", json(&archived.data)?);
    }
    Ok(writer.done())
}

/// The event that `item` stores.
///
/// # Errors
/// `Corrupt` where the item is not as [`archived_item`] writes them.
pub(crate) fn archived(item: &Item) -> Result<Archived, Error> {
    let reader = Reader::new(item);
    let program = reader.after("pk", ARCHIVE_PREFIX)?.split('#').next();
    let mut place = reader.text("sk")?.splitn(3, '#');
    let (Some(program), Some(account_id), Some(at)) = (program, place.next(), place.next()) else {
        return Err(reader.corrupt("the key lacks a part"));
    };
    let at = at.parse().ok();
    let at = at.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let gone_at = jiff::Timestamp::from_second(reader.number("ttl")?);
    let data: Map<String, Value> = match reader.maybe_text("d") {
        None => Map::new(),
        Some(text) => serde_json::from_str(text)
            .map_err(|problem| reader.corrupt(format!("its fields do not read: {problem}")))?,
    };
    let records = reader.list("rc").iter().map(|value| match value {
        AttributeValue::M(item) => record(item),
        _ => Err(reader.corrupt("a record is none")),
    });
    Ok(Archived {
        program: program.to_owned(),
        account: account_id.to_owned(),
        at: at.ok_or_else(|| reader.corrupt("the key has no time"))?,
        gone_at: gone_at.map_err(|_| reader.corrupt("ttl is no time"))?,
        trigger: reader.text("t")?.to_owned(),
        source_id: reader.text("i")?.to_owned(),
        occurred_at: reader.time("oc")?,
        data,
        entries: reader.number("n")?,
        before: reader.map("b").map(account).transpose()?,
        records: records.collect::<Result<_, Error>>()?,
    })
}
