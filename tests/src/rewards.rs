//! Rewards and redemptions in a world.

use laurel_ledger::{AdjustmentRequest, Error, Ledger, RedemptionView, Seed, table::DUE_SHARDS};
use laurel_rules::{
    Code, Reward,
    decide::{Act, Redeem, Wanted},
};
use serde_json::{Value, json};

use crate::{PROGRAM, World, merge};

impl World {
    /// Adds a reward of 100 points that takes 500 minor units off an order, unless `reward` says
    /// otherwise.
    ///
    /// # Panics
    /// Where it is not one.
    pub async fn add_reward(&self, reward: Value) -> Reward {
        let mut value = json!({
            "id": self.ledger.new_id("rwd_"),
            "program": PROGRAM,
            "name": "5 off",
            "value": {"type": "discount_amount", "amount": 500, "currency": "EUR"},
            "cost": 100,
            "active": true,
            "code_pool": false,
            "version": 1,
            "created": self.ledger.now(),
        });
        merge(&mut value, reward);
        let reward: Reward = serde_json::from_value(value).expect("a reward");
        let created = self.ledger.create_configured(reward, "set up").await;
        created.expect("a new reward")
    }

    /// A new account with so many points.
    ///
    /// # Panics
    /// Where it is refused.
    pub async fn rich(&self, customer: &str, points: i64) -> String {
        let account = self.create(customer).await;
        self.grant(&account, points, None).await;
        account
    }

    /// Grants points by hand, until `expires_at`.
    ///
    /// # Panics
    /// Where it is refused.
    pub async fn grant(&self, account: &str, amount: i64, expires_at: Option<&str>) {
        let request = AdjustmentRequest {
            account: account.to_owned(),
            amount,
            reason: "a gift".to_owned(),
            allow_negative: true,
            expires_at: expires_at.map(crate::at),
            ..AdjustmentRequest::default()
        };
        self.ledger.adjust(request).await.expect("a gift");
    }

    /// The balance of an account.
    ///
    /// # Panics
    /// Where there is none.
    pub async fn balance(&self, account: &str) -> i64 {
        self.ledger.account(account).await.expect("it").balance
    }
}

/// A redemption of `reward`, reserved for half an hour where `reserve` says so.
#[must_use]
pub fn wish(account: &str, reward: &Reward, reserve: bool) -> Redeem {
    Redeem {
        id: Ledger::redemption_id(account, Seed::fresh()),
        account: account.to_owned(),
        wanted: Wanted::Reward(reward.id.clone()),
        reserve_minutes: reserve.then_some(30),
        metadata: std::collections::BTreeMap::new(),
    }
}

/// A use by the request of this name.
#[must_use]
pub fn used_by(request: &str) -> Act {
    Act::Use {
        request: request.to_owned(),
        order: None,
    }
}

/// The status that came of it, or the code of the refusal.
///
/// # Panics
/// On any other error.
#[must_use]
pub fn outcome(done: Result<RedemptionView, Error>) -> &'static str {
    match done {
        Ok(view) => view.redemption.status.as_str(),
        Err(Error::Refused(refusal)) => refusal.code.as_str(),
        Err(Error::Busy { .. }) => Code::Conflict.as_str(),
        Err(error) => panic!("{error}"),
    }
}

/// Visits all members to whom time has done anything.
///
/// # Panics
/// Where a visit fails.
pub async fn tick(ledger: &Ledger) {
    for shard in 0..DUE_SHARDS {
        let mut start = None;
        loop {
            let page = ledger.due(shard, start).await.expect("what is due");
            for due in page.due {
                ledger.visit(due).await.expect("a visit");
            }
            start = page.next;
            if start.is_none() {
                break;
            }
        }
    }
}
