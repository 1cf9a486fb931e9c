//! What is kept of an event that was handled, so that it can be run again under other rules: what
//! came in, and what was known of the member then. What came of it is in the member's log.
//!
//! Nothing of it says who the member is: whom an event names, and how it was paid, are left out,
//! and an erasure leaves no more than figures.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    Account, Commit, Event, EventRecord,
    account::Status,
    decide::{AccountWrite, EventSnapshot},
    event::{ACCOUNT_CREATED, CUSTOMER_CREATED, Intent},
    referral::ReferralStanding,
    store_credit::StoreCredit,
};

/// How many days events are kept at most, and unless a program says otherwise.
pub const ARCHIVE_DAYS_MAX: u16 = 400;
/// The most bytes that are kept of the fields of one event. Of a longer one only figures are kept:
/// with the account as it was it must fit into an item of 400 kB.
pub const ARCHIVED_BYTES_MAX: usize = 100_000;

/// An event that was handled, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Archived {
    /// The program.
    pub program: String,
    /// The member.
    pub account: String,
    /// When it was handled: the time that the decision went by.
    pub at: Timestamp,
    /// When the item may go, by the machine's time.
    pub gone_at: Timestamp,
    /// The event type.
    pub trigger: String,
    /// The id of the object behind it; the member's where that is a customer.
    pub source_id: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Its fields, but for those that tell who the member is.
    pub data: Map<String, Value>,
    /// How many entries it appended to the member's log.
    pub entries: u64,
    /// The member's account before, without what tells who it is; absent where the event made it.
    pub before: Option<Account>,
    /// Records that the decision rested on: that of a refund's payment, and those under which
    /// refunds waited.
    pub records: Vec<EventRecord>,
}

/// Fields of an event that say who the member is, or how it was paid.
const PERSONAL: [&str; 14] = [
    "account",
    "address",
    "billing",
    "billing_address",
    "billing_details",
    "customer",
    "customer_details",
    "email",
    "name",
    "payment_method",
    "phone",
    "receipt_email",
    "shipping",
    "shipping_address",
];
/// The same of its metadata. A code begins with a member's name; a redemption is replayed from
/// the log.
const PERSONAL_METADATA: [&str; 3] = ["loyalty_account", "referral_code", "redemption"];
/// Fields that an erasure leaves beside figures: they name objects, not persons.
const IMPERSONAL: [&str; 8] = [
    "id",
    "amount",
    "currency",
    "payment",
    "line_items",
    "created",
    "occurred_at",
    "status",
];

impl Archived {
    /// What is to be kept of an event that is being handled; nothing of one that concerns no
    /// member's points.
    #[must_use]
    pub fn of(
        event: &Event,
        snapshot: &EventSnapshot,
        commit: &Commit,
        gone_at: Timestamp,
    ) -> Option<Archived> {
        if !matches!(event.intent, Intent::Earn | Intent::Refund { .. }) {
            return None;
        }
        let handled = commit.records.iter().find(|write| {
            write.record.key.trigger == event.trigger
                && write.record.key.source_id == event.source_id
        });
        let account = handled?.record.handled.as_ref()?.account.clone()?;
        let is_customer = event.trigger == CUSTOMER_CREATED;
        let mut data = impersonal(&event.data);
        let mut source_id = event.source_id.clone();
        if is_customer {
            source_id.clone_from(&account);
            data.insert("id".to_owned(), Value::from(account.as_str()));
        }
        let records = [&snapshot.record, &snapshot.payment].into_iter();
        let mut archived = Archived {
            program: event.program.clone(),
            at: snapshot.now,
            gone_at,
            trigger: event.trigger.clone(),
            source_id,
            occurred_at: event.occurred_at,
            entries: appended(commit, &account),
            before: snapshot.account.as_ref().map(nameless),
            records: records.flatten().cloned().collect(),
            data,
            account,
        };
        // A refund may come after its member was erased, when nobody looks for it any more.
        let is_closed = snapshot.account.as_ref();
        let is_closed = is_closed.is_some_and(|account| account.status != Status::Active);
        if is_closed || archived.size_bytes() > ARCHIVED_BYTES_MAX {
            archived.forget();
        }
        if archived.size_bytes() > ARCHIVED_BYTES_MAX {
            archived.data.remove("line_items");
        }
        Some(archived)
    }

    /// What is to be kept of an account that is being created by itself.
    #[must_use]
    pub fn of_creation(commit: &Commit, now: Timestamp, gone_at: Timestamp) -> Option<Archived> {
        let created = commit.accounts.iter().find_map(|write| match write {
            AccountWrite::Create(account) => Some(account),
            AccountWrite::Update { .. } | AccountWrite::Check { .. } => None,
        })?;
        Some(Archived {
            program: created.program.clone(),
            account: created.id.clone(),
            at: now,
            gone_at,
            trigger: ACCOUNT_CREATED.to_owned(),
            source_id: created.id.clone(),
            occurred_at: now,
            data: Map::new(),
            entries: appended(commit, &created.id),
            before: None,
            records: Vec::new(),
        })
    }

    /// Forgets all but figures and the names of objects; answers whether there was more.
    pub fn forget(&mut self) -> bool {
        let before = self.data.len();
        self.data.retain(|name, value| {
            value.is_number() || value.is_boolean() || IMPERSONAL.contains(&name.as_str())
        });
        before != self.data.len()
    }

    /// Where it stands among the entries of the member's log: after this many, at this version of
    /// the account. What happened to one member is in this order, whatever clocks said.
    #[must_use]
    pub fn place(&self) -> (u64, u64) {
        let before = self.before.as_ref();
        before.map_or((0, 0), |account| (account.seq, account.version))
    }

    fn size_bytes(&self) -> usize {
        serde_json::to_string(&self.data).map_or(usize::MAX, |text| text.len())
    }
}

fn appended(commit: &Commit, account: &str) -> u64 {
    let own = commit.entries.iter();
    let own = own.filter(|entry| entry.account == account).count();
    u64::try_from(own).unwrap_or(u64::MAX)
}

fn impersonal(data: &Map<String, Value>) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in data {
        match value {
            _ if PERSONAL.contains(&name.as_str()) => {}
            Value::Object(metadata) if name == "metadata" => {
                let named = metadata.iter();
                let named = named.filter(|(name, _)| !PERSONAL_METADATA.contains(&name.as_str()));
                let named = named.map(|(name, value)| (name.clone(), value.clone()));
                kept.insert(name.clone(), Value::Object(named.collect()));
            }
            _ => {
                kept.insert(name.clone(), value.clone());
            }
        }
    }
    kept
}

/// The account without names, metadata, codes and cards, and without what simulations take from
/// the log instead: store credit, and points that are reserved, which come back by the log's word.
fn nameless(account: &Account) -> Account {
    let mut nameless = Account {
        customer: None,
        email: None,
        metadata: std::collections::BTreeMap::new(),
        referrals: ReferralStanding::default(),
        store_credit: StoreCredit::default(),
        ..account.clone()
    };
    nameless.points.holds.clear();
    nameless
}
