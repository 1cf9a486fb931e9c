//! From a request's name and JSON to the store's own functions, and back.

use dynoxide::{DynoxideError, actions, types::ConsumedCapacity};
use serde::{Serialize, de::DeserializeOwned};

use super::{fault::WireError, store::Inner};

/// The operations that the embedded store knows; none other is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    BatchGetItem,
    BatchWriteItem,
    CreateTable,
    DeleteItem,
    DescribeTable,
    GetItem,
    PutItem,
    Query,
    Scan,
    TransactGetItems,
    TransactWriteItems,
    UpdateItem,
    UpdateTable,
}

impl Operation {
    /// The operation that the header `x-amz-target` names.
    pub(super) fn from_target(target: &str) -> Option<Operation> {
        Some(match target.strip_prefix("DynamoDB_20120810.")? {
            "BatchGetItem" => Operation::BatchGetItem,
            "BatchWriteItem" => Operation::BatchWriteItem,
            "CreateTable" => Operation::CreateTable,
            "DeleteItem" => Operation::DeleteItem,
            "DescribeTable" => Operation::DescribeTable,
            "GetItem" => Operation::GetItem,
            "PutItem" => Operation::PutItem,
            "Query" => Operation::Query,
            "Scan" => Operation::Scan,
            "TransactGetItems" => Operation::TransactGetItems,
            "TransactWriteItems" => Operation::TransactWriteItems,
            "UpdateItem" => Operation::UpdateItem,
            "UpdateTable" => Operation::UpdateTable,
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Operation::BatchGetItem => "BatchGetItem",
            Operation::BatchWriteItem => "BatchWriteItem",
            Operation::CreateTable => "CreateTable",
            Operation::DeleteItem => "DeleteItem",
            Operation::DescribeTable => "DescribeTable",
            Operation::GetItem => "GetItem",
            Operation::PutItem => "PutItem",
            Operation::Query => "Query",
            Operation::Scan => "Scan",
            Operation::TransactGetItems => "TransactGetItems",
            Operation::TransactWriteItems => "TransactWriteItems",
            Operation::UpdateItem => "UpdateItem",
            Operation::UpdateTable => "UpdateTable",
        }
    }

    pub(super) fn writes(self) -> bool {
        match self {
            Operation::BatchWriteItem
            | Operation::DeleteItem
            | Operation::PutItem
            | Operation::TransactWriteItems
            | Operation::UpdateItem => true,
            Operation::BatchGetItem
            | Operation::CreateTable
            | Operation::DescribeTable
            | Operation::GetItem
            | Operation::Query
            | Operation::Scan
            | Operation::TransactGetItems
            | Operation::UpdateTable => false,
        }
    }
}

/// What the store answered, and what that consumed.
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) capacity_units: f64,
}

/// Carries out one request.
///
/// Its consumed capacity is counted whether or not the caller asked to see it. Where `idempotent`
/// is false a transaction's client token is ignored: the store looks through all tokens of the
/// last ten minutes at each transaction, and without faults nothing is ever sent twice.
pub(super) fn carry_out(
    store: &Inner,
    operation: Operation,
    body: &[u8],
    idempotent: bool,
) -> Result<Answer, WireError> {
    let _shared = store.gate.read();
    let db = &store.db;
    /// Asks for the capacity, calls, takes the capacity out again where the caller did not ask.
    macro_rules! metered {
        ($request:ty, $call:ident) => {{
            let mut request: $request = read(body)?;
            let asked = request.return_consumed_capacity.is_some();
            request
                .return_consumed_capacity
                .get_or_insert_with(|| "TOTAL".to_owned());
            let mut response = db.$call(request)?;
            let capacity_units = response.consumed_capacity.units();
            if !asked {
                response.consumed_capacity = None;
            }
            Ok(Answer {
                body: write(&response)?,
                capacity_units,
            })
        }};
    }
    match operation {
        Operation::BatchGetItem => {
            metered!(actions::batch_get_item::BatchGetItemRequest, batch_get_item)
        }
        Operation::BatchWriteItem => metered!(
            actions::batch_write_item::BatchWriteItemRequest,
            batch_write_item
        ),
        Operation::DeleteItem => metered!(actions::delete_item::DeleteItemRequest, delete_item),
        Operation::GetItem => metered!(actions::get_item::GetItemRequest, get_item),
        Operation::PutItem => metered!(actions::put_item::PutItemRequest, put_item),
        Operation::Query => metered!(actions::query::QueryRequest, query),
        Operation::Scan => metered!(actions::scan::ScanRequest, scan),
        Operation::TransactGetItems => {
            metered!(
                actions::transact_get_items::TransactGetItemsRequest,
                transact_get_items
            )
        }
        Operation::UpdateItem => metered!(actions::update_item::UpdateItemRequest, update_item),
        Operation::TransactWriteItems => {
            use actions::transact_write_items::TransactWriteItemsRequest;
            let mut request: TransactWriteItemsRequest = read(body)?;
            if !idempotent {
                request.client_request_token = None;
            }
            let asked = request.return_consumed_capacity.is_some();
            request
                .return_consumed_capacity
                .get_or_insert_with(|| "TOTAL".to_owned());
            let mut response = db.transact_write_items(request)?;
            let capacity_units = response.consumed_capacity.units();
            if !asked {
                response.consumed_capacity = None;
            }
            Ok(Answer {
                body: write(&response)?,
                capacity_units,
            })
        }
        Operation::CreateTable => Ok(Answer {
            body: write(&db.create_table(read(body)?)?)?,
            capacity_units: 0.0,
        }),
        Operation::UpdateTable => Ok(Answer {
            body: write(&db.update_table(read(body)?)?)?,
            capacity_units: 0.0,
        }),
        Operation::DescribeTable => Ok(Answer {
            body: write(&db.describe_table(read(body)?)?)?,
            capacity_units: 0.0,
        }),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, WireError> {
    serde_json::from_slice(body).map_err(|problem| {
        // The store marks its own findings with the error's class; what is left is for people.
        let text = problem.to_string();
        let message = ["VALIDATION:", "VALIDATION_REQUEST:", "SERIALIZATION:"]
            .iter()
            .find_map(|mark| text.strip_prefix(mark))
            .unwrap_or(&text);
        DynoxideError::ValidationException(message.to_owned()).into()
    })
}

fn write<T: Serialize>(response: &T) -> Result<Vec<u8>, WireError> {
    serde_json::to_vec(response)
        .map_err(|problem| DynoxideError::InternalServerError(problem.to_string()).into())
}

/// The capacity units of one answer, which names one table or several.
trait Units {
    fn units(&self) -> f64;
}

impl Units for Option<ConsumedCapacity> {
    fn units(&self) -> f64 {
        self.as_ref()
            .map_or(0.0, |capacity| capacity.capacity_units)
    }
}

impl Units for Option<Vec<ConsumedCapacity>> {
    fn units(&self) -> f64 {
        self.iter()
            .flatten()
            .map(|capacity| capacity.capacity_units)
            .sum()
    }
}
