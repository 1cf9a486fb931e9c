//! API keys, their scopes, and what a page may see with a member's token.

use jiff::SignedDuration;
use laurel_tests::{PROGRAM, World};
use serde_json::{Value, json};

use crate::calls::{Call, account, key, process};

const KEYS: &str = "/v1/api_keys";

async fn world() -> World {
    World::with(json!({"auto_enroll": true, "currency": "Stars"}), &[]).await
}

fn later(world: &World, seconds: i64) {
    world
        .clock
        .set(world.ledger.now() + SignedDuration::from_secs(seconds));
}

#[tokio::test]
async fn a_key_is_shown_once_works_at_once_and_ends_soon_after_its_revocation() {
    let world = world().await;
    let router = process(&world, 0);
    let fields = json!({"name": "Shop", "type": "secret", "rate_limit": 50});
    let made = Call::post(KEYS, fields).at(&router).await;
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.body["secret"].as_str().expect("a text").to_owned();
    let id = made.id();
    assert!(secret.starts_with("sk_test_") && id.starts_with("key_"));
    let mut shown = made.body.clone();
    let expected = json!({
        "object": "api_key", "name": "Shop", "type": "secret", "scopes": null, "programs": null,
        "rate_limit": 50, "prefix": "sk_test_", "last4": secret[secret.len() - 4..],
        "revoked_at": null,
    });
    for (field, value) in expected.as_object().expect("an object") {
        assert_eq!(&shown[field], value, "{field}");
    }
    shown.as_object_mut().expect("an object").remove("secret");
    let read = Call::get(format!("{KEYS}/{id}")).at(&router).await;
    assert_eq!(read.body, shown);
    let list = Call::get(KEYS).at(&router).await;
    assert_eq!(list.body["data"], json!([shown]));

    let call = Call::get("/v1/loyalty/accounts").by(&secret);
    assert_eq!(call.at(&router).await.status, 200);
    let bearer = format!("Bearer {secret}");
    let other_way = Call::get("/v1/loyalty/accounts")
        .by("")
        .with("authorization", &bearer);
    assert_eq!(
        other_way.at(&router).await.status,
        401,
        "an empty key is no key"
    );

    let revoked = Call::new("DELETE", format!("{KEYS}/{id}"), None)
        .at(&router)
        .await;
    assert_eq!((revoked.status, &revoked.body["id"]), (200, &json!(id)));
    let again = Call::post(format!("{KEYS}/{id}/revoke"), json!({}))
        .at(&router)
        .await;
    assert_eq!(again.body, revoked.body);
    // A process that knows the key may go on knowing it for half a minute, another one may not.
    assert_eq!(call.at(&process(&world, 0)).await.code(), "api_key_invalid");
    later(&world, 30);
    let refused = call.at(&router).await;
    assert_eq!((refused.status, refused.code()), (401, "api_key_invalid"));
}

#[tokio::test]
async fn no_text_of_a_key_is_stored() {
    let world = world().await;
    let secret = key(&process(&world, 0), json!({"type": "publishable"})).await;
    let scanned = world
        .store
        .client()
        .scan()
        .table_name("laurel")
        .send()
        .await;
    let table = format!("{:?}", scanned.expect("a scan").items());
    assert!(table.contains("pk_test_") && !table.contains(&secret));
    assert!(!table.contains(&secret[secret.len() - 26..]));
}

#[tokio::test]
async fn kept_answers_tell_the_table_nothing() {
    let world = world().await;
    let router = process(&world, 0);
    let member = account(&router, PROGRAM, "c1").await;
    let calls = [
        (KEYS.to_owned(), json!({"type": "secret"})),
        (
            "/v1/loyalty/accounts".to_owned(),
            json!({"email": "anna@example.com", "metadata": {"size": "a very odd size"}}),
        ),
        (
            format!("/v1/loyalty/accounts/{member}/member_token"),
            json!({}),
        ),
        (
            "/v1/webhook_endpoints".to_owned(),
            json!({"url": "https://127.0.0.1:9/"}),
        ),
    ];
    let mut kept = Vec::new();
    for (number, (path, body)) in calls.into_iter().enumerate() {
        let name = format!("name {number}");
        let mut answers = Vec::new();
        for _ in 0..2 {
            let call = Call::post(path.clone(), body.clone()).named(&name);
            answers.push(call.at(&router).await);
        }
        assert!(answers[0].status < 300, "{answers:?}");
        assert_eq!(answers[0].body, answers[1].body);
        assert!(answers[1].is_replayed());
        kept.push(answers.remove(0).body);
    }
    let scanned = world.store.client().scan().table_name("laurel").send();
    let mut sealed = 0;
    for item in scanned.await.expect("a scan").items() {
        let Some(Ok(body)) = item.get("b").map(|body| body.as_b()) else {
            continue;
        };
        sealed += 1;
        let text = String::from_utf8_lossy(body.as_ref());
        for told in ["secret", "token", "object", "anna@example.com", "odd size"] {
            assert!(!text.contains(told), "{text}");
        }
    }
    assert_eq!(sealed, kept.len());
    // Of what is told once nothing is legible anywhere else either, but a webhook's secret, which
    // must sign.
    let scanned = world.store.client().scan().table_name("laurel").send();
    let table = format!("{:?}", scanned.await.expect("a scan").items());
    for told in [&kept[0]["secret"], &kept[2]["token"]] {
        assert!(!table.contains(told.as_str().expect("a text")));
    }
}

#[tokio::test]
async fn wrong_keys_are_refused_alike_and_cost_little() {
    let world = world().await;
    let router = process(&world, 0);
    let right = key(&router, json!({"type": "secret"})).await;
    let before = world.store.usage();
    let mut answers = Vec::new();
    for wrong in [
        "x",
        "sk_test_x",
        "sk_live_local",
        &right[1..],
        &format!("{right}0"),
    ] {
        let answer = Call::get(KEYS).by(wrong).at(&router).await;
        answers.push((answer.status, answer.content()));
    }
    assert_eq!(world.store.usage().since(&before).total_requests(), 0);
    let mut forged = right.clone();
    forged.pop();
    forged.push(if right.ends_with('0') { '1' } else { '0' });
    let unknown = format!("sk_test_{}", "0".repeat(52));
    for wrong in [&forged, &unknown] {
        for _ in 0..5 {
            let answer = Call::get(KEYS).by(wrong).at(&router).await;
            answers.push((answer.status, answer.content()));
        }
    }
    assert_eq!(world.store.usage().since(&before).total_requests(), 2);
    assert_eq!(answers[0].0, 401);
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn scopes_open_their_resource_and_nothing_else() {
    let world = world().await;
    let router = process(&world, 0);
    let member = account(&router, PROGRAM, "c").await;
    let path = format!("/v1/loyalty/accounts/{member}");
    let adjust = json!({"account": member, "type": "adjust", "amount": 1, "reason": "r"});
    let calls = [
        ("accounts:read", Call::get(&path)),
        ("accounts:write", Call::post(&path, json!({}))),
        ("accounts:write", Call::new("PATCH", &path, Some(json!({})))),
        (
            "transactions:write",
            Call::post("/v1/loyalty/transactions", adjust),
        ),
        (
            "transactions:read",
            Call::get(format!("/v1/loyalty/points_transactions?account={member}")),
        ),
        ("programs:read", Call::get("/v1/loyalty/programs")),
        ("earning_rules:read", Call::get("/v1/loyalty/earning_rules")),
        (
            "events:write",
            Call::post(
                "/v1/events",
                json!({"type": "signup", "data": {"customer": "c"}}),
            ),
        ),
        ("api_keys:read", Call::get(KEYS)),
    ];
    let includes =
        |scope: &str, needed: &str| scope == needed || scope.replace(":write", ":read") == needed;
    for scope in [
        "accounts:read",
        "accounts:write",
        "transactions:write",
        "programs:read",
        "events:write",
        "api_keys:read",
        "rewards:write",
    ] {
        let text = key(&router, json!({"type": "restricted", "scopes": [scope]})).await;
        assert!(text.starts_with("rk_test_"));
        for (needed, call) in &calls {
            let answer = call.clone().by(&text).at(&router).await;
            if includes(scope, needed) {
                assert!(answer.status < 300, "{scope} {needed}: {answer:?}");
            } else {
                let got = (answer.status, answer.code());
                assert_eq!(got, (403, "scope_insufficient"), "{scope} {needed}");
                let message = answer.body["error"]["message"].as_str().expect("a message");
                assert!(message.contains(&format!("`{needed}`")), "{message}");
            }
        }
    }
}

#[tokio::test]
async fn only_unlimited_secret_keys_manage_keys() {
    let world = world().await;
    let router = process(&world, 0);
    let new = || Call::post(KEYS, json!({"type": "secret"}));
    let reader = json!({"type": "restricted", "scopes": ["api_keys:read"]});
    let limited = json!({"type": "secret", "programs": [PROGRAM]});
    let made = Call::post(KEYS, limited.clone()).at(&router).await;
    for fields in [reader, limited] {
        let text = key(&router, fields).await;
        for call in [
            new(),
            Call::new("DELETE", format!("{KEYS}/{}", made.id()), None),
            Call::post(format!("{KEYS}/{}/revoke", made.id()), json!({})),
        ] {
            let answer = call.by(&text).at(&router).await;
            assert_eq!((answer.status, answer.code()), (403, "scope_insufficient"));
        }
    }
    let secret = key(&router, json!({"type": "secret"})).await;
    assert_eq!(new().by(&secret).at(&router).await.status, 201);
}

#[tokio::test]
async fn bad_keys_are_not_made() {
    let world = world().await;
    let router = process(&world, 0);
    let restricted = |scopes: Value| json!({"type": "restricted", "scopes": scopes});
    let table: [(Value, &str, &str); 17] = [
        (json!({}), "parameter_missing", "type"),
        (json!({"type": "root"}), "parameter_invalid", "type"),
        (json!({"type": "restricted"}), "parameter_missing", "scopes"),
        (
            json!({"type": "secret", "scopes": ["accounts:read"]}),
            "parameter_invalid",
            "scopes",
        ),
        (
            json!({"type": "publishable", "scopes": ["accounts:read"]}),
            "parameter_invalid",
            "scopes",
        ),
        (restricted(json!([])), "parameter_invalid", "scopes"),
        (
            restricted(json!("accounts:read")),
            "parameter_invalid",
            "scopes",
        ),
        (
            restricted(json!(["accounts:read", "accounts"])),
            "parameter_invalid",
            "scopes[1]",
        ),
        (
            restricted(json!(["api_keys:write"])),
            "parameter_invalid",
            "scopes[0]",
        ),
        (
            restricted(json!(["webhook_endpoints:write"])),
            "parameter_invalid",
            "scopes[0]",
        ),
        (
            json!({"type": "secret", "programs": []}),
            "parameter_invalid",
            "programs",
        ),
        (
            json!({"type": "secret", "programs": ["a#b"]}),
            "parameter_invalid",
            "programs[0]",
        ),
        (
            json!({"type": "secret", "programs": ["prog_x"]}),
            "resource_missing",
            "programs[0]",
        ),
        (
            json!({"type": "secret", "rate_limit": 0}),
            "parameter_invalid",
            "rate_limit",
        ),
        (
            json!({"type": "secret", "rate_limit": 1.5}),
            "parameter_invalid",
            "rate_limit",
        ),
        (
            json!({"type": "secret", "name": "a\nb"}),
            "parameter_invalid",
            "name",
        ),
        (
            json!({"type": "secret", "secret": "sk_test_1"}),
            "parameter_unknown",
            "secret",
        ),
    ];
    for (fields, code, param) in table {
        let answer = Call::post(KEYS, fields.clone()).at(&router).await;
        assert_eq!(
            (answer.code(), &answer.body["error"]["param"]),
            (code, &json!(param)),
            "{fields}"
        );
    }
    assert_eq!(Call::get(KEYS).at(&router).await.body["data"], json!([]));
    for (method, path) in [
        ("GET", format!("{KEYS}/key_1")),
        ("DELETE", format!("{KEYS}/key_1")),
        ("POST", format!("{KEYS}/key_1/revoke")),
    ] {
        let answer = Call::new(method, path, None).at(&router).await;
        assert_eq!((answer.status, answer.code()), (404, "resource_missing"));
    }
}

#[tokio::test]
async fn a_members_token_leads_to_the_survivor_of_merges() {
    let world = world().await;
    let router = process(&world, 0);
    let page = key(&router, json!({"type": "publishable"})).await;
    let mut accounts = Vec::new();
    for customer in ["c1", "c2", "c3", "c4"] {
        let id = account(&router, PROGRAM, customer).await;
        let adjust = json!({"account": id, "type": "adjust", "amount": 7, "reason": "r"});
        let given = Call::post("/v1/loyalty/transactions", adjust);
        assert_eq!(given.at(&router).await.status, 201);
        accounts.push(id);
    }
    let [guest, member, family, other] = accounts.try_into().expect("four accounts");
    let path = |id: &str| format!("/v1/loyalty/accounts/{id}");
    let mint = Call::post(format!("{}/member_token", path(&guest)), json!({}));
    let before = mint.at(&router).await.body["token"].clone();
    for (source, target) in [(&guest, &member), (&member, &family)] {
        let body = json!({"source": source, "target": target});
        let merged = Call::post("/v1/loyalty/accounts/merge", body);
        assert_eq!(merged.at(&router).await.status, 200);
    }
    let mint = Call::post(format!("{}/member_token", path(&member)), json!({}));
    let after = mint.at(&router).await.body["token"].clone();

    let look = async |id: &str, token: &Value| {
        let call = Call::get(path(id)).by(&page);
        let token = token.as_str().expect("a token");
        call.with("x-member-token", token).at(&router).await
    };
    // Tokens are as good whether the account ended before or after they were made, under the
    // account's own id and under the survivor's.
    for (id, token) in [
        (&guest, &before),
        (&family, &before),
        (&member, &after),
        (&family, &after),
    ] {
        let seen = look(id, token).await;
        assert_eq!(
            (&seen.body["id"], &seen.body["balance"]),
            (&json!(family), &json!(21)),
            "{id}: {seen:?}"
        );
    }
    for token in [&before, &after] {
        assert_eq!(look(&other, token).await.code(), "resource_missing");
    }
}

#[tokio::test]
async fn a_page_sees_its_own_members_balance_and_nothing_else() {
    let world = world().await;
    let router = process(&world, 0);
    let page = key(&router, json!({"type": "publishable"})).await;
    let (mine, other) = (
        account(&router, PROGRAM, "c1").await,
        account(&router, PROGRAM, "c2").await,
    );
    let path = |id: &str| format!("/v1/loyalty/accounts/{id}");
    let adjust = json!({"account": mine, "type": "adjust", "amount": 7, "reason": "r"});
    Call::post("/v1/loyalty/transactions", adjust)
        .at(&router)
        .await;
    let minted = Call::post(
        format!("{}/member_token", path(&mine)),
        json!({"ttl_minutes": 5}),
    );
    let minted = minted.at(&router).await;
    assert_eq!(
        (
            minted.status,
            &minted.body["object"],
            &minted.body["account"]
        ),
        (200, &json!("member_token"), &json!(mine)),
        "{minted:?}"
    );
    assert_eq!(minted.body["expires_at"], "2026-11-20T12:05:00Z");
    let token = minted.body["token"].as_str().expect("a token").to_owned();
    let look = |id: &str, token: &str| Call::get(path(id)).by(&page).with("x-member-token", token);

    let seen = look(&mine, &token).at(&router).await;
    assert_eq!(
        seen.body,
        json!({
            "id": mine, "object": "loyalty_account", "program": PROGRAM, "currency": "Stars",
            "balance": 7, "pending": 0, "lifetime_points": 0, "store_credit": [],
            "tier": null,
        })
    );
    assert_eq!(seen.headers["access-control-allow-origin"], "*");
    let theirs = look(&other, &token).at(&router).await;
    let nobodys = look("loy_nobody", &token).at(&router).await;
    assert_eq!((theirs.status, theirs.code()), (404, "resource_missing"));
    let swapped = theirs.content().to_string().replace(&other, "loy_nobody");
    assert_eq!(swapped, nobodys.content().to_string());

    let forged = token.replace(&mine, &other);
    let too_long = format!("{token}0");
    for (id, token) in [
        (&other, &forged),
        (&mine, &too_long),
        (&mine, &String::new()),
    ] {
        let answer = look(id, token).at(&router).await;
        assert_eq!(
            (answer.status, answer.code()),
            (403, "scope_insufficient"),
            "{token}"
        );
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
    }
    let bare = Call::get(path(&mine)).by(&page).at(&router).await;
    assert_eq!((bare.status, bare.code()), (403, "scope_insufficient"));
    for call in [
        Call::get("/v1/loyalty/accounts"),
        Call::get(format!("/v1/loyalty/transactions?account={mine}")),
        Call::post(path(&mine), json!({})),
        Call::post("/v1/events", json!({})),
        Call::post(format!("{}/member_token", path(&mine)), json!({})),
    ] {
        let answer = call
            .by(&page)
            .with("x-member-token", &token)
            .at(&router)
            .await;
        assert_eq!((answer.status, answer.code()), (403, "scope_insufficient"));
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
    let scoped = json!({"type": "restricted", "scopes": ["accounts:write"]});
    let scoped = key(&router, scoped).await;
    let minting = Call::post(format!("{}/member_token", path(&mine)), json!({}));
    assert_eq!(minting.by(&scoped).at(&router).await.status, 403);

    later(&world, 299);
    assert_eq!(look(&mine, &token).at(&router).await.status, 200);
    later(&world, 1);
    assert_eq!(look(&mine, &token).at(&router).await.status, 403);
}

#[tokio::test]
async fn browsers_are_let_in_where_publishable_keys_work_only() {
    let world = world().await;
    let router = process(&world, 0);
    let ask = |path: &str| {
        Call::new("OPTIONS", path, None)
            .by("")
            .with("origin", "https://shop.example")
            .with("access-control-request-method", "GET")
    };
    let let_in = ask("/v1/loyalty/accounts/loy_1").at(&router).await;
    assert_eq!(let_in.status, 204);
    let header = |name: &str| let_in.headers[name].to_str().expect("text").to_owned();
    assert_eq!(header("access-control-allow-origin"), "*");
    assert_eq!(header("access-control-allow-methods"), "GET");
    assert!(header("access-control-allow-headers").contains("x-member-token"));
    for path in ["/v1/loyalty/accounts", "/v1/events", KEYS] {
        let answer = ask(path).at(&router).await;
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{path}"
        );
    }
}
