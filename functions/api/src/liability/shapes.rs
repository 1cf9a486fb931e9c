//! What the answers look like.

use laurel_ledger::JournalLine;
use laurel_rules::{
    Program,
    liability::{Flow, LedgerAccount, Unit, worth},
};
use serde_json::{Value, json};

use crate::{
    fields::{Field, Kind, Shape},
    programs::REDEEM_RATE,
    shape::words,
    transactions::TYPES,
};

/// Sums of many members.
const SUM: Kind = Kind::Whole(-i64::MAX, i64::MAX);

const FIGURES: [Field; 5] = [
    Field::new(
        "outstanding",
        SUM,
        "What members can spend, now or later: all that is left of what they got.",
    )
    .example("1250"),
    Field::new("pending", SUM, "What of it matures later.").example("100"),
    Field::new(
        "deficit",
        SUM,
        "What members owe, whose balances are below zero. It is not taken off `outstanding`.",
    )
    .example("0"),
    Field::new(
        "by_expiry",
        Kind::List(&Kind::Object(&BY_EXPIRY), 0, 10_000),
        "What is outstanding, by the month in which it expires.",
    ),
    Field::new(
        "months",
        Kind::List(&Kind::Object(&MONTH), 0, 10_000),
        "What was booked, from the first month to the last in which something was.",
    ),
];

const BY_EXPIRY: Shape = Shape::answer(
    "LiabilityByExpiry",
    &[
        Field::new(
            "month",
            Kind::AnyText,
            "The month in which it can last be spent; null where it never expires.",
        )
        .example("2027-11")
        .nullable(),
        Field::new("amount", SUM, "How much.").example("1250"),
    ],
);

const MONTH: Shape = Shape::answer(
    "LiabilityMonth",
    &[
        Field::new("month", Kind::AnyText, "The month.").example("2026-11"),
        Field::new("opening", SUM, "`outstanding` less `deficit`, before it.").example("0"),
        Field::new("issued", SUM, "Earned.").example("1300"),
        Field::new("redeemed", SUM, "Spent, or held for a reservation.").example("0"),
        Field::new(
            "returned",
            SUM,
            "Given back by redemptions that were cancelled or ran out.",
        )
        .example("0"),
        Field::new("expired", SUM, "Expired, in the month of the expiry.").example("0"),
        Field::new("reversed", SUM, "Taken back by refunds.").example("50"),
        Field::new("adjusted", SUM, "Given by hand, less what was taken.").example("0"),
        Field::new("closing", SUM, "`outstanding` less `deficit`, after it.").example("1250"),
    ],
);

const VALUE: Shape = Shape::answer(
    "LiabilityValue",
    &[
        Field::new("amount", SUM, "Minor units; less than one is left out.").example("1250"),
        Field::new("currency", Kind::AnyText, "ISO 4217.").example("EUR"),
    ],
);

const STORE_CREDIT: Shape = Shape::answer(
    "StoreCreditLiability",
    &[Field::new("currency", Kind::AnyText, "ISO 4217.").example("EUR")],
)
.and(&FIGURES);

pub(super) const LIABILITY: Shape = Shape::answer(
    "Liability",
    &[
        Field::new("object", Kind::Constant("liability"), "What this is."),
        Field::new("program", Kind::Id, "The program.").example("prog_default"),
        Field::new(
            "as_of",
            Kind::Instant,
            "Up to when points have matured and expired: now, unless more members wait to be \
             counted again than one call looks at.",
        ),
        Field::new("timezone", Kind::AnyText, "Whose months these are.").example("Europe/Berlin"),
        REDEEM_RATE,
        Field::new(
            "value",
            Kind::Object(&VALUE),
            "What `outstanding` is worth at `redeem_rate`; null where the program has none.",
        )
        .nullable(),
        Field::new(
            "store_credit",
            Kind::List(&Kind::Object(&STORE_CREDIT), 0, 1000),
            "The same of store credit, in minor units, by currency.",
        ),
    ],
)
.and(&FIGURES);

const FLOWS: [&str; Flow::ALL.len()] = [
    Flow::ALL[0].as_str(),
    Flow::ALL[1].as_str(),
    Flow::ALL[2].as_str(),
    Flow::ALL[3].as_str(),
    Flow::ALL[4].as_str(),
    Flow::ALL[5].as_str(),
];

const LEDGER_ACCOUNTS: [&str; LedgerAccount::ALL.len()] = [
    LedgerAccount::ALL[0].as_str(),
    LedgerAccount::ALL[1].as_str(),
    LedgerAccount::ALL[2].as_str(),
    LedgerAccount::ALL[3].as_str(),
    LedgerAccount::ALL[4].as_str(),
];

pub(super) const JOURNAL_LINE: Shape = Shape::answer(
    "JournalLine",
    &[
        Field::new("object", Kind::Constant("journal_line"), "What this is."),
        Field::new(
            "date",
            Kind::Text("date"),
            "The day on which it is booked, in the program's time zone.",
        )
        .example("2026-11-20"),
        Field::new("booked_at", Kind::Instant, "The moment."),
        Field::new("account", Kind::Id, "In whose log it stands.").example("loy_7Qk2"),
        Field::new("transaction", Kind::Id, "The transaction.").example("ptx_7Qk2_2_0"),
        Field::new(
            "type",
            Kind::Choice(&words(&TYPES)),
            "The transaction's type.",
        ),
        Field::new("flow", Kind::Choice(&FLOWS), "Which figure it is part of."),
        Field::new(
            "points",
            SUM,
            "Signed, as in the ledger; null of store credit.",
        )
        .example("25")
        .nullable(),
        Field::new(
            "value",
            SUM,
            "What to book, in minor units, without a sign: store credit as it is, points by the \
             program's rate of today, where less than one is left out; null without a rate.",
        )
        .example("25")
        .nullable(),
        Field::new("currency", Kind::AnyText, "ISO 4217; null without a rate.")
            .example("EUR")
            .nullable(),
        Field::new(
            "debit",
            Kind::Choice(&LEDGER_ACCOUNTS),
            "The account to debit.",
        ),
        Field::new(
            "credit",
            Kind::Choice(&LEDGER_ACCOUNTS),
            "The account to credit.",
        ),
        Field::new("source", Kind::Object(&SOURCE), "What caused it."),
    ],
);

const SOURCE: Shape = Shape::answer(
    "JournalSource",
    &[
        Field::new("type", Kind::AnyText, "What the object is.").example("payment"),
        Field::new("id", Kind::AnyText, "Its id.").example("pay_123"),
    ],
);

/// A line of the journal.
pub(super) fn line(line: &JournalLine, program: &Program) -> Value {
    let (entry, posting) = (&line.entry, &line.posting);
    let movement = &posting.movement;
    let amount = i128::from(movement.amount.unsigned_abs());
    let rate = program.redeem_rate.as_ref();
    let (points, value, currency) = match &movement.unit {
        Unit::Points => (
            Some(movement.amount),
            rate.map(|rate| worth(amount, rate)),
            rate.map(|rate| rate.currency.as_str()),
        ),
        Unit::Credit(currency) => (None, Some(amount), Some(currency.as_str())),
    };
    let date = movement.booked_at.to_zoned(program.timezone.clone()).date();
    json!({
        "object": "journal_line",
        "date": date.to_string(),
        "booked_at": movement.booked_at.to_string(),
        "account": entry.account,
        "transaction": line.transaction(),
        "type": movement.kind.as_str(),
        "flow": movement.flow.as_str(),
        "points": points,
        "value": value.map(super::number),
        "currency": currency,
        "debit": posting.debit.as_str(),
        "credit": posting.credit.as_str(),
        "source": {"type": entry.source_type(), "id": entry.source_id},
    })
}

pub(super) const RECOUNT: Shape = Shape::answer(
    "LiabilityRecount",
    &[
        Field::new(
            "object",
            Kind::Constant("liability_recount"),
            "What this is.",
        ),
        Field::new("program", Kind::Id, "The program.").example("prog_default"),
        Field::new("accounts", SUM, "How many accounts were looked at.").example("100"),
        Field::new(
            "corrected",
            SUM,
            "How many of them had been counted otherwise than they stand, or not to their end.",
        )
        .example("0"),
        Field::new(
            "next",
            Kind::Id,
            "The account to go on after; null where all have been counted.",
        )
        .nullable(),
    ],
);
