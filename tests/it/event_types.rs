//! Event types with a schema: what does not match is refused, on every way in.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use futures::future::{BoxFuture, join_all};
use laurel_host::{Adapter, DeadLetter, DeadLetters, SendError};
use laurel_ledger::{Clock, EventType, Seed};
use laurel_rules::{Code, Outcome};
use laurel_tests::{PROGRAM, World};
use serde_json::{Value, json};

use crate::http::Site;

const TYPES: &str = "/v1/event_types";

/// An event type as a request with this seed registers it.
pub(crate) fn event_type(seed: Seed, name: &str) -> EventType {
    EventType {
        id: seed.id("evtype_"),
        program: PROGRAM.to_owned(),
        name: name.to_owned(),
        description: None,
        schema: Some(rating()),
        version: 1,
        created: laurel_tests::at("2026-11-20T12:00:00Z"),
    }
}

fn rating() -> Value {
    json!({
        "type": "object",
        "required": ["rating"],
        "properties": {"rating": {"type": "integer", "minimum": 1, "maximum": 5}},
    })
}

fn review(id: &str, metadata: Value) -> Value {
    json!({
        "type": "review_submitted",
        "data": {"id": id, "customer": "cust_1", "metadata": metadata},
    })
}

async fn site() -> Site {
    let site = Site::new().await;
    let rule = json!({"trigger": "review_submitted", "award": {"type": "fixed", "points": 5}});
    site.world.add_rule(rule).await;
    site
}

#[tokio::test]
async fn an_event_that_does_not_match_is_refused_and_leaves_nothing() {
    let site = site().await;
    let before = review("r_before", json!({"rating": 6}));
    assert_eq!(
        site.post("/v1/events", before.clone()).await.0,
        StatusCode::OK
    );
    let (status, made) = site
        .post(
            TYPES,
            json!({"name": "review_submitted", "schema": rating()}),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert_eq!(made["object"], "event_type");

    let table = [
        (json!({"rating": 6}), "data.metadata.rating"),
        (json!({"rating": "5"}), "data.metadata.rating"),
        (json!({}), "data.metadata.rating"),
        (Value::Null, "data.metadata.rating"),
    ];
    for (metadata, param) in table {
        let event = review("r_1", metadata.clone());
        let (status, answer) = site.post("/v1/events", event.clone()).await;
        let error = &answer["error"];
        assert_eq!(
            (status, &error["code"], &error["param"]),
            (
                StatusCode::BAD_REQUEST,
                &json!("parameter_invalid"),
                &json!(param)
            ),
            "{metadata}"
        );
        let (_, answer) = site.post("/v1/events", json!([event])).await;
        let param = format!("events[0].{param}");
        assert_eq!(answer["data"][0]["error"]["param"], param, "{metadata}");
    }
    // The refusals left no record behind: the event as it should be counts.
    let good = review("r_1", json!({"rating": 5, "mood": "good"}));
    let (_, outcome) = site.post("/v1/events", good.clone()).await;
    assert_eq!(outcome["outcome"], "awarded", "{outcome}");
    let (_, outcome) = site.post("/v1/events", good).await;
    assert_eq!(outcome["duplicate"], true, "{outcome}");
    // What was handled before there was a schema keeps its answer.
    let (_, outcome) = site.post("/v1/events", before).await;
    assert_eq!(
        (&outcome["outcome"], &outcome["duplicate"]),
        (&json!("awarded"), &json!(true))
    );
    // Other types, and other programs, are not concerned.
    let other = json!({"type": "signup", "data": {"id": "s_1", "customer": "cust_1"}});
    assert_eq!(site.post("/v1/events", other).await.0, StatusCode::OK);
}

#[derive(Default)]
struct Letters(Mutex<Vec<DeadLetter>>);

impl DeadLetters for Letters {
    fn send(&self, letter: DeadLetter) -> BoxFuture<'_, Result<(), SendError>> {
        self.0.lock().expect("letters").push(letter);
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn from_the_bus_it_becomes_a_dead_letter_with_its_reason() {
    let world = World::with(json!({"auto_enroll": true}), &[]).await;
    let made = event_type(Seed::fresh(), "review_submitted");
    world
        .ledger
        .create_configured(made, "made")
        .await
        .expect("a type");
    let letters = Arc::new(Letters::default());
    let handler = Arc::new(behavior::handler(world.another_ledger()));
    let adapter = Adapter::new(handler, Arc::clone(&world.clock) as Arc<dyn Clock>)
        .with_dead_letters(Arc::clone(&letters) as Arc<dyn DeadLetters>);
    let envelope = json!({
        "version": "0", "id": "bus-1", "detail-type": "review_submitted", "source": "shop",
        "time": "2026-11-20T11:00:00Z",
        "detail": {"id": "r_1", "customer": "cust_1", "metadata": {"rating": 9}},
    });
    let outcome = adapter.envelope(&envelope.to_string()).await;
    assert_eq!(outcome.expect("is kept")["outcome"], "refused");
    let letters = letters.0.lock().expect("letters");
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].code, "parameter_invalid");
    assert!(
        letters[0].reason.contains("data.metadata.rating"),
        "{}",
        letters[0].reason
    );
}

#[tokio::test]
async fn a_change_is_in_force_with_the_next_event_in_every_process() {
    let world = World::with(json!({"auto_enroll": true}), &[]).await;
    let (here, there) = (world.another_ledger(), world.another_ledger());
    let outcome = async |id: &str, rating: i64| {
        let event = world.event(review(id, json!({"rating": rating})));
        let applied = there.apply(&event.expect("an event")).await;
        applied
            .map(|outcome| outcome.outcome)
            .map_err(|error| error.refusal().code)
    };
    assert_eq!(outcome("r_0", 9).await, Ok(Outcome::NoAward));
    let made = event_type(Seed::fresh(), "review_submitted");
    let made = here.create_configured(made, "made").await.expect("a type");
    assert_eq!(outcome("r_1", 9).await, Err(Code::ParameterInvalid));
    assert_eq!(outcome("r_1", 5).await, Ok(Outcome::NoAward));
    let change = |event_type: &mut EventType| {
        event_type.schema = Some(json!({"properties": {"rating": {"maximum": 10}}}));
        Ok(())
    };
    let changed = here.update_configured(&made.id, change).await;
    assert_eq!(changed.expect("a change").version, 2);
    assert_eq!(outcome("r_2", 9).await, Ok(Outcome::NoAward));
    assert_eq!(outcome("r_3", 11).await, Err(Code::ParameterInvalid));
    let named = (PROGRAM, "review_submitted");
    let deleted = here.delete_configured::<EventType>(named).await;
    assert_eq!(deleted.expect("is deleted").id, made.id);
    assert_eq!(outcome("r_3", 11).await, Ok(Outcome::NoAward));
}

#[tokio::test]
async fn a_schema_costs_an_event_no_request() {
    let world = World::with(json!({"auto_enroll": true}), &[]).await;
    let apply = async |id: &str| {
        let event = world.event(review(id, json!({"rating": 5})));
        let before = world.store.usage();
        let applied = world.ledger.apply(&event.expect("an event")).await;
        applied.expect("is handled");
        world.store.usage().since(&before).total_requests()
    };
    apply("r_enrols").await;
    let without = apply("r_1").await;
    let made = event_type(Seed::fresh(), "review_submitted");
    world
        .ledger
        .create_configured(made, "made")
        .await
        .expect("a type");
    apply("r_reads_the_program").await;
    assert_eq!(apply("r_2").await, without);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_register_one_name_one_does() {
    let world = World::with(json!({}), &[]).await;
    let racing = (0..20).map(|_| {
        let ledger = world.another_ledger();
        tokio::spawn(async move {
            let made = event_type(Seed::fresh(), "signup");
            let request = made.id.clone();
            let made = ledger.create_configured(made, &request).await;
            made.map_err(|error| error.refusal().code)
        })
    });
    let ended = join_all(racing).await;
    let ended = ended.into_iter().map(|ended| ended.expect("no panic"));
    let (made, refused): (Vec<_>, Vec<_>) = ended.partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 19));
    for code in refused.into_iter().filter_map(Result::err) {
        assert_eq!(code, Code::ResourceAlreadyExists);
    }
}

#[tokio::test]
async fn event_types_are_found_by_name_and_by_id_listed_changed_and_deleted() {
    let site = site().await;
    let mut ids = Vec::new();
    for name in ["signup", "review_submitted", "discord_message"] {
        let later = site.world.ledger.now() + jiff::SignedDuration::from_secs(1);
        site.world.clock.set(later);
        let body = json!({"name": name, "description": "Of a member"});
        let (status, made) = site.post(TYPES, body).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        assert_eq!(made["schema"], Value::Null);
        ids.push(made["id"].as_str().expect("an id").to_owned());
    }
    let (_, list) = site
        .get(&format!("{TYPES}?limit=1&starting_after={}", ids[2]))
        .await;
    assert_eq!(list["data"][0]["name"], "review_submitted", "{list}");
    assert_eq!(list["has_more"], true);
    for one in ["signup", &ids[0]] {
        let (status, found) = site.get(&format!("{TYPES}/{one}")).await;
        assert_eq!((status, &found["name"]), (StatusCode::OK, &json!("signup")));
    }
    let (status, _) = site.get(&format!("{TYPES}/signup?program=prog_2")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, taken) = site.post(TYPES, json!({"name": "signup"})).await;
    assert_eq!(
        (status, &taken["error"]["code"], &taken["error"]["param"]),
        (
            StatusCode::CONFLICT,
            &json!("resource_already_exists"),
            &json!("name")
        )
    );
    let path = format!("{TYPES}/signup");
    let (_, changed) = site.post(&path, json!({"schema": rating()})).await;
    assert_eq!(
        (&changed["schema"], &changed["description"]),
        (&rating(), &json!("Of a member"))
    );
    let (_, changed) = site.post(&path, json!({"schema": null})).await;
    assert_eq!(changed["schema"], Value::Null);
    let remove = || site.send(Site::request("DELETE", &path, "application/json", ""));
    let (status, gone) = remove().await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&gone["id"], &gone["deleted"]),
        (&json!(ids[0]), &json!(true))
    );
    assert_eq!(remove().await.0, StatusCode::NOT_FOUND);
    let (status, _) = site.get(&format!("{TYPES}/{}", ids[0])).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_writes_a_schema_as_json_text() {
    let site = site().await;
    let form = "name=signup&schema=%7B%22required%22%3A%5B%22plan%22%5D%7D";
    let kind = "application/x-www-form-urlencoded";
    let (status, made) = site.send(Site::request("POST", TYPES, kind, form)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert_eq!(made["schema"], json!({"required": ["plan"]}));
}
