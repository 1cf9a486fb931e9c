//! What rules give for an event.

use super::goals::Reached;
use super::*;
use crate::settings::{Decimal, Recipient};

/// What a rule would do for an event.
struct Candidate {
    rule: Rule,
    /// What rounding left of the value, for a rule that carries.
    carry: Option<BigRational>,
    uncapped: BigInt,
    points: BigInt,
    /// What it does for the rule's goal.
    reached: Option<Reached>,
    /// What each campaign that has a budget adds to it, before the cap.
    added: Vec<(String, BigInt)>,
}

impl Candidate {
    fn writes(&self) -> bool {
        self.uncapped > BigInt::ZERO
    }
}

impl Model {
    /// Writes what every rule gives for an event, in the order of the rules' creation.
    pub(super) fn award(
        &mut self,
        member: MemberId,
        event: &Event,
    ) -> Result<Vec<Posted>, Refusal> {
        self.award_to(member, event, None)
    }

    /// The same for one side of a referral.
    pub(super) fn award_to(
        &mut self,
        member: MemberId,
        event: &Event,
        recipient: Option<Recipient>,
    ) -> Result<Vec<Posted>, Refusal> {
        let is_for = |rule: &&Rule| rule.recipient == recipient;
        let tier = self.tier_of_event(member, event.occurred_at);
        let units: Vec<(String, i64)> = self
            .rules
            .iter()
            .filter(is_for)
            .filter_map(|rule| self.unit(member, event, rule))
            .collect();
        let candidates: Vec<Candidate> = self
            .rules
            .iter()
            .filter(is_for)
            .filter_map(|rule| self.candidate(member, event, rule, tier.as_ref()))
            .collect();
        let fires: Vec<bool> = candidates.iter().map(|it| wins(it, &candidates)).collect();
        let mut written = Vec::new();
        for (candidate, fires) in candidates.into_iter().zip(fires) {
            let writes = candidate.writes();
            // Ruling: a rule whose award rounds to 0 has not competed for its group, hence not
            // lost it, and keeps its fraction.
            if writes && !fires {
                continue;
            }
            let rule = candidate.rule;
            let mut milestones = Vec::new();
            match candidate.reached.filter(|_| writes) {
                Some(Reached::Thresholds(crossed)) => milestones = crossed,
                Some(Reached::Unit(unit, _)) => self.count_unit(member, &rule.id, unit, true),
                None => {}
            }
            if let Some(carry) = candidate.carry {
                self.carries.insert((member, rule.id.clone()), carry);
            }
            if !writes {
                continue;
            }
            let uncapped = candidate.uncapped.to_i128().ok_or("points_out_of_range")?;
            let points = candidate.points.to_i64().ok_or("points_out_of_range")?;
            let (amount, added) = if candidate.added.is_empty() && self.settings.budget.is_none() {
                (points, Vec::new())
            } else {
                let added = candidate.added.into_iter();
                let added = added.map(|(id, points)| (id, in_i64(&points))).collect();
                let uncapped = in_i64(&candidate.uncapped);
                self.within_budgets(event.occurred_at, uncapped, points, added)
            };
            let capped = i128::from(amount) < uncapped;
            let pending_days = rule.pending_days.unwrap_or(self.settings.pending_days);
            let expires = rule.expires.as_ref().or(self.settings.expires.as_ref());
            let occurred_at = event.occurred_at;
            let available_at = calendar::available_at(occurred_at, pending_days, &self.zone);
            let expires_at = expires.map(|expires| {
                calendar::expires_at(occurred_at, expires, available_at, &self.zone)
            });
            written.push(self.post(Transaction {
                rule: Some(rule.id),
                source: Some((event.kind.clone(), event.source_id().to_owned())),
                occurred_at,
                available_at,
                expires_at,
                uncapped_points: capped.then_some(uncapped),
                lifetime: true,
                added,
                milestones,
                ..Transaction::of(member, TransactionKind::Earn, amount, self.now)
            })?);
        }
        // Ruling: an event that its rule would pay by is part of the run, paid or not.
        for (rule, unit) in units {
            self.count_unit(member, &rule, unit, false);
        }
        self.count(member, event);
        Ok(written)
    }

    /// The unit of the rule's streak that an event counts in.
    fn unit(&self, member: MemberId, event: &Event, rule: &Rule) -> Option<(String, i64)> {
        if !in_effect(rule, event) || points::exact_points(rule, event, &[]).is_none() {
            return None;
        }
        match self.progress(member, event, rule)? {
            Reached::Unit(unit, _) => Some((rule.id.clone(), unit)),
            Reached::Thresholds(_) => None,
        }
    }

    /// What a rule would give, `None` where it does not fire: another trigger, not active, not
    /// in its time, nothing to earn on, or `cap.awards` reached.
    fn candidate(
        &self,
        member: MemberId,
        event: &Event,
        rule: &Rule,
        tier: Option<&Tier>,
    ) -> Option<Candidate> {
        let at = event.occurred_at;
        if !in_effect(rule, event) {
            return None;
        }
        let campaigns = self.campaigns.iter();
        let campaigns = campaigns.filter(|it| it.in_effect(event, rule, &self.zone));
        let mut others: Vec<Decimal> = tier.map(|tier| tier.multiplier).into_iter().collect();
        let mut values = vec![points::exact_points(rule, event, &others)?];
        let mut budgets = Vec::new();
        for campaign in campaigns {
            others.push(campaign.multiplier);
            if campaign.budget.is_some() {
                budgets.push((campaign.id.clone(), values.len()));
            }
            values.push(points::exact_points(rule, event, &others)?);
        }
        let reached = self.progress(member, event, rule);
        let times = reached.as_ref().map_or(1, Reached::times);
        if times == 0 {
            return None;
        }
        for value in &mut values {
            *value *= BigInt::from(times);
        }
        let exact = values.last().expect("the award itself").clone();
        let cap = rule.cap_in_force().unwrap_or_default();
        if let Some(awards) = cap.awards
            && self.most_in_a_window(member, rule, cap, at, |_| 1) >= i128::from(awards)
        {
            return None;
        }
        let carried = if rule.carry {
            self.carry(member, &rule.id)
        } else {
            BigRational::zero()
        };
        let value = exact + &carried;
        let rounded = |value: &BigRational| points::round(self.settings.rounding, value);
        let added = budgets.into_iter().map(|(id, place)| {
            let with = rounded(&(&values[place] + &carried));
            (id, with - rounded(&(&values[place - 1] + &carried)))
        });
        let added = added.collect();
        let uncapped = rounded(&value);
        let carry = rule
            .carry
            .then(|| value - BigRational::from_integer(uncapped.clone()));
        let headroom = cap.points.map(|points| {
            let used = self.most_in_a_window(member, rule, cap, at, |award| self.net(award));
            BigInt::from((i128::from(points) - used).max(0))
        });
        let points = match headroom {
            Some(headroom) if headroom < uncapped => headroom,
            _ => uncapped.clone(),
        };
        Some(Candidate {
            rule: rule.clone(),
            carry,
            uncapped,
            points,
            reached,
            added,
        })
    }

    /// The most that any window which an award at `at` would lie in already holds of a rule's
    /// awards to a member. A calendar window is the one of `at`. Trailing windows are those that
    /// end at `at` or later, before `at` has left them; only the ends at `at` and at the awards
    /// after it need a look, because a window can only gain at these.
    pub(super) fn most_in_a_window(
        &self,
        member: MemberId,
        rule: &Rule,
        cap: Cap,
        at: Timestamp,
        size: impl Fn(usize) -> i64,
    ) -> i128 {
        let awards: Vec<(Timestamp, i128)> = self
            .lineage(member)
            .filter(|(_, t)| t.kind == TransactionKind::Earn)
            .filter(|(_, t)| t.rule.as_deref() == Some(&rule.id))
            .map(|(number, t)| (t.occurred_at, i128::from(size(number))))
            .collect();
        let window = rule.window_in_force();
        let span = calendar::trailing_span(window).filter(|_| cap.rolling);
        let Some(span) = span else {
            return awards
                .iter()
                .filter(|(when, _)| calendar::same_window(window, *when, at, &self.zone))
                .map(|(_, size)| size)
                .sum();
        };
        let leaves_at = at + span;
        let later = awards
            .iter()
            .map(|(when, _)| *when)
            .filter(|w| at < *w && *w < leaves_at);
        std::iter::once(at)
            .chain(later)
            .map(|end| {
                let inside = awards
                    .iter()
                    .filter(|(when, _)| end - span < *when && *when <= end);
                inside.map(|(_, size)| size).sum()
            })
            .max()
            .expect("at least the window that ends at the award")
    }
}

/// Whether a rule listens to an event, is active, and is in its time.
fn in_effect(rule: &Rule, event: &Event) -> bool {
    let at = event.occurred_at;
    let in_time =
        rule.starts_at.is_none_or(|start| start <= at) && rule.ends_at.is_none_or(|end| at < end);
    rule.trigger == event.kind && rule.active && in_time
}

fn in_i64(points: &BigInt) -> i64 {
    points.to_i64().expect("no budget at the limit of points")
}

/// Whether a candidate that writes is the one of its exclusive group that fires.
fn wins(candidate: &Candidate, all: &[Candidate]) -> bool {
    let group = &candidate.rule.exclusive_group;
    if group.is_none() || !candidate.writes() {
        return true;
    }
    let rivals: Vec<&Candidate> = all
        .iter()
        .filter(|it| it.rule.exclusive_group == *group && it.writes())
        .collect();
    let best = rivals.iter().any(|it| it.rule.exclusive == Exclusive::Best);
    let rank = |it: &Candidate| {
        let points = if best {
            it.points.clone()
        } else {
            BigInt::ZERO
        };
        (points, it.rule.priority)
    };
    let mut winner = rivals[0];
    for rival in rivals {
        if rank(rival) > rank(winner) {
            winner = rival;
        }
    }
    winner.rule.id == candidate.rule.id
}
