//! Referrals.

use serde_json::json;

use super::Recorder;

const BASE: &str = "/v1/loyalty/referrals";

pub(super) async fn record(r: &mut Recorder) {
    // One after the other, not within each other: debug builds have large frames.
    let (account, code) = Box::pin(codes(r)).await;
    let referral = Box::pin(attributions(r, &code)).await;
    Box::pin(lists(r, &account, &referral)).await;
}

/// A member's account and code.
async fn codes(r: &mut Recorder) -> (String, String) {
    let member = json!({"customer": "cust_shares", "metadata": {"name": "Anna"}});
    let path = "/v1/loyalty/accounts";
    let member = r.call("A member", ("POST", path), Some(member), 201).await;
    let asked = json!({"program": "prog_default", "referrer": member["id"],
        "reward": {"referrer": {"points": 500}, "referee": {"points": 250}},
        "qualify": {"firstPaymentMinimum": 2000, "windowDays": 30}});
    let made = r
        .call("A new code", ("POST", BASE), Some(asked.clone()), 201)
        .await;
    // Codes are drawn, and links begin with the host that the request names.
    let code = made["code"].as_str().expect("a code").to_owned();
    r.names.push((code.clone(), "ANNA-7F3K".to_owned()));
    let host = ("http://localhost/r/", "https://go.example.com/r/");
    r.names.push((host.0.to_owned(), host.1.to_owned()));
    r.call("The same again", ("POST", BASE), Some(asked), 200)
        .await;
    let account = member["id"].as_str().expect("an id").to_owned();
    (account, code)
}

/// The id of a referral.
async fn attributions(r: &mut Recorder, code: &str) -> String {
    let attribute = format!("{BASE}/attribute");
    let came = json!({"code": code, "customer": "cust_new789", "email": "ben@example.com"});
    let came = r
        .call(
            "A new customer",
            ("POST", &attribute),
            Some(came.clone()),
            200,
        )
        .await;
    let unknown = json!({"code": "ANNA-2222", "customer": "cust_new790"});
    r.call("An unknown code", ("POST", &attribute), Some(unknown), 404)
        .await;
    let own = json!({"code": code, "customer": "cust_shares"});
    r.call("One's own code", ("POST", &attribute), Some(own), 200)
        .await;
    came["id"].as_str().expect("an id").to_owned()
}

async fn lists(r: &mut Recorder, account: &str, referral: &str) {
    let paid = json!({"type": "payment.completed", "occurred_at": "2026-11-20T12:00:00Z",
        "data": {"id": "pay_first", "customer": "cust_new789", "amount": 2500, "currency": "EUR",
            "payment_method": {"type": "card", "fingerprint": "card_of_ben"}}});
    r.call(
        "The payment that converts a referral",
        ("POST", "/v1/events"),
        Some(paid),
        200,
    )
    .await;
    let one = format!("{BASE}/{referral}");
    r.call("One that has converted", ("GET", &one), None, 200)
        .await;
    let path = format!("{BASE}?referrer={account}");
    r.call("Those of a member", ("GET", &path), None, 200).await;
    let path = format!("{BASE}?customer=cust_new789");
    r.call("How a customer came", ("GET", &path), None, 200)
        .await;
}
