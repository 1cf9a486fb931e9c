//! A refund takes both rewards back when what remains of the payment no longer qualifies (spec
//! section 2, "Refunds").

use jiff::Timestamp;
use laurel_planted::{Bug, is};

use super::Course;
use crate::{
    Refusal, Transaction,
    decide::{
        Cause, Draft, Progress,
        redemption::{cancel, rewritten, told},
    },
    entry::{Change, TransactionType},
    id::{CreditId, TransactionId},
    record::{Drawn, Handled},
    redemption::{RedemptionStatus, Turn},
    referral::{Gift, Given, ReferralStatus, ReferralTurn, SideName},
    store_credit::{CreditTransaction, Money},
};

const REASON: &str = "referral reversed";

/// What is taken back from one side, in the entry that is appended next.
#[derive(Default)]
struct TakenBack {
    changes: Vec<Change>,
    transactions: Vec<Transaction>,
    /// Their ids, and those of store credit.
    ids: Vec<String>,
}

impl<'a> Course<'a> {
    /// Takes both rewards back, once, where `refunded` minor units leave less of the payment than
    /// qualifies.
    ///
    /// # Errors
    /// `internal` where what was given cannot be found.
    pub(in crate::decide) fn take_back(
        &mut self,
        referee: &mut Draft<'a>,
        handled: &Handled,
        refunded: i64,
        cause: &Cause<'_>,
    ) -> Result<Progress<()>, Refusal> {
        let Some(referral) = &self.referral else {
            return Ok(Progress::Done(()));
        };
        let is_its = handled.referral.as_ref() == Some(&referral.id);
        let left = handled.amount - refunded;
        let is_converted = referral.status == ReferralStatus::Converted;
        if !is_its || !is_converted || left >= referral.qualify.minimum() {
            return Ok(Progress::Done(()));
        }
        let (id, given) = (referral.id.clone(), referral.given.clone());
        let converted_at = referral.converted_at.unwrap_or(handled.occurred_at);
        let mut ids = Vec::new();
        let mut of_referee = TakenBack::default();
        for name in [SideName::Referrer, SideName::Referee] {
            let is_kept = name == SideName::Referee && is(Bug::OneSideKept);
            let of_side = given.iter().filter(|given| given.side == name && !is_kept);
            let of_side: Vec<&Given> = of_side.collect();
            // Where both are one account by now, one entry says it all.
            let mut taken = std::mem::take(&mut of_referee);
            for given in of_side {
                let of = (id.as_str(), converted_at);
                let step = self.take_gift_back(name, referee, &given.gift, of, &mut taken)?;
                if let Progress::Needs(needs) = step {
                    return Ok(Progress::Needs(needs));
                }
            }
            ids.append(&mut taken.ids);
            match (&mut self.referrer, name) {
                (Some(referrer), SideName::Referrer) => {
                    let is_said = !(taken.changes.is_empty() && taken.transactions.is_empty());
                    if is_said || !referrer.credits.is_empty() {
                        referrer.append(cause, taken.changes, taken.transactions);
                    }
                }
                _ => of_referee = taken,
            }
        }
        let change = self.turn(referee, ReferralTurn::Reversed, cause.occurred_at);
        let change = change.map(|mut change| {
            change.transactions = ids;
            Change::Referral(Box::new(change))
        });
        of_referee.changes.extend(change);
        referee.append(cause, of_referee.changes, of_referee.transactions);
        Ok(Progress::Done(()))
    }

    fn take_gift_back(
        &mut self,
        name: SideName,
        referee: &mut Draft<'a>,
        gift: &Gift,
        (referral, converted_at): (&str, Timestamp),
        taken: &mut TakenBack,
    ) -> Result<Progress<()>, Refusal> {
        match gift {
            Gift::Points {
                transaction,
                points,
                rule,
                drawn,
            } => {
                let draft = self.side(name, referee);
                let place = taken.transactions.len();
                let back =
                    draft.take_points_back(transaction, *points, rule.as_ref(), converted_at)?;
                let Progress::Done(back) = back else {
                    return Ok(back.map(|_| ()));
                };
                if let Some(made) = back {
                    let points_back = -made.amount + made.written_off.unwrap_or(0);
                    let id = draft.id_at(place);
                    taken.ids.push(id.to_string());
                    taken.transactions.push(Transaction {
                        referral: Some(referral.to_owned()),
                        ..made
                    });
                    give_back_to_budgets(referee, drawn, *points, points_back);
                }
            }
            Gift::StoreCredit { transaction, money } => {
                let draft = self.side(name, referee);
                if let Some(id) = draft.take_credit_back(transaction, money)? {
                    taken.ids.push(id.to_string());
                }
            }
            Gift::Reward { redemption } => {
                let mut own = self.redemptions.iter();
                let own = own.position(|write| write.redemption.id == *redemption);
                if let Some(place) = own {
                    // This very decision has given it: the refund came ahead.
                    let mut write = self.redemptions.remove(place);
                    let given = write.redemption.clone();
                    let draft = self.side(name, referee);
                    taken
                        .transactions
                        .extend(cancel(draft, &mut write.redemption)?);
                    taken
                        .changes
                        .push(told(&write.redemption, &given, Turn::Canceled));
                    self.redemptions.push(write);
                    return Ok(Progress::Done(()));
                }
                let Some(given) = self.given_redemption(redemption) else {
                    return Ok(Progress::Done(()));
                };
                let draft = self.side(name, referee);
                // What was used is gone, and so is store credit that was spent.
                if given.status != RedemptionStatus::Confirmed || !draft.has_payout(given) {
                    return Ok(Progress::Done(()));
                }
                let mut after = given.clone();
                let made = cancel(draft, &mut after)?;
                taken.transactions.extend(made);
                taken.changes.push(told(&after, given, Turn::Canceled));
                self.redemptions.push(rewritten(given, after, None));
            }
        }
        Ok(Progress::Done(()))
    }
}

fn give_back_to_budgets(draft: &mut Draft<'_>, drawn: &[Drawn], given: i64, back: i64) {
    for drawn in drawn {
        let returned = drawn.returned(given, 0, back);
        draft.taking.give_back(&drawn.pool, returned);
    }
}

fn lost(id: &str) -> Refusal {
    let message = format!("The account that earned `{id}` cannot be found.");
    Refusal::new(crate::Code::Internal, message)
}

impl Draft<'_> {
    /// The id of the transaction at `place` of the entry that is appended next.
    fn id_at(&self, place: usize) -> TransactionId {
        TransactionId {
            account: self.account.id.clone(),
            seq: self.next_seq(),
            place: u32::try_from(place).unwrap_or(u32::MAX),
        }
    }

    /// Takes points back as a refund does: from their own lot first, and not those of them that
    /// have expired.
    fn take_points_back(
        &mut self,
        transaction: &str,
        points: i64,
        rule: Option<&(String, u32)>,
        earned_at: Timestamp,
    ) -> Result<Progress<Option<Transaction>>, Refusal> {
        let earning = TransactionId::parse(transaction).ok_or_else(|| lost(transaction))?;
        let lot_id = self
            .account
            .lot_of(&earning)
            .ok_or_else(|| lost(transaction))?;
        let expired = match self.expired_of(&earning, lot_id, points) {
            Progress::Done(expired) => expired,
            Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
        };
        let wanted = points - expired;
        if wanted <= 0 {
            return Ok(Progress::Done(None));
        }
        let lot = self.account.points.lot(lot_id).copied();
        let policy = self.program.negative_balance;
        let taken = self
            .account
            .points
            .claw_back(lot_id, wanted, policy, self.now)?;
        let (program, at) = (self.program, self.now);
        if let Some((rule, _)) = rule {
            self.account.uncount(rule, earned_at, wanted);
        }
        self.account.disqualify(program, wanted, earned_at);
        Ok(Progress::Done(Some(Transaction {
            rule: rule.cloned(),
            available_at: lot
                .and_then(|lot| lot.available_at)
                .filter(|from| *from > at),
            of: Some(earning),
            earned_at: Some(earned_at),
            balance_after: self.balance(),
            written_off: (taken.written_off > 0).then_some(taken.written_off),
            ..Transaction::new(TransactionType::Reverse, -taken.amount, REASON)
        })))
    }

    /// Takes store credit back: what is left of it, and of what was spent as much as the program
    /// lets a balance fall below zero. What has expired is gone already.
    fn take_credit_back(
        &mut self,
        transaction: &str,
        money: &Money,
    ) -> Result<Option<CreditId>, Refusal> {
        let Some(CreditId(earning)) = CreditId::parse(transaction) else {
            return Err(lost(transaction));
        };
        let lot_id = self
            .account
            .lot_of(&earning)
            .ok_or_else(|| lost(transaction))?;
        let policy = self.program.negative_balance;
        let purse = self.account.store_credit.open(&money.currency)?;
        let is_dated = self.program.store_credit_expires.is_some();
        let left = purse.lot(lot_id).map_or(0, |lot| lot.remaining);
        // Whether what is missing was spent or has expired, nobody knows where credit expires.
        let wanted = if is_dated {
            left.min(money.amount)
        } else {
            money.amount
        };
        if wanted <= 0 {
            return Ok(None);
        }
        let taken = purse.claw_back(lot_id, wanted, policy, self.now)?;
        self.account.store_credit.drop_empty();
        let balance_after = self.account.store_credit.balance(&money.currency, self.now);
        let id = self.next_credit_id();
        self.credits.push(CreditTransaction {
            of: Some(CreditId(earning)),
            balance_after,
            ..CreditTransaction::new(
                TransactionType::Reverse,
                &money.currency,
                -taken.amount,
                REASON,
            )
        });
        Ok(Some(id))
    }
}
