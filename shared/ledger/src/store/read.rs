//! Reading items: by key, by partition, by index.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::{
    Store,
    failure::{failed, rejected},
    item_key, key_item, text,
};
use crate::{
    Error,
    item::Item,
    retry::Pause,
    table::{DUE_INDEX, INDEX, Key},
};

/// Whether reads must see every write that was acknowledged before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consistency {
    /// Half the price; may be a moment old.
    Eventual,
    /// Current.
    Strong,
}

/// A page of a query.
pub(crate) struct Found {
    pub(crate) items: Vec<Item>,
    pub(crate) next: Option<Item>,
}

/// An index of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Index {
    /// Of what is listed.
    Listed,
    /// Of what is due.
    Due,
}

/// Which items of one partition a query asks for.
pub(crate) struct Span<'a> {
    /// Of this index, a moment behind; of the table itself, consistently, where absent.
    pub(crate) index: Option<Index>,
    pub(crate) partition: &'a str,
    /// The first and the last sort key, both inclusive.
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) newest_first: bool,
    pub(crate) limit: Option<i32>,
    pub(crate) start: Option<Item>,
}

impl Store {
    /// Reads up to 100 items by key in one request, or more where the table answers in parts.
    pub(crate) async fn get(
        &self,
        keys: impl IntoIterator<Item = Key>,
        consistency: Consistency,
    ) -> Result<HashMap<Key, Item>, Error> {
        let mut keys: Vec<Key> = keys.into_iter().collect();
        keys.sort();
        keys.dedup();
        let mut found = HashMap::with_capacity(keys.len());
        for chunk in keys.chunks(100) {
            let mut wanted = Some(self.wanted(chunk, consistency)?);
            let mut pause = Pause::new();
            while let Some(request) = wanted.take() {
                let answer = self
                    .client
                    .batch_get_item()
                    .request_items(self.table.clone(), request)
                    .send()
                    .await
                    .map_err(failed)?;
                let items = answer.responses.unwrap_or_default().into_values().flatten();
                for item in items {
                    if let Some(key) = item_key(&item) {
                        found.insert(key, item);
                    }
                }
                wanted = answer
                    .unprocessed_keys
                    .and_then(|mut rest| rest.remove(&self.table))
                    .filter(|rest| !rest.keys.is_empty());
                if wanted.is_some() && !pause.wait().await {
                    return Err(Error::Busy {
                        attempts: pause.attempts(),
                    });
                }
            }
        }
        Ok(found)
    }

    fn wanted(&self, keys: &[Key], consistency: Consistency) -> Result<KeysAndAttributes, Error> {
        KeysAndAttributes::builder()
            .consistent_read(consistency == Consistency::Strong)
            .set_keys(Some(keys.iter().map(key_item).collect()))
            .build()
            .map_err(rejected)
    }

    /// Reads one page of a partition.
    pub(crate) async fn query(&self, span: Span<'_>) -> Result<Found, Error> {
        let (index, condition) = match span.index {
            None => (None, "pk = :pk AND sk BETWEEN :from AND :to"),
            Some(Index::Listed) => (Some(INDEX), "gk = :pk AND gs BETWEEN :from AND :to"),
            Some(Index::Due) => (Some(DUE_INDEX), "dk = :pk AND ds BETWEEN :from AND :to"),
        };
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(index.map(str::to_owned))
            .consistent_read(index.is_none())
            .key_condition_expression(condition)
            .expression_attribute_values(":pk", text(span.partition))
            .expression_attribute_values(":from", text(span.from))
            .expression_attribute_values(":to", text(span.to))
            .scan_index_forward(!span.newest_first)
            .set_limit(span.limit)
            .set_exclusive_start_key(span.start)
            .send()
            .await
            .map_err(failed)?;
        Ok(Found {
            items: answer.items.unwrap_or_default(),
            next: answer.last_evaluated_key,
        })
    }

    /// Reads one page of the whole table, a moment behind: of so many items those whose partition
    /// key begins with one of `prefixes`.
    pub(crate) async fn scan(
        &self,
        prefixes: &[&str],
        limit: i32,
        start: Option<Item>,
    ) -> Result<Found, Error> {
        let mut scan = self
            .client
            .scan()
            .table_name(&self.table)
            .limit(limit)
            .set_exclusive_start_key(start);
        let mut any = Vec::with_capacity(prefixes.len());
        for (place, prefix) in prefixes.iter().enumerate() {
            let name = format!(":p{place}");
            any.push(format!("begins_with(pk, {name})"));
            scan = scan.expression_attribute_values(name, text(prefix));
        }
        let answer = scan.filter_expression(any.join(" OR ")).send().await;
        let answer = answer.map_err(failed)?;
        Ok(Found {
            items: answer.items.unwrap_or_default(),
            next: answer.last_evaluated_key,
        })
    }

    /// Reads a whole partition's span, consistently.
    pub(crate) async fn query_all(
        &self,
        partition: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let span = Span {
                index: None,
                partition,
                from,
                to,
                newest_first: false,
                limit: None,
                start,
            };
            let page = self.query(span).await?;
            items.extend(page.items);
            start = page.next;
            if start.is_none() {
                return Ok(items);
            }
        }
    }
}
