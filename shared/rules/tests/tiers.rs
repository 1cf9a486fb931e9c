//! Worked examples of tiers, and what an account shows beside a naive evaluation of its log.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use laurel_rules::{
    Account, Catalog, Program, Tier,
    exact::Factor,
    tier::{Downgrade, TierChange, TierPeriod, TierReason, TierTable},
};
use serde_json::{Value, json};

fn at(text: &str) -> Timestamp {
    let text = if text.len() == 10 {
        format!("{text}T12:00:00Z")
    } else {
        text.to_owned()
    };
    text.parse().expect(&text)
}

fn tier(key: &str, threshold: i64) -> Tier {
    Tier {
        id: format!("tier_{key}"),
        program: "prog_1".to_owned(),
        key: key.to_owned(),
        name: key.to_owned(),
        threshold,
        multiplier: Factor::ONE,
        benefits: Vec::new(),
        metadata: BTreeMap::new(),
        version: 1,
        created: at("2020-01-01"),
    }
}

/// A member beside everything that the member ever earned.
struct Member {
    catalog: Catalog,
    account: Account,
    earned: Vec<(Timestamp, i64)>,
    changes: Vec<TierChange>,
}

impl Member {
    fn new(settings: Value, tiers: &[(&str, i64)]) -> Member {
        let created = at("2020-01-01");
        let mut program = serde_json::to_value(Program::new("prog_1", "salt", created))
            .expect("a program as JSON");
        for (name, value) in settings.as_object().expect("settings") {
            program[name] = value.clone();
        }
        let program: Program = serde_json::from_value(program).expect("a program");
        let mut account = Account::new("loy_1".to_owned(), &program, created, created);
        let tiers = tiers.iter().map(|(key, threshold)| tier(key, *threshold));
        let catalog = Catalog::new(program, 1, Vec::new()).with_tiers(tiers.collect());
        let (program, tiers) = (&catalog.program, &catalog.tiers);
        let reason = TierReason::ThresholdReached;
        account.promote(program, tiers, reason, created, created);
        account.tier.earlier.clear();
        Member {
            catalog,
            account,
            earned: Vec::new(),
            changes: Vec::new(),
        }
    }

    fn settle(&mut self, now: Timestamp) {
        let Catalog { program, tiers, .. } = &self.catalog;
        self.changes
            .extend(self.account.settle_tier(program, tiers, now));
    }

    /// Earns points by an event that is handled at `now`.
    fn earn_late(&mut self, happened: Timestamp, now: Timestamp, points: i64) {
        self.settle(now);
        let Catalog { program, tiers, .. } = &self.catalog;
        self.account.lifetime_points += points;
        self.account.qualify(program, points, happened, now);
        let reason = TierReason::ThresholdReached;
        let risen = self.account.promote(program, tiers, reason, happened, now);
        self.changes.extend(risen);
        self.earned.push((happened, points));
    }

    fn earn(&mut self, at: Timestamp, points: i64) {
        self.earn_late(at, at, points);
    }

    /// What a read at `now` shows.
    fn read(&self, now: Timestamp) -> Option<String> {
        let Catalog { program, tiers, .. } = &self.catalog;
        let mut account = self.account.clone();
        account.settle_tier(program, tiers, now);
        account.tier.key
    }

    fn missing(&self, now: Timestamp) -> Option<(String, i64)> {
        let Catalog { program, tiers, .. } = &self.catalog;
        let mut account = self.account.clone();
        account.settle_tier(program, tiers, now);
        let next = account.next_tier(program, tiers, now);
        next.map(|(tier, missing)| (tier.key.clone(), missing))
    }
}

/// Voucherify's example of four tiers.
/// <https://support.voucherify.io/article/587-tier-qualification>
const FOUR: [(&str, i64); 4] = [
    ("basic", 0),
    ("silver", 100),
    ("gold", 500),
    ("platinum", 1000),
];

fn yearly(downgrade: &str, grace_days: u16) -> Value {
    json!({
        "tier_basis": "qualifying_points", "tier_period": "calendar_year",
        "downgrade": downgrade, "grace_days": grace_days,
    })
}

fn rolling(downgrade: &str, grace_days: u16) -> Value {
    let mut settings = yearly(downgrade, grace_days);
    settings["tier_period"] = json!("rolling_12_months");
    settings
}

/// What is earned when, and what is shown when: `+500` earns, `gold` is shown.
#[test]
fn worked_examples() {
    let berlin = |mut settings: Value| {
        settings["timezone"] = json!("Europe/Berlin");
        settings
    };
    type Steps = Vec<(&'static str, &'static str)>;
    let table: Vec<(&str, Value, Steps)> = vec![
        (
            "Voucherify's thresholds, by all that was ever earned: 99 is not enough, 100 is",
            json!({}),
            vec![
                ("2023-01-09", "basic"),
                ("2023-01-10", "+99"),
                ("2023-01-10", "basic"),
                ("2023-01-11", "+1"),
                ("2023-01-11", "silver"),
                ("2023-02-25", "+900"),
                ("2023-02-25", "platinum"),
                ("2043-02-25", "platinum"),
            ],
        ),
        (
            // Talon.One, `one_down`:
            // https://raw.githubusercontent.com/talon-one/talon_one.js/HEAD/docs/Tier.md
            // Tealive falls one level after a year, too:
            // https://tealive.freshdesk.com/en/support/solutions/articles/153000091081-can-my-tier-be-downgraded-
            "one level at the end of each year that did not earn it again",
            yearly("one_level", 0),
            vec![
                ("2023-11-10", "+1000"),
                ("2023-12-31T23:59:59.999Z", "platinum"),
                // It was earned in this year.
                ("2024-01-01T00:00:00Z", "platinum"),
                ("2024-12-31T23:59:59.999Z", "platinum"),
                ("2025-01-01T00:00:00Z", "gold"),
                ("2026-01-01T00:00:00Z", "silver"),
                ("2027-01-01T00:00:00Z", "basic"),
                ("2040-01-01T00:00:00Z", "basic"),
            ],
        ),
        (
            // Salesforce's fixed model: qualifying points are reset on a date.
            // https://help.salesforce.com/s/articleView?id=xcloud.create_a_loyalty_tier_group.htm
            // https://help.salesforce.com/s/articleView?id=xcloud.tier_assessment.htm
            "to the level earned, by the points of the year",
            yearly("to_earned", 0),
            vec![
                ("2023-11-10", "+1000"),
                ("2024-06-01", "+100"),
                ("2024-06-02", "platinum"),
                ("2025-01-01T00:00:00Z", "silver"),
                ("2025-01-02", "+499"),
                ("2025-01-03", "silver"),
                ("2025-01-04", "+1"),
                ("2025-01-04", "gold"),
                ("2026-12-31T23:59:59.999Z", "gold"),
                ("2027-01-01T00:00:00Z", "basic"),
            ],
        ),
        (
            "days of grace, in which the points of either year keep the tier",
            yearly("to_earned", 31),
            vec![
                ("2023-11-10", "+500"),
                ("2025-01-31T23:59:59.999Z", "gold"),
                ("2025-02-01T00:00:00Z", "basic"),
            ],
        ),
        (
            "a tier that was earned again in the days of grace is kept",
            yearly("to_earned", 31),
            vec![
                ("2023-11-10", "+500"),
                ("2025-01-20", "+500"),
                ("2025-02-01T00:00:00Z", "gold"),
                ("2026-02-01T00:00:00Z", "gold"),
                ("2027-01-31T23:59:59.999Z", "gold"),
                ("2027-02-01T00:00:00Z", "basic"),
            ],
        ),
        (
            // Once in a tier, one stays in it for 12 months, and falls to what was earned in them.
            // https://help.starface.world/loyalty-rewards/can-i-lose-my-tier-status
            "twelve months from the day on which it was reached",
            rolling("to_earned", 0),
            vec![
                ("2021-09-01", "+500"),
                ("2022-08-31T23:59:59.999Z", "gold"),
                ("2022-09-01T00:00:00Z", "basic"),
            ],
        ),
        (
            "points of the last twelve months add up; older ones do not",
            rolling("to_earned", 0),
            vec![
                ("2021-03-15", "+60"),
                ("2022-03-14", "+40"),
                ("2022-03-14", "silver"),
                // 15 March of last year has left.
                ("2022-03-15", "+399"),
                ("2022-03-16", "silver"),
                ("2022-03-20", "+61"),
                ("2022-03-20", "gold"),
                // From the day after it was reached on: nothing.
                ("2023-03-20T00:00:00Z", "basic"),
            ],
        ),
        (
            "a rolling year from 29 February ends on the 28th",
            rolling("one_level", 0),
            vec![
                ("2024-02-29", "+500"),
                ("2025-02-27T23:59:59.999Z", "gold"),
                ("2025-02-28T00:00:00Z", "silver"),
                ("2026-02-28T00:00:00Z", "basic"),
            ],
        ),
        (
            "without a downgrade nobody ever falls",
            json!({"tier_basis": "qualifying_points"}),
            vec![
                ("2023-11-10", "+500"),
                ("2033-01-01", "gold"),
                ("2033-01-02", "+400"),
                ("2033-01-03", "gold"),
            ],
        ),
        (
            "a year ends at midnight in the program's time zone, in winter",
            berlin(yearly("to_earned", 0)),
            vec![
                // 23:30 on 31 December and 00:30 on 1 January.
                ("2023-12-31T22:30:00Z", "+60"),
                ("2023-12-31T23:30:00Z", "+60"),
                ("2023-12-31T23:40:00Z", "basic"),
                ("2023-12-31T23:50:00Z", "+40"),
                ("2023-12-31T23:51:00Z", "silver"),
                ("2025-12-31T22:59:59.999Z", "silver"),
                ("2025-12-31T23:00:00Z", "basic"),
            ],
        ),
        (
            "days of grace end at midnight in summer time",
            berlin(yearly("to_earned", 90)),
            vec![
                ("2023-11-10", "+500"),
                // 1 January and 90 days is 1 April.
                ("2025-03-31T21:59:59.999Z", "gold"),
                ("2025-03-31T22:00:00Z", "basic"),
            ],
        ),
    ];
    for (about, settings, steps) in table {
        let mut member = Member::new(settings, &FOUR);
        for (when, step) in steps {
            match step.strip_prefix('+') {
                Some(points) => member.earn(at(when), points.parse().expect(points)),
                None => assert_eq!(
                    member.read(at(when)).as_deref(),
                    Some(step),
                    "{about}: {when}"
                ),
            }
        }
    }
}

#[test]
fn what_is_missing_to_the_next_tier() {
    let mut member = Member::new(yearly("to_earned", 0), &FOUR);
    let next = |key: &str, missing| Some((key.to_owned(), missing));
    assert_eq!(member.missing(at("2023-01-01")), next("silver", 100));
    member.earn(at("2023-01-02"), 120);
    assert_eq!(member.missing(at("2023-01-03")), next("gold", 380));
    // Points of last year do not count any more, the tier is still there.
    assert_eq!(member.missing(at("2024-01-03")), next("gold", 500));
    member.earn(at("2024-01-04"), 5000);
    assert_eq!(member.missing(at("2024-01-05")), None);
    // In the days of grace they still keep the tier; what is earned now counts by itself.
    let mut member = Member::new(yearly("to_earned", 31), &FOUR);
    member.earn(at("2023-01-02"), 120);
    assert_eq!(member.missing(at("2024-01-10")), next("gold", 500));
    member.earn(at("2024-01-11"), 380);
    assert_eq!(member.read(at("2024-01-12")).as_deref(), Some("silver"));
    assert_eq!(member.missing(at("2024-01-12")), next("gold", 120));
}

#[test]
fn reversals_take_no_tier_before_the_period_ends() {
    let mut member = Member::new(yearly("to_earned", 0), &FOUR);
    member.earn(at("2023-05-01"), 500);
    let program = member.catalog.program.clone();
    member.account.disqualify(&program, 450, at("2023-05-01"));
    assert_eq!(member.read(at("2023-12-31")).as_deref(), Some("gold"));
    assert_eq!(
        member.missing(at("2023-12-31")),
        Some(("platinum".to_owned(), 950))
    );
    assert_eq!(member.read(at("2024-01-01")).as_deref(), Some("basic"));
}

#[test]
fn a_late_event_has_the_tier_of_its_time_and_counts_in_its_period() {
    let mut member = Member::new(yearly("to_earned", 10), &FOUR);
    member.earn(at("2023-05-01"), 100);
    member.earn(at("2023-06-01"), 400);
    let keys = ["2023-04-30", "2023-05-01", "2023-05-31", "2023-06-01"];
    let keys = keys.map(|when| member.account.tier.key_at(at(when)));
    assert_eq!(
        keys,
        [Some("basic"), Some("silver"), Some("silver"), Some("gold")]
    );
    // What was earned last year is still awaited while the tier is not reviewed.
    member.earn_late(at("2023-12-30"), at("2024-01-05"), 500);
    assert_eq!(member.read(at("2024-01-05")).as_deref(), Some("platinum"));
    // After the review it changes nothing.
    member.earn_late(at("2023-12-30"), at("2024-01-12"), 5000);
    assert_eq!(member.missing(at("2024-01-12")), None);
    assert_eq!(member.read(at("2025-01-10")).as_deref(), Some("platinum"));
    assert_eq!(member.read(at("2025-01-11")).as_deref(), Some("basic"));
}

#[test]
fn only_so_many_earlier_tiers_are_remembered() {
    let tiers: Vec<(String, i64)> = (1..=20).map(|n| (format!("t{n}"), n)).collect();
    let tiers: Vec<(&str, i64)> = tiers.iter().map(|(key, n)| (key.as_str(), *n)).collect();
    let mut member = Member::new(json!({}), &tiers);
    let start = at("2023-01-01");
    for day in 0..20 {
        member.earn(start + SignedDuration::from_hours(24 * day), 1);
    }
    assert_eq!(member.account.tier.earlier.len(), 8);
    let key_at = |day: i64| {
        member
            .account
            .tier
            .key_at(start + SignedDuration::from_hours(24 * day))
    };
    assert_eq!(
        (key_at(19), key_at(18), key_at(11)),
        (Some("t20"), Some("t19"), Some("t12"))
    );
    // Before that it takes the oldest that it knows.
    assert_eq!(key_at(2), Some("t12"));
}

#[test]
fn the_table_may_change_under_its_members() {
    let mut member = Member::new(yearly("to_earned", 0), &FOUR);
    member.earn(at("2023-05-01"), 500);
    let with = |member: &mut Member, tiers: &[(&str, i64)]| {
        let tiers = tiers.iter().map(|(key, threshold)| tier(key, *threshold));
        member.catalog = member.catalog.clone().with_tiers(tiers.collect());
    };
    // A threshold that is raised takes nobody's tier before the period ends.
    with(&mut member, &[("basic", 0), ("gold", 800)]);
    assert_eq!(member.read(at("2023-05-02")).as_deref(), Some("gold"));
    assert_eq!(member.read(at("2024-01-01")).as_deref(), Some("basic"));
    // A tier that is gone leaves what was earned.
    with(&mut member, &[("basic", 0), ("silver", 100)]);
    member.settle(at("2023-05-03"));
    let change = member.changes.last().expect("a change");
    assert_eq!(
        (change.to.as_deref(), change.reason),
        (Some("silver"), TierReason::TiersChanged)
    );
    with(
        &mut member,
        &[("basic", 0), ("silver", 100), ("bronze", 50), ("ruby", 400)],
    );
    assert_eq!(member.read(at("2023-05-04")).as_deref(), Some("ruby"));
    with(&mut member, &[]);
    assert_eq!(member.read(at("2023-05-04")), None);
}

#[test]
fn tables_are_in_order_whatever_order_they_come_in() {
    let table = TierTable::new(vec![
        tier("gold", 500),
        tier("silver", 100),
        tier("basic", 0),
    ]);
    let keys: Vec<&str> = table.tiers().iter().map(|tier| &*tier.key).collect();
    assert_eq!(keys, ["basic", "silver", "gold"]);
    assert!(table.reaches(Some("gold"), "silver") && table.reaches(Some("gold"), "gold"));
    assert!(!table.reaches(Some("silver"), "gold") && !table.reaches(None, "basic"));
    assert!(!table.reaches(Some("gold"), "no_such_tier"));
}

/// The tier at `now`, worked out day by day from the whole list of what was earned.
fn naive(member: &Member, now: Timestamp) -> Option<String> {
    let Catalog { program, tiers, .. } = &member.catalog;
    let (policy, tiers) = (&program.tiers, tiers.tiers());
    let date = |at: Timestamp| at.to_zoned(program.timezone.clone()).date();
    let a_year_on = |day: Date| day.checked_add(1.year()).expect("a day");
    let is_rolling = policy.period == TierPeriod::Rolling12Months;
    let earned = member.earned.iter().filter(|(at, _)| *at <= now);
    let earned: Vec<(Date, i64)> = earned.map(|(at, points)| (date(*at), *points)).collect();
    let good_for = |points: i64| tiers.iter().rposition(|tier| tier.threshold <= points);
    // Of the first `known` earnings, those that count on this day.
    let running = |day: Date, known: usize| {
        let counts = |on: Date| {
            if is_rolling {
                a_year_on(on) > day
            } else {
                on.year() == day.year()
            }
        };
        let counting = earned[..known].iter().filter(|(on, _)| counts(*on));
        good_for(counting.map(|(_, points)| points).sum())
    };
    // And those that count towards keeping a tier of this period.
    let keeping = |period: Date, known: usize| {
        let counts = |on: Date| {
            let begun = on > period || (on == period && !is_rolling);
            begun && on < a_year_on(period)
        };
        let counting = earned[..known].iter().filter(|(on, _)| counts(*on));
        good_for(counting.map(|(_, points)| points).sum())
    };
    let mut held = good_for(0);
    let mut period: Option<Date> = None;
    let (mut day, mut known) = (date(at("2020-01-01")), 0);
    while day <= date(now) {
        let grace = i64::from(policy.grace_days).days();
        let review = period.map(|start| a_year_on(start).checked_add(grace).expect("a day"));
        if let (Some(start), true) = (period, review == Some(day)) {
            let lower = match policy.downgrade {
                Some(Downgrade::OneLevel) => held.and_then(|held| held.checked_sub(1)),
                _ => None,
            };
            let floor = keeping(start, known).max(running(day, known)).max(lower);
            held = held.min(floor);
            let falls = held.filter(|held| tiers[*held].threshold > 0);
            period = falls.map(|_| a_year_on(start));
        }
        while earned.get(known).is_some_and(|(on, _)| *on == day) {
            known += 1;
            let own = period.and_then(|start| keeping(start, known));
            let floor = running(day, known).max(own);
            if floor > held {
                held = floor;
                period = Some(if is_rolling { day } else { day.first_of_year() });
            }
        }
        day = day.tomorrow().expect("a day");
    }
    held.map(|held| tiers[held].key.clone())
}

/// A generator without state of its own, which is all that this needs: splitmix64.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

#[test]
fn a_read_shows_what_a_naive_evaluation_of_the_log_gives() {
    let zones = [
        "UTC",
        "Europe/Berlin",
        "America/Santiago",
        "Pacific/Auckland",
    ];
    for seed in 0..60 {
        let mut numbers = Numbers(seed);
        let downgrade = ["one_level", "to_earned"][usize::from(numbers.below(2) == 0)];
        let grace_days = [0, 0, 7, 45][usize::from(numbers.below(4).to_le_bytes()[0])];
        let mut settings = if numbers.below(2) == 0 {
            yearly(downgrade, grace_days)
        } else {
            rolling(downgrade, grace_days)
        };
        settings["timezone"] = json!(zones[usize::from(numbers.below(4).to_le_bytes()[0])]);
        let about = settings.to_string();
        let skip = usize::from(numbers.below(2).to_le_bytes()[0]);
        let mut member = Member::new(settings, &FOUR[skip..]);
        let mut now = at("2020-01-05");
        member.settle(now);
        for _ in 0..25 {
            let hours = numbers.below(24 * 130);
            now += SignedDuration::from_mins(i64::try_from(hours * 60 + 7).expect("minutes"));
            assert_eq!(
                member.read(now),
                naive(&member, now),
                "{seed} {now} {about}"
            );
            if numbers.below(4) > 0 {
                let points = i64::try_from(1 + numbers.below(400)).expect("points");
                member.earn(now, points);
                assert_eq!(
                    member.read(now),
                    naive(&member, now),
                    "{seed} {now} {about}"
                );
            }
            let zone = member.catalog.program.timezone.clone();
            let midnight = now
                .to_zoned(zone)
                .start_of_day()
                .expect("midnight")
                .timestamp();
            let next = midnight + SignedDuration::from_hours(24);
            for near in [next - SignedDuration::from_millis(1), next] {
                assert_eq!(
                    member.read(near),
                    naive(&member, near),
                    "{seed} {near} {about}"
                );
            }
            now = next;
        }
        // What changed follows on what was.
        for pair in member.changes.windows(2) {
            assert_eq!(pair[0].to, pair[1].from, "{seed}");
            assert!(pair[0].at <= pair[1].at, "{seed}");
        }
    }
}

#[test]
fn a_period_begins_when_the_tier_is_said_to_have_been_reached() {
    let mut member = Member::new(rolling("to_earned", 0), &[("silver", 100), ("gold", 500)]);
    member.earn(at("2027-01-04"), 150);
    // What reaches gold happened before what reached silver, and comes after it.
    member.earn_late(at("2026-12-21"), at("2027-03-01"), 400);
    assert_eq!(member.account.tier.since, Some(at("2027-01-04")));
    let review = member.account.tier_review_at(&member.catalog.program);
    assert_eq!(review, Some(at("2028-01-04T00:00:00Z")));
}

fn earned_by_day(member: &Member) -> Vec<(String, i64)> {
    let earned = member.account.tier.earned.iter();
    earned.map(|on| (on.day.to_string(), on.points)).collect()
}

#[test]
fn points_count_on_their_day_in_the_order_of_days() {
    let mut member = Member::new(rolling("to_earned", 0), &FOUR);
    for (happened, now, points) in [
        ("2026-03-05", "2026-03-05", 10),
        ("2026-03-02", "2026-03-06", 20),
        ("2026-03-05", "2026-03-07", 5),
        ("2026-03-04", "2026-03-08", 1),
        ("2026-03-08", "2026-03-08", 0),
    ] {
        member.earn_late(at(happened), at(now), points);
    }
    let days = [("2026-03-02", 20), ("2026-03-04", 1), ("2026-03-05", 15)];
    let days = days.map(|(day, points)| (day.to_owned(), points));
    assert_eq!(earned_by_day(&member), days);
    // What is reversed goes out of the day on which it was earned, and no further than to nothing.
    let program = member.catalog.program.clone();
    member.account.disqualify(&program, 5, at("2026-03-05"));
    member.account.disqualify(&program, 3, at("2026-03-04"));
    member.account.disqualify(&program, 3, at("2026-03-03"));
    let days = [("2026-03-02", 20), ("2026-03-04", 0), ("2026-03-05", 10)];
    let days = days.map(|(day, points)| (day.to_owned(), points));
    assert_eq!(earned_by_day(&member), days);
    // Who has a tier that cannot fall has no period, and twelve months back are all that counts.
    member.earn_late(at("2026-03-09"), at("2027-03-05"), 2);
    let days = [("2026-03-09", 2)].map(|(day, points)| (day.to_owned(), points));
    assert_eq!(earned_by_day(&member), days, "the others are a year ago");
    member.earn_late(at("2026-03-05"), at("2027-03-05"), 2);
    assert_eq!(earned_by_day(&member), days, "so is this one");
    member.earn_late(at("2026-03-06"), at("2027-03-05"), 3);
    let days = [("2026-03-06", 3), ("2026-03-09", 2)];
    let days = days.map(|(day, points)| (day.to_owned(), points));
    assert_eq!(earned_by_day(&member), days);
}

#[test]
fn only_qualifying_points_are_kept_by_day_and_only_what_can_fall_is_reviewed() {
    let mut settings = yearly("to_earned", 0);
    let falls = Member::new(settings.clone(), &FOUR);
    settings
        .as_object_mut()
        .expect("settings")
        .remove("downgrade");
    let mut stays = Member::new(settings, &FOUR);
    let mut by_lifetime = Member::new(json!({"downgrade": "to_earned"}), &FOUR);
    for member in [&mut stays, &mut by_lifetime] {
        member.earn(at("2026-03-05"), 600);
        assert_eq!(member.read(at("2036-03-05")).as_deref(), Some("gold"));
        let program = &member.catalog.program;
        assert_eq!(member.account.tier_review_at(program), None);
        assert_eq!(member.account.tier.period, None);
    }
    assert!(by_lifetime.account.tier.earned.is_empty());
    assert!(!stays.account.tier.earned.is_empty());
    let mut falls = falls;
    assert_eq!(falls.account.tier_review_at(&falls.catalog.program), None);
    falls.earn(at("2026-03-05"), 600);
    let review = falls.account.tier_review_at(&falls.catalog.program);
    assert_eq!(review, Some(at("2027-01-01T00:00:00Z")));
    // A tier that was earned again is kept, and that is no change.
    falls.earn(at("2026-12-30"), 1);
    falls.earn(at("2027-01-01"), 600);
    falls.changes.clear();
    falls.settle(at("2027-06-01"));
    assert!(falls.changes.is_empty(), "{:?}", falls.changes);
    falls.settle(at("2028-01-01T00:00:00Z"));
    assert!(falls.changes.is_empty(), "{:?}", falls.changes);
    // At the lowest there is nothing to review any more.
    falls.settle(at("2029-01-01T00:00:00Z"));
    let fell: Vec<_> = falls.changes.iter().map(|it| it.to.as_deref()).collect();
    assert_eq!(fell, [Some("basic")]);
    assert_eq!(falls.account.tier_review_at(&falls.catalog.program), None);
}
