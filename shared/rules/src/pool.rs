//! Pools: the points of one budget in one window, handed out to the last without a hot key.
//!
//! A pool has a head and [`SHARES`] shares, each an item of its own. An award takes from the share
//! that its event hashes to; a share that runs short is filled up from the head in the award's own
//! transaction. Four things hold after every transaction, whoever else writes:
//!
//! 1. limit = used + Σ left in shares + rest in the head.
//! 2. A share never falls below nothing, and the head only where the limit was lowered below what
//!    is used or leased; then nothing is handed out until shares have been gathered in.
//! 3. Points come into shares from the head only, and each write of the head raises its version.
//!    So whoever sees all shares empty after reading the head may note that in the head, should it
//!    still be at that version; the next lease takes the note away.
//! 4. A share falls to nothing only in a transaction that writes the head. So nobody takes the last
//!    point without knowing: that award sees the note, under the head's version.
//!
//! An award is cut only where the head bears the note; a pool whose head has nothing and bears it
//! is spent.

mod gather;
mod taking;

use serde::{Deserialize, Serialize};

use crate::budget::BudgetWindow;

pub use gather::{Gathering, Goal, gather};
pub use taking::Taking;

/// How many shares a pool has: at 1,000 awards a second each is written 16 times.
pub const SHARES: u8 = 64;
/// How many shares are gathered in by one transaction.
pub const GATHERED_MAX: usize = 16;

/// Names a pool for good.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PoolId {
    /// The program.
    pub program: String,
    /// The campaign whose budget it is; the program's own where absent.
    pub campaign: Option<String>,
    /// The window.
    pub window: BudgetWindow,
}

/// A pool as the configuration has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSpec {
    /// Which pool.
    pub id: PoolId,
    /// Points in all.
    pub limit: i64,
    /// Grows with each change of the limit.
    pub revision: u64,
    /// The version of the catalog that says so.
    pub catalog_version: u64,
}

/// The head of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Which limit it goes by.
    pub revision: u64,
    /// That limit, in points.
    pub limit: i64,
    /// Points neither used nor leased to a share; negative after the limit was lowered.
    pub rest: i64,
    /// The note that all shares are empty.
    pub shares_are_empty: bool,
    /// Whether it was announced that nothing is left.
    pub is_announced: bool,
    /// Grows with each write.
    pub version: u64,
}

/// A share: points that awards may take without asking the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Under which limit it was filled.
    pub revision: u64,
    /// Points left.
    pub left: i64,
}

/// What was read of one pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolRead {
    /// Which pool.
    pub id: PoolId,
    /// Its head; none before the first award.
    pub head: Option<Head>,
    /// The share that this decision takes from.
    pub share: Option<Share>,
}

/// What was read of all pools that a decision may take from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pools {
    /// The number of the share that this decision takes from.
    pub share: u8,
    /// Whether everything was read consistently.
    pub is_current: bool,
    /// Each pool once.
    pub read: Vec<PoolRead>,
}

/// A pool whose shares must be gathered in before it can be said what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// Which pool.
    pub pool: PoolSpec,
    /// How many points are wanted; gathering may stop when the head has more.
    pub points: i64,
}

/// Why a decision cannot be taken on what was read of pools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// What was read is out of date, or a pool was not read.
    Stale,
    /// The shares of a pool hold what the head lacks.
    Scattered(Shortage),
}

/// What a commit writes of one pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolWrite {
    /// Which pool.
    pub id: PoolId,
    /// Its head.
    pub head: Option<HeadWrite>,
    /// Shares, each at most once.
    pub shares: Vec<(u8, ShareWrite)>,
    /// The version of the catalog that must still be in force, where the configuration enters.
    pub catalog_version: Option<u64>,
}

/// What to do with a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadWrite {
    /// It must be at this version, or absent; it becomes this.
    Set {
        /// The version that was read.
        expected: Option<u64>,
        /// What it becomes, one version on.
        head: Head,
    },
    /// Adds `points`, where the rest is at least so much and the limit still the same.
    Move {
        /// Signed.
        points: i64,
        /// The least that must be there before.
        at_least: i64,
        /// The limit that was read.
        revision: u64,
        /// Whether a share has something after this: the note goes.
        fills_share: bool,
    },
    /// Adds points that an award gave back.
    GiveBack {
        /// At least 1.
        points: i64,
    },
}

/// What to do with a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareWrite {
    /// Takes points, where more than these are left under this limit.
    Draw {
        /// At least 1.
        points: i64,
        /// The limit that was read.
        revision: u64,
    },
    /// It must be as it was read; it becomes this.
    Set {
        /// What was read.
        expected: Option<Share>,
        /// What it becomes.
        share: Share,
    },
}

/// How points are taken from a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Nothing is taken.
    Idle,
    /// From the share alone.
    Draw { revision: u64 },
    /// From the share, which gets `lease` from the head.
    Lease { lease: i64 },
    /// All that is left.
    Last,
}

impl PoolRead {
    /// How `points` can be taken under `spec`, and how many of them.
    fn way(&self, spec: &PoolSpec, points: i64, is_current: bool) -> Result<(i64, Way), Unknown> {
        let later = |revision: u64| revision > spec.revision;
        if self.head.is_some_and(|head| later(head.revision))
            || self.share.is_some_and(|share| later(share.revision))
        {
            return Err(Unknown::Stale);
        }
        if points == 0 {
            return Ok((0, Way::Idle));
        }
        let left = self.share.map_or(0, |share| share.left);
        if let Some(Share { revision, .. }) = self.share
            && revision == spec.revision
            && points < left
        {
            return Ok((points, Way::Draw { revision }));
        }
        let head = self.head_under(spec);
        if head.shares_are_empty && head.rest <= 0 && head.is_announced {
            return if is_current {
                Ok((0, Way::Idle))
            } else {
                Err(Unknown::Stale)
            };
        }
        if head.rest >= 0 && points - left < head.rest {
            let share = head.rest / (2 * i64::from(SHARES));
            let lease = share.max(points - left).max(0);
            return Ok((points, Way::Lease { lease }));
        }
        if head.shares_are_empty && left == 0 {
            return Ok((points.min(head.rest.max(0)), Way::Last));
        }
        if !is_current {
            return Err(Unknown::Stale);
        }
        Err(Unknown::Scattered(Shortage {
            pool: spec.clone(),
            points,
        }))
    }

    /// The head as it is once it goes by the limit of `spec`.
    fn head_under(&self, spec: &PoolSpec) -> Head {
        self.head.map_or(
            Head {
                revision: spec.revision,
                limit: spec.limit,
                rest: spec.limit,
                shares_are_empty: true,
                is_announced: false,
                version: 0,
            },
            |head| head.under(spec),
        )
    }

    /// The writes that take `points` and give back `given_back`.
    fn write(&self, spec: &PoolSpec, way: Way, points: i64, given_back: i64) -> PoolWrite {
        let head = self.head_under(spec);
        let mut write = PoolWrite {
            id: spec.id.clone(),
            head: (given_back > 0).then_some(HeadWrite::GiveBack { points: given_back }),
            shares: Vec::new(),
            catalog_version: None,
        };
        match way {
            Way::Idle => {}
            Way::Draw { revision } => write
                .shares
                .push((0, ShareWrite::Draw { points, revision })),
            Way::Lease { lease } => {
                let left = self.share.map_or(0, |share| share.left) + lease - points;
                let share = Share {
                    revision: spec.revision,
                    left,
                };
                let expected = self.share;
                write.shares.push((0, ShareWrite::Set { expected, share }));
                if self.goes_by(spec) {
                    // Should the head have less by now, something must be left all the same.
                    let at_least = if left == 0 { lease + 1 } else { lease };
                    write.head = Some(HeadWrite::Move {
                        points: given_back - lease,
                        at_least,
                        revision: spec.revision,
                        fills_share: left > 0,
                    });
                } else {
                    let leased = Head {
                        rest: head.rest - lease + given_back,
                        shares_are_empty: head.shares_are_empty && left == 0,
                        ..head
                    };
                    write.set(self.head, leased, spec);
                }
            }
            Way::Last => {
                let last = Head {
                    rest: head.rest.min(0) + given_back,
                    is_announced: true,
                    ..head
                };
                write.set(self.head, last, spec);
            }
        }
        write
    }

    fn goes_by(&self, spec: &PoolSpec) -> bool {
        self.head.is_some_and(|head| head.revision == spec.revision)
    }
}

impl PoolWrite {
    fn set(&mut self, read: Option<Head>, head: Head, spec: &PoolSpec) {
        let version = read.map_or(0, |read| read.version) + 1;
        self.head = Some(HeadWrite::Set {
            expected: read.map(|read| read.version),
            head: Head { version, ..head },
        });
        let is_known = read.is_some_and(|read| read.revision == spec.revision);
        self.catalog_version = (!is_known).then_some(spec.catalog_version);
    }
}

impl Head {
    /// The head as it would be with all that is left in `shares` gathered in.
    #[must_use]
    pub fn gathered(self, shares: &[(u8, Share)]) -> Head {
        let left: i64 = shares.iter().map(|(_, share)| share.left).sum();
        Head {
            rest: self.rest + left,
            shares_are_empty: true,
            ..self
        }
    }

    fn under(self, spec: &PoolSpec) -> Head {
        if self.revision >= spec.revision {
            return self;
        }
        Head {
            revision: spec.revision,
            limit: spec.limit,
            rest: self.rest + spec.limit - self.limit,
            ..self
        }
    }
}

/// Points that were used of a pool, given its head and all its shares at one moment.
#[must_use]
pub fn used(head: &Head, shares: &[Share]) -> i64 {
    let leased: i64 = shares.iter().map(|share| share.left).sum();
    head.limit - head.rest - leased
}
