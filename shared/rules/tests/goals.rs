//! Spec section 6, "Stats": milestones and streaks, as text tables (see `support/script.rs`).

mod support;

use laurel_rules::goal::StreakUnit;
use support::{
    at, payment,
    script::{check, check_in},
};

#[test]
fn a_threshold_pays_once_with_the_event_that_crosses_it() {
    check(
        "
        rule m award=500 milestone=payment.completed.sum:1000,5000
        pay p1 999 EUR  => m milestone_not_reached
        pay p2 1 EUR    => m 500
        pay p2 1 EUR    => duplicate awarded
        pay p3 3000 EUR => m milestone_not_reached
        # A late one counts like any other.
        now 2026-03-01T00:00Z
        pay p4 999 EUR at=2026-01-15T00:00Z  => m milestone_not_reached
        pay p5 1 EUR at=2026-01-02T00:00Z    => m 500
        pay p6 90000 EUR => m milestone_not_reached
        account => 1000 lifetime 1000
        ",
    );
}

#[test]
fn one_event_that_crosses_two_pays_both_in_one_award() {
    let world = check(
        "
        rule m award=500 multiplier=1.5 milestone=payment.completed.sum:1000,5000,9000
        rule n award=1/100 milestone=payment.completed.count:1
        pay p1 6000 EUR => m 1500, n 60
        refund r1 p1 3000 => m -750; n -30
        account => 780 lifetime 1560
        ",
    );
    let award = &world.entries[0].transactions[0];
    let made = award.calculation.as_ref().expect("a calculation");
    assert_eq!((made.base.as_str(), made.points), ("1000", 1500));
    let trace = made.milestone.as_ref().expect("milestones");
    assert_eq!(trace.stat, "payment.completed.sum");
    assert_eq!((trace.before, trace.after), (0, 6000));
    assert_eq!(trace.crossed, [1000, 5000]);
    assert!(made.streak.is_none());
}

#[test]
fn counts_and_days_are_milestones_too() {
    check(
        "
        rule count award=10 trigger=check_in milestone=check_in.count:3,4
        rule days award=100 trigger=check_in milestone=check_in.days:2
        do check_in c1 at=2026-01-05T10:00Z => count milestone_not_reached, days milestone_not_reached
        do check_in c2 at=2026-01-05T11:00Z => count milestone_not_reached, days milestone_not_reached
        do check_in c3 at=2026-01-05T12:00Z => count 10, days milestone_not_reached
        do check_in c4 at=2026-01-09T12:00Z => count 10, days 100
        do check_in c5 at=2026-01-10T12:00Z => count milestone_not_reached, days milestone_not_reached
        ",
    );
}

#[test]
fn a_refund_takes_its_share_and_a_whole_one_opens_the_threshold_again() {
    check(
        "
        rule m award=500 milestone=payment.completed.sum:1000
        pay p1 1000 EUR   => m 500
        refund r1 p1 400  => m -200
        # What is left of the award stays: the threshold was paid.
        pay p2 400 EUR    => m milestone_not_reached
        refund r2 p1 all  => m -300
        # 400 are left, and 900 are not enough.
        pay p3 500 EUR    => m milestone_not_reached
        pay p4 100 EUR    => m 500
        # Of a payment that crossed nothing nothing is taken.
        refund r3 p3 all  => processed
        pay p5 500 EUR    => m milestone_not_reached
        account => 500 lifetime 1000
        ",
    );
    // Where the figure stays as high, the next event pays.
    check(
        "
        rule m award=500 milestone=payment.completed.count:2
        pay p1 100 EUR   => m milestone_not_reached
        pay p2 100 EUR   => m 500
        refund r1 p2 all => m -500
        refund r2 p2 all => processed
        pay p3 100 EUR   => m 500
        pay p4 100 EUR   => m milestone_not_reached
        account => 500 lifetime 1000
        ",
    );
}

#[test]
fn a_refund_ahead_of_its_payment_ends_as_if_it_had_come_after_it() {
    for script in [
        "
        rule m award=500 milestone=payment.completed.sum:1000
        refund r1 p1 all => remembered
        pay p1 1000 EUR  => m 500; m -500
        pay p2 999 EUR   => m milestone_not_reached
        pay p3 1 EUR     => m 500
        account => 500 lifetime 1000
        ",
        "
        rule m award=500 milestone=payment.completed.sum:1000
        pay p1 1000 EUR  => m 500
        refund r1 p1 all => m -500
        pay p2 999 EUR   => m milestone_not_reached
        pay p3 1 EUR     => m 500
        account => 500 lifetime 1000
        ",
    ] {
        check(script);
    }
}

#[test]
fn a_threshold_that_was_passed_before_it_was_set_pays_nothing() {
    check(
        "
        rule base award=1/100
        pay p1 3000 EUR => base 30
        rule m award=500 milestone=payment.completed.sum:1000,4000
        pay p2 500 EUR  => base 5, m milestone_not_reached
        pay p3 500 EUR  => base 5, m 500
        rule m award=500 milestone=payment.completed.sum:2000,4000,5000
        pay p4 500 EUR  => base 5, m milestone_not_reached
        pay p5 500 EUR  => base 5, m 500
        # It was crossed while the rule was not active.
        rule m award=500 milestone=payment.completed.sum:5000,6000,7000 inactive
        pay p6 1000 EUR => base 10, m inactive
        rule m award=500 milestone=payment.completed.sum:5000,6000,7000 active=true
        pay p7 999 EUR  => base 9, m milestone_not_reached
        pay p8 1 EUR    => base rounds_to_nothing, m 500
        ",
    );
}

#[test]
fn a_run_of_days_pays_when_it_is_long_enough() {
    check(
        "
        rule once award=10 trigger=check_in streak=day:3
        rule again award=1 trigger=check_in streak=day:3:repeat
        do check_in c1 at=2026-01-05T10:00Z => once streak_not_reached, again streak_not_reached
        do check_in c2 at=2026-01-06T10:00Z => once streak_not_reached, again streak_not_reached
        do check_in c3 at=2026-01-06T23:00Z => once streak_not_reached, again streak_not_reached
        do check_in c4 at=2026-01-07T00:00Z => once 10, again 1
        do check_in c4 at=2026-01-07T00:00Z => duplicate awarded
        do check_in c5 at=2026-01-07T09:00Z => once streak_not_reached, again streak_not_reached
        do check_in c6 at=2026-01-08T09:00Z => once streak_not_reached, again streak_not_reached
        do check_in c7 at=2026-01-09T09:00Z => once streak_not_reached, again streak_not_reached
        do check_in c8 at=2026-01-10T09:00Z => once streak_not_reached, again 1
        # A new run after a day without.
        do check_in d1 at=2026-01-12T09:00Z => once streak_not_reached, again streak_not_reached
        do check_in d3 at=2026-01-14T09:00Z => once streak_not_reached, again streak_not_reached
        # Late, and fills the gap.
        do check_in d2 at=2026-01-13T09:00Z => once 10, again 1
        account => 23 lifetime 23
        ",
    );
}

#[test]
fn weeks_months_and_missed_units_that_are_forgiven() {
    check(
        "
        program timezone=America/New_York
        rule week award=10 streak=week:2
        rule month award=100 streak=month:3
        rule grace award=1 streak=day:3:once:2
        # A Sunday and the Monday after by the clocks there.
        pay p1 100 EUR at=2026-01-05T04:59Z => week streak_not_reached, month streak_not_reached, grace streak_not_reached
        pay p2 100 EUR at=2026-01-05T05:00Z => week 10, month streak_not_reached, grace streak_not_reached
        # Two days missed, which do not count either.
        pay p3 100 EUR at=2026-01-08T12:00Z => week streak_not_reached, month streak_not_reached, grace 1
        pay p4 100 EUR at=2026-01-12T12:00Z => week streak_not_reached, month streak_not_reached, grace streak_not_reached
        pay p5 100 EUR at=2026-02-28T12:00Z => week streak_not_reached, month streak_not_reached, grace streak_not_reached
        pay p6 100 EUR at=2026-03-01T12:00Z => week streak_not_reached, month 100, grace streak_not_reached
        ",
    );
}

#[test]
fn what_keeps_an_award_from_being_paid_does_not_break_the_run() {
    check(
        "
        rule s award=10 trigger=check_in streak=day:2:repeat awards=1
        rule g award=10 trigger=check_in streak=day:2:repeat group=one
        rule h award=1 trigger=check_in group=one priority=5
        do check_in c1 at=2026-01-05T10:00Z => s streak_not_reached, g streak_not_reached, h 1
        do check_in c2 at=2026-01-06T10:00Z => s 10, g outranked_in_group, h 1
        do check_in c3 at=2026-01-07T10:00Z => s streak_not_reached, g streak_not_reached, h 1
        rule h award=1 trigger=check_in group=one priority=-5
        do check_in c4 at=2026-01-08T10:00Z => s cap_awards_reached, g 10, h outranked_in_group
        ",
    );
    // What does not earn by the rule is no part of its run.
    check(
        "
        rule s award=1/100 streak=day:2 categories=food
        pay p1 100 EUR at=2026-01-05T10:00Z items=food/x/100 => s streak_not_reached
        pay p2 100 EUR at=2026-01-06T10:00Z items=toys/x/100 => s no_matching_item
        pay p3 100 EUR at=2026-01-07T10:00Z items=food/x/100 => s streak_not_reached
        pay p4 100 EUR at=2026-01-08T10:00Z items=food/x/100 => s 1
        ",
    );
}

#[test]
fn a_refund_takes_its_share_of_a_streak_and_leaves_the_run() {
    check(
        "
        rule s award=100 streak=day:2:repeat
        pay p1 100 EUR at=2026-01-05T10:00Z => s streak_not_reached
        pay p2 200 EUR at=2026-01-06T10:00Z => s 100
        refund r1 p2 50  => s -25
        refund r2 p1 all => processed
        refund r3 p2 all => s -75
        pay p3 100 EUR at=2026-01-07T10:00Z => s streak_not_reached
        pay p4 100 EUR at=2026-01-08T10:00Z => s 100
        ",
    );
}

#[test]
fn a_rule_that_changes_judges_the_run_anew_and_pays_nothing_for_what_was() {
    check(
        "
        rule s award=10 trigger=check_in streak=day:5:repeat
        do check_in c1 at=2026-01-05T10:00Z => s streak_not_reached
        do check_in c2 at=2026-01-06T10:00Z => s streak_not_reached
        do check_in c3 at=2026-01-07T10:00Z => s streak_not_reached
        rule s award=10 trigger=check_in streak=day:2:repeat
        # The third day has passed; the fourth completes the second two.
        do check_in c4 at=2026-01-08T10:00Z => s 10
        # By weeks it begins anew.
        rule s award=10 trigger=check_in streak=week:2
        do check_in c5 at=2026-01-09T10:00Z => s streak_not_reached
        do check_in c6 at=2026-01-12T10:00Z => s 10
        # Days that are counted stay; the zone is that of the event's handling.
        rule s award=10 trigger=check_in streak=day:2:repeat
        do check_in d1 at=2026-02-02T04:00Z => s streak_not_reached
        program timezone=America/New_York
        do check_in d2 at=2026-02-03T04:00Z => s streak_not_reached
        do check_in d3 at=2026-02-03T12:00Z => s 10
        ",
    );
}

#[test]
fn the_trace_names_the_streak() {
    let mut world = check("rule s award=10 streak=month:2:repeat");
    for month in ["2026-01-31", "2026-02-01", "2026-03-15", "2026-04-30"] {
        let event = payment(month, 100, "EUR", at(&format!("{month}T12:00:00Z")));
        world.now = event.occurred_at;
        world.handle(&event).expect("is handled");
    }
    let made = world.entries[1].transactions[0].calculation.as_ref();
    let trace = made.and_then(|made| made.streak).expect("a streak");
    assert_eq!((trace.unit, trace.length), (StreakUnit::Month, 2));
    assert_eq!((trace.run, trace.times), (4, 1));
    check_in(world, "account => 20 lifetime 20");
}
