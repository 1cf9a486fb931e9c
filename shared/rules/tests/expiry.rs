//! Spec section 2, "Pending" and "Expiry": what other engines' documents say in examples, as text
//! tables (see `support/script.rs` for their words). Laurel's points are gone at the first moment
//! at which they cannot be spent, so "until the end of 25 February" is 26 February, 00:00.

mod support;

use support::script::check;

/// <https://docs.voucherify.io/build/loyalty-points>, "Loyalty point expiration rules".
#[test]
fn months_end_with_their_day_and_are_cut_to_the_month() {
    check(
        "
        program expires=P1M/day
        rule r award=1/100
        # A month from 25 January: until the end of 25 February.
        pay p1 1000 EUR at=2026-01-25T15:00Z => r 10
        now 2026-02-25T23:59Z
        account => 10 lifetime 10
        now 2026-02-26T00:00Z
        account => 0 lifetime 10
        ",
    );
    check(
        "
        program expires=P1M/day
        rule r award=1/100
        # From 31 January: until the end of the last day of February; so it is from the 29th.
        pay p1 1000 EUR at=2026-01-29T09:00Z => r 10
        pay p2 1000 EUR at=2026-01-31T09:00Z => r 10
        now 2026-02-28T23:59Z
        account => 20 lifetime 20
        now 2026-03-01T00:00Z
        account => 0 lifetime 20
        ",
    );
}

/// <https://docs.voucherify.io/build/loyalty-points>: "round up" to the end of the month.
#[test]
fn a_month_may_be_rounded_up_to_its_end() {
    check(
        "
        program timezone=Europe/Berlin expires=P1M/month
        rule r award=1/100
        pay p1 1000 EUR at=2026-02-03T12:00Z => r 10
        # Berlin's clocks go forward on 29 March: the month ends an hour earlier in UTC.
        now 2026-03-31T21:59Z
        account => 10 lifetime 10
        now 2026-03-31T22:00Z
        account => 0 lifetime 10
        ",
    );
}

/// <https://help.engage.voyado.com/hc/en-gb/articles/19390118415516-Expiry-methods-best-practice>:
/// where points last for two calendar years after their own, those of 2023 are gone on 1 January
/// 2026, and so those of 2026 in 2029.
#[test]
fn calendar_years() {
    check(
        "
        program expires=P2Y/year
        rule r award=1/100
        pay p1 1000 EUR at=2026-01-01T00:00Z => r 10
        pay p2 1000 EUR at=2026-12-31T23:59Z => r 10
        pay p3 1000 EUR at=2027-01-01T00:00Z => r 10
        now 2028-12-31T23:59Z
        account => 30 lifetime 30
        now 2029-01-01T00:00Z
        account => 10 lifetime 30
        ",
    );
}

/// <https://markivo.ai/docs/loyalty/set-point-expiration>: 300 points that last a year; what is
/// left of them after 200 were spent expires on the same day.
#[test]
fn spending_moves_no_date() {
    check(
        "
        program expires=P1Y
        rule r award=1/100
        pay p1 30000 EUR at=2026-03-01T00:00Z => r 300
        now 2026-05-01T00:00Z
        adjust -200 => 100
        now 2027-02-28T23:59Z
        account => 100 lifetime 300
        now 2027-03-01T00:00Z
        account => 0 lifetime 300
        ",
    );
}

/// <https://docs.trybeans.com/manage/rules/expiration>: the oldest points are spent first.
#[test]
fn the_oldest_points_are_spent_first() {
    check(
        "
        program expires=P30D
        rule r award=1/100
        pay p1 1000 EUR at=2026-01-01T00:00Z => r 10
        pay p2 1000 EUR at=2026-01-11T00:00Z => r 10
        now 2026-01-15T00:00Z
        adjust -12 => 8
        # Of the first ten nothing is left to expire.
        now 2026-02-01T00:00Z
        account => 8 lifetime 20
        now 2026-02-10T00:00Z
        account => 0 lifetime 20
        ",
    );
}

/// <https://helpdesk-love-loyalty.crisp.help/en/article/how-to-set-up-point-expiry-ziaam>: who has
/// earned in January and in February and then does nothing for six months has nothing left in
/// August; there a day later than here, where six months are over when they are over.
/// <https://help.salesforce.com/s/articleView?id=xcloud.point_expiration_calculation.htm>,
/// "Activity Based": all points expire then, and spending is activity, too.
#[test]
fn inactivity_takes_all_at_once() {
    check(
        "
        program expires=idle:P6M
        rule r award=1/100
        pay p1 1000 EUR at=2026-01-01T00:00Z => r 10
        pay p2 1000 EUR at=2026-02-01T00:00Z => r 10
        now 2026-07-31T23:59Z
        account => 20 lifetime 20
        now 2026-08-01T00:00Z
        account => 0 lifetime 20
        ",
    );
    check(
        "
        program expires=idle:P6M
        rule r award=1/100
        pay p1 1000 EUR at=2026-01-01T00:00Z => r 10
        now 2026-06-01T00:00Z
        adjust -1 => 9
        now 2026-11-30T23:59Z
        account => 9 lifetime 10
        now 2026-12-01T00:00Z
        account => 0 lifetime 10
        ",
    );
}
