//! Redeeming: points become a reward, or a discount at the program's rate.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Cause, Commit, Draft, GiftOffer, Needs, Past, Plan, RedemptionWrite,
    close::active,
    credit::insufficient,
    redemption::{CodeOffer, earnings_of, issue},
};
use crate::{
    Account, Catalog, Code, Redemption, Refusal, Reward, Transaction,
    counter::{Counter, Usage},
    entry::{Change, TransactionType},
    event::REDEMPTION,
    hold::{HeldReward, Hold, bound_parts},
    id::TransactionId,
    pay_with_points::PointsPayment,
    redemption::{RedemptionStatus, Turn},
    reward::Value,
    store_credit::{CreditTransaction, Money},
    window::shifted,
};

/// A redemption as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeem {
    /// The id that it gets, the same over all tries of one request.
    pub id: String,
    /// The account.
    pub account: String,
    /// What for.
    pub wanted: Wanted,
    /// How long it stays reserved, in minutes; confirmed at once where absent.
    pub reserve_minutes: Option<i64>,
    /// The caller's own keys and values.
    pub metadata: BTreeMap<String, String>,
}

/// What a member wants for points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The reward with this id.
    Reward(String),
    /// Something off an order.
    Discount(PointsPayment),
    /// Something off an order, for store credit.
    StoreCredit(Money),
}

/// How much of a reward has been taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stock {
    /// Of its stock, counted while that is limited.
    pub used: i64,
    /// Imported codes.
    pub codes: i64,
    /// How many of these are issued, or kept for reserved redemptions.
    pub codes_kept: i64,
    /// The number of the imported code that is issued next, from 0.
    pub next_code: i64,
}

impl Stock {
    /// Imported codes that are neither issued nor kept.
    #[must_use]
    pub fn codes_left(&self) -> i64 {
        (self.codes - self.codes_kept).max(0)
    }
}

/// All that is known when a redemption is decided.
#[derive(Debug, Clone)]
pub struct RedeemSnapshot<'a> {
    /// The program with its rewards.
    pub catalog: &'a Catalog,
    /// The account.
    pub account: &'a Account,
    /// What an earlier try of the request made.
    pub existing: Option<&'a Redemption>,
    /// What is taken of the reward.
    pub stock: Stock,
    /// The code that it gets where it is confirmed at once; none where none is left.
    pub offer: Option<&'a CodeOffer>,
    /// The account's whole log, where the decision asked for it.
    pub past: Option<&'a Past>,
    /// The time of deciding.
    pub now: Timestamp,
}

/// What a redemption costs and gives.
struct Terms<'a> {
    points: i64,
    /// Store credit, instead of points.
    credit: Option<Money>,
    value: Value,
    reason: &'a str,
    reward: Option<&'a Reward>,
}

/// Decides a redemption, and answers it.
///
/// # Errors
/// `account_closed`, `account_merged`, `resource_missing`, `reward_unavailable`, `tier_too_low`,
/// `limit_reached`, `out_of_stock`, `insufficient_points`, `insufficient_store_credit`; `parameter_invalid` where points cannot
/// pay that.
pub fn redeem(snapshot: &RedeemSnapshot<'_>, redeem: &Redeem) -> Result<Plan<Redemption>, Refusal> {
    if let Some(existing) = snapshot.existing {
        return Ok(Plan::Answer(existing.clone()));
    }
    let (account, now) = (snapshot.account, snapshot.now);
    let program = &snapshot.catalog.program;
    active(account, "account")?;
    let past = snapshot.past.cloned();
    let mut draft = Draft::begin(account.clone(), snapshot.catalog, now, past);
    let terms = terms(snapshot, &draft.account, &redeem.wanted)?;
    if let Some(reward) = terms.reward {
        if !count(&mut draft, reward)? {
            return Ok(Plan::Needs(Needs::past()));
        }
        check_stock(reward, snapshot.stock)?;
    }
    let balance = draft.balance();
    if terms.points > 0 && balance < terms.points {
        let message = format!(
            "This takes {} points, and the balance is {balance}.",
            terms.points
        );
        return Err(Refusal::new(Code::InsufficientPoints, message).at("account"));
    }
    if let Some(Money { amount, currency }) = &terms.credit {
        let balance = draft.account.store_credit.balance(currency, now);
        if balance < *amount {
            return Err(insufficient(currency, balance, *amount).at("store_credit"));
        }
    }
    let mut redemption = taken(&mut draft, &terms, redeem)?;
    let mut changes = vec![redemption.change(Turn::Created)];
    let mut issued = None;
    if redemption.status == RedemptionStatus::Confirmed {
        issued = issue(&mut redemption, snapshot.offer, program, now)?;
        draft.pay_out(&mut redemption)?;
        changes[0].code.clone_from(&redemption.code);
        changes.push(redemption.change(Turn::Confirmed));
    }
    let transactions: Vec<Transaction> = redemption
        .transaction
        .iter()
        .filter(|_| terms.points > 0)
        .map(|_| Transaction {
            redemption: Some(redemption.id.clone()),
            balance_after: draft.balance(),
            metadata: redeem.metadata.clone(),
            ..Transaction::new(TransactionType::Redeem, -terms.points, terms.reason)
        })
        .collect();
    let cause = Cause {
        trigger: REDEMPTION,
        source_id: &redemption.id,
        payment: None,
        occurred_at: now,
    };
    let changes = changes.into_iter();
    let changes = changes.map(|change| Change::Redemption(Box::new(change)));
    draft.append(&cause, changes.collect(), transactions);
    let (write, entries) = draft.finish(account.version);
    let commit = Commit {
        accounts: vec![write],
        entries,
        redemptions: vec![RedemptionWrite {
            expected: None,
            redemption: redemption.clone(),
            stock: terms.reward.and_then(|reward| reward.stock),
            issued,
        }],
        ..Commit::default()
    };
    Ok(Plan::Commit(Box::new(commit), redemption))
}

fn terms<'a>(
    snapshot: &RedeemSnapshot<'a>,
    account: &Account,
    wanted: &Wanted,
) -> Result<Terms<'a>, Refusal> {
    let catalog = snapshot.catalog;
    match wanted {
        Wanted::Reward(id) => {
            let reward = catalog.reward(id).ok_or_else(|| no_such_reward(id))?;
            reward.check_available(snapshot.now)?;
            catalog.check_tier(account, reward)?;
            catalog.check_condition(account, reward, snapshot.now)?;
            Ok(Terms {
                points: reward.cost,
                credit: None,
                value: reward.value.clone(),
                reason: &reward.name,
                reward: Some(reward),
            })
        }
        Wanted::Discount(payment) => {
            let rate = catalog.program.redeem_rate.as_ref().ok_or_else(|| {
                let message = "The program has no `redeem_rate`, so points don't pay.";
                Refusal::new(Code::RewardUnavailable, message).at("points")
            })?;
            Ok(Terms {
                points: payment.points,
                credit: None,
                value: rate.price(payment)?,
                reason: "paid with points",
                reward: None,
            })
        }
        Wanted::StoreCredit(money) => Ok(Terms {
            points: 0,
            credit: Some(money.clone()),
            value: Value::DiscountAmount {
                amount: money.amount,
                currency: money.currency.clone(),
            },
            reason: "paid with store credit",
            reward: None,
        }),
    }
}

/// The refusal of a reward that there is not.
pub(crate) fn no_such_reward(id: &str) -> Refusal {
    Refusal::new(Code::ResourceMissing, format!("No such reward: `{id}`.")).at("reward")
}

/// Counts the redemption against the member's limit of the reward; `false` where the past is
/// needed for that.
fn count(draft: &mut Draft<'_>, reward: &Reward) -> Result<bool, Refusal> {
    let Some(limit) = reward.limit else {
        draft.account.forget_counter(&reward.id);
        return Ok(true);
    };
    let (program, now, unit) = (draft.program, draft.now, limit.unit());
    let zone = &program.timezone;
    let past = draft.past.as_ref().map(|past| past.awards.as_slice());
    let counter = draft
        .account
        .counter(&reward.id, unit, program.timezone_name());
    let known = counter.map_or(Usage::Unknown, |counter| counter.usage(now, zone));
    let usage = match (known, past) {
        (Usage::Unknown, Some(past)) => {
            Counter::from_past(&reward.id, unit, past, zone).usage(now, zone)
        }
        (known, _) => known,
    };
    let Usage::Known { awards, .. } = usage else {
        return Ok(false);
    };
    if awards >= i64::from(limit.redemptions) {
        let message = format!(
            "The member has redeemed the reward `{}` {awards} times, as often as its `limit` \
             allows.",
            reward.id
        );
        return Err(Refusal::new(Code::LimitReached, message).at("reward"));
    }
    draft.account.count(&reward.id, unit, now, 0, past, program);
    Ok(true)
}

fn check_stock(reward: &Reward, stock: Stock) -> Result<(), Refusal> {
    let is_sold_out = reward.stock.is_some_and(|all| stock.used >= all);
    if is_sold_out || (reward.code_pool && stock.codes_left() == 0) {
        let message = format!("Nothing is left of the reward `{}`.", reward.id);
        return Err(Refusal::new(Code::OutOfStock, message).at("reward"));
    }
    Ok(())
}

/// Takes the points out of the account, and answers the redemption as it begins.
fn taken(draft: &mut Draft<'_>, terms: &Terms<'_>, redeem: &Redeem) -> Result<Redemption, Refusal> {
    let now = draft.now;
    let (paid, mut parts) = match &terms.credit {
        None => {
            let parts = draft.account.points.debit(terms.points, now)?;
            let id = TransactionId {
                account: draft.account.id.clone(),
                seq: draft.next_seq(),
                place: 0,
            };
            (id.to_string(), parts)
        }
        Some(Money { amount, currency }) => {
            let (id, parts) = draft.take_credit(CreditTransaction {
                redemption: Some(redeem.id.clone()),
                metadata: redeem.metadata.clone(),
                ..CreditTransaction::new(TransactionType::Redeem, currency, -amount, terms.reason)
            })?;
            (id.to_string(), parts)
        }
    };
    bound_parts(&mut parts);
    draft.account.active_at = draft.account.active_at.max(now);
    let reward = terms.reward.map(|reward| HeldReward {
        id: reward.id.clone(),
        stock: reward.stock.is_some(),
        code: reward.code_pool,
    });
    let until = redeem
        .reserve_minutes
        .map(|minutes| shifted(now, minutes.saturating_mul(60_000)));
    let redemption = Redemption {
        id: redeem.id.clone(),
        program: draft.program.id.clone(),
        account: draft.account.id.clone(),
        version: 1,
        status: match until {
            Some(_) => RedemptionStatus::Reserved,
            None => RedemptionStatus::Confirmed,
        },
        points: terms.points,
        store_credit: terms.credit.clone(),
        value: terms.value.clone(),
        has_code: terms.reward.is_some() && terms.value.has_code(),
        reward: reward.clone(),
        code: None,
        expires_at: until,
        valid_for: terms.reward.and_then(|reward| reward.valid_for),
        valid_until: None,
        min_order_amount: terms.reward.and_then(|reward| reward.min_order_amount),
        parts: earnings_of(&draft.account, &parts, terms.credit.is_some()),
        transaction: (terms.points > 0 || terms.credit.is_some()).then_some(paid),
        payout: None,
        returned: 0,
        reversal: None,
        payment: None,
        metadata: redeem.metadata.clone(),
        created: now,
        confirmed_at: until.is_none().then_some(now),
        canceled_at: None,
        used_at: None,
        used_by: None,
    };
    if let Some(until) = until {
        let hold = Hold {
            redemption: redemption.id.clone(),
            created: now,
            until,
            parts,
            reward,
        };
        match &terms.credit {
            None => draft.account.points.add_hold(hold)?,
            Some(money) => draft.account.store_credit.add_hold(&money.currency, hold)?,
        }
    }
    Ok(redemption)
}

/// Gives a reward of the catalog for nothing, confirmed at once, and answers it with the code that
/// it is issued. What members are held to when they redeem themselves (cost, tier, limit) is not
/// asked of a gift; time and stock are.
///
/// # Errors
/// `reward_unavailable`, `out_of_stock`; those of store credit where that is what it is worth.
pub(super) fn gift(
    draft: &mut Draft<'_>,
    reward: &Reward,
    offer: &GiftOffer,
) -> Result<(Redemption, Option<CodeOffer>), Refusal> {
    reward.check_available(draft.now)?;
    check_stock(reward, offer.stock)?;
    let terms = Terms {
        points: 0,
        credit: None,
        value: reward.value.clone(),
        reason: &reward.name,
        reward: Some(reward),
    };
    let redeem = Redeem {
        id: offer.redemption.clone(),
        account: draft.account.id.clone(),
        wanted: Wanted::Reward(reward.id.clone()),
        reserve_minutes: None,
        metadata: BTreeMap::new(),
    };
    let mut redemption = taken(draft, &terms, &redeem)?;
    let issued = issue(
        &mut redemption,
        offer.offer.as_ref(),
        draft.program,
        draft.now,
    )?;
    draft.pay_out(&mut redemption)?;
    Ok((redemption, issued))
}
