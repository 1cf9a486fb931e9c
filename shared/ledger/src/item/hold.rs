//! Holds on an account's points, each as a list: redemption, made, ends, reward, what it took of
//! that, then three numbers for each part.

use aws_sdk_dynamodb::types::AttributeValue;
use laurel_rules::{
    hold::{HeldReward, Hold},
    purse::Part,
};

use super::{Reader, lot_id, lot_number, moment, number};
use crate::Error;

/// The value that stores `hold`.
pub(super) fn hold_value(hold: &Hold) -> AttributeValue {
    let reward = hold.reward.as_ref();
    let flags = reward.map_or(0, |reward| {
        u8::from(reward.stock) + 2 * u8::from(reward.code)
    });
    let id = reward.map_or("", |reward| &reward.id);
    let mut values = vec![
        AttributeValue::S(hold.redemption.clone()),
        number(hold.created.as_millisecond()),
        number(hold.until.as_millisecond()),
        AttributeValue::S(id.to_owned()),
        number(flags),
    ];
    for part in &hold.parts {
        values.push(number(lot_number(part.lot)));
        values.push(number(part.amount));
        values.push(moment(part.expires_at));
    }
    AttributeValue::L(values)
}

/// The hold that a value stores.
pub(super) fn hold(reader: &Reader<'_>, name: &str, value: &AttributeValue) -> Result<Hold, Error> {
    let AttributeValue::L(values) = value else {
        return Err(reader.corrupt("a hold is no list"));
    };
    let [redemption, created, until, reward, flags, parts @ ..] = values.as_slice() else {
        return Err(reader.corrupt("a hold is cut off"));
    };
    let id = reader.word(name, Some(reward))?;
    let flags: u8 = reader.parse(name, flags)?;
    let parts = parts.chunks(3).map(|part| {
        let [lot, amount, expires_at] = part else {
            return Err(reader.corrupt("a part of a hold is cut off"));
        };
        Ok(Part {
            lot: lot_id(reader.parse(name, lot)?),
            amount: reader.parse(name, amount)?,
            expires_at: reader.moment(name, expires_at)?,
        })
    });
    Ok(Hold {
        redemption: reader.word(name, Some(redemption))?.to_owned(),
        created: reader.instant(name, created)?,
        until: reader.instant(name, until)?,
        parts: parts.collect::<Result<_, Error>>()?,
        reward: (!id.is_empty()).then(|| HeldReward {
            id: id.to_owned(),
            stock: flags & 1 != 0,
            code: flags & 2 != 0,
        }),
    })
}
