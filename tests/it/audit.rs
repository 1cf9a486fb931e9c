//! An audit finds nothing amiss in what was written, and whatever was tampered with.

use aws_sdk_dynamodb::types::AttributeValue;
use laurel_ledger::{AuditRound, Invariant, Violation, item::Item, table::Key};
use laurel_rules::{Tier, id::TransactionId, record::EventKey};
use laurel_tests::{PROGRAM, World, at, payment, refund};
use serde_json::json;

mod runs;
mod served;
mod shared;

const TABLE: &str = "laurel";

/// A shop with a member who has earned, been refunded, redeemed, reserved and been merged into.
async fn shop() -> (World, String) {
    let rules = [
        json!({
            "id": "rule_euro",
            "award": {"type": "per_amount", "per": 100, "points": 1},
            "cap": {"points": 500}, "window": "month",
        }),
        json!({"id": "rule_fixed", "award": {"type": "fixed", "points": 5}}),
    ];
    let world = World::with(json!({"auto_enroll": true}), &rules).await;
    for (id, customer, amount) in [
        ("pay_1", "anna", 10_000),
        ("pay_2", "anna", 20_000),
        ("pay_3", "ben", 30_000),
    ] {
        let paid = world.apply(payment(id, customer, amount)).await;
        paid.expect("a payment");
    }
    let refunded = world.apply(refund("re_1", "pay_1", Some(5_000))).await;
    refunded.expect("a refund");
    let (anna, ben) = (world.member("anna").await, world.member("ben").await);
    world.merge(&ben.account.id, &anna.account.id).await;
    (world, anna.account.id)
}

async fn item(world: &World, key: &Key) -> Item {
    let client = world.store.client();
    let got = client
        .get_item()
        .table_name(TABLE)
        .key("pk", AttributeValue::S(key.pk.clone()))
        .key("sk", AttributeValue::S(key.sk.clone()))
        .consistent_read(true)
        .send()
        .await;
    got.expect("an answer").item.expect("an item")
}

async fn put(world: &World, item: Item) {
    let client = world.store.client();
    let put = client.put_item().table_name(TABLE).set_item(Some(item));
    put.send().await.expect("a write past the ledger");
}

async fn delete(world: &World, key: &Key) {
    let client = world.store.client();
    let deleted = client
        .delete_item()
        .table_name(TABLE)
        .key("pk", AttributeValue::S(key.pk.clone()))
        .key("sk", AttributeValue::S(key.sk.clone()))
        .send()
        .await;
    deleted.expect("a deletion past the ledger");
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Changes the first transaction of an entry.
fn of_first(entry: &mut Item, name: &str, value: AttributeValue) {
    let Some(AttributeValue::L(transactions)) = entry.get_mut("tx") else {
        panic!("no transactions in {entry:?}")
    };
    let Some(AttributeValue::M(first)) = transactions.first_mut() else {
        panic!("no transaction")
    };
    first.insert(name.to_owned(), value);
}

async fn found(world: &World) -> Vec<Violation> {
    world.audit().await.violations
}

fn kinds(violations: &[Violation]) -> Vec<Invariant> {
    let mut kinds: Vec<Invariant> = violations.iter().map(|it| it.invariant).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// The number of the entry that earned for `payment`.
async fn entry_of(world: &World, account: &str, payment: &str) -> Key {
    let log = world.log(account).await;
    let earned = log.iter().find(|view| {
        view.entry.payment.as_deref() == Some(payment)
            && view.transaction().kind == laurel_rules::entry::TransactionType::Earn
    });
    let earned = earned.expect("an earning");
    Key::entry(&earned.entry.account, earned.entry.seq)
}

#[tokio::test]
async fn what_was_written_passes() {
    let (world, _) = shop().await;
    let audited = world.audit().await;
    assert_eq!(audited.violations, []);
    assert_eq!(audited.counts.members, 2);
    assert!(audited.counts.entries >= 8, "{:?}", audited.counts);
}

#[tokio::test]
async fn an_audit_goes_on_page_by_page() {
    let (world, _) = shop().await;
    let whole = world.audit().await;
    let mut round = AuditRound::new(world.ledger.now(), Some(PROGRAM.to_owned()));
    let mut steps = Vec::new();
    while !round.is_done() {
        // As it is kept between two steps.
        let text = serde_json::to_string(&round).expect("a round as text");
        round = serde_json::from_str(&text).expect("a round");
        let found = world.ledger.audit_step(&mut round, 1).await;
        assert_eq!(found.expect("a step"), []);
        steps.push((round.counts().members, round.place().map(str::to_owned)));
    }
    let members: Vec<u64> = steps.iter().map(|(members, _)| *members).collect();
    assert_eq!(members, [0, 1, 2, 2], "{steps:?}");
    assert_eq!(round.counts(), whole.counts);
    // The rest after the first member.
    let (_, place) = steps.swap_remove(1);
    let rest = AuditRound::new(world.ledger.now(), Some(PROGRAM.to_owned()));
    let rest = world.audit_by(rest.after(place.expect("a place"))).await;
    assert_eq!(rest.counts.members, 1);
}

#[tokio::test]
async fn points_that_are_slipped_in_show() {
    let (world, anna) = shop().await;
    let mut account = item(&world, &Key::account(&anna)).await;
    let Some(AttributeValue::L(lots)) = account.get_mut("lo") else {
        panic!("no lots")
    };
    lots[1] = number(1_000_000);
    put(&world, account).await;
    let violations = found(&world).await;
    assert_eq!(kinds(&violations), [Invariant::Balance]);
    assert_eq!(violations[0].account.as_ref(), Some(&anna));
}

#[tokio::test]
async fn a_tier_that_nobody_earned_shows() {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let world = World::with(json!({"auto_enroll": true}), &[rule]).await;
    for (key, threshold) in [("silver", 100), ("gold", 10_000)] {
        let tier: Tier = serde_json::from_value(json!({
            "id": format!("tier_{key}"), "program": PROGRAM, "key": key, "name": key,
            "threshold": threshold, "multiplier": "1", "version": 1, "created": world.ledger.now(),
        }))
        .expect("a tier");
        let made = world.ledger.create_configured(tier, key).await;
        made.expect("a new tier");
    }
    world
        .apply(payment("pay_1", "anna", 10_000))
        .await
        .expect("a payment");
    assert_eq!(found(&world).await, []);
    let anna = world.member("anna").await.account;
    assert_eq!(anna.tier.key.as_deref(), Some("silver"));

    let mut account = item(&world, &Key::account(&anna.id)).await;
    let raised = account.insert("ti".to_owned(), AttributeValue::S("gold".to_owned()));
    assert!(raised.is_some(), "it had a tier");
    put(&world, account).await;
    let violations = found(&world).await;
    assert_eq!(kinds(&violations), [Invariant::Tiers]);
    assert_eq!(
        violations[0].message,
        "The tier is `gold`, and the log says `silver`."
    );
}

#[tokio::test]
async fn a_changed_award_shows_by_its_seal_also_where_the_lots_are_changed_with_it() {
    let (world, anna) = shop().await;
    let key = entry_of(&world, &anna, "pay_2").await;
    let mut entry = item(&world, &key).await;
    of_first(&mut entry, "a", number(1_200));
    put(&world, entry).await;
    let mut account = item(&world, &Key::account(&anna)).await;
    let lifetime = world.member("anna").await.account.lifetime_points;
    account.insert("lf".to_owned(), number(lifetime + 1_000));
    let Some(AttributeValue::L(lots)) = account.get_mut("lo") else {
        panic!("no lots")
    };
    // The lot of 200 points.
    let place = lots.iter().position(|value| *value == number(200));
    lots[place.expect("the lot")] = number(1_200);
    put(&world, account).await;
    let violations = found(&world).await;
    assert_eq!(
        kinds(&violations),
        [Invariant::Seals, Invariant::Caps],
        "{violations:#?}"
    );
    let seals: Vec<_> = violations
        .iter()
        .filter(|it| it.invariant == Invariant::Seals)
        .collect();
    // It names the entry, and none after it.
    assert_eq!(seals.len(), 1, "{seals:#?}");
    let id = TransactionId::parse(&seals[0].transactions[0]).expect("an id");
    assert_eq!(Key::entry(&id.account, id.seq), key);
}

#[tokio::test]
async fn each_part_of_an_entry_is_sealed_but_what_an_erasure_takes() {
    for (name, value) in [
        ("t", AttributeValue::S("invoice.paid".to_owned())),
        ("i", AttributeValue::S("pay_9".to_owned())),
        ("p", AttributeValue::S("prog_other".to_owned())),
        ("pm", AttributeValue::S("pay_9".to_owned())),
        ("oc", number(0)),
        ("cr", number(0)),
    ] {
        let (world, anna) = shop().await;
        let mut entry = item(&world, &entry_of(&world, &anna, "pay_2").await).await;
        entry.insert(name.to_owned(), value);
        put(&world, entry).await;
        let violations = found(&world).await;
        let kinds = kinds(&violations);
        assert!(kinds.contains(&Invariant::Seals), "{name}: {violations:#?}");
    }
    for (name, value) in [
        ("rs", AttributeValue::S("because".to_owned())),
        ("r", AttributeValue::S("rule_other".to_owned())),
        ("b", number(0)),
        ("ex", number(1)),
        ("lf", number(0)),
    ] {
        let (world, anna) = shop().await;
        let mut entry = item(&world, &entry_of(&world, &anna, "pay_2").await).await;
        of_first(&mut entry, name, value);
        put(&world, entry).await;
        let violations = found(&world).await;
        let kinds = kinds(&violations);
        assert!(kinds.contains(&Invariant::Seals), "{name}: {violations:#?}");
    }
    let (world, _) = shop().await;
    let before = world.member("ben").await.account.id;
    let erased = world.ledger.erase_personal_data(&before).await;
    erased.expect("an erasure");
    assert_eq!(found(&world).await, []);
}

#[tokio::test]
async fn a_dropped_entry_shows() {
    let (world, anna) = shop().await;
    delete(&world, &entry_of(&world, &anna, "pay_2").await).await;
    let violations = found(&world).await;
    assert_eq!(
        kinds(&violations),
        [
            Invariant::Log,
            Invariant::Seals,
            Invariant::Balance,
            Invariant::Lifetime
        ]
    );
}

#[tokio::test]
async fn a_latest_entry_that_is_dropped_with_its_number_shows_by_the_accounts_seal() {
    let (world, anna) = shop().await;
    let mut account = item(&world, &Key::account(&anna)).await;
    let seq: i64 = match account.get("q") {
        Some(AttributeValue::N(text)) => text.parse().expect("a number"),
        other => panic!("{other:?}"),
    };
    let last = Key::entry(&anna, u64::try_from(seq).expect("a number"));
    delete(&world, &last).await;
    account.insert("q".to_owned(), number(seq - 1));
    put(&world, account).await;
    let kinds = kinds(&found(&world).await);
    assert!(kinds.contains(&Invariant::Seals), "{kinds:?}");
    // It was the merge, of which ben's account still tells.
    assert!(kinds.contains(&Invariant::Merges), "{kinds:?}");
}

#[tokio::test]
async fn a_record_that_was_forgotten_shows_before_the_event_comes_again() {
    let (world, anna) = shop().await;
    let key = Key::record(&EventKey {
        program: PROGRAM.to_owned(),
        trigger: "payment.completed".to_owned(),
        source_id: "pay_2".to_owned(),
    });
    delete(&world, &key).await;
    let violations = found(&world).await;
    assert_eq!(kinds(&violations), [Invariant::Records]);
    assert_eq!(violations[0].transactions.len(), 2);
    assert_eq!(violations[0].account.as_ref(), Some(&anna));
}

#[tokio::test]
async fn an_award_that_was_given_twice_shows() {
    let (world, anna) = shop().await;
    let mut entry = item(&world, &entry_of(&world, &anna, "pay_1").await).await;
    entry.insert("i".to_owned(), AttributeValue::S("pay_2".to_owned()));
    put(&world, entry).await;
    let violations = found(&world).await;
    assert_eq!(
        kinds(&violations),
        [Invariant::Seals, Invariant::Once, Invariant::Records]
    );
    let once = violations.iter().find(|it| it.invariant == Invariant::Once);
    assert_eq!(once.expect("it").transactions.len(), 2);
}

#[tokio::test]
async fn a_name_that_leads_astray_shows() {
    let (world, anna) = shop().await;
    let key = Key::claim(PROGRAM, laurel_rules::decide::ClaimKind::Customer, "anna");
    delete(&world, &key).await;
    let violations = found(&world).await;
    assert_eq!(kinds(&violations), [Invariant::Names]);
    assert_eq!(violations[0].account.as_ref(), Some(&anna));
}
