//! Earning: the rules that listen to an event are evaluated, and what fires is credited.

use super::{
    Cause, Draft, Needs, Progress,
    budget::{FromBudgets, newly_reached, take_from_budgets},
    chain::chain,
};
use crate::{
    Event, Refusal, Transaction,
    boosts::Boosts,
    calculation::Calculation,
    counter::{PastAward, Unit},
    entry::TransactionType,
    evaluate::{Evaluation, Standing, Verdict, evaluate},
    event::is_payment,
    experiment::standing::Counted,
    goal,
    purse::{Lot, LotId},
    record::{Awarded, EntryRef},
    rule::Recipient,
};

/// What an event gave by rules.
pub(super) struct Earned {
    /// The entry that was written, where anything fired.
    pub(super) entry: Option<EntryRef>,
    /// The entries of what rules gave that heard of it.
    pub(super) chained: Vec<EntryRef>,
    /// The awards of all of these, for refunds.
    pub(super) awards: Vec<Awarded>,
    /// The experiments that it counted for, for refunds.
    pub(super) counted: Vec<Counted>,
}

impl Earned {
    /// All entries, those of the event itself first.
    pub(super) fn entries(&self) -> impl Iterator<Item = EntryRef> {
        self.entry.into_iter().chain(self.chained.iter().copied())
    }
}

/// Evaluates the rules for `event` and credits what fires.
pub(super) fn earn(
    draft: &mut Draft<'_>,
    event: &Event,
    boosts: &Boosts,
) -> Result<Progress<Earned>, Refusal> {
    earn_as(draft, event, boosts, Recipient::Member)
}

/// The same for one side of a referral.
pub(super) fn earn_as(
    draft: &mut Draft<'_>,
    event: &Event,
    boosts: &Boosts,
    recipient: Recipient,
) -> Result<Progress<Earned>, Refusal> {
    // What came before is not the event's doing, and no refund of it takes that back.
    if let Progress::Needs(needs) = chain(draft)? {
        return Ok(Progress::Needs(needs));
    }
    let verdicts = match verdicts_on(draft, event, boosts, recipient)? {
        Progress::Done(verdicts) => verdicts,
        Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
    };
    let mut earned = match award(draft, event, boosts, recipient, None, verdicts)? {
        Progress::Done(earned) => earned,
        Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
    };
    Ok(chain(draft)?.map(|chained| {
        earned.chained = chained.entries;
        earned.awards.extend(chained.awards);
        earned
    }))
}

/// What each rule that listens to `event` makes of it.
pub(super) fn verdicts_on<'c>(
    draft: &Draft<'c>,
    event: &Event,
    boosts: &Boosts,
    recipient: Recipient,
) -> Result<Progress<Vec<Verdict<'c>>>, Refusal> {
    let past: Option<&[PastAward]> = draft.past.as_ref().map(|past| past.awards.as_slice());
    let standing = Standing {
        account: Some(&draft.account),
        past,
        recipient,
        now: draft.now,
    };
    Ok(match evaluate(draft.catalog, event, boosts, standing)? {
        Evaluation::Done(verdicts) => Progress::Done(verdicts),
        Evaluation::NeedsPast => Progress::Needs(Needs::past()),
    })
}

/// Credits what fires. Where the event itself is no payment, `payment` is the one that it follows
/// from.
pub(super) fn award(
    draft: &mut Draft<'_>,
    event: &Event,
    boosts: &Boosts,
    recipient: Recipient,
    payment: Option<&str>,
    mut verdicts: Vec<Verdict<'_>>,
) -> Result<Progress<Earned>, Refusal> {
    let catalog = draft.catalog;
    let (at, now, program) = (event.occurred_at, draft.now, draft.program);
    let seq = draft.next_seq();
    let mut transactions = Vec::new();
    let mut awards = Vec::new();
    let mut counted = Vec::new();
    for verdict in &mut verdicts {
        let mut noted = draft.account.experiments.note(verdict.rule(), event);
        if let Verdict::Silent { .. } = verdict {
            counted.extend(noted.take());
        }
        let progress = goal::Progress::of(verdict, event, &draft.account, program);
        let fired = match verdict {
            Verdict::Silent {
                rule, carried_out, ..
            } => {
                if let Some(fraction) = carried_out {
                    draft.account.set_carried(&rule.id, *fraction);
                }
                if let Some(progress) = progress {
                    let goals = &mut draft.account.goals;
                    goals.follow(rule, progress, false, catalog);
                }
                continue;
            }
            Verdict::Fires(fired) => fired,
        };
        let added = fired.added(boosts, program)?;
        let FromBudgets { drawn, traces } =
            match take_from_budgets(draft, catalog, at, fired, &added) {
                Ok(given) => given,
                Err(unknown) => return Ok(Progress::Needs(unknown.into())),
            };
        let rule = fired.rule;
        let place = u32::try_from(transactions.len()).unwrap_or(u32::MAX);
        let (available_at, expires_at) = fired.validity(at, program);
        let lot = Lot {
            id: LotId::own(seq, place),
            remaining: fired.points,
            available_at: available_at.filter(|from| *from > now),
            expires_at,
        };
        draft.account.credit(lot, true, now)?;
        match rule.cap {
            Some(cap) => {
                let past = draft.past.as_ref().map(|past| past.awards.as_slice());
                let unit = Unit::of(cap, rule.window);
                draft
                    .account
                    .count(&rule.id, unit, at, fired.points, past, program);
            }
            None => draft.account.forget_counter(&rule.id),
        }
        if let Some(fraction) = fired.carried_out {
            draft.account.set_carried(&rule.id, fraction);
        }
        if let Some(progress) = progress {
            let goals = &mut draft.account.goals;
            goals.follow(rule, progress, true, catalog);
        }
        if let Some(mut noted) = noted {
            let experiments = &mut draft.account.experiments;
            experiments.award(&noted.experiment, fired.points);
            noted.award = Some(place);
            counted.push(noted);
        }
        awards.push(Awarded {
            entry: None,
            place,
            rule: rule.id.clone(),
            rule_version: rule.version,
            points: fired.points,
            reversed: 0,
            expires_at,
            milestones: progress.map_or_else(Vec::new, |progress| progress.milestones(rule)),
            drawn,
        });
        let reason = rule.name.clone().unwrap_or_else(|| event.trigger.clone());
        transactions.push(Transaction {
            rule: Some((rule.id.clone(), rule.version)),
            available_at,
            expires_at,
            balance_after: draft.balance(),
            lifetime: true,
            referral: (recipient != Recipient::Member).then(|| event.source_id.clone()),
            uncapped_points: fired.is_capped().then_some(fired.rounded),
            calculation: Some(Calculation {
                milestone: progress.and_then(|progress| progress.milestone_trace(rule)),
                streak: progress.and_then(|progress| progress.streak_trace(rule)),
                ..fired.calculation(event, boosts, program, traces)
            }),
            ..Transaction::new(TransactionType::Earn, fired.points, reason)
        });
    }
    let count = u32::try_from(transactions.len()).unwrap_or(u32::MAX);
    if count > 0 {
        draft.account.latest_event_at = draft.account.latest_event_at.max(at);
        draft.account.active_at = draft.account.active_at.max(at);
        let own = is_payment(&event.trigger).then_some(event.source_id.as_str());
        let payment = own.or(payment);
        let cause = Cause {
            trigger: &event.trigger,
            source_id: &event.source_id,
            payment,
            occurred_at: at,
        };
        let earned = awards.iter().map(|award| award.points).sum();
        draft.account.qualify(program, earned, at, now);
        let mut changes = newly_reached(draft);
        changes.extend(draft.promote(at));
        draft.append(&cause, changes, transactions);
        // A late event can bring points that have expired already.
        draft.write_off_expired();
    }
    if catalog.counts(&event.trigger) {
        let (amount, zone) = (event.amount.unwrap_or(0), &program.timezone);
        let stats = &mut draft.account.stats;
        stats.count(&event.trigger, amount, at, zone);
    }
    Ok(Progress::Done(Earned {
        entry: (count > 0).then_some(EntryRef { seq, count }),
        chained: Vec::new(),
        awards,
        counted,
    }))
}
