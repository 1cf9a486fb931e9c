//! Seals: each entry of a log bears a hash of itself and of the seal before it, and the account
//! bears that of the latest. Whoever can write to the table can still change what it says, but not
//! without leaving a log whose seals do not fit, unless every later seal and the account are
//! changed, too; and a copy of one seal, kept elsewhere, then tells.
//!
//! What an erasure takes out of an entry is not sealed: what changed beside points, and the
//! customer's id where an event is named by it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use laurel_rules::{
    Commit, Entry,
    decide::{AccountWrite, NAMED_BY_CUSTOMER},
    entry::Seal,
};
use sha2::{Digest, Sha256};

use crate::item::{Item, Reader, entry_item, seal_value};

/// The attribute that a seal stands in.
pub(crate) const SEAL: &str = "h";
/// What is sealed of an entry, in this order.
const SEALED: [&str; 9] = ["pk", "sk", "p", "t", "pm", "oc", "cr", "tx", "sc"];
const SOURCE: &str = "i";

/// The entries of a commit as items, each with its seal.
pub(crate) struct Sealed<'a> {
    /// In the order of the commit.
    pub(crate) entries: Vec<Item>,
    /// The seal of each account's latest entry.
    latest: HashMap<&'a str, Seal>,
}

impl<'a> Sealed<'a> {
    pub(crate) fn of(commit: &'a Commit) -> Sealed<'a> {
        let accounts = commit.accounts.iter().filter_map(|write| match write {
            AccountWrite::Create(account) | AccountWrite::Update { account, .. } => {
                Some((account.id.as_str(), account.seal))
            }
            AccountWrite::Check { .. } => None,
        });
        let mut latest: HashMap<&str, Seal> = accounts.collect();
        let entries = commit.entries.iter().map(|entry| {
            let mut item = entry_item(entry);
            let seal = latest.entry(&entry.account).or_default();
            *seal = seal_of(&item, *seal);
            item.insert(SEAL.to_owned(), seal_value(*seal));
            item
        });
        Sealed {
            entries: entries.collect(),
            latest,
        }
    }

    /// The entry with this number of an account's log as it will be read.
    pub(crate) fn entry(commit: &Commit, account: &str, seq: u64) -> Option<Entry> {
        let sealed = Sealed::of(commit);
        let mut written = commit.entries.iter().zip(sealed.entries);
        let is_it = |entry: &Entry| entry.account == account && entry.seq == seq;
        let (entry, item) = written.find(|(entry, _)| is_it(entry))?;
        Some(Entry {
            seal: Reader::new(&item).seal().ok().flatten(),
            ..entry.clone()
        })
    }

    /// The seal of the latest entry of this account.
    pub(crate) fn latest(&self, account: &str) -> Seal {
        self.latest.get(account).copied().unwrap_or_default()
    }
}

/// The seal of the entry that `item` stores, after `before`.
#[must_use]
pub fn seal_of(item: &Item, before: Seal) -> Seal {
    let mut hash = Sha256::new_with_prefix(before.0);
    for name in SEALED {
        feed(&mut hash, item.get(name));
    }
    let is_named_by_customer = match item.get("t") {
        Some(AttributeValue::S(trigger)) => NAMED_BY_CUSTOMER.contains(&trigger.as_str()),
        _ => false,
    };
    feed(
        &mut hash,
        item.get(SOURCE).filter(|_| !is_named_by_customer),
    );
    Seal(hash.finalize().into())
}

/// Adds a value so that no two values add the same: with its kind and its length.
fn feed(hash: &mut Sha256, value: Option<&AttributeValue>) {
    match value {
        None => hash.update([0]),
        Some(AttributeValue::S(text)) => feed_bytes(hash, b'S', text.as_bytes()),
        Some(AttributeValue::N(number)) => feed_bytes(hash, b'N', number.as_bytes()),
        Some(AttributeValue::B(bytes)) => feed_bytes(hash, b'B', bytes.as_ref()),
        Some(AttributeValue::L(values)) => {
            feed_length(hash, b'L', values.len());
            for value in values {
                feed(hash, Some(value));
            }
        }
        Some(AttributeValue::M(map)) => {
            feed_length(hash, b'M', map.len());
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            for (name, value) in fields {
                feed_bytes(hash, b'S', name.as_bytes());
                feed(hash, Some(value));
            }
        }
        // No item of a log has another kind of value; where one does, it was not written here.
        Some(_) => hash.update(*b"?"),
    }
}

fn feed_bytes(hash: &mut Sha256, kind: u8, bytes: &[u8]) {
    feed_length(hash, kind, bytes.len());
    hash.update(bytes);
}

fn feed_length(hash: &mut Sha256, kind: u8, length: usize) {
    hash.update([kind]);
    hash.update(u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(fields: &[(&str, AttributeValue)]) -> Item {
        let fields = fields.iter();
        let fields = fields.map(|(name, value)| ((*name).to_owned(), value.clone()));
        fields.collect()
    }

    fn text(value: &str) -> AttributeValue {
        AttributeValue::S(value.to_owned())
    }

    #[test]
    fn whatever_is_sealed_changes_the_seal() {
        let plain = item(&[("pk", text("A#loy_1")), ("sk", text("T#1"))]);
        let seal = |item: &Item| seal_of(item, Seal::default());
        let mut seals = vec![seal(&plain), seal_of(&plain, Seal([1; 32]))];
        let number = |value: &str| AttributeValue::N(value.to_owned());
        let nested = |name: &str, value| AttributeValue::M(item(&[(name, value)]));
        for (name, value) in [
            ("p", text("A")),
            ("p", number("1")),
            ("t", text("A")),
            ("pm", text("A")),
            ("oc", number("1")),
            ("cr", number("1")),
            ("i", text("A")),
            ("tx", AttributeValue::L(vec![nested("a", number("5"))])),
            ("tx", AttributeValue::L(vec![nested("a", number("6"))])),
            ("tx", AttributeValue::L(vec![nested("b", number("5"))])),
            ("tx", AttributeValue::L(vec![text("ab"), text("c")])),
            ("tx", AttributeValue::L(vec![text("a"), text("bc")])),
            ("sc", AttributeValue::L(vec![nested("a", number("5"))])),
        ] {
            let mut changed = plain.clone();
            changed.insert(name.to_owned(), value);
            seals.push(seal(&changed));
        }
        let all = seals.len();
        seals.sort_by_key(|seal| seal.0);
        seals.dedup();
        assert_eq!(seals.len(), all);
    }

    #[test]
    fn what_an_erasure_takes_is_not_sealed() {
        let of = |trigger: &str, source: &str, changes| {
            seal_of(
                &item(&[
                    ("t", text(trigger)),
                    ("i", text(source)),
                    ("ch", AttributeValue::L(changes)),
                ]),
                Seal::default(),
            )
        };
        let named = of("customer.created", "anna", vec![text("anna")]);
        assert_eq!(named, of("customer.created", "erased", Vec::new()));
        let other = of("payment.completed", "pay_1", Vec::new());
        assert_ne!(other, of("payment.completed", "pay_2", Vec::new()));
    }
}
