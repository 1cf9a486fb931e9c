//! Spec section 1, "Caps and windows", as text tables (see `support/script.rs` for their words).

mod support;

use support::script::check;

#[test]
fn caps_by_points_truncate() {
    check(
        "
        rule r award=1/100 cap=100 window=day
        pay p1 6000 EUR at=2026-03-01T10:00Z => r 60
        pay p2 6000 EUR at=2026-03-01T11:00Z => r 40 of 60
        pay p3 6000 EUR at=2026-03-01T12:00Z => r 0 of 60
        pay p4 50 EUR   at=2026-03-01T13:00Z => r rounds_to_nothing
        pay p5 6000 EUR at=2026-03-02T00:00Z => r 60
        # A late event counts in the day in which it happened.
        pay p6 6000 EUR at=2026-03-01T23:59Z => r 0 of 60
        pay p7 6000 EUR at=2026-02-28T23:59Z => r 60
        # Lowering a cap takes nothing back, raising it opens headroom.
        rule r award=1/100 cap=50 window=day
        pay p8 6000 EUR at=2026-03-02T01:00Z => r 0 of 60
        rule r award=1/100 cap=70 window=day
        pay p9 6000 EUR at=2026-03-02T02:00Z => r 10 of 60
        account => 230 lifetime 230
        # Nothing at all may be earned under a cap of 0.
        rule r award=1/100 cap=0
        pay p10 6000 EUR => r 0 of 60
        ",
    );
}

#[test]
fn caps_by_awards_silence() {
    check(
        "
        rule once  trigger=signup award=500 awards=1
        rule daily trigger=review award=50 awards=2 window=day
        do signup s1 => once 500
        do signup s2 => once cap_awards_reached
        do review v1 at=2026-03-01T10:00Z => daily 50
        do review v2 at=2026-03-01T10:00Z => daily 50
        do review v3 at=2026-03-01T23:59Z => daily cap_awards_reached
        do review v4 at=2026-03-02T00:00Z => daily 50
        # What gives no points does not use up an award; what a cap cut to 0 does.
        rule both award=1/100 cap=15 awards=3
        pay p1 99 EUR   => both rounds_to_nothing
        pay p2 1000 EUR => both 10
        pay p3 1000 EUR => both 5 of 10
        pay p4 1000 EUR => both 0 of 10
        pay p5 1000 EUR => both cap_awards_reached
        account => 665 lifetime 665
        ",
    );
}

#[test]
fn calendar_windows_follow_the_time_zone() {
    // A cap of one award shows where a window ends.
    check(
        "
        program timezone=Europe/Berlin
        rule r award=1 awards=1 window=day
        # 29 March 2026 has 23 hours in Berlin, from 23:00 to 22:00 UTC.
        pay a1 100 EUR at=2026-03-28T22:59:59.999Z => r 1
        pay a2 100 EUR at=2026-03-28T23:00:00.000Z => r 1
        pay a3 100 EUR at=2026-03-29T21:59:59.999Z => r cap_awards_reached
        pay a4 100 EUR at=2026-03-29T22:00:00.000Z => r 1
        # 25 October has 25, from 22:00 to 23:00 UTC.
        pay b1 100 EUR at=2026-10-24T22:00:00.000Z => r 1
        pay b2 100 EUR at=2026-10-25T22:59:59.999Z => r cap_awards_reached
        pay b3 100 EUR at=2026-10-25T23:00:00.000Z => r 1
        # Weeks begin on Monday, over the year's end too: 28 December 2026 is one.
        rule r award=1 awards=1 window=week
        pay c1 100 EUR at=2026-12-27T22:59:59.999Z => r 1
        pay c2 100 EUR at=2026-12-27T23:00:00.000Z => r 1
        pay c3 100 EUR at=2027-01-03T22:59:59.999Z => r cap_awards_reached
        pay c4 100 EUR at=2027-01-03T23:00:00.000Z => r 1
        # Months, February in a leap year too.
        rule r award=1 awards=1 window=month
        pay d1 100 EUR at=2028-01-31T23:00:00.000Z => r 1
        pay d2 100 EUR at=2028-02-29T22:59:59.999Z => r cap_awards_reached
        pay d3 100 EUR at=2028-02-29T23:00:00.000Z => r 1
        # In another zone the same instant lies in another month.
        program timezone=America/New_York
        pay e1 100 EUR at=2028-03-01T04:59:59.999Z => r cap_awards_reached
        pay e2 100 EUR at=2028-04-01T03:59:59.999Z => r 1
        pay e3 100 EUR at=2028-04-01T04:00:00.000Z => r 1
        rule r award=1 awards=1
        pay f1 100 EUR at=2038-01-01T00:00Z => r cap_awards_reached
        ",
    );
}

#[test]
fn midnight_that_does_not_exist() {
    // Beirut's clocks went from 00:00 to 01:00 on 27 March 2022; Samoa had no 30 December 2011.
    check(
        "
        program timezone=Asia/Beirut
        rule r award=1 awards=1 window=day
        pay a1 100 EUR at=2022-03-26T21:59:59.999Z => r 1
        pay a2 100 EUR at=2022-03-26T22:00:00.000Z => r 1
        pay a3 100 EUR at=2022-03-27T20:59:59.999Z => r cap_awards_reached
        pay a4 100 EUR at=2022-03-27T21:00:00.000Z => r 1
        program timezone=Pacific/Apia
        pay b1 100 EUR at=2011-12-30T09:59:59.999Z => r 1
        pay b2 100 EUR at=2011-12-30T10:00:00.000Z => r 1
        pay b3 100 EUR at=2011-12-31T09:59:59.999Z => r cap_awards_reached
        ",
    );
}

#[test]
fn rolling_windows_trail_every_event() {
    check(
        "
        rule r award=1/100 cap=100 window=day rolling
        pay p1 6000 EUR at=2026-03-01T10:00Z         => r 60
        pay p2 6000 EUR at=2026-03-02T09:59:59.999Z  => r 40 of 60
        # (t - 24 h, t]: exactly a day later the first no longer counts.
        pay p3 6000 EUR at=2026-03-02T10:00Z         => r 60
        pay p4 6000 EUR at=2026-03-03T09:59:59.999Z  => r 40 of 60
        pay p5 6000 EUR at=2026-03-04T09:59:59.998Z  => r 60
        # A late event may break no later window: the one that ends with the fifth is full,
        # the one that ends with the late event itself is not.
        pay p6 6000 EUR at=2026-03-03T10:00Z         => r 0 of 60
        pay p8 6000 EUR at=2026-03-03T09:59:59.998Z  => r 0 of 60
        pay p9 6000 EUR at=2026-02-28T10:00Z         => r 60
        pay p7 6000 EUR at=2026-03-01T11:00Z         => r 0 of 60
        # Two awards exactly a day apart are in no window together, so between them there is room.
        pay q1 6000 EUR at=2026-03-10T10:00Z => r 60
        pay q2 6000 EUR at=2026-03-11T10:00Z => r 60
        pay q3 6000 EUR at=2026-03-10T12:00Z => r 40 of 60
        rule w award=10 awards=1 window=week rolling trigger=w
        do w w1 at=2026-04-01T00:00Z        => w 10
        do w w2 at=2026-04-07T23:59:59.999Z => w cap_awards_reached
        do w w3 at=2026-04-08T00:00Z        => w 10
        # Late: the window that ends with the first one would hold two, so would the one before it.
        do w w4 at=2026-03-25T00:00:00.001Z => w cap_awards_reached
        do w w5 at=2026-03-25T00:00Z        => w 10
        rule m award=10 awards=1 window=month rolling trigger=m
        do m m1 at=2026-01-31T00:00Z        => m 10
        do m m2 at=2026-03-01T23:59:59.999Z => m cap_awards_reached
        do m m3 at=2026-03-02T00:00Z        => m 10
        ",
    );
}

#[test]
fn a_pruned_window_is_read_from_the_log() {
    check(
        "
        rule r award=1/100 cap=100 window=day
        pay p1 6000 EUR at=2026-03-01T10:00Z => r 60
        past_reads => 1
        pay p2 100 EUR at=2026-03-20T10:00Z => r 1
        pay p3 100 EUR at=2026-03-21T10:00Z => r 1
        past_reads => 0
        # Three weeks late: its window is no longer on the account.
        pay p4 6000 EUR at=2026-03-01T11:00Z => r 40 of 60
        past_reads => 1
        pay p5 100 EUR at=2026-03-21T11:00Z => r 1
        past_reads => 0
        ",
    );
}

#[test]
fn a_changed_rule_counts_what_it_awarded_before() {
    check(
        "
        rule r award=1/100
        pay p1 6000 EUR at=2026-03-01T10:00Z => r 60
        rule r award=1/100 cap=100 window=month
        pay p2 6000 EUR at=2026-03-02T10:00Z => r 40 of 60
        rule r award=1/100 cap=110 window=week
        # 1 March was a Sunday: its 60 points lie in the week before.
        pay p3 8000 EUR at=2026-03-03T10:00Z => r 70 of 80
        rule r award=1/100 cap=170 window=month rolling
        pay p4 8000 EUR at=2026-03-04T10:00Z => r 0 of 80
        program timezone=Pacific/Auckland
        rule r award=1/100 cap=180 window=month
        pay p5 8000 EUR at=2026-03-05T10:00Z => r 10 of 80
        ",
    );
}
