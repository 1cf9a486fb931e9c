//! The award of a rule, step by step.

use super::{Subject, named_rule};
use crate::{
    Transaction,
    calculation::{BudgetTrace, Calculation, CapTrace, MultiplierTrace, Origin},
    exact::{Factor, Ratio, Rounding},
    rule::Award,
    words::{counted, money, points, within},
};

impl Subject<'_> {
    /// The steps from the event to the points.
    pub(super) fn award(&self, made: &Transaction, trace: &Calculation) -> Vec<String> {
        let basis = trace.basis.as_ref();
        let paid = basis
            .filter(|basis| basis.field == "amount")
            .and_then(|basis| Some((basis.amount, basis.currency.as_deref()?)));
        let rule = named_rule(self.entry, &trace.rule, trace.rule_version, &made.reason);
        let mut said = vec![format!("{} rewards {}.", capital(&rule), self.source(paid))];
        if let Some(trial) = &trace.experiment {
            said.push(format!(
                "In the experiment `{}` this member gets the variant `{}`.",
                trial.experiment, trial.variant
            ));
        }
        let (goal, times) = goal(trace);
        said.extend(goal);
        let mut sum = Ratio::parse(&trace.base);
        let once = sum.and_then(|sum| sum.times(Ratio::new(1, i128::from(times.max(1)))?));
        said.push(format!("It gives {}.", base(trace, once)));
        if times > 1 {
            let all = sum.map_or_else(|| trace.base.clone(), so_many);
            said.push(format!("That counts {times} times: {all}."));
        }
        for multiplier in &trace.multipliers {
            sum = sum.and_then(|sum| sum.times(multiplier.value.ratio()));
            let makes = sum.map_or_else(String::new, |sum| format!(": {}", so_many(sum)));
            said.push(format!("{}{makes}.", self.multiplied(multiplier)));
        }
        for failed in &trace.campaigns_failed {
            said.push(format!(
                "{} did not count, since whether its condition holds could not be told: {}.",
                capital(&self.campaign(&failed.campaign)),
                failed.message
            ));
        }
        if let Some(carried) = &trace.carried_in {
            said.push(format!(
                "With {carried} carried over from earlier awards it is {}.",
                trace.exact
            ));
        }
        if trace.exact != trace.rounded.to_string() {
            said.push(rounded(trace));
        }
        if let Some(cap) = &trace.cap {
            said.extend(capped(trace.rounded, cap));
        }
        let budgets = trace.budgets.iter();
        let short = budgets.filter(|budget| budget.granted_points < budget.wanted_points);
        said.extend(short.map(|budget| self.short_of(budget)));
        said.push(format!("So it gave {}.", points(trace.points)));
        said
    }

    fn multiplied(&self, multiplier: &MultiplierTrace) -> String {
        let who = match multiplier.origin {
            Origin::Rule => "The rule's own multiplier".to_owned(),
            Origin::Tier => {
                let tier = self.catalog.and_then(|it| it.tiers.get(&multiplier.id));
                let name = tier.map_or(multiplier.id.as_str(), |tier| &tier.name);
                format!("The tier \"{name}\"")
            }
            Origin::Campaign => capital(&self.campaign(&multiplier.id)),
        };
        let times = |factor: &str| Factor::parse(factor).ok();
        let value = multiplier.value;
        if Some(value) == times("2") {
            format!("{who} doubles that")
        } else if Some(value) == times("3") {
            format!("{who} triples that")
        } else {
            format!("{who} multiplies that by {value}")
        }
    }

    /// A campaign by its name, where it is known by now and has one.
    fn campaign(&self, id: &str) -> String {
        let known = self.catalog.map(|catalog| catalog.campaigns());
        let campaign = known.and_then(|all| all.iter().find(|campaign| campaign.id == id));
        match campaign.and_then(|campaign| campaign.name.as_deref()) {
            Some(name) => format!("the campaign \"{name}\""),
            None => format!("the campaign `{id}`"),
        }
    }

    fn short_of(&self, budget: &BudgetTrace) -> String {
        let whose = match &budget.campaign {
            Some(campaign) => format!("the budget of {}", self.campaign(campaign)),
            None => "the program's budget".to_owned(),
        };
        let limit = points(budget.limit_points);
        format!(
            "Of the {} that count against {whose} ({limit} {} for all members together), {} were \
             left.",
            points(budget.wanted_points),
            within(budget.window, false),
            budget.granted_points
        )
    }
}

/// Which milestones or streak an award is for, and how often it counts for that.
fn goal(trace: &Calculation) -> (Option<String>, i64) {
    if let Some(milestone) = &trace.milestone {
        let crossed = milestone.crossed.iter().map(i64::to_string);
        let crossed = crossed.collect::<Vec<_>>().join(" and ");
        let times = i64::try_from(milestone.crossed.len()).unwrap_or(1);
        let said = format!(
            "With it `{}` goes from {} to {}, and reaches {crossed}.",
            milestone.stat, milestone.before, milestone.after
        );
        return (Some(said), times);
    }
    let Some(streak) = &trace.streak else {
        return (None, 1);
    };
    let unit = |count: u32| counted(count.into(), streak.unit.as_str());
    let said = format!(
        "With it {} in a row have such an event; the rule pays for {}.",
        unit(streak.run),
        unit(streak.length)
    );
    (Some(said), streak.times.into())
}

/// The award before multipliers: what it is for each of what, and what that comes to.
fn base(trace: &Calculation, once: Option<Ratio>) -> String {
    let comes_to = once.map_or_else(|| trace.base.clone(), so_many);
    let basis = trace.basis.as_ref();
    let currency = basis.and_then(|basis| basis.currency.as_deref());
    let figure = basis.map_or_else(String::new, |basis| {
        let amount = currency.map_or_else(
            || basis.amount.to_string(),
            |code| money(basis.amount, code),
        );
        match basis.field.as_str() {
            "amount" => String::new(),
            "line_items" => format!(" of the {amount} that its line items come to"),
            field => format!(" of the {amount} in `{field}`"),
        }
    });
    match &trace.award {
        Award::Fixed { points: fixed } if trace.milestone.is_some() => {
            format!("{} for every threshold", points(*fixed))
        }
        Award::Fixed { points: fixed } if trace.streak.is_some() => {
            format!("{} for every streak", points(*fixed))
        }
        Award::Fixed { points: fixed } => format!("{} for every such event", points(*fixed)),
        Award::PerAmount { per, points: each } => {
            let unit = currency.map_or_else(|| per.to_string(), |code| money(*per, code));
            let amount = basis.map_or(0, |basis| basis.amount);
            let share = Ratio::new(i128::from(amount), i128::from(*per))
                .and_then(|share| share.times(Ratio::whole(*each)));
            let is_whole = share.is_some_and(|share| Some(share) != once);
            let whole = if is_whole { "complete " } else { "" };
            format!(
                "{} for each {whole}{unit}{figure}: {comes_to}",
                points(*each)
            )
        }
        Award::PerCurrency { rates } => {
            let code = currency.unwrap_or_default();
            let rate = rates.get(code).map(|rate| so_many(rate.ratio()));
            let rate = rate.unwrap_or_default();
            format!("{rate} for each {code} 1{figure}: {comes_to}")
        }
    }
}

/// So many points, which need not be whole.
fn so_many(exact: Ratio) -> String {
    if exact == Ratio::ONE {
        return points(1);
    }
    format!("{exact} points")
}

fn rounded(trace: &Calculation) -> String {
    let how = match trace.rounding {
        Rounding::Floor => "down",
        Rounding::HalfUp => "to the nearest whole number, halves up",
        Rounding::HalfEven => "to the nearest whole number, halves to the even one",
        Rounding::Ceil => "up",
    };
    let rest = trace.carried_out.as_ref();
    let kept = rest.map_or_else(String::new, |rest| {
        format!("; {rest} is carried on to the next award")
    });
    format!("Rounded {how} that is {}{kept}.", points(trace.rounded))
}

fn capped(rounded: i64, cap: &CapTrace) -> Vec<String> {
    let within = within(cap.window, cap.rolling);
    let mut said = Vec::new();
    if let Some(limit) = cap.limit_awards {
        let limit = counted(i64::from(limit), "award");
        let place = cap.used_awards.saturating_add(1);
        said.push(format!(
            "Its cap is {limit} {within}; this is number {place}."
        ));
    }
    if let Some(limit) = cap.limit_points {
        let left = limit.saturating_sub(cap.used_points).max(0);
        let limit = points(limit);
        said.push(if left < rounded {
            format!("Its cap of {limit} {within} left {left}.")
        } else {
            let used = cap.used_points;
            format!("Its cap is {limit} {within}, of which {used} were used before.")
        });
    }
    said
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}
