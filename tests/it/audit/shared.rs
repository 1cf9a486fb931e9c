//! What all members of a program share, and what leads to them from outside: an audit finds it
//! right as it was written, and wrong however it is tampered with.

use laurel_ledger::Seed;
use laurel_rules::{campaign::Campaign, decide::Act};
use laurel_tests::{
    referrals::{came, paid},
    rewards::wish,
};

use super::*;

/// A shop with a budget, a campaign with another, rewards with stock and with imported codes, and
/// a referral that converted; refunds and cancellations have given back of all of it.
async fn market() -> World {
    let rule = json!({
        "id": "rule_euro", "award": {"type": "per_amount", "per": 100, "points": 1},
    });
    let settings = json!({
        "auto_enroll": true,
        "budget": {"points": 100_000, "window": "month"},
        "reward": {"referrer": {"points": 500}, "referee": {"points": 250}},
        "velocity": {"maxConversionsPerWindow": 2, "windowDays": 30},
    });
    let world = World::with(settings, &[rule]).await;
    let campaign: Campaign = serde_json::from_value(json!({
        "id": "camp_double", "program": PROGRAM, "multiplier": 2, "version": 1, "name": "double",
        "budget": {"points": 5_000, "window": "lifetime"},
        "active": true, "created": world.ledger.now(),
    }))
    .expect("a campaign");
    let created = world.ledger.create_configured(campaign, "set up").await;
    created.expect("a new campaign");
    let (anna, code) = world.referrer("anna").await;
    for (id, customer, amount) in [
        ("pay_1", "anna", 100_000),
        ("pay_2", "ben", 33_333),
        ("pay_3", "cleo", 50_000),
        ("pay_4", "ben", 10_000),
    ] {
        world
            .apply(payment(id, customer, amount))
            .await
            .expect("a payment");
    }
    world
        .apply(came("dora", &code, "11:00"))
        .await
        .expect("comes");
    let first = paid("pay_5", "dora", 5_000, "11:30", "card_1");
    world.apply(first).await.expect("converts");
    // The source's award is reversed in the survivor's log.
    let (ben, cleo) = (world.member("ben").await, world.member("cleo").await);
    let earlier = refund("re_1", "pay_2", Some(11_111));
    world.apply(earlier).await.expect("a refund");
    world.merge(&ben.account.id, &cleo.account.id).await;
    for (id, payment, amount) in [
        ("re_2", "pay_2", Some(11_111)),
        ("re_3", "pay_2", None),
        ("re_4", "pay_1", Some(25_001)),
    ] {
        world
            .apply(refund(id, payment, amount))
            .await
            .expect("a refund");
    }
    let stocked = world
        .add_reward(json!({"id": "rwd_stock", "stock": 10}))
        .await;
    let coded = json!({"id": "rwd_coded", "code_pool": true});
    let coded = world.add_reward(coded).await;
    let codes: Vec<String> = (0..5).map(|number| format!("CODE-{number}")).collect();
    let imported = world
        .ledger
        .import_codes("rwd_coded", &codes, Seed::fresh());
    imported.await.expect("codes");
    for (reward, reserve, cancel) in [
        (&stocked, false, false),
        (&stocked, true, false),
        (&stocked, true, true),
        (&stocked, false, true),
        (&coded, false, false),
        (&coded, true, false),
        (&coded, true, true),
    ] {
        let wanted = wish(&anna, reward, reserve);
        world.ledger.redeem(&wanted).await.expect("redeems");
        if cancel {
            let canceled = world.ledger.act_on_redemption(&wanted.id, &Act::Cancel);
            canceled.await.expect("cancels");
        }
    }
    world
}

/// The items whose partition keys begin so, and whose sort keys do.
async fn all(world: &World, pk: &str, sk: &str) -> Vec<Item> {
    let scan = world.store.client().scan().table_name(TABLE);
    let found = scan.send().await.expect("the table").items;
    let begins = |item: &Item, name: &str, with: &str| match item.get(name) {
        Some(AttributeValue::S(text)) => text.starts_with(with),
        _ => false,
    };
    let mut items = found.unwrap_or_default();
    items.retain(|item| begins(item, "pk", pk) && begins(item, "sk", sk));
    items
}

async fn only(world: &World, pk: &str, sk: &str) -> Item {
    let mut items = all(world, pk, sk).await;
    assert_eq!(items.len(), 1, "{pk} {sk}: {items:#?}");
    items.remove(0)
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn key_of(item: &Item) -> Key {
    let part = |name: &str| match item.get(name) {
        Some(AttributeValue::S(text)) => text.clone(),
        other => panic!("{other:?}"),
    };
    Key {
        pk: part("pk"),
        sk: part("sk"),
    }
}

/// Adds to a number of an item.
async fn add(world: &World, mut item: Item, name: &str, more: i64) {
    let before: i64 = match item.get(name) {
        Some(AttributeValue::N(text)) => text.parse().expect("a number"),
        other => panic!("{name}: {other:?}"),
    };
    item.insert(name.to_owned(), number(before + more));
    put(world, item).await;
}

async fn set(world: &World, mut item: Item, name: &str, value: &str) {
    item.insert(name.to_owned(), text(value));
    put(world, item).await;
}

#[tokio::test]
async fn what_is_shared_passes_at_rest_and_while_it_is_written() {
    let world = market().await;
    let audit = world.audit().await;
    assert_eq!(audit.violations, []);
    assert_eq!(audit.counts.members, 4);
    // Five customers… four, a referral code, and the codes that were issued.
    assert!(audit.counts.names >= 6, "{:?}", audit.counts);
    for later in ["2026-11-20T12:01:00Z", "2026-11-20T13:00:00Z"] {
        world.clock.set(at(later));
        let mut round = AuditRound::new(world.ledger.now(), None);
        let mut nth = 0;
        let mut found = Vec::new();
        while !round.is_done() {
            let step = world.ledger.audit_step(&mut round, 1).await;
            found.extend(step.expect("a step"));
            // Awards, refunds and redemptions between any two steps.
            nth += 1;
            let id = format!("pay_{later}_{nth}").replace(':', "-");
            for event in [
                payment(&id, "anna", 3_100),
                payment(&format!("{id}_2"), "cleo", 4_700),
                refund(&format!("re_{id}"), &id, Some(1_000)),
            ] {
                world.apply(event).await.expect("an event");
            }
        }
        assert_eq!(found, [], "{later}");
    }
    assert_eq!(world.audit().await.violations, []);
}

/// What is done to a market behind the ledger's back, and what shows it.
#[tokio::test]
async fn counters_that_are_tampered_with_show() {
    let month = format!("B#{PROGRAM}##m");
    let campaign = format!("B#{PROGRAM}#camp_double#l");
    for (pk, sk, name, more, expected) in [
        (month.as_str(), "B", "rs", 10, Invariant::Budgets),
        (month.as_str(), "B", "rs", -10, Invariant::Budgets),
        (campaign.as_str(), "B", "rs", 1, Invariant::Budgets),
        ("G#rwd_stock", "G", "u", -1, Invariant::Stock),
        ("G#rwd_stock", "G", "u", 1, Invariant::Stock),
        ("G#rwd_coded", "G", "ck", -1, Invariant::Stock),
    ] {
        let world = market().await;
        let head = all(&world, pk, sk).await.remove(0);
        add(&world, head, name, more).await;
        let found = found(&world).await;
        assert_eq!(kinds(&found), [expected], "{pk} {name} {more}: {found:#?}");
        assert_eq!((found.len(), &found[0].account), (1, &None));
    }
    let world = market().await;
    // Points that are left in a share are handed out again.
    let share = all(&world, &format!("{month}2026-11-01#"), "S").await;
    let share = share.into_iter().next().expect("a share");
    add(&world, share, "lf", 7).await;
    assert_eq!(kinds(&found(&world).await), [Invariant::Budgets]);
    let world = market().await;
    let head = all(&world, &campaign, "B").await.remove(0);
    delete(&world, &key_of(&head)).await;
    let found = found(&world).await;
    assert_eq!(kinds(&found), [Invariant::Budgets]);
    assert!(found[0].message.contains("no counter"), "{found:#?}");
}

#[tokio::test]
async fn a_budget_that_was_overdrawn_shows() {
    let world = market().await;
    // As if the limit had never been what the awards were judged by, and more was taken.
    let head = all(&world, &format!("B#{PROGRAM}#camp_double#l"), "B")
        .await
        .remove(0);
    let taken = kinds(&found(&world).await);
    assert_eq!(taken, []);
    add(&world, head, "li", -4_900).await;
    let account = world.member("anna").await.account.id;
    let mut entry = item(&world, &entry_of(&world, &account, "pay_1").await).await;
    let trace = |entry: &Item| match entry.get("tx") {
        Some(AttributeValue::L(made)) => match made.first() {
            Some(AttributeValue::M(made)) => match made.get("cl") {
                Some(AttributeValue::S(text)) => text.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let changed = trace(&entry).replace("\"limit_points\":5000", "\"limit_points\":100");
    of_first(&mut entry, "cl", text(&changed));
    put(&world, entry).await;
    let found = found(&world).await;
    assert!(kinds(&found).contains(&Invariant::Budgets), "{found:#?}");
}

#[tokio::test]
async fn codes_that_lead_astray_show_from_either_side() {
    let world = market().await;
    let issued = all(&world, &format!("V#{PROGRAM}#"), "V").await;
    let issued: Vec<Item> = issued
        .into_iter()
        .filter(|it| it.contains_key("rd"))
        .collect();
    assert!(issued.len() >= 2, "{issued:#?}");
    let (one, other) = (issued[0].clone(), issued[1].clone());
    let Some(AttributeValue::S(redemption)) = other.get("rd") else {
        panic!("no redemption")
    };
    set(&world, one.clone(), "rd", redemption).await;
    let found_there = found(&world).await;
    // The redemption whose code it was, and the code that leads to another.
    assert_eq!(kinds(&found_there), [Invariant::Codes]);
    assert_eq!(found_there.len(), 2, "{found_there:#?}");
    let world = market().await;
    let issued = all(&world, &format!("V#{PROGRAM}#"), "V").await;
    let issued = issued.into_iter().find(|it| it.contains_key("rd"));
    delete(&world, &key_of(&issued.expect("a code"))).await;
    assert_eq!(kinds(&found(&world).await), [Invariant::Codes]);
}

#[tokio::test]
async fn referral_codes_that_lead_astray_show_from_either_side() {
    let world = market().await;
    let code = only(&world, "K#", "K").await;
    let dora = world.member("dora").await.account.id;
    set(&world, code.clone(), "a", &dora).await;
    let found_there = found(&world).await;
    assert_eq!(kinds(&found_there), [Invariant::ReferralCodes]);
    assert_eq!(found_there.len(), 2, "{found_there:#?}");
    delete(&world, &key_of(&code)).await;
    let found_there = found(&world).await;
    assert_eq!(kinds(&found_there), [Invariant::ReferralCodes]);
    // A second one, which nobody was given.
    let world = market().await;
    let mut code = only(&world, "K#", "K").await;
    code.insert("pk".to_owned(), text("K#FREEPOINTS"));
    put(&world, code).await;
    assert_eq!(kinds(&found(&world).await), [Invariant::ReferralCodes]);
}

#[tokio::test]
async fn referrals_that_are_tampered_with_show() {
    // Another conversion would have room again.
    let world = market().await;
    let anna = world.member("anna").await.account.id;
    delete(&world, &Key::conversions(&anna)).await;
    assert_eq!(kinds(&found(&world).await), [Invariant::Conversions]);
    // It would convert, and pay, once more.
    let world = market().await;
    let anna = world.member("anna").await.account.id;
    let referral = all(&world, &format!("A#{anna}"), "J#").await;
    let converted = referral.into_iter().find(|it| it.contains_key("st"));
    let converted = converted.expect("a referral");
    set(&world, converted.clone(), "st", "attributed").await;
    assert_eq!(kinds(&found(&world).await), [Invariant::Referrals]);
    // One side got nothing.
    let Some(AttributeValue::S(cfg)) = converted.get("cfg") else {
        panic!("no referral in {converted:?}")
    };
    let mut referral: serde_json::Value = serde_json::from_str(cfg).expect("a referral");
    let given = referral["given"].as_array_mut().expect("gifts");
    given.retain(|given| given["side"] == "referee");
    set(&world, converted.clone(), "cfg", &referral.to_string()).await;
    let found_there = found(&world).await;
    assert!(
        kinds(&found_there).contains(&Invariant::Referrals),
        "{found_there:#?}"
    );
    // It says that it gave more.
    let more = cfg.replace("\"points\":500,", "\"points\":5000,");
    assert_ne!(more, *cfg);
    set(&world, converted.clone(), "cfg", &more).await;
    let found_there = found(&world).await;
    let of_referrals: Vec<_> = found_there
        .iter()
        .filter(|it| it.invariant == Invariant::Referrals)
        .collect();
    assert_eq!(of_referrals.len(), 1, "{found_there:#?}");
    assert_eq!(of_referrals[0].transactions.len(), 1);
    // The referrer had more conversions than may be, each judged by that limit.
    let world = market().await;
    let anna = world.member("anna").await.account.id;
    let mut conversions = item(&world, &Key::conversions(&anna)).await;
    let Some(AttributeValue::S(first)) = conversions.get("at").cloned() else {
        panic!("no conversions in {conversions:?}")
    };
    conversions.insert("at".to_owned(), text(&format!("{first} 0 0")));
    put(&world, conversions).await;
    for place in ["1", "2"] {
        let mut more = converted.clone();
        let place = format!("J#{place}{}", "0".repeat(25));
        more.insert("sk".to_owned(), text(&place));
        more.insert("pk".to_owned(), text(&Key::account(&anna).pk));
        put(&world, more).await;
    }
    let found_there = found(&world).await;
    let crowded = found_there
        .iter()
        .find(|it| it.invariant == Invariant::Conversions)
        .expect("it shows");
    assert!(crowded.message.contains("within 30 days"), "{crowded:?}");
}

#[tokio::test]
async fn names_that_lead_to_somebody_else_show_although_no_account_bears_them() {
    let world = market().await;
    let anna = world.member("anna").await.account.id;
    let stray = Key::claim(PROGRAM, laurel_rules::decide::ClaimKind::Customer, "eve");
    let mut claim = Item::new();
    for (name, value) in [("pk", &stray.pk), ("sk", &stray.sk), ("a", &anna)] {
        claim.insert(name.to_owned(), text(value));
    }
    put(&world, claim).await;
    let found_there = found(&world).await;
    assert_eq!(kinds(&found_there), [Invariant::Names]);
    assert_eq!(found_there.len(), 1);
    assert_eq!(found_there[0].account.as_ref(), Some(&anna));
    // Who it is must not stand in what is kept of an audit.
    assert!(!found_there[0].message.contains("eve"));
}

#[tokio::test]
async fn an_item_that_does_not_read_is_told_and_hinders_nothing() {
    let world = market().await;
    let anna = world.member("anna").await.account.id;
    let mut account = item(&world, &Key::account(&anna)).await;
    account.insert("lf".to_owned(), text("many"));
    put(&world, account).await;
    let audit = world.audit().await;
    let of_items: Vec<_> = audit
        .violations
        .iter()
        .filter(|it| it.invariant == Invariant::Items)
        .collect();
    assert_eq!(of_items.len(), 1, "{:#?}", audit.violations);
    assert_eq!(of_items[0].account.as_ref(), Some(&anna));
    assert_eq!(audit.counts.members, 4);
}

#[tokio::test]
async fn what_was_not_announced_shows_where_announcements_are_kept() {
    let world = market().await;
    let round = |world: &World| {
        let round = AuditRound::new(world.ledger.now(), Some(PROGRAM.to_owned()));
        round.at_rest().of_announced()
    };
    // It may still be on its way.
    assert_eq!(world.audit_by(round(&world)).await.violations, []);
    world.clock.set(at("2026-11-21T12:00:00Z"));
    let nothing = world.audit_by(round(&world)).await.violations;
    assert_eq!(kinds(&nothing), [Invariant::Events]);
    let entries = all(&world, "A#", "T#").await;
    for entry in &entries {
        let entry = laurel_ledger::item::entry(entry).expect("an entry");
        let events = laurel_events::outgoing(&entry);
        world.ledger.note_emitted(&events).await.expect("are noted");
    }
    assert_eq!(world.audit_by(round(&world)).await.violations, []);
    let mut notes = all(&world, &format!("O#{PROGRAM}#"), "").await;
    notes.retain(|note| note.get("t") == Some(&text("loyalty.points.earned")));
    delete(&world, &key_of(&notes[0])).await;
    let missing = world.audit_by(round(&world)).await.violations;
    assert_eq!(kinds(&missing), [Invariant::Events]);
    assert_eq!(missing.len(), 1);
    // They are kept for 30 days.
    world.clock.set(at("2026-12-20T12:00:00Z"));
    assert_eq!(world.audit_by(round(&world)).await.violations, []);
}
