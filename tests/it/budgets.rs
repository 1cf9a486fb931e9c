//! Budgets: never exceeded, handed out to the last point, and no item of theirs is hot.

mod api;
mod campaigns;
mod cost;
mod crash;
mod examples;
mod limits;
mod race;

use std::sync::Arc;

use futures::future::join_all;
use laurel_ledger::{BudgetUse, Ledger};
use laurel_rules::{
    EventOutcome,
    campaign::Campaign,
    entry::{Change, TransactionType},
};
use laurel_tests::{PROGRAM, World, merge, payment};
use serde_json::{Value, json};

/// A program with this budget, in which a payment earns a point for each euro.
async fn world(budget: Value) -> Arc<World> {
    let rule = json!({
        "id": "rule_euro", "award": {"type": "per_amount", "per": 100, "points": 1},
    });
    let settings = json!({"auto_enroll": true, "budget": budget});
    Arc::new(World::with(settings, &[rule]).await)
}

async fn add_campaign(world: &World, campaign: Value) -> Campaign {
    let mut value = json!({
        "id": world.ledger.new_id("camp_"),
        "program": PROGRAM,
        "multiplier": 2,
        "active": true,
        "version": 1,
        "created": world.ledger.now(),
    });
    merge(&mut value, campaign);
    let campaign: Campaign = serde_json::from_value(value).expect("a campaign");
    let created = world.ledger.create_configured(campaign, "set up").await;
    created.expect("a new campaign")
}

async fn used(world: &World) -> BudgetUse {
    let found = world.ledger.program_budget(PROGRAM).await;
    found.expect("an answer").expect("a budget")
}

async fn pay(ledger: &Ledger, world: &World, event: Value) -> EventOutcome {
    let event = world.event(event).expect("an event");
    ledger.apply(&event).await.expect("is handled")
}

/// Pays `count` times at once, each customer once, each in a process of its own.
async fn pay_at_once(world: &Arc<World>, prefix: &str, count: usize, amount: i64) {
    let prefix: Arc<str> = prefix.into();
    let racing = (0..count).map(|number| {
        let (world, prefix) = (Arc::clone(world), Arc::clone(&prefix));
        tokio::spawn(async move {
            let event = payment(
                &format!("pay_{prefix}_{number}"),
                &format!("cust_{prefix}_{number}"),
                amount,
            );
            pay(&world.another_ledger(), &world, event).await
        })
    });
    for done in join_all(racing).await {
        done.expect("no panic");
    }
}

/// What all members of the world have got: points earned less points reversed, how many awards
/// were cut, and how often it was announced that a budget is spent.
#[derive(Debug, PartialEq, Eq)]
struct Given {
    points: i64,
    cut: usize,
    announced: usize,
}

async fn given(world: &World) -> Given {
    let filter = laurel_ledger::AccountFilter::of(PROGRAM);
    let all = laurel_ledger::PageRequest {
        limit: 100_000,
        ..laurel_ledger::PageRequest::default()
    };
    let accounts = world.ledger.accounts(&filter, &all).await.expect("a list");
    let mut given = Given {
        points: 0,
        cut: 0,
        announced: 0,
    };
    for view in &accounts.data {
        let log = world.log(&view.account.id).await;
        let mut announced: Vec<u64> = Vec::new();
        for transaction in &log {
            let made = transaction.transaction();
            match made.kind {
                TransactionType::Earn | TransactionType::Reverse => given.points += made.amount,
                _ => {}
            }
            given.cut += usize::from(made.uncapped_points.is_some());
            let changes = transaction.entry.changes.iter();
            let reached = changes.filter(|it| matches!(it, Change::BudgetReached { .. }));
            if reached.count() > 0 && !announced.contains(&transaction.entry.seq) {
                announced.push(transaction.entry.seq);
            }
        }
        given.announced += announced.len();
    }
    given
}
