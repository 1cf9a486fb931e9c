//! Load, decide, commit: the loop stands here, once, for every request that writes.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem};
use laurel_planted::{Bug, is};
use laurel_rules::{
    Account, Commit, Plan, Refusal,
    decide::{AccountWrite, Claim, ClaimWrite, RecordWrite},
};

use crate::{
    Error, Ledger,
    experiments::experiment_writes,
    item::{
        Item, Writer, account_item, archived_item, entry_item, number, pool_writes, record_item,
        seal_value,
    },
    redemption_writes::redemption_writes,
    referral_writes::referral_writes,
    retry::Pause,
    seals::{SEAL, Sealed},
    store::{Committed, Consistency, key_item, text},
    table::Key,
    turns,
};

/// How a snapshot is to be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) consistency: Consistency,
    /// With the account's whole log.
    pub(crate) past: bool,
}

/// How the first try loads it.
pub(crate) const FIRST: Reading = Reading {
    consistency: Consistency::Eventual,
    past: false,
};

/// A request that reads, decides and may write.
pub(crate) trait Operation: Sync {
    /// All that the decision depends on.
    type Snapshot: Send + Sync;
    /// What the caller gets.
    type Answer: Send;

    /// Reads the snapshot, in as few requests as possible.
    fn load(
        &self,
        ledger: &Ledger,
        reading: Reading,
    ) -> impl Future<Output = Result<Self::Snapshot, Error>> + Send;

    /// Whether rules hear what it writes of tiers that changed by time. Where they do not, a visit
    /// that they hear goes first.
    fn hears(&self) -> bool {
        false
    }

    /// Decides; pure.
    fn decide(&self, snapshot: &Self::Snapshot) -> Result<Plan<Self::Answer>, Refusal>;
}

impl Ledger {
    /// Runs an operation until its decision stands.
    ///
    /// The first try reads eventually consistently: what it writes is conditional on what it
    /// read, so a stale snapshot costs a second try and never a wrong result. A decision that
    /// writes nothing has no condition to save it, so it is taken again on current data before
    /// it is answered. Where others of this process are at the same accounts, tries take turns.
    pub(crate) async fn run<O: Operation>(&self, operation: &O) -> Result<O::Answer, Error> {
        let mut reading = FIRST;
        let mut pause = Pause::new();
        // The accounts that others of this process are at, too, and the turn at them.
        let mut contended = BTreeSet::new();
        let mut turn = None;
        loop {
            if turn.is_none() && !contended.is_empty() {
                turn = Some(self.turns.wait(&contended).await);
            }
            let loaded = operation.load(self, reading).await;
            let plan = match loaded {
                Ok(snapshot) => operation.decide(&snapshot).map_err(Error::Refused),
                Err(error) => Err(error),
            };
            let current = reading.consistency == Consistency::Strong;
            match plan {
                Ok(Plan::Final(answer)) => return Ok(answer),
                Ok(Plan::Answer(answer)) if current => return Ok(answer),
                Err(Error::Refused(refusal)) if current => return Err(Error::Refused(refusal)),
                Ok(Plan::Answer(_)) | Err(Error::Refused(_)) => {
                    reading.consistency = Consistency::Strong;
                    continue;
                }
                Ok(Plan::Needs(needs)) if needs.past && reading.past => {
                    return Err(Error::Corrupt {
                        key: "the past".to_owned(),
                        problem: "the decision asked for it although it had it".to_owned(),
                    });
                }
                Ok(Plan::Needs(needs)) => {
                    for shortage in &needs.gathered {
                        self.gather(shortage).await?;
                    }
                    reading.past |= needs.past;
                    if needs.past || !current {
                        reading.consistency = Consistency::Strong;
                        continue;
                    }
                    // Others take points at the same time.
                }
                Ok(Plan::Commit(commit, _))
                    if !operation.hears() && self.hear_reviews(&commit, &mut turn).await? => {}
                Ok(Plan::Commit(commit, answer)) => {
                    contended = turns::changed(&commit);
                    if turn.is_none() && self.turns.are_taken(&contended) {
                        reading.consistency = Consistency::Strong;
                        continue;
                    }
                    match self
                        .store
                        .transact(writes(&self.store.table, &commit)?)
                        .await?
                    {
                        Committed::Yes => return Ok(answer),
                        Committed::Unclear if is(Bug::UnclearIsDone) => return Ok(answer),
                        // After an unclear end the event's record, read afresh, tells whether
                        // this try was the one that wrote.
                        Committed::Stale | Committed::Unclear => {}
                    }
                }
                Err(error) if error.is_transient() => {
                    tracing::debug!(%error, "the snapshot could not be loaded");
                }
                Err(error) => return Err(error),
            }
            reading.consistency = Consistency::Strong;
            if !pause.wait().await {
                return Err(Error::Busy {
                    attempts: pause.attempts(),
                });
            }
        }
    }
}

/// The writes of a commit, each with the fact that it relies on as its condition.
fn writes(table: &str, commit: &Commit) -> Result<Vec<TransactWriteItem>, Error> {
    let mut writes = Vec::new();
    let sealed = Sealed::of(commit);
    let account_item = |account: &Account| {
        let mut item = account_item(account);
        let seal = seal_value(sealed.latest(&account.id));
        item.insert(SEAL.to_owned(), seal);
        item
    };
    for RecordWrite { expected, record } in &commit.records {
        let awards = record.handled.iter().flat_map(|handled| &handled.awards);
        if is(Bug::NoRecords) && expected.is_none() && awards.count() > 0 {
            continue;
        }
        writes.push(put(table, record_item(record), *expected)?);
    }
    for write in &commit.accounts {
        writes.push(match write {
            AccountWrite::Create(account) => put(table, account_item(account), None)?,
            AccountWrite::Update { account, .. } if is(Bug::NoVersions) => {
                put_if(table, account_item(account), "attribute_exists(pk)", None)?
            }
            AccountWrite::Update { version, account } => {
                put(table, account_item(account), Some(*version))?
            }
            AccountWrite::Check { id, version } => {
                let version = (":v", number(*version));
                check(table, &Key::account(id), "v = :v", version)?
            }
        });
    }
    for entry in &sealed.entries {
        writes.push(match is(Bug::NoVersions) {
            true => put_if(
                table,
                entry.clone(),
                "attribute_exists(pk) OR attribute_not_exists(pk)",
                None,
            )?,
            false => put(table, entry.clone(), None)?,
        });
    }
    for pool in &commit.pools {
        writes.extend(pool_writes(table, pool)?);
    }
    let configured = commit.pools.iter().find_map(|pool| {
        let version = pool.catalog_version?;
        Some((Key::program(&pool.id.program), version))
    });
    if let Some((program, version)) = configured {
        writes.push(check(table, &program, "v = :v", (":v", number(version)))?);
    }
    for claim in &commit.claims {
        writes.push(claimed(table, claim)?);
    }
    if let Some(archived) = &commit.archived {
        writes.push(put(table, archived_item(archived)?, None)?);
    }
    writes.extend(experiment_writes(table, commit)?);
    writes.extend(redemption_writes(table, commit)?);
    writes.extend(referral_writes(table, commit)?);
    for entry in &commit.rewritten {
        writes.push(put_if(
            table,
            entry_item(entry),
            "attribute_exists(pk)",
            None,
        )?);
    }
    Ok(writes)
}

/// Puts an item that must not exist yet, or must be at `expected` version.
pub(crate) fn put(
    table: &str,
    item: Item,
    expected: Option<u64>,
) -> Result<TransactWriteItem, Error> {
    match expected {
        None => put_if(table, item, "attribute_not_exists(pk)", None),
        Some(version) => put_if(table, item, "v = :v", Some((":v", number(version)))),
    }
}

/// Puts an item over whatever is there: part of a transaction that has its condition elsewhere.
pub(crate) fn put_over(table: &str, item: Item) -> Result<TransactWriteItem, Error> {
    let put = Put::builder().table_name(table).set_item(Some(item));
    Ok(TransactWriteItem::builder()
        .put(put.build().map_err(invalid)?)
        .build())
}

/// Deletes an item, which must be at `expected` version where one is given.
pub(crate) fn delete(
    table: &str,
    key: &Key,
    expected: Option<u64>,
) -> Result<TransactWriteItem, Error> {
    delete_if(
        table,
        key,
        expected.map(|version| ("v = :v", (":v", number(version)))),
    )
}

fn delete_if(
    table: &str,
    key: &Key,
    condition: Option<(&str, (&str, AttributeValue))>,
) -> Result<TransactWriteItem, Error> {
    let mut delete = Delete::builder()
        .table_name(table)
        .set_key(Some(key_item(key)));
    if let Some((condition, (name, value))) = condition {
        delete = delete
            .condition_expression(condition)
            .expression_attribute_values(name, value);
    }
    Ok(TransactWriteItem::builder()
        .delete(delete.build().map_err(invalid)?)
        .build())
}

fn put_if(
    table: &str,
    item: Item,
    condition: &str,
    value: Option<(&str, AttributeValue)>,
) -> Result<TransactWriteItem, Error> {
    let mut put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression(condition);
    if let Some((name, value)) = value {
        put = put.expression_attribute_values(name, value);
    }
    Ok(TransactWriteItem::builder()
        .put(put.build().map_err(invalid)?)
        .build())
}

fn check(
    table: &str,
    key: &Key,
    condition: &str,
    value: (&str, AttributeValue),
) -> Result<TransactWriteItem, Error> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(key_item(key)))
        .condition_expression(condition)
        .expression_attribute_values(value.0, value.1);
    Ok(TransactWriteItem::builder()
        .condition_check(check.build().map_err(invalid)?)
        .build())
}

/// A claim leads to the account in `a`.
const LEADS_TO: &str = "a = :a";

fn claimed(table: &str, claim: &Claim) -> Result<TransactWriteItem, Error> {
    let key = Key::claim(&claim.program, claim.kind, &claim.value);
    let own = (":a", text(&claim.account));
    match &claim.write {
        ClaimWrite::Take { from } => {
            let item = Writer::keyed(key).text("a", &claim.account).done();
            match from {
                None => put(table, item, None),
                Some(from) => put_if(table, item, LEADS_TO, Some((":a", text(from)))),
            }
        }
        ClaimWrite::Keep => check(table, &key, LEADS_TO, own),
        ClaimWrite::Release => delete_if(table, &key, Some((LEADS_TO, own))),
    }
}

pub(crate) fn invalid(source: aws_sdk_dynamodb::error::BuildError) -> Error {
    Error::Rejected {
        source: Box::new(source),
    }
}
