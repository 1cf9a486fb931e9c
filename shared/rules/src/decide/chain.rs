//! Chaining: rules that listen to what Laurel itself tells of a member, `loyalty.points.earned` and
//! `loyalty.tier.changed`, fire in the transaction that it is told by.
//!
//! It goes one level deep. What chained awards bring about in turn, be it a tier, is written and
//! announced like anything else, and no rule hears of it: so there is no loop, whatever rules there
//! are.

use std::mem;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Draft, Past, Progress,
    earn::{Earned, award, verdicts_on},
};
use crate::{
    Entry, Event, Refusal,
    boosts::Boosts,
    condition::Facts,
    entry::{Change, TransactionType},
    event::{POINTS_EARNED, TIER_CHANGED},
    id::{EventId, EventPlace},
    pool::Pools,
    record::{Awarded, EntryRef},
    rule::Recipient,
};

/// The most pieces of news of one entry that rules hear: each may append an entry of its own, and
/// a transaction of the table has at most a hundred writes.
const HEARD_MAX: usize = 20;

/// What chained awards may need beside the account that they go to.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    /// The account's whole log, where the decision asked for it.
    pub past: Option<Past>,
    /// What was read of pools of budgets.
    pub pools: Pools,
}

/// Something that rules may hear of.
#[derive(Debug, Clone)]
pub(super) struct News {
    trigger: &'static str,
    /// What names it for good: the transaction, or the event that announces the change.
    source_id: String,
    at: Timestamp,
    payment: Option<String>,
    /// The tier that multiplies what it gives: of an award the one that multiplied that. Of a change
    /// there is none, so that a bonus for a tier is the same from whichever tier one comes.
    tier: Option<String>,
    metadata: Map<String, Value>,
}

/// What chained rules gave.
#[derive(Debug, Default)]
pub(super) struct Chained {
    pub(super) entries: Vec<EntryRef>,
    pub(super) awards: Vec<Awarded>,
}

impl Draft<'_> {
    /// Notes what of an entry rules may listen to.
    pub(super) fn note(&mut self, entry: &Entry) {
        let (points, tiers) = (
            self.catalog.hears(POINTS_EARNED),
            self.catalog.hears(TIER_CHANGED),
        );
        if self.is_chaining || !(points || tiers) {
            return;
        }
        let changed = entry.changes.iter().zip(0..);
        let changed = changed.filter_map(|(change, place)| match change {
            Change::TierChanged(change) => Some((change, place)),
            _ => None,
        });
        let before = match changed.clone().next() {
            Some((change, _)) => change.from.clone(),
            None => {
                let held = self.account.tier.key_at(entry.occurred_at);
                held.map(str::to_owned)
            }
        };
        let news = |trigger, source_id, metadata: Value| News {
            trigger,
            source_id,
            at: entry.occurred_at,
            payment: entry.payment.clone(),
            tier: before.clone().filter(|_| trigger == POINTS_EARNED),
            metadata: match metadata {
                Value::Object(metadata) => metadata,
                _ => Map::new(),
            },
        };
        let changed = changed.filter(|_| tiers).map(|(change, place)| {
            let id = EventId {
                account: entry.account.clone(),
                seq: entry.seq,
                place: EventPlace::Change(place),
            };
            let told =
                json!({"from": change.from, "to": change.to, "reason": change.reason.as_str()});
            news(TIER_CHANGED, id.to_string(), told)
        });
        let made = entry.transactions.iter().enumerate();
        let earned = made
            .filter(|(_, made)| points && made.kind == TransactionType::Earn && made.amount > 0);
        let earned = earned.map(|(place, made)| {
            let id = entry.transaction_id(place).to_string();
            let told = json!({
                "transaction": id,
                "points": made.amount,
                "rule": made.rule.as_ref().map(|(rule, _)| rule),
                "trigger": entry.trigger,
                "pending": made.available_at.is_some_and(|from| from > self.now),
            });
            news(POINTS_EARNED, id, told)
        });
        let heard: Vec<News> = changed.chain(earned).take(HEARD_MAX).collect();
        self.news.extend(heard);
    }
}

/// Lets rules hear of what was written since they last did, and credits what they give, each in an
/// entry of its own.
///
/// # Errors
/// `points_out_of_range`.
pub(super) fn chain(draft: &mut Draft<'_>) -> Result<Progress<Chained>, Refusal> {
    let mut chained = Chained::default();
    for news in mem::take(&mut draft.news) {
        draft.is_chaining = true;
        let heard = hear(draft, &news);
        draft.is_chaining = false;
        let earned = match heard? {
            Progress::Done(earned) => earned,
            Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
        };
        let Some(entry) = earned.entry else { continue };
        chained.entries.push(entry);
        chained
            .awards
            .extend(earned.awards.into_iter().map(|award| Awarded {
                entry: Some(entry.seq),
                ..award
            }));
    }
    Ok(Progress::Done(chained))
}

fn hear(draft: &mut Draft<'_>, news: &News) -> Result<Progress<Earned>, Refusal> {
    let catalog = draft.catalog;
    let mut event = Event::own(news.trigger, &news.source_id, &catalog.program, news.at);
    let metadata = Value::Object(news.metadata.clone());
    event.data.insert("metadata".to_owned(), metadata);
    let tier = news.tier.as_deref().and_then(|key| catalog.tiers.get(key));
    let boosts = Boosts {
        tier: tier.map(|tier| (tier.key.clone(), tier.multiplier)),
        ..Boosts::default()
    };
    let facts = Facts::of_event(catalog, &event, Some(&draft.account), draft.now);
    let boosts = boosts.with_campaigns(&facts);
    let side = Recipient::Member;
    let verdicts = match verdicts_on(draft, &event, &boosts, side)? {
        Progress::Done(verdicts) => verdicts,
        Progress::Needs(needs) => return Ok(Progress::Needs(needs)),
    };
    let payment = news.payment.as_deref();
    award(draft, &event, &boosts, side, payment, verdicts)
}
