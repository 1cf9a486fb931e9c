//! The invariants that no history may break.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::calendar;
use crate::model::{Model, POINTS_MAX, Status, Transaction};
use crate::ops::{MemberId, TransactionKind};
use crate::points;
use crate::referrals::{ReferralStatus, Velocity};
use crate::settings::Rule;

impl Model {
    /// Checks I1 to I8 of the reliability guide over everything ever written.
    ///
    /// # Errors
    /// The first violation found, in words.
    pub fn check_invariants(&self, now: Timestamp) -> Result<(), String> {
        self.check_merges()?;
        for member in (0..self.member_count()).map(MemberId) {
            // Also at each instant to come at which time alone changes something.
            let currencies = self.currencies();
            let currencies = currencies.iter().map(|it| Some(it.as_str()));
            for currency in std::iter::once(None).chain(currencies) {
                let mut instants = self.holdings_of(member, currency, now).boundaries();
                instants.push(now);
                let reserved = self.redemptions.iter();
                instants.extend(reserved.filter_map(|it| it.ends_at.filter(|at| now < *at)));
                for at in instants {
                    self.as_of(at).check_balance(member, currency, at)?;
                }
            }
            self.check_lifetime(member)?;
            self.check_caps(member)?;
        }
        self.check_once()?;
        self.check_redemptions()?;
        self.check_referrals()?;
        self.check_reversals(now)?;
        self.check_accounts()
    }

    /// I1: balance = Σ posted amounts, less what expired = Σ remaining lots - deficit.
    fn check_balance(
        &self,
        member: MemberId,
        currency: Option<&str>,
        at: Timestamp,
    ) -> Result<(), String> {
        let holdings = self.holdings_of(member, currency, at);
        let posted: i64 = self
            .ledger(member, currency)
            .iter()
            .filter(|t| t.available_at.is_none_or(|available_at| available_at <= at))
            .map(|t| t.amount)
            .sum();
        // Points that expired the instant they matured were never posted before.
        let expired: i64 = holdings.expiries.iter().map(|expiry| expiry.points).sum();
        let balance = holdings.balance();
        ensure(balance == posted - expired, || {
            format!("I1: {member} at {at}: balance {balance}, posted {posted}, expired {expired}")
        })?;
        ensure(holdings.deficit == 0 || holdings.spendable() == 0, || {
            format!("I1: {member} at {at}: below zero with points to spend")
        })?;
        ensure(
            holdings.deficit >= 0 && holdings.lots.iter().all(|lot| lot.remaining >= 0),
            || format!("I1: {member} at {at}: a negative lot or deficit"),
        )?;
        ensure((-POINTS_MAX..=POINTS_MAX).contains(&balance), || {
            format!("I1: {member} at {at}: balance {balance} out of range")
        })
    }

    /// I9: per redemption one deduction, of which no more comes back than it took, and all of it
    /// unless it stands.
    fn check_redemptions(&self) -> Result<(), String> {
        for (number, redemption) in self.redemptions.iter().enumerate() {
            let amounts = |kind: TransactionKind| {
                let own = self.transactions.iter().filter(move |t| {
                    t.redemption == Some(number)
                        && t.kind == kind
                        && t.reverses.is_none()
                        && t.currency == redemption.currency
                });
                own.map(|t| t.amount).collect::<Vec<_>>()
            };
            let back: i64 = amounts(TransactionKind::Reverse).iter().sum();
            let taken = amounts(TransactionKind::Redeem);
            let all = if redemption.stands() {
                back <= redemption.takes
            } else {
                back == redemption.takes
            };
            // A gift takes nothing.
            let takes = redemption.referral.is_none().then_some(-redemption.takes);
            let is_once = taken.iter().copied().eq(takes);
            let once = is_once && back == redemption.returned && all;
            ensure(once, || {
                format!("I9: redemption {number}: {taken:?} taken, {back} back")
            })?;
        }
        Ok(())
    }

    /// I2: lifetime = Σ of everything earned, and nothing lowers it.
    fn check_lifetime(&self, member: MemberId) -> Result<(), String> {
        let transactions = self.transactions(member);
        let lowered = transactions.iter().any(|t| t.lifetime && t.amount < 0);
        let missed = transactions
            .iter()
            .any(|t| t.kind == TransactionKind::Earn && !t.lifetime);
        ensure(!lowered && !missed, || format!("I2: lifetime of {member}"))
    }

    /// I3: no window holds more than the highest cap ever in force allowed. What two accounts had
    /// before they were merged may be more together, so each is looked at by itself.
    fn check_caps(&self, member: MemberId) -> Result<(), String> {
        for rule in &self.rules {
            let Some((points, awards, rolling)) = self.highest_cap(rule) else {
                continue;
            };
            let window = rule.window_in_force();
            let span = calendar::trailing_span(window).filter(|_| rolling);
            let earned: Vec<(usize, &Transaction)> = self
                .numbered(member)
                .filter(|(_, t)| t.kind == TransactionKind::Earn)
                .filter(|(_, t)| t.rule.as_deref() == Some(&rule.id))
                .collect();
            for (_, last) in &earned {
                let end = last.occurred_at;
                let inside = earned.iter().filter(|(_, t)| match span {
                    Some(span) => end - span < t.occurred_at && t.occurred_at <= end,
                    None => calendar::same_window(window, t.occurred_at, end, &self.zone),
                });
                let (mut sum, mut count) = (0i128, 0u64);
                for (number, award) in inside {
                    sum += i128::from(award.amount - self.reversed(*number));
                    count += 1;
                }
                let over = points.is_some_and(|points| sum > i128::from(points))
                    || awards.is_some_and(|awards| count > awards);
                ensure(!over, || {
                    format!(
                        "I3: {member} {}: {sum} points, {count} awards at {end}",
                        rule.id
                    )
                })?;
            }
        }
        Ok(())
    }

    /// The highest points and awards that any version of a rule allowed; `None` where versions
    /// differ in window or kind of cap, so that no one limit held all along.
    fn highest_cap(&self, rule: &Rule) -> Option<(Option<u64>, Option<u64>, bool)> {
        let now = rule.cap_in_force()?;
        let (mut points, mut awards) = (now.points, now.awards);
        for version in self
            .rule_versions
            .iter()
            .filter(|version| version.id == rule.id)
        {
            let cap = version.cap_in_force()?;
            if version.window_in_force() != rule.window_in_force() || cap.rolling != now.rolling {
                return None;
            }
            points = points.zip(cap.points).map(|(a, b)| a.max(b));
            awards = awards.zip(cap.awards).map(|(a, b)| a.max(b));
        }
        Some((points, awards, now.rolling))
    }

    /// I4: one award per event and rule, one reversal per refund and award.
    fn check_once(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for transaction in self.transactions.iter().filter(|t| t.source.is_some()) {
            let key = (&transaction.source, &transaction.rule, transaction.reverses);
            ensure(seen.insert(key), || format!("I4: twice: {key:?}"))?;
        }
        Ok(())
    }

    /// I5: 0 ≤ reversed ≤ ⌊awarded × refunded ÷ paid⌋ ≤ awarded; all of it but what expired when
    /// all was refunded.
    fn check_reversals(&self, now: Timestamp) -> Result<(), String> {
        for (number, award) in self.transactions.iter().enumerate() {
            let (TransactionKind::Earn, Some((kind, id))) = (award.kind, &award.source) else {
                continue;
            };
            let reversed = self.reversed(number);
            let owner = self.survivor(award.member);
            let expired = || self.holdings(owner, now).lot(number).expired;
            if let Some(referral) = award.referral.map(|place| &self.referrals[place]) {
                // What a rule adds to the promise goes back with it, as a whole.
                let is_due =
                    referral.status == ReferralStatus::Reversed && referral.given.contains(&number);
                let due = if is_due { award.amount } else { 0 };
                ensure(
                    reversed <= due && due.min(award.amount - expired()) <= reversed,
                    || format!("I5: award {number} of a referral: {reversed} reversed"),
                )?;
                continue;
            }
            let refunds: Vec<_> = self.refunds.iter().filter(|r| r.payment == *id).collect();
            if refunds.is_empty() || !crate::model::PAYMENTS.contains(&kind.as_str()) {
                ensure(reversed == 0, || {
                    format!("I5: award {number} without a refund")
                })?;
                continue;
            }
            let refunded = refunds
                .iter()
                .map(|refund| refund.amount.unwrap_or(u64::MAX))
                .fold(0, u64::saturating_add);
            let due = points::reversed_in_all(award.amount, refunded, self.paid_for(kind, id));
            let expired = expired();
            let ok = 0 <= reversed && reversed <= due && due <= award.amount;
            ensure(ok && due.min(award.amount - expired) <= reversed, || {
                format!("I5: award {number}: {reversed} reversed, {due} due, {expired} expired")
            })?;
        }
        Ok(())
    }

    /// I6: a merge conserves balance, pending points and lifetime; who was merged is frozen, and
    /// the way to the survivor has no circle.
    fn check_merges(&self) -> Result<(), String> {
        for (place, merge) in self.merges.iter().enumerate() {
            let held = |member: MemberId, merges: usize| {
                let holdings = self.holdings_before(member, None, merge.after, merges, merge.at);
                (holdings.balance(), holdings.pending())
            };
            let (source, target) = (held(merge.source, place), held(merge.target, place));
            let after = held(merge.target, place + 1);
            let both = (source.0 + target.0, source.1 + target.1);
            ensure(after == both, || {
                format!("I6: {merge:?}: {both:?} became {after:?}")
            })?;
            ensure(held(merge.source, place + 1) == (0, 0), || {
                format!("I6: {merge:?} left something")
            })?;
            let late = self.numbered(merge.source).last();
            ensure(late.is_none_or(|(number, _)| number < merge.after), || {
                format!("I6: {merge:?}: written to afterwards")
            })?;
            let ended = self.merges[..=place].iter().map(|merge| merge.source);
            ensure(!ended.clone().any(|ended| ended == merge.target), || {
                format!("I6: {merge:?}: the target had ended")
            })?;
        }
        let all: i64 = self
            .transactions
            .iter()
            .filter(|t| t.lifetime)
            .map(|t| t.amount)
            .sum();
        let held = (0..self.member_count()).map(|member| self.lifetime(MemberId(member)));
        ensure(held.sum::<i64>() == all, || {
            "I6: lifetime points".to_owned()
        })
    }

    /// I7: both rewards or none, and no window of a referrer has more conversions than it may. What
    /// two referrers had before they were merged may be more together.
    fn check_referrals(&self) -> Result<(), String> {
        for (number, it) in self.referrals.iter().enumerate() {
            let promised = [&it.reward.referrer, &it.reward.referee].into_iter();
            let promised = promised.flatten().count();
            let paid = match it.status {
                ReferralStatus::Converted | ReferralStatus::Reversed => promised,
                ReferralStatus::Attributed | ReferralStatus::Rejected => 0,
            };
            // What rules add to the promise is nothing without it, and all of it is noted.
            let own = self.transactions.iter().enumerate().filter(|(_, t)| {
                let for_conversion = |(kind, _): &(String, String)| kind == "referral.converted";
                t.referral == Some(number)
                    && t.kind == TransactionKind::Earn
                    && t.source.as_ref().is_none_or(for_conversion)
            });
            let by_rules = own.clone().filter(|(_, t)| t.rule.is_some()).count();
            let gifts = self.redemptions.iter();
            let gifts = gifts.filter(|it| it.referral == Some(number)).count();
            let is_right = own.map(|(place, _)| place).eq(it.given.iter().copied())
                && it.given.len() - by_rules + gifts == paid
                && (by_rules == 0 || it.converted_by.is_some());
            ensure(is_right, || {
                format!("I7: referral {number}: {:?} of {promised} given", it.given)
            })?;
        }
        let Velocity { most, days } = self.settings.referrals.velocity;
        let span = SignedDuration::from_hours(24 * days);
        for last in &self.conversions {
            let inside = self.conversions.iter().filter(|it| {
                it.referrer == last.referrer && last.at - span < it.at && it.at <= last.at
            });
            let count = inside.count();
            ensure(count <= most, || {
                format!(
                    "I7: {}: {count} conversions until {}",
                    last.referrer, last.at
                )
            })?;
        }
        Ok(())
    }

    /// I8: one active account per customer and per email.
    fn check_accounts(&self) -> Result<(), String> {
        let (mut customers, mut emails) = (BTreeSet::new(), BTreeSet::new());
        let active = self.members.iter();
        for member in active.filter(|member| member.status == Status::Active) {
            let fresh = member
                .customer
                .iter()
                .all(|name| customers.insert(name.clone()))
                && member.email.iter().all(|name| emails.insert(name.clone()));
            ensure(fresh, || format!("I8: {member:?}"))?;
        }
        Ok(())
    }
}

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(message()) }
}
