//! A key of one program sees those of others as unknown: the same answer, word for word, on every
//! route by id. A new route that takes an id, or a program, joins the list here.

use axum::Router;
use laurel_tests::{PROGRAM, World, payment};
use serde_json::{Value, json};

use crate::calls::{Answer, Call, account, key, process};

struct Two {
    world: World,
    router: Router,
    /// A secret key of `prog_default` only.
    key: String,
    /// Ids of the other program's objects, each with one that there is not.
    foreign: Ids,
    unknown: Ids,
}

#[derive(Debug, Clone)]
struct Ids {
    program: String,
    account: String,
    rule: String,
    transaction: String,
    credit: String,
    tier: String,
    segment: String,
    simulation: String,
    event_type: String,
    campaign: String,
    payment: String,
    endpoint: String,
    reward: String,
    redemption: String,
    code: String,
    referral: String,
    /// A code of the key's own program.
    own_code: String,
}

impl Ids {
    /// The event that announces the transaction.
    fn event(&self) -> String {
        self.transaction.replacen("ptx_", "evt_", 1)
    }

    /// A delivery to the endpoint.
    fn delivery(&self) -> String {
        let suffix = self.endpoint.trim_start_matches("we_");
        format!("whd_{suffix}_{:032x}", 1)
    }
}

async fn two() -> Two {
    let world = World::with(json!({"auto_enroll": true}), &[]).await;
    let router = process(&world, 0);
    let other = json!({"id": "prog_other", "auto_enroll": true});
    let made = Call::post("/v1/loyalty/programs", other).at(&router).await;
    assert_eq!(made.status, 201);
    let rule = json!({
        "program": "prog_other", "trigger": "signup", "award": {"type": "fixed", "points": 5},
    });
    let rule = Call::post("/v1/loyalty/earning_rules", rule)
        .at(&router)
        .await
        .id();
    let member = account(&router, "prog_other", "theirs").await;
    let adjust = json!({"account": member, "type": "adjust", "amount": 9, "reason": "r"});
    let made = Call::post("/v1/loyalty/transactions", adjust)
        .at(&router)
        .await;
    let credit = json!({"account": member, "amount": 9, "currency": "EUR", "reason": "r"});
    let credit = Call::post("/v1/loyalty/store_credit_transactions", credit)
        .at(&router)
        .await
        .id();
    let event_type = json!({"program": "prog_other", "name": "review"});
    let event_type = Call::post("/v1/event_types", event_type)
        .at(&router)
        .await
        .id();
    let campaign = json!({
        "program": "prog_other", "multiplier": 2, "budget": {"points": 100},
    });
    let campaign = Call::post("/v1/loyalty/campaigns", campaign)
        .at(&router)
        .await
        .id();
    let tier = json!({"program": "prog_other", "key": "gold", "threshold": 1000});
    let tier = Call::post("/v1/loyalty/tiers", tier).at(&router).await.id();
    let segment = json!({"program": "prog_other", "key": "vip", "when": "true"});
    let segment = Call::post("/v1/loyalty/segments", segment)
        .at(&router)
        .await
        .id();
    let simulation = json!({"program": "prog_other", "rules": [], "from": "2026-11-20T00:00:00Z"});
    let simulation = Call::post("/v1/loyalty/simulations", simulation)
        .at(&router)
        .await
        .id();
    let payment = json!({
        "program": "prog_other", "customer": "theirs", "amount": 100, "currency": "EUR",
        "card": "4242424242424242",
    });
    let payment = Call::post("/v1/sandbox/payments", payment)
        .at(&router)
        .await
        .id();
    let endpoint = json!({"url": "https://example.com/", "program": "prog_other"});
    let endpoint = Call::post("/v1/webhook_endpoints", endpoint)
        .at(&router)
        .await
        .id();
    let reward = json!({
        "program": "prog_other", "type": "custom", "name": "A hug", "cost": 5,
    });
    let reward = Call::post("/v1/loyalty/rewards", reward)
        .at(&router)
        .await
        .id();
    let redeem = json!({"account": member, "reward": reward});
    let redemption = Call::post("/v1/loyalty/redemptions", redeem)
        .at(&router)
        .await
        .id();
    let code = referral_code(&router, &member).await;
    let came = json!({"code": code, "customer": "their_friend"});
    let referral = Call::post("/v1/loyalty/referrals/attribute", came)
        .at(&router)
        .await
        .id();
    let own = account(&router, PROGRAM, "ours").await;
    let own_code = referral_code(&router, &own).await;
    let foreign = Ids {
        code,
        referral,
        own_code: own_code.clone(),
        reward,
        redemption,
        endpoint,
        program: "prog_other".to_owned(),
        event_type,
        campaign,
        payment,
        transaction: made.id(),
        credit,
        tier,
        segment,
        simulation,
        account: member,
        rule,
    };
    let unknown = Ids {
        program: "prog_none".to_owned(),
        account: "loy_none".to_owned(),
        rule: "rule_none".to_owned(),
        transaction: "ptx_none_1_0".to_owned(),
        credit: "sct_none_1_0".to_owned(),
        tier: "tier_none".to_owned(),
        segment: "seg_none".to_owned(),
        simulation: "sim_none".to_owned(),
        event_type: "evtype_none".to_owned(),
        campaign: "camp_none".to_owned(),
        payment: "pay_none".to_owned(),
        endpoint: "we_none".to_owned(),
        reward: "rwd_none".to_owned(),
        redemption: format!("rdm_none_{:0>26}", 1),
        code: "NOBODY-2222".to_owned(),
        referral: format!("ref_none_{:0>26}", 1),
        own_code,
    };
    let key = key(&router, json!({"type": "secret", "programs": [PROGRAM]})).await;
    Two {
        world,
        router,
        key,
        foreign,
        unknown,
    }
}

async fn referral_code(router: &Router, account: &str) -> String {
    let made = Call::post("/v1/loyalty/referrals", json!({"referrer": account}))
        .at(router)
        .await;
    made.body["code"].as_str().expect("a code").to_owned()
}

/// Every call by the id of an object, or about a program.
fn calls(ids: &Ids) -> Vec<Call> {
    let Ids {
        program,
        account,
        rule,
        transaction,
        credit,
        tier,
        segment,
        simulation,
        event_type,
        campaign,
        payment,
        endpoint,
        reward,
        redemption,
        code,
        referral,
        own_code,
    } = ids;
    let (emitted, delivery) = (ids.event(), ids.delivery());
    let hooks = "/v1/webhook_endpoints";
    let adjust =
        |account: &str| json!({"account": account, "type": "adjust", "amount": 1, "reason": "r"});
    let rule_body = json!({
        "program": program, "trigger": "signup", "award": {"type": "fixed", "points": 1},
    });
    let event =
        json!({"type": "signup", "id": "s1", "program": program, "data": {"customer": "theirs"}});
    let in_data = json!({
        "type": "signup", "id": "s2", "data": {"customer": "theirs", "program": program},
    });
    let mut calls = vec![
        Call::get(format!("/v1/loyalty/programs/{program}")),
        Call::get(format!("/v1/loyalty/programs/{program}/audit")),
        Call::get(format!("/v1/loyalty/programs/{program}/liability")),
        Call::get(format!("/v1/loyalty/programs/{program}/journal")),
        Call::get(format!(
            "/v1/loyalty/programs/{program}/journal?month=2026-11"
        )),
        Call::get(format!(
            "/v1/loyalty/programs/{PROGRAM}/journal?starting_after={account}"
        )),
        Call::post(
            format!("/v1/loyalty/programs/{program}/liability/recount"),
            json!({}),
        ),
        Call::get(format!("/v1/loyalty/programs?starting_after={program}")),
        Call::get(format!("/v1/loyalty/programs?ending_before={program}")),
        Call::get(format!("/v1/loyalty/accounts/{account}")),
        Call::post(
            format!("/v1/loyalty/accounts/{account}/member_token"),
            json!({}),
        ),
        Call::post(format!("/v1/loyalty/accounts/{account}/close"), json!({})),
        Call::post(format!("/v1/loyalty/accounts/{account}/reopen"), json!({})),
        Call::new(
            "DELETE",
            format!("/v1/loyalty/accounts/{account}/personal_data"),
            None,
        ),
        Call::post(
            "/v1/loyalty/accounts/merge",
            json!({"source": account, "target": "loy_none"}),
        ),
        Call::get(format!("/v1/loyalty/accounts?program={program}")),
        Call::get(format!(
            "/v1/loyalty/accounts?program={program}&customer=theirs"
        )),
        Call::get(format!(
            "/v1/loyalty/accounts?program={program}&starting_after={account}"
        )),
        Call::get(format!("/v1/loyalty/accounts?starting_after={account}")),
        Call::post(
            "/v1/loyalty/accounts",
            json!({"program": program, "customer": "theirs"}),
        ),
        Call::get(format!("/v1/loyalty/earning_rules/{rule}")),
        Call::get(format!("/v1/loyalty/earning_rules?program={program}")),
        Call::get(format!("/v1/loyalty/earning_rules?starting_after={rule}")),
        Call::new("DELETE", format!("/v1/loyalty/earning_rules/{rule}"), None),
        Call::post("/v1/loyalty/earning_rules", rule_body),
        Call::get(format!("/v1/experiments?program={program}")),
        Call::get(format!("/v1/experiments/theirs?program={program}")),
        Call::post("/v1/experiments/theirs/stop", json!({"program": program})),
        Call::post(
            "/v1/loyalty/earning_rules/import",
            json!({"program": program, "events": {"signup": {"rsncFlat": 1}}}),
        ),
        Call::post(
            "/resonance-api/manual-event",
            json!({"brandId": program, "eventType": "signup", "userEmail": "a@b.c"}),
        ),
        Call::post("/v1/events", event.clone()),
        Call::get(format!("/v1/events?program={program}")),
        Call::get(format!("/v1/events/{emitted}")),
        Call::get(format!("{hooks}?starting_after={endpoint}")),
        Call::get(format!("{hooks}/{endpoint}")),
        Call::post(format!("{hooks}/{endpoint}"), json!({"description": "x"})),
        Call::new("PATCH", format!("{hooks}/{endpoint}"), Some(json!({}))),
        Call::new("DELETE", format!("{hooks}/{endpoint}"), None),
        Call::post(format!("{hooks}/{endpoint}/rotate_secret"), json!({})),
        Call::post(format!("{hooks}/{endpoint}/test"), json!({})),
        Call::get(format!("{hooks}/{endpoint}/deliveries")),
        Call::get(format!("{hooks}/{endpoint}/deliveries/{delivery}")),
        Call::post(
            format!("{hooks}/{endpoint}/deliveries/{delivery}/redeliver"),
            json!({}),
        ),
        Call::post(
            format!("{hooks}/deliveries/{delivery}/redeliver"),
            json!({}),
        ),
        Call::post(
            "/v1/webhook_endpoints",
            json!({"url": "https://example.com/", "program": program}),
        ),
        Call::post("/v1/events", in_data),
        Call::post("/v1/events?async=true", event.clone()),
        Call::post("/v1/events", json!([event])),
        Call::post(
            "/v1/events",
            json!({"type": "signup", "id": "s3", "data": {"metadata": {"loyalty_account": account}}}),
        ),
        Call::post(
            "/v1/events",
            json!({"type": "signup", "id": "s4", "data": {"account": account}}),
        ),
    ];
    let campaign_path = format!("/v1/loyalty/campaigns/{campaign}");
    calls.extend([
        Call::get(format!("/v1/loyalty/programs/{program}/budget")),
        Call::get(format!("/v1/loyalty/campaigns?program={program}")),
        Call::get(format!("/v1/loyalty/campaigns?starting_after={campaign}")),
        Call::post(
            "/v1/loyalty/campaigns",
            json!({"program": program, "multiplier": 3}),
        ),
        Call::get(&campaign_path),
        Call::get(format!("{campaign_path}/budget")),
        Call::new("DELETE", &campaign_path, None),
    ]);
    let tier_path = format!("/v1/loyalty/tiers/{tier}");
    calls.extend([
        Call::get(&tier_path),
        Call::get(format!("/v1/loyalty/tiers?program={program}")),
        Call::get(format!("/v1/loyalty/tiers?starting_after={tier}")),
        Call::post(
            "/v1/loyalty/tiers",
            json!({"program": program, "key": "gold", "threshold": 1}),
        ),
        Call::post(&tier_path, json!({"name": "n"})),
        Call::new("PATCH", &tier_path, Some(json!({"name": "n"}))),
        Call::new("DELETE", &tier_path, None),
    ]);
    let segment_path = format!("/v1/loyalty/segments/{segment}");
    calls.extend([
        Call::get(&segment_path),
        Call::get(format!("/v1/loyalty/segments?program={program}")),
        Call::get(format!("/v1/loyalty/segments?starting_after={segment}")),
        Call::post(
            "/v1/loyalty/segments",
            json!({"program": program, "key": "vip", "when": "true"}),
        ),
        Call::post(&segment_path, json!({"name": "n"})),
        Call::new("PATCH", &segment_path, Some(json!({"name": "n"}))),
        Call::new("DELETE", &segment_path, None),
    ]);
    let simulations = "/v1/loyalty/simulations";
    calls.extend([
        Call::get(format!("{simulations}/{simulation}")),
        Call::get(format!("{simulations}?program={program}")),
        Call::get(format!("{simulations}?starting_after={simulation}")),
        Call::post(
            simulations,
            json!({"program": program, "rules": [], "from": "2026-11-20T00:00:00Z"}),
        ),
        Call::new("DELETE", format!("{simulations}/{simulation}"), None),
    ]);
    calls.extend([
        Call::get(format!("/v1/loyalty/programs/{program}/tier_evaluation")),
        Call::new(
            "POST",
            format!("/v1/loyalty/programs/{program}/tier_evaluation"),
            None,
        ),
    ]);
    let type_path = format!("/v1/event_types/{event_type}");
    let typed = json!({"program": program, "name": "review"});
    let paid = json!({
        "program": program, "customer": "theirs", "amount": 100, "currency": "EUR",
        "card": "4242424242424242",
    });
    calls.extend([
        Call::get(&type_path),
        Call::get(format!("{type_path}?program={program}")),
        Call::get(format!("/v1/event_types/review?program={program}")),
        Call::get(format!("/v1/event_types?program={program}")),
        Call::get(format!("/v1/event_types?starting_after={event_type}")),
        Call::post("/v1/event_types", typed),
        Call::post(&type_path, json!({"description": "d"})),
        Call::new("PATCH", &type_path, Some(json!({"description": "d"}))),
        Call::new("DELETE", &type_path, None),
        Call::get(format!("/v1/sandbox/clock?program={program}")),
        Call::post(
            "/v1/sandbox/clock",
            json!({"program": program, "now": "2030-01-01T00:00:00Z"}),
        ),
        Call::get(format!("/v1/sandbox/payments?program={program}")),
        Call::get(format!("/v1/sandbox/payments?starting_after={payment}")),
        Call::get(format!("/v1/sandbox/payments/{payment}")),
        Call::post("/v1/sandbox/payments", paid),
        Call::post(format!("/v1/sandbox/payments/{payment}/refund"), json!({})),
    ]);
    let (rewards, redemptions) = ("/v1/loyalty/rewards", "/v1/loyalty/redemptions");
    let hug = json!({"program": program, "type": "custom", "name": "A hug", "cost": 5});
    let order = json!({"amount": 100, "currency": "EUR"});
    calls.extend([
        Call::get(format!("{rewards}/{reward}")),
        Call::get(format!("{rewards}?program={program}")),
        Call::get(format!("{rewards}?starting_after={reward}")),
        Call::post(rewards, hug),
        Call::new("DELETE", format!("{rewards}/{reward}"), None),
        Call::post(
            format!("{rewards}/{reward}/codes"),
            json!({"codes": ["ABCD-1234"]}),
        ),
        Call::get(format!("{redemptions}/{redemption}")),
        Call::get(format!("{redemptions}?program={program}")),
        Call::get(format!("{redemptions}?account={account}")),
        Call::get(format!("{redemptions}?starting_after={redemption}")),
        Call::post(redemptions, json!({"account": account, "reward": reward})),
        Call::post(format!("{redemptions}/{redemption}/confirm"), json!({})),
        Call::post(format!("{redemptions}/{redemption}/cancel"), json!({})),
        Call::post(format!("{redemptions}/{redemption}/use"), json!({})),
        Call::post(
            format!("{redemptions}/use"),
            json!({"program": program, "code": "ABCD-1234"}),
        ),
        Call::post(
            format!("{redemptions}/validate"),
            json!({"redemption": redemption, "order": order}),
        ),
        Call::post(
            format!("{redemptions}/validate"),
            json!({"program": program, "code": "ABCD-1234", "order": order}),
        ),
    ]);
    let paid = json!({"type": "payment.completed", "data": {"amount": 1, "currency": "EUR"}});
    let estimate = "/v1/loyalty/estimate";
    calls.extend([
        Call::post(estimate, json!({"account": account, "event": paid})),
        Call::post(estimate, json!({"program": program, "event": paid})),
        Call::post(
            estimate,
            json!({"event": {"type": "x", "data": {"program": program}}}),
        ),
    ]);
    let referrals = "/v1/loyalty/referrals";
    let attribute = format!("{referrals}/attribute");
    calls.extend([
        Call::get(format!("{referrals}/{referral}")),
        Call::get(format!("{referrals}?program={program}")),
        Call::get(format!("{referrals}?program={program}&customer=theirs")),
        Call::get(format!("{referrals}?program={program}&code={code}")),
        Call::get(format!("{referrals}?referrer={account}")),
        Call::get(format!("{referrals}?referee={account}")),
        Call::get(format!("{referrals}?starting_after={referral}")),
        Call::post(referrals, json!({"referrer": account})),
        Call::post(referrals, json!({"program": program, "referrer": account})),
        Call::post(&attribute, json!({"code": code, "customer": "ours"})),
        Call::post(&attribute, json!({"code": own_code, "account": account})),
    ]);
    for method in ["POST", "PATCH"] {
        for path in [
            format!("{rewards}/{reward}"),
            format!("/v1/loyalty/programs/{program}"),
            format!("/v1/loyalty/accounts/{account}"),
            format!("/v1/loyalty/earning_rules/{rule}"),
            campaign_path.clone(),
        ] {
            calls.push(Call::new(
                method,
                path,
                Some(json!({"metadata": {"k": "v"}})),
            ));
        }
    }
    for name in ["transactions", "points_transactions"] {
        let base = format!("/v1/loyalty/{name}");
        calls.push(Call::get(format!("{base}?account={account}")));
        calls.push(Call::get(format!("{base}/{transaction}")));
        calls.push(Call::post(base, adjust(account)));
    }
    let base = "/v1/loyalty/store_credit_transactions";
    calls.push(Call::get(format!("{base}?account={account}")));
    calls.push(Call::get(format!("{base}/{credit}")));
    calls.push(Call::post(
        base,
        json!({"account": account, "amount": 1, "currency": "EUR", "reason": "r"}),
    ));
    calls
}

/// What an answer says, with ids left out.
fn words(answer: &Answer, ids: &Ids) -> String {
    let mut text = format!("{} {}", answer.status, answer.content());
    // A transaction's id holds its account's, so the longer ones go first.
    for id in [
        &ids.referral,
        &ids.code,
        &ids.redemption,
        &ids.reward,
        &ids.event(),
        &ids.delivery(),
        &ids.endpoint,
        &ids.transaction,
        &ids.credit,
        &ids.account,
        &ids.rule,
        &ids.event_type,
        &ids.campaign,
        &ids.tier,
        &ids.segment,
        &ids.simulation,
        &ids.payment,
        &ids.program,
    ] {
        text = text.replace(id.as_str(), "ID");
    }
    text
}

async fn state(two: &Two) -> Vec<Value> {
    let Ids {
        program,
        account,
        rule,
        ..
    } = &two.foreign;
    let mut state = Vec::new();
    for path in [
        format!("/v1/loyalty/programs/{program}"),
        format!("/v1/loyalty/accounts?program={program}"),
        format!("/v1/loyalty/earning_rules/{rule}"),
        format!("/v1/loyalty/transactions?account={account}"),
        format!("/v1/loyalty/store_credit_transactions?account={account}"),
        format!("/v1/loyalty/rewards?program={program}"),
        format!("/v1/loyalty/redemptions?program={program}"),
        format!("/v1/loyalty/referrals?program={program}"),
    ] {
        state.push(Call::get(path).at(&two.router).await.body);
    }
    state
}

#[tokio::test]
async fn foreign_objects_are_unknown_ones_on_every_route() {
    let two = two().await;
    let before = state(&two).await;
    let pairs = calls(&two.foreign).into_iter().zip(calls(&two.unknown));
    for (place, (foreign, unknown)) in pairs.enumerate() {
        let foreign = foreign.by(&two.key).at(&two.router).await;
        let unknown = unknown.by(&two.key).at(&two.router).await;
        assert_eq!(
            words(&foreign, &two.foreign),
            words(&unknown, &two.unknown),
            "call {place}"
        );
        // An event for a member whom nobody knows is no error, and a code is worth nothing;
        // nothing else succeeds.
        let is_unlinked = foreign.body["outcome"] == "unlinked";
        let is_worthless = foreign.body["reason"] == "not_found";
        let is_refused_alone = foreign.body["data"][0]["outcome"] == "refused";
        assert!(
            foreign.status >= 400 || is_unlinked || is_refused_alone || is_worthless,
            "call {place}: {foreign:?}"
        );
    }
    assert_eq!(state(&two).await, before);
}

/// What such a key cannot call, or what has nothing to do with programs.
const EXEMPT: [&str; 8] = [
    "api_keys.create",
    "api_keys.delete",
    "api_keys.list",
    "api_keys.retrieve",
    "api_keys.revoke",
    "health.retrieve",
    "openapi.retrieve",
    "programs.create",
];

#[tokio::test]
async fn every_route_is_walked() {
    let ids = Ids {
        program: "prog_1".to_owned(),
        account: "loy_1".to_owned(),
        rule: "rule_1".to_owned(),
        credit: "sct_1_1_0".to_owned(),
        tier: "tier_none".to_owned(),
        segment: "seg_none".to_owned(),
        simulation: "sim_none".to_owned(),
        transaction: "ptx_1_1_0".to_owned(),
        event_type: "evtype_1".to_owned(),
        campaign: "camp_none".to_owned(),
        payment: "pay_1".to_owned(),
        endpoint: "we_1".to_owned(),
        reward: "rwd_1".to_owned(),
        redemption: format!("rdm_1_{:0>26}", 1),
        code: "ANNA-7F3K".to_owned(),
        referral: format!("ref_1_{:0>26}", 1),
        own_code: "ANNA-7F3K".to_owned(),
    };
    let walked: Vec<&str> = calls(&ids).iter().filter_map(Call::operation).collect();
    for id in api::openapi::operation_ids() {
        assert!(
            walked.contains(&id) != EXEMPT.contains(&id),
            "{id}: a route is either called here with foreign ids or exempt for a reason"
        );
    }
}

#[tokio::test]
async fn a_key_of_a_program_works_in_it() {
    let two = two().await;
    let list = Call::get("/v1/loyalty/programs")
        .by(&two.key)
        .at(&two.router)
        .await;
    let ids: Vec<&Value> = list.body["data"]
        .as_array()
        .expect("data")
        .iter()
        .map(|program| &program["id"])
        .collect();
    assert_eq!(ids, [PROGRAM]);
    let paid = Call::post("/v1/events", payment("pay_1", "mine", 100));
    let paid = paid.by(&two.key).at(&two.router).await;
    assert_eq!(paid.status, 200, "{paid:?}");
    assert!(two.world.find_member("mine").await.is_some());
    for id in ["prog_new", "prog_other"] {
        let new = Call::post("/v1/loyalty/programs", json!({"id": id}));
        let answer = new.by(&two.key).at(&two.router).await;
        assert_eq!((answer.status, answer.code()), (403, "scope_insufficient"));
    }
}
