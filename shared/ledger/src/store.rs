//! The few requests that we make of DynamoDB, and what their failures mean.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        put_item::PutItemError, transact_write_items::TransactWriteItemsError,
        update_item::UpdateItemError,
    },
    types::{
        AttributeValue, KeysAndAttributes, PutRequest, ReturnValue,
        ReturnValuesOnConditionCheckFailure, TransactWriteItem, WriteRequest,
    },
};

use crate::{
    Error,
    item::{Item, Reader, number},
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

/// How a transaction ended when it did not fail for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Committed {
    /// All of it is written.
    Yes,
    /// Nothing is written: an item was no longer as it was read.
    Stale,
    /// Nothing is written, or it is unknown whether all of it is: another writer was in between,
    /// the table asks for less, or the answer was lost.
    Unclear,
}

/// How the conditional write of one item ended.
#[derive(Debug)]
pub(crate) enum Put {
    /// It is written.
    Done,
    /// The condition does not hold; the item as it is, unless it went meanwhile.
    Refused(Option<Item>),
}

/// What must be there for a single item to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Whatever.
    Anything,
    /// Nothing.
    Nothing,
    /// The item at this version.
    Version(u64),
}

impl Expect {
    /// What was read is still so.
    pub(crate) fn unchanged(version: Option<u64>) -> Expect {
        version.map_or(Expect::Nothing, Expect::Version)
    }
}

/// A page of a query.
pub(crate) struct Found {
    pub(crate) items: Vec<Item>,
    pub(crate) next: Option<Item>,
}

/// Which items of one partition a query asks for.
pub(crate) struct Span<'a> {
    pub(crate) partition: &'a str,
    /// The first and the last sort key, both inclusive.
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) newest_first: bool,
    pub(crate) limit: Option<i32>,
    pub(crate) start: Option<Item>,
}

/// An index of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Index {
    /// Of what is listed.
    Listed,
    /// Of what is due.
    Due,
}

/// Which items of one partition of an index a query asks for.
pub(crate) struct IndexSpan<'a> {
    pub(crate) index: Index,
    pub(crate) partition: &'a str,
    /// The first and the last sort key, both inclusive.
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) newest_first: bool,
    pub(crate) limit: i32,
    pub(crate) start: Option<Item>,
}

#[derive(Debug, Clone)]
pub(crate) struct Store {
    client: Client,
    pub(crate) table: String,
}

impl Store {
    pub(crate) fn new(client: Client, table: String) -> Store {
        Store { client, table }
    }

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
            let mut pause = crate::retry::Pause::new();
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

    /// Reads one page of a partition, consistently.
    pub(crate) async fn query(&self, span: Span<'_>) -> Result<Found, Error> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
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

    /// Reads one page of an index.
    pub(crate) async fn query_index(&self, span: IndexSpan<'_>) -> Result<Found, Error> {
        let (index, condition) = match span.index {
            Index::Listed => (INDEX, "gk = :pk AND gs BETWEEN :from AND :to"),
            Index::Due => (DUE_INDEX, "dk = :pk AND ds BETWEEN :from AND :to"),
        };
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .key_condition_expression(condition)
            .expression_attribute_values(":pk", text(span.partition))
            .expression_attribute_values(":from", text(span.from))
            .expression_attribute_values(":to", text(span.to))
            .scan_index_forward(!span.newest_first)
            .limit(span.limit)
            .set_exclusive_start_key(span.start)
            .send()
            .await
            .map_err(failed)?;
        Ok(Found {
            items: answer.items.unwrap_or_default(),
            next: answer.last_evaluated_key,
        })
    }

    /// Writes one item where `condition` holds of the one that is there. A lost answer is asked
    /// for again by the client, and may then fail on its own write.
    pub(crate) async fn put_if(
        &self,
        item: Item,
        condition: &str,
        values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
    ) -> Result<Put, Error> {
        let key = item_key(&item);
        let values: Item = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let sent = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let failure = match sent {
            Ok(_) => return Ok(Put::Done),
            Err(failure) => failure,
        };
        match failure.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                if let Some(item) = &refused.item {
                    return Ok(Put::Refused(Some(item.clone())));
                }
                let found = self.get(key, Consistency::Strong).await?;
                Ok(Put::Refused(found.into_values().next()))
            }
            _ => Err(failed(failure)),
        }
    }

    /// Adds `by` to a counter that is below `below`, and answers what it is then; `None` where it
    /// is not below. A lost answer is asked for again, so that it may be added twice.
    pub(crate) async fn count(
        &self,
        key: &Key,
        by: u64,
        below: u64,
        expires_s: i64,
    ) -> Result<Option<u64>, Error> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_item(key)))
            .update_expression("SET #ttl = :ttl ADD n :by")
            .condition_expression("attribute_not_exists(n) OR n < :below")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(expires_s))
            .expression_attribute_values(":by", number(by))
            .expression_attribute_values(":below", number(below))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await;
        match sent {
            Ok(answer) => {
                let attributes = answer.attributes.unwrap_or_default();
                Ok(Some(Reader::new(&attributes).number("n")?))
            }
            Err(failure) => match failure.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(None),
                _ => Err(failed(failure)),
            },
        }
    }

    /// Writes one item: half the price of a transaction, for what stands by itself.
    pub(crate) async fn put(&self, item: Item, expect: Expect) -> Result<Committed, Error> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item));
        let put = match expect {
            Expect::Anything => put,
            Expect::Nothing => put.condition_expression("attribute_not_exists(pk)"),
            Expect::Version(version) => put
                .condition_expression("v = :v")
                .expression_attribute_values(":v", number(version)),
        };
        match put.send().await {
            Ok(_) => Ok(Committed::Yes),
            Err(failure) => match failure.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(Committed::Stale),
                _ => Err(failed(failure)),
            },
        }
    }

    /// Deletes one item, should it be there.
    pub(crate) async fn delete(&self, key: &Key) -> Result<(), Error> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_item(key)));
        delete.send().await.map(|_| ()).map_err(failed)
    }

    /// Writes items, each for itself and whatever was there, 25 to a request. After an error some
    /// may be written.
    pub(crate) async fn put_all(&self, items: Vec<Item>) -> Result<(), Error> {
        let mut writes = Vec::with_capacity(items.len());
        for item in items {
            let put = PutRequest::builder().set_item(Some(item));
            let put = put.build().map_err(rejected)?;
            writes.push(WriteRequest::builder().put_request(put).build());
        }
        for chunk in writes.chunks(25) {
            let mut left = chunk.to_vec();
            let mut pause = crate::retry::Pause::new();
            while !left.is_empty() {
                let request = self.client.batch_write_item();
                let request = request.request_items(self.table.clone(), left);
                let answer = request.send().await.map_err(failed)?;
                left = answer
                    .unprocessed_items
                    .and_then(|mut rest| rest.remove(&self.table))
                    .unwrap_or_default();
                if !left.is_empty() && !pause.wait().await {
                    return Err(Error::Busy {
                        attempts: pause.attempts(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Writes all of `writes` or nothing.
    pub(crate) async fn transact(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Committed, Error> {
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(Committed::Yes),
            Err(failure) => match failure.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                    let reasons = canceled.cancellation_reasons();
                    let codes = reasons.iter().map(|reason| reason.code().unwrap_or("None"));
                    canceled_as(codes).ok_or_else(|| rejected(failure))
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
                    Ok(Committed::Unclear)
                }
                _ if is_transient(&failure) => Ok(Committed::Unclear),
                _ => Err(rejected(failure)),
            },
        }
    }
}

/// What the cancellation reasons of a transaction, one for each of its items, mean together;
/// `None` where one of them will not pass by itself.
fn canceled_as<'a>(codes: impl Iterator<Item = &'a str>) -> Option<Committed> {
    let mut verdict = Committed::Unclear;
    for code in codes {
        match code {
            "None"
            | "TransactionConflict"
            | "ThrottlingError"
            | "ThrottlingException"
            | "ProvisionedThroughputExceeded" => {}
            "ConditionalCheckFailed" => verdict = Committed::Stale,
            _ => return None,
        }
    }
    Some(verdict)
}

/// Sorts a failed read into what may be repeated and what may not.
fn failed<E>(failure: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    if is_transient(&failure) {
        Error::Store {
            source: Box::new(failure),
        }
    } else {
        rejected(failure)
    }
}

fn is_transient<E: ProvideErrorMetadata>(failure: &SdkError<E>) -> bool {
    match failure {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            true
        }
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default();
            service.raw().status().as_u16() >= 500
                || code.contains("Throttl")
                || code.contains("LimitExceeded")
                || code.contains("ThroughputExceeded")
                || code.contains("TransactionConflict")
        }
        _ => false,
    }
}

fn rejected(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Rejected {
        source: Box::new(source),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancellation_reasons_table() {
        let table: [(&[&str], Option<Committed>); 6] = [
            (&["None", "ConditionalCheckFailed"], Some(Committed::Stale)),
            (&["TransactionConflict", "None"], Some(Committed::Unclear)),
            (&["ThrottlingError"], Some(Committed::Unclear)),
            (
                &["TransactionConflict", "ConditionalCheckFailed"],
                Some(Committed::Stale),
            ),
            (&["ConditionalCheckFailed", "ValidationError"], None),
            (&["ItemCollectionSizeLimitExceeded"], None),
        ];
        for (codes, verdict) in table {
            assert_eq!(canceled_as(codes.iter().copied()), verdict, "{codes:?}");
        }
    }
}
