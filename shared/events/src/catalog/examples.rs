//! Entries of a ledger as they might be, whose announcements are the examples.

use std::collections::BTreeMap;

use jiff::Timestamp;
use laurel_rules::{
    Entry, Transaction,
    entry::{Change, Seal, TransactionType},
    event::CREDIT_ADJUSTMENT,
    hold::HeldReward,
    id::{CreditId, TransactionId},
    redemption::{RedemptionChange, RedemptionStatus, Turn},
    referral::{ReferralChange, ReferralTurn, RejectionReason},
    store_credit::CreditTransaction,
};

pub(super) fn redemption_entry(turn: Turn, status: RedemptionStatus) -> Entry {
    let has_code = matches!(turn, Turn::Confirmed | Turn::Used);
    let change = RedemptionChange {
        turn,
        id: "rdm_01m5x4q8t2v6w9y3zc7d_01m5x4q8t2v6w9y3zc7h5k8n2p".to_owned(),
        status,
        reward: Some(HeldReward {
            id: "rwd_01m5x4q8t2v6w9y3zc7g".to_owned(),
            stock: false,
            code: false,
        }),
        points: 500,
        store_credit: None,
        code: has_code.then(|| "7Q2K-M4XW-9TRE".to_owned()),
        payment: None,
        expires_at: Some(at("2026-11-20T10:45:00Z")),
        created: at("2026-11-20T10:15:00Z"),
    };
    change_entry(Change::Redemption(Box::new(change)))
}

pub(super) fn referral_entry(turn: ReferralTurn) -> Entry {
    let is_code = turn == ReferralTurn::Created;
    let referrer = "loy_01m5x4q8t2v6w9y3zc7d";
    let referee = "loy_01m5x5s1r9k4n7p2h6b8";
    let has_paid = matches!(turn, ReferralTurn::Converted | ReferralTurn::Reversed);
    let transactions = [
        "ptx_01m5x4q8t2v6w9y3zc7d_9_0".to_owned(),
        "ptx_01m5x5s1r9k4n7p2h6b8_4_0".to_owned(),
    ];
    let place = if is_code {
        "0"
    } else {
        "01m5x5s1r9k4n7p2h6b8t3v5w7"
    };
    let change = ReferralChange {
        turn,
        id: format!("ref_01m5x4q8t2v6w9y3zc7d_{place}"),
        referrer: referrer.to_owned(),
        referee: (!is_code).then(|| referee.to_owned()),
        reason: (turn == ReferralTurn::Rejected).then_some(RejectionReason::Velocity),
        code: is_code.then(|| "ANNA-7F3K".to_owned()),
        payment: has_paid.then(|| "pay_1001".to_owned()),
        transactions: transactions.into_iter().filter(|_| has_paid).collect(),
        redemptions: Vec::new(),
    };
    Entry {
        account: if is_code { referrer } else { referee }.to_owned(),
        ..change_entry(Change::Referral(Box::new(change)))
    }
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(super) fn entry() -> Entry {
    Entry {
        account: "loy_01m5x4q8t2v6w9y3zc7d".to_owned(),
        seq: 7,
        program: "prog_default".to_owned(),
        trigger: "payment.completed".to_owned(),
        source_id: "pay_1001".to_owned(),
        payment: Some("pay_1001".to_owned()),
        occurred_at: at("2026-11-20T10:15:00Z"),
        created: at("2026-11-20T10:15:01.25Z"),
        changes: Vec::new(),
        transactions: Vec::new(),
        credits: Vec::new(),
        seal: Some(Seal([0x5a; 32])),
    }
}

pub(super) fn created_change() -> Change {
    Change::Created {
        customer: Some("cust_anna".to_owned()),
        metadata: BTreeMap::from([("signup_channel".to_owned(), "web".to_owned())]),
        request: String::new(),
    }
}

pub(super) fn change_entry(change: Change) -> Entry {
    Entry {
        seq: 1,
        payment: None,
        changes: vec![change],
        ..entry()
    }
}

pub(super) fn points_entry(kind: TransactionType, amount: i64, is_pending: bool) -> Entry {
    let mut entry = entry();
    let reason = match kind {
        TransactionType::Earn => "1 point per euro",
        TransactionType::Redeem => "Redeemed",
        TransactionType::Expire => "Expired",
        TransactionType::Adjust => "Goodwill",
        TransactionType::Reverse => "Refunded",
    };
    let mut made = Transaction::new(kind, amount, reason);
    made.balance_after = 542;
    match kind {
        TransactionType::Earn | TransactionType::Reverse => {
            made.rule = Some(("rule_01m5x4q8t2v6w9y3zc7e".to_owned(), 1));
        }
        TransactionType::Adjust | TransactionType::Redeem | TransactionType::Expire => {
            entry.payment = None;
        }
    }
    match kind {
        TransactionType::Expire | TransactionType::Reverse => {
            made.of = Some(TransactionId {
                account: entry.account.clone(),
                seq: 5,
                place: 0,
            });
        }
        TransactionType::Earn | TransactionType::Redeem | TransactionType::Adjust => {}
    }
    if kind == TransactionType::Reverse {
        "payment.refunded".clone_into(&mut entry.trigger);
        "re_1001".clone_into(&mut entry.source_id);
    }
    if kind == TransactionType::Adjust {
        "adjustment".clone_into(&mut entry.trigger);
        "adj_1001".clone_into(&mut entry.source_id);
    }
    if is_pending {
        made.available_at = "2026-12-04T10:15:00Z".parse().ok();
    }
    entry.transactions.push(made);
    entry
}

pub(super) fn credit_entry(kind: TransactionType, amount: i64) -> Entry {
    let mut entry = Entry {
        trigger: CREDIT_ADJUSTMENT.to_owned(),
        source_id: "adj_1001".to_owned(),
        payment: None,
        ..entry()
    };
    let reason = match kind {
        TransactionType::Earn => "€15 for your next order",
        TransactionType::Redeem => "Redeemed",
        TransactionType::Expire => "expired",
        TransactionType::Adjust => "Return without receipt",
        TransactionType::Reverse => "redemption canceled",
    };
    let mut made = CreditTransaction::new(kind, "EUR", amount, reason);
    made.balance_after = 2000;
    match kind {
        TransactionType::Expire => {
            made.of = Some(CreditId(TransactionId {
                account: entry.account.clone(),
                seq: 5,
                place: 0,
            }));
        }
        TransactionType::Redeem | TransactionType::Reverse | TransactionType::Earn => {
            let id = "rdm_01m5x4q8t2v6w9y3zc7d_01m5x4q8t2v6w9y3zc7e8f9g0h";
            "@redemption".clone_into(&mut entry.trigger);
            id.clone_into(&mut entry.source_id);
            made.redemption = Some(id.to_owned());
        }
        TransactionType::Adjust => {}
    }
    entry.credits.push(made);
    entry
}
