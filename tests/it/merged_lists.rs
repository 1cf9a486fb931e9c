//! Transactions listed over merged accounts: order, cursors, and ranges of time.

use jiff::Timestamp;
use laurel_ledger::{PageRequest, TimeRange, TransactionFilter, TransactionView};
use laurel_rules::entry::TransactionType;
use laurel_tests::{World, at, merge, payment, refund};
use serde_json::json;

fn minute(minute: i64) -> Timestamp {
    at("2026-11-20T12:00:00Z") + jiff::SignedDuration::from_mins(minute)
}

/// Three members who earn in turn, the third twice at a time, merged one into the other.
async fn world() -> (World, String) {
    let rules = [
        json!({"award": {"type": "per_amount", "per": 100, "points": 1}}),
        json!({"trigger": "invoice.paid", "award": {"type": "fixed", "points": 7}}),
        json!({"trigger": "invoice.paid", "award": {"type": "fixed", "points": 9}}),
    ];
    let world = World::with(json!({"auto_enroll": true}), &rules).await;
    for number in 0..30 {
        world.clock.set(minute(number / 2));
        let customer = ["a", "b", "c"][usize::try_from(number % 3).expect("few")];
        let mut event = payment(&format!("pay_{number}"), customer, 100 * (number + 1));
        if number % 3 == 2 {
            merge(&mut event, json!({"type": "invoice.paid"}));
        }
        world.apply(event).await.expect("earns");
    }
    let mut ids = Vec::new();
    for customer in ["a", "b", "c"] {
        ids.push(world.member(customer).await.account.id);
    }
    world.clock.set(minute(20));
    world.merge(&ids[0], &ids[1]).await;
    world
        .apply(payment("pay_late", "a", 4000))
        .await
        .expect("earns");
    world.merge(&ids[2], &ids[1]).await;
    world.clock.set(minute(30));
    world
        .apply(refund("re_0", "pay_0", None))
        .await
        .expect("takes back");
    (world, ids[1].clone())
}

async fn page(
    world: &World,
    filter: &TransactionFilter,
    limit: usize,
    cursor: Option<(&str, bool)>,
) -> (Vec<TransactionView>, bool) {
    let mut request = PageRequest {
        limit,
        ..PageRequest::default()
    };
    if let Some((id, after)) = cursor {
        let place = if after {
            &mut request.starting_after
        } else {
            &mut request.ending_before
        };
        *place = Some(id.to_owned());
    }
    let page = world.ledger.transactions(filter, &request).await;
    let page = page.expect("a page");
    (page.data, page.has_more)
}

fn all_of(account: &str) -> TransactionFilter {
    TransactionFilter {
        account: account.to_owned(),
        kind: None,
        created: TimeRange::default(),
    }
}

fn ids(views: &[TransactionView]) -> Vec<String> {
    views.iter().map(|view| view.id().to_string()).collect()
}

#[tokio::test]
async fn pages_in_both_directions_add_up_to_the_whole() {
    let (world, account) = world().await;
    let filter = all_of(&account);
    let (whole, more) = page(&world, &filter, 1000, None).await;
    assert!(!more);
    assert_eq!(whole.len(), 42);
    assert!(whole.is_sorted_by(|newer, older| newer.entry.created >= older.entry.created));
    let whole = ids(&whole);
    for limit in [1, 3, 7, 41, 42] {
        let mut down = Vec::new();
        loop {
            let cursor = down.last().cloned();
            let cursor = cursor.as_deref().map(|id: &str| (id, true));
            let (data, more) = page(&world, &filter, limit, cursor).await;
            down.extend(ids(&data));
            if !more {
                break;
            }
        }
        assert_eq!(down, whole, "down by {limit}");
        let mut up = vec![whole[whole.len() - 1].clone()];
        loop {
            let (data, more) = page(&world, &filter, limit, Some((&up[0], false))).await;
            up.splice(0..0, ids(&data));
            if !more {
                break;
            }
        }
        assert_eq!(up, whole, "up by {limit}");
    }
}

#[tokio::test]
async fn ranges_of_time_are_exact_to_the_instant() {
    let (world, account) = world().await;
    let (whole, _) = page(&world, &all_of(&account), 1000, None).await;
    let bounds = [
        None,
        Some(minute(-5)),
        Some(minute(3)),
        Some(minute(14)),
        Some(minute(20)),
        Some(minute(40)),
    ];
    for first in bounds {
        for last in bounds {
            for strict in [false, true] {
                let created = TimeRange {
                    gt: first.filter(|_| strict),
                    gte: first.filter(|_| !strict),
                    lt: last.filter(|_| strict),
                    lte: last.filter(|_| !strict),
                };
                let inside = whole.iter().filter(|view| {
                    let at = view.entry.created;
                    if strict {
                        first.is_none_or(|bound| at > bound) && last.is_none_or(|bound| at < bound)
                    } else {
                        first.is_none_or(|bound| at >= bound)
                            && last.is_none_or(|bound| at <= bound)
                    }
                });
                let filter = TransactionFilter {
                    created,
                    ..all_of(&account)
                };
                let expected: Vec<String> = inside.map(|view| view.id().to_string()).collect();
                let (found, _) = page(&world, &filter, 1000, None).await;
                assert_eq!(ids(&found), expected, "{created:?}");
                // And from a cursor in the middle.
                let middle = expected.len() / 2;
                if let Some(cursor) = expected.get(middle) {
                    let (after, _) = page(&world, &filter, 1000, Some((cursor, true))).await;
                    assert_eq!(ids(&after), expected[middle + 1..], "{created:?}");
                }
            }
        }
    }
    let filter = TransactionFilter {
        kind: Some(TransactionType::Reverse),
        ..all_of(&account)
    };
    assert_eq!(page(&world, &filter, 1000, None).await.0.len(), 1);
}

#[tokio::test]
async fn cursors_survive_inserts_and_name_what_is_there() {
    let (world, account) = world().await;
    let filter = all_of(&account);
    let (first, _) = page(&world, &filter, 10, None).await;
    let cursor = first[9].id().to_string();
    let (before, _) = page(&world, &filter, 10, Some((&cursor, true))).await;
    world
        .apply(payment("pay_new", "c", 1000))
        .await
        .expect("earns");
    let (after, _) = page(&world, &filter, 10, Some((&cursor, true))).await;
    assert_eq!(ids(&before), ids(&after));
    for unknown in [
        "ptx_none_1_0",
        "ptx_x",
        "loy_1",
        &cursor.replace("_0", "_9"),
    ] {
        let request = PageRequest {
            starting_after: Some(unknown.to_owned()),
            ..PageRequest::default()
        };
        let refused = world.ledger.transactions(&filter, &request).await;
        let refusal = refused.expect_err("is refused").refusal();
        assert_eq!(
            refusal.param.as_deref(),
            Some("starting_after"),
            "{unknown}"
        );
    }
}

#[tokio::test]
async fn a_clock_that_goes_back_leaves_the_log_in_order() {
    let world = World::with(
        json!({"auto_enroll": true}),
        &[json!({"award": {"type": "per_amount", "per": 100, "points": 1}})],
    )
    .await;
    for (number, minutes) in [0, 5, 3, 4, 6].into_iter().enumerate() {
        world.clock.set(minute(minutes));
        world
            .apply(payment(&format!("pay_{number}"), "c", 1000))
            .await
            .expect("earns");
    }
    let log = world.log(&world.member("c").await.account.id).await;
    let written: Vec<Timestamp> = log.iter().map(|view| view.entry.created).collect();
    assert_eq!(written, [0, 5, 5, 5, 6].map(minute));
}

#[tokio::test]
async fn a_page_of_a_long_log_costs_no_scan() {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let world = World::with(json!({"auto_enroll": true}), &[rule]).await;
    for number in 0..300 {
        world.clock.set(minute(number));
        world
            .apply(payment(&format!("pay_{number}"), "c", 100))
            .await
            .expect("earns");
    }
    let account = world.member("c").await.account.id;
    let filter = TransactionFilter {
        created: TimeRange {
            gte: Some(minute(100)),
            lt: Some(minute(105)),
            ..TimeRange::default()
        },
        ..all_of(&account)
    };
    let before = world.store.usage();
    assert_eq!(page(&world, &filter, 20, None).await.0.len(), 5);
    let used = world.store.usage().since(&before);
    // The account, two searches among 300 entries, and one query.
    assert!(used.total_requests() <= 1 + 2 * 9 + 1, "{used:?}");
    let before = world.store.usage();
    assert_eq!(page(&world, &all_of(&account), 20, None).await.0.len(), 20);
    let used = world.store.usage().since(&before);
    assert_eq!(used.total_requests(), 2, "{used:?}");
}
