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

    fn milestone(at: &[i64]) -> Milestone {
        Milestone {
            stat: "x.count".to_owned(),
            at: at.to_vec(),
        }
    }

    #[test]
    fn what_is_paid_is_owed_no_more_and_what_is_taken_back_is_owed_again() {
        let rule = milestone(&[5, 10]);
        let mut standing = MilestoneStanding::default();
        standing.cross_by_merge(&rule, 5, 10);
        assert_eq!(standing.owed, [10], "5 was crossed before");
        assert!(standing.pays(10, 12, 13), "the next event pays it");
        assert!(!standing.pays(5, 12, 13));
        assert!(!standing.pays(10, 8, 9), "where it is as high");
        standing.pay(&rule, &[5]);
        assert_eq!(standing.owed, [10], "it was not this one");
        standing.pay(&rule, &[10]);
        assert!(standing.owed.is_empty());
        // Two awards for one threshold, from before a merge: it is owed once both are gone.
        standing.absorb(MilestoneStanding {
            paid: vec![(10, 1)],
            owed: vec![5],
        });
        assert_eq!(
            (&standing.paid[..], &standing.owed[..]),
            (&[(5, 1), (10, 2)][..], &[][..])
        );
        standing.reopen(10);
        assert!(standing.owed.is_empty() && !standing.pays(10, 9, 10));
        for _ in 0..2 {
            standing.reopen(10);
            assert_eq!(
                (&standing.paid[..], &standing.owed[..]),
                (&[(5, 1)][..], &[10][..])
            );
        }
    }

    #[test]
    fn the_oldest_that_the_rule_has_no_more_are_forgotten_and_no_others() {
        let mut list: Vec<i64> = (0..43).collect();
        trim(&mut list, |one| *one < 2);
        let kept: Vec<i64> = [0, 1].into_iter().chain(5..43).collect();
        assert_eq!(list, kept);
        trim(&mut list, |_| false);
        assert_eq!(list, kept, "as many as may be stay");
    }

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
