//! Whatever order events come in, however often, the end is the same.

use laurel::embedded::Phase;
use laurel_tests::{
    Crash, World, at,
    referrals::{came, paid, settings},
    refund,
};
use serde_json::{Value, json};

/// What both members have, and how far the referral has come.
async fn end(world: &World) -> String {
    let (anna, ben) = (world.member("anna").await, world.member("ben").await);
    format!(
        "{}: anna {} of {}, ben {} of {}",
        world.referral_text("ben").await,
        anna.balance,
        anna.account.lifetime_points,
        ben.balance,
        ben.account.lifetime_points,
    )
}

async fn shop() -> (World, String) {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let world = World::with(settings(), &[rule]).await;
    let (_, code) = world.referrer("anna").await;
    world.clock.set(at("2026-11-20T14:00:00Z"));
    (world, code)
}

fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let mut rest = items.to_vec();
        rest.remove(place);
        for mut tail in permutations(&rest) {
            tail.insert(0, *item);
            all.push(tail);
        }
    }
    all
}

#[tokio::test]
async fn every_order_with_repeats_comes_to_the_same_end() {
    let full = |code: &str| {
        vec![
            came("ben", code, "11:00"),
            paid("pay_1", "ben", 5000, "12:00", "card_ben"),
            refund("re_1", "pay_1", Some(1000)),
            refund("re_2", "pay_1", Some(2500)),
        ]
    };
    let kept = |code: &str| {
        vec![
            came("ben", code, "11:00"),
            paid("pay_0", "ben", 1999, "11:30", "card_ben"),
            paid("pay_1", "ben", 5000, "12:00", "card_ben"),
            refund("re_1", "pay_1", Some(1000)),
        ]
    };
    type Story<'a> = (&'a dyn Fn(&str) -> Vec<Value>, &'a str);
    let stories: [Story<'_>; 2] = [
        (&full, "reversed: anna 0 of 500, ben 15 of 300"),
        (&kept, "converted: anna 500 of 500, ben 309 of 319"),
    ];
    for (story, expected) in stories {
        for order in permutations(&[0, 1, 2, 3]) {
            let (world, code) = shop().await;
            let events = story(&code);
            for _ in 0..2 {
                for place in &order {
                    world.apply(events[*place].clone()).await.expect("handled");
                }
            }
            assert_eq!(end(&world).await, expected, "{order:?}");
        }
    }
}

#[tokio::test]
async fn a_crash_at_any_call_changes_nothing_in_the_end() {
    for refund_first in [false, true] {
        let events = |code: &str| {
            let mut events = vec![
                came("ben", code, "11:00"),
                paid("pay_1", "ben", 5000, "12:00", "card_ben"),
                refund("re_1", "pay_1", None),
            ];
            if refund_first {
                events.rotate_right(1);
            }
            events
        };
        let expected = "reversed: anna 0 of 500, ben 0 of 300";
        for phase in [Phase::Request, Phase::Answer] {
            for call in 0.. {
                let (world, code) = shop().await;
                let crash = Crash::at(&world, Some((call, phase)));
                for event in events(&code) {
                    let event = world.event(event).expect("an event");
                    let handled = crash.survive(async |ledger| ledger.apply(&event).await);
                    handled.await.expect("is handled");
                }
                let came = crash.came();
                assert_eq!(end(&world).await, expected, "call {call}, {phase:?}");
                if !came {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn attributing_survives_a_crash_at_any_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let (world, code) = shop().await;
            let request = laurel_ledger::AttributionRequest {
                code: Some(code),
                customer: Some("ben".to_owned()),
                ..Default::default()
            };
            let crash = Crash::at(&world, Some((call, phase)));
            let made = crash.survive(async |ledger| ledger.attribute(&request).await);
            made.await.expect("attributed");
            let came = crash.came();
            assert_eq!(world.referral_text("ben").await, "attributed");
            let ben = world.member("ben").await;
            assert_eq!(ben.account.seq, 2, "created, attributed");
            if !came {
                break;
            }
        }
    }
}
