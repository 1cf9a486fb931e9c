//! Whether what was acknowledged is what there is.

use std::collections::HashMap;

use crate::{
    books::{Books, Due},
    plan::{Plan, REFEREE_POINTS, REFERRER_POINTS},
    seen::Seen,
};

/// Everything that is not as it was acknowledged, in words.
pub(crate) fn differences(books: &Books, seen: &Seen, plan: &Plan) -> Vec<String> {
    let mut wrong = books.wrong.clone();
    let (mut due, mut lifetime) = (books.due.clone(), books.lifetime.clone());
    referrals(books, seen, plan, &mut due, &mut lifetime, &mut wrong);
    sources(&due, seen, &mut wrong);
    members(&due, &lifetime, seen, &mut wrong);
    for (transaction, told) in &seen.told {
        if *told != 1 {
            wrong.push(format!("`{transaction}` was announced by {told} events"));
        }
    }
    let balances: i64 = seen.members.values().map(|member| member.balance).sum();
    if seen.owed != balances {
        let owed = seen.owed;
        wrong.push(format!(
            "members have {balances}, the program says that it owes {owed}"
        ));
    }
    if let Some((used, limit)) = seen.budget {
        let given = seen.sums.iter();
        let given = given.filter(|(name, _)| is_budgeted(due.get(name)));
        let given: i64 = given.map(|(_, sum)| sum.points).sum();
        if (used, limit) != (given, given) {
            wrong.push(format!("a budget of {limit} gave {given}, and says {used}"));
        }
    }
    wrong
}

/// Awards use a budget, and refunds give back to it; nothing else does, and neither redemptions
/// nor what is done by hand comes from a source whose name an award or a refund could have.
fn is_budgeted(due: Option<&Due>) -> bool {
    matches!(due, Some(Due::AtMost(_) | Due::Back(_)))
}

/// Adds what referrals must have come to, going by their states, to what is due.
fn referrals(
    books: &Books,
    seen: &Seen,
    plan: &Plan,
    due: &mut HashMap<(String, String), Due>,
    lifetime: &mut HashMap<String, i64>,
    wrong: &mut Vec<String>,
) {
    // By referrer: those who came, and conversions.
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    for (customer, referee) in &books.referees {
        let Some(referral) = seen.referrals.get(customer) else {
            wrong.push(format!(
                "`{customer}` came by a code, and there is no referral"
            ));
            continue;
        };
        let (came, converted) = counts.entry(&referral.referrer).or_default();
        *came += 1;
        let is_back = match (referral.status.as_str(), &referee.refund) {
            ("converted", None) => false,
            ("reversed", Some(_)) => true,
            ("rejected", _) if referral.reason == "velocity" => continue,
            (status, _) => {
                let reason = &referral.reason;
                wrong.push(format!("the referral of `{customer}` is {status} {reason}"));
                continue;
            }
        };
        *converted += 1;
        let referrer = referral.referrer.trim_start_matches("loy_");
        for (who, points) in [
            (customer.as_str(), REFEREE_POINTS),
            (referrer, REFERRER_POINTS),
        ] {
            let name = (who.to_owned(), referral.id.clone());
            due.insert(name, Due::Points(points));
            *lifetime.entry(who.to_owned()).or_default() += points;
            if let (true, Some(refund)) = (is_back, &referee.refund) {
                // The same refund takes back what the payment itself gave.
                let back = due.entry((who.to_owned(), refund.clone()));
                let (Due::Points(sum) | Due::AtMost(sum) | Due::Back(sum)) =
                    back.or_insert(Due::Back(0));
                *sum -= points;
            }
        }
    }
    for customer in seen.referrals.keys() {
        if !books.referees.contains_key(customer) {
            wrong.push(format!(
                "there is a referral of `{customer}`, who has not come"
            ));
        }
    }
    for (referrer, (came, converted)) in counts {
        if converted != came.min(plan.velocity) {
            let most = plan.velocity;
            let told = format!("of {came} who came by `{referrer}` {converted} count, {most} may");
            wrong.push(told);
        }
    }
}

/// Each source came to what was acknowledged of it, and there is no other.
fn sources(due: &HashMap<(String, String), Due>, seen: &Seen, wrong: &mut Vec<String>) {
    for ((customer, source), due) in due {
        let name = (customer.clone(), source.clone());
        let sum = seen.sums.get(&name).copied().unwrap_or_default();
        let is_right = match due {
            Due::Points(points) | Due::Back(points) => sum.points == *points,
            Due::AtMost(points) => (0..=*points).contains(&sum.points) && sum.earns == 1,
        };
        if !is_right || sum.earns > 1 {
            wrong.push(format!(
                "`{source}` of `{customer}`: due {due:?}, there is {sum:?}"
            ));
        }
    }
    for ((customer, source), sum) in &seen.sums {
        if !due.contains_key(&(customer.clone(), source.clone())) {
            wrong.push(format!(
                "nobody asked for `{source}` of `{customer}`: {sum:?}"
            ));
        }
    }
}

/// Each member has what the log adds up to, and has earned what was acknowledged.
fn members(
    due: &HashMap<(String, String), Due>,
    lifetime: &HashMap<String, i64>,
    seen: &Seen,
    wrong: &mut Vec<String>,
) {
    let mut logs: HashMap<&str, i64> = HashMap::new();
    for ((customer, _), sum) in &seen.sums {
        *logs.entry(customer).or_default() += sum.points;
    }
    let is_cut = due.values().any(|due| matches!(due, Due::AtMost(_)));
    for (customer, member) in &seen.members {
        let log = logs.get(customer.as_str()).copied().unwrap_or_default();
        if member.balance != log {
            let balance = member.balance;
            wrong.push(format!("`{customer}` has {balance}, the log says {log}"));
        }
        let earned = match is_cut {
            true => seen.earned.get(customer),
            false => lifetime.get(customer),
        };
        let earned = earned.copied().unwrap_or_default();
        if member.lifetime != earned {
            let lifetime = member.lifetime;
            wrong.push(format!(
                "`{customer}` has earned {lifetime}, and not {earned}"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        books::Referee,
        plan::Profile,
        seen::{Member, Referral, Sum},
    };

    /// A member who paid 1,200 points' worth, came by a code, and redeemed 20.
    fn world() -> (Books, Seen, Plan) {
        let mut books = Books::default();
        books.award("m1", "pay_1", Due::Points(1200));
        books.change("m1", "rdm_1", -20);
        books
            .referees
            .insert("m1".to_owned(), Referee { refund: None });
        let mut seen = Seen::default();
        let name = |customer: &str, source: &str| (customer.to_owned(), source.to_owned());
        let sum = |points, earns| Sum { points, earns };
        seen.sums = HashMap::from([
            (name("m1", "pay_1"), sum(1200, 1)),
            (name("m1", "rdm_1"), sum(-20, 0)),
            (name("m1", "ref_1"), sum(250, 1)),
            (name("ref0", "ref_1"), sum(500, 1)),
        ]);
        let member = |balance, lifetime| Member {
            account: String::new(),
            balance,
            lifetime,
        };
        seen.members = HashMap::from([
            ("m1".to_owned(), member(1430, 1450)),
            ("ref0".to_owned(), member(500, 500)),
        ]);
        seen.owed = 1930;
        seen.told = HashMap::from([("ptx_m1_1_0".to_owned(), 1)]);
        let referral = Referral {
            id: "ref_1".to_owned(),
            referrer: "loy_ref0".to_owned(),
            status: "converted".to_owned(),
            reason: String::new(),
        };
        seen.referrals = HashMap::from([("m1".to_owned(), referral)]);
        (books, seen, Plan::new(Profile::Spread, 1, 10))
    }

    /// Changes what the stack says, and expects so many differences.
    fn check(change: impl FnOnce(&mut Books, &mut Seen), count: usize) {
        let (mut books, mut seen, plan) = world();
        change(&mut books, &mut seen);
        let wrong = differences(&books, &seen, &plan);
        assert_eq!(wrong.len(), count, "{wrong:#?}");
    }

    fn change_sum(seen: &mut Seen, source: &str, change: impl FnOnce(&mut Sum)) {
        let name = ("m1".to_owned(), source.to_owned());
        change(seen.sums.entry(name).or_default());
    }

    #[test]
    fn what_was_acknowledged_differs_in_nothing() {
        check(|_, _| {}, 0);
    }

    #[test]
    fn a_point_too_few_or_too_many_is_seen_at_its_source_and_at_the_member() {
        for by in [-1, 1] {
            check(
                |_, seen| change_sum(seen, "pay_1", |sum| sum.points += by),
                2,
            );
        }
    }

    #[test]
    fn an_award_in_two_parts_is_seen() {
        check(|_, seen| change_sum(seen, "pay_1", |sum| sum.earns = 2), 1);
    }

    #[test]
    fn a_member_whose_log_says_otherwise_is_seen_and_what_is_owed() {
        let change = |seen: &mut Seen| {
            if let Some(member) = seen.members.get_mut("m1") {
                member.balance -= 1;
            }
        };
        check(|_, seen| change(seen), 2);
    }

    #[test]
    fn what_nobody_asked_for_is_seen() {
        check(|_, seen| change_sum(seen, "pay_2", |sum| sum.earns = 1), 1);
        check(|books, _| books.referees.clear(), 5);
    }

    #[test]
    fn a_transaction_that_was_announced_never_or_twice_is_seen() {
        for count in [0, 2] {
            check(
                |_, seen| {
                    seen.told.insert("ptx_m1_1_0".to_owned(), count);
                },
                1,
            );
        }
    }

    #[test]
    fn one_conversion_too_many_or_too_few_is_seen() {
        let (books, seen, mut plan) = world();
        plan.velocity = 0;
        assert_eq!(differences(&books, &seen, &plan).len(), 1);
        let change = |seen: &mut Seen| {
            if let Some(referral) = seen.referrals.get_mut("m1") {
                referral.status = "rejected".to_owned();
                referral.reason = "velocity".to_owned();
            }
        };
        // The count, both transactions, and two members' points ever earned.
        check(|_, seen| change(seen), 5);
    }

    #[test]
    fn a_budget_that_gave_more_or_less_than_it_has_is_seen() {
        let budgeted = |used, limit| {
            move |books: &mut Books, seen: &mut Seen| {
                let name = ("m1".to_owned(), "pay_1".to_owned());
                books.due.insert(name, Due::AtMost(1300));
                // What referrals give would be cut, too.
                books.referees.clear();
                seen.referrals.clear();
                seen.sums.retain(|(_, source), _| source != "ref_1");
                seen.earned.insert("m1".to_owned(), 1200);
                seen.members.remove("ref0");
                if let Some(member) = seen.members.get_mut("m1") {
                    (member.balance, member.lifetime) = (1180, 1200);
                }
                seen.owed = 1180;
                seen.budget = Some((used, limit));
            }
        };
        check(budgeted(1200, 1200), 0);
        check(budgeted(1200, 1199), 1);
        check(budgeted(1199, 1200), 1);
        check(budgeted(1200, 1201), 1);
    }
}
