//! The outside world on AWS.
//!
//! The clients are built by hand instead of by `aws-config`: a function finds its credentials and
//! region in its environment, and needs neither profiles nor single sign-on nor another HTTP
//! client. TLS is rustls with ring, whose first handshake costs a few milliseconds of a small
//! function's CPU where that of aws-lc costs some 800.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::config::{BehaviorVersion, StalledStreamProtectionConfig};
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_types::{DateTime, retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};
use futures::future::BoxFuture;

use crate::{
    Bus, BusEvent, Config, ConfigError, DELAY_MAX, DeadLetter, DeadLetters, DeliveryQueue,
    QueuedDelivery, SendError, bus::BUS_EVENTS_MAX,
};

/// The SDK has no limit for a whole operation by default: without one a dead connection takes the
/// function's whole time. An attempt has long enough for a slow transaction, since one that is
/// given up too early meets itself as `TransactionInProgress`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(4);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(10);

/// Makes clients that share one connection pool.
#[derive(Debug)]
pub struct Aws {
    shared: SdkConfig,
    /// Endpoints of single services, for local stand-ins.
    dynamodb: Option<String>,
    eventbridge: Option<String>,
    sqs: Option<String>,
}

impl Aws {
    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION` or
    /// `AWS_DEFAULT_REGION`, and, for stand-ins of AWS, `AWS_ENDPOINT_URL` and
    /// `AWS_ENDPOINT_URL_DYNAMODB` (`_EVENTBRIDGE`, `_SQS`).
    ///
    /// # Errors
    /// Names the variable that is missing.
    pub fn from_config(config: &Config) -> Result<Aws, ConfigError> {
        let credentials = Credentials::new(
            config.required("AWS_ACCESS_KEY_ID", "the id of an access key")?,
            config.required("AWS_SECRET_ACCESS_KEY", "the secret of the access key")?,
            config.optional("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let region = match config.optional("AWS_REGION") {
            Some(region) => region,
            None => config.required("AWS_DEFAULT_REGION", "a region, as eu-central-1")?,
        };
        let everything = config.optional("AWS_ENDPOINT_URL");
        let dynamodb = config.optional("AWS_ENDPOINT_URL_DYNAMODB");
        let eventbridge = config.optional("AWS_ENDPOINT_URL_EVENTBRIDGE");
        let sqs = config.optional("AWS_ENDPOINT_URL_SQS");
        let endpoints = [&everything, &dynamodb, &eventbridge, &sqs];
        let is_stand_in = endpoints.into_iter().any(Option::is_some);
        let http_client = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(trusting(&region, is_stand_in))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let mut shared = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .region(Region::new(region))
            .http_client(http_client)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard())
            // Answers are small; the attempt's time-out covers a stalled one.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        shared.set_endpoint_url(everything);
        Ok(Aws {
            shared: shared.build(),
            dynamodb,
            eventbridge,
            sqs,
        })
    }

    /// A client of DynamoDB.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let mut config = aws_sdk_dynamodb::config::Builder::from(&self.shared);
        if let Some(endpoint) = &self.dynamodb {
            config = config.endpoint_url(endpoint);
        }
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// The bus called `name`.
    #[must_use]
    pub fn bus(&self, name: impl Into<String>) -> EventBridge {
        let mut config = aws_sdk_eventbridge::config::Builder::from(&self.shared);
        if let Some(endpoint) = &self.eventbridge {
            config = config.endpoint_url(endpoint);
        }
        EventBridge {
            client: aws_sdk_eventbridge::Client::from_conf(config.build()),
            name: name.into(),
        }
    }

    /// The queue of deliveries at `queue_url`.
    #[must_use]
    pub fn deliveries(&self, queue_url: impl Into<String>) -> SqsDeliveries {
        SqsDeliveries {
            client: self.sqs(),
            queue_url: queue_url.into(),
        }
    }

    fn sqs(&self) -> aws_sdk_sqs::Client {
        let mut config = aws_sdk_sqs::config::Builder::from(&self.shared);
        if let Some(endpoint) = &self.sqs {
            config = config.endpoint_url(endpoint);
        }
        aws_sdk_sqs::Client::from_conf(config.build())
    }

    /// The dead-letter queue at `queue_url`.
    #[must_use]
    pub fn dead_letters(&self, queue_url: impl Into<String>) -> SqsDeadLetters {
        SqsDeadLetters {
            client: self.sqs(),
            queue_url: queue_url.into(),
        }
    }
}

/// The roots of Amazon Trust Services (<https://www.amazontrust.com/repository/>), which vouch for
/// the endpoints of AWS: Amazon Root CA 1 to 4 and Starfield Services Root CA G2, valid until 2037 and
/// later.
const AWS_ROOTS: &[u8] = include_bytes!("aws_roots.pem");

/// Whom to trust. To read the system's hundred and more roots takes half of a function's start;
/// only stand-ins, and the parts of AWS that are kept apart from the rest, may need them.
fn trusting(region: &str, is_stand_in: bool) -> TlsContext {
    let is_apart =
        region.starts_with("cn-") || region.starts_with("eusc-") || region.contains("-iso");
    if is_stand_in || is_apart {
        return TlsContext::default();
    }
    let roots = TrustStore::empty().with_pem_certificate(AWS_ROOTS);
    let context = TlsContext::builder().with_trust_store(roots).build();
    context.unwrap_or_default()
}

/// A bus of EventBridge.
#[derive(Debug, Clone)]
pub struct EventBridge {
    client: aws_sdk_eventbridge::Client,
    name: String,
}

impl Bus for EventBridge {
    fn put(
        &self,
        events: Vec<BusEvent>,
    ) -> BoxFuture<'_, Result<Vec<Result<(), String>>, SendError>> {
        Box::pin(async move {
            debug_assert!(events.len() <= BUS_EVENTS_MAX);
            let entries = events.into_iter().map(|event| {
                aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
                    .event_bus_name(&self.name)
                    .source(event.source)
                    .detail_type(event.detail_type)
                    .detail(event.detail.to_string())
                    .time(DateTime::from_millis(event.time.as_millisecond()))
                    .build()
            });
            let answer = self
                .client
                .put_events()
                .set_entries(Some(entries.collect()))
                .send()
                .await
                .map_err(|error| SendError::new("the bus", error))?;
            let taken = answer
                .entries()
                .iter()
                .map(|entry| match entry.error_code() {
                    None => Ok(()),
                    Some(code) => {
                        let message = entry.error_message().unwrap_or_default();
                        Err(format!("{code}: {message}"))
                    }
                });
            Ok(taken.collect())
        })
    }
}

/// The queue of deliveries. It is a standard queue whose messages name a group: SQS hands out
/// those of quiet groups before those of a group that occupies many receivers ("fair queues").
#[derive(Debug, Clone)]
pub struct SqsDeliveries {
    client: aws_sdk_sqs::Client,
    queue_url: String,
}

impl DeliveryQueue for SqsDeliveries {
    fn send(&self, messages: Vec<QueuedDelivery>) -> BoxFuture<'_, Result<(), SendError>> {
        const TARGET: &str = "the queue of deliveries";
        Box::pin(async move {
            let mut batch = self.client.send_message_batch().queue_url(&self.queue_url);
            for (place, message) in messages.into_iter().enumerate() {
                // Rounded up: a message that comes early is only sent on.
                let delay_s = message.delay.min(DELAY_MAX).as_millis().div_ceil(1000);
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(place.to_string())
                    .message_body(message.body)
                    .message_group_id(message.group)
                    .delay_seconds(i32::try_from(delay_s).unwrap_or(0))
                    .build()
                    .map_err(|error| SendError::new(TARGET, error))?;
                batch = batch.entries(entry);
            }
            let answer = batch.send().await;
            let answer = answer.map_err(|error| SendError::new(TARGET, error))?;
            match answer.failed().first() {
                None => Ok(()),
                Some(failed) => {
                    let message = failed.message().unwrap_or_default();
                    Err(SendError::new(
                        TARGET,
                        format!("{}: {message}", failed.code()),
                    ))
                }
            }
        })
    }
}

/// A queue of SQS that keeps dead letters: the body as it came, the rest as message attributes.
#[derive(Debug, Clone)]
pub struct SqsDeadLetters {
    client: aws_sdk_sqs::Client,
    queue_url: String,
}

impl DeadLetters for SqsDeadLetters {
    fn send(&self, letter: DeadLetter) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            let mut message = self
                .client
                .send_message()
                .queue_url(&self.queue_url)
                .message_body(sendable_body(&letter.body));
            for (name, value) in [
                ("code", letter.code),
                ("reason", letter.reason),
                ("received", letter.received.to_string()),
                ("origin", letter.origin),
            ] {
                if let Some(value) = attribute(&value) {
                    message = message.message_attributes(name, value);
                }
            }
            let sent = message.send().await;
            sent.map(|_| ())
                .map_err(|error| SendError::new("the dead-letter queue", error))
        })
    }
}

/// An attribute must not be empty and, as all of a message, hold only the characters of XML.
fn attribute(value: &str) -> Option<MessageAttributeValue> {
    const CHARS_MAX: usize = 1000;
    let is_allowed = |c: &char| !matches!(c, '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    let text: String = value.chars().filter(is_allowed).take(CHARS_MAX).collect();
    if text.is_empty() {
        return None;
    }
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(text)
        .build()
        .ok()
}

/// A body that SQS takes: the two characters that it refuses may stand in JSON texts as they are,
/// and mean the same there when escaped.
fn sendable_body(body: &str) -> String {
    if body.is_empty() {
        return "null".to_owned();
    }
    body.replace('\u{fffe}', "\\ufffe")
        .replace('\u{ffff}', "\\uffff")
}

#[cfg(test)]
mod tests {
    use super::{Aws, attribute, sendable_body};
    use crate::Config;

    #[test]
    fn what_is_missing_is_named() {
        let config = |names: &'static [&str]| {
            Config::new(move |name| names.contains(&name).then(|| "x".to_owned()))
        };
        for (set, missing) in [
            (&[] as &[_], "AWS_ACCESS_KEY_ID"),
            (&["AWS_ACCESS_KEY_ID"], "AWS_SECRET_ACCESS_KEY"),
            (
                &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
                "AWS_DEFAULT_REGION",
            ),
        ] {
            let error = Aws::from_config(&config(set)).expect_err("incomplete");
            assert!(error.to_string().contains(missing), "{error}");
        }
        let all = config(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"]);
        let aws = Aws::from_config(&all).expect("complete");
        // A client that cannot read the pinned roots panics here.
        let _ = (aws.dynamodb(), aws.bus("b"), aws.dead_letters("q"));
    }

    #[test]
    fn letters_keep_to_what_sqs_takes() {
        assert_eq!(attribute("\0\u{ffff}"), None);
        let long = attribute(&"ä".repeat(2000)).expect("an attribute");
        assert_eq!(
            long.string_value().map(|text| text.chars().count()),
            Some(1000)
        );
        assert_eq!(sendable_body("{\"a\":\"\u{fffe}\"}"), r#"{"a":"\ufffe"}"#);
        assert_eq!(sendable_body(""), "null");
    }
}
