//! What both sides hold.

use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{AccountView, Ledger, TransactionView};
use laurel_model::{MemberId, Status, TransactionKind};
use laurel_rules::{campaign::Campaign, entry::TransactionType};
use laurel_tests::{PROGRAM, World};

use crate::oracle::Oracle;

impl Oracle {
    pub(crate) async fn compare_balances(
        &self,
        world: &World,
        now: Timestamp,
        ahead_hours: &[i64],
    ) -> Result<(), String> {
        for (number, id) in self.members.iter().enumerate() {
            let member = MemberId(number);
            for ahead_hours in ahead_hours {
                let then = now + SignedDuration::from_hours(*ahead_hours);
                world.clock.set(then);
                let view = world
                    .ledger
                    .account(id)
                    .await
                    .map_err(|error| format!("{error:?}"))?;
                let engine = (view.balance, view.pending, view.account.lifetime_points);
                let model = (
                    self.model.balance(member, then),
                    self.model.pending(member, then),
                    self.model.lifetime(member),
                );
                let credit = view.store_credit.iter();
                let credit: Vec<_> = credit
                    .map(|it| (it.currency.clone(), it.balance, it.reserved))
                    .collect();
                let expected = self.model.store_credit(member, then);
                if credit != expected {
                    return Err(format!(
                        "{member} in {ahead_hours} h: store credit is {credit:?} in the engine, \
                         {expected:?} in the model"
                    ));
                }
                self.compare_identity(&view, member)?;
                self.compare_tiers(&view, member, then)?;
                if engine != model {
                    return Err(format!(
                        "{member} in {ahead_hours} h: (balance, pending, lifetime) are {engine:?} \
                         in the engine, {model:?} in the model"
                    ));
                }
            }
            world.clock.set(now);
        }
        Ok(())
    }

    /// What is used of each budget now.
    pub(crate) async fn compare_budgets(
        &self,
        ledger: &Ledger,
        now: Timestamp,
    ) -> Result<(), String> {
        let failed = |error| format!("{error:?}");
        let found = ledger.program_budget(PROGRAM).await.map_err(failed)?;
        let mut all = vec![(None, found)];
        for campaign in self.model.campaigns() {
            let found = ledger.configured::<Campaign>(&campaign.id).await;
            let found = ledger.campaign_budget(&found.map_err(failed)?).await;
            all.push((Some(campaign.id.as_str()), found.map_err(failed)?));
        }
        for (campaign, engine) in all {
            let engine = engine.map(|budget| budget.used);
            let model = self.model.budget_used(campaign, now);
            if engine != model {
                return Err(format!(
                    "of the budget of {campaign:?} {engine:?} is used in the engine, {model:?} in \
                     the model"
                ));
            }
        }
        Ok(())
    }

    /// Who was merged has no names to speak of.
    fn compare_identity(&self, view: &AccountView, member: MemberId) -> Result<(), String> {
        let (status, names) = match self.model.status(member) {
            Status::Active => ("active", self.model.identity(member)),
            Status::Closed => ("closed", self.model.identity(member)),
            Status::Merged(_) => ("merged", (None, None)),
        };
        let account = &view.account;
        let engine = match status {
            "merged" => (None, None),
            _ => (account.customer.as_deref(), account.email.as_deref()),
        };
        if (account.status.as_str(), engine) != (status, names) {
            return Err(format!(
                "{member} is {} as {engine:?} in the engine, {status} as {names:?} in the model",
                account.status.as_str()
            ));
        }
        Ok(())
    }

    /// Who was merged has no tier to speak of.
    fn compare_tiers(
        &self,
        view: &AccountView,
        member: MemberId,
        then: Timestamp,
    ) -> Result<(), String> {
        if let Status::Merged(_) = self.model.status(member) {
            return Ok(());
        }
        let engine = (
            view.account.tier.key.clone(),
            view.next_tier.clone(),
            view.tier_until,
        );
        let model = (
            self.model.tier(member, then),
            self.model.next_tier(member, then),
            self.model.tier_until(member, then),
        );
        if engine != model {
            return Err(format!(
                "{member} at {then}: (tier, next, until) are {engine:?} in the engine, {model:?} \
                 in the model"
            ));
        }
        Ok(())
    }

    /// The whole logs of points; once what time has done is written, also what has expired and
    /// come back by itself, and that balances are the sums.
    pub(crate) async fn compare_logs(
        &self,
        world: &World,
        now: Timestamp,
        written: Written,
    ) -> Result<(), String> {
        for (number, id) in self.members.iter().enumerate() {
            let member = MemberId(number);
            let log = world.log(id).await;
            let instants: Vec<Timestamp> = log.iter().map(|view| view.entry.created).collect();
            if !instants.is_sorted() {
                return Err(format!("the list of {id} is not in the order of time"));
            }
            let (expired, others): (Vec<_>, Vec<_>) = log
                .iter()
                .map(TransactionView::transaction)
                .partition(|t| t.kind == TransactionType::Expire);
            // A reversal of pending points says so in its own `available_at`.
            let mut engine: Vec<_> = others
                .into_iter()
                .filter(|t| written.tells(t.kind.as_str(), t.amount))
                .map(|t| {
                    let earned = t.kind == TransactionType::Earn;
                    let available_at = t.available_at.filter(|_| earned);
                    let gives = matches!(t.kind, TransactionType::Earn | TransactionType::Adjust);
                    let expires_at = t.expires_at.filter(|_| gives);
                    let times = (available_at, expires_at);
                    (
                        t.kind.as_str(),
                        t.amount,
                        times,
                        t.uncapped_points,
                        balance_after(t.kind.as_str(), t.amount, t.balance_after),
                    )
                })
                .collect();
            let transactions = self.model.transactions(member).into_iter();
            let mut model: Vec<_> = transactions
                .filter(|t| written.tells(t.kind.as_str(), t.amount))
                .map(|t| {
                    let earned = t.kind == TransactionKind::Earn;
                    let available_at = t.available_at.filter(|_| earned);
                    let uncapped = t.uncapped_points.and_then(|it| i64::try_from(it).ok());
                    let times = (available_at, t.expires_at);
                    let balance = balance_after(t.kind.as_str(), t.amount, t.balance_after);
                    (t.kind.as_str(), t.amount, times, uncapped, balance)
                })
                .collect();
            if log.iter().any(|view| view.entry.account != *id) {
                // Of one instant, the order in which two accounts were written is not told.
                engine.sort();
                model.sort();
            }
            if engine != model {
                return Err(format!(
                    "the log of {id}: {engine:?}, the model's: {model:?}"
                ));
            }
            if written == Written::SoFar {
                continue;
            }
            let engine = expired.into_iter().map(|t| -t.amount).collect();
            let model = self.model.expiries(member, now).into_iter();
            same_amounts(id, engine, model.map(|it| it.points).collect())?;
            let view = world.ledger.account(id).await;
            let balance = view.map_err(|error| format!("{error:?}"))?.balance;
            let posted: i64 = log
                .iter()
                .map(TransactionView::transaction)
                .filter(|t| t.available_at.is_none_or(|at| at <= now))
                .map(|t| t.amount)
                .sum();
            if posted != balance {
                return Err(format!("{id}: Σ posted {posted}, balance {balance}"));
            }
        }
        Ok(())
    }
}

/// How much of what time has done is in the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// All of it.
    All,
    /// What was written by the way.
    SoFar,
}

impl Written {
    /// Whether both sides list such a transaction by now.
    pub(crate) fn tells(self, kind: &str, amount: i64) -> bool {
        self == Written::All || kind != "reverse" || amount < 0
    }
}

/// The balance after a transaction. What comes back may expire at once, by a transaction of its
/// own in the engine, so that of a return it is not compared.
fn balance_after(kind: &str, amount: i64, balance: i64) -> Option<i64> {
    (kind != "reverse" || amount < 0).then_some(balance)
}

/// What has expired, whatever came first of what expired at one time.
pub(crate) fn same_amounts(
    id: &str,
    mut engine: Vec<i64>,
    mut model: Vec<i64>,
) -> Result<(), String> {
    engine.sort_unstable();
    model.sort_unstable();
    if engine == model {
        return Ok(());
    }
    Err(format!(
        "of {id} expired {engine:?} in the engine, {model:?} in the model"
    ))
}
