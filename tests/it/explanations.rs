//! Transactions in words, as the API answers them.

use laurel_tests::{World, payment, refund};
use serde_json::{Value, json};

use crate::calls::{Call, process};

const BASE: &str = "/v1/loyalty/transactions";

async fn world() -> World {
    let rule = json!({"id": "rule_euro", "name": "1 point per euro",
        "award": {"type": "per_amount", "per": 100, "points": 1}});
    World::with(json!({"auto_enroll": true}), &[rule]).await
}

#[tokio::test]
async fn a_transaction_says_how_it_came_about_where_that_is_asked_for() {
    let world = world().await;
    let router = process(&world, 0);
    let campaign = json!({"id": "camp_1", "name": "Double points", "multiplier": 2});
    let made = Call::post("/v1/loyalty/campaigns", campaign);
    assert_eq!(made.at(&router).await.status, 201);
    world
        .apply(payment("pay_1", "cust_1", 4200))
        .await
        .expect("earns");
    world
        .apply(refund("re_1", "pay_1", Some(1000)))
        .await
        .expect("reverses");
    let member = world.member("cust_1").await.account.id;
    let log = world.log(&member).await;
    let ids: Vec<String> = log.iter().map(|view| view.id().to_string()).collect();

    let plain = Call::get(format!("{BASE}/{}", ids[0]))
        .at(&router)
        .await
        .body;
    assert_eq!(plain["calculation"].get("explanation"), None);
    let path = format!("{BASE}/{}?expand[]=calculation", ids[0]);
    let mut told = Call::get(path).at(&router).await.body;
    let sentences = told["calculation"]["explanation"].take();
    assert_eq!(
        sentences,
        json!([
            "The rule \"1 point per euro\" (version 1) rewards the payment `pay_1` of €42.00.",
            "It gives 1 point for each €1.00: 42 points.",
            "The campaign \"Double points\" doubles that: 84 points.",
            "So it gave 84 points.",
            "The balance right after was 84 points.",
        ])
    );
    // Nothing else is another.
    told["calculation"]
        .as_object_mut()
        .expect("a trace")
        .remove("explanation");
    assert_eq!(told, plain);

    // What no rule gave says nothing but that; brackets may be left out.
    let path = format!("{BASE}/{}?expand=calculation", ids[1]);
    let told = Call::get(path).at(&router).await.body;
    let expected = json!({"explanation": [
        "The refund `re_1` of the payment `pay_1` takes back 20 of the 84 points that the rule \
         \"1 point per euro\" (version 1) gave on 20 November 2026, 11:00 (UTC).",
        "The balance right after was 64 points.",
    ]});
    assert_eq!(told["calculation"], expected);

    // A list takes one request more, for all of them.
    let usage = world.store.usage();
    let list = Call::get(format!("{BASE}?account={member}"));
    let list = list.at(&router).await.body;
    let without = world.store.usage().since(&usage).total_requests();
    let usage = world.store.usage();
    let path = format!("{BASE}?account={member}&expand[]=data.calculation");
    let told = Call::get(path).at(&router).await.body;
    let with = world.store.usage().since(&usage).total_requests();
    assert_eq!(with, without + 1);
    assert_eq!(told["data"][0]["calculation"], expected);
    assert_eq!(told["data"][1]["calculation"]["explanation"], sentences);
    assert_eq!(list["data"][0]["calculation"], Value::Null);
}

#[tokio::test]
async fn names_that_are_gone_are_ids_and_merged_logs_are_read() {
    let world = world().await;
    let router = process(&world, 0);
    world
        .apply(payment("pay_1", "cust_1", 4200))
        .await
        .expect("earns");
    let guest = world.member("cust_1").await.account.id;
    let family = world.create("cust_2").await;
    world.merge(&guest, &family).await;
    world
        .apply(refund("re_1", "pay_1", None))
        .await
        .expect("reverses");
    let path = format!("{BASE}?account={family}&expand[]=data.calculation&type=reverse");
    let told = Call::get(path).at(&router).await.body;
    let first = told["data"][0]["calculation"]["explanation"][0].as_str();
    assert_eq!(
        first,
        Some(
            "The refund `re_1` of the payment `pay_1` takes back 42 of the 42 points that the rule \
             \"1 point per euro\" (version 1) gave on 20 November 2026, 11:00 (UTC)."
        )
    );
}

#[tokio::test]
async fn nothing_else_can_be_expanded() {
    let world = world().await;
    let router = process(&world, 0);
    let member = world.create("cust_1").await;
    for (query, param) in [
        ("expand[]=account", "expand"),
        ("expand=calculations", "expand"),
        ("expand[]=data.calculation", "expand"),
        ("expand[]=calculation&expand[]=calculation", "expand"),
        ("expand=", "expand"),
        ("expands[]=calculation", "expands"),
    ] {
        let answer = Call::get(format!("{BASE}/ptx_1_1_0?{query}"))
            .at(&router)
            .await;
        assert_eq!(
            (answer.status, &answer.body["error"]["param"]),
            (400, &json!(param)),
            "{query}"
        );
    }
    let list = Call::get(format!("{BASE}?account={member}&expand[]=calculation"));
    let list = list.at(&router).await;
    assert_eq!((list.status, list.code()), (400, "parameter_invalid"));
}
