//! What a program owes: the figures equal what a scan of all accounts and logs adds up to,
//! however the records of the stream come.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use laurel::{
    embedded::Phase,
    owed::{Figures, added_up, compare, in_words, kept},
};
use laurel_ledger::{
    JournalRequest, Ledger, Liability,
    item::{Item, entry_from_image},
};
use laurel_rules::{
    Entry, Program,
    liability::{LedgerAccount, Unit},
};
use laurel_tests::{Crash, PROGRAM, World, at, merge, payment, refund, rewards::tick};
use serde_json::{Value, json};

mod checked;
mod costs;
mod histories;
mod served;

/// Everything in the table.
async fn scan(world: &World) -> Vec<Item> {
    let mut items = Vec::new();
    let mut start = None;
    loop {
        let page = world.store.client().scan().table_name("laurel");
        let page = page.set_exclusive_start_key(start).send().await;
        let page = page.expect("a page of the table");
        items.extend(page.items.unwrap_or_default());
        start = page.last_evaluated_key;
        if start.is_none() {
            return items;
        }
    }
}

/// All entries of all logs.
pub(crate) async fn entries(world: &World) -> Vec<Entry> {
    let items = scan(world).await;
    let entries = items
        .iter()
        .map(|item| entry_from_image(item).expect("reads"));
    entries.flatten().collect()
}

async fn count_all(world: &World) {
    let entries = entries(world).await;
    let counted = world.ledger.count_entries(PROGRAM, &entries).await;
    counted.expect("is counted");
}

fn month(at: Timestamp, program: &Program) -> String {
    at.to_zoned(program.timezone.clone())
        .strftime("%Y-%m")
        .to_string()
}

fn just_before(at: Timestamp) -> Timestamp {
    at - SignedDuration::from_millis(1)
}

fn shown(liability: &Liability) -> Figures {
    let units = liability.store_credit.values().chain([&liability.points]);
    for figures in units {
        let closing = figures.months.last().map_or(0, |month| month.closing);
        let owed = figures.outstanding - figures.deficit;
        assert_eq!(closing, owed, "{figures:?}");
    }
    kept(liability)
}

/// The same, by looking at every item.
async fn scanned(world: &World) -> Figures {
    let program = world.ledger.program(PROGRAM).await.expect("a program");
    let now = world.ledger.now();
    let scanned = added_up(&world.store.client(), &program, now).await;
    scanned.expect("is added up")
}

async fn liability(ledger: &Ledger) -> Liability {
    ledger.liability(PROGRAM).await.expect("figures")
}

async fn is_exact(world: &World, context: &str) {
    let found = shown(&liability(&world.ledger).await);
    assert_eq!(found, scanned(world).await, "{context}");
}

async fn a_rule_for_payments(settings: Value) -> World {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let mut all = json!({"auto_enroll": true, "timezone": "Europe/Berlin"});
    merge(&mut all, settings);
    World::with(all, &[rule]).await
}

async fn adjust(world: &World, account: &str, amount: i64) {
    let request = laurel_ledger::AdjustmentRequest {
        account: account.to_owned(),
        amount,
        reason: "by hand".to_owned(),
        allow_negative: true,
        lifetime: false,
        expires_at: None,
        metadata: BTreeMap::new(),
        request: None,
    };
    world.ledger.adjust(request).await.expect("is adjusted");
}

#[tokio::test]
async fn a_year_of_one_program() {
    let rate = json!({"points": 3, "amount": 10, "currency": "EUR"});
    let world = a_rule_for_payments(json!({
        "expires": {"after": "P1M", "round": "month"}, "redeem_rate": rate,
    }))
    .await;
    for event in [
        payment("pay_1", "a", 10_000),
        payment("pay_2", "b", 5000),
        refund("re_1", "pay_1", Some(2500)),
    ] {
        world.apply(event).await.expect("is applied");
    }
    let b = world.member("b").await.account.id;
    adjust(&world, &b, -60).await;
    count_all(&world).await;
    let owed = liability(&world.ledger).await;
    assert_eq!(owed.points.outstanding, 75);
    assert_eq!(owed.points.deficit, 10);
    assert_eq!(owed.value(), Some(250), "75 points at 10 cents for 3");
    let until: Vec<(String, i128)> = owed
        .points
        .by_expiry
        .iter()
        .map(|(month, points)| (month.expect("a month").to_string(), *points))
        .collect();
    // They expire with December, at the midnight after it.
    assert_eq!(until, [("2026-12".to_owned(), 75)]);
    world.clock.set(at("2027-02-03T12:00:00Z"));
    let owed = liability(&world.ledger).await;
    assert_eq!(owed.as_of, at("2027-02-03T12:00:00Z"));
    let months: Vec<String> = owed
        .points
        .months
        .iter()
        .map(|month| {
            format!(
                "{} {} {:?} {}",
                month.month, month.opening, month.flows, month.closing
            )
        })
        .collect();
    // Issued, redeemed, returned, expired, reversed, adjusted.
    assert_eq!(
        months,
        [
            "2026-11 0 [150, 0, 0, 0, -25, -60] 65",
            "2026-12 65 [0, 0, 0, -75, 0, 0] -10",
        ]
    );
    is_exact(&world, "before it is written off").await;
    tick(&world.ledger).await;
    count_all(&world).await;
    assert_eq!(liability(&world.ledger).await.points, owed.points);
}

#[tokio::test]
async fn points_mature_without_anybody_writing() {
    let world = a_rule_for_payments(json!({"pending_days": 14})).await;
    world
        .apply(payment("pay_1", "a", 10_000))
        .await
        .expect("earns");
    count_all(&world).await;
    let pending = async || liability(&world.ledger).await.points.pending;
    assert_eq!(pending().await, 100);
    let matures = at("2026-12-04T11:00:00Z");
    world.clock.set(just_before(matures));
    assert_eq!(pending().await, 100);
    world.clock.set(matures);
    assert_eq!(pending().await, 0);
    assert_eq!(liability(&world.ledger).await.points.outstanding, 100);
    // Whoever counts next takes it along, and readers have nothing to put right any more.
    let before = scan(&world).await;
    let listed = |items: &[Item]| {
        let listed = |item: &&Item| {
            item.get("gk")
                .and_then(|gk| gk.as_s().ok())
                .is_some_and(|gk| gk.starts_with("F#"))
        };
        items.iter().filter(listed).count()
    };
    assert_eq!(listed(&before), 1);
    world
        .ledger
        .recount(PROGRAM, None, 100)
        .await
        .expect("is counted");
    assert_eq!(listed(&scan(&world).await), 0);
    assert_eq!(pending().await, 0);
}

#[tokio::test]
async fn what_is_counted_survives_a_crash_at_every_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world =
                a_rule_for_payments(json!({"expires": {"after": "P6M"}, "pending_days": 1})).await;
            for number in 0..3 {
                let customer = format!("cust_{number}");
                world
                    .apply(payment(&format!("pay_{number}"), &customer, 10_000))
                    .await
                    .expect("earns");
            }
            let ids = [
                world.member("cust_0").await.account.id,
                world.member("cust_1").await.account.id,
            ];
            let first = entries(&world).await;
            world.merge(&ids[0], &ids[1]).await;
            let all = entries(&world).await;
            let crash = Crash::at(&world, Some((call, phase)));
            for batch in [&first[..1], &first, &all] {
                crash
                    .survive(async |ledger| ledger.count_entries(PROGRAM, batch).await)
                    .await
                    .expect("is counted");
            }
            let came = crash.came();
            is_exact(&world, &format!("crash at call {call}, {phase:?}")).await;
            if !came {
                assert!(call > 5, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test]
async fn many_may_count_at_once() {
    let world = a_rule_for_payments(json!({"expires": {"after": "P6M"}})).await;
    for number in 0..60 {
        let customer = format!("cust_{}", number % 20);
        world
            .apply(payment(&format!("pay_{number}"), &customer, 1000))
            .await
            .expect("earns");
    }
    let all = entries(&world).await;
    let mut random = fastrand::Rng::with_seed(4);
    let counters = (0..8).map(|_| {
        let mut batch = all.clone();
        random.shuffle(&mut batch);
        let ledger = world.another_ledger();
        async move {
            for chunk in batch.chunks(17) {
                ledger
                    .count_entries(PROGRAM, chunk)
                    .await
                    .expect("is counted");
            }
        }
    });
    futures::future::join_all(counters.collect::<Vec<_>>()).await;
    is_exact(&world, "eight at once").await;
    assert_eq!(liability(&world.ledger).await.points.outstanding, 600);
}

#[tokio::test]
async fn a_long_log_that_nobody_counted_is_caught_up() {
    let world = a_rule_for_payments(json!({})).await;
    for number in 0..210 {
        world
            .apply(payment(&format!("pay_{number}"), "a", 100))
            .await
            .expect("earns");
    }
    let mut last = entries(&world).await;
    last.sort_by_key(|entry| entry.seq);
    let counted = world
        .ledger
        .count_entries(PROGRAM, &last[last.len() - 1..])
        .await;
    counted.expect("is counted");
    is_exact(&world, "a log").await;
}

#[tokio::test]
async fn a_change_of_settings_needs_a_recount() {
    let world = a_rule_for_payments(json!({})).await;
    for number in 0..5 {
        world
            .apply(payment(
                &format!("pay_{number}"),
                &format!("cust_{number}"),
                1000,
            ))
            .await
            .expect("earns");
    }
    count_all(&world).await;
    let changed = world.ledger.update_program(PROGRAM, |program| {
        program.expires = serde_json::from_value(json!({"inactivity": "P3M"})).ok();
        Ok(())
    });
    changed.await.expect("is changed");
    let (mut after, mut corrected) = (None, 0);
    loop {
        let (counted, next) = world
            .ledger
            .recount(PROGRAM, after, 2)
            .await
            .expect("is counted");
        corrected += counted.corrected;
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(corrected, 5);
    is_exact(&world, "by inactivity").await;
    let (again, _) = world
        .ledger
        .recount(PROGRAM, None, 100)
        .await
        .expect("is counted");
    assert_eq!((again.accounts, again.corrected), (5, 0));
}

async fn journal(world: &World, request: JournalRequest) -> Vec<String> {
    let mut request = request;
    let mut lines = Vec::new();
    loop {
        let page = world.ledger.journal(&request).await.expect("a page");
        assert!(page.lines.len() <= request.limit);
        for line in &page.lines {
            let movement = &line.posting.movement;
            let unit = match &movement.unit {
                Unit::Points => String::new(),
                Unit::Credit(currency) => format!("{currency} "),
            };
            lines.push(format!(
                "{} {unit}{} {} {} {} -> {}",
                line.transaction(),
                month(movement.booked_at, &page.program),
                movement.flow.as_str(),
                movement.amount,
                line.posting.debit.as_str(),
                line.posting.credit.as_str(),
            ));
        }
        request.starting_after = page.next;
        if request.starting_after.is_none() {
            return lines;
        }
    }
}

fn whole(limit: usize) -> JournalRequest {
    JournalRequest {
        program: PROGRAM.to_owned(),
        from: None,
        to: None,
        starting_after: None,
        limit,
    }
}

#[tokio::test]
async fn the_journal_has_two_accounts_a_line_and_adds_up() {
    let world = a_rule_for_payments(json!({"expires": {"after": "P1M"}})).await;
    for event in [
        payment("pay_1", "a", 10_000),
        payment("pay_2", "b", 5000),
        refund("re_1", "pay_1", Some(2500)),
    ] {
        world.apply(event).await.expect("is applied");
        // Accounts of one instant would stand in the order of their ids.
        world
            .clock
            .set(world.ledger.now() + SignedDuration::from_secs(1));
    }
    let b = world.member("b").await.account.id;
    adjust(&world, &b, 7).await;
    world.clock.set(at("2027-01-05T12:00:00Z"));
    tick(&world.ledger).await;
    world.create("c").await;
    adjust(&world, &b, -7).await;
    let lines = journal(&world, whole(1000)).await;
    let words: Vec<&str> = lines
        .iter()
        .map(|line| line.split_once(' ').expect("an id").1)
        .collect();
    assert_eq!(
        words,
        [
            "2026-11 issued 100 revenue -> contract_liability",
            "2026-11 reversed -25 contract_liability -> revenue",
            "2026-12 expired -75 contract_liability -> breakage_revenue",
            "2026-11 issued 50 revenue -> contract_liability",
            "2026-11 adjusted 7 loyalty_expense -> contract_liability",
            "2026-12 expired -50 contract_liability -> breakage_revenue",
            "2027-01 adjusted -7 contract_liability -> loyalty_expense",
        ]
    );
    assert!(
        words
            .iter()
            .all(|words| words.contains(LedgerAccount::ContractLiability.as_str()))
    );
    for limit in 1..5 {
        assert_eq!(journal(&world, whole(limit)).await, lines, "{limit} a page");
    }
    let december = JournalRequest {
        from: Some(at("2026-11-30T23:00:00Z")),
        to: Some(at("2026-12-31T23:00:00Z")),
        ..whole(2)
    };
    let of_december: Vec<String> = lines
        .iter()
        .filter(|line| line.contains(" 2026-12 "))
        .cloned()
        .collect();
    assert_eq!(journal(&world, december).await, of_december);
    for cursor in ["loy_nobody", "ptx_nobody_1_0", "nonsense"] {
        let request = JournalRequest {
            starting_after: Some(cursor.to_owned()),
            ..whole(10)
        };
        world.ledger.journal(&request).await.expect_err(cursor);
    }
}
