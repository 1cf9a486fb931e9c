//! Records of events.

use aws_sdk_dynamodb::types::AttributeValue;
use laurel_rules::{
    EventRecord, Outcome,
    budget::BudgetWindow,
    pool::PoolId,
    record::{Awarded, Drawn, EarlyRefund, EntryRef, EventKey, Handled, Refunds},
};

use super::{
    Item, Reader, Writer,
    experiment::{counted, counted_values},
    moment, number,
};
use crate::{Error, table::Key};

/// The item that stores `record`.
#[must_use]
pub fn record_item(record: &EventRecord) -> Item {
    let early = record.refunds.early.iter().map(|refund| {
        AttributeValue::L(vec![
            AttributeValue::S(refund.trigger.clone()),
            AttributeValue::S(refund.source_id.clone()),
            number(refund.amount.unwrap_or(ALL)),
            number(refund.occurred_at.as_millisecond()),
        ])
    });
    let writer = Writer::keyed(Key::record(&record.key))
        .number("v", record.version)
        .count("rf", record.refunds.total)
        .list("er", early.collect())
        .list("xc", counted_values(&record.refunds.counted));
    let Some(handled) = &record.handled else {
        return writer.done();
    };
    let awards = handled.awards.iter().map(|award| {
        AttributeValue::L(
            [
                number(award.place),
                AttributeValue::S(award.rule.clone()),
                number(award.rule_version),
                number(award.points),
                number(award.reversed),
                moment(award.expires_at),
            ]
            .into_iter()
            .chain(milestones_value(&award.milestones))
            .chain(award.entry.map(number))
            .chain(award.drawn.iter().flat_map(drawn_values))
            .collect(),
        )
    });
    let entries = handled
        .entries
        .iter()
        .flat_map(|e| [number(e.seq), number(e.count)]);
    writer
        .text("h", &handled.content)
        .text("o", handled.outcome.as_str())
        .maybe_text("a", handled.account.as_ref())
        .time("oc", handled.occurred_at)
        .count("am", handled.amount)
        .list("en", entries.collect())
        .list("aw", awards.collect())
        .maybe_text("rd", handled.redemption.as_ref())
        .maybe_text("rl", handled.referral.as_ref())
        .done()
}

/// How a refund of the whole payment is stored where it waits for it.
const ALL: i64 = -1;

/// The record that `item` stores.
///
/// # Errors
/// `Corrupt` where the item is not as [`record_item`] writes them.
pub fn record(item: &Item) -> Result<EventRecord, Error> {
    let reader = Reader::new(item);
    let mut key = reader.after("pk", "E#")?.splitn(3, '#');
    let (Some(program), Some(trigger), Some(source_id)) = (key.next(), key.next(), key.next())
    else {
        return Err(reader.corrupt("the key lacks a part"));
    };
    let handled = match reader.maybe_text("h") {
        Some(content) => Some(handled(&reader, content)?),
        None => None,
    };
    let early = reader.list("er").iter().map(|value| {
        let [trigger, source_id, amount, occurred_at] = reader.sublist("er", value)? else {
            return Err(reader.corrupt("a waiting refund is cut off"));
        };
        let amount = reader.parse("er", amount)?;
        Ok(EarlyRefund {
            trigger: reader.word("er", Some(trigger))?.to_owned(),
            source_id: reader.word("er", Some(source_id))?.to_owned(),
            amount: (amount != ALL).then_some(amount),
            occurred_at: reader.instant("er", occurred_at)?,
        })
    });
    Ok(EventRecord {
        key: EventKey {
            program: program.to_owned(),
            trigger: trigger.to_owned(),
            source_id: source_id.to_owned(),
        },
        version: reader.number("v")?,
        handled,
        refunds: Refunds {
            total: reader.count("rf")?,
            early: early.collect::<Result<_, Error>>()?,
            counted: counted(&reader, "xc")?,
        },
    })
}

fn handled(reader: &Reader<'_>, content: &str) -> Result<Handled, Error> {
    let outcome = Outcome::parse(reader.text("o")?);
    let entries = reader.list("en").chunks(2).map(|chunk| match chunk {
        [seq, count] => Ok(EntryRef {
            seq: reader.parse("en", seq)?,
            count: reader.parse("en", count)?,
        }),
        _ => Err(reader.corrupt("a reference to an entry is cut off")),
    });
    let awards = reader.list("aw").iter().map(|value| {
        let [
            place,
            rule,
            rule_version,
            points,
            reversed,
            expires_at,
            rest @ ..,
        ] = reader.sublist("aw", value)?
        else {
            return Err(reader.corrupt("an award is cut off"));
        };
        let (milestones, rest) = match rest {
            [AttributeValue::L(thresholds), rest @ ..] => (thresholds.as_slice(), rest),
            rest => (&[][..], rest),
        };
        // The entry stands before what was drawn, by threes, where it is not the first.
        let (entry, drawn) = match rest.split_first() {
            Some((entry, drawn)) if rest.len() % 3 == 1 => (Some(entry), drawn),
            _ => (None, rest),
        };
        Ok(Awarded {
            entry: entry.map(|entry| reader.parse("aw", entry)).transpose()?,
            place: reader.parse("aw", place)?,
            rule: reader.word("aw", Some(rule))?.to_owned(),
            rule_version: reader.parse("aw", rule_version)?,
            points: reader.parse("aw", points)?,
            reversed: reader.parse("aw", reversed)?,
            expires_at: reader.moment("aw", expires_at)?,
            milestones: milestones
                .iter()
                .map(|threshold| reader.parse("aw", threshold))
                .collect::<Result<_, _>>()?,
            drawn: drawn
                .chunks(3)
                .map(|values| drawn_of(reader, values))
                .collect::<Result<_, Error>>()?,
        })
    });
    Ok(Handled {
        content: content.to_owned(),
        outcome: outcome.ok_or_else(|| reader.corrupt("unknown outcome"))?,
        account: reader.owned("a"),
        entries: entries.collect::<Result<_, Error>>()?,
        occurred_at: reader.time("oc")?,
        amount: reader.count("am")?,
        awards: awards.collect::<Result<_, Error>>()?,
        redemption: reader.owned("rd"),
        referral: reader.owned("rl"),
    })
}

/// The thresholds that an award paid for, as a list in its list, where there are any.
fn milestones_value(thresholds: &[i64]) -> Option<AttributeValue> {
    let list = || AttributeValue::L(thresholds.iter().copied().map(number).collect());
    (!thresholds.is_empty()).then(list)
}

/// Window, campaign (empty for the program's own budget), points.
fn drawn_values(drawn: &Drawn) -> [AttributeValue; 3] {
    let campaign = drawn.pool.campaign.as_deref().unwrap_or_default();
    [
        AttributeValue::S(drawn.pool.window.to_string()),
        AttributeValue::S(campaign.to_owned()),
        number(drawn.points),
    ]
}

fn drawn_of(reader: &Reader<'_>, values: &[AttributeValue]) -> Result<Drawn, Error> {
    let [window, campaign, points] = values else {
        return Err(reader.corrupt("what an award took from a budget is cut off"));
    };
    let window = BudgetWindow::parse(reader.word("aw", Some(window))?)
        .ok_or_else(|| reader.corrupt("a budget's window does not read"))?;
    let campaign = reader.word("aw", Some(campaign))?;
    let mut key = reader.after("pk", "E#")?.splitn(2, '#');
    Ok(Drawn {
        pool: PoolId {
            program: key.next().unwrap_or_default().to_owned(),
            campaign: (!campaign.is_empty()).then(|| campaign.to_owned()),
            window,
        },
        points: reader.parse("aw", points)?,
    })
}
