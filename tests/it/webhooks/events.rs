//! `GET /v1/events`: what was emitted, newest first.

use std::time::Duration;

use serde_json::{Value, json};

use super::bench::Bench;

fn ids(list: &Value) -> Vec<String> {
    let data = list["data"].as_array().expect("a list");
    data.iter()
        .map(|event| event["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// Walks a whole list in pages of two, forward and back.
async fn walk(bench: &Bench, path: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    loop {
        let cursor = all
            .last()
            .map_or(String::new(), |id| format!("&starting_after={id}"));
        let page = bench.get(&format!("{path}&limit=2{cursor}")).await;
        all.extend(ids(&page));
        if page["has_more"] == json!(false) {
            break;
        }
    }
    let mut back: Vec<String> = Vec::new();
    while let Some(first) = back.first().or(all.last()) {
        let page = bench
            .get(&format!("{path}&limit=2&ending_before={first}"))
            .await;
        let mut before = ids(&page);
        before.append(&mut back);
        back = before;
        if page["has_more"] == json!(false) {
            break;
        }
    }
    if let Some((_, but_last)) = all.split_last() {
        assert_eq!(back, but_last, "{path} backwards");
    }
    all
}

#[tokio::test]
async fn events_are_listed_in_pages_of_every_kind() {
    let bench = Bench::new().await;
    let mut emitted = Vec::new();
    for number in 0..9 {
        let entries = bench
            .pay(&format!("pay_{number}"), &format!("cust_{}", number % 3))
            .await;
        bench.announce(&entries).await;
        for entry in &entries {
            emitted.extend(laurel_events::outgoing(entry));
        }
        bench.pass(Duration::from_millis(1500));
    }
    let all = walk(&bench, "/v1/events?program=prog_default").await;
    let mut expected: Vec<String> = emitted.iter().map(|event| event.id.clone()).collect();
    let mut sorted = all.clone();
    sorted.sort();
    expected.sort();
    assert_eq!(
        sorted, expected,
        "each once, however often it was announced"
    );
    let listed = bench.get("/v1/events?limit=100").await;
    let times: Vec<&str> = listed["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|e| e["created"].as_str().expect("a time"))
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");

    let account = emitted[0].account.clone();
    let of_account = walk(&bench, &format!("/v1/events?account={account}")).await;
    let (creation, its) = of_account.split_last().expect("events");
    assert!(
        creation.ends_with("_1_c0"),
        "the log has what this test did not announce"
    );
    let noted: Vec<String> = all.iter().filter(|id| its.contains(id)).cloned().collect();
    assert_eq!(noted, its, "in the same order");
    let count = emitted.iter().filter(|e| e.account == account).count();
    assert_eq!(its.len(), count);
    let earned = walk(&bench, "/v1/events?type=loyalty.points.earned").await;
    assert_eq!(earned.len(), 9);
    let since = &emitted.last().expect("an event").created;
    let late = walk(&bench, &format!("/v1/events?created[gte]={since}")).await;
    assert_eq!(late, [emitted.last().expect("an event").id.clone()]);
    let early = walk(&bench, &format!("/v1/events?created[lt]={since}")).await;
    assert_eq!(early.len(), all.len() - 1);

    for event in listed["data"].as_array().expect("a list") {
        let id = event["id"].as_str().expect("an id");
        assert_eq!(bench.get(&format!("/v1/events/{id}")).await, *event);
    }
    for (path, status) in [
        ("/v1/events/evt_none", 404),
        ("/v1/events/evt_a%23b_1_0", 404),
        ("/v1/events?starting_after=evt_none_1_0", 400),
        ("/v1/events?account=loy_none", 404),
        ("/v1/events?program=prog_none", 404),
        ("/v1/events?kind=x", 400),
    ] {
        assert_eq!(
            bench.call("GET", path, Value::Null).await.0,
            status,
            "{path}"
        );
    }
    bench.pass(Duration::from_secs(30 * 86_400));
    assert_eq!(
        ids(&bench.get("/v1/events").await),
        [""; 0],
        "after 30 days"
    );
    assert_eq!(
        ids(&bench.get(&format!("/v1/events?account={account}")).await),
        [""; 0]
    );
    assert_eq!(
        bench
            .call("GET", &format!("/v1/events/{}", all[0]), Value::Null)
            .await
            .0,
        404
    );
}
