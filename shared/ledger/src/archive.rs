//! The archive: what came in, kept for simulations.
//!
//! An event is put there by the transaction that handles it, so that the archive has what the
//! ledger has, once, and nothing else. Partitions are days and shards of members, so that no day is
//! a hot key; in each of them what belongs to one member stands together, so that an erasure finds
//! it by asking for each day of the member's life.

use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use laurel_rules::{
    Account, Commit, Plan, Program,
    archive::{ARCHIVE_DAYS_MAX, Archived},
};

use crate::{
    Error, Ledger,
    item::{archived, archived_item},
    store::Expect,
    table::{ARCHIVE_SHARDS, archive_day, archive_partition, archive_shard},
};

/// How many requests of an erasure are under way at a time.
const REQUESTS_AT_A_TIME: usize = 16;
/// DynamoDB deletes what is gone within days; an erasure does not wait for that.
const OVERDUE_DAYS: i64 = 10;

/// The plan with what is to be kept of its event, where `program` keeps events.
pub(crate) fn archiving<T>(
    plan: Plan<T>,
    program: &Program,
    wall: Timestamp,
    archived: impl FnOnce(&Commit, Timestamp) -> Option<Archived>,
) -> Plan<T> {
    match plan {
        Plan::Commit(mut commit, answer) if program.archive_days > 0 => {
            let kept = SignedDuration::from_hours(24 * i64::from(program.archive_days));
            let gone_at = wall.checked_add(kept).unwrap_or(Timestamp::MAX);
            commit.archived = archived(&commit, gone_at).map(Box::new);
            Plan::Commit(commit, answer)
        }
        plan => plan,
    }
}

impl Ledger {
    /// The archived events of a program that were handled from `from` to before `to`, in no order;
    /// none where there are more than `most` of them.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program.
    pub async fn archived(
        &self,
        program: &str,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Option<Vec<Archived>>, Error> {
        self.check_sees(program)?;
        let days = archive_day(from)..=archive_day(to);
        let partitions = days.flat_map(|day| {
            let shards = 0..ARCHIVE_SHARDS;
            shards.map(move |shard| archive_partition(program, day, shard))
        });
        let partitions: Vec<String> = partitions.collect();
        let mut pages = stream::iter(partitions)
            .map(|partition| self.archived_in(partition, from, to))
            .buffer_unordered(REQUESTS_AT_A_TIME);
        let mut found = Vec::new();
        while let Some(page) = pages.try_next().await? {
            found.extend(page);
            if found.len() > most {
                return Ok(None);
            }
        }
        Ok(Some(found))
    }

    async fn archived_in(
        &self,
        partition: String,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Archived>, Error> {
        let items = self.store.query_all(&partition, "!", "~").await?;
        let all = items.iter().map(archived);
        let within = |it: &Archived| from <= it.at && it.at < to;
        all.filter(|it| it.as_ref().map_or(true, within)).collect()
    }

    /// Leaves nothing but figures of the archived events of an account, which must have been closed
    /// before: nothing is archived of it any more. Where it fails, it is to be called again.
    pub(crate) async fn forget_archived(
        &self,
        account: &Account,
        now: Timestamp,
    ) -> Result<(), Error> {
        let last = archive_day(now);
        let oldest = last - i64::from(ARCHIVE_DAYS_MAX) - OVERDUE_DAYS;
        let first = archive_day(account.created).max(oldest);
        let shard = archive_shard(&account.id);
        // `$` follows on `#`, which ends the id.
        let (from, to) = (format!("{}#", account.id), format!("{}$", account.id));
        stream::iter((first..=last).map(Ok::<_, Error>))
            .try_for_each_concurrent(REQUESTS_AT_A_TIME, async |day| {
                let partition = archive_partition(&account.program, day, shard);
                let items = self.store.query_all(&partition, &from, &to).await?;
                stream::iter(items.iter().map(Ok::<_, Error>))
                    .try_for_each(async |item| {
                        let mut kept = archived(item)?;
                        if kept.forget() {
                            let item = archived_item(&kept)?;
                            self.store.put(item, Expect::Anything).await?;
                        }
                        Ok(())
                    })
                    .await
            })
            .await
    }
}
