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
fn the_largest_award_is_the_largest_balance() {
    check(
        "
        rule r award=1/1
        pay p1 9007199254740991 EUR => r 9007199254740991
        account => 9007199254740991 lifetime 9007199254740991
        ",
    );
}

#[test]
fn a_rule_that_carries_no_more_shows_no_fraction() {
    let world = check(
        "
        rule r award=1/100 carry=true
        pay p1 150 EUR => r 1
        rule r award=1/100
        pay p2 150 EUR => r 1
        ",
    );
    let calculations = world.entries.iter().flat_map(|entry| &entry.transactions);
    let carried: Vec<_> = calculations
        .filter_map(|made| made.calculation.as_ref())
        .map(|made| (made.carried_in.as_deref(), made.carried_out.as_deref()))
        .collect();
    assert_eq!(carried, [(None, Some("0.5")), (None, None)]);
}

#[test]
fn what_is_for_a_side_of_a_referral_is_not_for_the_member_of_an_event() {
    check(
        "
        rule referrer trigger=referral.shared award=5 recipient=referrer
        rule member   trigger=referral.shared award=3
        do referral.shared s1 => referrer other_recipient, member 3
        account => 3 lifetime 3
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
