//! Points that get more time: what is left of an earning is extended, what has expired is given
//! back, once.

use futures::future::join_all;
use laurel::embedded::Phase;
use laurel_ledger::{Error, Ledger, TransactionView};
use laurel_rules::{
    Code,
    decide::{More, MoreTime},
    id::TransactionId,
};
use laurel_tests::{Crash, PROGRAM, World, at, merge, payment, refund};
use serde_json::json;

const EXPIRED: &str = "2027-01-01T00:00:00Z";
const UNTIL: &str = "2027-06-01T00:00:00Z";

async fn world() -> World {
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    let settings = json!({"auto_enroll": true, "expires": {"after": "P1M"}});
    let world = World::with(settings, &[rule]).await;
    let paid = world.apply(payment("pay_1", "cust_1", 1000)).await;
    paid.expect("earns");
    world
}

async fn sweep(world: &World, now: &str) {
    world.clock.set(at(now));
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let swept = clock::Clock::new(world.another_ledger()).sweep(until).await;
    assert_eq!(swept.failed, 0, "{swept:?}");
}

async fn account(world: &World) -> String {
    world.member("cust_1").await.account.id
}

/// The id of the member's transaction at this place of its log.
async fn nth(world: &World, account: &str, place: usize) -> TransactionId {
    let log = world.log(account).await;
    let view = log.get(place).expect("a transaction");
    view.entry.transaction_id(view.place)
}

fn wanted(account: &str, to: More, expires_at: &str, key: &str) -> MoreTime {
    MoreTime {
        account: account.to_owned(),
        to,
        expires_at: expires_at.parse().ok(),
        reason: "goodwill".to_owned(),
        metadata: Default::default(),
        key: key.to_owned(),
        content: String::new(),
    }
}

async fn give(ledger: &Ledger, wanted: MoreTime) -> Result<TransactionView, Code> {
    let given = ledger.give_more_time(wanted).await;
    given.map_err(|error: Error| error.refusal().code)
}

async fn text(world: &World) -> String {
    let member = world.member("cust_1").await;
    let log = world.log_text(&member.account.id).await;
    format!("{}: {log}", member.balance)
}

#[tokio::test]
async fn what_is_left_of_an_earning_expires_later() {
    let world = world().await;
    let id = account(&world).await;
    let earning = nth(&world, &id, 0).await;
    let extend = |until, key| wanted(&id, More::Left(earning.clone()), until, key);
    let given = give(&world.ledger, extend(UNTIL, "adj_1")).await;
    let given = given.expect("is extended");
    assert_eq!(given.transaction().amount, 0);
    assert_eq!(given.transaction().of.as_ref(), Some(&earning));
    // Again under the same key it is the same, and nothing is written.
    let again = give(&world.ledger, extend(UNTIL, "adj_1")).await;
    let again = again.expect("is the same");
    assert_eq!(
        (again.entry.seq, again.place),
        (given.entry.seq, given.place)
    );
    let other = give(&world.ledger, extend("never", "adj_1")).await;
    assert_eq!(other.expect_err("another"), Code::IdempotencyKeyReused);
    for earlier in [UNTIL, "2027-05-31T00:00:00Z"] {
        let refused = give(&world.ledger, extend(earlier, "adj_2")).await;
        assert_eq!(refused.expect_err("not later"), Code::ParameterInvalid);
    }
    sweep(&world, EXPIRED).await;
    assert_eq!(text(&world).await, "10: earn 10, adjust 0");
    sweep(&world, UNTIL).await;
    assert_eq!(text(&world).await, "0: earn 10, adjust 0, expire -10");
    let late = give(&world.ledger, extend("never", "adj_3")).await;
    assert_eq!(late.expect_err("it has expired"), Code::NothingLeft);
}

#[tokio::test]
async fn extended_points_may_last_for_ever_and_are_spent_last() {
    let world = world().await;
    let id = account(&world).await;
    let earning = nth(&world, &id, 0).await;
    let given = give(
        &world.ledger,
        wanted(&id, More::Left(earning), "never", "adj_1"),
    )
    .await;
    assert_eq!(given.expect("is extended").transaction().expires_at, None);
    sweep(&world, "2030-01-01T00:00:00Z").await;
    assert_eq!(text(&world).await, "10: earn 10, adjust 0");
}

#[tokio::test]
async fn what_has_expired_is_given_back_once() {
    let world = world().await;
    let id = account(&world).await;
    sweep(&world, EXPIRED).await;
    let (earning, expiry) = (nth(&world, &id, 0).await, nth(&world, &id, 1).await);
    let reinstate =
        |of: &TransactionId, key: &str| wanted(&id, More::Expired(of.clone()), UNTIL, key);
    let wrong = give(&world.ledger, reinstate(&earning, "adj_0")).await;
    assert_eq!(wrong.expect_err("no expiry"), Code::ParameterInvalid);
    let given = give(&world.ledger, reinstate(&expiry, "adj_1")).await;
    let given = given.expect("is given back");
    assert_eq!(given.transaction().amount, 10);
    assert_eq!(given.transaction().expires_at, Some(at(UNTIL)));
    let again = give(&world.ledger, reinstate(&expiry, "adj_1")).await;
    assert_eq!(again.expect("is the same").entry.seq, given.entry.seq);
    let other = give(&world.ledger, reinstate(&expiry, "adj_2")).await;
    assert_eq!(other.expect_err("once"), Code::AlreadyReinstated);
    assert_eq!(text(&world).await, "10: earn 10, expire -10, adjust 10");
    // It never counts as earned again.
    assert_eq!(world.member("cust_1").await.account.lifetime_points, 10);
    // What expires again can be given back again: it is another expiry.
    sweep(&world, UNTIL).await;
    let second = nth(&world, &id, 3).await;
    let given = give(
        &world.ledger,
        wanted(&id, More::Expired(second), "never", "adj_3"),
    )
    .await;
    assert_eq!(given.expect("is given back").transaction().amount, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_reinstatements_give_back_once() {
    let world = world().await;
    let id = account(&world).await;
    sweep(&world, EXPIRED).await;
    let expiry = nth(&world, &id, 1).await;
    let racing = (0..20).map(|number| {
        let ledger = world.another_ledger();
        let key = format!("adj_{number}");
        let wanted = wanted(&id, More::Expired(expiry.clone()), UNTIL, &key);
        tokio::spawn(async move { give(&ledger, wanted).await })
    });
    let mut given = 0;
    for ended in join_all(racing).await {
        match ended.expect("no panic") {
            Ok(_) => given += 1,
            Err(code) => assert_eq!(code, Code::AlreadyReinstated),
        }
    }
    assert_eq!(given, 1);
    assert_eq!(text(&world).await, "10: earn 10, expire -10, adjust 10");
}

#[tokio::test]
async fn a_merge_changes_nothing_of_that() {
    let world = world().await;
    let id = account(&world).await;
    sweep(&world, EXPIRED).await;
    let expiry = nth(&world, &id, 1).await;
    let target = world.create("cust_2").await;
    let stranger = world.create("cust_3").await;
    world.merge(&id, &target).await;
    let reinstate =
        |account: &str, key: &str| wanted(account, More::Expired(expiry.clone()), UNTIL, key);
    for (account, code) in [
        (&id, Code::AccountMerged),
        (&stranger, Code::ResourceMissing),
    ] {
        let refused = give(&world.ledger, reinstate(account, "adj_1")).await;
        assert_eq!(refused.expect_err("is refused"), code);
    }
    let given = give(&world.ledger, reinstate(&target, "adj_2")).await;
    assert_eq!(given.expect("is given back").transaction().amount, 10);
    let again = give(&world.ledger, reinstate(&target, "adj_3")).await;
    assert_eq!(again.expect_err("once"), Code::AlreadyReinstated);
    assert_eq!(world.member("cust_2").await.balance, 10);

    // And an earning of the merged account is extended.
    let mut event = payment("pay_2", "cust_2", 500);
    merge(&mut event, json!({"occurred_at": EXPIRED}));
    world.apply(event).await.expect("earns");
    let survivor = world.create("cust_4").await;
    let log = world.log(&target).await;
    let earning = log.last().expect("a transaction");
    let earning = earning.entry.transaction_id(earning.place);
    world.merge(&target, &survivor).await;
    let extend = wanted(&survivor, More::Left(earning), "never", "adj_4");
    give(&world.ledger, extend).await.expect("is extended");
    sweep(&world, "2030-01-01T00:00:00Z").await;
    assert_eq!(world.member("cust_4").await.balance, 5);
}

#[tokio::test]
async fn a_refund_takes_what_was_given_back() {
    let world = world().await;
    let id = account(&world).await;
    sweep(&world, EXPIRED).await;
    let half = world.apply(refund("re_1", "pay_1", Some(500))).await;
    half.expect("is handled");
    // Expired points are not taken twice.
    assert_eq!(text(&world).await, "0: earn 10, expire -10");
    let expiry = nth(&world, &id, 1).await;
    let wanted = wanted(&id, More::Expired(expiry), UNTIL, "adj_1");
    give(&world.ledger, wanted).await.expect("is given back");
    let rest = world.apply(refund("re_2", "pay_1", None)).await;
    rest.expect("is handled");
    let expected = "0: earn 10, expire -10, adjust 10, reverse -10";
    assert_eq!(text(&world).await, expected);
}

#[tokio::test]
async fn giving_more_time_survives_a_crash_at_every_call() {
    for phase in [Phase::Request, Phase::Answer] {
        for call in 0.. {
            let world = world().await;
            let id = account(&world).await;
            sweep(&world, EXPIRED).await;
            let expiry = nth(&world, &id, 1).await;
            let mut event = payment("pay_2", "cust_1", 500);
            merge(&mut event, json!({"occurred_at": EXPIRED}));
            world.apply(event).await.expect("earns");
            let earning = nth(&world, &id, 2).await;
            let crash = Crash::at(&world, Some((call, phase)));
            for (to, key) in [
                (More::Expired(expiry), "adj_1"),
                (More::Left(earning), "adj_2"),
            ] {
                let wanted = wanted(&id, to, UNTIL, key);
                let given = crash.survive(async |ledger| give(&ledger, wanted.clone()).await);
                given.await.expect("is given");
            }
            let came = crash.came();
            let expected = "15: earn 10, expire -10, earn 5, adjust 10, adjust 0";
            assert_eq!(text(&world).await, expected, "call {call}, {phase:?}");
            if !came {
                assert!(call > 5, "there was hardly a call to crash at");
                break;
            }
        }
    }
}

#[tokio::test]
async fn fields_of_adjustments_that_give_time_are_checked() {
    let site = crate::http::Site::new().await;
    let rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
    site.world.add_rule(rule).await;
    let settings = json!({"auto_enroll": true, "expires": {"after": "P1M"}});
    let program = format!("/v1/loyalty/programs/{PROGRAM}");
    site.post(&program, settings).await;
    let paid = site.world.apply(payment("pay_1", "cust_1", 1000)).await;
    let earning = paid.expect("earns").transactions[0].to_string();
    let id = account(&site.world).await;
    let base = json!({"account": id, "type": "adjust", "reason": "goodwill"});
    let table = [
        (json!({}), 400, "parameter_missing", "amount"),
        (
            json!({"extends": earning}),
            400,
            "parameter_missing",
            "expires_at",
        ),
        (
            json!({"extends": earning, "expires_at": null, "amount": 5}),
            400,
            "parameter_invalid",
            "amount",
        ),
        (
            json!({"extends": earning, "reinstates": earning, "expires_at": null}),
            400,
            "parameter_invalid",
            "reinstates",
        ),
        (
            json!({"extends": "ptx_none_1_0", "expires_at": null}),
            404,
            "resource_missing",
            "extends",
        ),
        (
            json!({"reinstates": "nonsense", "expires_at": null}),
            404,
            "resource_missing",
            "reinstates",
        ),
        (
            json!({"extends": earning, "expires_at": "2026-11-20T12:00:00Z"}),
            400,
            "parameter_invalid",
            "expires_at",
        ),
    ];
    for (over, status, code, param) in table {
        let mut body = base.clone();
        merge(&mut body, over);
        let (got, answer) = site.post("/v1/loyalty/transactions", body.clone()).await;
        let error = &answer["error"];
        assert_eq!(
            (got.as_u16(), &error["code"], &error["param"]),
            (status, &json!(code), &json!(param)),
            "{body}"
        );
    }
    let mut body = base;
    merge(&mut body, json!({"extends": earning, "expires_at": UNTIL}));
    let (status, made) = site.post("/v1/loyalty/transactions", body).await;
    assert_eq!(status.as_u16(), 201, "{made}");
    assert_eq!(
        (&made["amount"], &made["extends"], &made["expires_at"]),
        (&json!(0), &json!(earning), &json!(UNTIL))
    );
}
