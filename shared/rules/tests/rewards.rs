//! Worked examples of rewards, from what other systems publish of theirs.

use laurel_rules::{
    checkout::{Order, Worthless},
    event::LineItem,
    exact::Factor,
    pay_with_points::PointsPayment,
    program::RedeemRate,
    redemption::{Redemption, RedemptionStatus, lookup_form},
    reward::Value,
};
use serde_json::json;

fn redemption(value: &serde_json::Value) -> Redemption {
    let redemption = json!({
        "id": "rdm_a_00000000000000000000000000", "program": "prog_1", "account": "loy_a",
        "version": 1, "status": "confirmed", "points": 10, "value": value,
        "created": "2026-11-20T12:00:00Z",
    });
    serde_json::from_value(redemption).expect("a redemption")
}

fn order(amount: i64, currency: &str) -> Order {
    Order {
        amount,
        currency: currency.to_owned(),
        line_items: None,
    }
}

fn item(product: &str, quantity: i64, amount: i64) -> LineItem {
    LineItem {
        product: Some(product.to_owned()),
        category: None,
        quantity,
        amount,
    }
}

/// What a confirmed redemption takes off an order, in minor units.
#[test]
fn discounts_table() {
    let now = "2026-11-20T12:00:00Z".parse().expect("a time");
    let ten = json!({"type": "discount_percent", "percent": 10});
    let quarter = json!({"type": "discount_percent", "percent": 25});
    let capped = json!({"type": "discount_percent", "percent": 20, "max_amount": 1500});
    let odd = json!({"type": "discount_percent", "percent": 12.5});
    let five = json!({"type": "discount_amount", "amount": 500, "currency": "EUR"});
    let table = [
        // Square: 10 points for 10 % off the entire sale
        // (https://developer.squareup.com/docs/loyalty-api/walkthrough1).
        (&ten, order(4000, "USD"), Ok(400)),
        // Square's reward tier of 30 points: 25 % off the entire sale
        // (https://developer.squareup.com/docs/loyalty-api/loyalty-programs).
        (&quarter, order(1999, "USD"), Ok(499)),
        // A share is rounded down, and stays below its cap.
        (&odd, order(999, "JPY"), Ok(124)),
        (&capped, order(7500, "EUR"), Ok(1500)),
        (&capped, order(7499, "EUR"), Ok(1499)),
        // An amount takes off no more than there is to pay, in its own currency.
        (&five, order(4000, "EUR"), Ok(500)),
        (&five, order(499, "EUR"), Ok(499)),
        (&five, order(0, "EUR"), Ok(0)),
        (&five, order(4000, "USD"), Err(Worthless::CurrencyMismatch)),
    ];
    for (value, order, expected) in table {
        let worth = redemption(value).worth(&order, now);
        let got = worth.reason.map_or(Ok(worth.discount_amount), Err);
        assert_eq!(got, expected, "{value} of {order:?}");
    }
}

/// Square's second walkthrough: points buy one free coffee
/// (<https://developer.squareup.com/docs/loyalty-api/walkthrough2-redeem-points>).
#[test]
fn a_free_product_is_worth_one_of_it() {
    let now = "2026-11-20T12:00:00Z".parse().expect("a time");
    let coffee = redemption(&json!({"type": "free_product", "product": "coffee"}));
    let table = [
        (Some(vec![item("coffee", 1, 350)]), Ok(350)),
        (
            Some(vec![item("cake", 1, 500), item("coffee", 3, 1000)]),
            Ok(333),
        ),
        (
            Some(vec![item("cake", 1, 500)]),
            Err(Worthless::ProductMissing),
        ),
        (
            Some(vec![item("coffee", 0, 0)]),
            Err(Worthless::ProductMissing),
        ),
        // Nobody said what is bought: the checkout knows by the redemption's value.
        (None, Ok(0)),
    ];
    for (line_items, expected) in table {
        let order = Order {
            line_items: line_items.clone(),
            ..order(5000, "EUR")
        };
        let worth = coffee.worth(&order, now);
        let got = worth.reason.map_or(Ok(worth.discount_amount), Err);
        assert_eq!(got, expected, "{line_items:?}");
    }
}

#[test]
fn what_counts_at_a_checkout_table() {
    let at = |text: &str| text.parse().expect("a time");
    let base = Redemption {
        valid_until: Some(at("2026-12-20T12:00:00Z")),
        min_order_amount: Some(2000),
        expires_at: Some(at("2026-11-20T12:30:00Z")),
        ..redemption(&json!({"type": "discount_amount", "amount": 500, "currency": "EUR"}))
    };
    let (before, end) = ("2026-12-20T11:59:59.999Z", "2026-12-20T12:00:00Z");
    use RedemptionStatus::{Canceled, Confirmed, Expired, Reserved, Used};
    let table = [
        (Confirmed, before, 2000, None),
        (Confirmed, before, 1999, Some(Worthless::BelowMinimum)),
        (Confirmed, end, 2000, Some(Worthless::Expired)),
        (
            Reserved,
            "2026-11-20T12:29:59.999Z",
            2000,
            Some(Worthless::NotConfirmed),
        ),
        (
            Reserved,
            "2026-11-20T12:30:00Z",
            2000,
            Some(Worthless::Expired),
        ),
        (Canceled, before, 2000, Some(Worthless::Canceled)),
        (Expired, before, 2000, Some(Worthless::Expired)),
        (Used, before, 2000, Some(Worthless::Used)),
    ];
    for (status, now, amount, expected) in table {
        let redemption = Redemption {
            status,
            ..base.clone()
        };
        let worth = redemption.worth(&order(amount, "EUR"), at(now));
        assert_eq!(worth.reason, expected, "{status:?} {now} {amount}");
    }
}

fn rate(points: i64, amount: i64) -> RedeemRate {
    RedeemRate {
        points,
        amount,
        currency: "USD".to_owned(),
        minimum_points: None,
        maximum_percent: None,
    }
}

/// What points pay at a rate, in minor units.
#[test]
fn pay_with_points_table() {
    let half = Factor::parse("50").expect("a factor");
    let capped = RedeemRate {
        minimum_points: Some(100),
        maximum_percent: Some(half),
        ..rate(100, 100)
    };
    let table = [
        // Open Loyalty's conversion coupon with one dollar for a point
        // (https://help.openloyalty.io/main-features/rewards/reward-list/units-conversion-coupon).
        (rate(1, 100), 50, None, Ok(5000)),
        // Its rounding "rounddown": what does not make a whole cent buys nothing.
        (rate(3, 2), 100, None, Ok(66)),
        (rate(3, 2), 1, None, Err("points")),
        (rate(3, 2), 2, None, Ok(1)),
        // At most half of the order, and at least 100 points.
        (capped.clone(), 2000, Some(4000), Ok(2000)),
        (capped.clone(), 2001, Some(4000), Err("points")),
        (capped.clone(), 99, Some(4000), Err("points")),
        (capped, 200, None, Err("order_amount")),
        // Never more than the order.
        (rate(1, 1), 4001, Some(4000), Err("points")),
        (rate(1, i64::MAX), i64::MAX, Some(4000), Err("points")),
    ];
    for (rate, points, order_amount, expected) in table {
        let payment = PointsPayment {
            points,
            currency: "USD".to_owned(),
            order_amount,
        };
        let got = match rate.price(&payment) {
            Ok(Value::DiscountAmount { amount, .. }) => Ok(amount),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => Err(refusal.param.expect("a field")),
        };
        assert_eq!(
            got,
            expected.map_err(str::to_owned),
            "{points} {order_amount:?}"
        );
    }
}

#[test]
fn codes_are_looked_up_without_case_and_dashes() {
    for spelt in ["7Q2K-M4XW-9TRE", "7q2km4xw9tre", "7Q2-KM4-XW9-TRE"] {
        assert_eq!(
            lookup_form("code", spelt).as_deref(),
            Ok("7Q2KM4XW9TRE"),
            "{spelt}"
        );
    }
    let long = "x".repeat(65);
    for wrong in ["", "---", "abc", "a b c d", "AB#CD", "ABCD\u{e9}", &long] {
        assert!(lookup_form("code", wrong).is_err(), "{wrong}");
    }
}
