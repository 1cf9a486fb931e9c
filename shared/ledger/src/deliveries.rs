//! Deliveries of webhooks: what they need to be sent, and what came of them.

use jiff::Timestamp;
use laurel_events::Outgoing;
use laurel_rules::{Code, Refusal, id::EventId};
use laurel_webhooks::{Delivery, DeliveryId, DeliveryStatus, Endpoint, Health, Message};

use crate::{
    Error, Ledger, Page, PageRequest,
    endpoints::endpoint_in,
    item::{self, Item, Reader, Writer},
    page::no_such_cursor,
    programs::json,
    store::{Committed, Consistency, Expect, Span},
    table::{DELIVERY_PREFIX, Key},
};

/// For how long deliveries are kept, in days.
const KEPT_DAYS: i64 = 30;

/// What was read, and the version on whose condition it may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// What was read.
    pub value: T,
    /// Its version.
    pub version: u64,
}

/// What a message is about.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The endpoint, where it still exists.
    pub endpoint: Option<Versioned<Endpoint>>,
    /// How it fares, where something is wrong.
    pub health: Option<Versioned<Health>>,
    /// The delivery, where something came of it before.
    pub delivery: Option<Versioned<Delivery>>,
    /// The event as it is sent; absent for samples, which are in no log.
    pub event: Option<Outgoing>,
}

/// Which deliveries to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// To this endpoint.
    pub endpoint: String,
    /// Only with this status.
    pub status: Option<DeliveryStatus>,
    /// Only of this event.
    pub event: Option<String>,
}

fn no_such_delivery(id: &str) -> Refusal {
    let message = format!("No such delivery: `{id}`; deliveries are kept for {KEPT_DAYS} days.");
    Refusal::new(Code::ResourceMissing, message)
}

impl Ledger {
    /// Reads all that is needed to carry out a message, in one request.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn load_delivery(&self, message: &Message) -> Result<Loaded, Error> {
        let delivery = DeliveryId::of(&message.endpoint, &message.event, message.created);
        let delivery = Key::delivery(&message.endpoint, &delivery.to_string());
        let endpoint = Key::endpoint(&message.endpoint);
        let health = Key::endpoint_health(&message.endpoint);
        let event = EventId::parse(&message.event);
        let entry = event.as_ref().map(|id| Key::entry(&id.account, id.seq));
        let keys = [delivery.clone(), endpoint.clone(), health.clone()];
        let keys = keys.into_iter().chain(entry.clone());
        let found = self.store.get(keys, Consistency::Strong).await?;
        let endpoint = found.get(&endpoint).map(endpoint_in).transpose()?;
        let entry = entry.and_then(|key| found.get(&key));
        let entry = entry.map(item::entry).transpose()?;
        Ok(Loaded {
            endpoint: endpoint.map(|(value, version)| Versioned { value, version }),
            health: found.get(&health).map(health_in).transpose()?,
            delivery: found.get(&delivery).map(delivery_in).transpose()?,
            event: entry.and_then(|entry| announced(&entry, &message.event)),
        })
    }

    /// Writes a delivery that is as it was read; `false` where it no longer is.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn put_delivery(
        &self,
        delivery: &Delivery,
        version: Option<u64>,
    ) -> Result<bool, Error> {
        let item = delivery_item(delivery, version.unwrap_or(0).saturating_add(1), self.now())?;
        let put = self.store.put(item, Expect::unchanged(version)).await?;
        Ok(put == Committed::Yes)
    }

    /// Takes note of how an endpoint fares.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn put_health(
        &self,
        endpoint: &str,
        health: &Health,
        version: Option<u64>,
    ) -> Result<(), Error> {
        let item = health_item(endpoint, health, version, self.now());
        self.store.put(item, Expect::Anything).await.map(|_| ())
    }

    /// The same, where nobody else has done so since it was read; whether that is so. Of those
    /// who try at a time, one succeeds.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn claim_probe(
        &self,
        endpoint: &str,
        health: &Health,
        version: u64,
    ) -> Result<bool, Error> {
        let item = health_item(endpoint, health, Some(version), self.now());
        let put = self.store.put(item, Expect::Version(version)).await?;
        Ok(put == Committed::Yes)
    }

    /// Takes note that an endpoint is well.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn clear_health(&self, endpoint: &str) -> Result<(), Error> {
        self.store.delete(&Key::endpoint_health(endpoint)).await
    }

    /// The delivery with this id.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn delivery(&self, id: &str) -> Result<Versioned<Delivery>, Error> {
        let parsed = DeliveryId::parse(id).ok_or_else(|| no_such_delivery(id))?;
        let key = Key::delivery(&parsed.endpoint, id);
        let found = self.store.get([key], Consistency::Strong).await?;
        let item = found.values().next().ok_or_else(|| no_such_delivery(id))?;
        let delivery = delivery_in(item)?;
        match self.sees(&delivery.value.program) {
            true => Ok(delivery),
            false => Err(no_such_delivery(id).into()),
        }
    }

    /// Lists the deliveries to an endpoint, those of the newest events first.
    ///
    /// # Errors
    /// `parameter_invalid` where a cursor names no delivery to this endpoint.
    pub async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        request: &PageRequest,
    ) -> Result<Page<Delivery>, Error> {
        let (param, cursor) = request.cursor();
        if let Some(id) = cursor
            && DeliveryId::parse(id).is_none_or(|parsed| parsed.endpoint != filter.endpoint)
        {
            return Err(no_such_cursor(param, id).into());
        }
        let newest_first = param != "ending_before";
        let edge = |id: &str| format!("{DELIVERY_PREFIX}{id}");
        let (from, to) = match cursor {
            Some(id) if newest_first => (edge("0"), edge(id)),
            Some(id) => (edge(id), edge("~")),
            None => (edge("0"), edge("~")),
        };
        let partition = Key::endpoint(&filter.endpoint).pk;
        let mut data = Vec::new();
        let mut start = None;
        loop {
            let span = Span {
                index: None,
                partition: &partition,
                from: &from,
                to: &to,
                newest_first,
                limit: i32::try_from(request.limit.saturating_add(2)).ok(),
                start,
            };
            let page = self.store.query(span).await?;
            for item in &page.items {
                let delivery = delivery_in(item)?.value;
                let is_wanted = filter.status.is_none_or(|status| status == delivery.status)
                    && filter
                        .event
                        .as_ref()
                        .is_none_or(|event| *event == delivery.event)
                    && cursor != Some(&delivery.id);
                if is_wanted {
                    data.push(delivery);
                }
            }
            start = page.next;
            if data.len() > request.limit || start.is_none() {
                break;
            }
        }
        Ok(Page::of_found(data, request.limit, newest_first))
    }
}

/// The event with this id, where `entry` announces it.
pub(crate) fn announced(entry: &laurel_rules::Entry, id: &str) -> Option<Outgoing> {
    let events = laurel_events::outgoing(entry).into_iter();
    events.into_iter().find(|event| event.id == id)
}

fn expiry(now: Timestamp) -> i64 {
    now.as_second().saturating_add(KEPT_DAYS * 86_400)
}

fn delivery_item(delivery: &Delivery, version: u64, now: Timestamp) -> Result<Item, Error> {
    let writer = Writer::keyed(Key::delivery(&delivery.endpoint, &delivery.id));
    Ok(writer
        .text("cfg", json(delivery)?)
        .number("v", version)
        .number("ttl", expiry(now))
        .done())
}

fn delivery_in(item: &Item) -> Result<Versioned<Delivery>, Error> {
    let reader = Reader::new(item);
    let value = serde_json::from_str(reader.text("cfg")?)
        .map_err(|problem| reader.corrupt(format!("a delivery does not read: {problem}")))?;
    Ok(Versioned {
        value,
        version: reader.number("v")?,
    })
}

fn health_item(endpoint: &str, health: &Health, version: Option<u64>, now: Timestamp) -> Item {
    Writer::keyed(Key::endpoint_health(endpoint))
        .maybe_time("fs", health.failing_since)
        .number("n", health.failures)
        .maybe_time("hu", health.held_until)
        .number("v", version.unwrap_or(0).saturating_add(1))
        .number("ttl", expiry(now))
        .done()
}

fn health_in(item: &Item) -> Result<Versioned<Health>, Error> {
    let reader = Reader::new(item);
    Ok(Versioned {
        value: Health {
            failing_since: reader.maybe_time("fs")?,
            failures: reader.number("n")?,
            held_until: reader.maybe_time("hu")?,
        },
        version: reader.number("v")?,
    })
}
