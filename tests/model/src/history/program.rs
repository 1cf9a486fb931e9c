//! A program and its rules.

use super::*;
use crate::referrals::ReferralSettings;

pub(super) fn settings(rng: &mut Rng, at_limit: bool, features: Features) -> ProgramSettings {
    let rounding = *pick(
        rng,
        &[
            Rounding::Floor,
            Rounding::HalfUp,
            Rounding::HalfEven,
            Rounding::Ceil,
        ],
    );
    let pending = !at_limit && chance(rng, 35);
    let expiring = !at_limit && chance(rng, 60);
    ProgramSettings {
        timezone: (*pick(rng, &ZONES)).to_owned(),
        rounding,
        auto_enroll: rng.bool(),
        negative_balance: *pick(rng, &[NegativeBalance::Allow, NegativeBalance::Clamp]),
        pending_days: if pending {
            *pick(rng, &[1, 2, 7, 14, 30])
        } else {
            0
        },
        expires: expiring.then(|| expires(rng)),
        tier_basis: match (features.tiers, rng.u32(..5)) {
            (true, 0..3) => TierBasis::QualifyingPoints,
            _ => TierBasis::LifetimePoints,
        },
        tier_period: *pick(
            rng,
            &[TierPeriod::CalendarYear, TierPeriod::Rolling12Months],
        ),
        downgrade: *pick(
            rng,
            &[
                None,
                Some(Downgrade::OneLevel),
                Some(Downgrade::OneLevel),
                Some(Downgrade::ToEarned),
                Some(Downgrade::ToEarned),
            ],
        ),
        grace_days: *pick(rng, &[0, 0, 1, 14, 45, 90]),
        budget: (features.budgets && rng.bool()).then(|| budget(rng)),
        redeem_rate: (features.rewards && chance(rng, 60)).then(|| RedeemRate {
            points: *pick(rng, &[1, 3, 10, 100]),
            pays: Money::new(*pick(rng, &[1, 5, 100]), "EUR"),
            minimum_points: chance(rng, 30).then(|| rng.i64(1..20)),
            maximum_percent: chance(rng, 30).then(|| *pick(rng, &[10, 50, 100])),
        }),
        cancel_redemptions_on_refund: features.rewards && rng.bool(),
        store_credit_expires: (features.credit && chance(rng, 60)).then(|| expires(rng)),
        referrals: match features.referrals {
            true => referrals::settings(rng),
            false => ReferralSettings::default(),
        },
    }
}

pub(super) fn budget(rng: &mut Rng) -> Budget {
    let windows = [Window::Day, Window::Week, Window::Month, Window::Lifetime];
    Budget {
        points: rng.i64(1..2_000),
        window: *pick(rng, &windows),
    }
}

pub(super) fn expires(rng: &mut Rng) -> Expires {
    let after = *pick(
        rng,
        &[
            "P1D", "P3D", "P1W", "P1M", "P1M", "P2M", "P6M", "P12M", "P1Y",
        ],
    );
    let round = *pick(
        rng,
        &[
            None,
            None,
            Some(RoundUpTo::Day),
            Some(RoundUpTo::Month),
            Some(RoundUpTo::Year),
        ],
    );
    Expires {
        after: after.to_owned(),
        round,
    }
}

pub(super) fn rule(rng: &mut Rng, number: usize, start: Timestamp, at_limit: bool) -> Rule {
    let trigger = match rng.u32(..100) {
        // Most histories are about payments.
        0..85 if number == 0 => "payment.completed",
        0..58 => "payment.completed",
        58..70 => "invoice.paid",
        70..83 => "loyalty.account.created",
        _ => pick(rng, &BEHAVIOURS),
    };
    let welcome = trigger == "loyalty.account.created";
    let fixed = Award::Fixed {
        points: *pick(rng, &[1, 5, 10, 33, 100, 500]),
    };
    let award = match rng.u32(..100) {
        _ if welcome => fixed,
        0..55 => Award::PerAmount {
            per: *pick(rng, &[1, 3, 7, 33, 50, 100, 100, 150, 250, 1000]),
            points: *pick(rng, &[1, 1, 2, 3, 5, 10]),
        },
        55..75 => fixed,
        _ => Award::PerCurrency {
            rates: BTreeMap::from([
                (
                    "EUR".to_owned(),
                    *pick(rng, &[Decimal::ONE, Decimal::new(15, 1)]),
                ),
                ("GBP".to_owned(), Decimal::new(12, 1)),
                ("JPY".to_owned(), Decimal::new(7, 3)),
            ]),
        },
    };
    let mut rule = Rule::new(&format!("rule{number}"), trigger, award);
    let multipliers = [(2, 0), (5, 1), (15, 1), (333, 3), (125, 2), (3, 0)];
    if chance(rng, 40) {
        let (mantissa, scale) = *pick(rng, &multipliers);
        rule.multiplier = Decimal::new(mantissa, scale);
    }
    // Open: what a unit of a `per_currency` award is.
    rule.whole_units = matches!(rule.award, Award::PerAmount { .. }) && chance(rng, 20);
    // Open: how a `basis_field` and `earn_on` go together.
    let payment = PAYMENTS.contains(&trigger);
    match rng.u32(..100) {
        0..12 if payment => rule.basis_field = Some("amount_net".to_owned()),
        12..30 if payment => rule.earn_on = Some(earn_on(rng)),
        _ => {}
    }
    if at_limit {
        return rule;
    }
    let windows = [Window::Day, Window::Week, Window::Month, Window::Lifetime];
    if chance(rng, 55) {
        let window = *pick(rng, &windows);
        let points = *pick(rng, &[1, 10, 50, 100, 250, 500, 1000]);
        let awards = rng.u64(1..=4);
        let (points, awards) = match rng.u32(..10) {
            0..6 => (Some(points), None),
            6..8 => (None, Some(awards)),
            _ => (Some(points), Some(awards)),
        };
        // Open: `rolling` without a span.
        let rolling = window != Window::Lifetime && chance(rng, 45);
        rule.cap = Some(Cap {
            points,
            awards,
            rolling,
        });
        let named = window != Window::Lifetime || rng.bool();
        rule.window = named.then_some(window);
    } else if chance(rng, 25) {
        rule.window = Some(*pick(rng, &windows));
    }
    goal(rng, &mut rule);
    rule.carry = chance(rng, 30);
    rule.active = chance(rng, 95);
    if chance(rng, 12) {
        rule.starts_at = Some(start + SignedDuration::from_hours(rng.i64(-48..72)));
    }
    if chance(rng, 12) {
        let from = rule.starts_at.unwrap_or(start);
        rule.ends_at = Some(from + SignedDuration::from_hours(rng.i64(1..40 * 24)));
    }
    if chance(rng, 15) {
        rule.pending_days = Some(*pick(rng, &[0, 1, 5, 31]));
    }
    if chance(rng, 15) {
        rule.expires = Some(expires(rng));
    }
    if chance(rng, 35) {
        rule.exclusive_group = Some("group".to_owned());
        rule.priority = rng.i64(-1..=2);
        rule.exclusive = *pick(rng, &[Exclusive::Priority, Exclusive::Best]);
    }
    rule
}

/// Open: days of merged members, which are told apart for 64 days only.
fn goal(rng: &mut Rng, rule: &mut Rule) {
    match rng.u32(..100) {
        0..12 => {
            let (figure, first) = match rng.bool() {
                true => (Figure::Count, rng.i64(1..5)),
                false => (Figure::Sum, rng.i64(1..20_000)),
            };
            let mut at = vec![first];
            for _ in 0..rng.usize(..4) {
                let last = at[at.len() - 1];
                at.push(last + rng.i64(1..=first * 2));
            }
            rule.milestone = Some(Milestone { figure, at });
        }
        12..27 => {
            rule.streak = Some(Streak {
                unit: *pick(rng, &[Unit::Day, Unit::Day, Unit::Week, Unit::Month]),
                length: rng.u32(2..5),
                repeat: rng.bool(),
                grace: rng.i64(0..3),
            });
        }
        _ => {}
    }
}

/// Open: categories together with products, and `exclude` alone for a payment without items.
pub(super) fn earn_on(rng: &mut Rng) -> EarnOn {
    let names = |rng: &mut Rng, list: &[&str]| {
        let count = rng.usize(1..list.len());
        rng.choose_multiple(list.iter(), count)
            .into_iter()
            .map(|s| (*s).to_owned())
            .collect()
    };
    let mut earn_on = EarnOn::default();
    let by_category = rng.bool();
    if by_category {
        earn_on.categories = names(rng, &CATEGORIES);
    } else {
        earn_on.products = names(rng, &PRODUCTS);
    }
    match rng.u32(..4) {
        0 if by_category => earn_on.exclude_products = names(rng, &PRODUCTS),
        0 => earn_on.exclude_categories = names(rng, &CATEGORIES),
        _ => {}
    }
    earn_on
}
