//! The sandbox: payments that nobody made, and a time that is moved.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::http::StatusCode;
use futures::future::join_all;
use laurel::embedded::{Fault, Phase, WireCall};
use laurel_ledger::{Card, Error, EventType, Ledger, SandboxPayment, Seed};
use laurel_rules::{Code, Outcome};
use laurel_tests::{PROGRAM, World, at, merge, payment};
use serde_json::{Map, Value, json};

use crate::http::Site;

const CLOCK: &str = "/v1/sandbox/clock";
const PAYMENTS: &str = "/v1/sandbox/payments";
const VISA: &str = "4242 4242 4242 4242";
const DECLINED: &str = "4000 0000 0000 0002";

async fn set_clock(site: &Site, now: &str) {
    let (status, clock) = site.post(CLOCK, json!({"now": now})).await;
    assert_eq!(status, StatusCode::OK, "{clock}");
    assert_eq!(
        (&clock["now"], &clock["frozen"]),
        (&json!(now), &json!(true))
    );
}

async fn pay(site: &Site, amount: i64, card: &str) -> Value {
    let body = json!({
        "customer": "cust_1", "amount": amount, "currency": "EUR", "card": {"number": card},
    });
    let (status, payment) = site.post(PAYMENTS, body).await;
    assert_eq!(status, StatusCode::CREATED, "{payment}");
    payment
}

async fn member(site: &Site) -> Value {
    let (_, list) = site.get("/v1/loyalty/accounts?customer=cust_1").await;
    list["data"][0].clone()
}

#[tokio::test]
async fn a_loyalty_program_is_tried_out_from_the_welcome_to_the_expiry() {
    let site = Site::new().await;
    let (status, _) = site
        .post(
            "/v1/loyalty/programs/prog_default",
            json!({"expires": {"after": "P3M"}}),
        )
        .await;
    assert_eq!(status, StatusCode::OK);
    set_clock(&site, "2027-01-10T12:00:00Z").await;
    for rule in [
        json!({"trigger": "loyalty.account.created", "award": {"type": "fixed", "points": 500}}),
        json!({
            "trigger": "payment.completed", "award": {"type": "per_amount", "per": 100, "points": 1},
            "cap": {"points": 1000}, "window": "month",
        }),
    ] {
        let (status, rule) = site.post("/v1/loyalty/earning_rules", rule).await;
        assert_eq!(status, StatusCode::CREATED, "{rule}");
        assert_eq!(rule["created"], "2027-01-10T12:00:00Z");
    }

    let (_, account) = site
        .post("/v1/loyalty/accounts", json!({"customer": "cust_1"}))
        .await;
    assert_eq!(account["created"], "2027-01-10T12:00:00Z", "{account}");
    assert_eq!(member(&site).await["balance"], 500);

    let first = pay(&site, 60_000, VISA).await;
    assert_eq!(
        (&first["status"], &first["event"]["outcome"]),
        (&json!("completed"), &json!("awarded")),
        "{first}"
    );
    assert_eq!(first["payment_method"]["last4"], "4242");
    assert_eq!(member(&site).await["balance"], 1100);
    let second = pay(&site, 60_000, VISA).await;
    assert_eq!(
        second["payment_method"]["fingerprint"],
        first["payment_method"]["fingerprint"]
    );
    let list = format!(
        "/v1/loyalty/points_transactions?account={}",
        account["id"].as_str().expect("an id")
    );
    let (_, latest) = site.get(&format!("{list}&limit=1")).await;
    let capped = &latest["data"][0];
    assert_eq!(
        (&capped["amount"], &capped["metadata"]["capped"]),
        (&json!(400), &json!(true)),
        "{capped}"
    );
    assert_eq!(capped["payment"], second["id"]);

    let failed = pay(&site, 60_000, DECLINED).await;
    assert_eq!(
        (&failed["status"], &failed["failure_code"]),
        (&json!("failed"), &json!("card_declined"))
    );
    assert_eq!(failed["event"]["outcome"], "ignored");
    assert_eq!(member(&site).await["balance"], 1500);

    let one = format!("{PAYMENTS}/{}", first["id"].as_str().expect("an id"));
    let (status, refund) = site
        .post(&format!("{one}/refund"), json!({"amount": 30_000}))
        .await;
    assert_eq!(status, StatusCode::CREATED, "{refund}");
    assert_eq!(refund["event"]["outcome"], "reversed");
    assert_eq!(member(&site).await["balance"], 1200);
    let (_, kept) = site.get(&one).await;
    assert_eq!(kept["amount_refunded"], 30_000, "{kept}");

    // Another month has another cap.
    set_clock(&site, "2027-02-01T00:00:00Z").await;
    pay(&site, 60_000, VISA).await;
    assert_eq!(member(&site).await["balance"], 1800);

    // The points of January expire on 10 April, those of February on 1 May.
    set_clock(&site, "2027-04-10T11:59:59Z").await;
    assert_eq!(member(&site).await["balance"], 1800);
    set_clock(&site, "2027-04-10T12:00:00Z").await;
    assert_eq!(member(&site).await["balance"], 600);
    // However often and at once it is asked for, what expires is written off once.
    let moves = (0..4).map(|_| set_clock(&site, "2027-05-01T00:00:00Z"));
    futures::future::join_all(moves).await;
    let now = member(&site).await;
    assert_eq!(
        (&now["balance"], &now["lifetime_points"]),
        (&json!(0), &json!(2100))
    );
    // Moving the time has written that off.
    let (_, written) = site.get(&format!("{list}&type=expire")).await;
    let amounts = written["data"].as_array().expect("data").iter();
    let sum: i64 = amounts.filter_map(|made| made["amount"].as_i64()).sum();
    assert_eq!(sum, -1800, "{written}");
}

#[tokio::test]
async fn each_move_of_the_time_writes_off_what_expires_by_it() {
    let site = Site::new().await;
    let settings = json!({"expires": {"after": "P1M"}});
    let (status, _) = site
        .post("/v1/loyalty/programs/prog_default", settings)
        .await;
    assert_eq!(status, StatusCode::OK);
    let award = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    site.world.add_rule(award).await;
    let mut written = Vec::new();
    for (month, expired) in [(1, 0), (2, 10), (3, 20), (4, 30)] {
        set_clock(&site, &format!("2027-0{month}-02T00:00:00Z")).await;
        if month < 4 {
            pay(&site, 1000, VISA).await;
        }
        let id = member(&site).await["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let list = format!("/v1/loyalty/transactions?account={id}&type=expire");
        let (_, found) = site.get(&list).await;
        let amounts = found["data"].as_array().expect("data").iter();
        let sum: i64 = amounts.filter_map(|made| made["amount"].as_i64()).sum();
        written.push((month, -sum, expired));
    }
    let wanted = written.iter().map(|(month, _, expired)| (*month, *expired));
    let got = written.iter().map(|(month, sum, _)| (*month, *sum));
    assert!(got.eq(wanted), "{written:?}");
}

#[tokio::test]
async fn pending_points_mature_when_time_is_moved() {
    let site = Site::new().await;
    site.world
        .add_rule(json!({
            "award": {"type": "per_amount", "per": 100, "points": 1}, "pending_days": 14,
        }))
        .await;
    set_clock(&site, "2027-01-01T00:00:00Z").await;
    let paid = pay(&site, 1000, VISA).await;
    let transaction = paid["event"]["transactions"][0].as_str().expect("an id");
    let transaction = format!("/v1/loyalty/transactions/{transaction}");
    let before = member(&site).await;
    assert_eq!(
        (&before["balance"], &before["pending"]),
        (&json!(0), &json!(10))
    );
    assert_eq!(site.get(&transaction).await.1["status"], "pending");
    set_clock(&site, "2027-01-15T00:00:00Z").await;
    let after = member(&site).await;
    assert_eq!(
        (&after["balance"], &after["pending"]),
        (&json!(10), &json!(0))
    );
    assert_eq!(site.get(&transaction).await.1["status"], "posted");
    let list = format!(
        "/v1/loyalty/transactions?account={}",
        after["id"].as_str().expect("an id")
    );
    assert_eq!(site.get(&list).await.1["data"][0]["status"], "posted");
}

#[tokio::test]
async fn time_moves_forward_only_and_for_its_program_only() {
    let site = Site::new().await;
    let (_, clock) = site.get(CLOCK).await;
    assert_eq!(
        clock,
        json!({
            "object": "sandbox_clock", "program": "prog_default", "now": "2026-11-20T12:00:00Z",
            "frozen": false, "real_time": "2026-11-20T12:00:00Z",
        })
    );
    let earlier = json!({"now": "2026-11-20T11:59:59Z"});
    let (status, answer) = site.post(CLOCK, earlier.clone()).await;
    assert_eq!(
        (status, &answer["error"]["code"], &answer["error"]["param"]),
        (StatusCode::CONFLICT, &json!("clock_ahead"), &json!("now"))
    );
    set_clock(&site, "2026-12-24T00:00:00Z").await;
    assert_eq!(site.post(CLOCK, earlier).await.0, StatusCode::CONFLICT);
    // The same again is no step back.
    set_clock(&site, "2026-12-24T00:00:00Z").await;
    // It stands still while the machine's clock goes on.
    site.world.clock.set(at("2026-12-01T00:00:00Z"));
    assert_eq!(site.get(CLOCK).await.1["now"], "2026-12-24T00:00:00Z");

    site.post("/v1/loyalty/programs", json!({"id": "prog_2"}))
        .await;
    let (_, other) = site.get("/v1/sandbox/clock?program=prog_2").await;
    assert_eq!(
        (&other["now"], &other["frozen"]),
        (&json!("2026-12-01T00:00:00Z"), &json!(false))
    );
    for path in [
        "/v1/sandbox/clock?program=prog_none",
        "/v1/sandbox/payments?program=prog_none",
    ] {
        let (status, answer) = site.get(path).await;
        assert_eq!(
            (status, &answer["error"]["param"]),
            (StatusCode::NOT_FOUND, &json!("program"))
        );
    }
}

#[tokio::test]
async fn events_go_by_the_time_of_their_program() {
    let site = Site::new().await;
    let rule = json!({"trigger": "signup", "award": {"type": "fixed", "points": 5}});
    site.world.add_rule(rule).await;
    set_clock(&site, "2027-03-01T00:00:00Z").await;
    let event = |id: &str, occurred_at: Option<&str>| {
        let mut event = json!({"type": "signup", "data": {"id": id, "customer": "cust_1"}});
        if let Some(occurred_at) = occurred_at {
            merge(&mut event, json!({"occurred_at": occurred_at}));
        }
        event
    };
    let (status, outcome) = site.post("/v1/events", event("undated", None)).await;
    assert_eq!(status, StatusCode::OK, "{outcome}");
    let id = outcome["transactions"][0].as_str().expect("an id");
    let (_, made) = site.get(&format!("/v1/loyalty/transactions/{id}")).await;
    assert_eq!(made["occurred_at"], "2027-03-01T00:00:00Z", "{made}");
    assert_eq!(made["created"], "2027-03-01T00:00:00Z");
    let within = event("within", Some("2027-03-01T00:05:00Z"));
    assert_eq!(site.post("/v1/events", within).await.0, StatusCode::OK);
    let beyond = event("beyond", Some("2027-03-01T00:05:01Z"));
    let (status, answer) = site.post("/v1/events", beyond).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (StatusCode::BAD_REQUEST, &json!("occurred_in_future"))
    );
    let (_, adjusted) = site
        .post(
            "/v1/loyalty/transactions",
            json!({
                "account": made["account"], "type": "adjust", "amount": 5, "reason": "goodwill",
                "expires_at": "2027-03-02T00:00:00Z",
            }),
        )
        .await;
    assert_eq!(adjusted["created"], "2027-03-01T00:00:00Z", "{adjusted}");
}

#[tokio::test]
async fn a_live_ledger_knows_no_other_time_than_the_machines() {
    let site = Site::new().await;
    set_clock(&site, "2027-03-01T00:00:00Z").await;
    let live = site.world.another_ledger();
    let time = live.program_time(PROGRAM).await.expect("a program");
    assert_eq!((time.now, time.is_frozen), (time.real_time, false));
    let event = site.world.event(payment("pay_1", "cust_1", 100));
    live.apply(&event.expect("an event")).await.expect("earns");
    let account = site.world.member("cust_1").await.account;
    assert_eq!(account.created, site.world.ledger.now());
}

#[tokio::test]
async fn a_clock_costs_an_event_nothing() {
    let world = World::with(json!({"auto_enroll": true}), &[]).await;
    let ledger = world.another_ledger().in_sandbox();
    let apply = async |id: &str| {
        let mut event = payment(id, "cust_1", 1000);
        event["occurred_at"] = Value::Null;
        let event = world.event(event).expect("an event");
        let before = world.store.usage();
        let outcome = ledger.apply(&event).await.expect("is handled");
        assert_eq!(outcome.outcome, Outcome::NoAward);
        world.store.usage().since(&before).total_requests()
    };
    apply("pay_enrols").await;
    let without = apply("pay_1").await;
    let later = at("2027-03-01T00:00:00Z");
    let set = ledger.set_program_time(PROGRAM, later).await;
    set.expect("a later time");
    apply("pay_reads_the_program").await;
    assert_eq!(apply("pay_2").await, without);
}

fn new_payment(id: &str, failure_code: Option<&str>) -> SandboxPayment {
    let mut details = Map::new();
    details.insert("customer".to_owned(), json!("cust_1"));
    SandboxPayment {
        id: id.to_owned(),
        program: PROGRAM.to_owned(),
        failure_code: failure_code.map(str::to_owned),
        amount: 1000,
        currency: "EUR".to_owned(),
        card: Card {
            brand: "visa".to_owned(),
            last4: "4242".to_owned(),
            fingerprint: "f".to_owned(),
        },
        details,
        created: at("2026-11-20T12:00:00Z"),
        refunds: Vec::new(),
    }
}

#[tokio::test]
async fn a_request_that_comes_again_makes_one_payment_and_one_refund() {
    let world = World::with(json!({}), &[]).await;
    let ledger = world.another_ledger().in_sandbox();
    let (seed, other) = (Seed::fresh(), Seed::fresh());
    for _ in 0..2 {
        let created = ledger.create_sandbox_payment(new_payment("pay_1", None), seed);
        assert_eq!(created.await.expect("a payment").id, "pay_1");
        let refunded = ledger.refund_sandbox_payment("pay_1", "re_1", Some(400), seed);
        let (payment, refund) = refunded.await.expect("a refund");
        assert_eq!((payment.amount_refunded(), refund.amount), (400, 400));
    }
    let taken = |error: Error| error.refusal().code;
    let again = ledger.create_sandbox_payment(new_payment("pay_1", None), other);
    let code = again.await.map_err(taken).expect_err("taken");
    assert_eq!(code, Code::ResourceAlreadyExists);
    let again = ledger.refund_sandbox_payment("pay_1", "re_1", Some(400), other);
    let code = again.await.map_err(taken).expect_err("taken");
    assert_eq!(code, Code::ResourceAlreadyExists);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_refunds_never_give_back_more_than_was_paid() {
    let world = World::with(json!({}), &[]).await;
    let ledger = world.another_ledger().in_sandbox();
    let payment = new_payment("pay_1", None);
    let created = ledger.create_sandbox_payment(payment, Seed::fresh());
    created.await.expect("a payment");
    let racing = (0..20).map(|number| {
        let ledger = world.another_ledger().in_sandbox();
        tokio::spawn(async move {
            let id = format!("re_{number}");
            let refunded = ledger.refund_sandbox_payment("pay_1", &id, Some(300), Seed::fresh());
            refunded.await.map(|_| ()).map_err(|error| error.refusal())
        })
    });
    let ended: Vec<_> = join_all(racing).await;
    let ended = ended.into_iter().map(|ended| ended.expect("no panic"));
    let (done, refused): (Vec<_>, Vec<_>) = ended.partition(Result::is_ok);
    assert_eq!(done.len(), 3);
    for refusal in refused.into_iter().filter_map(Result::err) {
        assert_eq!(refusal.param.as_deref(), Some("amount"), "{refusal}");
    }
    let payment = ledger.sandbox_payment("pay_1").await.expect("a payment");
    assert_eq!(payment.amount_refunded(), 900);
}

/// Runs `request` again and again until it ends; it dies once, at wire call `at`.
async fn with_a_crash<F>(
    world: &World,
    at: u64,
    phase: Phase,
    request: impl Fn(Ledger) -> F,
) -> bool
where
    F: Future<Output = Result<(), Error>>,
{
    let calls = Arc::new(AtomicU64::new(0));
    let crashed = Arc::new(AtomicU64::new(0));
    let (counted, fell) = (Arc::clone(&calls), Arc::clone(&crashed));
    world.store.set_faults(Arc::new(move |_: &WireCall<'_>| {
        if counted.fetch_add(1, Ordering::SeqCst) == at {
            fell.store(1, Ordering::SeqCst);
            return Fault::Hang(phase);
        }
        Fault::None
    }));
    let died = || async {
        while crashed.load(Ordering::SeqCst) != 1 {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    loop {
        tokio::select! {
            done = request(world.another_ledger().in_sandbox()) => {
                done.expect("is carried out");
                break;
            }
            () = died() => crashed.store(2, Ordering::SeqCst),
        }
    }
    world.store.clear_faults();
    crashed.load(Ordering::SeqCst) == 2
}

#[tokio::test]
async fn payments_refunds_and_event_types_survive_a_crash_at_every_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = World::with(json!({}), &[]).await;
            let (paying, refunding, naming) = (Seed::fresh(), Seed::fresh(), Seed::fresh());
            let crashed = with_a_crash(&world, call, phase, |ledger| async move {
                let payment = new_payment("pay_1", None);
                ledger.create_sandbox_payment(payment, paying).await?;
                let refund = ledger.refund_sandbox_payment("pay_1", "re_1", Some(1), refunding);
                refund.await?;
                let later = at("2027-01-01T00:00:00Z");
                ledger.set_program_time(PROGRAM, later).await?;
                let event_type = crate::event_types::event_type(naming, "signup");
                ledger.create_configured(event_type, "made").await?;
                Ok(())
            })
            .await;
            let ledger = world.another_ledger().in_sandbox();
            let payment = ledger.sandbox_payment("pay_1").await.expect("a payment");
            assert_eq!(payment.amount_refunded(), 1, "call {call}, {phase:?}");
            let found = ledger.configured::<EventType>((PROGRAM, "signup")).await;
            assert_eq!(found.expect("an event type").id, naming.id("evtype_"));
            if !crashed {
                assert!(call > 5, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test]
async fn payments_are_refused_listed_and_refunded_as_they_should_be() {
    let site = Site::new().await;
    for number in 0..3 {
        let later = site.world.ledger.now() + jiff::SignedDuration::from_secs(1);
        site.world.clock.set(later);
        let mut body = json!({
            "id": format!("pay_{number}"), "amount": 100, "currency": "eur",
            "card": "4242-4242-4242-4242", "customer": "cust_1",
            "metadata": {"order": "o1"}, "line_items": [{"product": "p", "amount": 100}],
        });
        if number == 2 {
            merge(&mut body, json!({"card": DECLINED}));
        }
        assert_eq!(site.post(PAYMENTS, body).await.0, StatusCode::CREATED);
    }
    let ids = |list: &Value| -> Vec<String> {
        let data = list["data"].as_array().expect("data").iter();
        data.map(|one| one["id"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let (_, first) = site.get(&format!("{PAYMENTS}?limit=2")).await;
    assert_eq!(ids(&first), ["pay_2", "pay_1"]);
    assert_eq!(first["has_more"], true);
    let (_, next) = site.get(&format!("{PAYMENTS}?starting_after=pay_1")).await;
    assert_eq!(ids(&next), ["pay_0"]);
    let (_, back) = site.get(&format!("{PAYMENTS}?ending_before=pay_1")).await;
    assert_eq!(ids(&back), ["pay_2"]);
    let (_, late) = site
        .get(&format!("{PAYMENTS}?created[gte]=2026-11-20T12:00:02Z"))
        .await;
    assert_eq!(ids(&late), ["pay_2", "pay_1"]);
    let (_, one) = site.get(&format!("{PAYMENTS}/pay_0")).await;
    assert_eq!(
        (&one["currency"], &one["metadata"]["order"]),
        (&json!("EUR"), &json!("o1"))
    );

    let table = [
        ("pay_2", json!({}), 409, "payment_not_refundable", ""),
        ("pay_none", json!({}), 404, "resource_missing", ""),
        (
            "pay_0",
            json!({"amount": 101}),
            409,
            "payment_not_refundable",
            "amount",
        ),
        (
            "pay_0",
            json!({"amount": 0}),
            409,
            "payment_not_refundable",
            "amount",
        ),
        (
            "pay_0",
            json!({"amount": -1}),
            400,
            "parameter_invalid",
            "amount",
        ),
        (
            "pay_0",
            json!({"id": "a#b"}),
            400,
            "parameter_invalid",
            "id",
        ),
        (
            "pay_0",
            json!({"reason": "x"}),
            400,
            "parameter_unknown",
            "reason",
        ),
    ];
    for (id, body, status, code, param) in table {
        let (got, answer) = site
            .post(&format!("{PAYMENTS}/{id}/refund"), body.clone())
            .await;
        let error = &answer["error"];
        let told = error["param"].as_str().unwrap_or_default();
        assert_eq!(
            (got.as_u16(), error["code"].as_str(), told),
            (status, Some(code), param),
            "{id} {body}"
        );
    }
    let refund = format!("{PAYMENTS}/pay_0/refund");
    assert_eq!(site.post(&refund, json!({})).await.0, StatusCode::CREATED);
    let (status, answer) = site.post(&refund, json!({})).await;
    assert_eq!(
        (status, &answer["error"]["param"]),
        (StatusCode::CONFLICT, &json!("amount"))
    );
    let taken = json!({"id": "pay_0", "amount": 1, "currency": "EUR", "card": VISA});
    let (status, answer) = site.post(PAYMENTS, taken).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (StatusCode::CONFLICT, &json!("resource_already_exists"))
    );
}
