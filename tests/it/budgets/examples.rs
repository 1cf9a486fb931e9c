//! Worked examples that others document, each with its source. A payment earns a point for each
//! euro; points that a campaign adds come from its multiplier of 2.

use jiff::SignedDuration;
use laurel_rules::{budget::Budget, campaign::Campaign, rule::Window};
use laurel_tests::{World, merge, payment, refund};
use serde_json::{Value, json};

use super::{add_campaign, pay};

struct Example {
    source: &'static str,
    /// The program's budget.
    budget: Value,
    /// What limits a member.
    cap: Value,
    /// A campaign's budget; without it there is no campaign.
    campaign: Value,
    /// `anna 950 = 950`: she pays 950 and gets 950 points. `refund 2`: the second payment goes
    /// back. `day`: the next one. `budget 50`: the campaign gets this budget.
    steps: &'static str,
}

const ANTAVO: &str = "https://docs.antavo.com/docs/point-limitation-scenarios.md";
const OPEN_LOYALTY: &str =
    "https://help.openloyalty.io/main-features/campaigns/campaign-limitation";
const TALON_ONE: &str =
    "https://docs.talon.one/docs/product/campaigns/settings/managing-campaign-budgets";
const MEDUSA: &str = "https://docs.medusajs.com/resources/commerce-modules/promotion/campaign";
const SALESFORCE: &str = "https://developer.salesforce.com/docs/atlas.en-us.264.0.real_time_offer_management.meta/real_time_offer_management/connect_requests_promotion_limit_input.htm";

fn examples() -> Vec<Example> {
    let row = |source, budget, cap, campaign, steps| Example {
        source,
        budget,
        cap,
        campaign,
        steps,
    };
    let points = |points: i64| json!({ "points": points });
    let none = || json!(null);
    vec![
        // A campaign of 1,000 points that has given 950 gives 50 of the next 100 ("dynamic limit"),
        // and nothing then.
        row(
            ANTAVO,
            points(1000),
            none(),
            none(),
            "anna 950 = 950; bert 100 = 50; carl 100 = 0",
        ),
        // Of the 25 points that a customer may get 20 are used: 5 of the next 6.
        row(
            ANTAVO,
            none(),
            points(25),
            none(),
            "anna 20 = 20; anna 6 = 5; bert 6 = 6",
        ),
        // Both limits: the one of which less is left counts.
        row(
            ANTAVO,
            points(1000),
            points(25),
            none(),
            "anna 20 = 20; anna 100 = 5; bert 100 = 25",
        ),
        // 500 points and 100 for a member: five members can have all of theirs, and no sixth; what
        // is canceled is there for others.
        row(
            OPEN_LOYALTY,
            points(500),
            points(100),
            none(),
            "a 150 = 100; b 100 = 100; c 100 = 100; d 100 = 100; e 250 = 100; f 100 = 0; \
             refund 2; f 100 = 100; g 1 = 0",
        ),
        // Limits by the calendar day begin anew with the day: 230 points for a member …
        row(
            OPEN_LOYALTY,
            none(),
            json!({"points": 230, "window": "day"}),
            none(),
            "a 200 = 200; a 200 = 30; day; a 300 = 230",
        ),
        // … and for all members together.
        row(
            OPEN_LOYALTY,
            json!({"points": 230, "window": "day"}),
            none(),
            none(),
            "a 200 = 200; b 200 = 30; day; b 300 = 230; a 10 = 0",
        ),
        // A campaign's budget is for the loyalty points that the campaign gives; what was given
        // before there was a budget does not count.
        row(
            TALON_ONE,
            none(),
            none(),
            json!("unlimited"),
            "a 60 = 120; budget 50; a 30 = 60; b 30 = 50; c 30 = 30",
        ),
        // A promotion with a budget of 100 is over once that is used up; the purchase is not.
        row(
            MEDUSA,
            none(),
            none(),
            points(100),
            "a 70 = 140; b 30 = 60; c 50 = 50",
        ),
        // A promotion's `pointsLimit` beside the program's own.
        row(
            SALESFORCE,
            points(200),
            none(),
            points(40),
            "a 30 = 60; b 30 = 40; c 90 = 90; d 90 = 10",
        ),
    ]
}

#[tokio::test]
async fn they_come_to_the_same_here() {
    for example in examples() {
        let Example {
            source,
            budget,
            mut cap,
            campaign,
            steps,
        } = example;
        let mut rule = json!({"award": {"type": "per_amount", "per": 100, "points": 1}});
        if let Some(window) = cap.get_mut("window").map(Value::take) {
            rule["window"] = window;
            cap = json!({"points": cap["points"]});
        }
        merge(&mut rule, json!({ "cap": cap }));
        let settings = json!({"auto_enroll": true, "budget": budget});
        let world = World::with(settings, &[rule]).await;
        let campaign = match campaign {
            Value::Null => None,
            Value::String(_) => Some(add_campaign(&world, json!({})).await),
            budget => Some(add_campaign(&world, json!({ "budget": budget })).await),
        };
        let (mut paid, mut refunds) = (0, 0);
        for step in steps.split(';').map(str::trim) {
            let words: Vec<&str> = step.split(' ').collect();
            match words[..] {
                [who, euros, "=", expected] => {
                    paid += 1;
                    let cents = euros.parse::<i64>().expect("euros") * 100;
                    let mut event = payment(&format!("pay_{paid}"), who, cents);
                    merge(&mut event, json!({"occurred_at": world.ledger.now()}));
                    let before = world.find_member(who).await.map_or(0, |it| it.balance);
                    pay(&world.ledger, &world, event).await;
                    let got = world.member(who).await.balance - before;
                    assert_eq!(got.to_string(), expected, "{step} in {steps}, {source}");
                }
                ["refund", number] => {
                    refunds += 1;
                    let id = format!("re_{refunds}");
                    let event = refund(&id, &format!("pay_{number}"), None);
                    pay(&world.ledger, &world, event).await;
                }
                ["day"] => {
                    let tomorrow = world.ledger.now() + SignedDuration::from_hours(24);
                    world.clock.set(tomorrow);
                }
                ["budget", points] => {
                    let campaign = campaign.as_ref().expect("a campaign");
                    let budget = Budget {
                        points: points.parse().expect("points"),
                        window: Window::Lifetime,
                        revision: 0,
                    };
                    limit(&world, campaign, budget).await;
                }
                _ => panic!("{step}"),
            }
        }
    }
}

async fn limit(world: &World, campaign: &Campaign, budget: Budget) {
    let changed = world.ledger.update_campaign(&campaign.id, |campaign| {
        campaign.budget = Some(budget);
        Ok(())
    });
    changed.await.expect("a new limit");
}
