//! I12: where no cap, tier or campaign binds, the order of events is irrelevant. The same events go
//! into two programs, as they happened and shuffled, some twice, and both must end alike.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{AccountFilter, PageRequest, ReferralFilter};
use laurel_tests::{PROGRAM, at};
use serde_json::{Value, json};

use crate::{
    under_its_own_clock,
    world::{Call, ROOT_KEY, Room},
};

/// Who there is.
const CUSTOMERS: [&str; 4] = ["cust_1", "cust_2", "cust_3", "cust_4"];
/// When all events arrive; they happened in the 20 days before.
const NOW: &str = "2026-11-20T12:00:00Z";
/// What converts a referral; smaller payments do not.
const MINIMUM: i64 = 5_000;

/// A program and its events, which follow from a seed.
struct Story {
    settings: Value,
    rules: Vec<Value>,
    events: Vec<Value>,
}

/// Lets the story of this seed happen in order and shuffled.
///
/// # Errors
/// How the two ends differ, with the events in the order in which they came.
///
/// # Panics
/// Where the runtime cannot be built.
pub fn check_orders(seed: u64) -> Result<(), String> {
    under_its_own_clock(seed, async {
        let mut rng = Rng::with_seed(seed ^ 0x6f72_6465_7273);
        let story = Story::of(&mut rng);
        let in_order = end(seed, &story, &story.events).await?;
        let mut shuffled = story.events.clone();
        let again: Vec<Value> = shuffled
            .iter()
            .filter(|_| rng.u8(..) < 50)
            .cloned()
            .collect();
        shuffled.extend(again);
        rng.shuffle(&mut shuffled);
        let out_of_order = end(seed, &story, &shuffled).await?;
        if in_order == out_of_order {
            return Ok(());
        }
        let events = shuffled.iter().map(|event| format!("\n{event}"));
        Err(format!(
            "I12: in order the end is\n{in_order}\nand shuffled\n{out_of_order}\nin the program {} \
             with {:?}, as{}",
            story.settings,
            story.rules,
            events.collect::<String>()
        ))
    })
}

impl Story {
    fn of(rng: &mut Rng) -> Story {
        let roundings = ["floor", "half_up", "half_even", "ceil"];
        let rounding = roundings[rng.usize(..4)];
        let pending_days = [0, 0, 3, 60][rng.usize(..4)];
        let settings = json!({
            "id": PROGRAM,
            "auto_enroll": true,
            "rounding": rounding,
            "timezone": "Europe/Berlin",
            "pending_days": pending_days,
            "reward": {"referrer": {"points": 500}, "referee": {"points": 250}},
            "qualify": {"firstPaymentMinimum": MINIMUM},
        });
        let multiplier = [json!(1), json!(1.5), json!(0.333)][rng.usize(..3)].clone();
        let mut rules = vec![json!({
            "id": "rule_pay",
            "award": {"type": "per_amount", "per": rng.i64(1..200), "points": rng.i64(1..5)},
            "multiplier": multiplier,
        })];
        let fixed = |id: &str, trigger: &str, points: i64| {
            json!({
                "id": id, "trigger": trigger, "award": {"type": "fixed", "points": points},
            })
        };
        if rng.bool() {
            rules.push(fixed("rule_review", "review_submitted", rng.i64(1..50)));
        }
        if rng.bool() {
            rules.push(fixed("rule_welcome", "loyalty.account.created", 7));
        }
        let mut events = Vec::new();
        for customer in CUSTOMERS {
            tell_of(rng, customer, &mut events);
        }
        events.sort_by_key(|event| event["occurred_at"].as_str().map(str::to_owned));
        Story {
            settings,
            rules,
            events,
        }
    }
}

/// What one customer does: perhaps comes by the code, pays, gets some of it back.
///
/// One payment at the most is large enough to convert: which one does is a matter of order.
fn tell_of(rng: &mut Rng, customer: &str, events: &mut Vec<Value>) {
    let begin = at(NOW) - SignedDuration::from_hours(20 * 24);
    let mut now = begin + SignedDuration::from_millis(rng.i64(0..86_400_000));
    let mut later = |rng: &mut Rng| {
        now += SignedDuration::from_millis(rng.i64(1..90_000_000));
        now
    };
    let event = |at: Timestamp, kind: &str, data: Value| json!({"type": kind, "occurred_at": at, "program": PROGRAM, "data": data});
    if rng.bool() {
        let data = json!({"id": customer, "metadata": {"referral_code": CODE}});
        events.push(event(later(rng), "customer.created", data));
    }
    let large = rng.usize(..4);
    for number in 0..3 {
        let id = format!("pay_{customer}_{number}");
        let is_large = number == large;
        let amount = match is_large {
            true => rng.i64(MINIMUM..20_000),
            false => rng.i64(0..MINIMUM),
        };
        let data = json!({
            "id": id, "amount": amount, "currency": "EUR", "customer": customer,
            "payment_method": {"type": "card", "fingerprint": format!("card_{customer}")},
        });
        events.push(event(later(rng), "payment.completed", data));
        for part in 0..rng.usize(..3) {
            let mut data = json!({"id": format!("re_{id}_{part}"), "payment": id});
            if rng.u8(..) < 200 {
                data["amount"] = json!(rng.i64(0..=amount));
            }
            events.push(event(later(rng), "payment.refunded", data));
        }
        if rng.bool() {
            let data = json!({"id": format!("rev_{id}"), "customer": customer});
            events.push(event(later(rng), "review_submitted", data));
        }
    }
}

/// Stands for the code of the member who shares one.
const CODE: &str = "THE-CODE";

/// What all members have once all events have come.
async fn end(seed: u64, story: &Story, events: &[Value]) -> Result<String, String> {
    let room = Room::new(seed).await;
    room.base
        .clock
        .set(at(NOW) - SignedDuration::from_hours(30 * 24));
    room.base.set_program(story.settings.clone()).await;
    for rule in &story.rules {
        room.base.add_rule(rule.clone()).await;
    }
    let (_, code) = room.base.referrer("cust_anna").await;
    room.base.clock.set(at(NOW));
    let processes = [room.process(), room.process()];
    for (number, event) in events.iter().enumerate() {
        let body = event.to_string().replace(CODE, &code);
        let call = Call {
            method: "POST",
            path: "/v1/events".to_owned(),
            body: serde_json::from_str(&body).ok(),
            name: format!("event {number}"),
            api_key: ROOT_KEY.to_owned(),
        };
        let (status, answer) = processes[number % 2].answer(&call).await;
        if status != 200 {
            return Err(format!("{event} is answered {status}: {answer}"));
        }
    }
    let all = PageRequest {
        limit: 1000,
        ..PageRequest::default()
    };
    let of_program = AccountFilter::of(PROGRAM);
    let accounts = room.base.ledger.accounts(&of_program, &all).await;
    let accounts = accounts.map_err(|error| error.to_string())?.data;
    let mut lines: Vec<String> = accounts
        .iter()
        .map(|it| {
            format!(
                "{:?}: balance {}, pending {}, lifetime {}",
                it.account.customer, it.balance, it.pending, it.account.lifetime_points
            )
        })
        .collect();
    let filter = ReferralFilter {
        program: PROGRAM.to_owned(),
        ..ReferralFilter::default()
    };
    let referrals = room.base.ledger.referrals(&filter, &all).await;
    let referrals = referrals.map_err(|error| error.to_string())?.data;
    lines.extend(referrals.iter().map(|it| {
        let (status, reason) = (it.status.as_str(), it.reason.map(|reason| reason.as_str()));
        format!("{:?} came by the code: {status}, {reason:?}", it.customer)
    }));
    lines.sort();
    Ok(lines.join("\n"))
}
