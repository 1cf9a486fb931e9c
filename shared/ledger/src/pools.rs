//! Pools of budgets: what decisions read of them, and gathering their shares in.

use std::collections::HashMap;

use laurel_rules::{
    Commit, Plan, Refusal,
    pool::{
        Gathering, Goal, Head, PoolId, PoolRead, PoolSpec, Pools, SHARES, Share, Shortage, gather,
    },
};
use sha2::{Digest, Sha256};

use crate::{
    Error, Ledger,
    commit::{Operation, Reading},
    item::{self, Item},
    retry::Pause,
    store::Consistency,
    table::Key,
};

/// The pools that a decision may take from, as its first read asks for them.
#[derive(Debug, Default)]
pub(crate) struct PoolKeys {
    share: u8,
    ids: Vec<PoolId>,
}

impl PoolKeys {
    /// `source` names what the decision is about: its hash picks the share.
    pub(crate) fn of(specs: Vec<PoolSpec>, source: &str) -> PoolKeys {
        if specs.is_empty() {
            return PoolKeys::default();
        }
        let mut ids: Vec<PoolId> = Vec::with_capacity(specs.len());
        for spec in specs {
            if !ids.contains(&spec.id) {
                ids.push(spec.id);
            }
        }
        PoolKeys {
            share: Sha256::digest(source.as_bytes())[0] % SHARES,
            ids,
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = Key> {
        let ids = self.ids.iter();
        ids.flat_map(|id| [Key::pool(id), Key::pool_share(id, self.share)])
    }

    pub(crate) fn read(
        &self,
        found: &HashMap<Key, Item>,
        reading: Reading,
    ) -> Result<Pools, Error> {
        let read = self.ids.iter().map(|id| {
            let head = found.get(&Key::pool(id)).map(item::head);
            let share = found.get(&Key::pool_share(id, self.share));
            Ok(PoolRead {
                id: id.clone(),
                head: head.transpose()?,
                share: share.map(item::share).transpose()?,
            })
        });
        Ok(Pools {
            share: self.share,
            is_current: reading.consistency == Consistency::Strong,
            read: read.collect::<Result<_, Error>>()?,
        })
    }
}

impl Ledger {
    /// Reads pools as if their shares were gathered in, and leaves them where they are.
    pub(crate) async fn read_gathered(&self, pools: Pools) -> Result<Pools, Error> {
        let mut read = Vec::with_capacity(pools.read.len());
        for PoolRead { id, .. } in pools.read {
            let whole = self.whole_pool(&id).await?;
            let head = whole.map(|(head, shares)| head.gathered(&shares));
            read.push(PoolRead {
                id,
                head,
                share: None,
            });
        }
        Ok(Pools { read, ..pools })
    }

    /// Gathers in the shares of a pool until its head has more than what is wanted, or notes that
    /// they are empty.
    pub(crate) async fn gather(&self, shortage: &Shortage) -> Result<(), Error> {
        let goal = Goal::MoreThan(shortage.points);
        self.gather_until(&shortage.pool, goal).await
    }

    /// Gathers in what was leased to shares under an earlier limit: from then on nobody takes it,
    /// whatever limit they know.
    pub(crate) async fn recall(&self, pool: &PoolSpec) -> Result<(), Error> {
        self.gather_until(pool, Goal::Recalled).await
    }

    async fn gather_until(&self, pool: &PoolSpec, goal: Goal) -> Result<(), Error> {
        loop {
            // Gathering is an operation itself, which asks for no gathering.
            match Box::pin(self.run(&GatheringIn { pool, goal })).await? {
                Gathering::Done => return Ok(()),
                Gathering::Write(_) => {}
            }
        }
    }

    /// The head of a pool and all its shares as they were at one moment; `None` before the first
    /// award.
    pub(crate) async fn whole_pool(
        &self,
        id: &PoolId,
    ) -> Result<Option<(Head, Vec<(u8, Share)>)>, Error> {
        let mut pause = Pause::new();
        loop {
            let before = self.head_of(id).await?;
            let Some(head) = before else {
                return Ok(None);
            };
            let shares = self.shares_under(id, before).await?;
            // While the head stays, points only leave shares for members: what was read is as of
            // some moment between.
            if self.head_of(id).await? == before {
                return Ok(Some((head, shares)));
            }
            pause.or_busy().await?;
        }
    }

    async fn head_of(&self, id: &PoolId) -> Result<Option<Head>, Error> {
        let found = self.store.get([Key::pool(id)], Consistency::Strong).await?;
        found.values().next().map(item::head).transpose()
    }

    /// The shares of a pool with points in them, given its head as it was just read.
    async fn shares_under(
        &self,
        id: &PoolId,
        head: Option<Head>,
    ) -> Result<Vec<(u8, Share)>, Error> {
        if head.is_none_or(|head| head.shares_are_empty) {
            return Ok(Vec::new());
        }
        let keys = (0..SHARES).map(|number| Key::pool_share(id, number));
        let found = self.store.get(keys, Consistency::Strong).await?;
        let mut shares = Vec::with_capacity(found.len());
        for number in 0..SHARES {
            if let Some(item) = found.get(&Key::pool_share(id, number)) {
                shares.push((number, item::share(item)?));
            }
        }
        Ok(shares)
    }
}

struct GatheringIn<'a> {
    pool: &'a PoolSpec,
    goal: Goal,
}

impl Operation for GatheringIn<'_> {
    type Snapshot = (Option<Head>, Vec<(u8, Share)>);
    type Answer = Gathering;

    async fn load(&self, ledger: &Ledger, _: Reading) -> Result<Self::Snapshot, Error> {
        let id = &self.pool.id;
        // In this order: that all are empty holds as of the head's version.
        let head = ledger.head_of(id).await?;
        Ok((head, ledger.shares_under(id, head).await?))
    }

    fn decide(&self, (head, shares): &Self::Snapshot) -> Result<Plan<Gathering>, Refusal> {
        let gathering = gather(self.pool, self.goal, *head, shares);
        Ok(match &gathering {
            Gathering::Done => Plan::Final(gathering),
            Gathering::Write(write) => {
                let commit = Commit {
                    pools: vec![(**write).clone()],
                    ..Commit::default()
                };
                Plan::Commit(Box::new(commit), gathering)
            }
        })
    }
}
