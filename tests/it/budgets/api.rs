//! Campaigns and budgets over HTTP.

use laurel_tests::payment;
use serde_json::{Value, json};

use crate::http::Site;

async fn made(site: &Site, path: &str, body: Value) -> Value {
    let (status, answer) = site.post(path, body).await;
    assert!(status.is_success(), "{answer}");
    answer
}

#[tokio::test]
async fn multipliers_of_rule_and_campaigns_stack_and_are_rounded_once() {
    let site = Site::new().await;
    let rule = json!({
        "trigger": "payment.completed", "multiplier": 2,
        "award": {"type": "per_amount", "per": 100, "points": 1},
    });
    made(&site, "/v1/loyalty/earning_rules", rule).await;
    let first = made(&site, "/v1/loyalty/campaigns", json!({"multiplier": 1.5})).await;
    let second = json!({"multiplier": 3, "name": "Triple", "budget": {"points": 1000}});
    let second = made(&site, "/v1/loyalty/campaigns", second).await;
    // 1 point per euro × 2 × 1.5 × 3 on 10.50 is 94.5.
    let outcome = made(&site, "/v1/events", payment("pay_1", "cust_1", 1050)).await;
    let id = outcome["transactions"][0].as_str().expect("an award");
    let (_, award) = site.get(&format!("/v1/loyalty/transactions/{id}")).await;
    assert_eq!(award["amount"], 94);
    assert_eq!(award["calculation"]["exact"], "94.5");
    let origins: Vec<&Value> = award["calculation"]["multipliers"]
        .as_array()
        .expect("multipliers")
        .iter()
        .map(|it| &it["id"])
        .collect();
    assert_eq!(origins[1..], [&first["id"], &second["id"]]);
    // The second added what is over the 31 of the others.
    let budget = format!(
        "/v1/loyalty/campaigns/{}/budget",
        second["id"].as_str().expect("id")
    );
    let (_, budget) = site.get(&budget).await;
    assert_eq!(budget["used"], 94 - 31);
    assert_eq!(budget["remaining"], 1000 - 63);
    assert_eq!(budget["window"], "lifetime");
    let told = &award["calculation"]["budgets"][0];
    assert_eq!(told["campaign"], second["id"]);
    assert_eq!(told["granted_points"], 63);
}

#[tokio::test]
async fn a_gold_member_under_a_doubling_rule_at_a_tripling_weekend() {
    let site = Site::new().await;
    let rule = json!({
        "trigger": "payment.completed", "multiplier": 2,
        "award": {"type": "per_amount", "per": 100, "points": 1},
    });
    let rule = made(&site, "/v1/loyalty/earning_rules", rule).await;
    for (key, threshold, multiplier) in [("silver", 0, "1"), ("gold", 200, "1.5")] {
        let tier = json!({
            "key": key, "name": key, "threshold": threshold, "multiplier": multiplier,
        });
        made(&site, "/v1/loyalty/tiers", tier).await;
    }
    // The payment that makes her a gold member earns as silver.
    let crossing = payment("pay_1", "cust_1", 10_000);
    let outcome = made(&site, "/v1/events", crossing).await;
    let account = outcome["account"].as_str().expect("an account");
    let path = format!("/v1/loyalty/accounts/{account}");
    let (_, member) = site.get(&path).await;
    assert_eq!(
        (&member["tier"], &member["balance"]),
        (&json!("gold"), &json!(200))
    );
    let weekend = json!({
        "multiplier": 3, "schedule": {"weekdays": ["friday", "saturday", "sunday"]},
    });
    let weekend = made(&site, "/v1/loyalty/campaigns", weekend).await;
    // 20 November 2026 is a Friday.
    let outcome = made(&site, "/v1/events", payment("pay_2", "cust_1", 1050)).await;
    let id = outcome["transactions"][0].as_str().expect("an award");
    let (_, award) = site.get(&format!("/v1/loyalty/transactions/{id}")).await;
    assert_eq!(award["amount"], 94);
    let multipliers = award["calculation"]["multipliers"].as_array();
    let multipliers: Vec<(&Value, &Value)> = multipliers
        .expect("multipliers")
        .iter()
        .map(|it| (&it["id"], &it["value"]))
        .collect();
    let expected = [
        (&rule["id"], &json!(2)),
        (&json!("gold"), &json!(1.5)),
        (&weekend["id"], &json!(3)),
    ];
    assert_eq!(multipliers, expected);
}

#[tokio::test]
async fn an_award_that_a_budget_cut_says_so_as_a_cap_does() {
    let site = Site::new().await;
    let rule = json!({
        "trigger": "payment.completed",
        "award": {"type": "per_amount", "per": 100, "points": 1},
    });
    made(&site, "/v1/loyalty/earning_rules", rule).await;
    let program = "/v1/loyalty/programs/prog_default";
    let limit = json!({"budget": {"points": 50, "window": "month"}});
    let changed = made(&site, program, limit.clone()).await;
    assert_eq!(changed["budget"], limit["budget"]);
    let outcome = made(&site, "/v1/events", payment("pay_1", "cust_1", 8000)).await;
    let id = outcome["transactions"][0].as_str().expect("an award");
    let (_, award) = site.get(&format!("/v1/loyalty/transactions/{id}")).await;
    assert_eq!(award["amount"], 50);
    assert_eq!(
        award["metadata"],
        json!({"capped": true, "uncapped_points": 80})
    );
    let (_, budget) = site.get(&format!("{program}/budget")).await;
    assert_eq!(budget["used"], 50);
    assert_eq!(budget["remaining"], 0);
    assert_eq!(budget["starts_at"], "2026-11-01T00:00:00Z");
    assert_eq!(budget["campaign"], Value::Null);
    // The same limit again is no change; without a limit there is nothing to show.
    made(&site, program, limit).await;
    made(&site, program, json!({"budget": null})).await;
    let (status, _) = site.get(&format!("{program}/budget")).await;
    assert_eq!(status.as_u16(), 404);
}
