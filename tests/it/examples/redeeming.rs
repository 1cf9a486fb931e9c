//! Rewards and redemptions.

use serde_json::{Value, json};

use super::Recorder;

pub(super) async fn record(r: &mut Recorder) {
    // One after the other, not within each other: debug builds have large frames.
    let (five_off, ten_percent) = Box::pin(rewards(r)).await;
    let made = Box::pin(redemptions(r, &five_off, &ten_percent)).await;
    Box::pin(turns(r, &made)).await;
    Box::pin(checkout(r, &made)).await;
}

/// What was redeemed: at once, reserved, and as points that pay.
struct Made {
    account: String,
    redeemed: Value,
    reserved: Value,
    paid: Value,
}

async fn rewards(r: &mut Recorder) -> (String, String) {
    const REWARDS: &str = "/v1/loyalty/rewards";
    let reward = json!({"type": "discount_amount", "name": "€5 off", "cost": 20, "amount": 500,
        "currency": "EUR", "stock": 1000, "valid_for": "P30D",
        "limit": {"redemptions": 5, "window": "month"}});
    let made = r
        .call("€5 off an order", ("POST", REWARDS), Some(reward), 201)
        .await;
    let five_off = r.name(&made, "rwd_FiveOff");
    let pool = json!({"type": "discount_percent", "name": "10 % off", "cost": 10, "percent": 10,
        "code_pool": true});
    let made = r
        .call(
            "10 % off, with codes of your own",
            ("POST", REWARDS),
            Some(pool),
            201,
        )
        .await;
    let ten_percent = r.name(&made, "rwd_TenPercent");
    let wrong = json!({"type": "free_product", "name": "A mug", "cost": 300, "amount": 5});
    r.call(
        "A type lacks its field",
        ("POST", REWARDS),
        Some(wrong),
        400,
    )
    .await;
    let one = format!("{REWARDS}/{ten_percent}");
    r.call("A reward", ("GET", &one), None, 200).await;
    let codes = json!({"codes": ["WINTER-7Q2K", "WINTER-M4XW", "winter7q2k"]});
    r.call(
        "Three, of which two are the same",
        ("POST", &format!("{one}/codes")),
        Some(codes),
        200,
    )
    .await;
    r.call(
        "A cap on the discount",
        ("POST", &one),
        Some(json!({"max_amount": 2000})),
        200,
    )
    .await;
    r.call("No stock", ("PATCH", &one), Some(json!({"stock": 0})), 200)
        .await;
    r.call("A page", ("GET", &format!("{REWARDS}?limit=1")), None, 200)
        .await;
    r.call("Deactivated", ("DELETE", &one), None, 200).await;
    (five_off, ten_percent)
}

const BASE: &str = "/v1/loyalty/redemptions";

async fn redemptions(r: &mut Recorder, reward: &str, over: &str) -> Made {
    let member = json!({"customer": "cust_redeems"});
    let member = r
        .call(
            "Another",
            ("POST", "/v1/loyalty/accounts"),
            Some(member),
            201,
        )
        .await;
    let account = r.name(&member, "loy_9TreW4xQ2k");
    let gift = json!({"account": account, "type": "adjust", "amount": 100, "reason": "Welcome"});
    r.call(
        "Points by hand",
        ("POST", "/v1/loyalty/transactions"),
        Some(gift),
        201,
    )
    .await;

    let now = json!({"account": account, "reward": reward});
    let redeemed = r.call("At once", ("POST", BASE), Some(now), 201).await;
    let later = json!({"account": account, "reward": reward, "capture": false, "ttl_minutes": 15});
    let reserved = r.call("Reserved", ("POST", BASE), Some(later), 201).await;
    let rate = json!({"redeem_rate": {"points": 100, "amount": 100, "currency": "EUR"}});
    r.call(
        "What points are worth",
        ("POST", "/v1/loyalty/programs/prog_default"),
        Some(rate),
        200,
    )
    .await;
    let pay = json!({"account": account, "points": 30, "currency": "EUR", "order_amount": 4000});
    let paid = r
        .call("Pay with points", ("POST", BASE), Some(pay), 201)
        .await;
    let much = json!({"account": account, "points": 500, "currency": "EUR"});
    r.call("More than there is", ("POST", BASE), Some(much), 409)
        .await;
    let over = json!({"account": account, "reward": over});
    r.call("It is no longer on offer", ("POST", BASE), Some(over), 409)
        .await;

    Made {
        account,
        redeemed,
        reserved,
        paid,
    }
}

fn one(redemption: &Value) -> String {
    format!("{BASE}/{}", redemption["id"].as_str().expect("an id"))
}

async fn turns(r: &mut Recorder, made: &Made) {
    let Made {
        account, reserved, ..
    } = made;
    r.call("A redemption", ("GET", &one(reserved)), None, 200)
        .await;
    r.call(
        "For good",
        ("POST", &format!("{}/confirm", one(reserved))),
        None,
        200,
    )
    .await;
    r.call(
        "Not needed after all",
        ("POST", &format!("{}/cancel", one(reserved))),
        None,
        200,
    )
    .await;
    r.call(
        "It was canceled",
        ("POST", &format!("{}/confirm", one(reserved))),
        None,
        409,
    )
    .await;
    let path = format!("{BASE}?account={account}&status=confirmed");
    r.call("A member's", ("GET", &path), None, 200).await;
}

async fn checkout(r: &mut Recorder, made: &Made) {
    let Made { redeemed, paid, .. } = made;
    let order = json!({"amount": 4000, "currency": "EUR"});
    let validate = format!("{BASE}/validate");
    let code = json!({"code": redeemed["code"], "order": order});
    r.call("What it takes off", ("POST", &validate), Some(code), 200)
        .await;
    let unknown = json!({"code": "7Q2K-M4XW-9TRX", "order": order});
    r.call("No such code", ("POST", &validate), Some(unknown), 200)
        .await;
    let path = format!("{BASE}/use");
    let code = json!({"code": redeemed["code"], "order": order});
    r.call("A code", ("POST", &path), Some(code.clone()), 200)
        .await;
    r.call("It counts once", ("POST", &path), Some(code), 409)
        .await;
    r.call(
        "Points that pay",
        ("POST", &format!("{}/use", one(paid))),
        None,
        200,
    )
    .await;
}
