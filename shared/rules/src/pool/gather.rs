//! Gathering the shares of a pool in, where its head lacks what they hold or the limit has changed.

use super::{GATHERED_MAX, Head, HeadWrite, PoolRead, PoolSpec, PoolWrite, Share, ShareWrite};
use crate::POINTS_MAX;

/// How far the shares of a pool are gathered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Until the head has more points than these, or bears the note that all shares are empty.
    MoreThan(i64),
    /// Until nothing is left in a share that was filled under an earlier limit.
    Recalled,
}

/// What gathering in a pool's shares comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gathering {
    /// The goal is reached.
    Done,
    /// Write this, and look again.
    Write(Box<PoolWrite>),
}

/// Gathers shares in to the head of a pool. `shares` must have been read consistently after `head`
/// was.
#[must_use]
pub fn gather(
    spec: &PoolSpec,
    goal: Goal,
    head: Option<Head>,
    shares: &[(u8, Share)],
) -> Gathering {
    let read = PoolRead {
        id: spec.id.clone(),
        head,
        share: None,
    };
    let under = read.head_under(spec);
    let is_known = head.is_some_and(|head| head.revision >= spec.revision);
    let is_wanted = |share: &Share| match goal {
        Goal::MoreThan(_) => share.left > 0,
        Goal::Recalled => share.left > 0 && share.revision < spec.revision,
    };
    let full = shares.iter().filter(|(_, share)| is_wanted(share));
    let full: Vec<&(u8, Share)> = full.take(GATHERED_MAX).collect();
    let is_enough = match goal {
        Goal::MoreThan(points) => under.shares_are_empty || under.rest > points,
        Goal::Recalled => full.is_empty(),
    };
    if head.is_some_and(|head| head.revision > spec.revision) || (is_known && is_enough) {
        return Gathering::Done;
    }
    let points: i64 = full.iter().map(|(_, share)| share.left).sum();
    let mut write = PoolWrite {
        id: spec.id.clone(),
        head: None,
        shares: full
            .iter()
            .map(|(number, share)| {
                let empty = Share {
                    revision: spec.revision,
                    left: 0,
                };
                let expected = Some(*share);
                (
                    *number,
                    ShareWrite::Set {
                        expected,
                        share: empty,
                    },
                )
            })
            .collect(),
        catalog_version: None,
    };
    if is_known && points > 0 {
        write.head = Some(HeadWrite::Move {
            points,
            at_least: -POINTS_MAX,
            revision: spec.revision,
            fills_share: false,
        });
    } else {
        let gathered = Head {
            rest: under.rest + points,
            shares_are_empty: shares.iter().all(|(_, share)| share.left == 0),
            ..under
        };
        write.set(head, gathered, spec);
    }
    Gathering::Write(Box::new(write))
}
