//! What-if simulations: under the rules that were in force they say what happened, under others
//! what a real run of the same history then does, to the point and the member.

mod runs;

use std::time::{Duration, Instant};

use clock::Clock;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{AdjustmentRequest, Error, Seed};
use laurel_rules::{Rule, Tier};
use laurel_tests::{PROGRAM, World, at};
use laurel_whatif::{Comparison, Figures, Progress, Simulation};
use serde_json::{Value, json};

const CUSTOMERS: [&str; 5] = ["anna", "ben", "cem", "dora", "eva"];
const START: &str = "2026-06-01T08:00:00Z";

/// What happens: the same in every world, whatever its rules.
#[derive(Debug, Clone)]
enum Step {
    Event(Value),
    Create(&'static str),
    Adjust(&'static str, i64, bool),
    Close(&'static str),
    Reopen(&'static str),
    Merge(&'static str, &'static str),
    Wait(SignedDuration),
    Sweep,
}

fn history(random: &mut Rng) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut now = at(START);
    let mut payments: Vec<(String, i64)> = Vec::new();
    for number in 0..random.usize(30..70) {
        let customer = CUSTOMERS[random.usize(..CUSTOMERS.len())];
        let step = match random.u8(..100) {
            0..45 => {
                let amount = random.i64(0..20_000);
                let (id, trigger) = match random.u8(..6) {
                    0 => (format!("in_{number}"), "invoice.paid"),
                    _ => (format!("pay_{number}"), "payment.completed"),
                };
                payments.push((id.clone(), amount));
                // Some come late.
                let late = SignedDuration::from_hours(random.i64(0..4) * random.i64(0..20));
                Step::Event(json!({"type": trigger, "occurred_at": now - late, "data": {
                    "id": id, "customer": customer, "amount": amount, "currency": "EUR",
                    "email": format!("{customer}@example.com"),
                    "metadata": {"channel": if random.bool() { "app" } else { "shop" }},
                }}))
            }
            45..60 => {
                let known = payments.get(random.usize(..payments.len() + 1)).cloned();
                let early = (format!("pay_{}", number + 3), 10_000);
                let (payment, amount) = known.unwrap_or(early);
                let mut data = json!({"id": format!("re_{number}"), "payment": payment});
                if random.bool() {
                    data["amount"] = json!(random.i64(0..=amount));
                }
                Step::Event(json!({"type": "payment.refunded", "occurred_at": now, "data": data}))
            }
            60..72 => Step::Event(
                json!({"type": "review_submitted", "occurred_at": now, "data": {
                    "id": format!("rev_{number}"), "customer": customer,
                    "metadata": {"stars": random.i64(1..=5)},
                }}),
            ),
            72..75 => Step::Create(customer),
            75..79 => Step::Adjust(customer, random.i64(-60..60), random.bool()),
            79..81 => Step::Close(customer),
            81..83 => Step::Reopen(customer),
            83..85 => Step::Merge(customer, CUSTOMERS[random.usize(..CUSTOMERS.len())]),
            85..88 => Step::Sweep,
            _ => {
                let waited = SignedDuration::from_hours(random.i64(1..300));
                now += waited;
                Step::Wait(waited)
            }
        };
        steps.push(step);
    }
    steps
}

/// A rule with an id of its own, so that it is the same in every world.
fn rule(number: usize, rest: Value) -> Value {
    let mut rule = json!({"id": format!("rule_{number}"), "name": format!("rule {number}")});
    laurel_tests::merge(&mut rule, rest);
    rule
}

fn actual_rules() -> Vec<Value> {
    let rules = [
        json!({"award": {"type": "per_amount", "per": 100, "points": 1}, "carry": true,
               "cap": {"points": 250}, "window": "month"}),
        json!({"trigger": "loyalty.account.created", "award": {"type": "fixed", "points": 30}}),
        json!({"trigger": "review_submitted", "award": {"type": "fixed", "points": 20},
               "cap": {"awards": 2}, "window": "week", "when": "stars >= 3"}),
        json!({"trigger": "invoice.paid", "award": {"type": "per_currency", "rates": {"EUR": 2}},
               "expires": {"after": "P40D"}}),
        json!({"award": {"type": "fixed", "points": 15},
               "milestone": {"stat": "payment.completed.count", "at": [2, 4, 6]}}),
        json!({"trigger": "review_submitted", "award": {"type": "fixed", "points": 9},
               "streak": {"unit": "week", "length": 2, "repeat": true}}),
    ];
    let rules = rules.into_iter().enumerate();
    rules.map(|(number, rest)| rule(number, rest)).collect()
}

fn random_rules(random: &mut Rng) -> Vec<Value> {
    let mut rules = Vec::new();
    for number in 0..random.usize(1..5) {
        let trigger = [
            "payment.completed",
            "invoice.paid",
            "review_submitted",
            "loyalty.account.created",
        ][random.usize(..4)];
        let is_paid = trigger.ends_with("ed")
            && trigger != "loyalty.account.created"
            && trigger != "review_submitted"
            || trigger == "invoice.paid";
        let mut rest = json!({"trigger": trigger, "award": match is_paid && random.bool() {
            true => json!({"type": "per_amount", "per": random.i64(1..300), "points": 3}),
            false => json!({"type": "fixed", "points": random.i64(1..60)}),
        }});
        if random.bool() {
            let window = ["day", "week", "month", "lifetime"][random.usize(..4)];
            rest["window"] = json!(window);
            rest["cap"] = match random.u8(..3) {
                0 => json!({"awards": random.i64(1..4)}),
                1 if window != "lifetime" => json!({"points": random.i64(1..200), "rolling": true}),
                _ => json!({"points": random.i64(1..200)}),
            };
        }
        if random.u8(..3) == 0 {
            rest["when"] = json!(
                [
                    "channel == 'app'",
                    "stars > 2",
                    "member.tier == 'gold'",
                    "member.stats.payment.completed.count % 2 == 0",
                    "member.balance < 100",
                ][random.usize(..5)]
            );
        }
        if random.u8(..4) == 0 {
            rest["carry"] = json!(true);
        }
        if random.u8(..4) == 0 {
            rest["pending_days"] = json!(random.i64(1..20));
        }
        let is_fixed = rest["award"]["type"] == "fixed" && rest.get("cap").is_none();
        match random.u8(..4) {
            0 if is_fixed && trigger != "loyalty.account.created" => {
                let stat = format!("{trigger}.{}", ["count", "sum"][random.usize(..2)]);
                rest["milestone"] = json!({"stat": stat, "at": [2, 4, 5000, 20000]});
            }
            1 if is_fixed => {
                rest["streak"] = json!({"unit": "week", "length": 2, "repeat": random.bool()});
            }
            _ => {}
        }
        // Some share their ids with rules that were in force: their caps go on counting.
        rules.push(rule(number * random.usize(1..3), rest));
    }
    rules.dedup_by(|a, b| a["id"] == b["id"]);
    rules
}

async fn world(rules: &[Value], budget: bool) -> World {
    let world = World::empty().await;
    world.clock.set(at("2026-05-31T00:00:00Z"));
    let mut settings = json!({
        "auto_enroll": true, "salt": "the same in every world", "expires": {"after": "P2M"},
        "timezone": "Europe/Berlin",
        "redeem_rate": {"points": 100, "amount": 50, "currency": "EUR"},
    });
    if budget {
        settings["budget"] = json!({"points": 700, "window": "lifetime", "revision": 1});
    }
    world.set_program(settings).await;
    for (key, threshold, multiplier) in [("silver", 100, "1.5"), ("gold", 300, "2")] {
        let tier: Tier = serde_json::from_value(json!({
            "id": format!("tier_{key}"), "program": PROGRAM, "key": key, "name": key,
            "threshold": threshold, "multiplier": multiplier, "version": 1, "created": world.ledger.now(),
        }))
        .expect("a tier");
        let created = world.ledger.create_configured(tier, "set up").await;
        created.expect("a new tier");
    }
    for rule in rules {
        world.add_rule(rule.clone()).await;
    }
    world.clock.set(at(START));
    world
}

async fn id_of(world: &World, customer: &str) -> Option<String> {
    world
        .find_member(customer)
        .await
        .map(|member| member.account.id)
}

/// Lets a step happen; what is refused does nothing, in every world alike.
async fn happen(world: &World, step: &Step) {
    let done: Result<(), Error> = match step {
        Step::Event(event) => world.apply(event.clone()).await.map(|_| ()),
        Step::Create(customer) => {
            let new = laurel_rules::decide::NewAccount {
                program: PROGRAM.to_owned(),
                customer: Some((*customer).to_owned()),
                ..Default::default()
            };
            world
                .ledger
                .create_account(new, Seed::fresh())
                .await
                .map(|_| ())
        }
        Step::Wait(waited) => {
            world.clock.set(world.ledger.now() + *waited);
            Ok(())
        }
        Step::Sweep => {
            Clock::new(world.ledger.clone())
                .sweep(Instant::now() + Duration::from_secs(60))
                .await;
            Ok(())
        }
        Step::Merge(from, into) => match (id_of(world, from).await, id_of(world, into).await) {
            (Some(from), Some(into)) => world
                .ledger
                .merge_accounts(&from, &into, Seed::fresh())
                .await
                .map(|_| ()),
            _ => Ok(()),
        },
        Step::Adjust(customer, ..) | Step::Close(customer) | Step::Reopen(customer) => {
            let Some(id) = id_of(world, customer).await else {
                return;
            };
            match step {
                Step::Adjust(_, amount, lifetime) => {
                    let request = AdjustmentRequest {
                        account: id,
                        amount: if *amount == 0 { 1 } else { *amount },
                        reason: "a test".to_owned(),
                        allow_negative: true,
                        lifetime: *lifetime,
                        expires_at: None,
                        metadata: Default::default(),
                        request: None,
                    };
                    world.ledger.adjust(request).await.map(|_| ())
                }
                Step::Close(_) => world.ledger.close_account(&id).await.map(|_| ()),
                _ => world.ledger.reopen_account(&id).await.map(|_| ()),
            }
        }
    };
    if let Err(error) = done {
        assert!(matches!(error, Error::Refused(_)), "{step:?}: {error}");
    }
}

async fn run(world: &World, steps: &[Step]) {
    for step in steps {
        happen(world, step).await;
        // Each instant has one event, so that time alone orders them.
        world
            .clock
            .set(world.ledger.now() + SignedDuration::from_millis(1));
    }
}

async fn simulate(world: &World, rules: &[Value], from: Timestamp) -> Simulation {
    let catalog = world.ledger.catalog(PROGRAM).await.expect("a catalog");
    let stored = World::empty().await;
    let mut compiled = Vec::new();
    // Rules are made ready by being stored, as the ledger's are.
    stored.set_program(json!({})).await;
    stored.clock.set(at("2026-05-31T00:00:00Z"));
    for rule in rules {
        stored.add_rule(rule.clone()).await;
    }
    let made = stored.ledger.catalog(PROGRAM).await.expect("a catalog");
    compiled.extend(made.all_rules().into_iter().cloned());
    let candidate = (*catalog).clone().with_rules(compiled);
    let to = world.ledger.now() + SignedDuration::from_hours(1);
    let gathered = world.ledger.gather_simulation(&candidate, from, to).await;
    let mut simulation = gathered.expect("is gathered");
    loop {
        match simulation.run(7) {
            Progress::Done => return simulation,
            Progress::More => {}
            Progress::NeedsPast(account) => {
                let past = world.ledger.past_as_of(&account).await.expect("a past");
                simulation.remember(&account.id, past);
            }
        }
    }
}

/// What is compared: everything, also that nothing of a member is another member's.
fn told(figures: &Figures) -> Figures {
    let mut told = figures.clone();
    // Who got nothing is nobody of whom there is something to say.
    told.by_member.retain(|_, points| *points != 0);
    told.by_rule
        .retain(|_, of_rule| *of_rule != Default::default());
    told
}

#[tokio::test]
async fn under_the_same_rules_it_says_what_happened() {
    for seed in 0..12 {
        let mut random = Rng::with_seed(seed);
        let steps = history(&mut random);
        let world = world(&actual_rules(), seed % 3 == 0).await;
        run(&world, &steps).await;
        let simulation = simulate(&world, &actual_rules(), at(START)).await;
        let (actual, candidate) = (simulation.actual(), simulation.candidate());
        assert_eq!(told(actual), told(candidate), "seed {seed}: {steps:#?}");
        let compared = Comparison::of(actual, candidate, None);
        assert_eq!(compared.difference, Default::default());
        assert!(compared.members.is_empty());
    }
}

#[tokio::test]
async fn it_may_begin_anywhere() {
    for seed in 100..110 {
        let mut random = Rng::with_seed(seed);
        let steps = history(&mut random);
        // A budget whose window began before the range begins whole (docs/simulations.md).
        let world = world(&actual_rules(), false).await;
        let (before, after) = steps.split_at(random.usize(..steps.len()));
        run(&world, before).await;
        let from = world.ledger.now();
        run(&world, after).await;
        let simulation = simulate(&world, &actual_rules(), from).await;
        let (actual, candidate) = (simulation.actual(), simulation.candidate());
        assert_eq!(
            told(actual),
            told(candidate),
            "seed {seed} from {from}: {steps:#?}"
        );
    }
}

#[tokio::test]
async fn under_other_rules_it_says_what_a_real_run_then_does() {
    let mut changed = 0;
    for seed in 200..216 {
        let mut random = Rng::with_seed(seed);
        let steps = history(&mut random);
        let rules = random_rules(&mut random);
        let budget = seed % 3 == 0;
        let world = world(&actual_rules(), budget).await;
        run(&world, &steps).await;
        let simulation = simulate(&world, &rules, at(START)).await;

        let other = self::world(&rules, budget).await;
        run(&other, &steps).await;
        let real = simulate(&other, &rules, at(START)).await;
        // Ids of accounts are chance where a customer's first one was closed.
        let by_points = |figures: &Figures| {
            let mut told = told(figures);
            let mut points: Vec<i64> = told.by_member.drain().map(|(_, it)| it).collect();
            points.sort_unstable();
            (told, points)
        };
        let (predicted, happened) = (simulation.candidate(), real.actual());
        assert_eq!(
            by_points(predicted),
            by_points(happened),
            "seed {seed}: {rules:#?} {steps:#?}"
        );
        changed += u64::from(told(simulation.actual()) != told(predicted));
    }
    assert!(
        changed > 12,
        "hardly anything would have been otherwise: {changed}"
    );
}
