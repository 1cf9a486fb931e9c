//! Spec section 1, "Earning", as text tables (see `support/script.rs` for their words).

mod support;

use support::script::check;

#[test]
fn three_types_of_award() {
    check(
        "
        rule amount   award=1/100
        rule fixed    award=50
        rule currency award=EUR:1,GBP:1.2
        pay p1 1999 EUR => amount 19, fixed 50, currency 19
        pay p2 1999 GBP => amount 19, fixed 50, currency 23
        pay p3 1999 USD => amount 19, fixed 50, currency no_rate_for_currency
        pay p4 99 EUR   => amount rounds_to_nothing, fixed 50, currency rounds_to_nothing
        pay p5 0 EUR    => amount rounds_to_nothing, fixed 50, currency rounds_to_nothing
        # Several points for each unit, and a share of several.
        rule amount   award=3/200
        rule fixed    award=50 inactive
        rule currency award=EUR:0.5
        pay p6 1050 EUR => amount 15, fixed inactive, currency 5
        account => 369 lifetime 369
        ",
    );
}

#[test]
fn arithmetic_is_exact_and_rounded_once() {
    check(
        "
        rule exact award=1/100 multiplier=2
        rule whole award=1/100 multiplier=2 basis=whole_units
        boost tier=1.5 campaign=3
        pay p1 1050 EUR => exact 94, whole 90
        # 0.1 + 0.2: floats would give 0.30000000000000004, and 1.1 × 1.1 × 100 = 121.00000000000001.
        rule exact award=100/100 multiplier=1.1
        rule whole award=EUR:0.3 basis=whole_units
        boost tier=1.1
        pay p2 100 EUR => exact 121, whole rounds_to_nothing
        boost
        # 0.29 × 100 is 28.999999999999996 in floats.
        rule exact award=EUR:0.29
        pay p3 10000 EUR => exact 29, whole 30
        # Incomplete units are dropped before the multipliers, a third stays exact through them.
        rule exact award=1/300 multiplier=3
        rule whole award=1/300 multiplier=3 basis=whole_units
        pay p4 500 EUR => exact 5, whole 3
        ",
    );
}

#[test]
fn minor_units_by_currency() {
    check(
        "
        rule r award=EUR:1,JPY:0.01,KWD:3,BHD:3,USD:1
        pay p1 500 JPY   => r 5
        pay p2 500 EUR   => r 5
        pay p3 5000 KWD  => r 15
        pay p4 4999 KWD  => r 14
        pay p5 1000 BHD  => r 3
        pay p6 99 USD    => r rounds_to_nothing
        pay p7 1000 CHF  => r no_rate_for_currency
        # A behaviour without an amount, and an amount without a currency.
        rule b trigger=review award=EUR:1
        do review v1                        => b no_figure
        do review v2 amount=500             => b no_rate_for_currency
        do review v3 amount=500 currency=EUR => b 5
        ",
    );
}

#[test]
fn four_roundings() {
    for (rounding, by_amount) in [
        (
            "floor",
            [
                ("1049", "10"),
                ("1050", "10"),
                ("1150", "11"),
                ("1151", "11"),
            ],
        ),
        (
            "half_up",
            [
                ("1049", "10"),
                ("1050", "11"),
                ("1150", "12"),
                ("1151", "12"),
            ],
        ),
        (
            "half_even",
            [
                ("1049", "10"),
                ("1050", "10"),
                ("1150", "12"),
                ("1151", "12"),
            ],
        ),
        (
            "ceil",
            [
                ("1000", "10"),
                ("1001", "11"),
                ("1150", "12"),
                ("1199", "12"),
            ],
        ),
    ] {
        let mut script = format!("program rounding={rounding}\nrule r award=1/100\n");
        for (amount, points) in by_amount {
            script.push_str(&format!("pay p{amount} {amount} EUR => r {points}\n"));
        }
        check(&script);
    }
}

#[test]
fn part_of_the_payment_earns() {
    check(
        "
        rule all      award=1/100
        rule books    award=1/100 categories=books,music
        rule pen      award=1/100 products=pen
        rule either   award=1/100 categories=books products=pen
        rule not_food award=1/100 not_categories=food
        rule not_pen  award=1/100 categories=office not_products=pen
        rule gift     award=500 categories=books
        pay p1 1000 EUR items=books/b1/300,food/apple/500,office/pen/200 => all 10, books 3, pen 2, either 5, not_food 5, not_pen no_matching_item, gift 500
        pay p2 1000 EUR items=food/apple/1000 => all 10, books no_matching_item, pen no_matching_item, either no_matching_item, not_food no_matching_item, not_pen no_matching_item, gift no_matching_item
        # Two lines count together; a line without a category is in none, and not excluded either.
        pay p3 300 EUR items=books/b1/150,music/m1/50,//100 => all 3, books 2, pen no_matching_item, either 1, not_food 3, not_pen no_matching_item, gift 500
        # Without lines nothing matches.
        pay p4 300 EUR => all 3, books no_matching_item, pen no_matching_item, either no_matching_item, not_food no_matching_item, not_pen no_matching_item, gift no_matching_item
        ",
    );
}

#[test]
fn another_figure_earns() {
    check(
        "
        rule gross award=1/100
        rule named award=1/100 basis_field=amount
        rule net   award=1/100 basis_field=amount_net
        pay p1 1190 EUR amount_net=1000 => gross 11, named 11, net 10
        pay p2 1190 EUR                 => gross 11, named 11, net no_figure
        pay p3 1190 EUR amount_net=-100 => gross 11, named 11, net no_figure
        pay p4 1190 EUR amount_net=10.5 => gross 11, named 11, net no_figure
        pay p5 1190 EUR amount_net=\"10\" => gross 11, named 11, net no_figure
        ",
    );
}

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

#[test]
fn one_rule_of_a_group_fires() {
    check(
        "
        rule base award=1/100 group=g priority=1
        rule vip  award=2/100 group=g priority=5 categories=vip
        rule free award=7
        pay p1 1000 EUR items=vip/x/1000 => base outranked_in_group, vip 20, free 7
        pay p2 1000 EUR                  => base 10, vip no_matching_item, free 7
        # Among equals the older one.
        rule vip award=2/100 group=g priority=1
        pay p3 1000 EUR => base 10, vip outranked_in_group, free 7
        # The largest award, after caps; where it is silent the next.
        rule base award=1/100 group=g exclusive=best
        rule vip  award=2/100 group=g exclusive=best awards=2
        pay p4 1000 EUR => base outranked_in_group, vip 20, free 7
        pay p5 1000 EUR => base 10, vip cap_awards_reached, free 7
        # Groups do not see each other.
        rule base award=1/100 group=g
        rule vip  award=2/100 group=h
        pay p6 1000 EUR => base 10, vip 20, free 7
        ",
    );
}

#[test]
fn a_rule_counts_from_its_start_to_before_its_end() {
    check(
        "
        rule r award=1 starts_at=2026-03-01T00:00:00Z ends_at=2026-04-01T00:00:00Z
        pay p1 100 EUR at=2026-02-28T23:59:59.999Z => r not_started
        pay p2 100 EUR at=2026-03-01T00:00Z        => r 1
        pay p3 100 EUR at=2026-03-31T23:59:59.999Z => r 1
        pay p4 100 EUR at=2026-04-01T00:00Z        => r ended
        # Judged at the event's time, not at its arrival.
        now 2026-05-01T00:00Z
        pay p5 100 EUR at=2026-03-15T00:00Z        => r 1
        ",
    );
}

#[test]
fn pending_points_mature() {
    check(
        "
        program pending_days=14
        rule slow award=1/100
        rule fast award=5 pending_days=0
        pay p1 1000 EUR at=2026-03-01T10:00Z => slow 10, fast 5
        account => 5 lifetime 15 pending 10
        now 2026-03-15T09:59:59.999Z
        account => 5 lifetime 15 pending 10
        now 2026-03-15T10:00Z
        account => 15 lifetime 15
        # A late event whose days are over is there at once.
        pay p2 1000 EUR at=2026-03-01T10:00Z => slow 10, fast 5
        account => 30 lifetime 30
        ",
    );
}

#[test]
fn points_expire() {
    check(
        "
        program expires=P1M
        rule short award=10
        rule long  award=5 expires=P12M/month
        pay p1 100 EUR at=2026-01-31T10:00Z => short 10, long 5
        now 2026-02-28T09:59:59.999Z
        account => 15 lifetime 15
        now 2026-02-28T10:00Z
        account => 5 lifetime 15
        # The expiry is written with the next change, under its own time.
        pay p2 100 EUR at=2026-03-10T00:00Z => short 10, long 5; expire -10
        account => 20 lifetime 30
        now 2027-02-01T00:00Z
        account => 5 lifetime 30
        now 2027-04-01T00:00Z
        account => 0 lifetime 30
        ",
    );
    check(
        "
        program expires=idle:P6M
        rule r award=10
        pay p1 100 EUR at=2026-01-01T00:00Z => r 10
        pay p2 100 EUR at=2026-06-30T00:00Z => r 10
        now 2026-12-29T23:59:59.999Z
        account => 20 lifetime 20
        now 2026-12-30T00:00Z
        account => 0 lifetime 20
        pay p3 100 EUR at=2026-12-31T00:00Z => r 10; expire -10; expire -10
        ",
    );
}

#[test]
fn fractions_carry_exactly() {
    check(
        "
        rule thirds award=1/300 carry
        pay p1 100 EUR => thirds rounds_to_nothing
        pay p2 100 EUR => thirds rounds_to_nothing
        pay p3 100 EUR => thirds 1
        pay p4 100 EUR => thirds rounds_to_nothing
        pay p5 800 EUR => thirds 3
        pay p6 299 EUR => thirds rounds_to_nothing
        pay p7 1 EUR   => thirds 1
        account => 5 lifetime 5
        ",
    );
    // What was rounded up is owed to the next one: in the end each rounding gives the same sum.
    for rounding in ["floor", "half_up", "half_even", "ceil"] {
        let mut script = format!("program rounding={rounding}\nrule r award=1/700 carry\n");
        script.push_str("rule again award=1/700\n");
        let mut world = check(&script);
        for place in 0..7 * 3 {
            let paid = support::payment(&format!("p{place}"), 100, "EUR", world.now);
            world.rules[1].active = false;
            world.handle(&paid).expect("a payment");
        }
        assert_eq!(
            world.account(support::MEMBER).lifetime_points,
            3,
            "{rounding}"
        );
        assert!(
            world.account(support::MEMBER).carries.is_empty(),
            "{rounding}"
        );
    }
}

#[test]
fn a_carry_is_kept_by_rule_and_not_spent_on_silence() {
    check(
        "
        rule a award=1/200 carry
        rule b award=1/200 carry awards=1
        pay p1 100 EUR => a rounds_to_nothing, b rounds_to_nothing
        pay p2 100 EUR => a 1, b 1
        pay p3 100 EUR => a rounds_to_nothing, b cap_awards_reached
        pay p4 100 EUR => a 1, b cap_awards_reached
        # A duplicate carries nothing.
        pay p5 100 EUR => a rounds_to_nothing, b cap_awards_reached
        pay p5 100 EUR => duplicate no_award
        pay p6 100 EUR => a 1, b cap_awards_reached
        ",
    );
}

#[test]
fn an_event_counts_once() {
    check(
        "
        rule r award=1/100
        pay p1 1000 EUR => r 10
        pay p1 1000 EUR => duplicate awarded
        pay p1 1001 EUR => refused event_content_mismatch
        pay p2 10 EUR   => r rounds_to_nothing
        pay p2 10 EUR   => duplicate no_award
        # The same id under another trigger is another event.
        rule i trigger=invoice.paid award=1/100
        pay p1 1000 EUR invoice => i 10
        # The first answer stands, whatever rules say later.
        rule r award=9/100
        now 2027-01-01T00:00Z
        pay p1 1000 EUR => duplicate awarded
        account => 20 lifetime 20
        ",
    );
}

#[test]
fn who_earns() {
    check(
        "
        rule r award=1/100
        pay p1 1000 EUR by=loy_404        => unlinked
        pay p2 1000 EUR customer=cust_9   => unlinked
        program auto_enroll=true
        rule w trigger=loyalty.account.created award=500 awards=1
        pay p3 1000 EUR by=loy_404        => unlinked
        pay p4 1000 EUR customer=cust_9   => r 10
        pay p5 1000 EUR customer=cust_9   => r 10
        do loyalty.account.created loy_2 by=loy_2 => duplicate awarded
        pay p6 1000 EUR ignored           => ignored
        close
        pay p7 1000 EUR                   => account_closed
        ",
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    check(
        "
        rule r award=1000000000/1 multiplier=1000000
        pay p1 9007199254740991 EUR => refused points_out_of_range
        pay p2 9 EUR                => r 9000000000000000
        pay p3 9 EUR                => refused points_out_of_range
        account => 9000000000000000 lifetime 9000000000000000
        rule r award=1/100
        pay p4 719925474099100 EUR  => r 7199254740991
        pay p5 100 EUR              => refused points_out_of_range
        pay p6 99 EUR               => r rounds_to_nothing
        # Stacked multipliers beyond 128 bits.
        boost tier=1000000 campaign=1000000 campaign=1000000 campaign=1000000 campaign=1000000 campaign=1000000 campaign=1000000
        pay p7 1000 EUR             => refused points_out_of_range
        # One award that does not fit takes the others of its event with it.
        boost
        rule s award=1
        pay p8 99 EUR               => refused points_out_of_range
        account => 9007199254740991 lifetime 9007199254740991
        ",
    );
}

#[test]
fn the_future_is_refused() {
    let mut world = check("rule r award=1/100");
    let ms = |ahead: i64| {
        jiff::Timestamp::from_millisecond(world.now.as_millisecond() + ahead).expect("a time")
    };
    let late = support::payment("p1", 100, "EUR", ms(300_001));
    let just = support::payment("p2", 100, "EUR", ms(300_000));
    let refusal = world
        .handle(&late)
        .expect_err("more than five minutes ahead");
    assert_eq!(refusal.code.as_str(), "occurred_in_future");
    assert!(world.handle(&just).is_ok());
}

#[test]
fn an_award_tells_how_it_came_about() {
    let world = check(
        "
        program rounding=half_up
        rule gone award=9
        rule r award=1/100
        rule r award=1/300 multiplier=2 cap=20 window=month carry
        rule gone award=9 inactive
        boost tier=1.5 campaign=1 campaign=3
        pay p1 1000 EUR => gone inactive, r 20 of 30
        boost
        pay p2 200 EUR  => gone inactive, r 0 of 1
        ",
    );
    let made = |place: usize| {
        let transaction = &world.entries[place].transactions[0];
        assert_eq!(
            transaction.rule,
            Some(("r".to_owned(), 2)),
            "the version is recorded"
        );
        (
            transaction.uncapped_points,
            serde_json::to_value(&transaction.calculation).expect("json"),
        )
    };
    let award = serde_json::json!({"type": "per_amount", "per": 300, "points": 1});
    assert_eq!(
        made(0),
        (
            Some(30),
            serde_json::json!({
                "rule": "r", "rule_version": 2, "award": award,
                "basis": {"field": "amount", "amount": 1000, "currency": "EUR"},
                "base": "10/3",
                "multipliers": [
                    {"origin": "rule", "id": "r", "value": 2},
                    {"origin": "tier", "id": "gold", "value": 1.5},
                    {"origin": "campaign", "id": "camp_2", "value": 3},
                ],
                "exact": "30", "rounding": "half_up", "rounded": 30,
                "cap": {"window": "month", "limit_points": 20, "used_points": 0, "used_awards": 0},
                "points": 20,
            })
        )
    );
    assert_eq!(
        made(1),
        (
            Some(1),
            serde_json::json!({
                "rule": "r", "rule_version": 2, "award": award,
                "basis": {"field": "amount", "amount": 200, "currency": "EUR"},
                "base": "2/3",
                "multipliers": [{"origin": "rule", "id": "r", "value": 2}],
                "exact": "4/3", "rounding": "half_up", "rounded": 1, "carried_out": "1/3",
                "cap": {"window": "month", "limit_points": 20, "used_points": 20, "used_awards": 1},
                "points": 0,
            })
        )
    );
}
