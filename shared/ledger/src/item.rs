//! How things are spelt as DynamoDB items. Attribute names are short, since every item is paid
//! for by the kilobyte; ARCHITECTURE.md lists them.

mod account;
mod archived;
mod credit;
mod entry;
mod experiment;
mod goals;
mod hold;
mod pool;
mod record;
mod redemption;
mod referral;
mod stats;
mod tier;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use jiff::Timestamp;
use laurel_rules::{entry::Seal, purse::LotId};

use crate::{
    Error,
    seals::SEAL,
    table::{Key, due_place, due_shard_of},
};

pub use account::{account, account_item};
pub(crate) use archived::{archived, archived_item};
pub use entry::{entry, entry_from_image, entry_item};
pub(crate) use pool::{head, pool_writes, share};
pub use record::{record, record_item};
pub(crate) use redemption::redemptions_of;
pub use redemption::{redemption, redemption_item};
pub(crate) use referral::{
    conversions, conversions_item, referral_code, referral_code_item, referrals_of,
};
pub use referral::{referral, referral_item};

/// An item as the SDK knows it.
pub type Item = HashMap<String, AttributeValue>;

/// Builds an item, leaving absent values out.
pub(crate) struct Writer(Item);

impl Writer {
    pub(crate) fn keyed(key: Key) -> Writer {
        Writer(HashMap::new()).text("pk", key.pk).text("sk", key.sk)
    }

    pub(crate) fn nested() -> Writer {
        Writer(HashMap::new())
    }

    pub(crate) fn text(mut self, name: &str, value: impl Into<String>) -> Writer {
        self.0
            .insert(name.to_owned(), AttributeValue::S(value.into()));
        self
    }

    pub(crate) fn maybe_text(self, name: &str, value: Option<&String>) -> Writer {
        match value {
            Some(value) => self.text(name, value.as_str()),
            None => self,
        }
    }

    pub(crate) fn number(mut self, name: &str, value: impl ToString) -> Writer {
        self.0.insert(name.to_owned(), number(value));
        self
    }

    /// A number that is left out where it is 0.
    pub(crate) fn count(self, name: &str, value: i64) -> Writer {
        if value == 0 {
            self
        } else {
            self.number(name, value)
        }
    }

    pub(crate) fn time(self, name: &str, value: Timestamp) -> Writer {
        self.number(name, value.as_millisecond())
    }

    pub(crate) fn maybe_time(self, name: &str, value: Option<Timestamp>) -> Writer {
        match value {
            Some(value) => self.time(name, value),
            None => self,
        }
    }

    /// Has the item with this id be visited at `due_at`.
    pub(crate) fn due(self, due_at: Option<Timestamp>, id: &str) -> Writer {
        match due_at {
            Some(at) => self
                .text("dk", due_shard_of(id))
                .text("ds", due_place(at, id)),
            None => self,
        }
    }

    pub(crate) fn list(mut self, name: &str, values: Vec<AttributeValue>) -> Writer {
        if !values.is_empty() {
            self.0.insert(name.to_owned(), AttributeValue::L(values));
        }
        self
    }

    pub(crate) fn texts(mut self, name: &str, values: &BTreeMap<String, String>) -> Writer {
        if !values.is_empty() {
            let map = values
                .iter()
                .map(|(k, v)| (k.clone(), AttributeValue::S(v.clone())));
            self.0
                .insert(name.to_owned(), AttributeValue::M(map.collect()));
        }
        self
    }

    pub(crate) fn maybe(mut self, name: &str, value: Option<AttributeValue>) -> Writer {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value);
        }
        self
    }

    pub(crate) fn seal(mut self, seal: Seal) -> Writer {
        self.0.insert(SEAL.to_owned(), seal_value(seal));
        self
    }

    pub(crate) fn done(self) -> Item {
        self.0
    }
}

pub(crate) fn seal_value(seal: Seal) -> AttributeValue {
    AttributeValue::B(Blob::new(seal.0))
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A moment in a list, where absent as 0.
pub(crate) fn moment(value: Option<Timestamp>) -> AttributeValue {
    number(value.map_or(0, Timestamp::as_millisecond))
}

/// A lot's id as one number: the account's own lots have small ones. An entry holds far fewer than
/// 10,000 transactions, since it is limited to 400 KB, and its number has at most ten digits.
pub(crate) fn lot_number(lot: LotId) -> u64 {
    u64::from(lot.origin)
        .saturating_mul(LOT_SEQS)
        .saturating_add(lot.seq)
        .saturating_mul(LOT_PLACES)
        .saturating_add(u64::from(lot.place))
}

const LOT_SEQS: u64 = 10_000_000_000;
const LOT_PLACES: u64 = 10_000;

pub(crate) fn lot_id(number: u64) -> LotId {
    let entry = number / LOT_PLACES;
    LotId {
        origin: u32::try_from(entry / LOT_SEQS).unwrap_or(u32::MAX),
        seq: entry % LOT_SEQS,
        place: u32::try_from(number % LOT_PLACES).unwrap_or(0),
    }
}

/// Reads an item, naming it where it is not as we write them.
pub(crate) struct Reader<'a> {
    item: &'a Item,
    key: &'a str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(item: &'a Item) -> Reader<'a> {
        let key = match item.get("pk") {
            Some(AttributeValue::S(pk)) => pk.as_str(),
            _ => "?",
        };
        Reader { item, key }
    }

    pub(crate) fn nested(&self, item: &'a Item) -> Reader<'a> {
        Reader {
            item,
            key: self.key,
        }
    }

    pub(crate) fn corrupt(&self, problem: impl Into<String>) -> Error {
        Error::Corrupt {
            key: self.key.to_owned(),
            problem: problem.into(),
        }
    }

    pub(crate) fn maybe_text(&self, name: &str) -> Option<&'a str> {
        match self.item.get(name) {
            Some(AttributeValue::S(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn text(&self, name: &str) -> Result<&'a str, Error> {
        self.maybe_text(name)
            .ok_or_else(|| self.corrupt(format!("no text {name}")))
    }

    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.maybe_text(name).map(str::to_owned)
    }

    /// The part of the key after `prefix`.
    pub(crate) fn after(&self, name: &str, prefix: &str) -> Result<&'a str, Error> {
        let text = self.text(name)?;
        text.strip_prefix(prefix)
            .ok_or_else(|| self.corrupt(format!("{name} is {text}")))
    }

    pub(crate) fn maybe_number<T: std::str::FromStr>(
        &self,
        name: &str,
    ) -> Result<Option<T>, Error> {
        self.item
            .get(name)
            .map(|value| self.parse(name, value))
            .transpose()
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<T, Error> {
        self.maybe_number(name)?
            .ok_or_else(|| self.corrupt(format!("no number {name}")))
    }

    pub(crate) fn count(&self, name: &str) -> Result<i64, Error> {
        Ok(self.maybe_number(name)?.unwrap_or(0))
    }

    pub(crate) fn parse<T: std::str::FromStr>(
        &self,
        name: &str,
        value: &AttributeValue,
    ) -> Result<T, Error> {
        let number = match value {
            AttributeValue::N(text) => text.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| self.corrupt(format!("{name} is not a number in range")))
    }

    pub(crate) fn maybe_time(&self, name: &str) -> Result<Option<Timestamp>, Error> {
        self.item
            .get(name)
            .map(|value| self.instant(name, value))
            .transpose()
    }

    pub(crate) fn time(&self, name: &str) -> Result<Timestamp, Error> {
        self.maybe_time(name)?
            .ok_or_else(|| self.corrupt(format!("no time {name}")))
    }

    pub(crate) fn instant(&self, name: &str, value: &AttributeValue) -> Result<Timestamp, Error> {
        Timestamp::from_millisecond(self.parse(name, value)?)
            .map_err(|_| self.corrupt(format!("{name} is not an instant")))
    }

    /// A moment in a list, absent where 0.
    pub(crate) fn moment(
        &self,
        name: &str,
        value: &AttributeValue,
    ) -> Result<Option<Timestamp>, Error> {
        match value {
            AttributeValue::N(text) if text == "0" => Ok(None),
            value => self.instant(name, value).map(Some),
        }
    }

    /// When the item is to be visited.
    pub(crate) fn due(&self) -> Result<Option<Timestamp>, Error> {
        let place = self.maybe_text("ds").map(|place| {
            let at_ms = place.split('#').next().and_then(|ms| ms.parse().ok());
            let at = at_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
            at.ok_or_else(|| self.corrupt(format!("ds is {place}")))
        });
        place.transpose()
    }

    pub(crate) fn seal(&self) -> Result<Option<Seal>, Error> {
        match self.item.get(SEAL) {
            None => Ok(None),
            Some(AttributeValue::B(bytes)) => {
                let bytes = bytes.as_ref().try_into().ok();
                let bytes = bytes.ok_or_else(|| self.corrupt("a seal is cut off"))?;
                Ok(Some(Seal(bytes)))
            }
            Some(_) => Err(self.corrupt("a seal is not bytes")),
        }
    }

    pub(crate) fn map(&self, name: &str) -> Option<&'a Item> {
        match self.item.get(name) {
            Some(AttributeValue::M(map)) => Some(map),
            _ => None,
        }
    }

    pub(crate) fn list(&self, name: &str) -> &'a [AttributeValue] {
        match self.item.get(name) {
            Some(AttributeValue::L(values)) => values,
            _ => &[],
        }
    }

    pub(crate) fn sublist(
        &self,
        name: &str,
        value: &'a AttributeValue,
    ) -> Result<&'a [AttributeValue], Error> {
        match value {
            AttributeValue::L(values) => Ok(values),
            _ => Err(self.corrupt(format!("{name} holds something else than lists"))),
        }
    }

    pub(crate) fn word(
        &self,
        name: &str,
        value: Option<&'a AttributeValue>,
    ) -> Result<&'a str, Error> {
        match value {
            Some(AttributeValue::S(text)) => Ok(text),
            _ => Err(self.corrupt(format!("{name} lacks a text"))),
        }
    }

    pub(crate) fn texts(&self, name: &str) -> BTreeMap<String, String> {
        let Some(AttributeValue::M(map)) = self.item.get(name) else {
            return BTreeMap::new();
        };
        map.iter()
            .filter_map(|(key, value)| match value {
                AttributeValue::S(text) => Some((key.clone(), text.clone())),
                _ => None,
            })
            .collect()
    }
}
