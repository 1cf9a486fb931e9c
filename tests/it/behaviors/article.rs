//! What the article promises, each by configuration alone.

use laurel_tests::World;
use serde_json::{Value, json};

use super::{ANNA, import, points, rule, shop, trigger};
use crate::calls::{Call, process};

#[tokio::test]
async fn purchase_10_per_dollar_where_the_order_is_worth_anything() {
    let (_world, router) = shop().await;
    let earns = json!({"rsncPerDollar": 10, "conditions": "order_value > 0"});
    import(&router, json!({"purchase": earns})).await;
    for (metadata, expected) in [
        (json!({"order_value": 120.5}), 1205),
        (json!({"order_value": 0}), 0),
        (json!({"order_id": "without a value"}), 0),
    ] {
        let told = points(&router, "purchase", metadata.clone()).await;
        assert_eq!(told, expected, "{metadata}");
    }
}

#[tokio::test]
async fn signup_100_the_first_time_only() {
    let (_world, router) = shop().await;
    let earns = json!({"rsncFlat": 100, "conditions": "First-time only"});
    import(&router, json!({"signup": earns})).await;
    assert_eq!(points(&router, "signup", json!({})).await, 100);
    assert_eq!(points(&router, "signup", json!({"again": true})).await, 0);
}

#[tokio::test]
async fn referral_complete_500_when_the_referred_user_purchases() {
    let world = World::with(json!({"auto_enroll": true}), &[]).await;
    let router = process(&world, 0);
    let earns = json!({"rsncFlat": 500, "conditions": "Referred user purchases"});
    import(&router, json!({"referral_complete": earns})).await;
    let anna = json!({"customer": "anna", "email": ANNA, "metadata": {"name": "Anna"}});
    let anna = Call::post("/v1/loyalty/accounts", anna)
        .at(&router)
        .await
        .id();
    let code = Call::post("/v1/loyalty/referrals", json!({"referrer": anna}));
    let code = code.at(&router).await.body["code"].clone();
    let came = json!({"code": code, "customer": "ben"});
    let came = Call::post("/v1/loyalty/referrals/attribute", came)
        .at(&router)
        .await;
    assert_eq!(came.status, 200, "{came:?}");
    let balance = async |account: &str| {
        let path = format!("/v1/loyalty/accounts/{account}");
        Call::get(path).at(&router).await.body["balance"].clone()
    };
    assert_eq!(balance(&anna).await, 0);
    let data = json!({"id": "pay_1", "amount": 2500, "currency": "EUR", "customer": "ben"});
    let paid = json!({"type": "payment.completed", "data": data});
    for _ in 0..2 {
        let paid = Call::post("/v1/events", paid.clone()).at(&router).await;
        assert_eq!(paid.status, 200, "{paid:?}");
    }
    assert_eq!(balance(&anna).await, 500);
    let ben = came.body["referee"].as_str().expect("an account");
    assert_eq!(balance(ben).await, 0);
}

#[tokio::test]
async fn review_submitted_50_for_a_verified_purchase() {
    let (_world, router) = shop().await;
    let earns = json!({"rsncFlat": 50, "conditions": "Verified purchase"});
    import(&router, json!({"review_submitted": earns})).await;
    let review = "review_submitted";
    assert_eq!(points(&router, review, json!({"rating": 5})).await, 0);
    let told = json!({"rating": 5, "verified_purchase": true});
    assert_eq!(points(&router, review, told).await, 50);
    // From here on the member has bought something.
    assert_eq!(
        points(&router, "purchase", json!({"order_value": 5})).await,
        0
    );
    assert_eq!(points(&router, review, json!({"rating": 5})).await, 50);
    let denied = json!({"rating": 5, "verified_purchase": false});
    assert_eq!(points(&router, review, denied).await, 0);
}

/// "Bonus for High-Value Orders": the shop need not look at totals.
#[tokio::test]
async fn a_bonus_for_high_value_orders() {
    let (_world, router) = shop().await;
    let per_dollar = json!({"type": "per_amount", "per": 100, "points": 10});
    let base = json!({"trigger": "purchase", "award": per_dollar});
    rule(&router, base.clone()).await;
    let mut bonus = base;
    bonus["when"] = json!("order_value > 100");
    rule(&router, bonus).await;
    // The article's own event, with what it says of the bonus.
    let told = json!({
        "trigger": "high_value_purchase", "award": {"type": "per_amount", "per": 100, "points": 1},
        "multiplier": 2, "when": "bonus_multiplier == 2",
    });
    rule(&router, told).await;
    assert_eq!(
        points(&router, "purchase", json!({"order_value": 100})).await,
        1000
    );
    assert_eq!(
        points(&router, "purchase", json!({"order_value": 250})).await,
        5000
    );
    let sent = json!({"order_value": 250, "bonus_multiplier": 2});
    assert_eq!(points(&router, "high_value_purchase", sent).await, 500);
}

/// "Consecutive Engagement Rewards": the shop need not count days.
#[tokio::test]
async fn a_bonus_on_the_seventh_day_in_a_row() {
    let (world, router) = shop().await;
    let streak = json!({
        "trigger": "check_in", "award": {"type": "fixed", "points": 100},
        "streak": {"unit": "day", "length": 7, "repeat": true},
    });
    rule(&router, streak).await;
    let weekly = json!({
        "trigger": "weekly_streak", "award": {"type": "fixed", "points": 30},
        "when": "streak_length >= 7",
    });
    rule(&router, weekly).await;
    let mut earned = Vec::new();
    for day in 1..=15 {
        world
            .clock
            .set(laurel_tests::at(&format!("2026-12-{day:02}T09:00:00Z")));
        if points(&router, "check_in", json!({})).await > 0 {
            earned.push(day);
        }
    }
    assert_eq!(earned, [7, 14]);
    assert_eq!(
        points(&router, "weekly_streak", json!({"streak_length": 7})).await,
        30
    );
    assert_eq!(
        points(&router, "weekly_streak", json!({"streak_length": 6})).await,
        0
    );
}

/// "Achievement-Based Rewards": the shop need neither add up nor remember.
#[tokio::test]
async fn a_bonus_for_the_first_thousand() {
    let (_world, router) = shop().await;
    let milestone = json!({
        "trigger": "purchase", "award": {"type": "fixed", "points": 1000},
        "milestone": {"stat": "purchase.sum", "at": [100_000]},
    });
    rule(&router, milestone).await;
    let told = json!({
        "trigger": "milestone_1000", "award": {"type": "fixed", "points": 70},
        "when": "total_spend >= 1000", "cap": {"awards": 1},
    });
    rule(&router, told).await;
    let mut earned = Vec::new();
    for order_value in [400, 599, 1, 900] {
        earned.push(points(&router, "purchase", json!({"order_value": order_value})).await);
    }
    assert_eq!(earned, [0, 0, 1000, 0]);
    for expected in [70, 0] {
        let sent = json!({"total_spend": 1000});
        assert_eq!(points(&router, "milestone_1000", sent).await, expected);
    }
}

/// "Rich event metadata": each of its fields is there for conditions.
#[tokio::test]
async fn conditions_see_all_of_the_metadata() {
    let (_world, router) = shop().await;
    let metadata = json!({
        "order_id": "order_1",
        "order_value": 250,
        "items": [
            {"product_id": "prod_1", "category": "shoes", "quantity": 2},
            {"product_id": "prod_2", "category": "socks", "quantity": 1},
        ],
        "coupon_used": "SUMMER",
        "first_purchase": true,
        "acquisition_source": "newsletter",
    });
    let conditions = [
        ("order_id == 'order_1'", 1),
        ("order_value >= 250 && event.amount == 25000", 2),
        (
            "items.exists(i, i.category == 'shoes' && i.quantity >= 2)",
            4,
        ),
        ("coupon_used.startsWith('SUM')", 8),
        ("first_purchase", 16),
        ("acquisition_source in ['newsletter', 'ads']", 32),
        ("coupon_used == null", 1024),
        ("items.exists(i, i.product_id == 'prod_3')", 2048),
    ];
    for (when, points) in conditions {
        let award = json!({"type": "fixed", "points": points});
        rule(
            &router,
            json!({"trigger": "purchase", "award": award, "when": when}),
        )
        .await;
    }
    assert_eq!(points(&router, "purchase", metadata).await, 63);
    let answer = trigger(&router, "purchase", json!({"coupon_used": Value::Null})).await;
    assert_eq!(answer.body["points"], 1024);
}
