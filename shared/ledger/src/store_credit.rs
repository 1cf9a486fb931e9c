//! Store credit: given and taken by hand, listed, read.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use laurel_rules::{
    Account, Code, Entry, EventRecord, Plan, Refusal,
    catalog::SharedCatalog,
    decide::{CreditAdjustment, adjust_credit},
    entry::TransactionType,
    event::CREDIT_ADJUSTMENT,
    id::{CreditId, TransactionId},
    record::EventKey,
    store_credit::CreditTransaction,
};

use crate::{
    Error, Ledger, Page, PageRequest, TimeRange,
    accounts::CURRENT,
    adjustments::digest,
    commit::{Operation, Reading},
    item,
    seals::Sealed,
    store::Consistency,
    table::Key,
    transaction_list::Listing,
};

/// An adjustment of store credit as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditAdjustmentRequest {
    /// The account.
    pub account: String,
    /// ISO 4217.
    pub currency: String,
    /// Signed minor units, not 0.
    pub amount: i64,
    /// Why.
    pub reason: String,
    /// Whether the balance may fall below zero.
    pub allow_negative: bool,
    /// When given credit expires, or that it never does; as the program has it where absent.
    pub expires_at: Option<Option<Timestamp>>,
    /// The caller's own keys and values.
    pub metadata: BTreeMap<String, String>,
    /// What names this request, the same over all its tries, in the form of an id; a repeat is
    /// answered with the first transaction.
    pub request: String,
}

/// A transaction of store credit, in the entry that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditView {
    /// The entry.
    pub entry: Arc<Entry>,
    /// The place among the entry's transactions of store credit.
    pub place: usize,
    /// Whose it is by now: that of the entry, or the one that it was merged into.
    pub account: String,
}

impl CreditView {
    /// The transaction.
    #[must_use]
    pub fn transaction(&self) -> &CreditTransaction {
        &self.entry.credits[self.place]
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> CreditId {
        self.entry.credit_id(self.place)
    }
}

/// Which transactions of store credit to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditFilter {
    /// Of this account.
    pub account: String,
    /// Only in this currency.
    pub currency: Option<String>,
    /// Only of this type.
    pub kind: Option<TransactionType>,
    /// Only written in this range of time.
    pub created: TimeRange,
}

impl Listing for CreditFilter {
    type View = CreditView;

    fn created(&self) -> TimeRange {
        self.created
    }

    fn place_of(&self, id: &str) -> Option<TransactionId> {
        CreditId::parse(id).map(|id| id.0)
    }

    fn count(&self, entry: &Entry) -> usize {
        entry.credits.len()
    }

    fn takes(&self, entry: &Entry, place: usize) -> bool {
        let credit = &entry.credits[place];
        let currency = self.currency.as_ref();
        currency.is_none_or(|currency| *currency == credit.currency)
            && self.kind.is_none_or(|kind| kind == credit.kind)
    }

    fn view(&self, entry: Arc<Entry>, place: usize, account: &str, _: Timestamp) -> CreditView {
        CreditView {
            entry,
            place,
            account: account.to_owned(),
        }
    }
}

fn no_such_credit(id: &str) -> Refusal {
    let message = format!("No such transaction of store credit: `{id}`.");
    Refusal::new(Code::ResourceMissing, message)
}

impl Ledger {
    /// Gives or takes store credit.
    ///
    /// # Errors
    /// `insufficient_store_credit`, `account_closed`, `idempotency_key_reused`,
    /// `resource_missing`, `limit_reached`.
    pub async fn adjust_store_credit(
        &self,
        request: CreditAdjustmentRequest,
    ) -> Result<CreditView, Error> {
        let content = digest(&format!("{request:?}"));
        let adjustment = CreditAdjustment {
            account: request.account,
            currency: request.currency,
            amount: request.amount,
            reason: request.reason,
            allow_negative: request.allow_negative,
            expires_at: request.expires_at,
            metadata: request.metadata,
            key: request.request,
            content,
        };
        let adjusting = Adjusting {
            adjustment: &adjustment,
        };
        match self.run(&adjusting).await? {
            Adjusted::Now(view) => Ok(view),
            Adjusted::Before(id) => self.store_credit_transaction(&id.to_string()).await,
        }
    }

    /// The transaction of store credit with this id.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn store_credit_transaction(&self, id: &str) -> Result<CreditView, Error> {
        let CreditId(parsed) = CreditId::parse(id).ok_or_else(|| no_such_credit(id))?;
        let keys = (
            Key::entry(&parsed.account, parsed.seq),
            Key::account(&parsed.account),
        );
        let wanted = [keys.0.clone(), keys.1.clone()];
        let found = self.store.get(wanted, Consistency::Strong).await?;
        let (Some(entry), Some(owner)) = (found.get(&keys.0), found.get(&keys.1)) else {
            return Err(no_such_credit(id).into());
        };
        let entry = item::entry(entry)?;
        let place = usize::try_from(parsed.place).unwrap_or(usize::MAX);
        if place >= entry.credits.len() || !self.sees(&entry.program) {
            return Err(no_such_credit(id).into());
        }
        let survivor = self.follow(item::account(owner)?, CURRENT).await?;
        Ok(CreditView {
            entry: Arc::new(entry),
            place,
            account: survivor.map_or(parsed.account, |survivor| survivor.id),
        })
    }

    /// Lists an account's transactions of store credit as [`Ledger::transactions`] lists those of
    /// points.
    ///
    /// # Errors
    /// As there.
    pub async fn store_credit_transactions(
        &self,
        filter: &CreditFilter,
        request: &PageRequest,
    ) -> Result<Page<CreditView>, Error> {
        let account = self
            .stored_account(&filter.account, Consistency::Strong)
            .await?;
        self.laid_out(&account, filter, request).await
    }
}

/// The transaction of an adjustment: as this request made it, or in the log under its id.
enum Adjusted {
    Now(CreditView),
    Before(CreditId),
}

struct Adjusting<'a> {
    adjustment: &'a CreditAdjustment,
}

impl Operation for Adjusting<'_> {
    type Snapshot = (SharedCatalog, Account, Option<EventRecord>, Timestamp);
    type Answer = Adjusted;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<Self::Snapshot, Error> {
        let account = ledger
            .stored_account(&self.adjustment.account, reading.consistency)
            .await?;
        let key = EventKey {
            program: account.program.clone(),
            trigger: CREDIT_ADJUSTMENT.to_owned(),
            source_id: self.adjustment.key.clone(),
        };
        let (catalog, record) = ledger.catalog_and_record(&key, reading).await?;
        let now = ledger.now_in(&catalog.program);
        Ok((catalog, account, record, now))
    }

    fn decide(&self, snapshot: &Self::Snapshot) -> Result<Plan<Adjusted>, Refusal> {
        let (catalog, account, record, now) = snapshot;
        let plan = adjust_credit(catalog, account, record.as_ref(), self.adjustment, *now)?;
        Ok(plan.map(|commit, id| {
            let made = commit.and_then(|commit| Sealed::entry(commit, &id.0.account, id.0.seq));
            match made {
                Some(made) => Adjusted::Now(CreditView {
                    entry: Arc::new(made),
                    place: 0,
                    account: id.0.account,
                }),
                None => Adjusted::Before(id),
            }
        }))
    }
}
