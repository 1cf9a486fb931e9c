//! What an account remembers of a rule's milestones.

use super::Milestone;

/// How many thresholds are remembered for a rule in each list: all that it has, and as many that
/// it had.
const KEPT_MAX: usize = 2 * super::THRESHOLDS_MAX;

/// Which thresholds were paid, and which are still to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MilestoneStanding {
    /// Thresholds that were paid and not wholly clawed back, with how often that was: more than
    /// once where members who had both been paid were merged.
    pub paid: Vec<(i64, u32)>,
    /// Thresholds that the next event pays where the figure is as high: those that only a merge
    /// has crossed, and those whose award was clawed back.
    pub owed: Vec<i64>,
}

impl MilestoneStanding {
    /// Whether there is nothing to remember.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paid.is_empty() && self.owed.is_empty()
    }

    /// Whether an event that moves the figure from `before` to `after` pays for a threshold.
    pub(super) fn pays(&self, threshold: i64, before: i64, after: i64) -> bool {
        let is_open = before < threshold || self.owed.contains(&threshold);
        threshold <= after && is_open && !self.is_paid(threshold)
    }

    fn is_paid(&self, threshold: i64) -> bool {
        self.paid.iter().any(|(paid, _)| *paid == threshold)
    }

    /// Notes that thresholds were paid.
    pub(super) fn pay(&mut self, milestone: &Milestone, crossed: &[i64]) {
        for threshold in crossed {
            self.note(*threshold, 1);
        }
        self.owed.retain(|owed| !crossed.contains(owed));
        self.bound(milestone);
    }

    /// Forgets the oldest thresholds that the rule has no more, where there are too many.
    fn bound(&mut self, milestone: &Milestone) {
        let has = |threshold: &i64| milestone.at.contains(threshold);
        trim(&mut self.paid, |(threshold, _)| has(threshold));
        trim(&mut self.owed, has);
    }

    fn note(&mut self, threshold: i64, times: u32) {
        match self.paid.iter_mut().find(|(paid, _)| *paid == threshold) {
            Some((_, known)) => *known = known.saturating_add(times),
            None => self.paid.push((threshold, times)),
        }
    }

    /// Notes that nothing is left of an award for a threshold.
    pub(super) fn reopen(&mut self, threshold: i64) {
        for (paid, times) in &mut self.paid {
            if *paid == threshold {
                *times = times.saturating_sub(1);
            }
        }
        self.paid.retain(|(_, times)| *times > 0);
        self.owe(threshold);
    }

    fn owe(&mut self, threshold: i64) {
        if !self.is_paid(threshold) && !self.owed.contains(&threshold) {
            self.owed.push(threshold);
        }
    }

    /// Takes over what another account remembers: what either was paid for is paid.
    pub(super) fn absorb(&mut self, other: MilestoneStanding) {
        for (threshold, times) in other.paid {
            self.note(threshold, times);
        }
        let owed = std::mem::take(&mut self.owed);
        for threshold in owed.into_iter().chain(other.owed) {
            self.owe(threshold);
        }
    }

    /// Notes what a merge alone has crossed: thresholds above the figures of both, and not above
    /// the one of both together.
    pub(super) fn cross_by_merge(&mut self, milestone: &Milestone, higher: i64, together: i64) {
        for threshold in &milestone.at {
            if higher < *threshold && *threshold <= together {
                self.owe(*threshold);
            }
        }
        self.bound(milestone);
    }
}

/// Removes the first that are not kept until as few are left as may be.
fn trim<T>(list: &mut Vec<T>, is_kept: impl Fn(&T) -> bool) {
    let mut surplus = list.len().saturating_sub(KEPT_MAX);
    list.retain(|one| {
        let goes = surplus > 0 && !is_kept(one);
        surplus -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_rule_that_changes_for_ever_as_much_is_remembered() {
        let mut standing = MilestoneStanding::default();
        for round in 0..100 {
            let at: Vec<i64> = (1..=20).map(|step| round * 10 + step).collect();
            let stat = "x.count".to_owned();
            let milestone = Milestone { stat, at };
            standing.reopen(round * 10);
            let open = |threshold: &i64| standing.pays(*threshold, round * 10, i64::MAX);
            let crossed: Vec<i64> = milestone.at.iter().copied().filter(open).collect();
            standing.pay(&milestone, &crossed);
            assert!(milestone.at.iter().all(|at| standing.is_paid(*at)));
            assert!(standing.paid.len() <= KEPT_MAX && standing.owed.len() <= KEPT_MAX);
        }
    }
}
