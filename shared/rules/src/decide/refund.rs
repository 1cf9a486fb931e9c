//! Refunds: each award of a payment gives back its share, by what was recorded then.

use laurel_planted::{Bug, is};

use super::{
    Cause, Commit, Draft, EventSnapshot, Needs, Plan, Progress, RecordWrite,
    event::{finish, key_of},
    payment::Named,
    referral::Course,
};
use crate::{
    Code, Event, EventOutcome, EventRecord, Outcome, Refusal, Transaction,
    entry::TransactionType,
    event::{INVOICE_PAID, PAYMENT_COMPLETED},
    id::TransactionId,
    purse::LotId,
    record::{EARLY_REFUNDS_MAX, EarlyRefund, EntryRef, EventKey, Handled, Refunds},
    refund::{refunded_total, reversed_points},
};

/// Decides what a refund does.
pub(super) fn handle_refund(
    snapshot: &EventSnapshot,
    event: &Event,
    payment: &str,
    amount: Option<i64>,
) -> Result<Plan<EventOutcome>, Refusal> {
    let refund = EarlyRefund {
        trigger: event.trigger.clone(),
        source_id: event.source_id.clone(),
        amount,
        occurred_at: event.occurred_at,
    };
    let known = snapshot
        .payment
        .as_ref()
        .and_then(|record| Some((record, record.handled.clone()?)));
    let Some((record, mut handled)) = known else {
        return remember(snapshot, event, payment, refund);
    };
    let Some(account) = &snapshot.account else {
        let message = format!("The account of the payment `{payment}` cannot be found.");
        return Err(Refusal::new(Code::Internal, message));
    };
    let mut draft = Draft::begin(
        account.clone(),
        &snapshot.catalog,
        snapshot.now,
        snapshot.past.clone(),
    );
    let mut refunds = record.refunds.clone();
    let mut entries = Vec::new();
    // First, so that what comes back is there to be taken.
    let mut named = snapshot.redemption.as_ref().map(Named::of);
    if let Some(named) = &mut named {
        entries.extend(named.refund(&mut draft, &handled, &refunds, &refund)?);
    }
    match reverse(&mut draft, &mut handled, &mut refunds, &refund, payment)? {
        Progress::Needs(needs) => return Ok(Plan::Needs(needs)),
        Progress::Done(entry) => entries.extend(entry),
    }
    let stats = &mut draft.account.stats;
    stats.refund(&record.key.trigger, refunds.total - record.refunds.total);
    let mut commit = Commit::default();
    if let Some(scene) = &snapshot.referral {
        let mut course = Course::begin(&snapshot.catalog, scene, &draft.account, snapshot.now);
        let seq = draft.next_seq();
        let cause = refund_cause(&refund, payment);
        match course.take_back(&mut draft, &handled, refunds.total, &cause)? {
            Progress::Needs(needs) => return Ok(Plan::Needs(needs)),
            Progress::Done(()) => course.finish(&mut commit),
        }
        entries.extend(draft.entry_from(seq));
    }
    let outcome = if entries.is_empty() {
        Outcome::Processed
    } else {
        Outcome::Reversed
    };
    commit.redemptions.extend(named.and_then(Named::write));
    let own = own_record(event, outcome, Some(account.id.clone()), entries);
    let answer = answer_of(&own);
    commit.records.push(RecordWrite {
        expected: None,
        record: own,
    });
    commit.records.push(RecordWrite {
        expected: Some(record.version),
        record: EventRecord {
            version: record.version + 1,
            handled: Some(handled),
            refunds,
            ..record.clone()
        },
    });
    finish(Some(account), account.version, draft, &mut commit);
    Ok(Plan::Commit(Box::new(commit), answer))
}

/// Keeps a refund until its payment comes.
fn remember(
    snapshot: &EventSnapshot,
    event: &Event,
    payment: &str,
    refund: EarlyRefund,
) -> Result<Plan<EventOutcome>, Refusal> {
    let stub = snapshot.payment.as_ref();
    let mut refunds = stub.map(|stub| stub.refunds.clone()).unwrap_or_default();
    if refunds.early.len() >= EARLY_REFUNDS_MAX {
        let message =
            format!("{EARLY_REFUNDS_MAX} refunds wait for the payment `{payment}` already.");
        return Err(Refusal::new(Code::ParameterInvalid, message).at("payment"));
    }
    refunds.early.push(refund);
    let own = own_record(event, Outcome::Remembered, None, Vec::new());
    let answer = answer_of(&own);
    // It waits under the record of a payment. That of an invoice is written with it, always: an
    // invoice that is being handled meanwhile finds its own record changed, and looks again.
    let expected = stub.map(|stub| stub.version);
    let waits_under = |trigger: &str, refunds: Refunds| RecordWrite {
        expected,
        record: EventRecord {
            key: EventKey {
                program: event.program.clone(),
                trigger: trigger.to_owned(),
                source_id: payment.to_owned(),
            },
            version: expected.unwrap_or(0) + 1,
            handled: None,
            refunds,
        },
    };
    let commit = Commit {
        records: vec![
            RecordWrite {
                expected: None,
                record: own,
            },
            waits_under(PAYMENT_COMPLETED, refunds),
            waits_under(INVOICE_PAID, Refunds::default()),
        ],
        ..Commit::default()
    };
    Ok(Plan::Commit(Box::new(commit), answer))
}

fn own_record(
    event: &Event,
    outcome: Outcome,
    account: Option<String>,
    entries: Vec<EntryRef>,
) -> EventRecord {
    EventRecord {
        key: key_of(event),
        version: 1,
        handled: Some(Handled {
            content: event.content.clone(),
            outcome,
            account,
            entries,
            occurred_at: event.occurred_at,
            amount: 0,
            awards: Vec::new(),
            redemption: None,
            referral: None,
        }),
        refunds: Refunds::default(),
    }
}

fn answer_of(record: &EventRecord) -> EventOutcome {
    record.handled.as_ref().map_or_else(
        || EventOutcome::without_effect(Outcome::Processed, None),
        |handled| EventOutcome {
            duplicate: false,
            ..handled.replay()
        },
    )
}

/// Takes back what `refund` demands of the payment's awards, in one entry, if anything.
pub(super) fn reverse(
    draft: &mut Draft<'_>,
    handled: &mut Handled,
    refunds: &mut Refunds,
    refund: &EarlyRefund,
    payment: &str,
) -> Result<Progress<Option<EntryRef>>, Refusal> {
    let (program, now) = (draft.program, draft.now);
    let before = refunds.total;
    refunds.total = refunded_total(before, refund.amount, handled.amount);
    let experiments = &mut draft.account.experiments;
    experiments.refund(&refunds.counted, refunds.total - before);
    let Some(earned_in) = handled.entries.first().copied() else {
        return Ok(Progress::Done(None));
    };
    let seq = draft.next_seq();
    let mut transactions = Vec::new();
    // The account that earned may have been merged into this one since.
    let earner = handled
        .account
        .as_ref()
        .unwrap_or(&draft.account.id)
        .clone();
    for award in &mut handled.awards {
        let earning = TransactionId {
            account: earner.clone(),
            seq: award.entry.unwrap_or(earned_in.seq),
            place: award.place,
        };
        let Some(lot_id) = draft.account.lot_of(&earning) else {
            let message = format!("The account that earned `{earning}` cannot be found.");
            return Err(Refusal::new(Code::Internal, message));
        };
        let target = reversed_points(award.points, refunds.total, handled.amount);
        let wanted = match is(Bug::PartsRounded) {
            true => reversed_points(award.points, refunds.total - before, handled.amount),
            false => target - award.reversed,
        };
        if wanted <= 0 {
            continue;
        }
        let lot = draft.account.points.lot(lot_id).copied();
        let left = award.points - award.reversed;
        let expired = match draft.expired_of(&earning, lot_id, left) {
            Progress::Done(expired) => expired,
            Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
        };
        let points = wanted.min(left - expired);
        if points <= 0 {
            continue;
        }
        let taken =
            draft
                .account
                .points
                .claw_back(lot_id, points, program.negative_balance, now)?;
        if !is(Bug::CapsNotReturned) {
            draft
                .account
                .uncount(&award.rule, handled.occurred_at, points);
        }
        draft
            .account
            .disqualify(program, points, handled.occurred_at);
        if award.entry.is_none() {
            let experiments = &mut draft.account.experiments;
            experiments.reverse(&refunds.counted, award.place, points);
        }
        let reversed = award.reversed + points;
        for drawn in &award.drawn {
            let returned = drawn.returned(award.points, award.reversed, reversed);
            draft.taking.give_back(&drawn.pool, returned);
        }
        award.reversed = reversed;
        if reversed == award.points {
            let open = std::mem::take(&mut award.milestones);
            draft.account.goals.reopen(&award.rule, &open);
        }
        transactions.push(Transaction {
            rule: Some((award.rule.clone(), award.rule_version)),
            available_at: lot.and_then(|lot| lot.available_at).filter(|at| *at > now),
            of: Some(earning),
            earned_at: Some(handled.occurred_at),
            balance_after: draft.balance(),
            written_off: (taken.written_off > 0).then_some(taken.written_off),
            ..Transaction::new(
                TransactionType::Reverse,
                -taken.amount,
                refund.trigger.as_str(),
            )
        });
    }
    if transactions.is_empty() {
        return Ok(Progress::Done(None));
    }
    let count = u32::try_from(transactions.len()).unwrap_or(u32::MAX);
    draft.append(&refund_cause(refund, payment), Vec::new(), transactions);
    Ok(Progress::Done(Some(EntryRef { seq, count })))
}

/// What an entry says of a refund.
pub(super) fn refund_cause<'a>(refund: &'a EarlyRefund, payment: &'a str) -> Cause<'a> {
    Cause {
        trigger: &refund.trigger,
        source_id: &refund.source_id,
        payment: Some(payment),
        occurred_at: refund.occurred_at,
    }
}

impl Draft<'_> {
    /// The entry with this number, where this decision has written it.
    pub(super) fn entry_from(&self, seq: u64) -> Option<EntryRef> {
        let written = self.entries.iter().find(|entry| entry.seq == seq)?;
        let count = u32::try_from(written.transactions.len()).unwrap_or(u32::MAX);
        Some(EntryRef { seq, count })
    }

    /// How many points of an earning have expired, of which `left` were not reversed.
    pub(super) fn expired_of(
        &self,
        earning: &TransactionId,
        lot: LotId,
        left: i64,
    ) -> Progress<i64> {
        match (&self.past, self.account.points.lot(lot)) {
            // Redemptions can have given back to a lot of which the rest has expired.
            (_, Some(lot)) if lot.remaining >= left => Progress::Done(0),
            (Some(past), _) => Progress::Done(past.expired_of(earning)),
            // Spent, or expired under whatever policy was in force then: the log tells.
            (None, _) => Progress::Needs(Needs::past()),
        }
    }
}
