//! Store credit in items: purses in accounts, transactions in entries.

use aws_sdk_dynamodb::types::AttributeValue;
use laurel_rules::{
    entry::TransactionType,
    id::CreditId,
    store_credit::{CreditBalance, CreditTransaction, StoreCredit},
};

use super::{Item, Reader, Writer, account::purse_item, number};
use crate::Error;

/// The purses by currency; `None` where there are none.
pub(super) fn credit_value(credit: &StoreCredit) -> Option<AttributeValue> {
    let purses = credit.purses.iter();
    let purses = purses.map(|(currency, purse)| {
        let purse = purse_item(Writer::nested(), purse).done();
        (currency.clone(), AttributeValue::M(purse))
    });
    (!credit.purses.is_empty()).then(|| AttributeValue::M(purses.collect()))
}

pub(super) fn credit(reader: &Reader<'_>, name: &str) -> Result<StoreCredit, Error> {
    let purses = reader.map(name).into_iter().flatten();
    let purses = purses.map(|(currency, value)| match value {
        AttributeValue::M(purse) => Ok((
            currency.clone(),
            super::account::purse(&reader.nested(purse))?,
        )),
        _ => Err(reader.corrupt("a purse is not a map")),
    });
    Ok(StoreCredit {
        purses: purses.collect::<Result<_, _>>()?,
    })
}

/// What an account had in a currency when it was merged.
pub(super) fn balance_value(balance: &CreditBalance) -> AttributeValue {
    AttributeValue::L(vec![
        AttributeValue::S(balance.currency.clone()),
        number(balance.balance),
        number(balance.reserved),
    ])
}

pub(super) fn balance(reader: &Reader<'_>, value: &AttributeValue) -> Result<CreditBalance, Error> {
    let [currency, balance, reserved] = reader.sublist("mc", value)? else {
        return Err(reader.corrupt("what an account had in a currency is cut off"));
    };
    Ok(CreditBalance {
        currency: reader.word("mc", Some(currency))?.to_owned(),
        balance: reader.parse("mc", balance)?,
        reserved: reader.parse("mc", reserved)?,
    })
}

pub(super) fn credit_item(transaction: &CreditTransaction) -> Item {
    Writer::nested()
        .text("k", transaction.kind.as_str())
        .text("cu", &transaction.currency)
        .number("a", transaction.amount)
        .text("rs", &transaction.reason)
        .maybe_time("ex", transaction.expires_at)
        .maybe_time("oc", transaction.occurred_at)
        .maybe_text("rd", transaction.redemption.as_ref())
        .maybe_text(
            "of",
            transaction.of.as_ref().map(ToString::to_string).as_ref(),
        )
        .number("b", transaction.balance_after)
        .texts("md", &transaction.metadata)
        .done()
}

pub(super) fn credit_transaction(reader: &Reader<'_>) -> Result<CreditTransaction, Error> {
    let kind = TransactionType::parse(reader.text("k")?)
        .ok_or_else(|| reader.corrupt("unknown transaction type"))?;
    let of = reader.maybe_text("of").map(|text| {
        let unreadable = || reader.corrupt(format!("{text} is not a transaction"));
        CreditId::parse(text).ok_or_else(unreadable)
    });
    Ok(CreditTransaction {
        kind,
        currency: reader.text("cu")?.to_owned(),
        amount: reader.number("a")?,
        reason: reader.text("rs")?.to_owned(),
        expires_at: reader.maybe_time("ex")?,
        occurred_at: reader.maybe_time("oc")?,
        redemption: reader.owned("rd"),
        of: of.transpose()?,
        balance_after: reader.number("b")?,
        metadata: reader.texts("md"),
    })
}
