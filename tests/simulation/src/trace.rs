//! What happened, to read and to compare.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use laurel::{embedded::Embedded, stack::TABLE};
use laurel_model::Op;
use sha2::{Digest, Sha256};

/// Lines of what happened.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) lines: Vec<String>,
    pub(crate) counts: Counts,
}

impl Trace {
    pub(crate) fn line(&mut self, depth: usize, text: String) {
        self.lines
            .push(format!("{:indent$}{text}", "", indent = 2 * depth));
    }
}

/// What happened how often, in one history or in many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Operations, by what they are.
    pub deeds: BTreeMap<String, u64>,
    /// Faults, by kind.
    pub faults: BTreeMap<String, u64>,
}

impl Counts {
    pub(crate) fn deed(&mut self, op: &Op) {
        let kind = match op {
            Op::Event(event) if event.kind.starts_with("payment.") => event.kind.clone(),
            Op::Event(event) if event.kind == "invoice.paid" => event.kind.clone(),
            Op::Event(event) if event.kind.starts_with("customer.") => event.kind.clone(),
            Op::Event(_) => "behaviour".to_owned(),
            other => {
                let all = format!("{other:?}");
                let end = all.find(|letter: char| !letter.is_alphanumeric());
                all[..end.unwrap_or(all.len())].to_owned()
            }
        };
        *self.deeds.entry(kind).or_default() += 1;
    }

    /// Counts a fault by its words, without what is particular to this one.
    pub(crate) fn met(&mut self, line: &str) {
        let kinds = [
            "is answered Provisioned",
            "is answered Internal",
            "is answered TransactionCanceled",
            "is answered TransactionInProgress",
            "is lost on its way",
            "its answer lost",
            "reads the past",
            "dies before it",
            "dies after it",
            " takes ",
            "the bus fails",
            "one event for the bus fails",
            "the dead-letter queue fails",
            "the queue of deliveries fails",
            "the receiver fails",
            "the receiver's answer fails",
            "the receiver is slow",
            "a delivery comes twice",
            "dead letter",
            "came again",
            "out of order",
        ];
        if let Some(kind) = kinds.iter().find(|kind| line.contains(*kind)) {
            *self.faults.entry(kind.trim().to_owned()).or_default() += 1;
        }
    }

    /// Adds those of another history.
    pub fn add(&mut self, other: &Counts) {
        for (all, others) in [
            (&mut self.deeds, &other.deeds),
            (&mut self.faults, &other.faults),
        ] {
            for (kind, count) in others {
                *all.entry(kind.clone()).or_default() += count;
            }
        }
    }
}

/// What stands for everything in the table but what the system's own chance is in: kept answers,
/// which are sealed, and the secrets of keys and endpoints.
pub(crate) async fn digest(store: &Embedded) -> String {
    let mut items = Vec::new();
    let mut start = None;
    loop {
        let page = store.client().scan().table_name(TABLE).limit(500);
        let page = page.set_exclusive_start_key(start).send().await;
        let page = page.expect("a page of the table");
        items.extend(page.items.unwrap_or_default().iter().map(spelled));
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    items.sort();
    let mut all = Sha256::new();
    let count = items.len();
    for item in items {
        all.update(item);
        all.update("\n");
    }
    let digest: String = all
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{count} items, {digest}")
}

fn spelled(item: &HashMap<String, AttributeValue>) -> String {
    let is_random = |name: &str, value: &AttributeValue| {
        let is_secret = |text: &String| text.contains("whsec_") || text.contains("\"last4\"");
        matches!(value, AttributeValue::B(_)) || name == "h" || value.as_s().is_ok_and(is_secret)
    };
    let mut fields: Vec<String> = item
        .iter()
        .filter(|(name, value)| !is_random(name, value))
        .map(|(name, value)| format!("{name}={}", spelled_value(value)))
        .collect();
    fields.sort();
    fields.join(" ")
}

fn spelled_value(value: &AttributeValue) -> String {
    match value {
        AttributeValue::M(fields) => format!("{{{}}}", spelled(fields)),
        AttributeValue::L(values) => {
            let values: Vec<String> = values.iter().map(spelled_value).collect();
            format!("[{}]", values.join(" "))
        }
        other => format!("{other:?}"),
    }
}
