//! Redemptions. What a reservation's end changes has attributes of its own, since that is written
//! without the rest being read.

use laurel_rules::{
    Redemption,
    redemption::{RedemptionId, RedemptionStatus},
};

use super::{Item, Reader, Writer};
use crate::{
    Error,
    programs::json,
    table::{Key, listed_account},
};

/// The item that stores `redemption`.
///
/// # Errors
/// `Corrupt` where its id is none.
pub fn redemption_item(redemption: &Redemption) -> Result<Item, Error> {
    let id = RedemptionId::parse(&redemption.id).ok_or_else(|| Error::Corrupt {
        key: redemption.id.clone(),
        problem: "it is not the id of a redemption".to_owned(),
    })?;
    let writer = Writer::keyed(Key::redemption(&id))
        .text("cfg", json(redemption)?)
        .text("st", redemption.status.as_str())
        .number("v", redemption.version)
        .maybe_text("rv", redemption.reversal.as_ref())
        .maybe_time("ea", redemption.canceled_at)
        .text("gk", redemptions_of(&redemption.program))
        .text("gs", listed_account(redemption.created, &redemption.id));
    Ok(writer.done())
}

/// The partition of the index that lists a program's redemptions.
pub(crate) fn redemptions_of(program: &str) -> String {
    format!("X#{program}")
}

/// The redemption that `item` stores.
///
/// # Errors
/// `Corrupt` where the item is not as [`redemption_item`] writes them.
pub fn redemption(item: &Item) -> Result<Redemption, Error> {
    let reader = Reader::new(item);
    let stored: Result<Redemption, _> = serde_json::from_str(reader.text("cfg")?);
    let mut redemption = stored
        .map_err(|problem| reader.corrupt(format!("a redemption does not read: {problem}")))?;
    let status = RedemptionStatus::parse(reader.text("st")?);
    redemption.status = status.ok_or_else(|| reader.corrupt("unknown status"))?;
    redemption.version = reader.number("v")?;
    redemption.reversal = reader.owned("rv");
    if redemption.status == RedemptionStatus::Canceled {
        redemption.canceled_at = reader.maybe_time("ea")?;
    }
    Ok(redemption)
}
