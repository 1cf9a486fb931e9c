//! What the engine answers to an operation of the model's.

use std::collections::BTreeMap;

use laurel_ledger::{AdjustmentRequest, Error, Ledger, Seed};
use laurel_model::{Names, Op};
use laurel_rules::{
    EventOutcome,
    decide::{AccountChange, NewAccount},
};
use laurel_tests::{PROGRAM, rewards::tick};
use serde_json::{Value, json};

use super::{Pair, Said};

impl Pair {
    /// Asks the engine; beside its answer the account that it created or changed, if any.
    pub(super) async fn ask(
        &mut self,
        ledger: &Ledger,
        op: &Op,
    ) -> Result<(Option<String>, Said), Error> {
        let plain = |outcome: &str, account: String, transactions| {
            let said = Said {
                outcome: outcome.to_owned(),
                duplicate: false,
                account: Some(account.clone()),
                transactions,
            };
            (Some(account), said)
        };
        let changed = |outcome: &str| {
            let said = Said {
                outcome: outcome.to_owned(),
                duplicate: false,
                account: None,
                transactions: Vec::new(),
            };
            (None, said)
        };
        match op {
            Op::Event(event) => {
                let value = event.to_api(PROGRAM, self);
                let event = self.world.event(Value::Object(value))?;
                said(ledger, ledger.apply(&event).await?).await
            }
            Op::AccountCreatedAgain(member) => {
                let value = json!({
                    "type": "loyalty.account.created",
                    "data": {"id": self.member(*member)},
                });
                said(ledger, ledger.apply(&self.world.event(value)?).await?).await
            }
            Op::CreateAccount { customer, email } => {
                let new = NewAccount {
                    program: PROGRAM.to_owned(),
                    customer: customer.clone(),
                    email: email.clone(),
                    ..NewAccount::default()
                };
                let view = ledger.create_account(new, Seed::fresh()).await?;
                Ok(plain("created", view.account.id, Vec::new()))
            }
            Op::UpdateAccount {
                member,
                customer,
                email,
            } => {
                let change = AccountChange {
                    customer: customer.clone(),
                    email: email.clone(),
                    ..AccountChange::default()
                };
                let view = ledger
                    .update_account(&self.member(*member), &change)
                    .await?;
                Ok(plain("updated", view.account.id, Vec::new()))
            }
            Op::Close(member) => {
                let view = ledger.close_account(&self.member(*member)).await?;
                Ok(plain("closed", view.account.id, Vec::new()))
            }
            Op::Reopen(member) => {
                let view = ledger.reopen_account(&self.member(*member)).await?;
                Ok(plain("reopened", view.account.id, Vec::new()))
            }
            Op::Merge { source, target } => {
                let (source, target) = (self.member(*source), self.member(*target));
                let merged = ledger.merge_accounts(&source, &target, Seed::fresh());
                Ok(plain("merged", merged.await?.account.id, Vec::new()))
            }
            Op::Adjust {
                member,
                amount,
                allow_negative,
                lifetime,
                expires_at,
            } => {
                let request = AdjustmentRequest {
                    account: self.member(*member),
                    amount: *amount,
                    reason: "test".to_owned(),
                    allow_negative: *allow_negative,
                    lifetime: *lifetime,
                    expires_at: *expires_at,
                    metadata: BTreeMap::new(),
                    request: None,
                };
                let view = ledger.adjust(request).await?;
                let written = vec![("adjust".to_owned(), view.transaction().amount)];
                Ok(plain("adjusted", self.member(*member), written))
            }
            Op::UpdateRule(rule) => {
                self.set_rule(ledger, rule).await?;
                Ok(changed("rule_updated"))
            }
            Op::SetTier(tier) => {
                self.set_tier(ledger, tier).await?;
                Ok(changed("tiers_changed"))
            }
            Op::DeleteTier(key) => {
                self.delete_tier(ledger, key).await?;
                Ok(changed("tiers_changed"))
            }
            Op::SetReward(reward) => {
                self.set_reward(ledger, reward).await?;
                Ok(changed("reward_set"))
            }
            Op::Redeem {
                member,
                wanted,
                reserve_minutes,
            } => {
                let view = self.redeem(ledger, *member, wanted, *reserve_minutes);
                let view = view.await?;
                let status = view.redemption.status.as_str();
                Ok(plain(status, view.account, Vec::new()))
            }
            Op::Act { redemption, act } => {
                let view = self.act(ledger, *redemption, *act).await?;
                let status = view.redemption.status.as_str();
                Ok(plain(status, view.account, Vec::new()))
            }
            Op::AdjustCredit {
                member,
                money,
                allow_negative,
                expiry,
            } => {
                let amount = self
                    .adjust_credit(ledger, *member, money, *allow_negative, *expiry)
                    .await?;
                let written = vec![("adjust".to_owned(), amount)];
                Ok(plain("adjusted", self.member(*member), written))
            }
            Op::Tick => {
                tick(ledger).await;
                Ok(changed("ticked"))
            }
            Op::SetCampaign(campaign) => {
                self.set_campaign(ledger, campaign).await?;
                Ok(changed("campaign_set"))
            }
        }
    }
}

async fn said(ledger: &Ledger, outcome: EventOutcome) -> Result<(Option<String>, Said), Error> {
    let mut transactions = Vec::new();
    for id in &outcome.transactions {
        let view = ledger.transaction(&id.to_string()).await?;
        let transaction = view.transaction();
        transactions.push((transaction.kind.as_str().to_owned(), transaction.amount));
    }
    let account = outcome.account.clone();
    let said = Said {
        outcome: outcome.outcome.as_str().to_owned(),
        duplicate: outcome.duplicate,
        account: outcome.account,
        transactions,
    };
    Ok((account, said))
}
