//! The landing page over its router, on the embedded table: what a visitor gets, and what one with
//! other intentions does not.

use std::net::IpAddr;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use jiff::SignedDuration;
use landing::{Landing, Visitor};
use laurel_ledger::{AttributionRequest, Seed};
use laurel_rules::decide::NewAccount;
use laurel_tests::{PROGRAM, World, payment};
use serde_json::{Value, json};
use tower::ServiceExt;

const COOKIE: &str = "__Host-laurel_ref";
const SIGNUP: &str = "https://shop.example.com/signup?from=friends";

/// A program with a page, a member with a code, and a process that serves the page.
struct Place {
    world: World,
    router: Router,
}

/// What a visitor got.
#[derive(Debug, Clone, PartialEq)]
struct Page {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Place {
    async fn new(settings: Value) -> Place {
        let mut all = json!({
            "name": "Perks", "signup_url": SIGNUP,
            "reward": {"referrer": {"points": 500}, "referee": {"points": 250}},
            "qualify": {"firstPaymentMinimum": 2000, "windowDays": 30},
            "landing": {"currency": "EUR"},
        });
        laurel_tests::merge(&mut all, settings);
        let world = World::with(all, &[]).await;
        let router = landing::router(Landing::new(world.another_ledger(), 0).encrypted());
        Place { world, router }
    }

    /// The code of a new member of this name.
    async fn code_of(&self, name: &str) -> String {
        let new = NewAccount {
            program: PROGRAM.to_owned(),
            customer: Some(format!("cust_{}", name.to_lowercase())),
            metadata: [("name".to_owned(), name.to_owned())].into(),
            ..NewAccount::default()
        };
        let ledger = &self.world.ledger;
        let account = ledger.create_account(new, Seed::fresh()).await;
        self.world
            .code_of(&account.expect("a member").account.id)
            .await
    }

    async fn get(&self, path: &str) -> Page {
        self.get_with(path, &[]).await
    }

    async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        get(
            &self.router,
            request.body(Body::empty()).expect("a request"),
        )
        .await
    }

    async fn update(&self, settings: Value) {
        let updated = self.world.ledger.update_program(PROGRAM, |program| {
            let mut value = serde_json::to_value(&program).expect("a program as JSON");
            laurel_tests::merge(&mut value, settings.clone());
            *program = serde_json::from_value(value).expect("settings of a program");
            Ok(())
        });
        updated.await.expect("a changed program");
    }
}

async fn get(router: &Router, request: Request<Body>) -> Page {
    let answer = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a body");
    Page {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(bytes.to_vec()).expect("text"),
    }
}

impl Page {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// The token in the cookie that the page sets.
    fn cookie(&self) -> Option<&str> {
        let rest = self.header("set-cookie").strip_prefix(COOKIE)?;
        rest.strip_prefix('=')?.split(';').next()
    }

    /// Where the button leads, as a browser reads it.
    fn link(&self) -> Option<String> {
        let (_, rest) = self.body.split_once("<a class=\"go\" href=\"")?;
        let (link, _) = rest.split_once('"')?;
        Some(link.replace("&#38;", "&").replace("&amp;", "&"))
    }

    fn click(&self) -> Option<String> {
        let link = self.link()?;
        let (_, click) = link.split_once("&ref_click=")?;
        Some(click.to_owned())
    }

    fn shows(&self, text: &str) {
        assert!(self.body.contains(text), "{text} is missing: {}", self.body);
    }
}

fn cookie(token: &str) -> String {
    format!("{COOKIE}={token}")
}

#[tokio::test]
async fn a_code_shows_its_gift_and_leads_to_the_sign_up() {
    let place = Place::new(json!({})).await;
    let code = place.code_of("Anna Example").await;
    let page = place.get(&format!("/r/{code}")).await;
    assert_eq!(page.status, StatusCode::OK);
    page.shows("<h1>Anna invites you to Perks</h1>");
    page.shows("250 points");
    page.shows("of at least €20.00 within 30 days of signing up.");
    page.shows(&format!("value=\"{code}\" readonly"));
    assert!(
        !page.body.contains("Example"),
        "no more of Anna than the code tells"
    );
    let token = page.cookie().expect("a cookie").to_owned();
    let link = format!("{SIGNUP}&ref={code}&ref_click={token}");
    assert_eq!(page.link(), Some(link));
    let ledger = &place.world.ledger;
    let program = ledger.program(PROGRAM).await.expect("the program");
    let click = ledger.verify_click(&program, &token).expect("a click");
    assert_eq!(
        (click.code, click.at),
        (code.replace('-', ""), ledger.now())
    );
    // However it is typed.
    for spelling in [
        code.to_lowercase(),
        code.replace('-', ""),
        format!("%20{code}"),
    ] {
        let page = place.get(&format!("/r/{spelling}")).await;
        page.shows(&format!("value=\"{code}\" readonly"));
    }
}

#[tokio::test]
async fn the_headers_let_nothing_else_in() {
    let place = Place::new(json!({})).await;
    let code = place.code_of("Anna").await;
    let table = [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "private, no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000"),
        ("vary", "Accept-Language, Cookie"),
        ("content-language", "en"),
    ];
    for path in [format!("/r/{code}"), "/r/NOBODY-2222".to_owned()] {
        let page = place.get(&path).await;
        for (name, value) in table {
            assert_eq!(page.header(name), value, "{path}");
        }
        let policy: Vec<&str> = page.header("content-security-policy").split("; ").collect();
        for directive in [
            "default-src 'none'",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "img-src data:",
        ] {
            assert!(policy.contains(&directive), "{policy:?}");
        }
        for kind in ["style", "script"] {
            let opening = format!("<{kind}>");
            let mut blocks = page.body.split(&opening).skip(1);
            let expected = match blocks.next() {
                Some(rest) => {
                    let (block, _) = rest.split_once(&format!("</{kind}>")).expect("its end");
                    format!("{kind}-src 'sha256-{}'", sha256(block))
                }
                None => format!("{kind}-src 'none'"),
            };
            assert!(
                policy.contains(&expected.as_str()),
                "{expected}: {policy:?}"
            );
            assert_eq!(blocks.count(), 0);
        }
        // No address but the program's own.
        let links = page.body.matches("://").count();
        assert_eq!(links, usize::from(page.status == StatusCode::OK));
        for without in [
            " style=",
            "onclick",
            "<link rel=\"stylesheet",
            "<img",
            "<form",
        ] {
            assert!(!page.body.contains(without), "{without}");
        }
    }
    let page = place.get(&format!("/r/{code}")).await;
    let attributes: Vec<&str> = page.header("set-cookie").split("; ").skip(1).collect();
    let expected = [
        "HttpOnly",
        "Secure",
        "SameSite=Lax",
        "Path=/",
        "Max-Age=86400",
    ];
    assert_eq!(attributes, expected);
    let plain = landing::router(Landing::new(place.world.another_ledger(), 0));
    let request = Request::builder()
        .uri(format!("/r/{code}"))
        .body(Body::empty());
    let page = get(&plain, request.expect("a request")).await;
    assert_eq!(page.header("strict-transport-security"), "");
}

fn sha256(text: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::{Digest, Sha256};
    STANDARD.encode(Sha256::digest(text))
}

#[tokio::test]
async fn what_is_no_code_gets_one_page_whatever_it_is() {
    let place = Place::new(json!({})).await;
    let closed = place.code_of("Carla").await;
    let member = place.world.member("cust_carla").await.account.id;
    place
        .world
        .ledger
        .close_account(&member)
        .await
        .expect("closed");
    let long = "A".repeat(5000);
    let hostile = [
        "/r/NOBODY-2222".to_owned(),
        format!("/r/{closed}"),
        "/r/%00".to_owned(),
        "/r/%FF%FE".to_owned(),
        "/r/..%2F..%2Fetc%2Fpasswd".to_owned(),
        "/r/%2e%2e".to_owned(),
        "/r/A%23B-7F3K".to_owned(),
        "/r/%3Cscript%3Ealert(1)%3C%2Fscript%3E".to_owned(),
        "/r/%22%20onmouseover=%22alert(1)".to_owned(),
        "/r/%F0%9F%8E%81".to_owned(),
        "/r/%0d%0aSet-Cookie:%20a=b".to_owned(),
        "/r/https:%2F%2Fevil.example".to_owned(),
        format!("/r/{long}"),
        format!("/r/{}", "%2D".repeat(2000)),
    ];
    // The process knows the program already, as it does when it has been asked before.
    let good = place.code_of("Anna").await;
    place.get(&format!("/r/{good}")).await;
    let mut first = None;
    for path in hostile {
        let before = place.world.store.usage();
        let page = place.get(&path).await;
        let used = place.world.store.usage().since(&before);
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(page.cookie(), None);
        assert_eq!(used.write_units, 0);
        page.shows("<h1>This invitation is not valid</h1>");
        match &first {
            None => first = Some((page, used)),
            Some(known) => assert_eq!(*known, (page, used), "{path}"),
        }
    }
}

#[tokio::test]
async fn the_first_click_is_kept() {
    let place = Place::new(json!({})).await;
    let [anna, bob] = [place.code_of("Anna").await, place.code_of("Bob").await];
    let first = place.get(&format!("/r/{anna}")).await;
    let token = first.cookie().expect("a cookie").to_owned();
    let hour = SignedDuration::from_hours(1);
    place.world.clock.set(place.world.ledger.now() + hour);
    let other = format!("theme=dark; {}; lang=de", cookie(&token));
    let second = place
        .get_with(&format!("/r/{bob}"), &[("cookie", &other)])
        .await;
    second.shows(&format!("value=\"{bob}\""));
    assert_eq!(
        (second.click(), second.cookie()),
        (Some(token.clone()), None)
    );
    // A day after the first click it is as if there had been none.
    place.world.clock.set(place.world.ledger.now() + hour * 23);
    let late = place
        .get_with(&format!("/r/{bob}"), &[("cookie", &cookie(&token))])
        .await;
    assert!(late.cookie().is_some_and(|new| new != token));
}

#[tokio::test]
async fn a_click_alone_leads_to_both_sides_points() {
    let place = Place::new(json!({"auto_enroll": true})).await;
    let [anna, bob] = [place.code_of("Anna").await, place.code_of("Bob").await];
    let first = place.get(&format!("/r/{anna}")).await;
    let token = first.cookie().expect("a cookie").to_owned();
    let second = place
        .get_with(&format!("/r/{bob}"), &[("cookie", &cookie(&token))])
        .await;
    let come = |customer: &str, code: Option<&str>, click: Option<String>| AttributionRequest {
        code: code.map(str::to_owned),
        click,
        customer: Some(customer.to_owned()),
        ..AttributionRequest::default()
    };
    let ledger = &place.world.ledger;
    // The click is Anna's, the code in the same link Bob's: the code goes first where both come.
    let by_click = ledger
        .attribute(&come("cust_zoe", None, second.click()))
        .await;
    assert_eq!(by_click.expect("a referral").code, Some(anna));
    let by_both = ledger
        .attribute(&come("cust_yan", Some(&bob), second.click()))
        .await;
    assert_eq!(by_both.expect("a referral").code, Some(bob));
    for customer in ["cust_zoe", "cust_yan"] {
        let mut paid = payment(&format!("pay_{customer}"), customer, 2000);
        paid["occurred_at"] = json!("2026-11-20T12:00:00Z");
        place.world.apply(paid).await.expect("a payment");
    }
    for (customer, points) in [
        ("cust_anna", 500),
        ("cust_bob", 500),
        ("cust_zoe", 250),
        ("cust_yan", 250),
    ] {
        assert_eq!(place.world.balance_of(customer).await, points, "{customer}");
    }
    let late = ledger.now() + SignedDuration::from_hours(24);
    place.world.clock.set(late);
    let refused = ledger.attribute(&come("cust_xia", None, Some(token))).await;
    assert!(refused.is_err(), "a click is good for a day");
}

#[tokio::test]
async fn a_cookie_that_is_forged_or_anothers_counts_for_nothing() {
    let place = Place::new(json!({})).await;
    let code = place.code_of("Anna").await;
    let ledger = &place.world.ledger;
    let other = ledger.new_program(Some("prog_other".to_owned()));
    let other = ledger
        .create_program(other, "set up")
        .await
        .expect("a program");
    let theirs = ledger.click_token(&other, &code);
    let ours = place.get(&format!("/r/{code}")).await;
    let ours = ours.cookie().expect("a cookie").to_owned();
    let mut forged = ours.clone();
    forged.replace_range(30..31, if ours[30..31] == *"A" { "B" } else { "A" });
    let long = "A".repeat(4000);
    let markup = "\"><script>alert(1)</script>";
    for wrong in [
        theirs.as_str(),
        &forged,
        &ours[1..],
        "",
        &long,
        markup,
        "\u{e9}",
    ] {
        let value = cookie(wrong);
        let page = place
            .get_with(&format!("/r/{code}"), &[("cookie", &value)])
            .await;
        let new = page.cookie().expect("a cookie of our own");
        assert!(
            new != wrong && page.click().as_deref() == Some(new),
            "{wrong}"
        );
        assert!(!page.body.contains("alert(1)"));
    }
    // A good one counts beside bad ones.
    let both = format!("{}; {}", cookie("x"), cookie(&ours));
    let page = place
        .get_with(&format!("/r/{code}"), &[("cookie", &both)])
        .await;
    assert_eq!(page.click(), Some(ours));
}

#[tokio::test]
async fn nothing_in_a_request_changes_where_the_page_leads() {
    let place = Place::new(json!({})).await;
    let code = place.code_of("Anna").await;
    let evil = "https://evil.example";
    for query in [
        format!("?signup_url={evil}"),
        format!("?next={evil}&redirect_uri={evil}&url={evil}"),
        format!("?ref={evil}&ref_click={evil}"),
        format!("?//{evil}"),
    ] {
        let headers = [
            ("host", "evil.example"),
            ("x-forwarded-host", "evil.example"),
            ("forwarded", "host=evil.example"),
            ("referer", evil),
            ("origin", evil),
        ];
        let page = place.get_with(&format!("/r/{code}{query}"), &headers).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains("evil"), "{query}");
        let link = page.link().expect("a button");
        assert!(
            link.starts_with(&format!("{SIGNUP}&ref={code}&ref_click=")),
            "{link}"
        );
        assert_eq!(page.header("location"), "");
    }
    place.update(json!({"signup_url": null})).await;
    let page = place.get(&format!("/r/{code}")).await;
    assert_eq!(page.link(), None);
    page.shows("Enter this code when you sign up.");
}

#[tokio::test]
async fn every_language_says_all_of_it_in_less_than_20_kb() {
    // The longest that a program may say, of what takes most room in HTML.
    let long = "\"".repeat(200);
    let place = Place::new(json!({})).await;
    let code = place.code_of("Anna").await;
    let table = [
        (
            "en-GB,en;q=0.9",
            "en",
            "Anna invites you to Perks",
            "€20.00",
        ),
        (
            "de-CH, fr;q=0.5",
            "de",
            "Anna lädt dich zu Perks ein",
            "20,00\u{a0}€",
        ),
        (
            "fr",
            "fr",
            "Anna vous invite à rejoindre Perks",
            "20,00\u{a0}€",
        ),
        (
            "it, es;q=0.2",
            "es",
            "Anna te invita a unirte a Perks",
            "20,00\u{a0}€",
        ),
        ("it", "en", "Anna invites you to Perks", "€20.00"),
    ];
    for (wanted, language, title, amount) in table {
        let headers = [("accept-language", wanted)];
        let page = place.get_with(&format!("/r/{code}"), &headers).await;
        assert_eq!(page.header("content-language"), language);
        page.shows(&format!("<html lang=\"{language}\">"));
        page.shows(&format!("<h1>{title}</h1>"));
        page.shows(amount);
        assert!(page.body.len() < 10_000, "{language}: {}", page.body.len());
        let unknown = place.get_with("/r/NOBODY-2222", &headers).await;
        assert_eq!(unknown.header("content-language"), language);
    }
    let same = json!({"title": long, "text": long, "button": long, "currency": "EUR"});
    place.update(json!({"landing": same, "name": long})).await;
    for (wanted, ..) in table {
        let headers = [("accept-language", wanted)];
        let page = place.get_with(&format!("/r/{code}"), &headers).await;
        assert!(page.body.len() < 20_000, "{wanted}: {}", page.body.len());
        assert!(!page.body.contains(&long), "what a program says is escaped");
    }
}

#[tokio::test]
async fn programs_say_what_the_page_looks_like_and_says() {
    let place = Place::new(json!({"landing": {
        "accent_color": "#ffe600", "title": {"de": "Für dich"}, "text": "<b>Hi</b>",
        "button": {"en": "Let’s go"},
    }}))
    .await;
    let code = place.code_of("Anna").await;
    let page = place.get(&format!("/r/{code}")).await;
    page.shows("<h1>Anna invites you to Perks</h1>");
    page.shows("--accent:#ffe600;--on-accent:#000000;");
    page.shows("&#60;b&#62;Hi&#60;/b&#62;");
    page.shows(">Let’s go</a>");
    let german = [("accept-language", "de")];
    let page = place.get_with(&format!("/r/{code}"), &german).await;
    page.shows("<p class=\"headline\">Anna lädt dich zu Perks ein</p>\n<h1>Für dich</h1>");
    page.shows(">Geschenk sichern</a>");
}

#[tokio::test]
async fn gifts_and_conditions_table() {
    let credit = json!({"store_credit": {"amount": 500, "currency": "USD"}});
    let table = [
        (
            json!({"reward": {"referee": credit}, "landing": null}),
            Some(("$5.00 of store credit", "of at least $20.00 within 30 days")),
        ),
        (
            json!({"landing": null}),
            Some((
                "250 points",
                "of at least the minimum amount within 30 days",
            )),
        ),
        (
            json!({"currency": "stars", "qualify": null}),
            Some(("250 stars", "Yours with your first purchase.")),
        ),
        (
            json!({"qualify": {"trigger": "lesson_finished", "windowDays": 1}}),
            Some((
                "250 points",
                "Yours once you meet the terms of Perks within 1 day of",
            )),
        ),
        (json!({"reward": {"referee": {"reward": "rwd_gone"}}}), None),
        (json!({"reward": {"referrer": {"points": 5}}}), None),
        (json!({"reward": null}), None),
    ];
    for (settings, expected) in table {
        let place = Place::new(settings.clone()).await;
        let code = place.code_of("Anna").await;
        let page = place.get(&format!("/r/{code}")).await;
        assert_eq!(page.status, StatusCode::OK, "{settings}");
        match expected {
            Some((gift, condition)) => {
                page.shows(&format!("<p class=\"what\">{gift}</p>"));
                page.shows(condition);
                page.shows(">Claim your gift</a>");
            }
            None => {
                assert!(!page.body.contains("class=\"gift\""), "{settings}");
                page.shows(">Sign up now</a>");
            }
        }
    }
}

#[tokio::test]
async fn an_address_opens_so_many_pages_a_minute() {
    let place = Place::new(json!({})).await;
    let code = place.code_of("Anna").await;
    let routers: Vec<Router> = (0..2)
        .map(|_| landing::router(Landing::new(place.world.another_ledger(), 60)))
        .collect();
    let visit = async |address: &str, path: &str, router: &Router| {
        let address: IpAddr = address.parse().expect("an address");
        let request = Request::builder()
            .uri(path)
            // What a visitor says of it counts for nothing.
            .header("x-forwarded-for", format!("192.0.2.{}", fastrand::u8(..)))
            .extension(Visitor::at(address))
            .body(Body::empty());
        get(router, request.expect("a request")).await
    };
    let path = format!("/r/{code}");
    // Guesses and pages that are there count alike.
    let mut shown = 0;
    for turn in 0..100 {
        let path = if turn % 2 == 0 {
            path.as_str()
        } else {
            "/r/NOBODY-2222"
        };
        let page = visit("2001:db8::1", path, &routers[turn % 2]).await;
        if page.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(page.cookie(), None);
            let wait_s: i64 = page.header("retry-after").parse().expect("seconds");
            assert!((1..=60).contains(&wait_s), "{wait_s}");
            page.shows("<h1>One moment, please</h1>");
        } else {
            shown += 1;
        }
    }
    // Processes may refuse a little early, and let no more through than the budget.
    assert!((50..=60).contains(&shown), "{shown}");
    let same_network = visit("2001:db8::2:1", &path, &routers[0]).await;
    assert_eq!(same_network.status, StatusCode::TOO_MANY_REQUESTS);
    let another = visit("2001:db8:0:1::1", &path, &routers[0]).await;
    assert_eq!(another.status, StatusCode::OK);
    let minute = SignedDuration::from_secs(60);
    place.world.clock.set(place.world.ledger.now() + minute);
    let later = visit("2001:db8::1", &path, &routers[0]).await;
    assert_eq!(later.status, StatusCode::OK);
}

#[tokio::test]
async fn a_page_costs_little_and_the_same_for_all_that_is_no_code() {
    let place = Place::new(json!({})).await;
    let code = place.code_of("Anna").await;
    let page = format!("/r/{code}");
    place.get(&page).await;
    let cost = async |path: &str| {
        let before = place.world.store.usage();
        place.get(path).await;
        let used = place.world.store.usage().since(&before);
        (used.total_requests(), used.write_units)
    };
    assert_eq!(cost("/r/NOBODY-2222").await, (2, 0));
    assert_eq!(cost(&page).await, (3, 0));
}
