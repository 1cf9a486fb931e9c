//! What an event means for the referral of the member whom it is about.

use super::{Course, attribute::Coming, convert::Deed};
use crate::{
    Event, Refusal, Transaction,
    decide::{Draft, Progress},
    entry::TransactionType,
    record::EntryRef,
};

/// What an event meant for a referral.
#[derive(Default)]
pub(in crate::decide) struct Followed {
    pub(in crate::decide) is_attributed: bool,
    pub(in crate::decide) is_converted: bool,
    /// The referral that the event itself converted.
    pub(in crate::decide) converted: Option<String>,
}

/// Lets the member come by the code that the event names, and the event convert the referral.
/// What that writes into the member's log joins `entries`.
pub(in crate::decide) fn refer<'a>(
    course: &mut Course<'a>,
    draft: &mut Draft<'a>,
    event: &Event,
    entries: &mut Vec<EntryRef>,
) -> Result<Progress<Followed>, Refusal> {
    let written = draft.entries.len();
    let coming = Coming {
        customer: event.member.customer.as_deref(),
        email: event.member.email.as_deref(),
        at: event.occurred_at,
    };
    let is_attributed = course.attribute(draft, &coming);
    let is_earlier_converted = if is_attributed {
        match course.follow_earlier(draft)? {
            Progress::Done(is_converted) => is_converted,
            Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
        }
    } else {
        false
    };
    let deed = Deed {
        trigger: &event.trigger,
        source_id: &event.source_id,
        at: event.occurred_at,
        amount: event.amount,
    };
    let is_converted = match course.follow(draft, &deed)? {
        Progress::Done(is_converted) => is_converted,
        Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
    };
    let made = draft.entries.iter().skip(written);
    // As of other awards, what has expired by now is not told.
    let is_told = |it: &Transaction| it.kind != TransactionType::Expire;
    let made = made.filter(|entry| entry.transactions.iter().any(is_told));
    entries.extend(made.map(|entry| EntryRef {
        seq: entry.seq,
        count: u32::try_from(entry.transactions.len()).unwrap_or(u32::MAX),
    }));
    Ok(Progress::Done(Followed {
        is_attributed,
        is_converted: is_converted || is_earlier_converted,
        converted: course.id().filter(|_| is_converted),
    }))
}
