//! Another DynamoDB behind the same connector: requests go on to a server on this machine, so that
//! what runs on the embedded store runs there too, with the same faults and counts.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::{
    dispatch::{Answer, Operation},
    fault::WireError,
};

/// A server that speaks DynamoDB's protocol, and an account of it that nobody else uses.
#[derive(Debug)]
pub(super) struct Elsewhere {
    address: SocketAddr,
    account: String,
}

impl Elsewhere {
    /// A new account at the server, which keeps accounts apart by their access keys' ids.
    pub(super) fn at(address: SocketAddr) -> Elsewhere {
        static ACCOUNTS: AtomicU64 = AtomicU64::new(0);
        let number = ACCOUNTS.fetch_add(1, Ordering::Relaxed);
        let process = u64::from(std::process::id()) % 1_000_000;
        Elsewhere {
            address,
            account: format!("{:012}", process * 1_000_000 + number % 1_000_000),
        }
    }

    /// Carries out one request there, and asks what it consumed.
    pub(super) async fn carry_out(
        &self,
        operation: Operation,
        body: &[u8],
    ) -> Result<Answer, WireError> {
        let answer = self.post(operation, metered(operation, body)).await;
        answer.unwrap_or_else(|problem| {
            let message = format!("{} does not answer: {problem}", self.address);
            Err(WireError::new(500, "InternalServerError", &message))
        })
    }

    async fn post(
        &self,
        operation: Operation,
        body: Vec<u8>,
    ) -> Result<Result<Answer, WireError>, Box<dyn std::error::Error + Send + Sync>> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let scope = "20260101/us-east-1/dynamodb/aws4_request";
        let request = Request::post("/")
            .header("host", self.address.to_string())
            .header("content-type", "application/x-amz-json-1.0")
            .header(
                "x-amz-target",
                format!("DynamoDB_20120810.{}", operation.name()),
            )
            .header(
                "authorization",
                format!(
                    "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=host, Signature=0",
                    self.account
                ),
            )
            .body(Full::new(Bytes::from(body)))?;
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await?.to_bytes().to_vec();
        drop(sender);
        connection.abort();
        Ok(if status == 200 {
            let capacity_units = consumed(&body);
            Ok(Answer {
                body,
                capacity_units,
            })
        } else {
            let body = String::from_utf8(body)?;
            Err(WireError { status, body })
        })
    }
}

/// The request, asking for what it consumes where such a request may.
fn metered(operation: Operation, body: &[u8]) -> Vec<u8> {
    let is_of_tables = matches!(
        operation,
        Operation::CreateTable | Operation::DescribeTable | Operation::UpdateTable
    );
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(mut request)) if !is_of_tables => {
            request
                .entry("ReturnConsumedCapacity")
                .or_insert_with(|| "TOTAL".into());
            Value::Object(request).to_string().into_bytes()
        }
        _ => body.to_vec(),
    }
}

/// The capacity units that an answer names, of one table or several.
fn consumed(answer: &[u8]) -> f64 {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let consumed = &answer["ConsumedCapacity"];
    let tables = consumed
        .as_array()
        .map_or(std::slice::from_ref(consumed), Vec::as_slice);
    let units = tables
        .iter()
        .filter_map(|table| table["CapacityUnits"].as_f64());
    units.sum()
}
