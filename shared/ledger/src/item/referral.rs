//! Referrals and codes. What a referral's end changes has attributes of its own, since that is
//! written without the rest being read.

use laurel_rules::referral::{
    Conversions, Referral, ReferralCode, ReferralId, ReferralStatus, RejectionReason,
};

use super::{Item, Reader, Writer};
use crate::{
    Error,
    programs::json,
    table::{Key, listed_account},
};

/// The partition of the index that lists a program's referrals.
pub(crate) fn referrals_of(program: &str) -> String {
    format!("J#{program}")
}

fn place(id: &str) -> Result<Key, Error> {
    let parsed = ReferralId::parse(id).ok_or_else(|| Error::Corrupt {
        key: id.to_owned(),
        problem: "it is not the id of a referral".to_owned(),
    })?;
    Ok(Key::referral(&parsed))
}

/// The item that stores `referral`.
///
/// # Errors
/// `Corrupt` where its id is none.
pub fn referral_item(referral: &Referral) -> Result<Item, Error> {
    let reason = referral.reason.map(|reason| reason.as_str().to_owned());
    let writer = Writer::keyed(place(&referral.id)?)
        .text("cfg", json(referral)?)
        .text("st", referral.status.as_str())
        .number("v", referral.version)
        .maybe_text("rs", reason.as_ref())
        .maybe_time("ea", referral.ended_at)
        .text("gk", referrals_of(&referral.program))
        .text("gs", listed_account(referral.created, &referral.id));
    Ok(writer.done())
}

/// The referral that `item` stores.
///
/// # Errors
/// `Corrupt` where the item is not as [`referral_item`] writes them.
pub fn referral(item: &Item) -> Result<Referral, Error> {
    let reader = Reader::new(item);
    let stored: Result<Referral, _> = serde_json::from_str(reader.text("cfg")?);
    let mut referral =
        stored.map_err(|problem| reader.corrupt(format!("a referral does not read: {problem}")))?;
    let status = ReferralStatus::parse(reader.text("st")?);
    referral.status = status.ok_or_else(|| reader.corrupt("unknown status"))?;
    referral.version = reader.number("v")?;
    referral.ended_at = reader.maybe_time("ea")?;
    referral.reason = match reader.maybe_text("rs") {
        Some(reason) => {
            Some(RejectionReason::parse(reason).ok_or_else(|| reader.corrupt("unknown reason"))?)
        }
        None => None,
    };
    Ok(referral)
}

/// The item that stores a member's code.
///
/// # Errors
/// `Corrupt` where its id is none.
pub(crate) fn referral_code_item(code: &ReferralCode) -> Result<Item, Error> {
    let writer = Writer::keyed(place(&code.id)?)
        .text("cfg", json(code)?)
        .number("v", code.version)
        .text("gk", referrals_of(&code.program))
        .text("gs", listed_account(code.created, &code.id));
    Ok(writer.done())
}

/// The code that `item` stores.
pub(crate) fn referral_code(item: &Item) -> Result<ReferralCode, Error> {
    let reader = Reader::new(item);
    let stored: Result<ReferralCode, _> = serde_json::from_str(reader.text("cfg")?);
    let mut code =
        stored.map_err(|problem| reader.corrupt(format!("a code does not read: {problem}")))?;
    code.version = reader.number("v")?;
    Ok(code)
}

/// The item that stores when a referrer's referrals converted.
pub(crate) fn conversions_item(account: &str, conversions: &Conversions, version: u64) -> Item {
    let mut latest_ms = 0;
    // Each as the milliseconds since the one before.
    let steps = conversions.instants().iter().map(|at| {
        let step = at.as_millisecond() - latest_ms;
        latest_ms = at.as_millisecond();
        step.to_string()
    });
    let steps: Vec<String> = steps.collect();
    Writer::keyed(Key::conversions(account))
        .number("v", version)
        .text("at", steps.join(" "))
        .maybe_time("fo", conversions.forgotten_until())
        .done()
}

/// The conversions that `item` stores, and their version.
pub(crate) fn conversions(item: &Item) -> Result<(u64, Conversions), Error> {
    let reader = Reader::new(item);
    let (mut instants, mut latest_ms) = (Vec::new(), 0_i64);
    for part in reader.text("at")?.split_whitespace() {
        let step: Option<i64> = part.parse().ok();
        let at_ms = step.and_then(|step| latest_ms.checked_add(step));
        let at = at_ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        latest_ms = at_ms.unwrap_or_default();
        instants.push(at.ok_or_else(|| reader.corrupt("a conversion's instant does not read"))?);
    }
    let kept = Conversions::kept(instants, reader.maybe_time("fo")?);
    Ok((reader.number("v")?, kept))
}
