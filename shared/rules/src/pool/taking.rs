//! What one decision takes from pools and gives back to them, over all of its awards.

use super::{HeadWrite, PoolId, PoolRead, PoolSpec, PoolWrite, Pools, Unknown, Way};
use crate::POINTS_MAX;

/// What one decision takes from pools, and gives back to them.
#[derive(Debug, Clone)]
pub struct Taking<'a> {
    pools: Option<&'a Pools>,
    taken: Vec<Taken>,
    given_back: Vec<(PoolId, i64)>,
}

#[derive(Debug, Clone)]
struct Taken {
    spec: PoolSpec,
    /// What this decision gets.
    points: i64,
    way: Way,
    /// Whether somebody was told that nothing is left after this.
    is_told: bool,
}

impl Taking<'_> {
    /// For decisions that take nothing; they may give back.
    #[must_use]
    pub fn nothing() -> Taking<'static> {
        Taking {
            pools: None,
            taken: Vec::new(),
            given_back: Vec::new(),
        }
    }
}

impl<'a> Taking<'a> {
    /// Nothing taken yet.
    #[must_use]
    pub fn new(pools: &'a Pools) -> Taking<'a> {
        Taking {
            pools: Some(pools),
            taken: Vec::new(),
            given_back: Vec::new(),
        }
    }

    /// Takes up to `points` and answers how many.
    ///
    /// # Errors
    /// What must be known first.
    pub fn take(&mut self, spec: &PoolSpec, points: i64) -> Result<i64, Unknown> {
        if points <= 0 {
            return Ok(0);
        }
        let read = self.read(&spec.id)?;
        let place = self.place_of(spec);
        let is_current = self.is_current();
        let Some(taken) = self.taken.get_mut(place) else {
            return Err(Unknown::Stale);
        };
        let wanted = taken.points.saturating_add(points).min(POINTS_MAX);
        let (all, way) = read.way(spec, wanted, is_current)?;
        let granted = (all - taken.points).max(0);
        taken.points += granted;
        taken.way = way;
        Ok(granted)
    }

    /// Takes back what this decision took in vain.
    pub fn undo(&mut self, spec: &PoolSpec, points: i64) {
        let Ok(read) = self.read(&spec.id) else {
            return;
        };
        let is_current = self.is_current();
        if points > 0
            && let Some(taken) = self.taken.iter_mut().find(|taken| taken.spec == *spec)
        {
            taken.points -= points;
            // What was enough for more is enough for less.
            if let Ok((_, way)) = read.way(spec, taken.points, is_current) {
                taken.way = way;
            }
        }
    }

    fn read(&self, id: &PoolId) -> Result<&'a PoolRead, Unknown> {
        let pools = self.pools.ok_or(Unknown::Stale)?;
        let mut read = pools.read.iter();
        read.find(|read| read.id == *id).ok_or(Unknown::Stale)
    }

    fn is_current(&self) -> bool {
        self.pools.is_some_and(|pools| pools.is_current)
    }

    fn place_of(&mut self, spec: &PoolSpec) -> usize {
        let found = self.taken.iter().position(|taken| taken.spec == *spec);
        found.unwrap_or_else(|| {
            self.taken.push(Taken {
                spec: spec.clone(),
                points: 0,
                way: Way::Idle,
                is_told: false,
            });
            self.taken.len() - 1
        })
    }

    /// Gives points of an earlier award back, or of one that this decision made.
    pub fn give_back(&mut self, id: &PoolId, points: i64) {
        if points <= 0 {
            return;
        }
        match self.given_back.iter_mut().find(|(pool, _)| pool == id) {
            Some((_, sum)) => *sum = sum.saturating_add(points),
            None => self.given_back.push((id.clone(), points)),
        }
    }

    /// The pools of which nothing is left after this, and nobody was told so: tell them.
    pub fn newly_reached(&mut self) -> Vec<PoolSpec> {
        let mut reached = Vec::new();
        for taken in &mut self.taken {
            let mut read = self.pools.iter().flat_map(|pools| &pools.read);
            let read = read.find(|read| read.id == taken.spec.id);
            let head = read.and_then(|read| read.head);
            let is_told = taken.is_told || head.is_some_and(|head| head.is_announced);
            if taken.way == Way::Last && !is_told {
                taken.is_told = true;
                reached.push(taken.spec.clone());
            }
        }
        reached
    }

    /// The writes that do all this.
    #[must_use]
    pub fn writes(&self) -> Vec<PoolWrite> {
        let mut writes = Vec::new();
        let mut given_back = self.given_back.clone();
        for taken in &self.taken {
            let Ok(read) = self.read(&taken.spec.id) else {
                continue;
            };
            let own = given_back.iter().position(|(id, _)| *id == taken.spec.id);
            let own = own.map_or(0, |place| given_back.swap_remove(place).1);
            let mut write = read.write(&taken.spec, taken.way, taken.points, own);
            for (number, _) in &mut write.shares {
                *number = self.pools.map_or(0, |pools| pools.share);
            }
            writes.push(write);
        }
        writes.extend(given_back.into_iter().map(|(id, points)| PoolWrite {
            id,
            head: Some(HeadWrite::GiveBack { points }),
            shares: Vec::new(),
            catalog_version: None,
        }));
        writes.retain(|write| write.head.is_some() || !write.shares.is_empty());
        writes
    }
}
