//! The few requests that we make of DynamoDB, and what their failures mean.

mod failure;
mod read;
mod write;

use std::collections::HashMap;

use aws_sdk_dynamodb::{Client, types::AttributeValue};

use crate::{item::Item, table::Key};

pub(crate) use read::{Consistency, Found, Index, Span};
pub(crate) use write::{Committed, Expect, Put};

#[derive(Debug, Clone)]
pub(crate) struct Store {
    client: Client,
    pub(crate) table: String,
}

impl Store {
    pub(crate) fn new(client: Client, table: String) -> Store {
        Store { client, table }
    }
}

fn item_key(item: &Item) -> Option<Key> {
    match (item.get("pk"), item.get("sk")) {
        (Some(AttributeValue::S(pk)), Some(AttributeValue::S(sk))) => Some(Key {
            pk: pk.clone(),
            sk: sk.clone(),
        }),
        _ => None,
    }
}

pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(crate) fn key_item(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), text(&key.pk)),
        ("sk".to_owned(), text(&key.sk)),
    ])
}
