//! Account items.

use aws_sdk_dynamodb::types::AttributeValue;
use laurel_rules::{
    Account,
    absorb::Absorbed,
    account::{Carry, Status},
    counter::{Counter, Mark, Unit},
    exact::Ratio,
    purse::{Lot, Purse},
    referral::ReferralStanding,
};

use super::{
    Item, Reader, Writer,
    credit::{credit, credit_value},
    experiment::{experiments, standing_values},
    goals::{goal_values, goals},
    hold::{hold, hold_value},
    lot_id, lot_number, moment, number,
    stats::{stat_values, stats},
    tier,
};
use crate::{
    Error,
    table::{Key, listed_account},
};

/// The item that stores `account`.
#[must_use]
pub fn account_item(account: &Account) -> Item {
    let carries = account.carries.iter().map(|carry| {
        let (num, den) = carry.fraction.parts();
        AttributeValue::S(format!("{num}/{den} {}", carry.rule))
    });
    let absorbed = account.absorbed.iter().flat_map(|absorbed| {
        [
            AttributeValue::S(absorbed.account.clone()),
            number(absorbed.seq),
            number(absorbed.logged_at.as_millisecond()),
        ]
    });
    let writer = Writer::keyed(Key::account(&account.id));
    let writer = tier::write(writer, &account.tier)
        .text("p", &account.program)
        .maybe_text("c", account.customer.as_ref())
        .maybe_text("e", account.email.as_ref())
        .text("st", account.status.as_str())
        .maybe_text("mi", account.merged_into.as_ref())
        .texts("md", &account.metadata)
        .time("cr", account.created)
        .number("v", account.version)
        .number("q", account.seq)
        .seal(account.seal)
        .time("la", account.logged_at)
        .list("ab", absorbed.collect())
        .count("lf", account.lifetime_points)
        .maybe("sc", credit_value(&account.store_credit))
        .maybe_text("rf", referrals(account).as_ref())
        .list("cn", account.counters.iter().map(counter_value).collect())
        .text("cz", &account.counter_zone)
        .list("ca", carries.collect())
        .list("ss", stat_values(&account.stats))
        .list("gl", goal_values(&account.goals))
        .list("xp", standing_values(&account.experiments))
        .time("le", account.latest_event_at)
        .time("ac", account.active_at)
        .due(account.due_at, &account.id)
        .text("gk", format!("A#{}", account.program))
        .text("gs", listed_account(account.created, &account.id));
    purse_item(writer, &account.points).done()
}

fn referrals(account: &Account) -> Option<String> {
    let known = Some(&account.referrals).filter(|known| !known.is_empty())?;
    // It has no map whose keys could fail to be text.
    serde_json::to_string(known).ok()
}

/// Adds what is in a purse.
pub(super) fn purse_item(writer: Writer, purse: &Purse) -> Writer {
    writer
        .count("df", purse.deficit)
        .list("lo", lot_values(purse))
        .list("hd", purse.holds.iter().map(hold_value).collect())
}

/// Reads what [`purse_item`] wrote.
pub(super) fn purse(reader: &Reader<'_>) -> Result<Purse, Error> {
    Ok(Purse {
        deficit: reader.count("df")?,
        lots: reader
            .list("lo")
            .chunks(4)
            .map(|chunk| lot(reader, chunk))
            .collect::<Result<_, _>>()?,
        holds: reader
            .list("hd")
            .iter()
            .map(|value| hold(reader, "hd", value))
            .collect::<Result<_, _>>()?,
    })
}

fn lot_values(purse: &Purse) -> Vec<AttributeValue> {
    let mut values = Vec::with_capacity(purse.lots.len() * 4);
    for lot in &purse.lots {
        values.push(number(lot_number(lot.id)));
        values.push(number(lot.remaining));
        values.push(moment(lot.available_at));
        values.push(moment(lot.expires_at));
    }
    values
}

fn counter_value(counter: &Counter) -> AttributeValue {
    let mut parts = vec![
        AttributeValue::S(counter.rule.clone()),
        AttributeValue::S(counter.unit.as_str().to_owned()),
        moment(counter.since),
    ];
    for mark in &counter.marks {
        parts.push(number(mark.at.as_millisecond()));
        parts.push(number(mark.points));
        parts.push(number(mark.awards));
    }
    AttributeValue::L(parts)
}

/// The account that `item` stores.
///
/// # Errors
/// `Corrupt` where the item is not as [`account_item`] writes them.
pub fn account(item: &Item) -> Result<Account, Error> {
    let reader = Reader::new(item);
    let status = reader.text("st")?;
    Ok(Account {
        id: reader.after("pk", "A#")?.to_owned(),
        program: reader.text("p")?.to_owned(),
        customer: reader.owned("c"),
        email: reader.owned("e"),
        status: Status::parse(status).ok_or_else(|| reader.corrupt("unknown status"))?,
        merged_into: reader.owned("mi"),
        metadata: reader.texts("md"),
        created: reader.time("cr")?,
        tier: tier::read(&reader)?,
        version: reader.number("v")?,
        seq: reader.number("q")?,
        seal: reader.seal()?.unwrap_or_default(),
        logged_at: reader.time("la")?,
        absorbed: reader
            .list("ab")
            .chunks(3)
            .map(|chunk| absorbed(&reader, chunk))
            .collect::<Result<_, _>>()?,
        lifetime_points: reader.count("lf")?,
        points: purse(&reader)?,
        store_credit: credit(&reader, "sc")?,
        referrals: match reader.maybe_text("rf") {
            Some(text) => serde_json::from_str(text).map_err(|problem| {
                reader.corrupt(format!(
                    "what it knows of referrals does not read: {problem}"
                ))
            })?,
            None => ReferralStanding::default(),
        },
        counters: reader
            .list("cn")
            .iter()
            .map(|value| counter(&reader, reader.sublist("cn", value)?))
            .collect::<Result<_, _>>()?,
        counter_zone: reader.text("cz")?.to_owned(),
        carries: reader
            .list("ca")
            .iter()
            .map(|value| carry(&reader, reader.word("ca", Some(value))?))
            .collect::<Result<_, _>>()?,
        stats: stats(&reader, "ss")?,
        goals: goals(&reader, "gl")?,
        experiments: experiments(&reader, "xp")?,
        latest_event_at: reader.time("le")?,
        active_at: reader.time("ac")?,
        due_at: reader.due()?,
    })
}

fn absorbed(reader: &Reader<'_>, parts: &[AttributeValue]) -> Result<Absorbed, Error> {
    let [account, seq, logged_at] = parts else {
        return Err(reader.corrupt("an absorbed account is cut off"));
    };
    Ok(Absorbed {
        account: reader.word("ab", Some(account))?.to_owned(),
        seq: reader.parse("ab", seq)?,
        logged_at: reader.instant("ab", logged_at)?,
    })
}

fn lot(reader: &Reader<'_>, parts: &[AttributeValue]) -> Result<Lot, Error> {
    let [id, remaining, available_at, expires_at] = parts else {
        return Err(reader.corrupt("a lot is cut off"));
    };
    Ok(Lot {
        id: lot_id(reader.parse("lo", id)?),
        remaining: reader.parse("lo", remaining)?,
        available_at: reader.moment("lo", available_at)?,
        expires_at: reader.moment("lo", expires_at)?,
    })
}

fn counter(reader: &Reader<'_>, parts: &[AttributeValue]) -> Result<Counter, Error> {
    let [rule, unit, since, marks @ ..] = parts else {
        return Err(reader.corrupt("a counter is cut off"));
    };
    let (AttributeValue::S(rule), AttributeValue::S(unit)) = (rule, unit) else {
        return Err(reader.corrupt("a counter lacks its rule or unit"));
    };
    let marks = marks.chunks(3).map(|chunk| {
        let [at, points, awards] = chunk else {
            return Err(reader.corrupt("a counter's mark is cut off"));
        };
        Ok(Mark {
            at: reader.instant("cn", at)?,
            points: reader.parse("cn", points)?,
            awards: reader.parse("cn", awards)?,
        })
    });
    Ok(Counter {
        rule: rule.clone(),
        unit: Unit::parse(unit).ok_or_else(|| reader.corrupt("unknown counter unit"))?,
        since: reader.moment("cn", since)?,
        marks: marks.collect::<Result<_, Error>>()?,
    })
}

fn carry(reader: &Reader<'_>, text: &str) -> Result<Carry, Error> {
    let parsed = text.split_once(' ').and_then(|(fraction, rule)| {
        let (num, den) = fraction.split_once('/')?;
        let fraction = Ratio::new(num.parse().ok()?, den.parse().ok()?)?;
        Some(Carry {
            rule: rule.to_owned(),
            fraction,
        })
    });
    parsed.ok_or_else(|| reader.corrupt("a carried fraction is not readable"))
}
