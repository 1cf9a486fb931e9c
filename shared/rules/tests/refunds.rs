//! Spec section 2, "Refunds" and "Adjustments", as text tables (see `support/script.rs`).

mod support;

use support::script::{check, check_in};

#[test]
fn thirds_take_back_exactly_the_award() {
    check(
        "
        rule r award=1/10
        pay p1 1000 EUR    => r 100
        refund f1 p1 333   => r -33
        account => 67 lifetime 100
        refund f2 p1 333   => r -33
        refund f3 p1 334   => r -34
        account => 0 lifetime 100
        # Beyond what was paid there is nothing to take.
        refund f4 p1 500   => processed
        # A repeat under the refund's id.
        refund f2 p1 333   => duplicate reversed
        refund f2 p1 334   => refused event_content_mismatch
        refund f4 p1 500   => duplicate processed
        account => 0 lifetime 100
        ",
    );
    check(
        "
        rule r award=1/100
        pay p1 300 EUR     => r 3
        # ⌊3 × 99 ÷ 300⌋ = 0, then 1: small refunds add up.
        refund f1 p1 99    => processed
        refund f2 p1 1     => r -1
        refund f3 p1 all   => r -2
        refund f4 p1 all   => processed
        account => 0 lifetime 3
        ",
    );
}

#[test]
fn each_award_gives_back_its_own_share() {
    check(
        "
        rule a award=1/100
        rule b award=7
        rule c award=1/100 cap=5 window=day
        pay p1 1000 EUR at=2026-03-01T10:00Z => a 10, b 7, c 5 of 10
        # By what was recorded then, not by today's rules.
        rule a award=9/100
        rule b award=7 inactive
        refund f1 p1 500   => a -5; b -3; c -2
        refund f2 p1 500   => a -5; b -4; c -3
        ",
    );
}

impl support::World {
    fn with_rule() -> support::World {
        check("rule r award=1/10\npay p0 5000 EUR => r 500")
    }
}

#[test]
fn a_refund_of_a_free_payment_reverses_all() {
    check(
        "
        rule r award=25
        pay p1 0 EUR     => r 25
        refund f1 p1 0   => r -25
        pay p2 0 EUR     => r 25
        refund f2 p2 all => r -25
        pay p3 100 EUR   => r 25
        refund f3 p3 0   => processed
        ",
    );
}

#[test]
fn a_refund_ahead_of_its_payment_waits() {
    check_in(
        support::World::with_rule(),
        "
        refund f1 p1 333 => remembered
        refund f2 p1 333 => remembered
        refund f2 p1 333 => duplicate remembered
        account => 500 lifetime 500
        # It earns wholly, lifetime too, and is reversed in the same transaction.
        pay p1 1000 EUR  => r 100; r -33; r -33
        account => 534 lifetime 600
        pay p1 1000 EUR  => duplicate awarded
        refund f1 p1 333 => duplicate remembered
        refund f3 p1 all => r -34
        account => 500 lifetime 600
        # An invoice is refunded by the same event, which cannot know that it is one.
        rule i trigger=invoice.paid award=1/10
        refund g1 inv1 all      => remembered
        pay inv1 1000 EUR invoice => i 100; i -100
        pay inv2 1000 EUR invoice => i 100
        refund g2 inv2 400      => i -40
        lost g3 inv2            => i -60
        account => 500 lifetime 800
        ",
    );
}

#[test]
fn early_and_late_refunds_end_alike() {
    // Every order of a payment, two refunds and another payment under one cap.
    let steps = [
        "pay p1 1000 EUR",
        "refund f1 p1 300",
        "refund f2 p1 500",
        "lost f3 p1",
    ];
    let mut ends = Vec::new();
    for order in permutations(&steps) {
        let mut world = check("rule r award=1/10 cap=120 window=month");
        for step in order {
            world.run_line(step);
        }
        world.run_line("pay p2 1150 EUR");
        ends.push(world.run_line("account"));
    }
    assert_eq!(ends.len(), 24);
    ends.dedup();
    assert_eq!(ends, ["115 lifetime 215"]);
}

fn permutations<'a>(steps: &[&'a str]) -> Vec<Vec<&'a str>> {
    if steps.len() < 2 {
        return vec![steps.to_vec()];
    }
    (0..steps.len())
        .flat_map(|first| {
            let mut rest = steps.to_vec();
            let step = rest.remove(first);
            permutations(&rest)
                .into_iter()
                .map(move |tail| [vec![step], tail].concat())
        })
        .collect()
}

#[test]
fn spent_points_are_owed_or_written_off() {
    check(
        "
        program negative_balance=allow
        rule r award=1/10
        pay p1 1000 EUR    => r 100
        adjust -80         => 20
        refund f1 p1 500   => r -50
        account => -30 lifetime 100 owed 30
        # Later earnings repay it.
        pay p2 200 EUR     => r 20
        account => -10 lifetime 120 owed 10
        pay p3 200 EUR     => r 20
        account => 10 lifetime 140
        # What repaid a debt is gone: its refund owes again.
        refund f2 p2 all   => r -20
        account => -10 lifetime 140 owed 10
        ",
    );
    check(
        "
        program negative_balance=clamp
        rule r award=1/10
        pay p1 1000 EUR    => r 100
        adjust -80         => 20
        refund f1 p1 500   => r -20 written off 30
        account => 0 lifetime 100
        # The shortfall counts as reversed.
        pay p2 1000 EUR    => r 100
        refund f2 p1 500   => r -50
        account => 50 lifetime 200
        adjust -50         => 0
        refund f3 p2 100   => r 0 written off 10
        refund f4 p2 all   => r 0 written off 90
        ",
    );
}

#[test]
fn a_clawback_takes_its_own_lot_first_and_then_what_expires_first() {
    check(
        "
        rule early award=10 trigger=early expires=P1M
        rule late  award=10 trigger=late expires=P2M
        rule r     award=1/10
        do early e1 at=2026-01-01T00:00Z => early 10
        do late l1  at=2026-01-01T00:00Z => late 10
        pay p1 1000 EUR                  => r 100
        # Spending takes what expires first: 10, 10 and 5.
        adjust -25     => 95
        refund f1 p1 all => r -100
        account => -5 lifetime 120 owed 5
        ",
    );
    check(
        "
        rule early award=10 trigger=early expires=P1M
        rule late  award=10 trigger=late
        rule r     award=1/10 expires=P10D
        pay p1 100 EUR at=2026-01-01T00:00Z => r 10
        do early e1 => early 10
        do late l1  => late 10
        adjust -10  => 20
        # Its own lot is spent, so the one that expires in February pays.
        refund f1 p1 all => r -10
        now 2026-02-01T00:00Z
        account => 10 lifetime 30
        ",
    );
}

#[test]
fn a_pending_award_is_reduced_while_it_waits() {
    check(
        "
        program pending_days=14
        rule r award=1/10
        pay p1 1000 EUR at=2026-03-01T10:00Z => r 100
        refund f1 p1 500 at=2026-03-02T10:00Z => r -50 pending
        account => 0 lifetime 100 pending 50
        now 2026-03-15T10:00Z
        account => 50 lifetime 100
        refund f2 p1 500 => r -50
        account => 0 lifetime 100
        # Ahead of a payment that waits.
        refund f3 p2 250 => remembered
        pay p2 1000 EUR  => r 100; r -25 pending
        account => 0 lifetime 200 pending 75
        # Owing beside pending points: maturing repays.
        adjust -5 allow_negative => -5
        now 2026-03-29T10:00Z
        account => 70 lifetime 200
        ",
    );
}

#[test]
fn expired_points_are_not_taken_twice() {
    check(
        "
        rule r award=1/10 expires=P1M
        rule s award=50 trigger=s
        do s s1 => s 50
        pay p1 1000 EUR at=2026-01-01T00:00Z => r 100
        adjust -40       => 110
        now 2026-02-01T00:00Z
        account => 50 lifetime 150
        # 60 of the 100 have expired; only the 40 that were spent can be taken.
        refund f1 p1 500 => expire -60; r -40
        ",
    );
}

#[test]
fn a_reversal_returns_points_to_their_window_and_no_awards() {
    check(
        "
        rule r award=1/100 cap=100 awards=3 window=day
        pay p1 6000 EUR at=2026-03-01T10:00Z => r 60
        pay p2 6000 EUR at=2026-03-01T11:00Z => r 40 of 60
        refund f1 p1 3000 at=2026-03-02T10:00Z => r -30
        # Back in the window in which they were earned, not in today's.
        pay p3 6000 EUR at=2026-03-01T12:00Z => r 30 of 60
        pay p4 6000 EUR at=2026-03-01T13:00Z => r cap_awards_reached
        pay p5 20000 EUR at=2026-03-02T11:00Z => r 100 of 200
        # A truncated award gives back its share of what it gave.
        refund f2 p2 3000 => r -20
        ",
    );
    check(
        "
        rule r award=1/100 cap=100 window=week rolling
        pay p1 6000 EUR at=2026-03-01T10:00Z => r 60
        pay p2 6000 EUR at=2026-03-05T10:00Z => r 40 of 60
        refund f1 p1 all                     => r -60
        pay p3 9000 EUR at=2026-03-06T10:00Z => r 60 of 90
        # Long after its window was forgotten.
        pay p4 100 EUR  at=2026-05-01T10:00Z => r 1
        refund f2 p2 all => r -40
        pay p5 9000 EUR at=2026-03-05T11:00Z => r 40 of 90
        ",
    );
    check(
        "
        program negative_balance=clamp
        rule r award=1/100 cap=100
        pay p1 10000 EUR => r 100
        adjust -100      => 0
        # Written off counts as reversed, so the headroom returns.
        refund f1 p1 all => r 0 written off 100
        pay p2 10000 EUR => r 100
        pay p3 10000 EUR => r 0 of 100
        ",
    );
}

#[test]
fn disputes_and_closed_accounts() {
    check(
        "
        rule r award=1/10
        pay p1 1000 EUR  => r 100
        refund f1 p1 300 => r -30
        lost d1 p1       => r -70
        lost d1 p1       => duplicate reversed
        refund f2 p1 300 => processed
        pay p2 1000 EUR  => r 100
        close
        # A closed account earns nothing, but what it owes it owes.
        pay p3 1000 EUR  => account_closed
        refund f3 p2 all => r -100
        account => 0 lifetime 200
        # Ahead of its payment, as a dispute.
        lost d2 p9       => remembered
        ",
    );
}

#[test]
fn what_earned_nothing_gives_nothing_back() {
    check(
        "
        rule r award=1/1000
        pay p1 999 EUR   => r rounds_to_nothing
        refund f1 p1 all => processed
        account => 0 lifetime 0
        ",
    );
}

#[test]
fn adjustments() {
    check(
        "
        rule r award=1/10
        pay p1 1000 EUR          => r 100
        adjust 50                => 150
        adjust -151              => refused insufficient_points
        adjust -151 allow_negative => -1
        adjust 0                 => refused parameter_invalid
        account => -1 lifetime 100 owed 1
        adjust 9007199254740991  => 9007199254740990
        adjust 9007199254740992  => refused parameter_invalid
        adjust 9007199254740991  => refused points_out_of_range
        adjust 1 expires_at=2026-01-01T00:00Z => refused parameter_invalid
        ",
    );
    check(
        "
        adjust 10 expires_at=2026-02-01T00:00Z => 10
        now 2026-01-31T23:59:59.999Z
        account => 10 lifetime 0
        now 2026-02-01T00:00Z
        account => 0 lifetime 0
        adjust -9007199254740991 allow_negative => -9007199254740991
        adjust -1 allow_negative => refused points_out_of_range
        ",
    );
}
