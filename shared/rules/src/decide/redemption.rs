//! What becomes of a redemption: confirmed, canceled, used. Each turn is taken on the account's
//! version, under which the hold stands, so that of a confirmation and an expiry, or of a use and
//! a cancellation, one happens.

use jiff::Timestamp;

use super::{Cause, Commit, Draft, Plan, RedemptionWrite};
use crate::{
    Account, Catalog, Code, Program, Redemption, Refusal, Transaction,
    checkout::Order,
    entry::{Change, TransactionType},
    event::REDEMPTION,
    hold::Hold,
    id::{CreditId, TransactionId},
    purse::{Expired, Part},
    redemption::{RedeemedPart, RedemptionChange, RedemptionStatus, Turn},
    store_credit::Money,
    window,
};

/// A code that can be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeOffer {
    /// As it is shown.
    pub code: String,
    /// As it is looked up.
    pub key: String,
    /// Its number, from 0, where it was imported.
    pub number: Option<i64>,
}

/// What is asked of a redemption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The points are gone for good.
    Confirm,
    /// The points come back.
    Cancel,
    /// It is spent at a checkout.
    Use {
        /// Which request asks: that request again is no second use.
        request: String,
        /// What it is used for, where the caller says so.
        order: Option<Order>,
    },
}

/// All that is known when something is asked of a redemption.
#[derive(Debug, Clone)]
pub struct RedemptionSnapshot<'a> {
    /// The program.
    pub catalog: &'a Catalog,
    /// The account that it belongs to by now.
    pub account: &'a Account,
    /// The redemption.
    pub redemption: &'a Redemption,
    /// The code that it gets when it is confirmed; none where none is left.
    pub offer: Option<&'a CodeOffer>,
    /// The time of deciding.
    pub now: Timestamp,
}

/// Decides what is asked of a redemption, and answers it as it becomes.
///
/// # Errors
/// `redemption_not_reserved`, `redemption_used`, `redemption_not_usable`.
pub fn act_on_redemption(
    snapshot: &RedemptionSnapshot<'_>,
    act: &Act,
) -> Result<Plan<Redemption>, Refusal> {
    use RedemptionStatus::{Canceled, Confirmed, Used};
    let (account, redemption) = (snapshot.account, snapshot.redemption);
    let is_done = match (act, redemption.status) {
        (Act::Confirm, Confirmed | Used) | (Act::Cancel, Canceled) => true,
        (Act::Use { request, .. }, Used) => redemption.used_by.as_ref() == Some(request),
        _ => false,
    };
    if is_done {
        return Ok(Plan::Answer(redemption.clone()));
    }
    let mut draft = Draft::begin(account.clone(), snapshot.catalog, snapshot.now, None);
    let mut turned = redemption.clone();
    let (mut issued, mut transactions) = (None, Vec::new());
    let turn = match act {
        Act::Confirm => {
            issued = confirm(&mut draft, &mut turned, snapshot.offer, None)?;
            Turn::Confirmed
        }
        Act::Cancel => {
            transactions = cancel(&mut draft, &mut turned)?;
            Turn::Canceled
        }
        Act::Use { request, order } => {
            spend(&mut turned, request, order.as_ref(), draft.now)?;
            Turn::Used
        }
    };
    let cause = Cause {
        trigger: REDEMPTION,
        source_id: &redemption.id,
        payment: None,
        occurred_at: draft.now,
    };
    draft.append(&cause, vec![told(&turned, redemption, turn)], transactions);
    let (write, entries) = draft.finish(account.version);
    let commit = Commit {
        accounts: vec![write],
        entries,
        redemptions: vec![rewritten(redemption, turned.clone(), issued)],
        ..Commit::default()
    };
    Ok(Plan::Commit(Box::new(commit), turned))
}

/// What to announce of a turn. What it gives back of the reward is what was held before.
pub(super) fn told(after: &Redemption, before: &Redemption, turn: Turn) -> Change {
    Change::Redemption(Box::new(RedemptionChange {
        reward: before.reward.clone(),
        ..after.change(turn)
    }))
}

/// The write of a redemption that was loaded as `before`.
pub(super) fn rewritten(
    before: &Redemption,
    mut after: Redemption,
    issued: Option<CodeOffer>,
) -> RedemptionWrite {
    after.version = before.version + 1;
    RedemptionWrite {
        expected: Some(before.version),
        redemption: after,
        stock: None,
        issued,
    }
}

/// Confirms a reserved redemption, and answers the code that it gets.
///
/// # Errors
/// `redemption_not_reserved`; `out_of_stock` where its code cannot be had.
pub(super) fn confirm(
    draft: &mut Draft<'_>,
    redemption: &mut Redemption,
    offer: Option<&CodeOffer>,
    payment: Option<&str>,
) -> Result<Option<CodeOffer>, Refusal> {
    let is_reserved = redemption.status == RedemptionStatus::Reserved;
    let purse = draft.account.purse(redemption.store_credit.as_ref());
    let held = purse.and_then(|purse| purse.hold(&redemption.id));
    let Some(hold) = held.filter(|_| is_reserved) else {
        return Err(not_reserved(redemption, draft.now));
    };
    let is_credit = redemption.store_credit.is_some();
    let parts = earnings_of(&draft.account, &hold.parts, is_credit);
    // What has a payout has no code, so that no more than one of the two can fail.
    draft.pay_out(redemption)?;
    let issued = issue(redemption, offer, draft.program, draft.now)?;
    let credit = redemption.store_credit.as_ref();
    draft.account.take_hold(&redemption.id, credit);
    redemption.parts = parts;
    redemption.status = RedemptionStatus::Confirmed;
    redemption.confirmed_at = Some(draft.now);
    redemption.payment = payment.map(str::to_owned);
    Ok(issued)
}

/// Gives a confirmed redemption its code, where it is to have one, and the time that it is good
/// for.
///
/// # Errors
/// `out_of_stock` where the code cannot be had.
pub(super) fn issue(
    redemption: &mut Redemption,
    offer: Option<&CodeOffer>,
    program: &Program,
    now: Timestamp,
) -> Result<Option<CodeOffer>, Refusal> {
    let offer = offer.filter(|_| redemption.has_code);
    if redemption.has_code && offer.is_none() {
        let message = "No code is left for this redemption.";
        return Err(Refusal::new(Code::OutOfStock, message).at("reward"));
    }
    let zone = &program.timezone;
    redemption.valid_until = redemption
        .valid_for
        .map(|valid_for| window::later(now, valid_for, zone));
    let Some(offer) = offer else { return Ok(None) };
    redemption.code = Some(offer.code.clone());
    if let Some(reward) = &mut redemption.reward {
        // An issued code never becomes free again.
        reward.code = false;
    }
    Ok(Some(offer.clone()))
}

/// Cancels a redemption that is reserved or confirmed, and answers the transactions that give its
/// points back.
///
/// # Errors
/// `redemption_used`, `redemption_not_reserved`, `points_out_of_range`.
pub(super) fn cancel(
    draft: &mut Draft<'_>,
    redemption: &mut Redemption,
) -> Result<Vec<Transaction>, Refusal> {
    let parts = match redemption.status {
        RedemptionStatus::Reserved => {
            let credit = redemption.store_credit.as_ref();
            let hold = draft.account.take_hold(&redemption.id, credit);
            hold.ok_or_else(|| not_reserved(redemption, draft.now))?
                .parts
        }
        RedemptionStatus::Confirmed => {
            draft.take_payout_back(redemption)?;
            let missing = redemption.taken() - redemption.returned;
            draft.next_parts(redemption, missing)?
        }
        RedemptionStatus::Used => return Err(used(redemption)),
        RedemptionStatus::Canceled | RedemptionStatus::Expired => {
            return Err(not_reserved(redemption, draft.now));
        }
    };
    redemption.status = RedemptionStatus::Canceled;
    redemption.canceled_at = Some(draft.now);
    let transactions = draft.return_parts(redemption, &parts, "redemption canceled")?;
    draft
        .account
        .uncount_redemption(redemption.reward.as_ref(), redemption.created);
    Ok(transactions)
}

/// Uses a confirmed redemption up.
fn spend(
    redemption: &mut Redemption,
    request: &str,
    order: Option<&Order>,
    now: Timestamp,
) -> Result<(), Refusal> {
    if redemption.status == RedemptionStatus::Used {
        return Err(used(redemption));
    }
    let why = match order {
        Some(order) => redemption.worth(order, now).reason,
        None => redemption.why_unusable(now),
    };
    if let Some(why) = why {
        let message = format!(
            "The redemption `{}` cannot be used: {}.",
            redemption.id,
            why.as_str()
        );
        return Err(Refusal::new(Code::RedemptionNotUsable, message));
    }
    redemption.status = RedemptionStatus::Used;
    redemption.used_at = Some(now);
    redemption.used_by = Some(request.to_owned());
    Ok(())
}

fn used(redemption: &Redemption) -> Refusal {
    let message = format!("The redemption `{}` was used already.", redemption.id);
    Refusal::new(Code::RedemptionUsed, message)
}

fn not_reserved(redemption: &Redemption, now: Timestamp) -> Refusal {
    let status = match redemption.status_at(now) {
        // Its hold is gone: it was released, and the read of the redemption is older than that.
        RedemptionStatus::Reserved => RedemptionStatus::Canceled,
        status => status,
    };
    let message = format!(
        "The redemption `{}` is {}, not reserved; make another one.",
        redemption.id,
        status.as_str()
    );
    Refusal::new(Code::RedemptionNotReserved, message)
}

/// What was taken, by the transactions that earned it: these stay true whatever the account is
/// merged into.
pub(super) fn earnings_of(account: &Account, parts: &[Part], is_credit: bool) -> Vec<RedeemedPart> {
    let spelt = |id: TransactionId| {
        if is_credit {
            CreditId(id).to_string()
        } else {
            id.to_string()
        }
    };
    let parts = parts.iter().map(|part| RedeemedPart {
        earning: spelt(account.transaction_of(part.lot)),
        points: part.amount,
        expires_at: part.expires_at,
    });
    parts.collect()
}

impl Draft<'_> {
    /// The transaction of an expiry.
    pub(super) fn expiring(&self, expired: &Expired) -> Transaction {
        Transaction {
            of: Some(self.account.transaction_of(expired.lot)),
            occurred_at: Some(expired.at),
            balance_after: expired.balance_after,
            ..Transaction::new(TransactionType::Expire, -expired.amount, "expired")
        }
    }

    /// Cancels all that is reserved, in an entry of its own: the account is closed.
    ///
    /// # Errors
    /// As [`Draft::return_credit`].
    pub(super) fn release_holds(&mut self, trigger: &str) -> Result<(), Refusal> {
        const REASON: &str = "redemption canceled";
        let (mut changes, mut transactions) = (Vec::new(), Vec::new());
        for hold in std::mem::take(&mut self.account.points.holds) {
            changes.push(ended(&hold, Turn::Canceled, None));
            transactions.extend(self.give_back(&hold.redemption, &hold.parts, REASON));
            self.account
                .uncount_redemption(hold.reward.as_ref(), hold.created);
        }
        for (currency, hold) in self.account.store_credit.take_holds() {
            changes.push(ended(&hold, Turn::Canceled, Some(&currency)));
            self.return_credit(&hold.redemption, &currency, &hold.parts, REASON)?;
        }
        if changes.is_empty() {
            return Ok(());
        }
        let source_id = self.account.id.clone();
        let cause = Cause {
            trigger,
            source_id: &source_id,
            payment: None,
            occurred_at: self.now,
        };
        self.append(&cause, changes, transactions);
        Ok(())
    }
}

/// What to announce of a reservation that ended without anybody loading the redemption: one of
/// points, or of store credit in a currency.
pub(super) fn ended(hold: &Hold, turn: Turn, currency: Option<&str>) -> Change {
    let amount = hold.amount();
    Change::Redemption(Box::new(RedemptionChange {
        turn,
        id: hold.redemption.clone(),
        status: match turn {
            Turn::Expired => RedemptionStatus::Expired,
            _ => RedemptionStatus::Canceled,
        },
        reward: hold.reward.clone(),
        points: if currency.is_some() { 0 } else { amount },
        store_credit: currency.map(|currency| Money {
            amount,
            currency: currency.to_owned(),
        }),
        code: None,
        payment: None,
        expires_at: Some(hold.until),
        created: hold.created,
    }))
}
