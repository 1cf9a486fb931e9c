//! Who is not paid, and why.

use laurel_ledger::{AttributionRequest, Error};
use laurel_rules::Code;
use laurel_tests::{
    World, at, merge,
    referrals::{came, paid, settings},
};
use serde_json::{Value, json};

/// A program with a member who has a code, at two in the afternoon.
async fn shop(extra: Value) -> (World, String, String) {
    let mut all = settings();
    merge(&mut all, extra);
    let world = World::with(all, &[]).await;
    let (anna, code) = world.referrer("anna").await;
    (world, anna, code)
}

fn request(code: &str, customer: &str) -> AttributionRequest {
    AttributionRequest {
        code: Some(code.to_owned()),
        customer: Some(customer.to_owned()),
        ..AttributionRequest::default()
    }
}

async fn pay(world: &World, id: &str, customer: &str, card: &str) {
    world.clock.set(at("2026-11-20T14:00:00Z"));
    let payment = paid(id, customer, 5000, "13:00", card);
    world.apply(payment).await.expect("paid");
}

#[tokio::test]
async fn nobody_refers_themselves_by_account_customer_or_email() {
    let (world, anna, code) = shop(json!({})).await;
    let change = laurel_rules::decide::AccountChange {
        email: Some(Some("anna@example.com".to_owned())),
        ..Default::default()
    };
    world
        .ledger
        .update_account(&anna, &change)
        .await
        .expect("changed");
    let by_account = AttributionRequest {
        customer: None,
        account: Some(anna.clone()),
        ..request(&code, "")
    };
    let by_email = AttributionRequest {
        email: Some("anna@example.com".to_owned()),
        ..request(&code, "anna_2")
    };
    let by_mailbox = AttributionRequest {
        email: Some("anna+new@example.com".to_owned()),
        ..request(&code, "anna_3")
    };
    for wanted in [request(&code, "anna"), by_account, by_email, by_mailbox] {
        let made = world.ledger.attribute(&wanted).await.expect("answered");
        assert_eq!(
            made.reason.map(|it| it.as_str()),
            Some("self_referral"),
            "{wanted:?}"
        );
        let again = world.ledger.attribute(&wanted).await.expect("answered");
        assert_eq!(again.id, made.id, "asking again makes no second one");
    }
    pay(&world, "pay_1", "anna", "c").await;
    pay(&world, "pay_2", "anna_3", "d").await;
    assert_eq!(world.balance_of("anna").await, 0);
    // Who was rejected at the door may still come by another's code.
    let (_, other) = world.referrer("dora").await;
    let eva = request(&other, "anna");
    let made = world.ledger.attribute(&eva).await.expect("answered");
    assert_eq!(made.reason.map(|it| it.as_str()), Some("not_new_customer"));
}

#[tokio::test]
async fn the_same_card_by_a_second_account_pays_nothing() {
    let (world, _, code) = shop(json!({})).await;
    for customer in ["ben", "cem", "dan"] {
        world.attribute(customer, &code).await;
    }
    pay(&world, "pay_a", "anna", "card_anna").await;
    pay(&world, "pay_b", "ben", "card_anna").await;
    assert_eq!(world.referral_text("ben").await, "rejected self_referral");
    pay(&world, "pay_c", "cem", "card_cem").await;
    assert_eq!(world.referral_text("cem").await, "converted");
    pay(&world, "pay_d", "dan", "card_cem").await;
    assert_eq!(
        world.referral_text("dan").await,
        "rejected shared_fingerprint"
    );
    assert_eq!(world.balance_of("anna").await, 500);
    assert_eq!(world.balance_of("dan").await, 0);
    // Rejected is rejected, also with another card.
    pay(&world, "pay_e", "dan", "card_dan").await;
    assert_eq!(
        world.referral_text("dan").await,
        "rejected shared_fingerprint"
    );
}

#[tokio::test]
async fn a_card_counts_in_whatever_order_the_events_come() {
    let (world, _, code) = shop(json!({})).await;
    world.attribute("ben", &code).await;
    pay(&world, "pay_b", "ben", "one_card").await;
    // The payment comes before the news that its customer came by a code, at eleven.
    pay(&world, "pay_c", "cem", "one_card").await;
    world
        .apply(came("cem", &code, "11:00"))
        .await
        .expect("handled");
    assert_eq!(
        world.referral_text("cem").await,
        "rejected shared_fingerprint"
    );
    pay(&world, "pay_d", "dan", "another_card").await;
    world
        .apply(came("dan", &code, "11:00"))
        .await
        .expect("handled");
    assert_eq!(world.referral_text("dan").await, "converted");
    world
        .apply(came("eva", &code, "11:00"))
        .await
        .expect("handled");
    pay(&world, "pay_e", "eva", "another_card").await;
    assert_eq!(
        world.referral_text("eva").await,
        "rejected shared_fingerprint"
    );
    assert_eq!(world.balance_of("anna").await, 1000);
}

#[tokio::test]
async fn one_device_brings_one_referee() {
    let (world, _, code) = shop(json!({})).await;
    let from = |customer: &str, device: &str| AttributionRequest {
        device_fingerprint: Some(device.to_owned()),
        ..request(&code, customer)
    };
    let first = world.ledger.attribute(&from("ben", "phone")).await;
    assert_eq!(first.expect("it").status.as_str(), "attributed");
    let second = world
        .ledger
        .attribute(&from("cem", "phone"))
        .await
        .expect("it");
    assert_eq!(
        second.reason.map(|it| it.as_str()),
        Some("shared_fingerprint")
    );
    let third = world
        .ledger
        .attribute(&from("dan", "tablet"))
        .await
        .expect("it");
    assert_eq!(third.status.as_str(), "attributed");
}

#[tokio::test]
async fn whoever_paid_before_is_not_new() {
    let (world, _, code) = shop(json!({})).await;
    world
        .apply(paid("pay_1", "ben", 100, "10:00", "c"))
        .await
        .expect("paid");
    let made = world.attribute("ben", &code).await;
    assert_eq!(made.reason.map(|it| it.as_str()), Some("not_new_customer"));
    // A payment that was made before and comes after tells the same.
    world.attribute("cem", &code).await;
    world
        .apply(paid("pay_2", "cem", 100, "11:59", "d"))
        .await
        .expect("paid");
    assert_eq!(
        world.referral_text("cem").await,
        "rejected not_new_customer"
    );
}

#[tokio::test]
async fn lists_of_the_program_keep_people_out() {
    let blocked = json!({"blocked": {
        "customers": ["mallory"], "emails": ["eve@example.com"],
        "domains": ["rival.example"], "disposable": ["tenminutes.example"],
    }});
    let (world, _, code) = shop(blocked).await;
    let cases = [
        ("mallory", None, Some("blocked")),
        ("c1", Some("eve@example.com"), Some("blocked")),
        ("c2", Some("bob@rival.example"), Some("blocked")),
        ("c3", Some("bob@mail.rival.example"), Some("blocked")),
        ("c4", Some("bob@notrival.example"), None),
        ("c5", Some("x@tenminutes.example"), Some("disposable")),
        ("c6", Some("x@example.com"), None),
    ];
    for (customer, email, expected) in cases {
        let wanted = AttributionRequest {
            email: email.map(str::to_owned),
            ..request(&code, customer)
        };
        let made = world.ledger.attribute(&wanted).await.expect("answered");
        assert_eq!(made.reason.map(|it| it.as_str()), expected, "{customer}");
    }
}

#[tokio::test]
async fn a_code_converts_so_often_in_a_rolling_window_and_refunds_begin_no_new_one() {
    let velocity = json!({"velocity": {"maxConversionsPerWindow": 2, "windowDays": 10}});
    let (world, anna, code) = shop(velocity).await;
    for customer in ["a", "b", "c", "d"] {
        world.attribute(customer, &code).await;
    }
    pay(&world, "pay_a", "a", "card_a").await;
    pay(&world, "pay_b", "b", "card_b").await;
    world
        .apply(laurel_tests::refund("re_b", "pay_b", None))
        .await
        .expect("refunded");
    pay(&world, "pay_c", "c", "card_c").await;
    assert_eq!(world.referral_text("c").await, "rejected velocity");
    assert_eq!(
        world.log_text(&anna).await,
        "earn 500, earn 500, reverse -500"
    );
    // Ten days later the window has moved on.
    world.clock.set(at("2026-11-30T13:00:00Z"));
    let mut payment = paid("pay_d", "d", 5000, "13:00", "card_d");
    payment["occurred_at"] = "2026-11-30T13:00:00Z".into();
    world.apply(payment).await.expect("paid");
    assert_eq!(world.referral_text("d").await, "converted");
}

#[tokio::test]
async fn a_reward_that_is_gone_pays_neither_side() {
    let world = World::with(settings(), &[]).await;
    let reward = world.add_reward(json!({"cost": 100, "stock": 1})).await;
    let mut reward_of = settings()["reward"].clone();
    reward_of["referee"] = json!({"reward": reward.id});
    let anna = world.create("anna").await;
    let mint = laurel_rules::decide::Mint {
        referrer: anna,
        reward: Some(Some(serde_json::from_value(reward_of).expect("a reward"))),
        qualify: None,
    };
    let minted = world.ledger.mint_referral_code(None, &mint).await;
    let code = minted.expect("a code").view.code.expect("a code");
    for customer in ["ben", "cem"] {
        world.attribute(customer, &code).await;
    }
    pay(&world, "pay_1", "ben", "card_ben").await;
    assert_eq!(world.referral_text("ben").await, "converted");
    pay(&world, "pay_2", "cem", "card_cem").await;
    assert_eq!(
        world.referral_text("cem").await,
        "rejected reward_unavailable"
    );
    assert_eq!(world.balance_of("anna").await, 500, "for ben alone");
}

#[tokio::test]
async fn a_click_attributes_and_a_forged_or_old_one_does_not() {
    let (world, _, code) = shop(json!({})).await;
    let shared = world.ledger.shared_code(&code).await.expect("read");
    let shared = shared.expect("a code");
    let form = code.replace('-', "");
    let token = world.ledger.click_token(&shared.catalog.program, &form);
    let by = |click: String, customer: &str| AttributionRequest {
        click: Some(click),
        customer: Some(customer.to_owned()),
        ..AttributionRequest::default()
    };
    let made = world.ledger.attribute(&by(token.clone(), "ben")).await;
    let made = made.expect("attributed");
    assert_eq!(made.touch.map(|it| it.as_str()), Some("click"));
    let mut forged = token.clone();
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.push(last);
    world.clock.set(at("2026-11-21T12:00:00Z"));
    for bad in [forged, token, "nonsense".to_owned(), String::new()] {
        let refused = world.ledger.attribute(&by(bad.clone(), "cem")).await;
        let Err(Error::Refused(refusal)) = refused else {
            panic!("{bad}: {refused:?}")
        };
        assert_eq!(refusal.code, Code::ParameterInvalid, "{bad}");
        assert_eq!(refusal.param.as_deref(), Some("click"));
    }
}

#[tokio::test]
async fn a_code_of_another_program_is_none() {
    let (world, _, code) = shop(json!({})).await;
    let other = world.ledger.new_program(Some("prog_other".to_owned()));
    let mut other = serde_json::to_value(other).expect("JSON");
    merge(&mut other, settings());
    let other = serde_json::from_value(other).expect("a program");
    world
        .ledger
        .create_program(other, "set up")
        .await
        .expect("it");
    let mut event = came("ben", &code, "11:00");
    event["program"] = "prog_other".into();
    world.apply(event).await.expect("handled");
    let filter = laurel_ledger::AccountFilter {
        customer: Some("ben".to_owned()),
        ..laurel_ledger::AccountFilter::of("prog_other")
    };
    let page = world
        .ledger
        .accounts(&filter, &laurel_ledger::PageRequest::default())
        .await;
    let ben = page.expect("a list").data.pop().expect("ben");
    assert_eq!(ben.account.referrals.referred, None);
}

#[tokio::test]
async fn every_card_of_a_referee_is_known_whenever_it_paid() {
    let (world, _, code) = shop(json!({})).await;
    world.clock.set(at("2026-11-20T14:00:00Z"));
    for customer in ["ben", "cem", "dora"] {
        world
            .apply(came(customer, &code, "12:30"))
            .await
            .expect("came");
    }
    pay(&world, "pay_1", "ben", "card_ben").await;
    assert_eq!(world.referral_text("ben").await, "converted");
    // What comes once the referral has converted counts like what converted it.
    pay(&world, "pay_2", "ben", "card_of_two").await;
    pay(&world, "pay_3", "cem", "card_of_two").await;
    let rejected = "rejected shared_fingerprint";
    assert_eq!(world.referral_text("cem").await, rejected);
    // A payment that is too small to convert has shown the card all the same.
    world.clock.set(at("2026-11-20T14:00:00Z"));
    let small = paid("pay_4", "dora", 100, "13:00", "card_ben");
    world.apply(small).await.expect("paid");
    pay(&world, "pay_5", "dora", "card_dora").await;
    assert_eq!(world.referral_text("dora").await, rejected);
    assert_eq!(world.balance_of("anna").await, 500);
}
