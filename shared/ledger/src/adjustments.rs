//! Adjustments by hand.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use laurel_rules::{
    Account, Commit, EventRecord, Plan, Refusal,
    catalog::SharedCatalog,
    decide::{Adjustment, Resources, adjust},
    event::ADJUSTMENT,
    id::TransactionId,
    record::EventKey,
};
use sha2::{Digest, Sha256};

use crate::{
    Error, Ledger, TransactionView,
    commit::{Operation, Reading},
    item,
    seals::Sealed,
    table::Key,
};

/// An adjustment as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdjustmentRequest {
    /// The account.
    pub account: String,
    /// Signed points, not 0.
    pub amount: i64,
    /// Why.
    pub reason: String,
    /// Whether the balance may fall below zero.
    pub allow_negative: bool,
    /// Whether it counts into the lifetime total.
    pub lifetime: bool,
    /// When granted points expire.
    pub expires_at: Option<Timestamp>,
    /// The caller's own keys and values.
    pub metadata: BTreeMap<String, String>,
    /// What names this request, the same over all its tries; a repeat is answered with the first
    /// transaction. It must have the form of an id. Absent: this request is like no other.
    pub request: Option<String>,
}

impl Ledger {
    /// Grants or takes points outside of any rule.
    ///
    /// # Errors
    /// `insufficient_points`, `account_closed`, `idempotency_key_reused`, `resource_missing`.
    pub async fn adjust(&self, request: AdjustmentRequest) -> Result<TransactionView, Error> {
        let content = content(&request);
        let key = request.request.unwrap_or_else(|| self.new_id("adj_"));
        let adjustment = Adjustment {
            account: request.account,
            amount: request.amount,
            reason: request.reason,
            allow_negative: request.allow_negative,
            lifetime: request.lifetime,
            expires_at: request.expires_at,
            metadata: request.metadata,
            key,
            content,
        };
        let adjusting = Adjusting {
            adjustment: &adjustment,
        };
        match self.run(&adjusting).await? {
            Adjusted::Now(view) => Ok(*view),
            Adjusted::Before(id) => self.transaction(&id.to_string()).await,
        }
    }
}

/// The transaction of an adjustment: as this request made it, or in the log under its id.
pub(crate) enum Adjusted {
    Now(Box<TransactionView>),
    Before(TransactionId),
}

fn content(request: &AdjustmentRequest) -> String {
    let expires_at = request.expires_at.map(|at| at.as_millisecond());
    let flags = (request.allow_negative, request.lifetime);
    let text = format!(
        "{:?}",
        (
            &request.account,
            request.amount,
            &request.reason,
            flags,
            expires_at,
            &request.metadata
        )
    );
    digest(&text)
}

/// What tells the content of one request from that of another.
pub(crate) fn digest(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

impl Ledger {
    /// The catalog of a program and the record of one of its events, in one request.
    pub(crate) async fn catalog_and_record(
        &self,
        key: &EventKey,
        reading: Reading,
    ) -> Result<(SharedCatalog, Option<EventRecord>), Error> {
        let (record, program) = (Key::record(key), Key::program(&key.program));
        let kept = self.kept_catalog(&key.program).await?;
        let keys = [record.clone(), program.clone()];
        let found = self.store.get(keys, reading.consistency).await?;
        let catalog = self.current_catalog(kept, found.get(&program)).await?;
        Ok((catalog, found.get(&record).map(item::record).transpose()?))
    }
}

struct Adjusting<'a> {
    adjustment: &'a Adjustment,
}

struct Snapshot {
    catalog: SharedCatalog,
    account: Account,
    record: Option<EventRecord>,
    resources: Resources,
    now: Timestamp,
}

impl Operation for Adjusting<'_> {
    type Snapshot = Snapshot;
    type Answer = Adjusted;

    async fn load(&self, ledger: &Ledger, reading: Reading) -> Result<Snapshot, Error> {
        let account = ledger
            .stored_account(&self.adjustment.account, reading.consistency)
            .await?;
        let key = EventKey {
            program: account.program.clone(),
            trigger: ADJUSTMENT.to_owned(),
            source_id: self.adjustment.key.clone(),
        };
        let (catalog, record) = ledger.catalog_and_record(&key, reading).await?;
        let now = ledger.now_in(&catalog.program);
        Ok(Snapshot {
            resources: ledger
                .resources(&catalog, &[&account], now, reading)
                .await?,
            now,
            catalog,
            account,
            record,
        })
    }

    fn decide(&self, snapshot: &Snapshot) -> Result<Plan<Adjusted>, Refusal> {
        let Snapshot {
            catalog,
            account,
            record,
            resources,
            now,
        } = snapshot;
        let (record, adjustment) = (record.as_ref(), self.adjustment);
        let plan = adjust(catalog, account, record, resources, adjustment, *now)?;
        Ok(plan.map(|commit, id| as_made(commit, id, *now)))
    }
}

/// The transaction `id` as `commit` makes it, or where it does not, as it stands in the log.
pub(crate) fn as_made(commit: Option<&Commit>, id: TransactionId, now: Timestamp) -> Adjusted {
    match commit.and_then(|commit| Sealed::entry(commit, &id.account, id.seq)) {
        Some(made) => Adjusted::Now(Box::new(TransactionView::of(
            Arc::new(made),
            id.place as usize,
            id.account,
            now,
        ))),
        None => Adjusted::Before(id),
    }
}
