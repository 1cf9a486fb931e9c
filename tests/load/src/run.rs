//! One run: a fresh stack, its load, its deaths, and what is left in the end.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use fastrand::Rng;
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    books::{Books, Due},
    client::{Orders, Worker},
    compare::differences,
    http::{Call, Client},
    measured::Measured,
    plan::{Plan, Profile},
    samples::Samples,
    seen::Seen,
    stack::Stack,
};

/// How often the load looks at the stack from outside.
const LOOK: Duration = Duration::from_millis(200);
/// What is paid at once to take what a refund has given back to a budget.
const DRAIN_AMOUNT: i64 = 100_000_000;

/// What to run.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) profile: Profile,
    pub(crate) clients: usize,
    pub(crate) time: Duration,
    pub(crate) kills: usize,
    pub(crate) members: usize,
    pub(crate) seed: u64,
    /// Whether requests under an `Idempotency-Key` wait until the last kill: a name whose holder
    /// has died is held for half a minute.
    pub(crate) names_last: bool,
    pub(crate) laurel: PathBuf,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) settings: Settings,
    pub(crate) measured: Measured,
    pub(crate) samples: Samples,
    /// From the first request to the last answer.
    pub(crate) took: Duration,
    /// Until it listened again, for each kill.
    pub(crate) starts: Vec<Duration>,
    /// Until nothing was on its way any more.
    pub(crate) settled_after: Duration,
    pub(crate) kept_kb: u64,
    pub(crate) members: usize,
    pub(crate) transactions: usize,
    /// Points that were acknowledged and are there.
    pub(crate) earned: i64,
    pub(crate) balances: i64,
    /// Referrals that count, and those that came too many.
    pub(crate) referrals: (usize, usize),
    pub(crate) budget: Option<i64>,
    /// Everything that is not as it was acknowledged.
    pub(crate) wrong: Vec<String>,
}

/// Runs on a table in `data`, a directory that is empty.
///
/// # Errors
/// It cannot be run to its end.
pub(crate) async fn run(settings: &Settings, data: &Path) -> anyhow::Result<Outcome> {
    let mut stack = Stack::new(&settings.laurel, data);
    stack.start().await?;
    let address = stack.address();
    // The API takes no more than a thousand.
    let velocity = match settings.profile {
        Profile::HotReferrer => (settings.clients * 4).min(1000),
        _ => 1000,
    };
    let mut plan = Plan::new(settings.profile, settings.members, velocity);
    let mut client = Client::new(address.clone());
    plan.set_up(&mut client).await?;

    let orders = Arc::new(Orders {
        plan,
        go_on: AtomicBool::new(true),
        may_name: AtomicBool::new(!settings.names_last),
        settled: AtomicU64::new(0),
    });
    let begun = Instant::now();
    let mut workers = JoinSet::new();
    for number in 0..settings.clients {
        let worker = Worker::new(Arc::clone(&orders), number, settings.seed, &address);
        workers.spawn(worker.run());
    }
    let watching = watch(settings, &mut stack, &orders, &mut client).await;
    orders.go_on.store(false, Ordering::Relaxed);
    let (samples, starts) = watching?;
    let (mut books, mut measured) = (Books::default(), Measured::default());
    while let Some(worked) = workers.join_next().await {
        let (kept, timed) = worked??;
        books.add(kept);
        measured.add(&timed);
    }
    let took = begun.elapsed();

    let dead_letters = client.must(&Call::get("/_local/dead_letters")).await?;
    if dead_letters["data"]
        .as_array()
        .is_none_or(|all| !all.is_empty())
    {
        books.wrong.push(format!("dead letters: {dead_letters}"));
    }
    let mut settled_after = stack.stop().await?;
    if settings.profile == Profile::HotBudget {
        stack.start().await?;
        drain(&mut client, &mut books).await?;
        settled_after += stack.stop().await?;
    }
    // What is read now was read from the file.
    stack.start().await?;
    let seen = Seen::read(&address, &orders.plan).await?;
    stack.kill()?;
    let mut wrong = differences(&books, &seen, &orders.plan);
    for command in [&["audit"][..], &["liability", "--check"]] {
        if let Some(told) = stack.check(command)? {
            wrong.push(format!("laurel {}: {told}", command.join(" ")));
        }
    }
    let counted = seen.referrals.values();
    let counted = counted.filter(|one| one.status != "rejected").count();
    Ok(Outcome {
        settings: settings.clone(),
        measured,
        samples,
        took,
        starts,
        settled_after,
        kept_kb: stack.kept_kb(),
        members: seen.members.len(),
        transactions: seen.told.len(),
        earned: seen.earned.values().sum(),
        balances: seen.members.values().map(|member| member.balance).sum(),
        referrals: (counted, seen.referrals.len() - counted),
        budget: seen.budget.map(|(used, _)| used),
        wrong,
    })
}

/// Looks on while the stack is loaded, and kills it when its hour has come.
async fn watch(
    settings: &Settings,
    stack: &mut Stack,
    orders: &Orders,
    client: &mut Client,
) -> anyhow::Result<(Samples, Vec<Duration>)> {
    let mut random = Rng::with_seed(settings.seed);
    let mut hours = hours(settings, &mut random);
    let (mut samples, mut starts) = (Samples::default(), Vec::new());
    let mut is_limited = settings.profile != Profile::HotBudget;
    let begun = Instant::now();
    while begun.elapsed() < settings.time {
        tokio::time::sleep(LOOK).await;
        if let Some(resident_kb) = stack.resident_kb() {
            let settled = orders.settled.load(Ordering::Relaxed);
            samples.add(begun.elapsed(), resident_kb, settled);
        }
        if hours.last().is_some_and(|hour| begun.elapsed() >= *hour) {
            hours.pop();
            // It is killed while it starts, too.
            stack.kill()?;
            if random.u8(0..4) == 0 {
                let told = stack.spawn()?;
                tokio::time::sleep(Duration::from_millis(random.u64(0..200))).await;
                stack.kill()?;
                drop(told);
            }
            starts.push(stack.start().await?);
        }
        if hours.is_empty() {
            orders.may_name.store(true, Ordering::Relaxed);
        }
        if !is_limited && begun.elapsed() >= settings.time / 4 {
            is_limited = true;
            limit(client).await?;
        }
    }
    Ok((samples, starts))
}

/// The moments at which to kill, the last one first: one in each part of the time.
fn hours(settings: &Settings, random: &mut Rng) -> Vec<Duration> {
    let parts = u32::try_from(settings.kills).unwrap_or(u32::MAX);
    let Some(part) = settings.time.checked_div(parts) else {
        return Vec::new();
    };
    let part_ms = u64::try_from(part.as_millis()).unwrap_or(u64::MAX);
    // Not so late in a part that the next one comes before it has begun to work again.
    let hours = (0..parts).map(|place| {
        part * place + Duration::from_millis(random.u64(part_ms / 10..=part_ms * 6 / 10))
    });
    let mut hours: Vec<Duration> = hours.collect();
    hours.reverse();
    hours
}

/// Leaves the budget as much as was used of it until now.
async fn limit(client: &mut Client) -> anyhow::Result<()> {
    let path = "/v1/loyalty/programs/prog_default";
    let budget = client.must(&Call::get(format!("{path}/budget"))).await?;
    let used = budget["used"].as_i64().context("used")?;
    let limit = json!({"budget": {"points": used * 2}});
    client.must(&Call::post(path, limit)).await?;
    Ok(())
}

/// Pays until nothing is left of the budget: all of it must be given out.
async fn drain(client: &mut Client, books: &mut Books) -> anyhow::Result<()> {
    for number in 0..3 {
        let (id, customer) = (format!("drain_{number}"), Plan::customer(0));
        let data = json!({
            "id": id, "amount": DRAIN_AMOUNT, "currency": "EUR", "customer": customer,
        });
        let event = json!({"type": "payment.completed", "data": data});
        client.must(&Call::post("/v1/events", event)).await?;
        books.award(&customer, &id, Due::AtMost(DRAIN_AMOUNT));
    }
    Ok(())
}
