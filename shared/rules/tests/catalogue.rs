//! What rewards, tiers and rules of a catalog may be, to the very ends of it.

use jiff::Timestamp;
use laurel_rules::{
    Code, POINTS_MAX, Refusal, Reward, Rule, Tier, redemption::RedemptionId, reward::Value as Worth,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// The object with some fields instead of its own.
fn changed<T: DeserializeOwned>(mut object: Value, change: &Value) -> T {
    let fields = change.as_object().expect("fields").clone();
    object.as_object_mut().expect("fields").extend(fields);
    serde_json::from_value(object).expect("an object")
}

fn reward(change: &Value) -> Reward {
    let reward = json!({
        "id": "rwd_1", "program": "prog_1", "name": "Coffee", "cost": 10,
        "value": {"type": "custom"}, "code_pool": false, "active": true, "version": 1,
        "created": "2026-11-20T12:00:00Z",
    });
    changed(reward, change)
}

fn param(checked: Result<(), Refusal>) -> Option<String> {
    checked.err().and_then(|refusal| refusal.param)
}

#[test]
fn rewards_table() {
    let percent = |percent: Value, max_amount: Value| json!({"value": {"type": "discount_percent", "percent": percent, "max_amount": max_amount}});
    let amount = |kind: &str, amount: i64| json!({"value": {"type": kind, "amount": amount, "currency": "EUR"}});
    let (early, late) = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    for change in [
        json!({}),
        json!({"cost": 0, "stock": 0, "min_order_amount": 0}),
        json!({"cost": POINTS_MAX, "stock": POINTS_MAX, "min_order_amount": POINTS_MAX}),
        amount("discount_amount", 1),
        amount("store_credit", POINTS_MAX),
        percent(json!(0.01), json!(1)),
        percent(json!(100), Value::Null),
        json!({"limit": {"redemptions": 1, "window": "day", "rolling": false}}),
        json!({"starts_at": early, "ends_at": late}),
        json!({"code": {"length": 8, "prefix": "A"}}),
        json!({"code": {"length": 24, "prefix": "A".repeat(16)}}),
        json!({"code_pool": true}),
    ] {
        assert_eq!(param(reward(&change).check()), None, "{change}");
    }
    let credit = json!({"type": "store_credit", "amount": 5, "currency": "EUR"});
    for (change, at_fault) in [
        (json!({"id": ""}), "id"),
        (json!({"cost": -1}), "cost"),
        (json!({"cost": POINTS_MAX + 1}), "cost"),
        (json!({"stock": -1}), "stock"),
        (json!({"min_order_amount": -1}), "min_order_amount"),
        (amount("discount_amount", 0), "amount"),
        (amount("store_credit", 0), "amount"),
        (percent(json!(0), Value::Null), "percent"),
        (percent(json!(100.01), Value::Null), "percent"),
        (percent(json!(50), json!(0)), "max_amount"),
        (
            json!({"value": {"type": "free_product", "product": ""}}),
            "product",
        ),
        (
            json!({"limit": {"redemptions": 0, "window": "day", "rolling": false}}),
            "limit.redemptions",
        ),
        (json!({"starts_at": late, "ends_at": late}), "ends_at"),
        (json!({"code": {"length": 7}}), "code.length"),
        (json!({"code": {"length": 25}}), "code.length"),
        (json!({"code": {"length": 12, "prefix": ""}}), "code.prefix"),
        (
            json!({"code": {"length": 12, "prefix": "A".repeat(17)}}),
            "code.prefix",
        ),
        (
            json!({"code": {"length": 12, "prefix": "A-"}}),
            "code.prefix",
        ),
        (json!({"code_pool": true, "value": credit}), "code_pool"),
    ] {
        let found = param(reward(&change).check());
        assert_eq!(found.as_deref(), Some(at_fault), "{change}");
    }
    assert!(
        !Worth::StoreCredit {
            amount: 5,
            currency: "EUR".to_owned()
        }
        .has_code()
    );
    assert!(Worth::Custom.has_code());
}

#[test]
fn a_reward_can_be_had_from_its_start_to_before_its_end() {
    let (start, end) = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    let between = reward(&json!({"starts_at": start, "ends_at": end}));
    for (now, is_available) in [
        ("2026-11-19T23:59:59.999Z", false),
        (start, true),
        ("2026-11-20T23:59:59.999Z", true),
        (end, false),
    ] {
        let checked = between.check_available(at(now));
        assert_eq!(checked.is_ok(), is_available, "{now}");
        if let Err(refusal) = checked {
            assert_eq!(refusal.code, Code::RewardUnavailable);
            assert_eq!(refusal.param.as_deref(), Some("reward"));
        }
    }
    let off = reward(&json!({"active": false}));
    assert!(off.check_available(at(start)).is_err());
    assert!(reward(&json!({})).check_available(at(start)).is_ok());
}

#[test]
fn tiers_table() {
    let tier = |key: &str, threshold: i64| -> Tier {
        let tier = json!({
            "id": "tier_1", "program": "prog_1", "name": "Gold", "multiplier": 1,
            "version": 1, "created": "2026-11-20T12:00:00Z",
        });
        changed(tier, &json!({"key": key, "threshold": threshold}))
    };
    let longest = "a".repeat(40);
    for (key, threshold) in [("gold", 0), ("g", POINTS_MAX), ("a_b-1", 1), (&longest, 1)] {
        assert_eq!(param(tier(key, threshold).check()), None, "{key}");
    }
    let too_long = "a".repeat(41);
    for (key, threshold, at_fault) in [
        ("", 1, "key"),
        ("Gold", 1, "key"),
        ("go ld", 1, "key"),
        ("göld", 1, "key"),
        (&too_long, 1, "key"),
        ("gold", -1, "threshold"),
        ("gold", POINTS_MAX + 1, "threshold"),
    ] {
        let found = param(tier(key, threshold).check());
        assert_eq!(found.as_deref(), Some(at_fault), "{key} {threshold}");
    }
    let others = [tier("silver", 100), tier("gold", 500)];
    let found = param(tier("bronze", 500).check_beside(others.iter()));
    assert_eq!(found.as_deref(), Some("threshold"));
    assert_eq!(param(tier("bronze", 499).check_beside(others.iter())), None);
}

#[test]
fn rules_have_names_and_waits_that_end() {
    let rule = |change: Value| {
        let rule = json!({
            "id": "rule_1", "program": "prog_1", "trigger": "signup", "active": true,
            "award": {"type": "fixed", "points": 1}, "version": 1,
            "created": "2026-11-20T12:00:00Z",
        });
        param(changed::<Rule>(rule, &change).check())
    };
    let (early, late) = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    for change in [
        json!({"name": "ä".repeat(200)}),
        json!({"pending_days": 3650}),
        json!({"starts_at": early, "ends_at": late}),
    ] {
        assert_eq!(rule(change.clone()), None, "{change}");
    }
    for (change, at_fault) in [
        (json!({"name": "ä".repeat(201)}), "name"),
        (json!({"pending_days": 3651}), "pending_days"),
        (json!({"starts_at": late, "ends_at": late}), "ends_at"),
        (json!({"starts_at": late, "ends_at": early}), "ends_at"),
        (json!({"trigger": "Sign up"}), "trigger"),
        (json!({"recipient": "referrer"}), "recipient"),
    ] {
        assert_eq!(rule(change.clone()).as_deref(), Some(at_fault), "{change}");
    }
}

#[test]
fn ids_of_redemptions_lead_to_their_account() {
    let place = "01jbkq3v5c8d1f4g7h9k2m5n8p";
    let read = RedemptionId::parse(&format!("rdm_a_b_{place}")).expect("an id");
    assert_eq!(
        (read.account.as_str(), read.place.as_str()),
        ("loy_a_b", place)
    );
    assert_eq!(read.to_string(), format!("rdm_a_b_{place}"));
    for none in [
        format!("loy_a_{place}"),
        format!("rdm_{place}"),
        format!("rdm__{place}"),
        format!("rdm_a_{}", &place[1..]),
        format!("rdm_a_{place}0"),
        format!("rdm_a_{}-", &place[1..]),
        format!("rdm_a b_{place}"),
        String::new(),
    ] {
        assert_eq!(RedemptionId::parse(&none), None, "{none}");
    }
}

#[test]
fn errors_are_of_these_families() {
    for (code, family, status) in [
        (Code::ApiKeyMissing, "authentication_error", 401),
        (Code::ApiKeyInvalid, "authentication_error", 401),
        (Code::IdempotencyKeyReused, "idempotency_error", 409),
        (Code::RateLimited, "rate_limit_error", 429),
        (Code::Internal, "api_error", 500),
        (Code::Unavailable, "api_error", 503),
        (Code::ParameterInvalid, "invalid_request_error", 400),
        (Code::Conflict, "invalid_request_error", 409),
        (Code::BodyTooLarge, "invalid_request_error", 413),
    ] {
        assert_eq!((code.kind(), code.status()), (family, status), "{code:?}");
        let refusal = Refusal::new(code, "Why, in words.");
        assert!(refusal.to_string().contains("Why, in words."));
    }
}
