//! Pools: their heads and shares, and what a commit does to them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use laurel_rules::pool::{Head, HeadWrite, PoolWrite, Share, ShareWrite};

use super::{Item, Reader, Writer, number};
use crate::{
    Error,
    commit::{invalid, put},
    store::key_item,
    table::Key,
};

/// The head of a pool that `item` stores.
pub(crate) fn head(item: &Item) -> Result<Head, Error> {
    let reader = Reader::new(item);
    Ok(Head {
        revision: reader.number("rv")?,
        limit: reader.number("li")?,
        rest: reader.number("rs")?,
        shares_are_empty: reader.count("em")? == 1,
        is_announced: reader.count("an")? == 1,
        version: reader.number("v")?,
    })
}

/// The share that `item` stores.
pub(crate) fn share(item: &Item) -> Result<Share, Error> {
    let reader = Reader::new(item);
    Ok(Share {
        revision: reader.number("rv")?,
        left: reader.number("lf")?,
    })
}

/// The writes of `write`, each with the fact that it relies on as its condition.
pub(crate) fn pool_writes(table: &str, write: &PoolWrite) -> Result<Vec<TransactWriteItem>, Error> {
    let mut writes = Vec::with_capacity(write.shares.len() + 1);
    if let Some(head) = &write.head {
        writes.push(head_write(table, Key::pool(&write.id), head)?);
    }
    for (number, share) in &write.shares {
        writes.push(share_write(
            table,
            Key::pool_share(&write.id, *number),
            share,
        )?);
    }
    Ok(writes)
}

fn head_write(table: &str, key: Key, write: &HeadWrite) -> Result<TransactWriteItem, Error> {
    match *write {
        HeadWrite::Set { expected, head } => {
            let item = Writer::keyed(key)
                .number("rv", head.revision)
                .number("li", head.limit)
                .number("rs", head.rest)
                .count("em", i64::from(head.shares_are_empty))
                .count("an", i64::from(head.is_announced))
                .number("v", head.version);
            put(table, item.done(), expected)
        }
        HeadWrite::Move {
            points,
            at_least,
            revision,
            fills_share,
        } => update(
            table,
            &key,
            if fills_share {
                "SET rs = rs + :p, v = v + :one REMOVE em"
            } else {
                "SET rs = rs + :p, v = v + :one"
            },
            "rv = :rv AND rs >= :min",
            [
                (":p", number(points)),
                (":one", number(1)),
                (":rv", number(revision)),
                (":min", number(at_least)),
            ],
        ),
        HeadWrite::GiveBack { points } => update(
            table,
            &key,
            "SET rs = rs + :p, v = v + :one",
            "attribute_exists(pk)",
            [(":p", number(points)), (":one", number(1))],
        ),
    }
}

fn share_write(table: &str, key: Key, write: &ShareWrite) -> Result<TransactWriteItem, Error> {
    match *write {
        ShareWrite::Draw { points, revision } => update(
            table,
            &key,
            "SET lf = lf - :p",
            "rv = :rv AND lf > :p",
            [(":p", number(points)), (":rv", number(revision))],
        ),
        ShareWrite::Set { expected, share } => {
            let item = Writer::keyed(key)
                .number("rv", share.revision)
                .number("lf", share.left)
                .done();
            match expected {
                None => put(table, item, None),
                Some(before) => put_over(table, item, before),
            }
        }
    }
}

/// A share is no more than its two numbers, so that equal numbers are the same share.
fn put_over(table: &str, item: Item, before: Share) -> Result<TransactWriteItem, Error> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression("rv = :rv AND lf = :lf")
        .expression_attribute_values(":rv", number(before.revision))
        .expression_attribute_values(":lf", number(before.left));
    Ok(TransactWriteItem::builder()
        .put(put.build().map_err(invalid)?)
        .build())
}

fn update(
    table: &str,
    key: &Key,
    update: &str,
    condition: &str,
    values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
) -> Result<TransactWriteItem, Error> {
    let values = values.into_iter();
    let values: HashMap<String, AttributeValue> = values
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(key_item(key)))
        .update_expression(update)
        .condition_expression(condition)
        .set_expression_attribute_values(Some(values));
    Ok(TransactWriteItem::builder()
        .update(update.build().map_err(invalid)?)
        .build())
}
