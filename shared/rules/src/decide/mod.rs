//! What to write: a snapshot and a request go in, a [`Plan`] comes out.
//!
//! A plan is never half a decision. It either answers without writing, or names everything that
//! one transaction must write together with the versions that it relied on; when one of those
//! has moved on, nothing is written and the decision is made again on a fresh snapshot.

mod account;
mod adjust;
mod budget;
mod chain;
mod claim;
mod close;
mod credit;
mod customer;
mod earn;
mod erase;
mod estimate;
mod event;
mod extend;
mod merge;
mod past;
mod payment;
mod redeem;
mod redemption;
mod referral;
mod refund;
mod remind;
mod returning;
mod stock;
mod visit;

pub use account::{AccountChange, Candidate, Existing, NewAccount, create_account, update_account};
pub use adjust::{Adjustment, adjust};
pub use chain::Resources;
pub use claim::{Claim, ClaimKind, ClaimWrite, Held, Holders};
pub use close::{close_account, reopen_account};
pub use credit::{CreditAdjustment, adjust_credit};
pub use erase::{ErasureSnapshot, NAMED_BY_CUSTOMER, erase_personal_data, unname_referral};
pub use estimate::{CampaignEstimate, Estimate, RuleEstimate, estimate};
pub use event::{EventSnapshot, handle_event};
pub use extend::{More, MoreTime, give_more_time};
pub use merge::{Merge, MergeSnapshot, merge_accounts};
pub use past::{Past, PastExpiry};
pub use redeem::{Redeem, RedeemSnapshot, Stock, Wanted, redeem};
pub use redemption::{Act, CodeOffer, RedemptionSnapshot, act_on_redemption};
pub use referral::{
    Attribute, AttributeSnapshot, ConversionsWrite, EndedReferral, GiftOffer, Instrument,
    InstrumentWrite, Mint, MintSnapshot, ReferralCodeWrite, ReferralScene, ReferralWrite,
    WelcomeSnapshot, attribute, mint_code, welcome,
};
pub use stock::{Ended, StockChange};
pub use visit::visit_account;

use jiff::Timestamp;

use chain::News;
use redemption::ended;
use returning::returning;

use crate::{
    Account, Catalog, Entry, EventRecord, Program, Redemption, Transaction,
    archive::Archived,
    entry::Change,
    event::{EXPIRY, TIER_REVIEW},
    pool::{PoolWrite, Shortage, Taking, Unknown},
    purse::Step,
    redemption::Turn,
    store_credit::CreditTransaction,
    tier::{TierReason, TierTable},
};

/// What to do about a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan<T> {
    /// Nothing is to be written, given what was read: the answer, where all of that was current.
    Answer(T),
    /// Nothing is to be written, whatever else is current: this answer stands for good.
    Final(T),
    /// The decision cannot be taken on what was read; decide again with this, read consistently.
    Needs(Needs),
    /// Write this, all or nothing, then give the answer.
    Commit(Box<Commit>, T),
}

impl<T> Plan<T> {
    /// The same plan with another answer, made of what is to be written and of the former.
    pub fn map<U>(self, answer: impl FnOnce(Option<&Commit>, T) -> U) -> Plan<U> {
        match self {
            Plan::Answer(former) => Plan::Answer(answer(None, former)),
            Plan::Final(former) => Plan::Final(answer(None, former)),
            Plan::Needs(needs) => Plan::Needs(needs),
            Plan::Commit(commit, former) => {
                let answer = answer(Some(&commit), former);
                Plan::Commit(commit, answer)
            }
        }
    }
}

/// What a decision needs beside a consistent snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// The account's whole log.
    pub past: bool,
    /// Pools whose shares are to be gathered in first.
    pub gathered: Vec<Shortage>,
}

impl Needs {
    /// The account's whole log.
    #[must_use]
    pub fn past() -> Needs {
        Needs {
            past: true,
            gathered: Vec::new(),
        }
    }
}

impl From<Unknown> for Needs {
    fn from(unknown: Unknown) -> Needs {
        let gathered = match unknown {
            Unknown::Stale => Vec::new(),
            Unknown::Scattered(shortage) => vec![shortage],
        };
        Needs {
            past: false,
            gathered,
        }
    }
}

/// A step of a decision: what it gave, or what must be known first.
enum Progress<T> {
    Done(T),
    Needs(Needs),
}

impl<T> Progress<T> {
    fn map<U>(self, value: impl FnOnce(T) -> U) -> Progress<U> {
        match self {
            Progress::Done(done) => Progress::Done(value(done)),
            Progress::Needs(needs) => Progress::Needs(needs),
        }
    }
}

/// Everything that one transaction writes, with the facts that it relies on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Commit {
    /// Accounts, each at most once.
    pub accounts: Vec<AccountWrite>,
    /// New entries of accounts' logs.
    pub entries: Vec<Entry>,
    /// Event records, each at most once.
    pub records: Vec<RecordWrite>,
    /// Redemptions, each at most once. What becomes of the stock of their rewards, and of
    /// redemptions that nobody loaded, the entries tell: [`Commit::stock_changes`],
    /// [`Commit::ended`].
    pub redemptions: Vec<RedemptionWrite>,
    /// Unique names.
    pub claims: Vec<Claim>,
    /// Pools of budgets, each at most once.
    pub pools: Vec<PoolWrite>,
    /// Referrals, each at most once. Of those that nobody loaded the entries tell:
    /// [`Commit::ended_referrals`].
    pub referrals: Vec<ReferralWrite>,
    /// Codes of members.
    pub codes: Vec<ReferralCodeWrite>,
    /// How often a referrer's code has converted.
    pub conversions: Option<ConversionsWrite>,
    /// Cards and devices of referees.
    pub instruments: Vec<InstrumentWrite>,
    /// Entries that exist and lose what identifies a person; nothing else of them changes.
    pub rewritten: Vec<Entry>,
    /// What is kept of the event for simulations, where the program keeps it.
    pub archived: Option<Box<Archived>>,
}

/// What to do with an account.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "there are one or two in a commit"
)]
pub enum AccountWrite {
    /// It must not exist yet.
    Create(Account),
    /// It must still be at this version; `account` is what it becomes.
    Update {
        /// The version that was read.
        version: u64,
        /// What it becomes, one version on.
        account: Account,
    },
    /// It must still be at this version and stays as it is.
    Check {
        /// The account.
        id: String,
        /// The version that was read.
        version: u64,
    },
}

/// A new or changed event record.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordWrite {
    /// The version that was read; absent where there must be none yet.
    pub expected: Option<u64>,
    /// What it becomes.
    pub record: EventRecord,
}

/// A new or changed redemption.
#[derive(Debug, Clone, PartialEq)]
pub struct RedemptionWrite {
    /// The version that was read; absent where there must be none yet.
    pub expected: Option<u64>,
    /// What it becomes.
    pub redemption: Redemption,
    /// The stock of its reward, of which it takes one; unlimited where absent.
    pub stock: Option<i64>,
    /// The code that is issued with it.
    pub issued: Option<CodeOffer>,
}

/// An account being worked on: collects the entries that a commit will write.
#[derive(Clone)]
struct Draft<'a> {
    account: Account,
    catalog: &'a Catalog,
    program: &'a Program,
    tiers: &'a TierTable,
    now: Timestamp,
    entries: Vec<Entry>,
    /// What is done to store credit by the entry that is appended next.
    credits: Vec<CreditTransaction>,
    past: Option<Past>,
    /// What it takes from budgets.
    taking: Taking<'a>,
    /// What rules have not heard of yet.
    news: Vec<News>,
    /// Whether what is written now follows from what rules have heard: then it is no news.
    is_chaining: bool,
}

/// What an entry says of its cause.
struct Cause<'a> {
    trigger: &'a str,
    source_id: &'a str,
    payment: Option<&'a str>,
    occurred_at: Timestamp,
}

impl<'a> Draft<'a> {
    /// Begins work: what time has done by now is written first, in entries of its own.
    fn begin(account: Account, catalog: &'a Catalog, now: Timestamp, past: Option<Past>) -> Self {
        let mut draft = Draft::as_it_is(account, catalog, now, past);
        draft.account.experiments.forget(|key| catalog.runs(key));
        let since = draft.account.logged_at;
        draft.write_off_expired();
        draft.remind(since);
        draft.review_tier();
        draft.expire_referral();
        draft
    }

    /// The account as it is, which must be new: every other write lets time pass first.
    fn as_it_is(
        account: Account,
        catalog: &'a Catalog,
        now: Timestamp,
        past: Option<Past>,
    ) -> Self {
        Draft {
            account,
            catalog,
            program: &catalog.program,
            tiers: &catalog.tiers,
            now,
            entries: Vec::new(),
            credits: Vec::new(),
            past,
            taking: Taking::nothing(),
            news: Vec::new(),
            is_chaining: false,
        }
    }

    /// Writes what time has done by now, in an entry of its own: what has expired, and what
    /// reservations have returned.
    fn write_off_expired(&mut self) {
        let passed = self.account.settle(self.program, self.now);
        let (mut changes, mut transactions, mut latest) = (Vec::new(), Vec::new(), None);
        for step in &passed.points {
            let at = match step {
                Step::Expired(expired) => {
                    transactions.push(self.expiring(expired));
                    expired.at
                }
                Step::Returned(returned) => {
                    let hold = &returned.hold;
                    changes.push(ended(hold, Turn::Expired, None));
                    if hold.amount() > 0 {
                        let (id, points) = (&hold.redemption, hold.amount());
                        let reason = "redemption expired";
                        transactions.push(Transaction {
                            occurred_at: Some(returned.at),
                            ..returning(id, points, returned.balance_after, reason)
                        });
                    }
                    returned.at
                }
            };
            latest = latest.max(Some(at));
        }
        if let Some(latest) = latest {
            let source_id = self.account.id.clone();
            let cause = Cause {
                trigger: EXPIRY,
                source_id: &source_id,
                payment: None,
                occurred_at: latest,
            };
            self.append(&cause, changes, transactions);
        }
        self.write_credit_steps(&passed.store_credit);
    }

    /// Lets the tier follow time and the program's tiers, in an entry of its own.
    fn review_tier(&mut self) {
        let changes = self.account.settle_tier(self.program, self.tiers, self.now);
        if let Some(latest) = changes.last() {
            let source_id = self.account.id.clone();
            let cause = Cause {
                trigger: TIER_REVIEW,
                source_id: &source_id,
                payment: None,
                occurred_at: latest.at,
            };
            let changes = changes.into_iter().map(Change::TierChanged);
            self.append(&cause, changes.collect(), Vec::new());
        }
    }

    /// Gives the tier that has been earned, from `at` on; answers the change, where there is one.
    fn promote(&mut self, at: Timestamp) -> Option<Change> {
        let reason = TierReason::ThresholdReached;
        let promoted = self
            .account
            .promote(self.program, self.tiers, reason, at, self.now);
        promoted.map(Change::TierChanged)
    }

    /// The number that the next entry gets.
    fn next_seq(&self) -> u64 {
        self.account.seq + 1
    }

    fn balance(&self) -> i64 {
        self.account.balance(self.now)
    }

    fn append(&mut self, cause: &Cause<'_>, changes: Vec<Change>, made: Vec<Transaction>) {
        self.account.seq = self.next_seq();
        // The clocks of two writers may differ; the log is in the order of time all the same.
        self.account.logged_at = self.account.logged_at.max(self.now);
        let entry = Entry {
            account: self.account.id.clone(),
            seq: self.account.seq,
            program: self.program.id.clone(),
            trigger: cause.trigger.to_owned(),
            source_id: cause.source_id.to_owned(),
            payment: cause.payment.map(str::to_owned),
            occurred_at: cause.occurred_at,
            created: self.account.logged_at,
            changes,
            transactions: made,
            credits: std::mem::take(&mut self.credits),
            seal: None,
        };
        if let Some(past) = &mut self.past {
            past.extend(&entry);
        }
        self.note(&entry);
        self.entries.push(entry);
    }

    /// The account as it is to be written over version `before`, with its next visit planned.
    fn finish(mut self, before: u64) -> (AccountWrite, Vec<Entry>) {
        self.account.version = before + 1;
        self.account.plan_visit(self.program, self.now);
        let write = if before == 0 {
            AccountWrite::Create(self.account)
        } else {
            AccountWrite::Update {
                version: before,
                account: self.account,
            }
        };
        (write, self.entries)
    }
}
