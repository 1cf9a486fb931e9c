//! Store credit against a naive replay: for every history of gifts, spends, merges and jumps of
//! time, the balance of each currency is at each instant the sum of what the log says, and what
//! whoever keeps a list of gifts by hand would say.

use jiff::Timestamp;
use laurel_rules::{
    Account, Catalog, Code, Commit, Plan, Program,
    decide::{
        AccountWrite, CreditAdjustment, Merge, MergeSnapshot, Resources, adjust_credit,
        merge_accounts,
    },
    event::EXPIRY,
    store_credit::{CREDIT_LOTS_MAX, CURRENCIES_MAX},
    window,
};
use proptest::prelude::*;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const CURRENCIES: [&str; 3] = ["EUR", "JPY", "USD"];

fn program(expires: &str) -> Program {
    let now = Timestamp::UNIX_EPOCH;
    let mut program = Program::new("prog_default", "salt", now);
    program.store_credit_expires = serde_json::from_str(expires).expect(expires);
    program
}

fn adjustment(account: &str, currency: &str, amount: i64, key: usize) -> CreditAdjustment {
    CreditAdjustment {
        account: account.to_owned(),
        currency: currency.to_owned(),
        amount,
        reason: "r".to_owned(),
        allow_negative: false,
        expires_at: None,
        metadata: std::collections::BTreeMap::new(),
        key: format!("adj_{key}"),
        content: String::new(),
    }
}

/// What somebody would keep who knows nothing of lots: gifts with what is left, and debts.
#[derive(Debug, Clone, Default)]
struct Naive {
    /// Currency, what is left, when it expires, in the order of giving.
    gifts: Vec<(usize, i64, Option<Timestamp>)>,
    owed: [i64; 3],
}

impl Naive {
    fn balance(&self, currency: usize, now: Timestamp) -> i64 {
        let valid = self.gifts.iter();
        let valid = valid.filter(|gift| gift.0 == currency && gift.2.is_none_or(|at| at > now));
        valid.map(|gift| gift.1).sum::<i64>() - self.owed[currency]
    }

    fn give(&mut self, currency: usize, amount: i64, expires_at: Option<Timestamp>) {
        let repaid = amount.min(self.owed[currency]);
        self.owed[currency] -= repaid;
        self.gifts.push((currency, amount - repaid, expires_at));
    }

    fn take(&mut self, currency: usize, amount: i64, now: Timestamp) {
        let mut missing = amount;
        while missing > 0 {
            let valid = self.gifts.iter_mut();
            let valid = valid.filter(|gift| {
                gift.0 == currency && gift.1 > 0 && gift.2.is_none_or(|at| at > now)
            });
            let Some(gift) = valid.min_by_key(|gift| gift.2.unwrap_or(Timestamp::MAX)) else {
                break;
            };
            let taken = gift.1.min(missing);
            gift.1 -= taken;
            missing -= taken;
        }
        self.owed[currency] += missing;
    }
}

/// An account with Σ of its log by currency, and the naive copy of it.
struct Kept {
    account: Account,
    sums: [i64; 3],
    naive: Naive,
}

impl Kept {
    fn new(id: &str, program: &Program) -> Kept {
        let start = program.created;
        let mut account = Account::new(id.to_owned(), program, start, start);
        account.version = 1;
        Kept {
            account,
            sums: [0; 3],
            naive: Naive::default(),
        }
    }

    fn commit(&mut self, commit: &Commit) {
        for write in &commit.accounts {
            match write {
                AccountWrite::Update { account, .. } if account.id == self.account.id => {
                    self.account = account.clone();
                }
                _ => {}
            }
        }
        for entry in &commit.entries {
            if entry.account != self.account.id {
                continue;
            }
            for credit in &entry.credits {
                let place = CURRENCIES.iter().position(|c| *c == credit.currency);
                self.sums[place.expect("a currency")] += credit.amount;
            }
            // What time did is told of its last instant.
            if entry.trigger == EXPIRY {
                let instants = entry.credits.iter().map(|credit| credit.occurred_at);
                assert_eq!(instants.max(), Some(Some(entry.occurred_at)));
            }
        }
    }

    fn check(&self, program: &Program, now: Timestamp) {
        let mut settled = self.account.clone();
        let passed = settled.settle(program, now);
        for (place, currency) in CURRENCIES.into_iter().enumerate() {
            let balance = settled.store_credit.balance(currency, now);
            assert_eq!(
                balance,
                self.naive.balance(place, now),
                "{currency} at {now}"
            );
            let expired: i64 = passed
                .store_credit
                .iter()
                .filter(|(of, _)| of == currency)
                .map(|(_, step)| expired_amount(step))
                .sum();
            assert_eq!(
                balance,
                self.sums[place] - expired,
                "Σ of {currency} at {now}"
            );
        }
    }
}

fn expired_amount(step: &laurel_rules::purse::Step) -> i64 {
    match step {
        laurel_rules::purse::Step::Expired(expired) => expired.amount,
        laurel_rules::purse::Step::Returned(_) => 0,
    }
}

#[derive(Debug, Clone)]
enum Op {
    Give(usize, usize, i64, Option<i64>),
    Take(usize, usize, i64, bool),
    Pass(i64),
}

fn any_op() -> impl Strategy<Value = Op> {
    let (who, currency) = (0_usize..2, 0_usize..3);
    prop_oneof![
        3 => (who.clone(), currency.clone(), 1_i64..500, prop::option::of(1_i64..40))
            .prop_map(|(who, currency, amount, days)| Op::Give(who, currency, amount, days)),
        3 => (who, currency, 1_i64..500, any::<bool>())
            .prop_map(|(who, currency, amount, below)| Op::Take(who, currency, amount, below)),
        2 => (0_i64..20).prop_map(Op::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn balances_are_sums_and_what_a_naive_replay_says(
        ops in prop::collection::vec(any_op(), 1..40),
        merged_after in 0_usize..40,
    ) {
        let program = program("null");
        let catalog = Catalog::new(program.clone(), 1, Vec::new());
        let mut now = program.created;
        let mut kept = [Kept::new("loy_a", &program), Kept::new("loy_b", &program)];
        let mut is_merged = false;
        for (number, op) in ops.into_iter().enumerate() {
            if number == merged_after {
                merge(&mut kept, &catalog, now);
                is_merged = true;
            }
            let (who, currency, amount, days, below) = match op {
                Op::Pass(days) => {
                    // Just before, at, and after: the boundary is a millisecond wide.
                    for ms in [days * DAY_MS - 1, 1, 1] {
                        now = window::shifted(now, ms.max(0));
                        kept.iter().for_each(|kept| kept.check(&program, now));
                    }
                    now = window::shifted(now, -1);
                    continue;
                }
                Op::Give(who, currency, amount, days) => (who, currency, amount, days, false),
                Op::Take(who, currency, amount, below) => (who, currency, -amount, None, below),
            };
            let kept = &mut kept[if is_merged { 1 } else { who }];
            let expires_at = days.map(|days| window::shifted(now, days * DAY_MS));
            let adjustment = CreditAdjustment {
                allow_negative: below,
                expires_at: (amount > 0).then_some(expires_at),
                ..adjustment(&kept.account.id, CURRENCIES[currency], amount, number)
            };
            match adjust_credit(&catalog, &kept.account, None, &adjustment, now) {
                Ok(Plan::Commit(commit, _)) => {
                    kept.commit(&commit);
                    if amount > 0 {
                        kept.naive.give(currency, amount, expires_at);
                    } else {
                        kept.naive.take(currency, -amount, now);
                    }
                }
                Err(refusal) => {
                    prop_assert_eq!(refusal.code, Code::InsufficientStoreCredit);
                    prop_assert!(kept.naive.balance(currency, now) < -amount && !below);
                }
                other => prop_assert!(false, "{:?}", other),
            }
            kept.check(&program, now);
        }
    }
}

/// Merges the first account into the second.
fn merge(kept: &mut [Kept; 2], catalog: &Catalog, now: Timestamp) {
    let snapshot = MergeSnapshot {
        catalog,
        source: &kept[0].account,
        target: &kept[1].account,
        last: None,
        resources: &Resources::default(),
        now,
    };
    let merge = Merge {
        source: kept[0].account.id.clone(),
        target: kept[1].account.id.clone(),
        request: String::new(),
    };
    let plan = merge_accounts(&snapshot, &merge).expect("a merge");
    let Plan::Commit(commit, _) = plan else {
        panic!("a merge writes")
    };
    kept.iter_mut().for_each(|kept| kept.commit(&commit));
    let [source, target] = kept;
    for (sum, other) in target.sums.iter_mut().zip(std::mem::take(&mut source.sums)) {
        *sum += other;
    }
    let Naive { gifts, owed } = std::mem::take(&mut source.naive);
    target.naive.gifts.extend(gifts);
    for (currency, owed) in owed.into_iter().enumerate() {
        let owed = owed + std::mem::take(&mut target.naive.owed[currency]);
        target.naive.take(currency, owed, now);
    }
}

#[test]
fn currencies_and_lots_are_bounded() {
    let program = program(r#"{"after": "P1M"}"#);
    let catalog = Catalog::new(program.clone(), 1, Vec::new());
    let now = program.created;
    let mut kept = Kept::new("loy_a", &program);
    let codes: Vec<String> = (0..=CURRENCIES_MAX).map(|n| format!("X{n:02}")).collect();
    for (number, code) in codes.iter().enumerate() {
        let adjustment = adjustment("loy_a", code, 10, number);
        match adjust_credit(&catalog, &kept.account, None, &adjustment, now) {
            Ok(Plan::Commit(commit, _)) => {
                let AccountWrite::Update { account, .. } = &commit.accounts[0] else {
                    panic!("an update")
                };
                kept.account = account.clone();
            }
            Err(refusal) => {
                assert_eq!((refusal.code, number), (Code::LimitReached, CURRENCIES_MAX));
            }
            other => panic!("{other:?}"),
        }
    }
    for number in 0..CREDIT_LOTS_MAX * 2 {
        let at = window::shifted(now, i64::try_from(number).unwrap_or(0) * DAY_MS / 10);
        let adjustment = adjustment("loy_a", "X00", 10, 1000 + number);
        let plan = adjust_credit(&catalog, &kept.account, None, &adjustment, at);
        let Ok(Plan::Commit(commit, _)) = plan else {
            panic!("{plan:?}")
        };
        let AccountWrite::Update { account, .. } = &commit.accounts[0] else {
            panic!("an update")
        };
        kept.account = account.clone();
    }
    let purse = kept.account.store_credit.purse("X00").expect("a purse");
    assert_eq!(purse.lots.len(), CREDIT_LOTS_MAX);
}
