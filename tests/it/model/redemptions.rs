//! Rewards, redemptions and store credit, asked of the engine and compared.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{
    CreditAdjustmentRequest, CreditFilter, CreditView, Error, Ledger, PageRequest, RedemptionView,
    Seed, TimeRange,
};
use laurel_model::{
    Act, CreditExpiry, MemberId, Money, Names, RedemptionId, Reward, Status, Wanted,
};
use laurel_rules::{
    decide::{self, Redeem},
    entry::TransactionType,
    pay_with_points::PointsPayment,
    store_credit,
};
use laurel_tests::{PROGRAM, rewards::tick};
use serde_json::{Value, json};

use super::{Pair, compare::same_amounts};

impl Pair {
    /// Creates a reward, or replaces it.
    pub(super) async fn set_reward(&self, ledger: &Ledger, reward: &Reward) -> Result<(), Error> {
        let mut value = Value::Object(reward.to_api(PROGRAM));
        value["value"] = Value::Object(reward.gives.to_api());
        value["code_pool"] = json!(false);
        self.set::<laurel_rules::Reward>(ledger, &reward.id, value)
            .await
    }

    pub(super) async fn redeem(
        &mut self,
        ledger: &Ledger,
        member: MemberId,
        wanted: &Wanted,
        reserve_minutes: Option<u32>,
    ) -> Result<RedemptionView, Error> {
        // What reservations that ended have kept of a stock returns once that is written.
        let stocked = |id: &String| self.model.stock_left(id, ledger.now()).is_some();
        if matches!(wanted, Wanted::Reward(id) if stocked(id)) {
            tick(ledger).await;
        }
        let account = self.member(member);
        let wanted = match wanted.clone() {
            Wanted::Reward(id) => decide::Wanted::Reward(id),
            Wanted::PayWithPoints {
                points,
                currency,
                order_amount,
            } => decide::Wanted::Discount(PointsPayment {
                points,
                currency,
                order_amount,
            }),
            Wanted::StoreCredit(money) => decide::Wanted::StoreCredit(store_credit::Money {
                amount: money.amount,
                currency: money.currency,
            }),
        };
        let redeem = Redeem {
            id: Ledger::redemption_id(&account, Seed::fresh()),
            account,
            wanted,
            reserve_minutes: reserve_minutes.map(i64::from),
            metadata: BTreeMap::new(),
        };
        let view = ledger.redeem(&redeem).await?;
        self.redemptions.push(redeem.id);
        Ok(view)
    }

    pub(super) async fn act(
        &self,
        ledger: &Ledger,
        redemption: RedemptionId,
        act: Act,
    ) -> Result<RedemptionView, Error> {
        let act = match act {
            Act::Confirm => decide::Act::Confirm,
            Act::Cancel => decide::Act::Cancel,
            Act::Use => decide::Act::Use {
                request: format!("step_{}", self.steps),
                order: None,
            },
        };
        let id = self.redemption(redemption);
        ledger.act_on_redemption(&id, &act).await
    }

    /// The amount of the transaction that came of it.
    pub(super) async fn adjust_credit(
        &self,
        ledger: &Ledger,
        member: MemberId,
        money: &Money,
        allow_negative: bool,
        expiry: CreditExpiry,
    ) -> Result<i64, Error> {
        let request = CreditAdjustmentRequest {
            account: self.member(member),
            currency: money.currency.clone(),
            amount: money.amount,
            reason: "test".to_owned(),
            allow_negative,
            expires_at: match expiry {
                CreditExpiry::ByProgram => None,
                CreditExpiry::Never => Some(None),
                CreditExpiry::At(at) => Some(Some(at)),
            },
            metadata: BTreeMap::new(),
            request: format!("step_{}", self.steps),
        };
        let view = ledger.adjust_store_credit(request).await?;
        Ok(view.transaction().amount)
    }

    /// All redemptions, and what is left of each stock.
    pub(super) async fn compare_redemptions(
        &self,
        ledger: &Ledger,
        now: Timestamp,
        ahead_hours: &[i64],
    ) -> Result<(), String> {
        for hours in ahead_hours {
            let then = now + SignedDuration::from_hours(*hours);
            self.world.clock.set(then);
            let expected = self.model.redemptions(then);
            // All of them every few steps, else the latest.
            let skipped = match ahead_hours {
                [_] => self.redemptions.len().saturating_sub(4),
                _ => 0,
            };
            let all = self.redemptions.iter().zip(expected);
            for (id, model) in all.skip(skipped) {
                let view = ledger.redemption(id).await;
                let view = view.map_err(|error| format!("{error:?}"))?;
                let it = view.redemption;
                let returned = it.returned_at(then);
                let engine = (
                    it.status.as_str(),
                    view.account,
                    it.reward.map(|reward| reward.id),
                    it.points,
                    returned,
                    it.store_credit.map(|money| (money.amount, money.currency)),
                    it.payment,
                    it.expires_at,
                );
                let (points, credit) = match model.currency {
                    None => (model.takes, None),
                    Some(currency) => (0, Some((model.takes, currency))),
                };
                let model = (
                    model.status.as_str(),
                    self.member(self.model.survivor(model.member)),
                    model.reward,
                    points,
                    model.returned,
                    credit,
                    model.payment,
                    model.ends_at,
                );
                if engine != model {
                    return Err(format!(
                        "in {hours} h the redemption {id} is {engine:?} in the engine, \
                         {model:?} in the model"
                    ));
                }
            }
        }
        self.world.clock.set(now);
        self.compare_stocks(ledger, now).await
    }

    /// What reservations that have ended have kept returns when that is written.
    async fn compare_stocks(&self, ledger: &Ledger, now: Timestamp) -> Result<(), String> {
        for reward in self.model.rewards() {
            let Some(left) = self.model.stock_left(&reward.id, now) else {
                continue;
            };
            let found = ledger.configured::<laurel_rules::Reward>(&reward.id).await;
            let found = found.map_err(|error| format!("{error:?}"))?;
            let stock = ledger.stocks(&[found]).await;
            let used = stock.map_err(|error| format!("{error:?}"))?[0].used;
            let engine = (reward.stock.unwrap_or(0) - used).max(0);
            let ended = self.model.redemptions(now);
            let ended = ended.iter().filter(|it| {
                let expired = it.status == laurel_model::RedemptionStatus::Expired;
                expired && it.of_stock && it.reward.as_ref() == Some(&reward.id)
            });
            let late = i64::try_from(ended.count()).unwrap_or(0);
            if engine > left || engine < left - late {
                return Err(format!(
                    "of {} {engine} are left in the engine, {left} in the model",
                    reward.id
                ));
            }
        }
        Ok(())
    }

    /// The whole lists of store credit.
    pub(super) async fn compare_credit_logs(&self, now: Timestamp) -> Result<(), String> {
        for (number, id) in self.members.iter().enumerate() {
            let member = MemberId(number);
            if let Status::Merged(_) = self.model.status(member) {
                continue;
            }
            let filter = CreditFilter {
                account: id.clone(),
                currency: None,
                kind: None,
                created: TimeRange::default(),
            };
            let all = PageRequest {
                limit: 100_000,
                ..PageRequest::default()
            };
            let page = self.world.ledger.store_credit_transactions(&filter, &all);
            let page = page.await.map_err(|error| format!("{error:?}"))?;
            let (expired, written): (Vec<_>, Vec<_>) = page
                .data
                .iter()
                .map(CreditView::transaction)
                .partition(|t| t.kind == TransactionType::Expire);
            let engine = written.into_iter();
            let mut engine: Vec<_> = engine
                .map(|t| (t.currency.clone(), t.kind.as_str(), t.amount, t.expires_at))
                .collect();
            let (mut model, mut model_expired) = (Vec::new(), Vec::new());
            for currency in self.model.currencies() {
                for t in self.model.ledger(member, Some(&currency)) {
                    model.push((currency.clone(), t.kind.as_str(), t.amount, t.expires_at));
                }
                let holdings = self.model.holdings_of(member, Some(&currency), now);
                model_expired.extend(holdings.expiries.iter().map(|it| it.points));
            }
            engine.sort();
            model.sort();
            if engine != model {
                return Err(format!(
                    "the store credit of {id}: {engine:?}, the model's: {model:?}"
                ));
            }
            let engine_expired = expired.into_iter().map(|t| -t.amount).collect();
            same_amounts(id, engine_expired, model_expired)?;
        }
        Ok(())
    }
}
