//! Referrals listed: order, cursors, filters, merged referrers.

use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{PageRequest, ReferralFilter, ReferralView, TimeRange};
use laurel_rules::referral::ReferralStatus;
use laurel_tests::{
    PROGRAM, World, at,
    referrals::{paid, settings},
};

fn minute(minute: i64) -> Timestamp {
    at("2026-11-20T12:00:00Z") + SignedDuration::from_mins(minute)
}

/// Anna and Dora share codes, twenty come in turn, every fourth pays. Then Dora becomes Anna.
async fn world(is_merged: bool) -> (World, [String; 2], [String; 2]) {
    let world = World::with(settings(), &[]).await;
    let (anna, annas) = world.referrer("anna").await;
    let (dora, doras) = world.referrer("dora").await;
    let codes = [annas, doras];
    for number in 0..20_usize {
        world
            .clock
            .set(minute(1 + i64::try_from(number).expect("few")));
        let customer = format!("ref_{number}");
        world.attribute(&customer, &codes[number % 2]).await;
        if number % 4 == 0 {
            let id = format!("pay_{number}");
            let mut payment = paid(&id, &customer, 5000, "12:00", &format!("card_{number}"));
            let now = world.ledger.now();
            payment["occurred_at"] = now.to_string().into();
            world.apply(payment).await.expect("paid");
        }
    }
    if is_merged {
        world.clock.set(minute(30));
        world.merge(&dora, &anna).await;
    }
    (world, [anna, dora], codes)
}

fn of_program() -> ReferralFilter {
    ReferralFilter {
        program: PROGRAM.to_owned(),
        ..ReferralFilter::default()
    }
}

async fn page(
    world: &World,
    filter: &ReferralFilter,
    limit: usize,
    cursor: Option<(&str, bool)>,
) -> (Vec<ReferralView>, bool) {
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
    let page = world.ledger.referrals(filter, &request).await;
    let page = page.expect("a page");
    (page.data, page.has_more)
}

async fn all(world: &World, filter: &ReferralFilter) -> Vec<ReferralView> {
    let (all, has_more) = page(world, filter, 1000, None).await;
    assert!(!has_more);
    all
}

fn ids(views: &[ReferralView]) -> Vec<String> {
    views.iter().map(|view| view.id.clone()).collect()
}

async fn assert_pages(world: &World, filter: &ReferralFilter, whole: &[String]) {
    for limit in [1, 3, 21, 22] {
        let mut down: Vec<String> = Vec::new();
        loop {
            let cursor = down.last().cloned();
            let cursor = cursor.as_deref().map(|id| (id, true));
            let (data, more) = page(world, filter, limit, cursor).await;
            down.extend(ids(&data));
            if !more {
                break;
            }
        }
        assert_eq!(down, whole, "down by {limit}");
        let mut up = vec![whole[whole.len() - 1].clone()];
        loop {
            let (data, more) = page(world, filter, limit, Some((&up[0], false))).await;
            up.splice(0..0, ids(&data));
            if !more {
                break;
            }
        }
        assert_eq!(up, whole, "up by {limit}");
    }
}

#[tokio::test]
async fn a_programs_referrals_are_listed_newest_first_in_pages_of_any_size() {
    let (world, [anna, dora], codes) = world(false).await;
    let whole = all(&world, &of_program()).await;
    assert_eq!(whole.len(), 22);
    assert!(whole.is_sorted_by(|newer, older| newer.created >= older.created));
    let pending: Vec<&ReferralView> = whole
        .iter()
        .filter(|view| view.status == ReferralStatus::Pending)
        .collect();
    assert_eq!(pending.len(), 2, "the codes");
    for view in &whole {
        let place = usize::from(view.referrer == dora);
        assert_eq!(view.referrer, [&anna, &dora][place].as_str());
        assert_eq!(view.code.as_deref(), Some(codes[place].as_str()));
    }
    assert_pages(&world, &of_program(), &ids(&whole)).await;
}

#[tokio::test]
async fn the_referrals_of_merged_referrers_are_one_list_of_the_survivor() {
    let (world, [anna, dora], codes) = world(true).await;
    let of_anna = ReferralFilter {
        referrer: Some(anna.clone()),
        ..of_program()
    };
    let whole = all(&world, &of_anna).await;
    assert_eq!(whole.len(), 22);
    assert!(whole.iter().all(|view| view.referrer == anna));
    let (referrals, own) = whole.split_at(20);
    assert!(
        own.iter()
            .all(|view| view.status == ReferralStatus::Pending)
    );
    let came: Vec<String> = referrals
        .iter()
        .rev()
        .map(|view| view.customer.clone().expect("a customer"))
        .collect();
    let expected: Vec<String> = (0..20).map(|number| format!("ref_{number}")).collect();
    assert_eq!(came, expected, "laid into each other");
    assert_pages(&world, &of_anna, &ids(&whole)).await;
    let of_dora = ReferralFilter {
        referrer: Some(dora),
        ..of_program()
    };
    assert_eq!(all(&world, &of_dora).await, [], "all of it is Anna's");
    // Each code keeps its own.
    for (place, code) in codes.iter().enumerate() {
        let of_code = ReferralFilter {
            code: Some(code.to_lowercase().replace('-', "")),
            ..of_program()
        };
        let listed = all(&world, &of_code).await;
        assert_eq!(listed.len(), 11);
        assert!(listed.iter().all(|view| view.code.as_ref() == Some(code)));
        assert_pages(&world, &of_code, &ids(&listed)).await;
        let both = ReferralFilter {
            referrer: Some(anna.clone()),
            ..of_code
        };
        assert_eq!(all(&world, &both).await, listed, "{place}");
    }
    let whole = all(&world, &of_program()).await;
    assert!(whole.iter().all(|view| view.referrer == anna));
}

#[tokio::test]
async fn filters_hold_together() {
    let (world, [anna, dora], codes) = world(false).await;
    let converted = ReferralFilter {
        status: Some(ReferralStatus::Converted),
        ..of_program()
    };
    let customers = |views: Vec<ReferralView>| -> Vec<String> {
        views.into_iter().filter_map(|view| view.customer).collect()
    };
    let expected = ["ref_16", "ref_12", "ref_8", "ref_4", "ref_0"];
    assert_eq!(customers(all(&world, &converted).await), expected);
    assert_pages_of_filter(&world, &converted).await;
    let range = ReferralFilter {
        created: TimeRange {
            gte: Some(minute(5)),
            lt: Some(minute(9)),
            ..TimeRange::default()
        },
        ..of_program()
    };
    assert_eq!(
        customers(all(&world, &range).await),
        ["ref_7", "ref_6", "ref_5", "ref_4"]
    );
    let of_anna = ReferralFilter {
        referrer: Some(anna.clone()),
        ..range
    };
    assert_eq!(customers(all(&world, &of_anna).await), ["ref_6", "ref_4"]);

    let referee = world.member("ref_4").await.account.id;
    let by_customer = ReferralFilter {
        customer: Some("ref_4".to_owned()),
        ..of_program()
    };
    let by_referee = ReferralFilter {
        referee: Some(referee.clone()),
        ..of_program()
    };
    let of_both = ReferralFilter {
        referee: Some(referee),
        ..by_customer.clone()
    };
    for filter in [&by_customer, &by_referee, &of_both] {
        assert_eq!(customers(all(&world, filter).await), ["ref_4"]);
    }
    let none = [
        ReferralFilter {
            referrer: Some(dora),
            ..by_customer.clone()
        },
        ReferralFilter {
            code: Some(codes[1].clone()),
            ..by_customer.clone()
        },
        ReferralFilter {
            status: Some(ReferralStatus::Attributed),
            ..by_customer.clone()
        },
        ReferralFilter {
            customer: Some("ref_5".to_owned()),
            ..of_both.clone()
        },
        ReferralFilter {
            customer: Some("nobody".to_owned()),
            ..of_program()
        },
        ReferralFilter {
            customer: Some("anna".to_owned()),
            ..of_program()
        },
        ReferralFilter {
            code: Some("NOBODY-7F3K".to_owned()),
            ..of_program()
        },
        ReferralFilter {
            code: Some("no code".to_owned()),
            ..of_program()
        },
        ReferralFilter {
            created: TimeRange {
                gt: Some(minute(5)),
                lt: Some(minute(5)),
                ..TimeRange::default()
            },
            ..of_program()
        },
    ];
    for filter in none {
        assert_eq!(all(&world, &filter).await, [], "{filter:?}");
    }
    for (param, filter) in [
        (
            "referrer",
            ReferralFilter {
                referrer: Some("loy_nobody".to_owned()),
                ..of_program()
            },
        ),
        (
            "referee",
            ReferralFilter {
                referee: Some("loy_nobody".to_owned()),
                ..of_program()
            },
        ),
    ] {
        let request = PageRequest::default();
        let refused = world.ledger.referrals(&filter, &request);
        let refused = refused.await.expect_err("no such account").refusal();
        assert_eq!(refused.code.as_str(), "resource_missing");
        assert_eq!(refused.param.as_deref(), Some(param));
    }
    for filter in [of_program(), by_customer, of_anna] {
        let request = PageRequest {
            starting_after: Some(format!("ref_nobody_{:0>26}", 1)),
            ..PageRequest::default()
        };
        let refused = world.ledger.referrals(&filter, &request).await;
        let refused = refused.expect_err("no such cursor").refusal();
        assert_eq!(refused.param.as_deref(), Some("starting_after"));
    }
}

async fn assert_pages_of_filter(world: &World, filter: &ReferralFilter) {
    let whole = ids(&all(world, filter).await);
    assert_pages(world, filter, &whole).await;
}

#[tokio::test]
async fn a_cursor_holds_its_place_while_others_come() {
    let (world, [anna, _], codes) = world(false).await;
    let of_anna = ReferralFilter {
        referrer: Some(anna),
        ..of_program()
    };
    world.clock.set(minute(25));
    for filter in [of_program(), of_anna] {
        let before = ids(&all(&world, &filter).await);
        let (first, _) = page(&world, &filter, 4, None).await;
        world
            .attribute(&format!("late_{}", before.len()), &codes[0])
            .await;
        let cursor = first[3].id.clone();
        let (rest, _) = page(&world, &filter, 1000, Some((&cursor, true))).await;
        assert_eq!(ids(&rest), before[4..]);
        let (newer, _) = page(&world, &filter, 1000, Some((&cursor, false))).await;
        assert_eq!(ids(&newer)[1..], before[..3]);
    }
}

#[tokio::test]
async fn a_page_takes_as_many_requests_as_one_referral() {
    let (world, _, _) = world(true).await;
    let requests = async |limit: usize| {
        let before = world.store.usage();
        let (data, _) = page(&world, &of_program(), limit, None).await;
        assert_eq!(data.len(), limit);
        world.store.usage().since(&before).total_requests()
    };
    let of_one = requests(1).await;
    assert!(requests(20).await <= of_one + 1, "one merge more to follow");
}
