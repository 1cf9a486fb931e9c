//! Random histories through the model: its invariants hold at every step, the histories reach
//! every corner, and the checks can fail.

use std::collections::BTreeMap;

use crate::history::{History, generate};
use crate::model::{Member, Merge};
use crate::*;

/// Runs a history, checks the invariants after every step and hands each step to `look`.
fn run(history: &History, mut look: impl FnMut(&Op, &Answer)) -> Model {
    let (settings, rules, ops) = history;
    let mut model = Model::new(settings.clone(), rules.clone());
    let mut lifetimes: Vec<i64> = Vec::new();
    for (now, op) in ops {
        let answer = model.apply(*now, op);
        model
            .check_invariants(*now)
            .unwrap_or_else(|broken| panic!("{broken} after {op:?}"));
        let new: Vec<i64> = (0..model.member_count())
            .map(|n| model.lifetime(MemberId(n)))
            .collect();
        let kept = |n: usize| matches!(model.status(MemberId(n)), Status::Merged(_));
        let mut both = lifetimes.iter().zip(&new).enumerate();
        assert!(
            both.all(|(n, (old, new))| old <= new || kept(n)),
            "I2: {op:?}"
        );
        lifetimes = new;
        look(op, &answer);
    }
    model
}

#[test]
fn the_invariants_hold_and_every_corner_is_reached() {
    let mut reached: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..480 {
        let mut reach = |what: &str| *reached.entry(what.to_owned()).or_default() += 1;
        let history = generate(seed, 80);
        let model = run(&history, |op, answer| {
            reach(answer.outcome());
            if let Some(code) = answer.refusal() {
                reach(code);
            }
            let Some(done) = answer.done() else { return };
            if done.duplicate {
                reach("duplicate");
            }
            if done.enrolled && matches!(op, Op::Event(_)) {
                reach(if done.welcome.is_empty() {
                    "enrolled"
                } else {
                    "enrolled and welcomed"
                });
            }
            let kinds = |kind| done.transactions.iter().any(|t| t.kind == kind);
            if kinds(TransactionKind::Earn) && kinds(TransactionKind::Reverse) {
                reach("earned and reversed at once");
            }
            if done.transactions.len() > 1 {
                reach("several transactions");
            }
        });
        let end = history.2.last().unwrap().0;
        for member in (0..model.member_count()).map(MemberId) {
            for t in model.transactions(member) {
                let late = t.created.duration_since(t.occurred_at).as_hours() > 24 * 40;
                for (what, is) in [
                    ("capped", t.uncapped_points.is_some() && t.amount > 0),
                    ("capped to 0", t.uncapped_points.is_some() && t.amount == 0),
                    ("shortfall", t.shortfall > 0),
                    ("shortfall alone", t.shortfall > 0 && t.amount == 0),
                    ("below zero", t.balance_after < 0),
                    ("earned pending", t.amount > 0 && t.available_at.is_some()),
                    ("reversed pending", t.amount < 0 && t.available_at.is_some()),
                    ("late", t.kind == TransactionKind::Earn && late),
                    (
                        "expired on arrival",
                        t.expires_at.is_some_and(|at| at <= t.created),
                    ),
                    ("earned ahead", t.occurred_at > t.created),
                ] {
                    if is {
                        reach(what);
                    }
                }
            }
            if !model.expiries(member, end).is_empty() {
                reach("expired");
            }
            let standing = model.standing(member, end);
            for (from, to) in standing.steps() {
                let place = |key: &Option<String>| {
                    let mut tiers = model.tiers().iter();
                    tiers.position(|tier| Some(&tier.key) == key.as_ref())
                };
                reach(if place(from) < place(to) {
                    "rose"
                } else {
                    "fell"
                });
            }
        }
        for redemption in model.redemptions(end) {
            let status = redemption.status;
            reach(status.as_str());
            for (what, is) in [
                ("confirmed by a payment", redemption.payment.is_some()),
                ("paid out", redemption.payout.is_some()),
                ("spent store credit", redemption.currency.is_some()),
            ] {
                if is {
                    reach(what);
                }
            }
        }
        for campaign in [None]
            .into_iter()
            .chain(model.campaigns().iter().map(|it| Some(it.id.as_str())))
        {
            if model
                .budget_used(campaign, end)
                .is_some_and(|used| used > 0)
            {
                reach("used a budget");
            }
        }
        for merge in &model.merges {
            if model
                .numbered(merge.source)
                .any(|(_, t)| t.available_at.is_some_and(|at| at > merge.at))
            {
                reach("merged pending");
            }
        }
        for t in &model.transactions {
            let whole = t.redemption.map(|it| model.redemptions[it].takes);
            if t.kind == TransactionKind::Reverse
                && whole.is_some_and(|it| 0 < t.amount && t.amount < it)
            {
                reach("returned in part");
            }
            if t.reverses
                .is_some_and(|award| model.transactions[award].member != t.member)
            {
                reach("reversed after a merge");
            }
        }
        for rule in model.rules() {
            if (0..model.member_count())
                .any(|n| model.carry(MemberId(n), &rule.id) != num_traits::Zero::zero())
            {
                reach("carried");
            }
        }
    }
    let mut rare = Vec::new();
    for what in [
        "account_already_exists",
        "account_closed",
        "account_merged",
        "account_not_active",
        "adjusted",
        "awarded",
        "below zero",
        "canceled",
        "capped",
        "capped to 0",
        "carried",
        "closed",
        "confirmed",
        "confirmed by a payment",
        "created",
        "duplicate",
        "earned ahead",
        "earned and reversed at once",
        "earned pending",
        "enrolled",
        "enrolled and welcomed",
        "event_content_mismatch",
        "expired",
        "expired on arrival",
        "fell",
        "ignored",
        "insufficient_points",
        "insufficient_store_credit",
        "late",
        "limit_reached",
        "merge_with_itself",
        "merged",
        "merged pending",
        "no_award",
        "occurred_in_future",
        "out_of_stock",
        "paid out",
        "parameter_invalid",
        "points_out_of_range",
        "processed",
        "redemption_not_reserved",
        "redemption_not_usable",
        "redemption_used",
        "remembered",
        "reopened",
        "reserved",
        "returned in part",
        "reversed",
        "reversed after a merge",
        "reversed pending",
        "reward_unavailable",
        "rose",
        "rule_updated",
        "several transactions",
        "shortfall",
        "shortfall alone",
        "spent store credit",
        "tier_too_low",
        "unlinked",
        "updated",
        "used",
        "used a budget",
    ] {
        let times = reached.get(what).copied().unwrap_or_default();
        if times < 2 {
            rare.push((what, times));
        }
    }
    assert!(rare.is_empty(), "{rare:?}, of {reached:#?}");
}

#[test]
fn the_same_seed_gives_the_same_history() {
    assert_eq!(generate(7, 60), generate(7, 60));
    assert_ne!(generate(7, 60), generate(8, 60));
    assert_eq!(generate(7, 60).2[..30], generate(7, 30).2);
}

#[test]
fn time_never_goes_back_and_is_in_whole_milliseconds() {
    for seed in 0..50 {
        let (.., ops) = generate(seed, 100);
        assert!(ops.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        for (now, op) in &ops {
            assert_eq!(now.subsec_nanosecond() % 1_000_000, 0);
            if let Op::Event(event) = op {
                assert_eq!(event.occurred_at.subsec_nanosecond() % 1_000_000, 0);
            }
        }
    }
}

#[test]
fn a_repeat_of_the_whole_history_changes_nothing() {
    for seed in 0..60 {
        let history = generate(seed, 60);
        let mut model = run(&history, |_, _| ());
        let end = history.2.last().unwrap().0;
        let state = |model: &Model| -> Vec<_> {
            let members = (0..model.member_count()).map(MemberId);
            members
                .map(|m| (model.holdings(m, end), model.transactions(m).len()))
                .collect()
        };
        let before = state(&model);
        for member in (0..model.member_count()).map(MemberId) {
            model.apply(end, &Op::AccountCreatedAgain(member));
        }
        for (_, op) in &history.2 {
            let Op::Event(event) = op else { continue };
            let known = model
                .seen
                .iter()
                .any(|seen| seen.kind == event.kind && seen.source_id == event.source_id());
            if known {
                let answer = model.apply(end, op);
                let repeat = answer.done().is_some_and(|done| done.duplicate);
                assert!(repeat || answer.refusal() == Some("event_content_mismatch"));
            }
        }
        assert_eq!(state(&model), before);
    }
}

/// What a member has in the end: transactions, balances, number of expiries.
type End = (Vec<Posted>, (i64, Vec<(String, i64, i64)>), usize);

/// What every member has in the end.
fn ends((settings, rules, ops): &History) -> Vec<End> {
    let mut model = Model::new(settings.clone(), rules.clone());
    for (now, op) in ops {
        match op {
            // Where other accounts came to be, some members of the history do not exist.
            Op::UpdateAccount { member, .. }
            | Op::Adjust { member, .. }
            | Op::Redeem { member, .. }
            | Op::AdjustCredit { member, .. }
            | Op::AccountCreatedAgain(member)
            | Op::Close(member)
            | Op::Reopen(member)
            | Op::Mint { member, .. }
            | Op::Erase(member)
            | Op::Attribute(Coming {
                account: Some(member),
                ..
            }) if member.0 >= model.member_count() => {}
            Op::Merge { source, target } if source.max(target).0 >= model.member_count() => {}
            op => drop(model.apply(*now, op)),
        }
    }
    let end = ops.last().unwrap().0;
    let members = (0..model.member_count()).map(MemberId);
    members
        .map(|member| {
            let posted = model
                .transactions(member)
                .iter()
                .map(|t| t.posted())
                .collect();
            (
                posted,
                (model.balance(member, end), model.store_credit(member, end)),
                model.expiries(member, end).len(),
            )
        })
        .collect()
}

#[test]
fn histories_tell_every_feature_from_its_absence() {
    let histories: Vec<History> = (0..150)
        .map(|seed| {
            let (settings, rules, mut ops) = generate(seed, 60);
            // Updates of rules and of the program would undo the change.
            ops.retain(|(_, op)| !matches!(op, Op::UpdateRule(_) | Op::SetProgram(_)));
            (settings, rules, ops)
        })
        .collect();
    let unchanged: Vec<_> = histories.iter().map(ends).collect();
    type Change = fn(&mut ProgramSettings, &mut Rule);
    let changes: [(&str, usize, Change); 17] = [
        ("floor", 25, |program, _| program.rounding = Rounding::Floor),
        ("half up", 15, |program, _| {
            program.rounding = Rounding::HalfUp
        }),
        ("half even", 15, |program, _| {
            program.rounding = Rounding::HalfEven
        }),
        ("clamp", 4, |program, _| {
            program.negative_balance = NegativeBalance::Clamp
        }),
        ("auto-enrol", 20, |program, _| program.auto_enroll = false),
        ("time zone", 4, |program, _| {
            program.timezone = "UTC".to_owned()
        }),
        ("pending", 10, |program, _| program.pending_days = 0),
        ("expiry", 15, |program, _| program.expires = None),
        ("end of month", 5, |program, _| {
            program
                .expires
                .iter_mut()
                .for_each(|expires| expires.round = None);
        }),
        ("carry", 8, |_, rule| rule.carry = false),
        ("group", 6, |_, rule| rule.exclusive_group = None),
        ("best", 3, |_, rule| rule.exclusive = Exclusive::Priority),
        ("priority", 1, |_, rule| rule.priority = 0),
        ("rolling", 3, |_, rule| {
            rule.cap.iter_mut().for_each(|cap| cap.rolling = false)
        }),
        ("cap by awards", 4, |_, rule| {
            rule.cap.iter_mut().for_each(|cap| cap.awards = None)
        }),
        ("earn on", 10, |_, rule| rule.earn_on = None),
        ("own pending", 3, |_, rule| rule.pending_days = None),
    ];
    for (what, least, change) in changes {
        let mut changed = histories.clone();
        for (settings, rules, _) in &mut changed {
            rules.iter_mut().for_each(|rule| change(settings, rule));
        }
        let differing = changed
            .iter()
            .zip(&unchanged)
            .filter(|(history, end)| ends(history) != **end)
            .count();
        assert!(differing >= least, "{what}: {differing} of 150");
    }
}

#[test]
fn histories_tell_tiers_campaigns_and_redemptions_from_their_absence() {
    let histories: Vec<History> = (0..100).map(|seed| generate(seed, 60)).collect();
    let unchanged: Vec<_> = histories.iter().map(ends).collect();
    type Is = fn(&Op) -> bool;
    let kinds: [(&str, usize, Is); 5] = [
        ("tiers", 5, |op| matches!(op, Op::SetTier(_))),
        ("campaigns", 5, |op| matches!(op, Op::SetCampaign(_))),
        ("redemptions", 10, |op| matches!(op, Op::Redeem { .. })),
        ("acts", 5, |op| matches!(op, Op::Act { .. })),
        ("store credit", 2, |op| {
            matches!(op, Op::AdjustCredit { .. })
        }),
    ];
    for (what, least, is) in kinds {
        let without = histories.iter().map(|(settings, rules, ops)| {
            let ops = ops.iter().filter(|(_, op)| !is(op)).cloned().collect();
            ends(&(settings.clone(), rules.clone(), ops))
        });
        let differing = without.zip(&unchanged).filter(|(a, b)| a != *b).count();
        assert!(differing >= least, "{what}: {differing} of 100");
    }
}

/// A check that cannot fail is none: plants a fault in the state and wants it found.
fn finds(invariant: &str, plant: impl Fn(&mut Model) -> bool) {
    let mut planted = 0;
    for seed in 0..80 {
        let history = generate(seed, 60);
        let mut model = run(&history, |_, _| ());
        if plant(&mut model) {
            let found = model
                .check_invariants(history.2.last().unwrap().0)
                .unwrap_err();
            assert!(found.starts_with(invariant), "seed {seed}: {found}");
            planted += 1;
        }
    }
    assert!(planted >= 3, "{invariant}: planted only {planted} times");
}

#[test]
fn planted_faults_are_found() {
    finds("I1", |model| {
        let reversal = model.transactions.iter_mut().find(|t| {
            t.amount < 0
                && t.kind == TransactionKind::Reverse
                && t.available_at.is_none()
                && t.currency.is_none()
        });
        reversal
            .map(|t| t.available_at = Some(jiff::Timestamp::MAX))
            .is_some()
    });
    finds("I2", |model| {
        let earned = model
            .transactions
            .iter_mut()
            .find(|t| t.kind == TransactionKind::Earn && t.currency.is_none());
        earned.map(|t| t.lifetime = false).is_some()
    });
    finds("I3", |model| {
        let with_points = |rule: &&Rule| {
            rule.cap.is_some_and(|cap| cap.points.is_some())
                && model
                    .rule_versions
                    .iter()
                    .filter(|version| version.id == rule.id)
                    .count()
                    == 1
        };
        let Some(rule) = model.rules.iter().find(with_points).cloned() else {
            return false;
        };
        let mut of_rule = model
            .transactions
            .iter_mut()
            .filter(|t| t.rule == Some(rule.id.clone()));
        let cap = rule.cap.unwrap().points.unwrap();
        let Some(award) = of_rule.find(|t| t.kind == TransactionKind::Earn) else {
            return false;
        };
        award.amount += i64::try_from(cap).unwrap() * 2;
        true
    });
    finds("I4", |model| {
        let Some(award) = model
            .transactions
            .iter()
            .filter(|t| model.survivor(t.member) == t.member)
            .find(|t| t.kind == TransactionKind::Earn && t.amount == 0 && t.referral.is_none())
        else {
            return false;
        };
        // Uncapped rules only would pass I3; an empty award breaks neither I1 nor I5.
        let twin = award.clone();
        let by_awards = |rule: &Rule| {
            let cap = rule.cap_in_force();
            Some(&rule.id) == twin.rule.as_ref() && cap.is_some_and(|cap| cap.awards.is_some())
        };
        if model.rules.iter().any(by_awards) {
            return false;
        }
        model.transactions.push(twin);
        true
    });
    finds("I5", |model| {
        let mut all = model.transactions.iter();
        let Some(number) = all.position(|t| t.shortfall > 0 && t.referral.is_none()) else {
            return false;
        };
        model.transactions[number].shortfall += 1_000_000;
        true
    });
    finds("I7", |model| {
        let mut all = model.referrals.iter_mut();
        let paid = all.find(|it| !it.given.is_empty());
        paid.and_then(|it| it.given.pop()).is_some()
    });
    finds("I9", |model| {
        let back = model.transactions.iter();
        let mut back = back.filter(|t| t.redemption.is_some() && t.amount > 0);
        let Some(again) = back.find(|t| t.kind == TransactionKind::Reverse).cloned() else {
            return false;
        };
        let redemption = again.redemption.unwrap();
        model.redemptions[redemption].returned += again.amount;
        true
    });
    finds("I8", |model| {
        let active = |member: &&Member| member.status == Status::Active;
        let mut named = model.members.iter().filter(active);
        let Some(name) = named.find_map(|member| member.customer.clone()) else {
            return false;
        };
        let others = model.members.iter_mut();
        let mut others =
            others.filter(|m| m.status == Status::Active && m.customer.as_ref() != Some(&name));
        others
            .next()
            .map(|member| member.customer = Some(name))
            .is_some()
    });
    finds("I6", |model| {
        let Some(first) = model.merges.first().cloned() else {
            return false;
        };
        // The survivor is merged into who was merged into it.
        model.merges.push(Merge {
            source: first.target,
            target: first.source,
            ..first
        });
        true
    });
}
