//! `POST /resonance-api/manual-event`.

use api::{ApiKey, AppState};
use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_host::Mode;
use laurel_tests::{Crash, World};
use serde_json::{Value, json};

use super::{ANNA, MANUAL_EVENT, points, rule, shop, trigger};
use crate::calls::{Call, account, key, process};

fn review() -> Value {
    json!({"trigger": "review_submitted", "award": {"type": "fixed", "points": 50}})
}

fn sent(id: &str) -> Value {
    json!({"eventType": "review_submitted", "userEmail": ANNA, "eventId": id})
}

#[tokio::test]
async fn the_answer_says_what_the_member_has_of_it() {
    let (_world, router) = shop().await;
    rule(&router, review()).await;
    let metadata = json!({"product_id": "p_1", "rating": 5, "has_photo": true});
    let first = trigger(&router, "review_submitted", metadata.clone()).await;
    assert_eq!(first.status, 200, "{first:?}");
    let body = &first.body;
    assert_eq!(body["object"], "event_outcome");
    assert_eq!(
        (&body["outcome"], &body["points"], &body["balance"]),
        (&json!("awarded"), &json!(50), &json!(50))
    );
    assert_eq!(body["transactions"].as_array().map(Vec::len), Some(1));
    assert!(
        body["account"]
            .as_str()
            .is_some_and(|id| id.starts_with("loy_"))
    );
    // Without an id, the same again is another one.
    let second = trigger(&router, "review_submitted", metadata).await;
    assert_eq!(
        (&second.body["points"], &second.body["balance"]),
        (&json!(50), &json!(100))
    );
    let nothing = trigger(&router, "unheard_of", json!({})).await;
    assert_eq!(
        (
            &nothing.body["outcome"],
            &nothing.body["points"],
            &nothing.body["balance"]
        ),
        (&json!("no_award"), &json!(0), &json!(100))
    );
}

#[tokio::test]
async fn an_event_with_an_id_awards_once() {
    let (_world, router) = shop().await;
    rule(&router, review()).await;
    for duplicate in [Value::Null, json!(true), json!(true)] {
        let answer = Call::post(MANUAL_EVENT, sent("review_1")).at(&router).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["duplicate"], duplicate);
        assert_eq!(
            (&answer.body["points"], &answer.body["balance"]),
            (&json!(50), &json!(50))
        );
    }
    let mut other = sent("review_1");
    other["metadata"] = json!({"rating": 1});
    let refused = Call::post(MANUAL_EVENT, other).at(&router).await;
    assert_eq!(
        (refused.status, refused.code()),
        (409, "event_content_mismatch")
    );
    // The same event by the other door.
    let event = json!({
        "type": "review_submitted", "id": "review_1", "data": {"email": ANNA, "metadata": {}},
    });
    let answer = Call::post("/v1/events", event).at(&router).await;
    assert_eq!(answer.body["duplicate"], true, "{answer:?}");
}

#[tokio::test]
async fn a_named_request_is_one_event() {
    let (_world, router) = shop().await;
    rule(&router, review()).await;
    let body = json!({"eventType": "review_submitted", "userEmail": ANNA});
    let call = Call::post(MANUAL_EVENT, body).named("order-77");
    let first = call.at(&router).await;
    let again = call.at(&router).await;
    assert!(again.is_replayed());
    assert_eq!(again.body, first.body);
    assert_eq!(points(&router, "nothing", json!({})).await, 0);
    let balance = trigger(&router, "nothing", json!({})).await.body["balance"].clone();
    assert_eq!(balance, 50);
}

#[tokio::test]
async fn who_is_unknown_is_enrolled_where_the_program_says_so() {
    let world = World::with(json!({"auto_enroll": false}), &[]).await;
    let router = process(&world, 0);
    rule(&router, review()).await;
    let answer = Call::post(MANUAL_EVENT, sent("e_1")).at(&router).await;
    let expected = json!({
        "object": "event_outcome", "outcome": "unlinked", "points": 0, "balance": null,
    });
    assert_eq!((answer.status, &answer.body), (200, &expected));
    let on = json!({"auto_enroll": true});
    Call::post("/v1/loyalty/programs/prog_default", on)
        .at(&router)
        .await;
    let welcome = json!({
        "trigger": "loyalty.account.created", "award": {"type": "fixed", "points": 7},
    });
    rule(&router, welcome).await;
    // An address alone is no customer to `POST /v1/events`.
    let event = json!({"type": "review_submitted", "data": {"id": "e_1", "email": ANNA}});
    let answer = Call::post("/v1/events", event).at(&router).await;
    assert_eq!(answer.body["outcome"], "unlinked");
    let answer = Call::post(MANUAL_EVENT, sent("e_1")).at(&router).await;
    assert_eq!(
        (&answer.body["points"], &answer.body["balance"]),
        (&json!(50), &json!(57)),
        "{answer:?}"
    );
    let path = format!("/v1/loyalty/accounts?email={ANNA}");
    let listed = Call::get(path).at(&router).await;
    assert_eq!(listed.body["data"][0]["id"], answer.body["account"]);
    assert_eq!(listed.body["data"][0]["customer"], Value::Null);
    // The account is closed: nothing is earned, and no second one is made.
    let id = answer.body["account"].as_str().expect("an account");
    let close = format!("/v1/loyalty/accounts/{id}/close");
    assert_eq!(Call::post(close, json!({})).at(&router).await.status, 200);
    let answer = Call::post(MANUAL_EVENT, sent("e_2")).at(&router).await;
    assert_eq!(answer.body["outcome"], "account_closed");
}

#[tokio::test]
async fn a_repeat_after_a_merge_tells_the_survivors_balance() {
    let (_world, router) = shop().await;
    rule(&router, review()).await;
    let answer = Call::post(MANUAL_EVENT, sent("e_1")).at(&router).await;
    let other = account(&router, "prog_default", "cust_1").await;
    let merge = json!({"source": answer.body["account"], "target": other});
    let merged = Call::post("/v1/loyalty/accounts/merge", merge)
        .at(&router)
        .await;
    assert_eq!(merged.status, 200, "{merged:?}");
    let adjust = json!({"account": other, "type": "adjust", "amount": 5, "reason": "r"});
    Call::post("/v1/loyalty/transactions", adjust)
        .at(&router)
        .await;
    let again = Call::post(MANUAL_EVENT, sent("e_1")).at(&router).await;
    assert_eq!(
        (&again.body["points"], &again.body["balance"]),
        (&json!(50), &json!(55)),
        "{again:?}"
    );
}

#[tokio::test]
async fn twenty_at_once_enrol_one() {
    let (world, router) = shop().await;
    rule(&router, review()).await;
    let racing = (0..20).map(|number| {
        let router = process(&world, 0);
        // Half of them are the same event.
        let body = sent(&format!("e_{}", number.max(10)));
        tokio::spawn(async move { Call::post(MANUAL_EVENT, body).at(&router).await })
    });
    let mut accounts = Vec::new();
    for done in join_all(racing).await {
        let answer = done.expect("no panic");
        assert_eq!(answer.status, 200, "{answer:?}");
        accounts.push(answer.body["account"].clone());
    }
    accounts.dedup();
    assert_eq!(accounts.len(), 1);
    let told = trigger(&router, "nothing", json!({})).await;
    assert_eq!(told.body["balance"], 500);
}

#[tokio::test]
async fn a_crash_at_every_call_leaves_one_account_with_its_points() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let (world, router) = shop().await;
            rule(&router, review()).await;
            let crash = Crash::at(&world, Some((call, phase)));
            let answer = crash
                .survive(async |ledger| {
                    let bus = std::sync::Arc::new(crate::calls::Sink);
                    let state =
                        AppState::new(ledger, bus, ApiKey::new(crate::calls::ROOT), Mode::Sandbox);
                    Call::post(MANUAL_EVENT, sent("e_1"))
                        .at(&api::router(state))
                        .await
                })
                .await;
            assert_eq!((answer.status, &answer.body["balance"]), (200, &json!(50)));
            let came = crash.came();
            let listed = Call::get("/v1/loyalty/accounts").at(&router).await;
            assert_eq!(
                listed.body["data"].as_array().map(Vec::len),
                Some(1),
                "{call}"
            );
            if !came {
                assert!(call > 3, "only {call} calls");
                break;
            }
        }
    }
}

#[tokio::test]
async fn whose_key_it_is_counts() {
    let (_world, router) = shop().await;
    let other = json!({"id": "prog_other", "auto_enroll": true});
    Call::post("/v1/loyalty/programs", other).at(&router).await;
    let mut theirs = sent("e_1");
    theirs["brandId"] = json!("prog_other");
    let writes = json!({
        "type": "restricted", "scopes": ["events:write"], "programs": ["prog_default"],
    });
    let writes = key(&router, writes).await;
    let reads = key(
        &router,
        json!({"type": "restricted", "scopes": ["events:read"]}),
    )
    .await;
    let page = key(&router, json!({"type": "publishable"})).await;
    for (caller, body, status, code) in [
        (&writes, sent("e_1"), 200, ""),
        (&writes, theirs.clone(), 404, "resource_missing"),
        (&reads, sent("e_1"), 403, "scope_insufficient"),
        (&page, sent("e_1"), 403, "scope_insufficient"),
    ] {
        let call = Call::post(MANUAL_EVENT, body).with("x-api-key", caller);
        let answer = call.at(&router).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
    }
    let mut unknown = sent("e_1");
    unknown["brandId"] = json!("prog_none");
    let answer = Call::post(MANUAL_EVENT, unknown).at(&router).await;
    assert_eq!((answer.status, answer.code()), (404, "resource_missing"));
    assert_eq!(answer.body["error"]["param"], "brandId");
}

#[tokio::test]
async fn metadata_is_held_against_the_schema_of_its_type() {
    let (_world, router) = shop().await;
    let typed = json!({
        "name": "review_submitted",
        "schema": {"type": "object", "properties": {"rating": {"type": "integer"}}},
    });
    Call::post("/v1/event_types", typed).at(&router).await;
    let answer = trigger(&router, "review_submitted", json!({"rating": "five"})).await;
    assert_eq!((answer.status, answer.code()), (400, "parameter_invalid"));
    assert_eq!(answer.body["error"]["param"], "metadata.rating");
}
