//! One call at least of every operation, in its usual form. What came back makes the examples of
//! the OpenAPI document; what it took of the table makes the list of costs.

use std::collections::BTreeMap;

use api::openapi::{Example, operation_of};
use axum::body::Body;
use laurel::embedded::Usage;
use laurel_tests::PROGRAM;
use laurel_webhooks::{Attempt, Delivery, Health, Message};
use serde_json::{Value, json};

use crate::http::Site;

mod redeeming;
mod referring;

/// How long the part of an id is that is made up.
const MADE_UP_LEN: usize = 26;

/// Calls that were made of every operation.
pub(crate) struct Recorder {
    site: Site,
    examples: BTreeMap<String, Vec<Example>>,
    /// What each call took of the table, by operation, in step with the examples.
    costs: BTreeMap<String, Vec<Usage>>,
    /// Ids that were made up on the way, and what stands for them in the document.
    names: Vec<(String, String)>,
}

impl Recorder {
    /// Makes a call that answers `status`, and keeps it under this heading.
    async fn call(
        &mut self,
        summary: &str,
        (method, path): (&str, &str),
        request: Option<Value>,
        status: u16,
    ) -> Value {
        let body = request
            .as_ref()
            .map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let sent = Site::request(method, path, "application/json", body);
        self.warm().await;
        let before = self.site.world.store.usage();
        let (got, answer) = Box::pin(self.site.send(sent)).await;
        let used = self.site.world.store.usage().since(&before);
        assert_eq!(got.as_u16(), status, "{method} {path}: {answer}");
        self.learn(&answer.to_string());
        let route = path.split('?').next().unwrap_or_default();
        let id = operation_of(method, route).unwrap_or_else(|| panic!("{method} {path}"));
        self.costs.entry(id.to_owned()).or_default().push(used);
        self.examples
            .entry(id.to_owned())
            .or_default()
            .push(Example {
                summary: summary.to_owned(),
                request,
                status,
                answer: answer.clone(),
            });
        answer
    }

    /// Lets the process know what it knows after its first requests: the programs with their
    /// rules. The event has no member, so nothing comes of it.
    async fn warm(&self) {
        for program in [PROGRAM, "prog_perks"] {
            let event = json!({"type": "warm_up", "id": "warm_1", "program": program, "data": {}});
            // There may be no such program yet.
            let _ = self.site.world.apply(event).await;
        }
    }

    /// The successful calls of an operation: what was done, and what it cost.
    pub(crate) fn costs(&self, operation: &str) -> impl Iterator<Item = (&str, &Usage)> {
        let examples = self.examples.get(operation).into_iter().flatten();
        let costs = self.costs.get(operation).into_iter().flatten();
        examples
            .zip(costs)
            .filter(|(example, _)| example.status < 300)
            .map(|(example, used)| (example.summary.as_str(), used))
    }

    /// Lets `name` stand for an id wherever it occurs.
    fn name(&mut self, answer: &Value, name: &str) -> String {
        let id = answer["id"].as_str().expect("an id").to_owned();
        self.names.retain(|(known, _)| *known != id);
        self.names.push((id.clone(), name.to_owned()));
        id
    }

    /// The examples, their ids and such the same with each run.
    pub(crate) fn normal(mut self) -> BTreeMap<String, Vec<Example>> {
        let mut examples = std::mem::take(&mut self.examples);
        for example in examples.values_mut().flatten() {
            example.request = example.request.as_ref().map(|body| self.normal_value(body));
            example.answer = self.normal_value(&example.answer);
        }
        examples
    }

    /// Names the ids in an answer that were made up and have no name yet: in the order of the
    /// calls, since lists of what was made at one moment are in the order of ids.
    fn learn(&mut self, text: &str) {
        for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
            // The id of a redemption or a referral has an account's within, which has a name of
            // its own.
            let within = word.strip_prefix("rdm_").or(word.strip_prefix("ref_"));
            let word = match within.and_then(|id| id.rsplit_once('_')) {
                Some((_, place)) => place,
                None => word,
            };
            if word.len() == MADE_UP_LEN && text.contains(&format!("_{word}")) {
                if self.names.iter().all(|(id, _)| id != word) {
                    let name = format!("{:0>MADE_UP_LEN$}", self.names.len());
                    self.names.push((word.to_owned(), name));
                }
                continue;
            }
            if let Some((prefix, made_up)) = word.rsplit_once('_')
                && made_up.len() == MADE_UP_LEN
                && self.names.iter().all(|(id, _)| id != word)
            {
                let name = format!("{prefix}_{:0>MADE_UP_LEN$}", self.names.len());
                self.names.push((word.to_owned(), name));
            }
        }
    }

    fn normal_value(&self, value: &Value) -> Value {
        let mut text = value.to_string();
        for (id, name) in &self.names {
            text = text.replace(id, name);
            // The ids of transactions and events begin with the account's, under other prefixes.
            if let (Some(id), Some(name)) = (id.strip_prefix("loy_"), name.strip_prefix("loy_")) {
                for prefix in ["ptx_", "sct_", "evt_", "rdm_", "ref_"] {
                    text = text.replace(&format!("{prefix}{id}"), &format!("{prefix}{name}"));
                }
            }
        }
        let mut value: Value = serde_json::from_str(&text).expect("JSON still");
        without_chance(&mut value);
        if let Some(request) = value.pointer_mut("/error/request_id") {
            *request = "req_4eC39HqLyjWDarjtT1zd".into();
        }
        value
    }
}

/// The one operation that is not called: its answer is what is made of the others'.
pub(crate) const NOT_CALLED: &str = "openapi.retrieve";

/// Calls every operation but [`NOT_CALLED`] once at least. A new route gets its line here.
pub(crate) async fn record() -> Recorder {
    let mut recorder = Recorder {
        site: Site::new().await,
        examples: BTreeMap::new(),
        costs: BTreeMap::new(),
        names: Vec::new(),
    };
    let r = &mut recorder;
    Box::pin(service(r)).await;
    Box::pin(programs(r)).await;
    Box::pin(rules(r)).await;
    Box::pin(experiments(r)).await;
    Box::pin(campaigns(r)).await;
    Box::pin(accounts(r)).await;
    Box::pin(events_and_transactions(r)).await;
    Box::pin(manual_event(r)).await;
    Box::pin(estimates(r)).await;
    Box::pin(explanations(r)).await;
    Box::pin(store_credit(r)).await;
    Box::pin(redeeming::record(r)).await;
    Box::pin(referring::record(r)).await;
    Box::pin(tiers(r)).await;
    Box::pin(segments(r)).await;
    Box::pin(simulations(r)).await;
    Box::pin(event_types(r)).await;
    Box::pin(sandbox(r)).await;
    Box::pin(keys(r)).await;
    Box::pin(webhooks(r)).await;
    Box::pin(liability(r)).await;
    Box::pin(audit(r)).await;
    recorder
}

async fn service(r: &mut Recorder) {
    r.call("It does", ("GET", "/healthz"), None, 200).await;
}

async fn programs(r: &mut Recorder) {
    const BASE: &str = "/v1/loyalty/programs";
    let perks = json!({"id": "prog_perks", "name": "Perks", "timezone": "Europe/Berlin",
        "expires": {"after": "P12M", "round": "month"}, "metadata": {"team": "growth"}});
    r.call("A program", ("POST", BASE), Some(perks.clone()), 201)
        .await;
    r.call("An id that is taken", ("POST", BASE), Some(perks), 409)
        .await;
    let one = format!("{BASE}/prog_perks");
    r.call("A program", ("GET", &one), None, 200).await;
    let change = json!({"auto_enroll": true, "pending_days": 14});
    r.call("Two settings", ("POST", &one), Some(change), 200)
        .await;
    let change = json!({"pending_days": 0, "expires": {"inactivity": "P6M"}});
    r.call("Expiry by inactivity", ("PATCH", &one), Some(change), 200)
        .await;
    r.call("A page", ("GET", &format!("{BASE}?limit=1")), None, 200)
        .await;
    r.call(
        "An unknown id",
        ("GET", &format!("{BASE}/prog_none")),
        None,
        404,
    )
    .await;
    let budget = format!("{one}/budget");
    r.call("Without a budget", ("GET", &budget), None, 404)
        .await;
    let change = json!({"budget": {"points": 100_000, "window": "month"}});
    r.call("A budget", ("POST", &one), Some(change), 200).await;
    let rule = json!({"id": "rule_PerksEuro", "program": "prog_perks",
        "award": {"type": "per_amount", "per": 100, "points": 1}});
    r.site.world.add_rule(rule).await;
    let mut paid = laurel_tests::payment("pay_perks", "cust_perks", 4200);
    laurel_tests::merge(&mut paid, json!({"program": "prog_perks"}));
    r.site.world.apply(paid).await.expect("earns");
    r.call("What is used of it", ("GET", &budget), None, 200)
        .await;
}

async fn explanations(r: &mut Recorder) {
    let paid = r.site.world.member("cust_abc123").await.account.id;
    let log = r.site.world.log(&paid).await;
    for (name, kind) in [
        ("An award in words", "earn"),
        ("A refund in words", "reverse"),
    ] {
        let mut views = log
            .iter()
            .filter(|it| it.transaction().kind.as_str() == kind);
        let id = views.next().expect("there is one").id();
        for base in ["transactions", "points_transactions"] {
            let path = format!("/v1/loyalty/{base}/{id}?expand[]=calculation");
            r.call(name, ("GET", &path), None, 200).await;
        }
    }
    let path = format!("/v1/loyalty/transactions?account={paid}&limit=2&expand[]=data.calculation");
    r.call("The newest two in words", ("GET", &path), None, 200)
        .await;
}

async fn estimates(r: &mut Recorder) {
    const PATH: &str = "/v1/loyalty/estimate";
    let event = |customer: Option<&str>| {
        json!({"type": "payment.completed", "occurred_at": "2026-11-20T11:59:00Z",
            "data": {"customer": customer, "amount": 4200, "currency": "EUR"}})
    };
    let known = json!({"event": event(Some("cust_abc123"))});
    r.call("Of a member's payment", ("POST", PATH), Some(known), 200)
        .await;
    let visitor = json!({"event": event(None)});
    r.call("Of a visitor's", ("POST", PATH), Some(visitor), 200)
        .await;
    let refund = json!({"event": {"type": "payment.refunded", "data": {"payment": "pay_1"}}});
    r.call("A refund never earns", ("POST", PATH), Some(refund), 400)
        .await;
}

async fn experiments(r: &mut Recorder) {
    let rule = json!({"id": "rule_Reviews", "trigger": "review_submitted",
        "award": {"type": "fixed", "points": 50},
        "experiment": {"key": "reviews-2026", "variants": [
            {"key": "control", "weight": 1},
            {"key": "generous", "weight": 1,
             "overrides": {"award": {"type": "fixed", "points": 80}}}]}});
    let path = "/v1/loyalty/earning_rules";
    r.call("With an experiment", ("POST", path), Some(rule), 201)
        .await;
    const BASE: &str = "/v1/experiments";
    r.call("A page", ("GET", BASE), None, 200).await;
    let one = format!("{BASE}/reviews-2026");
    r.call("Its results", ("GET", &one), None, 200).await;
    r.call(
        "An unknown key",
        ("GET", &format!("{BASE}/none")),
        None,
        404,
    )
    .await;
    let stop = format!("{one}/stop");
    let winner = json!({"winner": "generous"});
    r.call("With a winner", ("POST", &stop), Some(winner), 200)
        .await;
    let another = json!({"winner": "control"});
    r.call("With another winner", ("POST", &stop), Some(another), 409)
        .await;
    r.call(
        "Deactivated",
        ("DELETE", &format!("{path}/rule_Reviews")),
        None,
        200,
    )
    .await;
}

async fn campaigns(r: &mut Recorder) {
    const BASE: &str = "/v1/loyalty/campaigns";
    let weekend = json!({"id": "camp_weekend", "name": "Double points on Saturday evenings",
        "multiplier": 2, "triggers": ["payment.completed"],
        "starts_at": "2026-12-01T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z",
        "schedule": {"weekdays": ["saturday"], "hours": [{"from": "18:00", "to": "22:00"}]},
        "budget": {"points": 50_000, "window": "lifetime"}});
    r.call(
        "Saturday evenings, up to a budget",
        ("POST", BASE),
        Some(weekend.clone()),
        201,
    )
    .await;
    r.call("An id that is taken", ("POST", BASE), Some(weekend), 409)
        .await;
    let wrong = json!({"multiplier": 2, "schedule": {"weekdays": ["caturday"]}});
    r.call("No such day", ("POST", BASE), Some(wrong), 400)
        .await;
    r.call("A page", ("GET", BASE), None, 200).await;
    let one = format!("{BASE}/camp_weekend");
    r.call("A campaign", ("GET", &one), None, 200).await;
    let change = json!({"budget": {"points": 40_000, "window": "lifetime"}});
    r.call("A lower limit", ("POST", &one), Some(change), 200)
        .await;
    let change = json!({"schedule": null});
    r.call("All week", ("PATCH", &one), Some(change), 200).await;
    r.call(
        "Of which nothing is used",
        ("GET", &format!("{one}/budget")),
        None,
        200,
    )
    .await;
    r.call("Deactivated", ("DELETE", &one), None, 200).await;
}

async fn rules(r: &mut Recorder) {
    const BASE: &str = "/v1/loyalty/earning_rules";
    let rule = json!({"trigger": "payment.completed", "name": "1 point per euro",
        "award": {"type": "per_amount", "per": 100, "points": 1}});
    let rule = r
        .call("Points per amount", ("POST", BASE), Some(rule), 201)
        .await;
    r.name(&rule, "rule_PointPerEuro");
    let bonus = json!({"trigger": "signup", "award": {"type": "fixed", "points": 50},
        "window": "lifetime", "metadata": {"campaign": "autumn"}});
    let bonus = r
        .call("A bonus, once", ("POST", BASE), Some(bonus), 201)
        .await;
    let id = r.name(&bonus, "rule_SignupBonus");
    let rates = json!({"trigger": "invoice.paid", "multiplier": 1.5,
        "award": {"type": "per_currency", "rates": {"EUR": 1, "JPY": 0.01}},
        "cap": {"points": 500}, "window": "month",
        "earn_on": {"exclude": {"categories": ["gift_card"]}}});
    let rates = r
        .call("By currency, capped", ("POST", BASE), Some(rates), 201)
        .await;
    r.name(&rates, "rule_ByCurrency");
    let steps = json!({"trigger": "check_in", "award": {"type": "fixed", "points": 100},
        "milestone": {"stat": "check_in.count", "at": [10, 50, 100]}});
    let steps = r.call("Milestones", ("POST", BASE), Some(steps), 201).await;
    r.name(&steps, "rule_CheckIns");
    let week = json!({"trigger": "check_in", "award": {"type": "fixed", "points": 20},
        "streak": {"unit": "day", "length": 7, "repeat": true, "grace": 1}});
    let week = r.call("A streak", ("POST", BASE), Some(week), 201).await;
    r.name(&week, "rule_SevenDays");
    let wrong = json!({"trigger": "payment.completed",
        "milestone": {"stat": "check_in.count", "at": [10]},
        "award": {"type": "fixed", "points": 1}});
    let call = ("POST", BASE);
    r.call("Milestones of another type", call, Some(wrong), 400)
        .await;
    let wrong = json!({"trigger": "payment.completed",
        "award": {"type": "per_amount", "per": 0, "points": 1}});
    r.call("A field out of range", ("POST", BASE), Some(wrong), 400)
        .await;
    let one = format!("{BASE}/{id}");
    r.call("A rule", ("GET", &one), None, 200).await;
    let change = json!({"award": {"type": "fixed", "points": 75}});
    r.call("Another award", ("POST", &one), Some(change), 200)
        .await;
    let change = json!({"ends_at": "2027-01-01T00:00:00Z"});
    r.call("An end", ("PATCH", &one), Some(change), 200).await;
    r.call("Deactivated", ("DELETE", &one), None, 200).await;
    let events = json!({"events": {"purchase": {"rsncPerDollar": 10},
        "review_submitted": {"rsncFlat": 50, "conditions": "Verified purchase"}}});
    let path = format!("{BASE}/import");
    let made = r
        .call("Two events", ("POST", &path), Some(events.clone()), 200)
        .await;
    for (rule, name) in [(0, "rule_Purchase"), (1, "rule_ReviewSubmitted")] {
        r.name(&made["data"][rule], name);
    }
    r.call("The same again", ("POST", &path), Some(events), 200)
        .await;
    let wrong = json!({"events": {"purchase": {"rsncPerDollar": -10}}});
    r.call("A field out of range", ("POST", &path), Some(wrong), 400)
        .await;
    let path = format!("{BASE}?trigger=payment.completed&active=true");
    r.call("Those in force", ("GET", &path), None, 200).await;
}

async fn accounts(r: &mut Recorder) {
    const BASE: &str = "/v1/loyalty/accounts";
    let anna = json!({"customer": "cust_abc123", "email": "anna@example.com",
        "metadata": {"plan": "pro"}});
    let account = r
        .call("A member", ("POST", BASE), Some(anna.clone()), 201)
        .await;
    let id = r.name(&account, "loy_7Qk2mX9aT4");
    r.call("The customer has one", ("POST", BASE), Some(anna), 409)
        .await;
    let one = format!("{BASE}/{id}");
    r.call("A member", ("GET", &one), None, 200).await;
    let change = json!({"email": "anna@example.org"});
    r.call("Another email", ("POST", &one), Some(change), 200)
        .await;
    let change = json!({"metadata": {"plan": null}});
    r.call("A key less", ("PATCH", &one), Some(change), 200)
        .await;
    let path = format!("{BASE}?customer=cust_abc123");
    r.call("By customer", ("GET", &path), None, 200).await;
    let lasting = json!({"ttl_minutes": 15});
    let path = format!("{one}/member_token");
    r.call("For a page", ("POST", &path), Some(lasting), 200)
        .await;
    account_life(r, &id).await;
}

async fn account_life(r: &mut Recorder, target: &str) {
    const BASE: &str = "/v1/loyalty/accounts";
    let guest = json!({"id": "loy_imported_7", "customer": "guest_7"});
    r.call("An imported one", ("POST", BASE), Some(guest), 201)
        .await;
    let one = format!("{BASE}/loy_imported_7");
    for status in ["closed", "closed again"] {
        let path = format!("{one}/close");
        r.call(status, ("POST", &path), None, 200).await;
    }
    let merge = json!({"source": "loy_imported_7", "target": target});
    let path = format!("{BASE}/merge");
    r.call("It is closed", ("POST", &path), Some(merge.clone()), 409)
        .await;
    let reopen = format!("{one}/reopen");
    r.call("Open again", ("POST", &reopen), None, 200).await;
    r.call("The survivor", ("POST", &path), Some(merge), 200)
        .await;
    r.call("It was merged", ("POST", &reopen), None, 409).await;
    let gone = json!({"customer": "cust_gone", "email": "gone@example.com"});
    let gone = r.call("Another", ("POST", BASE), Some(gone), 201).await;
    let gone = r.name(&gone, "loy_3Kd8pQ2wLx");
    let path = format!("{BASE}/{gone}/personal_data");
    r.call("Erased, and closed", ("DELETE", &path), None, 200)
        .await;
}

async fn keys(r: &mut Recorder) {
    const BASE: &str = "/v1/api_keys";
    let checkout = json!({"type": "restricted", "name": "Checkout",
        "scopes": ["events:write", "accounts:read"], "programs": ["prog_perks"]});
    let made = r
        .call("A key of a checkout", ("POST", BASE), Some(checkout), 201)
        .await;
    let one = format!("{BASE}/{}", r.name(&made, "key_7Qk2mX9aT4"));
    let wrong = json!({"type": "restricted", "scopes": ["accounts:all"]});
    r.call("No such scope", ("POST", BASE), Some(wrong), 400)
        .await;
    r.call("A page", ("GET", &format!("{BASE}?limit=1")), None, 200)
        .await;
    r.call("A key", ("GET", &one), None, 200).await;
    r.call("For good", ("DELETE", &one), None, 200).await;
    r.call("Again", ("POST", &format!("{one}/revoke")), None, 200)
        .await;
}

/// Puts the same in the place of what is random and no id.
fn without_chance(value: &mut Value) {
    match value {
        Value::Array(members) => members.iter_mut().for_each(without_chance),
        Value::Object(fields) => {
            let prefix = fields
                .get("prefix")
                .and_then(Value::as_str)
                .map(str::to_owned);
            if let Some(prefix) = prefix {
                fields["last4"] = "7f3k".into();
                if let Some(secret) = fields.get_mut("secret") {
                    *secret = format!("{prefix}{:0>52}", "7f3k").into();
                }
            }
            // It follows from ids that are made up.
            if let Some(seal) = fields.get_mut("seal").filter(|seal| seal.is_string()) {
                *seal = "3f7c0a91".repeat(8).into();
            }
            if let Some(token) = fields.get_mut("token") {
                let text = token.as_str().unwrap_or_default();
                let signed = text.rsplit_once('.').map_or("", |(signed, _)| signed);
                *token = format!("{signed}.{:0>64}", "").into();
            }
            if let Some(code) = fields.get_mut("code")
                && code.as_str().is_some_and(is_random_code)
            {
                *code = "7Q2K-M4XW-9TRE".into();
            }
            fields.values_mut().for_each(without_chance);
        }
        _ => {}
    }
}

/// Whether this is the code of a redemption, as they are made.
fn is_random_code(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == 3 && groups.iter().all(|group| group.len() == 4)
}

async fn manual_event(r: &mut Recorder) {
    let path = "/resonance-api/manual-event";
    let review = json!({"brandId": PROGRAM, "eventType": "review_submitted",
        "userEmail": "anna@example.org", "eventId": "review_77",
        "metadata": {"product_id": "shoes", "rating": 5, "verified_purchase": true}});
    r.call("A review", ("POST", path), Some(review.clone()), 200)
        .await;
    r.call("A repeat", ("POST", path), Some(review), 200).await;
    let nobody = json!({"eventType": "signup", "userEmail": "new@example.org",
        "eventId": "signup_1"});
    r.call("Somebody new", ("POST", path), Some(nobody), 200)
        .await;
    let wrong = json!({"eventType": "purchase", "userEmail": "anna@example.org",
        "metadata": {"order_value": -1}});
    r.call("A field out of range", ("POST", path), Some(wrong), 400)
        .await;
}

async fn events_and_transactions(r: &mut Recorder) {
    let payment = json!({"type": "payment.completed", "occurred_at": "2026-11-20T11:59:00Z",
        "data": {"id": "pay_1", "customer": "cust_abc123", "amount": 2599, "currency": "EUR"}});
    let path = "/v1/events";
    let outcome = r
        .call("A payment", ("POST", path), Some(payment.clone()), 200)
        .await;
    let again = json!({"events": [payment, {"type": "payment.refunded",
        "data": {"id": "re_1", "payment": "pay_1", "amount": 1000}}]});
    r.call("A repeat, and a refund", ("POST", path), Some(again), 200)
        .await;
    let later =
        json!({"type": "signup", "id": "evt_signup_1", "data": {"customer": "cust_abc123"}});
    r.call(
        "For the queue",
        ("POST", "/v1/events?async=true"),
        Some(later),
        202,
    )
    .await;
    let wrong = json!({"type": "payment.completed", "data": {"id": "pay_2", "amount": -5,
        "currency": "EUR", "customer": "cust_abc123"}});
    r.call("A field out of range", ("POST", path), Some(wrong), 400)
        .await;

    let account = outcome["account"].as_str().expect("an account").to_owned();
    let transaction = outcome["transactions"][0]
        .as_str()
        .expect("a transaction")
        .to_owned();
    for base in [
        "/v1/loyalty/transactions",
        "/v1/loyalty/points_transactions",
    ] {
        let path = format!("{base}?account={account}&limit=2");
        r.call("The newest two", ("GET", &path), None, 200).await;
        let path = format!("{base}?account={account}&created[gte]=2026-11-01T00:00:00Z");
        r.call("Those of a month", ("GET", &path), None, 200).await;
        r.call(
            "An award",
            ("GET", &format!("{base}/{transaction}")),
            None,
            200,
        )
        .await;
        let adjustment = json!({"account": account, "type": "adjust", "amount": 50,
            "reason": "Sorry for the delay"});
        r.call("Points by hand", ("POST", base), Some(adjustment), 201)
            .await;
        let too_much = json!({"account": account, "type": "adjust", "amount": -5000,
            "reason": "A mistake"});
        r.call("More than there is", ("POST", base), Some(too_much), 409)
            .await;
    }

    let path = format!("/v1/events?account={account}&type=loyalty.points.earned");
    r.call("What a member earned", ("GET", &path), None, 200)
        .await;
    let event = transaction.replacen("ptx_", "evt_", 1);
    let path = format!("/v1/events/{event}");
    r.call("Points that were earned", ("GET", &path), None, 200)
        .await;
}

async fn store_credit(r: &mut Recorder) {
    const BASE: &str = "/v1/loyalty/store_credit_transactions";
    let new = json!({"customer": "cust_credit"});
    let account = r
        .call("A member", ("POST", "/v1/loyalty/accounts"), Some(new), 201)
        .await;
    let account = account["id"].as_str().expect("an account").to_owned();
    let given = json!({"account": account, "amount": 1500, "currency": "EUR",
        "reason": "Return without receipt", "expires_at": "2027-11-20T00:00:00Z"});
    let given = r.call("A gift", ("POST", BASE), Some(given), 201).await;
    let too_much = json!({"account": account, "amount": -2000, "currency": "EUR",
        "reason": "A mistake"});
    r.call("More than there is", ("POST", BASE), Some(too_much), 409)
        .await;
    let spent = json!({"account": account, "capture": false,
        "store_credit": {"amount": 600, "currency": "EUR"}});
    let path = "/v1/loyalty/redemptions";
    r.call("Paying with store credit", ("POST", path), Some(spent), 201)
        .await;
    let path = format!("{BASE}?account={account}&currency=EUR");
    r.call("Those in euros", ("GET", &path), None, 200).await;
    let id = given["id"].as_str().expect("a transaction");
    r.call("A gift", ("GET", &format!("{BASE}/{id}")), None, 200)
        .await;
}

async fn webhooks(r: &mut Recorder) {
    const BASE: &str = "/v1/webhook_endpoints";
    let new = json!({"url": "https://example.com/webhooks",
        "enabled_events": ["loyalty.points.*"], "description": "Shop"});
    let endpoint = r.call("For points", ("POST", BASE), Some(new), 201).await;
    let id = r.name(&endpoint, "we_7Qk2mX9aT4");
    secret(r, &endpoint, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let inside = json!({"url": "https://10.0.0.1/"});
    r.call("A URL that leads inside", ("POST", BASE), Some(inside), 400)
        .await;
    let one = format!("{BASE}/{id}");
    r.call("An endpoint", ("GET", &one), None, 200).await;
    r.call("All", ("GET", BASE), None, 200).await;
    let change = json!({"enabled_events": ["*"]});
    r.call("Every event", ("POST", &one), Some(change), 200)
        .await;
    let change = json!({"description": null});
    r.call("No description", ("PATCH", &one), Some(change), 200)
        .await;
    let path = format!("{one}/rotate_secret");
    let overlap = json!({"expires_in_minutes": 60});
    let rotated = r
        .call("Within an hour", ("POST", &path), Some(overlap), 200)
        .await;
    secret(r, &rotated, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");

    let path = format!("{one}/test");
    let sample = json!({"type": "loyalty.points.earned"});
    let delivery = r
        .call(
            "Points that were earned",
            ("POST", &path),
            Some(sample),
            202,
        )
        .await;
    let id = r.name(&delivery, "whd_7Qk2mX9aT4_019aa0c6a5004f2d9f6f3ac1");
    let text = |name: &str| delivery[name].as_str().expect("text");
    let now = r.site.world.ledger.now();
    let message = Message::first(
        text("endpoint"),
        text("event"),
        text("event_type"),
        text("program"),
        now,
        now,
    );
    let mut made = Delivery::new(&message, now);
    let attempt = Attempt {
        at: now,
        status_code: Some(503),
        latency_ms: 120,
        error: None,
        response_body: Some("Back soon".to_owned()),
        timed_out: false,
        retry_after_s: None,
    };
    made.attempted(attempt, &message, &Health::default(), now, 250);
    let put = r.site.world.ledger.put_delivery(&made, None).await;
    assert!(put.expect("is written"));
    let path = format!("{one}/deliveries?status=pending");
    r.call("Those that are tried again", ("GET", &path), None, 200)
        .await;
    let path = format!("{one}/deliveries/{id}");
    r.call("A delivery", ("GET", &path), None, 200).await;
    for path in [
        format!("{path}/redeliver"),
        format!("{BASE}/deliveries/{id}/redeliver"),
    ] {
        r.call("At once", ("POST", &path), None, 202).await;
    }
    r.call("Gone", ("DELETE", &one), None, 200).await;
}

/// Lets `name` stand for the secret of an endpoint.
fn secret(r: &mut Recorder, endpoint: &Value, name: &str) {
    let secret = endpoint["secret"].as_str().expect("a secret").to_owned();
    r.names.push((secret, name.to_owned()));
}

async fn tiers(r: &mut Recorder) {
    const BASE: &str = "/v1/loyalty/tiers";
    let gold = json!({"key": "gold", "name": "Gold", "threshold": 100_000, "multiplier": 1.5,
        "benefits": ["Free shipping"]});
    let made = r
        .call("Gold", ("POST", BASE), Some(gold.clone()), 201)
        .await;
    r.name(&made, "tier_Gold");
    r.call("A key that is taken", ("POST", BASE), Some(gold), 409)
        .await;
    let same = json!({"key": "ruby", "threshold": 100_000});
    r.call("A threshold that is taken", ("POST", BASE), Some(same), 400)
        .await;
    r.call("A page", ("GET", BASE), None, 200).await;
    let one = format!("{BASE}/{}", made["id"].as_str().unwrap_or_default());
    r.call("One", ("GET", &one), None, 200).await;
    let change = json!({"multiplier": 2});
    r.call("More points", ("POST", &one), Some(change), 200)
        .await;
    let change = json!({"benefits": null});
    r.call("No benefits", ("PATCH", &one), Some(change), 200)
        .await;
    let evaluation = format!("/v1/loyalty/programs/{PROGRAM}/tier_evaluation");
    r.call("It starts", ("POST", &evaluation), None, 200).await;
    r.call("It runs", ("GET", &evaluation), None, 200).await;
    r.call("Deleted", ("DELETE", &one), None, 200).await;
    r.call("Deleted already", ("DELETE", &one), None, 404).await;
}

async fn segments(r: &mut Recorder) {
    const BASE: &str = "/v1/loyalty/segments";
    let vip = json!({"key": "vip", "name": "Our best customers",
        "when": "member.tier == 'gold' || member.lifetime_points >= 10000"});
    let made = r
        .call("Our best", ("POST", BASE), Some(vip.clone()), 201)
        .await;
    r.name(&made, "seg_Vip");
    r.call("A key that is taken", ("POST", BASE), Some(vip), 409)
        .await;
    let wrong = json!({"key": "young", "when": "member.age < 30"});
    r.call("No such field", ("POST", BASE), Some(wrong), 400)
        .await;
    r.call("A page", ("GET", BASE), None, 200).await;
    let one = format!("{BASE}/{}", made["id"].as_str().unwrap_or_default());
    r.call("One", ("GET", &one), None, 200).await;
    let change = json!({"when": "member.lifetime_points >= 5000"});
    r.call("More of them", ("POST", &one), Some(change), 200)
        .await;
    let change = json!({"name": "The best"});
    r.call("Another name", ("PATCH", &one), Some(change), 200)
        .await;
    r.call("Deleted", ("DELETE", &one), None, 200).await;
    r.call("Deleted already", ("DELETE", &one), None, 404).await;
}

async fn simulations(r: &mut Recorder) {
    const BASE: &str = "/v1/loyalty/simulations";
    let now = r.site.world.ledger.now();
    let from = now - jiff::SignedDuration::from_hours(24);
    let doubled = json!({"name": "Double points", "from": from, "to": now, "rules": [
        {"trigger": "payment.completed", "award": {"type": "per_amount", "per": 100, "points": 2}},
    ]});
    let made = r
        .call("Double points", ("POST", BASE), Some(doubled), 202)
        .await;
    r.name(&made, "sim_DoublePoints");
    let wrong = json!({"from": from, "to": now, "rules": [
        {"trigger": "payment.completed", "award": {"type": "per_amount", "per": 0, "points": 2}},
    ]});
    r.call("No such award", ("POST", BASE), Some(wrong), 400)
        .await;
    r.call("A page", ("GET", BASE), None, 200).await;
    let one = format!("{BASE}/{}", made["id"].as_str().unwrap_or_default());
    r.call("It waits", ("GET", &one), None, 200).await;
    let soon = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let ended = r.site.world.ledger.run_simulations(soon).await;
    assert_eq!(ended.expect("it is run"), 1);
    r.call("It is finished", ("GET", &one), None, 200).await;
    r.call("Deleted", ("DELETE", &one), None, 200).await;
    r.call("Deleted already", ("DELETE", &one), None, 404).await;
}

async fn event_types(r: &mut Recorder) {
    const BASE: &str = "/v1/event_types";
    let review = json!({"name": "review_submitted", "description": "A review of a product",
        "schema": {"type": "object", "required": ["rating"], "properties":
            {"rating": {"type": "integer", "minimum": 1, "maximum": 5}}}});
    let made = r
        .call("Reviews", ("POST", BASE), Some(review.clone()), 201)
        .await;
    r.name(&made, "evtype_ReviewSubmitted");
    r.call("A name that is taken", ("POST", BASE), Some(review), 409)
        .await;
    let wrong = json!({"name": "signup", "schema": {"type": "integre"}});
    r.call("No schema", ("POST", BASE), Some(wrong), 400).await;
    r.call("A page", ("GET", BASE), None, 200).await;
    let one = format!("{BASE}/review_submitted");
    r.call("By its name", ("GET", &one), None, 200).await;
    let change = json!({"description": "A review"});
    r.call("Other words", ("POST", &one), Some(change), 200)
        .await;
    let change = json!({"schema": null});
    r.call("No schema", ("PATCH", &one), Some(change), 200)
        .await;
    r.call("Deleted", ("DELETE", &one), None, 200).await;
    r.call("Deleted already", ("DELETE", &one), None, 404).await;
}

async fn liability(r: &mut Recorder) {
    let base = format!("/v1/loyalty/programs/{PROGRAM}");
    let rate = json!({"redeem_rate": {"points": 100, "amount": 100, "currency": "EUR"}});
    let (status, _) = r.site.post(&base, rate).await;
    assert_eq!(status.as_u16(), 200);
    let recount = format!("{base}/liability/recount");
    r.call("Everybody", ("POST", &recount), Some(json!({})), 200)
        .await;
    let liability = format!("{base}/liability");
    r.call("What is owed", ("GET", &liability), None, 200).await;
    // All of it: which logs a part needs depends on their order, and that on made-up ids.
    let journal = format!("{base}/journal");
    r.call("All lines", ("GET", &journal), None, 200).await;
}

async fn audit(r: &mut Recorder) {
    let audit = format!("/v1/loyalty/programs/{PROGRAM}/audit");
    r.call("Before the first run", ("GET", &audit), None, 200)
        .await;
}

async fn sandbox(r: &mut Recorder) {
    const PAYMENTS: &str = "/v1/sandbox/payments";
    // A fingerprint that is given is the same with each run.
    let card = |number: &str| json!({"number": number, "fingerprint": "card_1"});
    let payment = json!({"id": "pay_order_1", "customer": "cust_abc123", "amount": 2599,
        "currency": "EUR", "card": card("4242424242424242"), "metadata": {"order": "order_1"},
        "line_items": [{"product": "shoes", "category": "sport", "amount": 2599}]});
    r.call(
        "It completes",
        ("POST", PAYMENTS),
        Some(payment.clone()),
        201,
    )
    .await;
    let declined = json!({"id": "pay_order_2", "customer": "cust_abc123", "amount": 2599,
        "currency": "EUR", "card": card("4000000000000002")});
    r.call("It is declined", ("POST", PAYMENTS), Some(declined), 201)
        .await;
    r.call(
        "An id that is taken",
        ("POST", PAYMENTS),
        Some(payment),
        409,
    )
    .await;
    let unknown = json!({"amount": 2599, "currency": "EUR", "card": "4111111111111111"});
    r.call("No test card", ("POST", PAYMENTS), Some(unknown), 400)
        .await;
    let one = format!("{PAYMENTS}/pay_order_1");
    let refund = format!("{one}/refund");
    let part = json!({"id": "re_order_1", "amount": 1000});
    r.call("A part", ("POST", &refund), Some(part), 201).await;
    let rest = json!({"id": "re_order_2"});
    r.call("The rest", ("POST", &refund), Some(rest), 201).await;
    let more = json!({"id": "re_order_3"});
    r.call("More than there is", ("POST", &refund), Some(more), 409)
        .await;
    let failed = format!("{PAYMENTS}/pay_order_2/refund");
    let nothing = json!({"id": "re_order_4"});
    r.call("A failed payment", ("POST", &failed), Some(nothing), 409)
        .await;
    r.call("A payment", ("GET", &one), None, 200).await;
    r.call("A page", ("GET", &format!("{PAYMENTS}?limit=1")), None, 200)
        .await;
    const CLOCK: &str = "/v1/sandbox/clock";
    let of_perks = format!("{CLOCK}?program=prog_perks");
    r.call("It runs", ("GET", &of_perks), None, 200).await;
    let later = json!({"program": "prog_perks", "now": "2027-01-01T00:00:00Z"});
    r.call("A new year", ("POST", CLOCK), Some(later), 200)
        .await;
    let back = json!({"program": "prog_perks", "now": "2026-01-01T00:00:00Z"});
    r.call("Time moves forward", ("POST", CLOCK), Some(back), 409)
        .await;
}
