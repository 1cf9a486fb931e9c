//! A record of the table's stream.

use std::borrow::Cow;

use aws_lambda_events::dynamodb::EventRecord;
use aws_sdk_dynamodb::types::AttributeValue;
use laurel_ledger::{
    Error,
    item::{Item, entry_from_image},
};
use laurel_rules::Entry;
use serde_json::{Value, json};

/// A new item of the table, and its place in the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Where it stands in the stream.
    pub sequence_number: String,
    /// What was written.
    pub image: Image,
}

/// A new item, as DynamoDB or as the ledger knows it.
#[derive(Debug, Clone, PartialEq)]
pub enum Image {
    /// As DynamoDB knows it; it need not be an entry.
    Item(Item),
    /// As the ledger knows it.
    Entry(Box<Entry>),
}

impl Record {
    /// The record, where it tells of a new item. Entries are never changed: any other record
    /// is about something that is not announced.
    pub(crate) fn of_stream(record: EventRecord) -> Option<Record> {
        (record.event_name == "INSERT").then(|| Record {
            sequence_number: record.change.sequence_number.unwrap_or_default(),
            image: Image::Item(record.change.new_image.into()),
        })
    }

    /// The entry of the ledger; `None` where the item is something else.
    pub(crate) fn entry(&self) -> Result<Option<Cow<'_, Entry>>, Error> {
        match &self.image {
            Image::Item(item) => Ok(entry_from_image(item)?.map(Cow::Owned)),
            Image::Entry(entry) => Ok(Some(Cow::Borrowed(entry))),
        }
    }

    /// What leads to the item in the table.
    pub(crate) fn key(&self) -> Value {
        match &self.image {
            Image::Item(item) => {
                let text = |name: &str| match item.get(name) {
                    Some(AttributeValue::S(text)) => Some(text.as_str()),
                    _ => None,
                };
                json!({"pk": text("pk"), "sk": text("sk")})
            }
            Image::Entry(entry) => json!({"account": entry.account, "seq": entry.seq}),
        }
    }
}
