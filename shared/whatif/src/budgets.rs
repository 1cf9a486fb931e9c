//! Pools of budgets in memory. One share is enough where nobody else takes from them.

use std::collections::HashMap;

use laurel_rules::pool::{
    Head, HeadWrite, PoolId, PoolRead, PoolSpec, PoolWrite, Pools, Share, ShareWrite, Shortage,
};

/// What is left of each pool.
#[derive(Debug, Clone, Default)]
pub(crate) struct Budgets {
    heads: HashMap<PoolId, Head>,
    shares: HashMap<PoolId, Share>,
}

impl Budgets {
    /// What a decision reads of these pools.
    pub(crate) fn read(&self, pools: Vec<PoolSpec>) -> Pools {
        let mut read: Vec<PoolRead> = Vec::with_capacity(pools.len());
        for PoolSpec { id, .. } in pools {
            if read.iter().any(|known| known.id == id) {
                continue;
            }
            read.push(PoolRead {
                head: self.heads.get(&id).copied(),
                share: self.shares.get(&id).copied(),
                id,
            });
        }
        Pools {
            share: 0,
            is_current: true,
            read,
        }
    }

    /// Takes what a share holds back into its head, which then knows that all are empty.
    pub(crate) fn gather(&mut self, shortage: &Shortage) {
        let id = &shortage.pool.id;
        let left = self.shares.remove(id).map_or(0, |share| share.left);
        if let Some(head) = self.heads.get_mut(id) {
            head.rest += left;
            head.shares_are_empty = true;
            head.version += 1;
        }
    }

    /// Does what a decision writes.
    pub(crate) fn write(&mut self, write: PoolWrite) {
        let PoolWrite {
            id, head, shares, ..
        } = write;
        for (_, share) in shares {
            match share {
                ShareWrite::Draw { points, .. } => {
                    if let Some(share) = self.shares.get_mut(&id) {
                        share.left -= points;
                    }
                }
                ShareWrite::Set { share, .. } => {
                    self.shares.insert(id.clone(), share);
                }
            }
        }
        match head {
            Some(HeadWrite::Set { head, .. }) => {
                self.heads.insert(id, head);
            }
            Some(HeadWrite::Move {
                points,
                fills_share,
                ..
            }) => {
                if let Some(head) = self.heads.get_mut(&id) {
                    head.rest += points;
                    head.shares_are_empty &= !fills_share;
                    head.version += 1;
                }
            }
            Some(HeadWrite::GiveBack { points }) => {
                // Of a pool that nothing was taken from yet here, what was taken earlier.
                if let Some(head) = self.heads.get_mut(&id) {
                    head.rest += points;
                    head.version += 1;
                }
            }
            None => {}
        }
    }
}
