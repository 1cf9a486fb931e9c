//! What referees do converts their referrals, and refunds take that back (spec section 4,
//! "Conversion").

use super::referrals::Referred;
use super::*;
use crate::referrals::{Qualify, ReferralStatus, Side, Sides};
use crate::rewards::Money;
use crate::settings::Recipient;

/// Ruling: who is told of late is judged by so many of their first payments.
const FIRST_PAYMENTS: usize = 3;

/// A payment of a member.
#[derive(Clone, Debug)]
pub(super) struct Payment {
    pub(super) member: MemberId,
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) amount: u64,
}

/// Something that a member has done.
pub(super) struct Deed<'a> {
    pub(super) kind: &'a str,
    pub(super) id: &'a str,
    pub(super) at: Timestamp,
    pub(super) amount: u64,
    pub(super) card: Option<String>,
}

impl Model {
    /// Judges who is told of late by the first payments since, as if that had been known then.
    pub(super) fn follow_earlier(
        &mut self,
        member: MemberId,
        since: Timestamp,
        done: &mut Referred,
    ) -> Result<(), Refusal> {
        let own = self.payments.iter();
        let own = own.filter(|it| self.survivor(it.member) == member);
        let mut first: Vec<Payment> = own.cloned().collect();
        first.sort_by_key(|payment| payment.at);
        first.truncate(FIRST_PAYMENTS);
        for payment in first.into_iter().filter(|payment| since <= payment.at) {
            let deed = Deed {
                kind: &payment.kind,
                id: &payment.id,
                at: payment.at,
                amount: payment.amount,
                card: None,
            };
            self.follow(member, &deed, done)?;
            if done.converted {
                let taken = self.take_back(&payment.id, payment.amount)?;
                done.transactions.extend(taken.1);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Lets what a member has done convert the referral, or end it.
    pub(super) fn follow(
        &mut self,
        member: MemberId,
        deed: &Deed<'_>,
        done: &mut Referred,
    ) -> Result<(), Refusal> {
        let Some(place) = self.touched(member) else {
            return Ok(());
        };
        let referral = self.referrals[place].clone();
        if referral.status != ReferralStatus::Attributed {
            return Ok(());
        }
        let is_payment = PAYMENTS.contains(&deed.kind);
        if is_payment && deed.at < referral.came_at {
            self.reject(place, "not_new_customer");
            return Ok(());
        }
        let Qualify {
            minimum, trigger, ..
        } = &referral.qualify;
        let counts = match trigger {
            Some(trigger) => trigger == deed.kind && minimum.unwrap_or(0) <= deed.amount,
            None => is_payment && referral.qualify.least() <= deed.amount,
        };
        let in_time =
            referral.came_at <= deed.at && referral.expires_at.is_none_or(|end| deed.at < end);
        if !counts || !in_time {
            return Ok(());
        }
        let owner = self.survivor(referral.referrer);
        let seen = deed.card.iter().cloned().collect();
        if let Some(reason) = self.obstacle(member, owner, None, seen, referral.came_at) {
            self.reject(place, reason);
            return Ok(());
        }
        if !self.has_room(owner, deed.at) {
            self.reject(place, "velocity");
            return Ok(());
        }
        let before = self.clone();
        match self.promised(place, owner, member, deed.at) {
            Ok(own) => {
                self.convert(owner, deed.at);
                let referral = &mut self.referrals[place];
                referral.status = ReferralStatus::Converted;
                referral.converted_by = Some((deed.kind.to_owned(), deed.id.to_owned()));
                done.converted = true;
                done.transactions.extend(own);
            }
            Err(_) => {
                *self = before;
                self.reject(place, "reward_unavailable");
            }
        }
        Ok(())
    }

    pub(super) fn reject(&mut self, place: usize, reason: &'static str) {
        let referral = &mut self.referrals[place];
        referral.status = ReferralStatus::Rejected;
        referral.reason = Some(reason);
    }

    /// Gives both sides what they were promised, and answers what the referee got in points.
    pub(super) fn promised(
        &mut self,
        place: usize,
        owner: MemberId,
        member: MemberId,
        at: Timestamp,
    ) -> Result<Vec<Posted>, Refusal> {
        let Sides { referrer, referee } = self.referrals[place].reward.clone();
        let mut own = Vec::new();
        for (who, side, recipient) in [
            (owner, referrer, Recipient::Referrer),
            (member, referee, Recipient::Referee),
        ] {
            let by_rules = self.by_rules(place, who, recipient, at)?;
            own.extend(by_rules.into_iter().filter(|_| who == member));
            let mut given = match side {
                None => continue,
                Some(Side::Reward(id)) => {
                    self.gift(place, who, &id)?;
                    continue;
                }
                Some(Side::Points(points)) => self.promised_points(who, points, at),
                Some(Side::StoreCredit(Money { amount, currency })) => {
                    let expires = self.settings.store_credit_expires.clone();
                    Transaction {
                        expires_at: expires
                            .map(|it| calendar::expires_at(at, &it, None, &self.zone)),
                        currency: Some(currency),
                        ..Transaction::of(who, TransactionKind::Earn, amount, self.now)
                    }
                }
            };
            given.referral = Some(place);
            self.referrals[place].given.push(self.transactions.len());
            let is_points = given.currency.is_none();
            let posted = self.post(given)?;
            own.extend(Some(posted).filter(|_| who == member && is_points));
        }
        Ok(own)
    }

    /// What rules give one side for the conversion, on top of what was promised.
    fn by_rules(
        &mut self,
        place: usize,
        who: MemberId,
        recipient: Recipient,
        at: Timestamp,
    ) -> Result<Vec<Posted>, Refusal> {
        let conversion = Event::new("referral.converted", format!("referral{place}"), at);
        let first = self.transactions.len();
        self.award_to(who, &conversion, Some(recipient))?;
        let given = first..self.transactions.len();
        self.referrals[place].given.extend(given.clone());
        for number in given.clone() {
            self.transactions[number].referral = Some(place);
        }
        Ok(given.map(|it| self.transactions[it].posted()).collect())
    }

    pub(super) fn promised_points(&self, who: MemberId, points: i64, at: Timestamp) -> Transaction {
        let (granted, _) = self.within_budgets(at, points, points, Vec::new());
        let available_at = calendar::available_at(at, self.settings.pending_days, &self.zone);
        let expires = self.settings.expires.as_ref();
        Transaction {
            occurred_at: at,
            available_at,
            expires_at: expires.map(|it| calendar::expires_at(at, it, available_at, &self.zone)),
            uncapped_points: (granted < points).then_some(i128::from(points)),
            lifetime: true,
            ..Transaction::of(who, TransactionKind::Earn, granted, self.now)
        }
    }

    /// Takes both rewards back, once, where what remains of the payment no longer qualifies.
    /// Answers whether it did, and what the payment's member gave back in points.
    pub(super) fn take_back(
        &mut self,
        payment: &str,
        paid: u64,
    ) -> Result<(bool, Vec<Posted>), Refusal> {
        let refunded = self.refunded(payment, self.refunds.len()).min(paid);
        let converted = self.referrals.iter().position(|it| {
            let by = it.converted_by.as_ref();
            let by = by.filter(|(kind, id)| PAYMENTS.contains(&kind.as_str()) && id == payment);
            by.is_some() && it.status == ReferralStatus::Converted
        });
        let is_due = |place: &usize| {
            let left = paid - refunded;
            // Before the first refund a payment of any amount still qualifies.
            left < self.referrals[*place].qualify.least()
        };
        let Some(place) = converted.filter(is_due) else {
            return Ok((false, Vec::new()));
        };
        let referral = self.referrals[place].clone();
        let referee = self.survivor(referral.referee);
        let mut own = Vec::new();
        for award in referral.given {
            let member = self.survivor(self.transactions[award].member);
            let taken = match self.transactions[award].currency.clone() {
                None => {
                    let due = self.transactions[award].amount;
                    self.take(award, due, |t| Transaction {
                        referral: Some(place),
                        ..t
                    })?
                }
                Some(currency) => {
                    self.take_credit(award, member, &currency, place)?;
                    None
                }
            };
            own.extend(taken.filter(|_| member == referee));
        }
        self.take_gifts(place)?;
        self.referrals[place].status = ReferralStatus::Reversed;
        Ok((true, own))
    }

    /// Ruling: where store credit expires, nobody knows whether what is missing was spent, and
    /// only what is left is taken.
    pub(super) fn take_credit(
        &mut self,
        award: usize,
        member: MemberId,
        currency: &str,
        place: usize,
    ) -> Result<(), Refusal> {
        let holdings = self.holdings_of(member, Some(currency), self.now);
        let given = self.transactions[award].amount;
        let wanted = match self.settings.store_credit_expires {
            Some(_) => holdings.lot(award).remaining.min(given),
            None => given,
        };
        if wanted == 0 {
            return Ok(());
        }
        let shortfall = match self.settings.negative_balance {
            NegativeBalance::Clamp => (wanted - holdings.spendable()).max(0),
            NegativeBalance::Allow => 0,
        };
        self.post(Transaction {
            currency: Some(currency.to_owned()),
            reverses: Some(award),
            shortfall,
            referral: Some(place),
            ..Transaction::of(
                member,
                TransactionKind::Reverse,
                shortfall - wanted,
                self.now,
            )
        })
        .map(drop)
    }
}
