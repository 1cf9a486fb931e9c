//! What a commit writes of redemptions, of the stock of rewards and of codes.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use laurel_rules::{
    Commit,
    decide::{CodeOffer, Ended, RedemptionWrite, StockChange},
    redemption::{RedemptionId, RedemptionStatus},
};

use crate::{
    Error,
    commit::{invalid, put},
    item::{Item, Writer, number, redemption_item},
    store::{key_item, text},
    table::Key,
};

/// The writes of a commit, each with the fact that it relies on as its condition.
pub(crate) fn redemption_writes(
    table: &str,
    commit: &Commit,
) -> Result<Vec<TransactWriteItem>, Error> {
    let mut writes = Vec::new();
    for write in &commit.redemptions {
        let RedemptionWrite {
            expected,
            redemption,
            issued,
            ..
        } = write;
        writes.push(put(table, redemption_item(redemption)?, *expected)?);
        if let Some(offer) = issued {
            writes.push(claimed(table, &redemption.program, offer, &redemption.id)?);
        }
    }
    for ended in commit.ended() {
        writes.push(end(table, &ended)?);
    }
    for (reward, change) in commit.stock_changes() {
        writes.push(counted(table, &reward, &change)?);
    }
    Ok(writes)
}

/// Lets a code lead to the redemption that it is issued for; it must lead to none yet.
fn claimed(
    table: &str,
    program: &str,
    offer: &CodeOffer,
    redemption: &str,
) -> Result<TransactWriteItem, Error> {
    let key = Key::code(program, &offer.key);
    if offer.number.is_none() {
        let item = Writer::keyed(key).text("rd", redemption).done();
        return put(table, item, None);
    }
    Changing::new(&key)
        .set("rd = :rd", [(":rd", text(redemption))])
        .only_if("attribute_exists(pk) AND attribute_not_exists(rd)", [])
        .in_table(table)
}

/// Marks a redemption whose reservation ended. The hold, which stands under the account's version,
/// says that it was reserved.
fn end(table: &str, ended: &Ended) -> Result<TransactWriteItem, Error> {
    let id = RedemptionId::parse(&ended.id).ok_or_else(|| Error::Corrupt {
        key: ended.id.clone(),
        problem: "a hold is for something else than a redemption".to_owned(),
    })?;
    let mut set = "st = :st, ea = :ea, v = v + :one".to_owned();
    let mut values = vec![
        (":st", text(ended.status.as_str())),
        (":ea", number(ended.at.as_millisecond())),
        (":one", number(1)),
    ];
    if let Some(reversal) = &ended.reversal {
        set.push_str(", rv = :rv");
        values.push((":rv", text(reversal)));
    }
    let reserved = text(RedemptionStatus::Reserved.as_str());
    Changing::new(&Key::redemption(&id))
        .set(&set, values)
        .only_if("st = :reserved", [(":reserved", reserved)])
        .in_table(table)
}

/// Takes of a reward's stock and codes what is there, or gives back.
fn counted(table: &str, reward: &str, change: &StockChange) -> Result<TransactWriteItem, Error> {
    let mut parts = Vec::new();
    let mut values = Vec::new();
    let mut conditions = Vec::new();
    for (name, by, value) in [("u", change.used, ":u"), ("ck", change.codes_kept, ":ck")] {
        if by != 0 {
            parts.push(format!("{name} = if_not_exists({name}, :zero) + {value}"));
            values.push((value, number(by)));
        }
    }
    if let (1.., Some(stock)) = (change.used, change.stock) {
        // Whoever decided saw to it that the stock is not 0.
        conditions.push("(attribute_not_exists(u) OR u < :stock)");
        values.push((":stock", number(stock)));
    }
    if change.codes_kept > 0 {
        // One redemption takes one code: less than all are kept, so one is left.
        conditions.push("ck < cn");
    }
    if let Some(number_issued) = change.issued {
        parts.push("nx = :next".to_owned());
        conditions.push("nx = :number");
        values.push((":number", number(number_issued)));
        values.push((":next", number(number_issued + 1)));
    }
    if change.used != 0 || change.codes_kept != 0 {
        values.push((":zero", number(0)));
    }
    Changing::new(&Key::stock(reward))
        .set(&parts.join(", "), values)
        .only_if(&conditions.join(" AND "), [])
        .in_table(table)
}

/// Adds so many imported codes to the `codes` that a reward has.
pub(crate) fn codes_added(
    table: &str,
    reward: &str,
    codes: i64,
    added: usize,
) -> Result<TransactWriteItem, Error> {
    let added = i64::try_from(added).unwrap_or(0);
    let counts = "ck = if_not_exists(ck, :zero), nx = if_not_exists(nx, :zero)";
    let condition = match codes {
        0 => "(attribute_not_exists(cn) OR cn = :before)",
        _ => "cn = :before",
    };
    Changing::new(&Key::stock(reward))
        .set(
            &format!("cn = :after, {counts}"),
            [(":after", number(codes + added)), (":zero", number(0))],
        )
        .only_if(condition, [(":before", number(codes))])
        .in_table(table)
}

/// A change of an item that is not read for it.
pub(crate) struct Changing {
    key: Item,
    set: String,
    condition: String,
    values: Vec<(&'static str, AttributeValue)>,
}

impl Changing {
    pub(crate) fn new(key: &Key) -> Changing {
        Changing {
            key: key_item(key),
            set: String::new(),
            condition: String::new(),
            values: Vec::new(),
        }
    }

    pub(crate) fn set(
        mut self,
        what: &str,
        values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
    ) -> Changing {
        self.set = format!("SET {what}");
        self.values.extend(values);
        self
    }

    pub(crate) fn only_if(
        mut self,
        condition: &str,
        values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
    ) -> Changing {
        condition.clone_into(&mut self.condition);
        self.values.extend(values);
        self
    }

    pub(crate) fn in_table(self, table: &str) -> Result<TransactWriteItem, Error> {
        let mut update = Update::builder()
            .table_name(table)
            .set_key(Some(self.key))
            .update_expression(self.set);
        if !self.condition.is_empty() {
            update = update.condition_expression(self.condition);
        }
        for (name, value) in self.values {
            update = update.expression_attribute_values(name, value);
        }
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(invalid)?)
            .build())
    }
}
