//! Referrals over HTTP, as a shop uses them.

use axum::{Router, body::Body};
use laurel_tests::{PROGRAM, World, referrals::settings};
use serde_json::{Value, json};

use crate::{
    calls::{Call, account, key, process},
    http::Site,
};

const BASE: &str = "/v1/loyalty/referrals";
const ATTRIBUTE: &str = "/v1/loyalty/referrals/attribute";
const PAYMENTS: &str = "/v1/sandbox/payments";

async fn shop() -> (World, Router, String) {
    let world = World::with(settings(), &[]).await;
    let router = process(&world, 0);
    let anna = json!({"customer": "anna", "metadata": {"name": "Anna Smith"}});
    let anna = Call::post("/v1/loyalty/accounts", anna).at(&router).await;
    (world, router, anna.id())
}

async fn mint(router: &Router, account: &str, status: u16) -> Value {
    let made = Call::post(BASE, json!({"referrer": account}))
        .at(router)
        .await;
    assert_eq!(made.status, status, "{made:?}");
    made.body
}

async fn get(router: &Router, path: &str) -> Value {
    let got = Call::get(path).at(router).await;
    assert_eq!(got.status, 200, "{got:?}");
    got.body
}

/// A payment of the sandbox, with a card that is the customer's own.
async fn pay(router: &Router, customer: &str, number: &str) -> Value {
    let body = json!({
        "customer": customer, "amount": 2500, "currency": "EUR",
        "card": {"number": number, "fingerprint": format!("card_{customer}")},
    });
    let paid = Call::post(PAYMENTS, body).at(router).await;
    assert_eq!(paid.status, 201, "{paid:?}");
    paid.body
}

#[tokio::test]
async fn a_code_is_made_once_with_201_and_answered_then_with_200() {
    let (_world, router, anna) = shop().await;
    let asked = Call::post(BASE, json!({"program": PROGRAM, "referrer": anna}));
    let made = asked.at(&router).await;
    assert_eq!(made.status, 201, "{made:?}");
    let code = made.body["code"].as_str().expect("a code").to_owned();
    assert!(code.starts_with("ANNA-") && code.len() == 9, "{code}");
    let expected = json!({
        "object": "referral", "program": PROGRAM, "referrer": anna, "status": "pending",
        "shareUrl": format!("http://localhost/r/{code}"),
        "referee": null, "customer": null, "reason": null, "source": null,
        "reward": {"referrer": {"points": 500}, "referee": {"points": 250}},
        "qualify": {"firstPaymentMinimum": 2000, "windowDays": 30},
        "transactions": [], "redemptions": [], "payment": null, "attributed_at": null,
        "expires_at": null, "converted_at": null, "ended_at": null,
    });
    for (name, value) in expected.as_object().expect("fields") {
        assert_eq!(&made.body[name], value, "{name}");
    }
    let again = asked.at(&router).await;
    assert_eq!((again.status, &again.body), (200, &made.body));
    let named = Call::post(BASE, json!({"referrer": anna})).named("mint");
    for _ in 0..2 {
        assert_eq!(named.at(&router).await.status, 200);
    }
    let path = format!("{BASE}/{}", made.id());
    assert_eq!(get(&router, &path).await, made.body);
    let own = json!({"referrer": anna, "reward": {"referrer": {"points": 9}}});
    let own = Call::post(BASE, own).at(&router).await;
    assert_eq!(own.body["reward"], json!({"referrer": {"points": 9}}));
    assert_eq!(
        mint(&router, &anna, 200).await["reward"],
        own.body["reward"],
        "what is not named stays"
    );
    let back = json!({"referrer": anna, "reward": null});
    let back = Call::post(BASE, back).at(&router).await;
    assert_eq!(back.body["reward"], made.body["reward"]);
    let asked = asked.with("host", "shop.example.com");
    let elsewhere = asked.at(&router).await;
    let url = format!("https://shop.example.com/r/{code}");
    assert_eq!(elsewhere.body["shareUrl"], url.as_str());
    // Other terms hold from now on.
    let terms = json!({
        "referrer": anna, "reward": {"referrer": {"points": 9}},
        "qualify": {"first_payment_minimum": 100},
    });
    let changed = Call::post(BASE, terms).at(&router).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.body["code"], code.as_str());
    assert_eq!(changed.body["reward"], json!({"referrer": {"points": 9}}));
    let qualify = json!({"firstPaymentMinimum": 100});
    assert_eq!(changed.body["qualify"], qualify);
    let shown = get(&router, &format!("/v1/loyalty/accounts/{anna}")).await;
    assert_eq!(shown["referral_code"], code.as_str());
    assert_eq!(shown["referred_by"], Value::Null);
}

#[tokio::test]
async fn a_form_attributes_and_a_payment_converts() {
    let (_world, router, anna) = shop().await;
    let code = mint(&router, &anna, 201).await["code"].clone();
    let code = code.as_str().expect("a code");
    let form = format!("code={}&customer=ben", code.to_lowercase());
    let request = Site::request(
        "POST",
        ATTRIBUTE,
        "application/x-www-form-urlencoded",
        Body::from(form),
    );
    let answer = tower::ServiceExt::oneshot(router.clone(), request).await;
    assert_eq!(answer.expect("an answer").status(), 200);
    let asked = Call::post(ATTRIBUTE, json!({"code": code, "customer": "ben"}));
    let attributed = asked.at(&router).await;
    assert_eq!(attributed.status, 200, "{attributed:?}");
    let referral = attributed.body;
    assert_eq!(referral["status"], "attributed");
    assert_eq!(referral["customer"], "ben");
    assert_eq!(referral["source"], "code");
    assert_eq!(referral["referrer"], anna.as_str());
    let ben = referral["referee"].as_str().expect("an account").to_owned();
    let shown = get(&router, &format!("/v1/loyalty/accounts/{ben}")).await;
    assert_eq!(shown["referred_by"], referral["id"]);
    assert_eq!(shown["balance"], 0);

    let payment = pay(&router, "ben", "4242424242424242").await;
    let path = format!("{BASE}/{}", referral["id"].as_str().expect("an id"));
    let converted = get(&router, &path).await;
    assert_eq!(converted["status"], "converted");
    assert_eq!(converted["payment"], payment["id"]);
    let transactions = converted["transactions"].as_array().expect("two");
    assert_eq!(transactions.len(), 2);
    for (id, (account, points)) in transactions.iter().zip([(&anna, 500), (&ben, 250)]) {
        let path = format!("/v1/loyalty/transactions/{}", id.as_str().expect("an id"));
        let transaction = get(&router, &path).await;
        assert_eq!(transaction["account"], account.as_str());
        assert_eq!(transaction["points"], points);
        assert_eq!(transaction["referral"], referral["id"]);
    }
    for path in [
        format!("{BASE}?customer=ben"),
        format!("{BASE}?referee={ben}"),
        format!("{BASE}?referrer={anna}&status=converted"),
        format!("{BASE}?code={code}&limit=1"),
    ] {
        let list = get(&router, &path).await;
        assert_eq!(list["data"][0], converted, "{path}");
        assert_eq!(list["url"], BASE);
    }
    let refund = format!("{PAYMENTS}/{}/refund", payment["id"].as_str().expect("id"));
    let refunded = Call::post(refund, json!({})).at(&router).await;
    assert!(refunded.status < 300, "{refunded:?}");
    let reversed = get(&router, &path).await;
    assert_eq!(reversed["status"], "reversed");
    assert_eq!(reversed["transactions"], converted["transactions"]);
    for account in [&anna, &ben] {
        let shown = get(&router, &format!("/v1/loyalty/accounts/{account}")).await;
        assert_eq!(shown["balance"], 0);
    }
}

#[tokio::test]
async fn a_declined_card_never_converts() {
    let (_world, router, anna) = shop().await;
    let code = mint(&router, &anna, 201).await["code"].clone();
    let asked = json!({"code": code, "customer": "ben"});
    let referral = Call::post(ATTRIBUTE, asked).at(&router).await;
    let path = format!("{BASE}/{}", referral.id());
    for _ in 0..3 {
        let declined = pay(&router, "ben", "4000000000000002").await;
        assert_eq!(declined["status"], "failed");
        assert_eq!(get(&router, &path).await["status"], "attributed");
    }
    pay(&router, "ben", "4242424242424242").await;
    assert_eq!(get(&router, &path).await["status"], "converted");
}

#[tokio::test]
async fn what_is_wrong_is_said_of_its_field() {
    let (_world, router, anna) = shop().await;
    let code = mint(&router, &anna, 201).await["code"].clone();
    let closed = account(&router, PROGRAM, "closed").await;
    let close = format!("/v1/loyalty/accounts/{closed}/close");
    Call::post(close, json!({})).at(&router).await;
    let table = [
        (BASE, json!({}), 400, "parameter_missing", "referrer"),
        (
            BASE,
            json!({"referrer": "loy_nobody"}),
            404,
            "resource_missing",
            "referrer",
        ),
        (
            BASE,
            json!({"referrer": anna, "program": "prog_none"}),
            404,
            "resource_missing",
            "referrer",
        ),
        (
            BASE,
            json!({"referrer": closed}),
            409,
            "account_closed",
            "referrer",
        ),
        (
            BASE,
            json!({"referrer": anna, "code": "X"}),
            400,
            "parameter_unknown",
            "code",
        ),
        (
            BASE,
            json!({"referrer": anna, "reward": {"referrer": {"points": 0}}}),
            400,
            "parameter_invalid",
            "reward.referrer.points",
        ),
        (
            ATTRIBUTE,
            json!({"customer": "c"}),
            400,
            "parameter_missing",
            "code",
        ),
        (
            ATTRIBUTE,
            json!({"code": code}),
            400,
            "parameter_missing",
            "customer",
        ),
        (
            ATTRIBUTE,
            json!({"code": code, "email": "new@example.com"}),
            400,
            "parameter_missing",
            "customer",
        ),
        (
            ATTRIBUTE,
            json!({"code": "ANNA-0000", "customer": "c"}),
            404,
            "referral_code_not_found",
            "code",
        ),
        (
            ATTRIBUTE,
            json!({"code": "?", "customer": "c"}),
            404,
            "referral_code_not_found",
            "code",
        ),
        (
            ATTRIBUTE,
            json!({"click": "forged", "customer": "c"}),
            400,
            "parameter_invalid",
            "click",
        ),
        (
            ATTRIBUTE,
            json!({"code": code, "account": "loy_nobody"}),
            404,
            "resource_missing",
            "account",
        ),
        (
            ATTRIBUTE,
            json!({"code": code, "account": closed}),
            409,
            "account_closed",
            "customer",
        ),
    ];
    for (path, body, status, code, param) in table {
        let refused = Call::post(path, body.clone()).at(&router).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{body}");
        assert_eq!(refused.body["error"]["param"], param, "{body}");
    }
    let list = get(&router, BASE).await;
    assert_eq!(list["data"].as_array().expect("data").len(), 1, "the code");
    let velocity = |most: i64| json!({"velocity": {"maxConversionsPerWindow": most}});
    let program = format!("/v1/loyalty/programs/{PROGRAM}");
    for (most, status) in [(1000, 200), (1001, 400)] {
        let set = Call::post(&program, velocity(most)).at(&router).await;
        assert_eq!(set.status, status, "{set:?}");
    }
}

#[tokio::test]
async fn fraud_is_an_answer_and_scopes_are_asked_for() {
    let (_world, router, anna) = shop().await;
    let code = mint(&router, &anna, 201).await["code"].clone();
    let own = Call::post(ATTRIBUTE, json!({"code": code, "customer": "anna"}));
    let rejected = own.at(&router).await;
    assert_eq!(rejected.status, 200, "{rejected:?}");
    assert_eq!(rejected.body["status"], "rejected");
    assert_eq!(rejected.body["reason"], "self_referral");
    let shown = get(&router, &format!("/v1/loyalty/accounts/{anna}")).await;
    assert_eq!(shown["referred_by"], Value::Null, "it does not count");

    let reads = json!({"type": "restricted", "scopes": ["referrals:read"]});
    let reads = key(&router, reads).await;
    let listed = Call::get(BASE).by(&reads).at(&router).await;
    assert_eq!(listed.status, 200, "{listed:?}");
    for path in [BASE, ATTRIBUTE] {
        let refused = Call::post(path, json!({})).by(&reads).at(&router).await;
        assert_eq!(
            (refused.status, refused.code()),
            (403, "scope_insufficient")
        );
    }
    // To a key of another program the code is unknown.
    let other = json!({"id": "prog_other"});
    Call::post("/v1/loyalty/programs", other).at(&router).await;
    let other = key(
        &router,
        json!({"type": "secret", "programs": ["prog_other"]}),
    )
    .await;
    let path = format!(
        "{BASE}?program=prog_other&code={}",
        code.as_str().expect("a code")
    );
    let listed = Call::get(path).by(&other).at(&router).await;
    assert_eq!(listed.body["data"], json!([]), "{listed:?}");
}
