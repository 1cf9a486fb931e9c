//! A table of a few items, which takes every write and forgets it: enough of DynamoDB for code
//! that is fuzzed to get past its reads, and fast.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use aws_sdk_dynamodb::{
    Client,
    config::{
        BehaviorVersion, Region, RuntimeComponents, StalledStreamProtectionConfig,
        retry::RetryConfig,
    },
};
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use laurel_ledger::Ledger;
use serde_json::{Value, json};

use crate::still;

const TABLE: &str = "laurel";

/// Items by their keys, as the wire has them.
type Items = BTreeMap<(String, String), Value>;

/// The table.
#[derive(Clone, Default)]
pub(crate) struct Table(Arc<Inner>);

#[derive(Default)]
struct Inner {
    items: Mutex<Items>,
    forgets: AtomicBool,
}

impl Table {
    /// A ledger on this table.
    pub(crate) fn ledger(&self) -> Ledger {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("local"))
            .endpoint_url("http://table.invalid")
            .allow_no_auth()
            .http_client(self.clone())
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Ledger::new(Client::from_conf(config), TABLE, still())
    }

    /// Forgets what is written from now on.
    pub(crate) fn freeze(&self) {
        self.0.forgets.store(true, Ordering::Relaxed);
    }

    fn answer(&self, operation: &str, request: &Value) -> Value {
        match operation {
            "BatchGetItem" => self.got(request),
            "Query" => self.found(request),
            "PutItem" => {
                self.keep(&request["Item"]);
                json!({})
            }
            "BatchWriteItem" => {
                for write in each(&request["RequestItems"][TABLE]) {
                    self.keep(&write["PutRequest"]["Item"]);
                }
                json!({"UnprocessedItems": {}})
            }
            "TransactWriteItems" => {
                for write in each(&request["TransactItems"]) {
                    self.keep(&write["Put"]["Item"]);
                }
                json!({})
            }
            // Counters begin anew each time.
            "UpdateItem" => json!({"Attributes": {"n": {"N": "1"}}}),
            _ => json!({}),
        }
    }

    fn items(&self) -> std::sync::MutexGuard<'_, Items> {
        self.0.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, item: &Value) {
        if !self.0.forgets.load(Ordering::Relaxed)
            && let Some(key) = key(item)
        {
            self.items().insert(key, item.clone());
        }
    }

    fn got(&self, request: &Value) -> Value {
        let items = self.items();
        let keys = each(&request["RequestItems"][TABLE]["Keys"]);
        let found = keys.filter_map(|wanted| items.get(&key(wanted)?).cloned());
        json!({"Responses": {TABLE: found.collect::<Vec<_>>()}, "UnprocessedKeys": {}})
    }

    /// What a query finds: the ledger's are all of a partition and a range in it.
    fn found(&self, request: &Value) -> Value {
        let condition = request["KeyConditionExpression"]
            .as_str()
            .unwrap_or_default();
        let [partition, place] = match condition.get(..2) {
            Some("gk") => ["gk", "gs"],
            Some("dk") => ["dk", "ds"],
            _ => ["pk", "sk"],
        };
        let value = |name: &str| text(&request["ExpressionAttributeValues"][name]);
        let range = value(":from")..=value(":to");
        let items = self.items();
        let mut found: Vec<&Value> = items
            .values()
            .filter(|item| {
                item.get(partition).is_some()
                    && text(&item[partition]) == value(":pk")
                    && range.contains(&text(&item[place]))
            })
            .collect();
        found.sort_by_key(|item| text(&item[place]));
        if request["ScanIndexForward"] == json!(false) {
            found.reverse();
        }
        json!({"Items": found, "Count": found.len(), "ScannedCount": found.len()})
    }
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(attribute: &Value) -> &str {
    attribute["S"].as_str().unwrap_or_default()
}

fn key(item: &Value) -> Option<(String, String)> {
    let part = |name: &str| item.get(name)?.get("S")?.as_str().map(str::to_owned);
    Some((part("pk")?, part("sk")?))
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Table")
    }
}

impl HttpClient for Table {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Table {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = operation.rsplit('.').next().unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        let answered = serde_json::from_slice(body)
            .map(|body| respond(&self.answer(operation, &body)))
            .map_err(|error| ConnectorError::user(error.into()));
        HttpConnectorFuture::ready(answered)
    }
}

fn respond(body: &Value) -> HttpResponse {
    let status = StatusCode::try_from(200).expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
    let headers = response.headers_mut();
    headers.insert("content-type", "application/x-amz-json-1.0");
    response
}
