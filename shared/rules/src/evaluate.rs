//! Which rules fire for an event, and for how many points: spec section 1, "Award" and "Caps".

mod fired;
mod reason;

pub use reason::Reason;

use jiff::Timestamp;

use crate::{
    Account, Catalog, Code, Event, POINTS_MAX, Program, Refusal, Rule,
    boosts::Boosts,
    condition::Facts,
    counter::{Counter, PastAward, Unit, Usage},
    exact::Ratio,
    items::{ItemFilter, KnownItem},
    rule::{Award, Basis, CompiledRule, Exclusive, Recipient},
};

/// What is known of the member when rules are evaluated.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing<'a> {
    /// The account; none for an anonymous visitor, who has used no cap yet.
    pub account: Option<&'a Account>,
    /// All awards of the past, where they had to be read from the ledger.
    pub past: Option<&'a [PastAward]>,
    /// Which side of a referral it is, where the event is about one. A rule that names no side
    /// pays both.
    pub recipient: Recipient,
    /// The time of deciding, which the account is settled to.
    pub now: Timestamp,
}

/// What one rule made of the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It gives points.
    Fires(Fired<'a>),
    /// It does not.
    Silent {
        /// The rule.
        rule: &'a Rule,
        /// Why.
        reason: Reason,
        /// The fraction to keep for next time, where the rule carries and was evaluated.
        carried_out: Option<Ratio>,
    },
}

impl<'a> Verdict<'a> {
    /// The rule; what an experiment made of it, where it came to that.
    #[must_use]
    pub fn rule(&self) -> &'a Rule {
        match self {
            Verdict::Fires(fired) => fired.rule,
            Verdict::Silent { rule, .. } => rule,
        }
    }
}

/// One award, with all that its trace needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// Points to award, after the cap, and after budgets where these have been asked.
    pub points: i64,
    /// Points before the cap.
    pub rounded: i64,
    basis: Option<i64>,
    base: Ratio,
    exact: Ratio,
    carried_in: Ratio,
    /// The fraction to keep for next time; nothing where the rule does not carry.
    pub carried_out: Option<Ratio>,
    used: Option<(i64, i64)>,
}

/// The verdict of every rule that listens, or the wish to see the past first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evaluation<'a> {
    /// In the order of the rules.
    Done(Vec<Verdict<'a>>),
    /// A cap's use is no longer on the account; evaluate again with [`Standing::past`].
    NeedsPast,
}

/// Evaluates every rule of the catalog that listens to the event.
///
/// # Errors
/// `points_out_of_range` where an award does not fit.
pub fn evaluate<'a>(
    catalog: &'a Catalog,
    event: &Event,
    boosts: &Boosts,
    standing: Standing<'_>,
) -> Result<Evaluation<'a>, Refusal> {
    let Some(listeners) = catalog.listeners(&event.trigger) else {
        return Ok(Evaluation::Done(Vec::new()));
    };
    let rules = &listeners.rules;
    let scene = Scene {
        catalog,
        program: &catalog.program,
        event,
        standing,
        boosts,
        common: boosts.common()?,
        has_limited: boosts.has_limited(),
        items: event
            .line_items
            .iter()
            .map(|item| listeners.names.known(item))
            .collect(),
    };
    let mut verdicts = Vec::with_capacity(rules.len());
    let mut grouped = false;
    for compiled in rules.iter() {
        match scene.verdict(compiled)? {
            Some(verdict) => verdicts.push(verdict),
            None => return Ok(Evaluation::NeedsPast),
        }
        grouped |= compiled.rule.exclusive_group.is_some();
    }
    if grouped {
        silence_outranked(&mut verdicts);
    }
    Ok(Evaluation::Done(verdicts))
}

struct Scene<'s> {
    catalog: &'s Catalog,
    program: &'s Program,
    event: &'s Event,
    standing: Standing<'s>,
    boosts: &'s Boosts,
    /// What multiplies every rule alike.
    common: Ratio,
    has_limited: bool,
    items: Vec<KnownItem>,
}

impl Scene<'_> {
    /// What one rule makes of the event; `None` where the past must be read first.
    fn verdict<'a>(&self, compiled: &'a CompiledRule) -> Result<Option<Verdict<'a>>, Refusal> {
        let rule = &*compiled.rule;
        let silent = |reason, carried_out| {
            Ok(Some(Verdict::Silent {
                rule,
                reason,
                carried_out,
            }))
        };
        if let Some(reason) = self.obstacle(compiled) {
            return silent(reason, None);
        }
        let compiled = compiled.for_member(self.standing.account);
        let rule = &*compiled.rule;
        let silent = |reason, carried_out| {
            Ok(Some(Verdict::Silent {
                rule,
                reason,
                carried_out,
            }))
        };
        let (basis, mut base) = match self.base(compiled)? {
            Ok(found) => found,
            Err(reason) => return silent(reason, None),
        };
        if let Some(goal) = &compiled.goal {
            let account = self.standing.account;
            let progress = goal.progress(&rule.id, self.event, account, self.program);
            let times = progress.times();
            if times == 0 {
                return silent(progress.obstacle(), None);
            }
            base = base.times(Ratio::whole(times)).ok_or_else(too_large)?;
        }
        let mut boosted = base
            .times(compiled.multiplier)
            .and_then(|exact| exact.times(self.common))
            .ok_or_else(too_large)?;
        if self.has_limited {
            boosted = self.boosts.times_limited(&rule.id, boosted)?;
        }
        let carried_in = match self.standing.account {
            Some(account) if rule.carry => account.carried(&rule.id),
            _ => Ratio::ZERO,
        };
        let exact = if rule.carry {
            boosted.plus(carried_in).ok_or_else(too_large)?
        } else {
            boosted
        };
        // A fraction that an earlier rounding took in advance may leave less than nothing.
        let rounded = exact
            .round(self.program.rounding)
            .ok_or_else(too_large)?
            .max(0);
        if rounded > POINTS_MAX {
            return Err(too_large());
        }
        let mut fired = Fired {
            rule,
            points: rounded,
            rounded,
            basis,
            base,
            exact,
            carried_in,
            carried_out: None,
            used: None,
        };
        if rule.carry {
            let rest = exact.minus(Ratio::whole(rounded)).ok_or_else(too_large)?;
            fired.carried_out = Some(rest.storable());
        }
        // Spares reading the log for a cap that would have nothing to judge. A carried fraction
        // still depends on whether the cap lets the rule fire.
        if rounded == 0 && !rule.carry {
            return silent(Reason::RoundsToNothing, None);
        }
        if let Some(cap) = rule.cap {
            let unit = Unit::of(cap, rule.window);
            let Usage::Known { points, awards } = self.usage(rule, unit) else {
                return Ok(None);
            };
            if cap.awards.is_some_and(|limit| awards >= i64::from(limit)) {
                return silent(Reason::AwardsReached, None);
            }
            if let Some(limit) = cap.points {
                fired.points = rounded.min((limit - points).max(0));
            }
            fired.used = Some((points, awards));
        }
        if rounded == 0 {
            return silent(Reason::RoundsToNothing, fired.carried_out);
        }
        Ok(Some(Verdict::Fires(fired)))
    }

    fn obstacle(&self, compiled: &CompiledRule) -> Option<Reason> {
        let (rule, at) = (&*compiled.rule, self.event.occurred_at);
        if !rule.active {
            return Some(Reason::Inactive);
        }
        if rule.starts_at.is_some_and(|starts_at| at < starts_at) {
            return Some(Reason::NotStarted);
        }
        if rule.ends_at.is_some_and(|ends_at| at >= ends_at) {
            return Some(Reason::Ended);
        }
        let is_for = rule.recipient == self.standing.recipient;
        if !is_for && rule.recipient != Recipient::Member {
            return Some(Reason::OtherRecipient);
        }
        let condition = compiled.when.as_deref()?;
        let Standing { account, now, .. } = self.standing;
        Facts::of_event(self.catalog, self.event, account, now).obstacle(condition)
    }

    /// The figure that counts and the award before multipliers, or why there is none.
    fn base(
        &self,
        compiled: &CompiledRule,
    ) -> Result<Result<(Option<i64>, Ratio), Reason>, Refusal> {
        let rule = &*compiled.rule;
        let basis = match &compiled.items {
            Some(filter) => match self.matching_items(filter)? {
                Some(sum) => Some(sum),
                None => return Ok(Err(Reason::NoMatchingItem)),
            },
            None => self.figure(rule.basis_field.as_deref()),
        };
        let whole = rule.basis == Basis::WholeUnits;
        let share = |amount: i64, per: i64, factor: Ratio| {
            let units = if whole {
                Some(Ratio::whole(amount / per))
            } else {
                Ratio::new(i128::from(amount), i128::from(per))
            };
            units
                .and_then(|units| units.times(factor))
                .ok_or_else(too_large)
        };
        let base = match (&rule.award, basis) {
            (Award::Fixed { points }, _) => return Ok(Ok((None, Ratio::whole(*points)))),
            (_, None) => return Ok(Err(Reason::NoFigure)),
            (Award::PerAmount { per, points }, Some(amount)) => {
                share(amount, *per, Ratio::whole(*points))?
            }
            (Award::PerCurrency { .. }, Some(amount)) => {
                let rate = self
                    .event
                    .currency
                    .and_then(|currency| compiled.rate(currency));
                let Some((per, rate)) = rate else {
                    return Ok(Err(Reason::NoRate));
                };
                share(amount, per, rate)?
            }
        };
        Ok(Ok((basis, base)))
    }

    /// A figure of the event in minor units: its amount, or another field by name.
    fn figure(&self, field: Option<&str>) -> Option<i64> {
        match field {
            None | Some("amount") => self.event.amount,
            Some(field) => {
                let figure = self.event.data.get(field)?.as_i64()?;
                (0..=POINTS_MAX).contains(&figure).then_some(figure)
            }
        }
    }

    /// The sum of the line items that earn; `None` where none does.
    fn matching_items(&self, filter: &ItemFilter) -> Result<Option<i64>, Refusal> {
        let mut sum = None;
        for item in self.items.iter().filter(|item| filter.admits(**item)) {
            let before = sum.unwrap_or(0_i64);
            sum = Some(before.checked_add(item.amount).ok_or_else(too_large)?);
        }
        Ok(sum)
    }

    fn usage(&self, rule: &Rule, unit: Unit) -> Usage {
        let (at, zone) = (self.event.occurred_at, &self.program.timezone);
        let Some(account) = self.standing.account else {
            return Usage::Known {
                points: 0,
                awards: 0,
            };
        };
        let counter = account.counter(&rule.id, unit, self.program.timezone_name());
        match (
            counter.map_or(Usage::Unknown, |counter| counter.usage(at, zone)),
            self.standing.past,
        ) {
            (Usage::Unknown, Some(past)) => {
                Counter::from_past(&rule.id, unit, past, zone).usage(at, zone)
            }
            (usage, _) => usage,
        }
    }
}

/// Leaves one firing rule of each exclusive group: by `best` the one that gives most (where any
/// rule of the group says so), else the one of the highest priority; among equals the older.
fn silence_outranked(verdicts: &mut [Verdict<'_>]) {
    let mut winners: Vec<(&str, usize)> = Vec::new();
    let fired = |verdicts: &[Verdict<'_>], place: usize| match verdicts.get(place) {
        Some(Verdict::Fires(fired)) => Some((fired.points, fired.rule.priority)),
        _ => None,
    };
    let groups: Vec<(usize, &str, Exclusive)> = verdicts
        .iter()
        .enumerate()
        .filter_map(|(place, verdict)| match verdict {
            Verdict::Fires(fired) => Some((
                place,
                fired.rule.exclusive_group.as_deref()?,
                fired.rule.exclusive,
            )),
            Verdict::Silent { .. } => None,
        })
        .collect();
    for (place, group, _) in &groups {
        let best = groups
            .iter()
            .any(|(_, g, how)| g == group && *how == Exclusive::Best);
        let rank = |place: usize| {
            fired(verdicts, place).map(|(points, priority)| (best.then_some(points), priority))
        };
        match winners.iter_mut().find(|(g, _)| g == group) {
            Some((_, winner)) if rank(*place) > rank(*winner) => *winner = *place,
            Some(_) => {}
            None => winners.push((*group, *place)),
        }
    }
    let losers = groups.iter().map(|(place, ..)| *place);
    let losers: Vec<usize> = losers
        .filter(|place| !winners.iter().any(|(_, winner)| winner == place))
        .collect();
    for place in losers {
        if let Some(verdict) = verdicts.get_mut(place)
            && let Verdict::Fires(fired) = verdict
        {
            *verdict = Verdict::Silent {
                rule: fired.rule,
                reason: Reason::OutrankedInGroup,
                carried_out: None,
            };
        }
    }
}

pub(crate) fn too_large() -> Refusal {
    Refusal::new(
        Code::PointsOutOfRange,
        format!("An award would be larger than {POINTS_MAX} points; nothing was written."),
    )
}
