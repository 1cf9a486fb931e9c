//! Redemptions: made, confirmed, canceled, used, and ended by time.

use super::*;
use crate::ops::RedemptionId;
use crate::rewards::{Act, Gives, Money, Redemption, RedemptionStatus, Reward, Wanted};
use crate::settings::Expires;

/// What a request would take, and what for.
struct Purchase {
    reward: Option<Reward>,
    takes: i64,
    currency: Option<String>,
    gives: Gives,
}

/// So many redemptions of a member can be reserved at a time.
const RESERVED_MAX: usize = 20;

impl Model {
    /// All redemptions ever made, in the order made, as of an instant.
    pub fn redemptions(&self, now: Timestamp) -> Vec<Redemption> {
        self.as_of(now).redemptions.clone()
    }

    /// How many redemptions there are; they are numbered from 0.
    pub fn redemption_count(&self) -> usize {
        self.redemptions.len()
    }

    /// What is left of the stock of a reward, once all reservations that have ended are written
    /// off.
    pub fn stock_left(&self, reward: &str, now: Timestamp) -> Option<i64> {
        let stock = self.reward(reward)?.stock?;
        let redemptions = self.redemptions(now);
        let of_it = redemptions
            .iter()
            .filter(|it| it.reward.as_deref() == Some(reward) && it.of_stock && it.stands());
        let taken = i64::try_from(of_it.count()).expect("a few");
        Some((stock - taken).max(0))
    }

    /// The rewards, in the order of creation.
    pub fn rewards(&self) -> &[Reward] {
        &self.rewards
    }

    pub(crate) fn reward(&self, id: &str) -> Option<&Reward> {
        self.rewards.iter().find(|reward| reward.id == id)
    }

    /// What is reserved of a member's store credit.
    pub fn reserved(&self, member: MemberId, currency: &str, now: Timestamp) -> i64 {
        let redemptions = self.redemptions(now);
        let reserved = redemptions.iter().filter(|it| {
            it.status == RedemptionStatus::Reserved
                && self.survivor(it.member) == member
                && it.currency.as_deref() == Some(currency)
        });
        reserved.map(|it| it.takes).sum()
    }

    /// Ends the reservations whose time has come, one after the other.
    pub(super) fn let_reservations_end(&mut self, until: Timestamp) {
        let reserved = self.redemptions.iter().enumerate();
        let mut due: Vec<(Timestamp, usize)> = reserved
            .filter(|(_, it)| it.status == RedemptionStatus::Reserved)
            .filter_map(|(number, it)| Some((it.ends_at?, number)))
            .filter(|(at, _)| *at <= until)
            .collect();
        due.sort_unstable();
        for (at, number) in due {
            self.give_back(number, at, RedemptionStatus::Expired)
                .expect("what was there can come back");
        }
    }

    pub(super) fn redeem(
        &mut self,
        member: MemberId,
        wanted: &Wanted,
        reserve_minutes: Option<u32>,
    ) -> Result<Done, Refusal> {
        match self.status(member) {
            Status::Active => {}
            Status::Closed => return Err("account_closed"),
            Status::Merged(_) => return Err("account_merged"),
        }
        let purchase = self.purchase(member, wanted)?;
        let held = self.balance_of(member, purchase.currency.as_deref(), self.now);
        if held < purchase.takes {
            return Err(match purchase.currency {
                None => "insufficient_points",
                Some(_) => "insufficient_store_credit",
            });
        }
        let reserved = self.redemptions.iter().filter(|it| {
            it.status == RedemptionStatus::Reserved && self.survivor(it.member) == member
        });
        if reserve_minutes.is_some() && reserved.count() >= RESERVED_MAX {
            return Err("limit_reached");
        }
        let number = self.redemptions.len();
        let minutes = reserve_minutes.map(|minutes| SignedDuration::from_mins(minutes.into()));
        self.redemptions.push(Redemption {
            member,
            reward: purchase.reward.as_ref().map(|reward| reward.id.clone()),
            takes: purchase.takes,
            currency: purchase.currency.clone(),
            returned: 0,
            gives: purchase.gives,
            created: self.now,
            ends_at: minutes.map(|minutes| self.now + minutes),
            status: RedemptionStatus::Reserved,
            payment: None,
            of_stock: purchase.reward.is_some_and(|reward| reward.stock.is_some()),
            payout: None,
            referral: None,
        });
        self.post(Transaction {
            currency: purchase.currency,
            redemption: Some(number),
            ..Transaction::of(member, TransactionKind::Redeem, -purchase.takes, self.now)
        })?;
        if reserve_minutes.is_none() {
            self.confirm(number)?;
        }
        Ok(self.state(number))
    }

    fn purchase(&self, member: MemberId, wanted: &Wanted) -> Result<Purchase, Refusal> {
        match wanted {
            Wanted::Reward(id) => self.purchase_of_reward(member, id),
            Wanted::PayWithPoints {
                points,
                currency,
                order_amount,
            } => {
                let rate = self.settings.redeem_rate.as_ref();
                let rate = rate.ok_or("reward_unavailable")?;
                let worth = i128::from(*points) * i128::from(rate.pays.amount);
                let worth = i64::try_from(worth / i128::from(rate.points)).expect("in range");
                let too_few = rate.minimum_points.is_some_and(|least| *points < least);
                if *currency != rate.pays.currency || worth == 0 || too_few {
                    return Err("parameter_invalid");
                }
                if rate.maximum_percent.is_some() && order_amount.is_none() {
                    return Err("parameter_missing");
                }
                let percent = i128::from(rate.maximum_percent.unwrap_or(100));
                if let Some(order) = *order_amount
                    && i128::from(worth) * 100 > i128::from(order) * percent
                {
                    return Err("parameter_invalid");
                }
                Ok(Purchase {
                    reward: None,
                    takes: *points,
                    currency: None,
                    gives: Gives::Discount(Money::new(worth, currency)),
                })
            }
            Wanted::StoreCredit(money) => Ok(Purchase {
                reward: None,
                takes: money.amount,
                currency: Some(money.currency.clone()),
                gives: Gives::Discount(money.clone()),
            }),
        }
    }

    /// The reward, where it can be had now, stock aside.
    fn available(&self, id: &str) -> Result<&Reward, Refusal> {
        let reward = self.reward(id).ok_or("resource_missing")?;
        let in_time = reward.starts_at.is_none_or(|start| start <= self.now)
            && reward.ends_at.is_none_or(|end| self.now < end);
        if !reward.active || !in_time {
            return Err("reward_unavailable");
        }
        Ok(reward)
    }

    /// Gives one side of a referral a reward. Ruling: nobody is asked for points, a tier or a limit
    /// for what is a gift; but there must be something left of it.
    pub(super) fn gift(
        &mut self,
        referral: usize,
        member: MemberId,
        id: &str,
    ) -> Result<(), Refusal> {
        let reward = self.available(id)?.clone();
        if self.stock_left(id, self.now) == Some(0) {
            return Err("out_of_stock");
        }
        let number = self.redemptions.len();
        self.redemptions.push(Redemption {
            member,
            reward: Some(reward.id),
            takes: 0,
            currency: None,
            returned: 0,
            gives: reward.gives,
            created: self.now,
            ends_at: None,
            status: RedemptionStatus::Confirmed,
            payment: None,
            of_stock: reward.stock.is_some(),
            payout: None,
            referral: Some(referral),
        });
        self.confirm(number)
    }

    /// Takes back what was given for a referral, unless it was used or spent.
    pub(super) fn take_gifts(&mut self, referral: usize) -> Result<(), Refusal> {
        for number in 0..self.redemptions.len() {
            let gift = &self.redemptions[number];
            if gift.referral == Some(referral) && gift.status == RedemptionStatus::Confirmed {
                match self.cancel(number) {
                    Ok(_) | Err("redemption_used") => {}
                    Err(refusal) => return Err(refusal),
                }
            }
        }
        Ok(())
    }

    fn purchase_of_reward(&self, member: MemberId, id: &str) -> Result<Purchase, Refusal> {
        let reward = self.available(id)?;
        let place = |key: &Option<String>| {
            let mut tiers = self.tiers().iter();
            tiers.position(|tier| Some(&tier.key) == key.as_ref())
        };
        if reward.min_tier.is_some() {
            let (held, least) = (place(&self.tier(member, self.now)), place(&reward.min_tier));
            // Ruling: a tier that is not there any more is nobody's.
            if least.is_none() || held < least {
                return Err("tier_too_low");
            }
        }
        if let Some(limit) = reward.limit {
            let span = calendar::trailing_span(limit.window).filter(|_| limit.rolling);
            let counts = self.redemptions.iter().filter(|it| {
                let inside = match span {
                    Some(span) => self.now - span < it.created,
                    None => calendar::same_window(limit.window, it.created, self.now, &self.zone),
                };
                let same = it.reward.as_deref() == Some(id) && self.survivor(it.member) == member;
                same && it.stands() && inside
            });
            if counts.count() >= limit.redemptions {
                return Err("limit_reached");
            }
        }
        if self.stock_left(id, self.now) == Some(0) {
            return Err("out_of_stock");
        }
        Ok(Purchase {
            takes: reward.cost,
            currency: None,
            gives: reward.gives.clone(),
            reward: Some(reward.clone()),
        })
    }

    pub(super) fn act(&mut self, redemption: RedemptionId, act: Act) -> Result<Done, Refusal> {
        let Some(known) = self.redemptions.get(redemption.0) else {
            return Err("resource_missing");
        };
        let (number, status) = (redemption.0, known.status);
        match (act, status) {
            (Act::Confirm, RedemptionStatus::Reserved) => self.confirm(number)?,
            (Act::Confirm, RedemptionStatus::Confirmed | RedemptionStatus::Used) => {}
            (Act::Cancel, RedemptionStatus::Reserved | RedemptionStatus::Confirmed) => {
                self.cancel(number)?;
            }
            (Act::Cancel, RedemptionStatus::Canceled) => {}
            (Act::Cancel | Act::Use, RedemptionStatus::Used) => return Err("redemption_used"),
            (Act::Confirm | Act::Cancel, _) => return Err("redemption_not_reserved"),
            (Act::Use, RedemptionStatus::Confirmed) => {
                self.redemptions[number].status = RedemptionStatus::Used;
            }
            (Act::Use, _) => return Err("redemption_not_usable"),
        }
        Ok(self.state(number))
    }

    fn state(&self, number: usize) -> Done {
        let redemption = &self.redemptions[number];
        let account = self.survivor(redemption.member);
        simply(Outcome::Redemption(redemption.status), Some(account))
    }

    /// Issues it; a reward of store credit is paid out.
    fn confirm(&mut self, number: usize) -> Result<(), Refusal> {
        self.redemptions[number].status = RedemptionStatus::Confirmed;
        let redemption = self.redemptions[number].clone();
        if let Gives::StoreCredit(money) = redemption.gives {
            let expires = self.settings.store_credit_expires.as_ref();
            let expires_at = expires.map(|expires| self.credit_expires_at(expires));
            self.redemptions[number].payout = Some(self.transactions.len());
            self.post(Transaction {
                currency: Some(money.currency),
                redemption: Some(number),
                expires_at,
                ..Transaction::of(
                    self.survivor(redemption.member),
                    TransactionKind::Earn,
                    money.amount,
                    self.now,
                )
            })?;
        }
        Ok(())
    }

    pub(super) fn credit_expires_at(&self, expires: &Expires) -> Timestamp {
        calendar::expires_at(self.now, expires, None, &self.zone)
    }

    /// Gives back what it took, unless it paid out store credit that is not all there any more.
    fn cancel(&mut self, number: usize) -> Result<Option<Posted>, Refusal> {
        let redemption = self.redemptions[number].clone();
        if let (Some(payout), Gives::StoreCredit(money)) = (redemption.payout, redemption.gives) {
            let member = self.survivor(redemption.member);
            let purse = self.holdings_of(member, Some(&money.currency), self.now);
            if purse.lot(payout).remaining < money.amount {
                return Err("redemption_used");
            }
            self.post(Transaction {
                currency: Some(money.currency),
                redemption: Some(number),
                reverses: Some(payout),
                ..Transaction::of(member, TransactionKind::Reverse, -money.amount, self.now)
            })?;
        }
        self.give_back(number, self.now, RedemptionStatus::Canceled)
    }

    fn give_back(
        &mut self,
        number: usize,
        at: Timestamp,
        status: RedemptionStatus,
    ) -> Result<Option<Posted>, Refusal> {
        self.redemptions[number].status = status;
        self.return_until(number, at, self.redemptions[number].takes)
    }

    /// Gives back what is missing to so much; says whether anything was.
    fn return_until(
        &mut self,
        number: usize,
        at: Timestamp,
        due: i64,
    ) -> Result<Option<Posted>, Refusal> {
        let redemption = self.redemptions[number].clone();
        let points = due - redemption.returned;
        if points <= 0 {
            return Ok(None);
        }
        self.redemptions[number].returned = due;
        let member = self.survivor(redemption.member);
        let posted = self.post(Transaction {
            currency: redemption.currency,
            redemption: Some(number),
            by_itself: redemption.status == RedemptionStatus::Expired,
            ..Transaction::of(member, TransactionKind::Reverse, points, at)
        })?;
        Ok(Some(posted))
    }

    /// Closing an account cancels what it has reserved.
    pub(super) fn cancel_reserved(&mut self, member: MemberId) -> Result<(), Refusal> {
        for number in 0..self.redemptions.len() {
            let redemption = &self.redemptions[number];
            let reserved = redemption.status == RedemptionStatus::Reserved;
            if reserved && self.survivor(redemption.member) == member {
                self.cancel(number)?;
            }
        }
        Ok(())
    }

    /// A payment confirms the reserved redemption of the same member that it names. Ruling: it is
    /// the payment of one that is confirmed or used already, if that has none; and a paid invoice is a
    /// payment here, too.
    pub(super) fn confirm_by_payment(
        &mut self,
        member: MemberId,
        event: &Event,
    ) -> Result<(), Refusal> {
        let known = event.redemption.map(|RedemptionId(number)| number);
        let known = known.filter(|number| *number < self.redemptions.len());
        let is_payment = PAYMENTS.contains(&event.kind.as_str());
        let Some(number) = known.filter(|_| is_payment) else {
            return Ok(());
        };
        let redemption = &self.redemptions[number];
        if self.survivor(redemption.member) != member || redemption.payment.is_some() {
            return Ok(());
        }
        match redemption.status {
            RedemptionStatus::Reserved => self.confirm(number)?,
            RedemptionStatus::Confirmed | RedemptionStatus::Used => {}
            _ => return Ok(()),
        }
        self.redemptions[number].payment = Some(event.source_id().to_owned());
        Ok(())
    }

    /// What a refund of a payment does to the redemptions that it named, now that so much of it
    /// is refunded. What paid for it comes back by its share, also once it was used; a reward
    /// wholly or not at all, and not once it was used. Store credit comes back always, points
    /// where the program says so. Says whether anything did, and which points.
    pub(super) fn return_shares(
        &mut self,
        payment: &str,
        refunded: u64,
        paid: u64,
    ) -> Result<(bool, Vec<Posted>), Refusal> {
        let mut any = false;
        let mut points_back = Vec::new();
        for number in 0..self.redemptions.len() {
            let redemption = self.redemptions[number].clone();
            let comes_back =
                self.settings.cancel_redemptions_on_refund || redemption.currency.is_some();
            let named = redemption.payment.as_deref() == Some(payment);
            if !named || !comes_back || !redemption.stands() {
                continue;
            }
            let whole = refunded >= paid;
            let back = if redemption.reward.is_none() {
                let due = points::reversed_in_all(redemption.takes, refunded, paid);
                // What was used comes back, and stays used.
                if whole && redemption.status != RedemptionStatus::Used {
                    self.redemptions[number].status = RedemptionStatus::Canceled;
                }
                self.return_until(number, self.now, due)?
            } else if whole && redemption.status == RedemptionStatus::Confirmed {
                match self.cancel(number) {
                    Err("redemption_used") => None,
                    canceled => canceled?,
                }
            } else {
                None
            };
            any |= back.is_some();
            points_back.extend(back.filter(|_| redemption.currency.is_none()));
        }
        Ok((any, points_back))
    }
}
