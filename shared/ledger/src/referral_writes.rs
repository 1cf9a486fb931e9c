//! What a commit writes of referrals, of members' codes, and of what tells referees apart.

use aws_sdk_dynamodb::types::TransactWriteItem;
use laurel_rules::{
    Commit,
    decide::{ConversionsWrite, EndedReferral, InstrumentWrite, ReferralCodeWrite, ReferralWrite},
    referral::{ReferralId, ReferralStatus, ReferralTurn, code_form},
};

use crate::{
    Error,
    commit::{delete, put},
    item::{Writer, conversions_item, number, referral_code_item, referral_item},
    redemption_writes::Changing,
    store::text,
    table::Key,
};

/// The writes of a commit, each with the fact that it relies on as its condition.
pub(crate) fn referral_writes(
    table: &str,
    commit: &Commit,
) -> Result<Vec<TransactWriteItem>, Error> {
    let mut writes = Vec::new();
    for ReferralWrite { expected, referral } in &commit.referrals {
        writes.push(put(table, referral_item(referral)?, *expected)?);
    }
    for write in &commit.codes {
        match write {
            ReferralCodeWrite::Create(code) => {
                let form = code_form(&code.code).ok_or_else(|| corrupt(&code.code))?;
                let leading = Writer::keyed(Key::referral_code(&form)).text("a", &code.account);
                writes.push(put(table, leading.done(), None)?);
                writes.push(put(table, referral_code_item(code)?, None)?);
            }
            ReferralCodeWrite::Update { version, code } => {
                writes.push(put(table, referral_code_item(code)?, Some(*version))?);
            }
            ReferralCodeWrite::Delete { account, code } => {
                let form = code_form(code).ok_or_else(|| corrupt(code))?;
                let own = Key::referral(&ReferralId::of_code(account));
                writes.push(delete(table, &Key::referral_code(&form), None)?);
                writes.push(delete(table, &own, None)?);
            }
        }
    }
    if let Some(write) = &commit.conversions {
        let ConversionsWrite {
            account,
            expected,
            conversions,
        } = write;
        let version = expected.unwrap_or(0) + 1;
        writes.push(put(
            table,
            conversions_item(account, conversions, version),
            *expected,
        )?);
    }
    for InstrumentWrite {
        program,
        hash,
        account,
        is_forgotten,
    } in &commit.instruments
    {
        let key = Key::instrument(program, hash);
        writes.push(if *is_forgotten {
            delete(table, &key, None)?
        } else {
            put(table, Writer::keyed(key).text("a", account).done(), None)?
        });
    }
    for ended in commit.ended_referrals() {
        writes.push(end(table, &ended)?);
    }
    Ok(writes)
}

/// Marks a referral that ends by itself. What the account knows of it, under its version, says
/// that it was open.
fn end(table: &str, ended: &EndedReferral) -> Result<TransactWriteItem, Error> {
    let change = &ended.change;
    let id = ReferralId::parse(&change.id).ok_or_else(|| corrupt(&change.id))?;
    let mut set = "st = :st, ea = :ea, v = v + :one".to_owned();
    let mut values = vec![
        (":st", text(change.turn.status().as_str())),
        (":ea", number(ended.at.as_millisecond())),
        (":one", number(1)),
    ];
    if let Some(reason) = change.reason {
        set.push_str(", rs = :rs");
        values.push((":rs", text(reason.as_str())));
    }
    let changing = Changing::new(&Key::referral(&id)).set(&set, values);
    let attributed = (":attributed", text(ReferralStatus::Attributed.as_str()));
    let expired = (":expired", text(ReferralStatus::Expired.as_str()));
    if change.turn == ReferralTurn::Expired {
        changing.only_if("st = :attributed", [attributed])
    } else {
        changing.only_if("st IN (:attributed, :expired)", [attributed, expired])
    }
    .in_table(table)
}

fn corrupt(what: &str) -> Error {
    Error::Corrupt {
        key: what.to_owned(),
        problem: "it is not a referral's id or code".to_owned(),
    }
}
