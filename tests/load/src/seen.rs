//! What the stack says in the end, read over HTTP: every member, transaction, referral and event.

use std::collections::HashMap;

use anyhow::Context;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::{
    http::{Address, Call, Client},
    plan::Plan,
};

/// How many read side by side.
const READERS: usize = 4;

/// A member.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) account: String,
    pub(crate) balance: i64,
    pub(crate) lifetime: i64,
}

/// The transactions of one source in one log.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    pub(crate) points: i64,
    pub(crate) earns: usize,
}

/// Somebody who came by a code.
#[derive(Debug, Clone)]
pub(crate) struct Referral {
    pub(crate) id: String,
    pub(crate) referrer: String,
    pub(crate) status: String,
    pub(crate) reason: String,
}

/// What the stack says.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// By customer.
    pub(crate) members: HashMap<String, Member>,
    /// By customer and source.
    pub(crate) sums: HashMap<(String, String), Sum>,
    /// Σ of what was earned, by customer.
    pub(crate) earned: HashMap<String, i64>,
    /// How many events tell of each transaction.
    pub(crate) told: HashMap<String, usize>,
    /// By the customer who came.
    pub(crate) referrals: HashMap<String, Referral>,
    /// What the budget says was used of it, and how much it has.
    pub(crate) budget: Option<(i64, i64)>,
    /// What the program owes by its own figures.
    pub(crate) owed: i64,
}

impl Seen {
    /// Reads all of it.
    ///
    /// # Errors
    /// The stack does not answer as it should.
    pub(crate) async fn read(address: &Address, plan: &Plan) -> anyhow::Result<Seen> {
        let mut seen = Seen::default();
        let mut client = Client::new(address.clone());
        client
            .each("/v1/loyalty/accounts", |account| {
                let customer = text(&account, "customer")?;
                let member = Member {
                    account: text(&account, "id")?,
                    balance: number(&account["balance"])?,
                    lifetime: number(&account["lifetime_points"])?,
                };
                seen.members.insert(customer, member);
                Ok(())
            })
            .await?;
        seen.read_logs(address).await?;
        client
            .each("/v1/events", |event| {
                if let Some(transaction) = event["data"]["transaction"].as_str() {
                    *seen.told.entry(transaction.to_owned()).or_default() += 1;
                }
                Ok(())
            })
            .await?;
        for (account, _) in &plan.referrers {
            let path = format!("/v1/loyalty/referrals?referrer={account}");
            client
                .each(&path, |referral| {
                    if let Some(customer) = referral["customer"].as_str() {
                        seen.referrals
                            .insert(customer.to_owned(), read_referral(&referral)?);
                    }
                    Ok(())
                })
                .await?;
        }
        let program = client
            .must(&Call::get("/v1/loyalty/programs/prog_default"))
            .await?;
        if !program["budget"].is_null() {
            let path = "/v1/loyalty/programs/prog_default/budget";
            let budget = client.must(&Call::get(path)).await?;
            seen.budget = Some((number(&budget["used"])?, number(&budget["points"])?));
        }
        let path = "/v1/loyalty/programs/prog_default/liability";
        let liability = client.must(&Call::get(path)).await?;
        seen.owed = number(&liability["outstanding"])? - number(&liability["deficit"])?;
        Ok(seen)
    }

    async fn read_logs(&mut self, address: &Address) -> anyhow::Result<()> {
        let mut logs: Vec<Vec<(String, String)>> = vec![Vec::new(); READERS];
        for (place, (customer, member)) in self.members.iter().enumerate() {
            if let Some(log) = logs.get_mut(place % READERS) {
                log.push((customer.clone(), member.account.clone()));
            }
        }
        let mut readers = JoinSet::new();
        for log in logs {
            let client = Client::new(address.clone());
            readers.spawn(read_logs(client, log));
        }
        while let Some(read) = readers.join_next().await {
            for (customer, transaction) in read?? {
                let Transaction {
                    id,
                    source,
                    points,
                    is_earned,
                } = transaction;
                if is_earned {
                    *self.earned.entry(customer.clone()).or_default() += points;
                }
                let sum = self.sums.entry((customer, source)).or_default();
                sum.points += points;
                sum.earns += usize::from(is_earned);
                self.told.entry(id).or_default();
            }
        }
        Ok(())
    }
}

struct Transaction {
    id: String,
    source: String,
    points: i64,
    is_earned: bool,
}

async fn read_logs(
    mut client: Client,
    of: Vec<(String, String)>,
) -> anyhow::Result<Vec<(String, Transaction)>> {
    let mut read = Vec::new();
    for (customer, account) in of {
        let path = format!("/v1/loyalty/transactions?account={account}");
        client
            .each(&path, |transaction| {
                let transaction = Transaction {
                    id: text(&transaction, "id")?,
                    source: text(&transaction["source"], "id")?,
                    points: number(&transaction["points"])?,
                    is_earned: transaction["type"] == "earn",
                };
                read.push((customer.clone(), transaction));
                Ok(())
            })
            .await?;
    }
    Ok(read)
}

fn read_referral(referral: &Value) -> anyhow::Result<Referral> {
    Ok(Referral {
        id: text(referral, "id")?,
        referrer: text(referral, "referrer")?,
        status: text(referral, "status")?,
        reason: referral["reason"].as_str().unwrap_or_default().to_owned(),
    })
}

fn text(object: &Value, field: &str) -> anyhow::Result<String> {
    let text = object[field].as_str();
    let text = text.with_context(|| format!("{field} of {object}"))?;
    Ok(text.to_owned())
}

fn number(value: &Value) -> anyhow::Result<i64> {
    value
        .as_i64()
        .with_context(|| format!("{value} is no number"))
}
