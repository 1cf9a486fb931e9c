//! Writing items: one, many, or all or nothing.

use aws_sdk_dynamodb::{
    operation::{
        put_item::PutItemError, transact_write_items::TransactWriteItemsError,
        update_item::UpdateItemError,
    },
    types::{
        AttributeValue, PutRequest, ReturnValue, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem, WriteRequest,
    },
};

use super::{
    Consistency, Store,
    failure::{canceled_as, failed, is_transient, rejected},
    item_key, key_item,
};
use crate::{
    Error,
    item::{Item, Reader, number},
    retry::Pause,
    table::Key,
};

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

impl Store {
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
            let mut pause = Pause::new();
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
