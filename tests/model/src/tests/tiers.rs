//! Tiers and campaigns: the sentences of the spec and of the documents, with their numbers.

use super::spec::{Shop, at, euro_rule, payment, program, refund};
use crate::*;

impl Shop {
    /// Silver from 100 points on, gold from 200, which doubles.
    fn with_tiers(settings: ProgramSettings) -> Self {
        let mut shop = Self::new(settings, &[euro_rule()]);
        for (key, threshold, multiplier) in [("silver", 100, 1), ("gold", 200, 2)] {
            let tier = Tier {
                key: key.to_owned(),
                threshold,
                multiplier: Decimal::new(multiplier, 0),
            };
            shop.model
                .apply(at("2020-01-01T00:00:00Z"), &Op::SetTier(tier));
        }
        shop
    }

    fn tier(&self, when: &str) -> Option<String> {
        self.model.tier(self.ann, at(when))
    }
}

fn qualifying(tier_period: TierPeriod, downgrade: Downgrade, grace_days: u32) -> ProgramSettings {
    ProgramSettings {
        tier_basis: TierBasis::QualifyingPoints,
        tier_period,
        downgrade: Some(downgrade),
        grace_days,
        ..program()
    }
}

#[test]
fn a_promotion_counts_from_the_next_event_on_and_a_refund_takes_none() {
    let mut shop = Shop::with_tiers(program());
    assert_eq!(shop.pay("pay_1", "2026-03-01T10:00:00Z", 19_900), 199);
    assert_eq!(shop.pay("pay_2", "2026-03-02T10:00:00Z", 100), 1);
    assert_eq!(shop.pay("pay_3", "2026-03-03T10:00:00Z", 1_000), 20);
    shop.send(refund("re_1", "2026-03-04T10:00:00Z", "pay_1", None));
    assert_eq!(shop.tier("2026-03-05T10:00:00Z").as_deref(), Some("gold"));
    // A late event is judged by the tier of its time.
    let late = payment("pay_4", "2026-03-01T11:00:00Z", 1_000);
    let answer = shop
        .model
        .apply(at("2026-03-06T10:00:00Z"), &Op::Event(late));
    assert_eq!(super::spec::amounts(&answer), [10]);
}

#[test]
fn a_year_keeps_a_tier_through_the_next_and_days_of_grace_count() {
    for (downgrade, grace, back, expected) in [
        (Downgrade::ToEarned, 0, None, None),
        (Downgrade::OneLevel, 0, None, Some("silver")),
        (
            Downgrade::ToEarned,
            14,
            Some("2028-01-10T00:00:00Z"),
            Some("gold"),
        ),
        (
            Downgrade::OneLevel,
            14,
            Some("2028-01-15T00:00:00Z"),
            Some("gold"),
        ),
        (Downgrade::ToEarned, 14, None, None),
    ] {
        let settings = qualifying(TierPeriod::CalendarYear, downgrade, grace);
        let mut shop = Shop::with_tiers(settings);
        shop.pay("pay_1", "2026-11-20T10:00:00Z", 20_000);
        assert_eq!(shop.tier("2027-12-31T23:59:59Z").as_deref(), Some("gold"));
        if let Some(when) = back {
            shop.pay("pay_2", when, 20_000);
        }
        assert_eq!(shop.tier("2028-01-16T00:00:00Z").as_deref(), expected);
    }
}

#[test]
fn rolling_months_review_a_year_after_the_day_on_which_the_tier_was_reached() {
    let settings = qualifying(TierPeriod::Rolling12Months, Downgrade::ToEarned, 0);
    let mut shop = Shop::with_tiers(settings);
    shop.pay("pay_1", "2026-03-10T10:00:00Z", 15_000);
    shop.pay("pay_2", "2026-09-01T10:00:00Z", 25_000);
    shop.pay("pay_3", "2027-08-31T10:00:00Z", 2_500);
    assert_eq!(shop.tier("2026-09-02T00:00:00Z").as_deref(), Some("gold"));
    assert_eq!(shop.tier("2027-08-31T23:59:59Z").as_deref(), Some("gold"));
    // What was earned since then, 50 points, is good for nothing.
    assert_eq!(shop.tier("2027-09-01T00:00:00Z"), None);
}

#[test]
fn rule_tier_and_campaign_multiply_and_round_once() {
    let mut shop = Shop::with_tiers(program());
    shop.pay("pay_1", "2026-12-01T10:00:00Z", 20_000);
    let schedule = Schedule {
        weekdays: Some(vec![5]),
        hours: Some(vec![(22 * 60, 2 * 60)]),
    };
    let campaign = Campaign {
        id: "camp_1".to_owned(),
        multiplier: Decimal::new(15, 1),
        active: true,
        starts_at: None,
        ends_at: Some(at("2026-12-20T00:00:00Z")),
        triggers: None,
        rules: None,
        schedule: Some(schedule),
        budget: None,
    };
    let now = at("2026-12-02T00:00:00Z");
    shop.model.apply(now, &Op::SetCampaign(Box::new(campaign)));
    // 5 December 2026 is a Saturday: 10.50 × 2 × 1.5, and past midnight as well.
    for (number, when, points) in [
        (2, "2026-12-05T21:59:59Z", 21),
        (3, "2026-12-05T22:00:00Z", 31),
        (4, "2026-12-06T01:59:59Z", 31),
        (5, "2026-12-06T02:00:00Z", 21),
        (6, "2026-12-06T23:00:00Z", 21),
        (7, "2026-12-26T23:00:00Z", 21),
    ] {
        assert_eq!(
            shop.pay(&format!("pay_{number}"), when, 1_050),
            points,
            "{when}"
        );
    }
}

#[test]
fn a_budget_is_handed_out_to_the_last_point_and_refunds_give_back() {
    let budget = Budget {
        points: 25,
        window: Window::Month,
    };
    let settings = ProgramSettings {
        budget: Some(budget),
        ..program()
    };
    let mut shop = Shop::new(settings, &[euro_rule()]);
    assert_eq!(shop.pay("pay_1", "2026-12-01T10:00:00Z", 2_000), 20);
    assert_eq!(shop.pay("pay_2", "2026-12-02T10:00:00Z", 2_000), 5);
    assert_eq!(shop.pay("pay_3", "2026-12-03T10:00:00Z", 2_000), 0);
    shop.send(refund("re_1", "2026-12-04T10:00:00Z", "pay_1", Some(1_000)));
    assert_eq!(shop.pay("pay_4", "2026-12-05T10:00:00Z", 2_000), 10);
    assert_eq!(shop.pay("pay_5", "2027-01-01T00:00:00Z", 2_000), 20);
}
