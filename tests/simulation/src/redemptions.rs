//! Rewards, redemptions and store credit on both sides.

use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{CreditFilter, CreditView, Error, Ledger, PageRequest, TimeRange};
use laurel_model::{MemberId, Names, Reward, Status};
use laurel_rules::entry::TransactionType;
use laurel_tests::{PROGRAM, World};
use serde_json::{Value, json};

use crate::{
    compare::{Written, same_amounts},
    oracle::Oracle,
};

impl Oracle {
    /// Creates a reward, or replaces it.
    pub(crate) async fn set_reward(&self, ledger: &Ledger, reward: &Reward) -> Result<(), Error> {
        let mut value = Value::Object(reward.to_api(PROGRAM));
        value["value"] = Value::Object(reward.gives.to_api());
        value["code_pool"] = json!(false);
        self.set::<laurel_rules::Reward>(ledger, &reward.id, value)
            .await
    }

    /// All redemptions, and what is left of each stock.
    pub(crate) async fn compare_redemptions(
        &self,
        world: &World,
        now: Timestamp,
        ahead_hours: &[i64],
    ) -> Result<(), String> {
        for hours in ahead_hours {
            let then = now + SignedDuration::from_hours(*hours);
            world.clock.set(then);
            let expected = self.model.redemptions(then);
            // All of them every few steps, else the latest.
            let skipped = match ahead_hours {
                [_] => self.redemptions.len().saturating_sub(4),
                _ => 0,
            };
            let all = self.redemptions.iter().zip(expected);
            for (id, model) in all.skip(skipped) {
                let view = world.ledger.redemption(id).await;
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
        world.clock.set(now);
        self.compare_stocks(&world.ledger, now).await
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
    pub(crate) async fn compare_credit_logs(
        &self,
        world: &World,
        now: Timestamp,
        written: Written,
    ) -> Result<(), String> {
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
            let page = world.ledger.store_credit_transactions(&filter, &all);
            let page = page.await.map_err(|error| format!("{error:?}"))?;
            let (expired, others): (Vec<_>, Vec<_>) = page
                .data
                .iter()
                .map(CreditView::transaction)
                .partition(|t| t.kind == TransactionType::Expire);
            let engine = others.into_iter();
            let engine = engine.filter(|t| written.tells(t.kind.as_str(), t.amount));
            let mut engine: Vec<_> = engine
                .map(|t| (t.currency.clone(), t.kind.as_str(), t.amount, t.expires_at))
                .collect();
            let (mut model, mut model_expired) = (Vec::new(), Vec::new());
            for currency in self.model.currencies() {
                let ledger = self.model.ledger(member, Some(&currency)).into_iter();
                for t in ledger.filter(|t| written.tells(t.kind.as_str(), t.amount)) {
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
            if written == Written::SoFar {
                continue;
            }
            let engine_expired = expired.into_iter().map(|t| -t.amount).collect();
            same_amounts(id, engine_expired, model_expired)?;
        }
        Ok(())
    }
}
