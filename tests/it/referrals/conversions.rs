//! What converts a referral, and what both sides get.

use laurel_ledger::AttributionRequest;
use laurel_rules::{
    Account, Code,
    decide::Mint,
    referral::{Gift, Qualify, ReferralReward, ReferralStatus, Side},
    store_credit::Money,
};
use laurel_tests::{
    PROGRAM, World, at,
    referrals::{came, paid, settings, with_metadata},
    refund,
};
use serde_json::json;

#[tokio::test]
async fn both_sides_are_paid_once_and_both_transactions_are_named() {
    let world = World::with(settings(), &[]).await;
    let (anna, code) = world.referrer("anna").await;
    let referral = world.attribute("ben", &code).await;
    assert_eq!(referral.status, ReferralStatus::Attributed);
    assert_eq!(referral.code.as_deref(), Some(code.as_str()));
    assert_eq!(referral.referrer, anna);
    assert_eq!(referral.expires_at, Some(at("2026-12-20T12:00:00Z")));
    assert_eq!(world.balance_of("ben").await, 0, "a sign-up costs nothing");
    world.clock.set(at("2026-11-20T14:00:00Z"));
    let payment = paid("pay_1", "ben", 2500, "13:00", "card_ben");
    let outcome = world.apply(payment.clone()).await.expect("paid");
    assert_eq!(outcome.outcome.as_str(), "awarded");
    assert_eq!(outcome.transactions.len(), 1, "the referee's own");
    assert_eq!(world.balance_of("anna").await, 500);
    assert_eq!(world.balance_of("ben").await, 250);
    let referral = world.ledger.referral(&referral.id).await.expect("it");
    assert_eq!(referral.status, ReferralStatus::Converted);
    let given: Vec<String> = referral
        .given
        .iter()
        .map(|given| match &given.gift {
            Gift::Points { transaction, .. } => transaction.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    for (account, id) in [("anna", &given[0]), ("ben", &given[1])] {
        let account = world.member(account).await.account.id;
        let log = world.log(&account).await;
        assert_eq!(log.len(), 1);
        assert_eq!(&log[0].id().to_string(), id);
        assert_eq!(log[0].transaction().referral, Some(referral.id.clone()));
    }
    let again = world.apply(payment).await.expect("a repeat");
    assert!(again.duplicate);
    assert_eq!(again.transactions, outcome.transactions);
    assert_eq!(world.balance_of("anna").await, 500);
    // Another payment is no second conversion.
    world
        .apply(paid("pay_2", "ben", 9900, "13:30", "card_ben"))
        .await
        .expect("paid");
    assert_eq!(world.balance_of("anna").await, 500);
    assert_eq!(world.balance_of("ben").await, 250);
}

#[tokio::test]
async fn what_qualifies_table() {
    let minimum = json!({"firstPaymentMinimum": 2000, "windowDays": 1});
    // The condition, what happens, the status then.
    let cases = [
        (
            minimum.clone(),
            vec![paid("p", "ben", 1999, "13:00", "c")],
            "attributed",
        ),
        (
            minimum.clone(),
            vec![paid("p", "ben", 2000, "13:00", "c")],
            "converted",
        ),
        (
            minimum.clone(),
            vec![
                paid("p", "ben", 1999, "13:00", "c"),
                paid("q", "ben", 2000, "13:10", "c"),
            ],
            "converted",
        ),
        (
            minimum.clone(),
            vec![json!({
                "type": "payment.failed", "occurred_at": "2026-11-20T13:00:00Z",
                "data": {"id": "p", "customer": "ben", "amount": 5000, "currency": "EUR"},
            })],
            "attributed",
        ),
        (
            json!({}),
            vec![paid("p", "ben", 0, "13:00", "c")],
            "attributed",
        ),
        (
            json!({}),
            vec![paid("p", "ben", 1, "13:00", "c")],
            "converted",
        ),
        (
            json!({"trigger": "review_submitted"}),
            vec![paid("p", "ben", 5000, "13:00", "c")],
            "attributed",
        ),
        (
            json!({"trigger": "review_submitted"}),
            vec![json!({
                "type": "review_submitted", "id": "r", "occurred_at": "2026-11-20T13:00:00Z",
                "data": {"customer": "ben"},
            })],
            "converted",
        ),
        (
            json!({"trigger": "subscription.created", "firstPaymentMinimum": 500}),
            vec![json!({
                "type": "subscription.created", "occurred_at": "2026-11-20T13:00:00Z",
                "data": {"id": "s", "customer": "ben", "amount": 499, "currency": "EUR"},
            })],
            "attributed",
        ),
        (
            minimum,
            vec![json!({
                "type": "invoice.paid", "occurred_at": "2026-11-20T13:00:00Z",
                "data": {"id": "i", "customer": "ben", "amount": 2000, "currency": "EUR"},
            })],
            "converted",
        ),
    ];
    for (qualify, events, expected) in cases {
        let mut all = settings();
        all["qualify"] = qualify.clone();
        let world = World::with(all, &[]).await;
        let (_, code) = world.referrer("anna").await;
        world.attribute("ben", &code).await;
        world.clock.set(at("2026-11-20T14:00:00Z"));
        for event in &events {
            world.apply(event.clone()).await.expect("handled");
        }
        assert_eq!(
            world.referral_text("ben").await,
            expected,
            "{qualify} {events:?}"
        );
        let paid = if expected == "converted" { 500 } else { 0 };
        assert_eq!(world.balance_of("anna").await, paid, "{qualify} {events:?}");
    }
}

#[tokio::test]
async fn a_window_ends_it_and_what_happened_in_time_still_counts() {
    let world = World::with(settings(), &[]).await;
    let (_, code) = world.referrer("anna").await;
    for customer in ["ben", "cem"] {
        world.attribute(customer, &code).await;
    }
    world.clock.set(at("2026-12-20T12:00:00Z"));
    assert_eq!(
        world.referral_text("ben").await,
        "expired",
        "before anybody wrote it"
    );
    let late = |id: &str, customer: &str, at: &str| {
        let mut payment = paid(id, customer, 5000, "13:00", "card");
        payment["occurred_at"] = at.into();
        payment["data"]["payment_method"]["fingerprint"] = customer.into();
        payment
    };
    world
        .apply(late("p1", "ben", "2026-12-20T12:00:00Z"))
        .await
        .expect("handled");
    assert_eq!(world.referral_text("ben").await, "expired");
    assert_eq!(world.balance_of("anna").await, 0);
    world
        .apply(late("p2", "cem", "2026-12-20T11:59:59Z"))
        .await
        .expect("handled");
    assert_eq!(world.referral_text("cem").await, "converted");
    assert_eq!(world.balance_of("anna").await, 500);
}

#[tokio::test]
async fn the_clock_ends_it_and_tells() {
    let world = World::with(settings(), &[]).await;
    let (_, code) = world.referrer("anna").await;
    let referral = world.attribute("ben", &code).await;
    let ben = world.member("ben").await.account;
    assert_eq!(ben.due_at, Some(at("2026-12-20T12:00:00Z")));
    world.clock.set(at("2026-12-20T12:00:00Z"));
    for _ in 0..2 {
        laurel_tests::rewards::tick(&world.ledger).await;
    }
    let stored = world.ledger.referral(&referral.id).await.expect("it");
    assert_eq!(stored.status, ReferralStatus::Expired);
    assert_eq!(stored.ended_at, Some(at("2026-12-20T12:00:00Z")));
    let ben = world.member("ben").await.account;
    assert_eq!(ben.due_at, None);
}

#[tokio::test]
async fn sides_get_points_store_credit_or_rewards_and_give_them_back() {
    let world = World::with(settings(), &[]).await;
    let reward = world.add_reward(json!({"cost": 100, "stock": 5})).await;
    let anna = world.create("anna").await;
    let mint = Mint {
        referrer: anna,
        reward: Some(Some(ReferralReward {
            referrer: Some(Side::Reward(reward.id)),
            referee: Some(Side::StoreCredit(Money {
                amount: 700,
                currency: "EUR".to_owned(),
            })),
        })),
        qualify: Some(Some(Qualify::default())),
    };
    let minted = world.ledger.mint_referral_code(Some(PROGRAM), &mint).await;
    let code = minted.expect("a code").view.code.expect("a code");
    let referral = world.attribute("ben", &code).await;
    world.clock.set(at("2026-11-20T14:00:00Z"));
    world
        .apply(paid("pay_1", "ben", 100, "13:00", "c"))
        .await
        .expect("paid");
    let converted = world.ledger.referral(&referral.id).await.expect("it");
    assert_eq!(converted.status, ReferralStatus::Converted);
    let Gift::Reward { redemption } = &converted.given[0].gift else {
        panic!("{:?}", converted.given)
    };
    let given = world
        .ledger
        .redemption(redemption)
        .await
        .expect("it")
        .redemption;
    assert_eq!((given.status.as_str(), given.points), ("confirmed", 0));
    assert!(given.code.is_some());
    let credit = |view: laurel_ledger::AccountView| {
        view.account
            .store_credit
            .balance("EUR", at("2026-11-20T14:00:00Z"))
    };
    assert_eq!(credit(world.member("ben").await), 700);
    let refunded = json!({
        "type": "payment.refunded", "occurred_at": "2026-11-20T13:30:00Z",
        "data": {"id": "re_1", "payment": "pay_1"},
    });
    let outcome = world.apply(refunded).await.expect("refunded");
    assert_eq!(outcome.outcome.as_str(), "reversed");
    assert_eq!(world.referral_text("ben").await, "reversed");
    assert_eq!(credit(world.member("ben").await), 0);
    let given = world
        .ledger
        .redemption(redemption)
        .await
        .expect("it")
        .redemption;
    assert_eq!(given.status.as_str(), "canceled");
}

#[tokio::test]
async fn rules_pay_the_side_that_they_name() {
    let fixed = |points: i64, recipient: &str| {
        json!({
            "trigger": "referral.converted", "recipient": recipient,
            "award": {"type": "fixed", "points": points},
        })
    };
    let share = json!({
        "trigger": "referral.converted", "recipient": "referrer",
        "award": {"type": "per_amount", "per": 100, "points": 1},
    });
    let rules = [
        fixed(10, "referrer"),
        fixed(5, "referee"),
        fixed(1, "member"),
        share,
    ];
    let world = World::with(
        json!({"auto_enroll": true, "qualify": {"firstPaymentMinimum": 2000}}),
        &rules,
    )
    .await;
    let (_, code) = world.referrer("anna").await;
    world.attribute("ben", &code).await;
    world.clock.set(at("2026-11-20T14:00:00Z"));
    world
        .apply(paid("pay_1", "ben", 2500, "13:00", "c"))
        .await
        .expect("paid");
    assert_eq!(world.balance_of("anna").await, 10 + 1 + 25);
    assert_eq!(world.balance_of("ben").await, 5 + 1);
    world
        .apply(refund("re_1", "pay_1", Some(501)))
        .await
        .expect("refunded");
    assert_eq!(world.referral_text("ben").await, "reversed");
    assert_eq!(world.balance_of("anna").await, 0);
    assert_eq!(world.balance_of("ben").await, 0);
}

#[tokio::test]
async fn rules_can_welcome_who_came_once_and_both_sides() {
    let welcome = |points: i64, recipient: &str| {
        json!({
            "trigger": "referral.attributed", "recipient": recipient,
            "award": {"type": "fixed", "points": points}, "cap": {"points": 25},
        })
    };
    let rules = [welcome(20, "referrer"), welcome(5, "referee")];
    let world = World::with(settings(), &rules).await;
    let (_, code) = world.referrer("anna").await;
    for customer in ["ben", "cem"] {
        let referral = world.attribute(customer, &code).await;
        let news = json!({"type": "referral.attributed", "data": {"id": referral.id}});
        for duplicate in [false, true] {
            let outcome = world.apply(news.clone()).await.expect("handled");
            assert_eq!(outcome.outcome.as_str(), "awarded");
            assert_eq!(outcome.duplicate, duplicate);
        }
        assert_eq!(world.balance_of(customer).await, 5);
    }
    assert_eq!(
        world.balance_of("anna").await,
        25,
        "20, and 5 up to the cap"
    );
    let rejected = world.attribute("anna", &code).await;
    let news = json!({"type": "referral.attributed", "data": {"id": rejected.id}});
    let outcome = world.apply(news).await.expect("handled");
    assert_eq!(outcome.outcome.as_str(), "unlinked");
    assert_eq!(world.balance_of("anna").await, 25);
}

#[tokio::test]
async fn a_welcome_that_is_told_of_late_lists_what_it_gave_and_not_what_has_expired() {
    let mut settings = settings();
    settings["expires"] = json!({"after": "P1D"});
    let rule = json!({
        "trigger": "referral.attributed", "recipient": "referee",
        "award": {"type": "fixed", "points": 7},
    });
    let world = World::with(settings, &[rule]).await;
    let (_, code) = world.referrer("anna").await;
    let referral = world.attribute("ben", &code).await;
    world.clock.set(at("2026-11-23T12:00:00Z"));
    let news = json!({"type": "referral.attributed", "data": {"id": referral.id}});
    let outcome = world.apply(news).await.expect("handled");
    assert_eq!(outcome.outcome.as_str(), "awarded");
    let mut listed = Vec::new();
    for id in &outcome.transactions {
        let view = world.ledger.transaction(&id.to_string()).await;
        let view = view.expect("there");
        listed.push(view.transaction().amount);
    }
    assert_eq!(listed, [7]);
    assert_eq!(world.balance_of("ben").await, 0);
}

#[tokio::test]
async fn a_refund_below_the_minimum_takes_both_back_once() {
    let world = World::with(settings(), &[]).await;
    let (anna, code) = world.referrer("anna").await;
    world.attribute("ben", &code).await;
    world.clock.set(at("2026-11-20T14:00:00Z"));
    world
        .apply(paid("pay_1", "ben", 5000, "13:00", "c"))
        .await
        .expect("paid");
    for (id, amount, status, balance) in [
        ("re_1", 3000, "converted", 500),
        ("re_2", 1, "reversed", 0),
        ("re_2", 1, "reversed", 0),
        ("re_3", 1000, "reversed", 0),
    ] {
        world
            .apply(refund(id, "pay_1", Some(amount)))
            .await
            .expect("refunded");
        assert_eq!(world.referral_text("ben").await, status, "{id}");
        assert_eq!(world.balance_of("anna").await, balance, "{id}");
    }
    assert_eq!(world.log_text(&anna).await, "earn 500, reverse -500");
    let ben = world.member("ben").await;
    assert_eq!(ben.balance, 0);
    assert_eq!(
        ben.account.lifetime_points, 250,
        "a refund lowers no lifetime total"
    );
}

#[tokio::test]
async fn points_that_were_spent_are_taken_back_as_the_program_says() {
    for (policy, anna, ben) in [("allow", -500, 0), ("clamp", 0, 0)] {
        let mut all = settings();
        all["negative_balance"] = policy.into();
        let world = World::with(all, &[]).await;
        let (account, code) = world.referrer("anna").await;
        world.attribute("ben", &code).await;
        world.clock.set(at("2026-11-20T14:00:00Z"));
        world
            .apply(paid("pay_1", "ben", 5000, "13:00", "c"))
            .await
            .expect("paid");
        let reward = world.add_reward(json!({"cost": 500})).await;
        let wish = laurel_tests::rewards::wish(&account, &reward, false);
        world.ledger.redeem(&wish).await.expect("redeemed");
        world
            .apply(refund("re_1", "pay_1", None))
            .await
            .expect("refunded");
        assert_eq!(world.balance_of("anna").await, anna, "{policy}");
        assert_eq!(world.balance_of("ben").await, ben, "{policy}");
    }
}

#[tokio::test]
async fn one_member_has_one_code_and_the_first_touch_wins() {
    let world = World::with(settings(), &[]).await;
    let (anna, code) = world.referrer("anna").await;
    assert_eq!(world.code_of(&anna).await, code);
    let (_, other) = world.referrer("dora").await;
    let first = world.attribute("ben", &code.to_lowercase()).await;
    let second = world.attribute("ben", &other).await;
    assert_eq!(first.id, second.id);
    assert_eq!(second.referrer, anna);
    let nobody = AttributionRequest {
        code: Some("NOBODY-2222".to_owned()),
        customer: Some("eva".to_owned()),
        ..AttributionRequest::default()
    };
    let refused = world.ledger.attribute(&nobody).await.expect_err("unknown");
    let laurel_ledger::Error::Refused(refusal) = refused else {
        panic!("{refused}")
    };
    assert_eq!(refusal.code, Code::ReferralCodeNotFound);
    assert!(world.find_member("eva").await.is_none());
    // On an event an unknown code is no error and attributes nobody.
    let outcome = world.apply(came("eva", "NOBODY-2222", "11:00")).await;
    assert_eq!(outcome.expect("handled").outcome.as_str(), "no_award");
    assert_eq!(world.referral_text("eva").await, "none");
}

#[tokio::test]
async fn the_first_payment_can_bring_the_code_itself() {
    let mut all = settings();
    all["auto_enroll"] = false.into();
    let world = World::with(all, &[]).await;
    let (_, code) = world.referrer("anna").await;
    world.clock.set(at("2026-11-20T14:00:00Z"));
    let payment = with_metadata(
        paid("pay_1", "ben", 2000, "13:00", "c"),
        json!({"referral_code": code}),
    );
    world.apply(payment).await.expect("paid");
    assert_eq!(world.referral_text("ben").await, "converted");
    assert_eq!(world.balance_of("anna").await, 500);
    assert_eq!(world.balance_of("ben").await, 250);
}

#[tokio::test]
async fn a_programs_budget_bounds_what_referrals_pay() {
    let mut all = settings();
    all["budget"] = json!({"points": 600, "window": "month"});
    let world = World::with(all, &[]).await;
    let (_, code) = world.referrer("anna").await;
    world.attribute("ben", &code).await;
    world.clock.set(at("2026-11-20T14:00:00Z"));
    world
        .apply(paid("pay_1", "ben", 2500, "13:00", "c"))
        .await
        .expect("paid");
    let sum = world.balance_of("anna").await + world.balance_of("ben").await;
    assert_eq!(sum, 600, "500 and what was left");
}

#[tokio::test]
async fn accounts_that_merge_keep_codes_and_referrals() {
    let world = World::with(settings(), &[]).await;
    let (anna, code) = world.referrer("anna").await;
    let survivor = world.create("anna2").await;
    world.attribute("ben", &code).await;
    world.merge(&anna, &survivor).await;
    world.clock.set(at("2026-11-20T12:30:00Z"));
    world.attribute("cem", &code).await;
    // The referees merge, too: ben came first.
    let (ben, cem) = (world.member("ben").await, world.member("cem").await);
    let merged = world.merge(&ben.account.id, &cem.account.id).await;
    let referred = merged.account.referrals.referred.expect("a referral");
    assert_eq!(Some(referred), ben.account.referrals.referred);
    let dropped = cem.account.referrals.referred.expect("a referral").id;
    let dropped = world.ledger.referral(&dropped).await.expect("it");
    assert_eq!(dropped.reason.map(|it| it.as_str()), Some("account_merged"));
    world.clock.set(at("2026-11-20T14:00:00Z"));
    world
        .apply(paid("pay_1", "ben", 2500, "13:00", "c"))
        .await
        .expect("paid");
    assert_eq!(world.balance_of("anna2").await, 500);
    world
        .apply(refund("re_1", "pay_1", None))
        .await
        .expect("refunded");
    assert_eq!(world.balance_of("anna2").await, 0);
}

#[tokio::test]
async fn what_was_over_by_time_ends_once_with_whatever_comes_before_the_clock() {
    let world = World::with(settings(), &[]).await;
    let (_, code) = world.referrer("anna").await;
    for (customer, time) in [("ben", "12:10"), ("cem", "12:20"), ("dora", "12:30")] {
        world.clock.set(at(&format!("2026-11-20T{time}:00Z")));
        world.attribute(customer, &code).await;
    }
    let [ben, cem, dora] = [
        world.member("ben").await.account,
        world.member("cem").await.account,
        world.member("dora").await.account,
    ];
    let id = |account: &Account| account.referrals.referred.clone().expect("a referral").id;
    // The window of thirty days is over, and nobody has written so.
    world.clock.set(at("2027-01-20T12:00:00Z"));
    world.merge(&cem.id, &ben.id).await;
    let gave_way = world.ledger.referral(&id(&cem)).await.expect("it");
    assert_eq!(
        gave_way.reason.map(|it| it.as_str()),
        Some("account_merged")
    );
    let erased = world.ledger.erase_personal_data(&dora.id).await;
    erased.expect("an erasure");
    let over = world.ledger.referral(&id(&dora)).await.expect("it");
    assert_eq!(over.status.as_str(), "expired");
    assert_eq!(over.ended_at, over.expires_at);
    assert_eq!(over.customer, None);
    // An audit compares what is written on both sides.
    assert_eq!(world.audit().await.violations, []);
}

#[tokio::test]
async fn a_closed_referrers_code_stops_and_an_erasure_forgets() {
    let world = World::with(settings(), &[]).await;
    let (anna, code) = world.referrer("anna").await;
    let request = AttributionRequest {
        code: Some(code.clone()),
        customer: Some("ben".to_owned()),
        device_fingerprint: Some("phone".to_owned()),
        ..AttributionRequest::default()
    };
    let referral = world.ledger.attribute(&request).await.expect("attributed");
    assert!(
        world
            .ledger
            .shared_code(&code)
            .await
            .expect("read")
            .is_some()
    );
    world.ledger.close_account(&anna).await.expect("closed");
    assert!(
        world
            .ledger
            .shared_code(&code)
            .await
            .expect("read")
            .is_none()
    );
    let late = AttributionRequest {
        customer: Some("cem".to_owned()),
        ..request.clone()
    };
    world.ledger.attribute(&late).await.expect_err("it stopped");
    world.clock.set(at("2026-11-20T14:00:00Z"));
    world
        .apply(paid("pay_1", "ben", 2500, "13:00", "c"))
        .await
        .expect("paid");
    assert_eq!(world.referral_text("ben").await, "rejected referrer_closed");
    let ben = world.member("ben").await.account.id;
    for account in [&ben, &anna] {
        world
            .ledger
            .erase_personal_data(account)
            .await
            .expect("erased");
    }
    let left = table_text(&world).await;
    for trace in [
        code.as_str(),
        &code.replace('-', ""),
        "\"ben\"",
        "phone",
        "S(\"H#",
    ] {
        assert!(!left.contains(trace), "{trace} is left");
    }
    let view = world.ledger.referral(&referral.id).await.expect("it");
    assert_eq!((view.code, view.customer), (None, None));
}

/// All items of the table but the records of events, whose keys are names of events.
async fn table_text(world: &World) -> String {
    let scan = world
        .store
        .client()
        .scan()
        .table_name("laurel")
        .send()
        .await;
    let items = scan.expect("a scan").items.unwrap_or_default();
    let items = items.iter().map(|item| format!("{item:?}"));
    items.filter(|text| !text.contains("\"E#")).collect()
}
