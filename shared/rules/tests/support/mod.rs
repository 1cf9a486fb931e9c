//! What a member's partition of the table holds, in memory: applies commits as the ledger does,
//! checking each condition, and checks the invariants of spec section 2 after every one.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod script;

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use laurel_rules::{
    Account, Catalog, Commit, Entry, Event, EventOutcome, EventRecord, Plan, Program, Redemption,
    Refusal, Rule, Transaction,
    account::Status,
    boosts::Boosts,
    decide::{AccountWrite, ClaimKind, ClaimWrite, EventSnapshot, Needs, Past, handle_event},
    entry::TransactionType,
    evaluate::{Evaluation, Standing, Verdict, evaluate},
    event::{INVOICE_PAID, Intent, MemberRef, PAYMENT_COMPLETED, is_payment},
    pool::Pools,
    record::EventKey,
    rule::CompiledRule,
};

/// The program and the member that every world begins with.
pub(crate) const PROGRAM: &str = "prog_default";
pub(crate) const MEMBER: &str = "loy_1";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse()
        .unwrap_or_else(|problem| panic!("{text}: {problem}"))
}

/// Everything that is stored, and the configuration in force.
pub(crate) struct World {
    pub(crate) program: Program,
    pub(crate) rules: Vec<Rule>,
    pub(crate) boosts: Boosts,
    pub(crate) now: Timestamp,
    pub(crate) accounts: HashMap<String, Account>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) records: HashMap<EventKey, EventRecord>,
    pub(crate) claims: HashMap<(ClaimKind, String), String>,
    pub(crate) redemptions: HashMap<String, Redemption>,
    /// How many decisions asked for the whole log.
    pub(crate) past_reads: usize,
}

impl World {
    /// A world with one member without points.
    pub(crate) fn new() -> World {
        let now = at("2026-01-01T00:00:00Z");
        let program = Program::new(PROGRAM, "salt", now);
        let mut member = Account::new(MEMBER.to_owned(), &program, now, now);
        member.version = 1;
        World {
            program,
            rules: Vec::new(),
            boosts: Boosts::default(),
            now,
            accounts: HashMap::from([(MEMBER.to_owned(), member)]),
            entries: Vec::new(),
            records: HashMap::new(),
            claims: HashMap::new(),
            redemptions: HashMap::new(),
            past_reads: 0,
        }
    }

    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        let compiled = self
            .rules
            .iter()
            .map(|rule| CompiledRule::new(Arc::new(rule.clone()), None))
            .collect();
        Arc::new(Catalog::new(self.program.clone(), 1, compiled))
    }

    fn record(&self, trigger: &str, source_id: &str) -> Option<&EventRecord> {
        self.records.get(&EventKey {
            program: PROGRAM.to_owned(),
            trigger: trigger.to_owned(),
            source_id: source_id.to_owned(),
        })
    }

    fn member_of(&self, member: &MemberRef) -> Option<&Account> {
        let customer = member
            .customer
            .clone()
            .map(|name| (ClaimKind::Customer, name));
        let email = member.email.clone().map(|name| (ClaimKind::Email, name));
        let claimed = [customer, email]
            .into_iter()
            .flatten()
            .filter_map(|key| self.claims.get(&key));
        member
            .accounts
            .iter()
            .chain(claimed)
            .find_map(|id| self.accounts.get(id))
    }

    /// What the ledger would load for `event`.
    pub(crate) fn snapshot(&self, event: &Event) -> EventSnapshot {
        let (payment, account) = match &event.intent {
            Intent::Refund { payment, .. } => {
                let stub = self.record(PAYMENT_COMPLETED, payment);
                let all = [stub, self.record(INVOICE_PAID, payment)];
                let mut handled = all.into_iter().flatten();
                let found = handled.find(|record| record.handled.is_some()).or(stub);
                let handled = found.and_then(|record| record.handled.as_ref());
                let id = handled.and_then(|handled| handled.account.as_ref());
                (found, id.and_then(|id| self.accounts.get(id)))
            }
            _ => {
                let stub = (event.trigger == INVOICE_PAID)
                    .then(|| self.record(PAYMENT_COMPLETED, &event.source_id));
                (stub.flatten(), self.member_of(&event.member))
            }
        };
        let of_payment = payment.and_then(|record| record.handled.as_ref()?.redemption.as_deref());
        let redemption = event.redemption().or(of_payment);
        EventSnapshot {
            catalog: self.catalog(),
            record: self.record(&event.trigger, &event.source_id).cloned(),
            payment: payment.cloned(),
            account: account.cloned(),
            past: None,
            redemption: redemption.and_then(|id| self.redemptions.get(id)).cloned(),
            offer: None,
            referral: None,
            card: None,
            email: None,
            boosts: self.boosts.clone(),
            new_account_id: format!("loy_{}", self.accounts.len() + 1),
            pools: Pools::default(),
            now: self.now,
        }
    }

    fn past(&self, account: &Account) -> Past {
        let log = self.entries.iter();
        Past::from_entries(log.filter(|entry| entry.account == account.id))
    }

    /// Decides `event`, with the past where the decision asks for it, and commits.
    pub(crate) fn handle(&mut self, event: &Event) -> Result<EventOutcome, Refusal> {
        let mut snapshot = self.snapshot(event);
        let mut plan = handle_event(&snapshot, event)?;
        if plan == Plan::Needs(Needs::past()) {
            self.past_reads += 1;
            snapshot.past = snapshot.account.as_ref().map(|account| self.past(account));
            plan = handle_event(&snapshot, event)?;
        }
        match plan {
            Plan::Answer(answer) | Plan::Final(answer) => Ok(answer),
            Plan::Needs(_) => panic!("the past was asked for twice: {event:?}"),
            Plan::Commit(commit, answer) => {
                self.check_against_the_log(snapshot, event, &commit);
                self.apply(*commit);
                Ok(answer)
            }
        }
    }

    /// What the account keeps of the past must tell the same as the past itself.
    fn check_against_the_log(&self, mut snapshot: EventSnapshot, event: &Event, made: &Commit) {
        let Some(account) = &mut snapshot.account else {
            return;
        };
        snapshot.past = Some(self.past(account));
        account.counters.clear();
        match handle_event(&snapshot, event) {
            Ok(Plan::Commit(again, _)) => assert_eq!(
                again.entries, made.entries,
                "the account's counters say otherwise than its log, for {event:?}"
            ),
            other => panic!("decided otherwise with the past: {other:?}"),
        }
    }

    /// Writes all of `commit`, as one transaction would.
    pub(crate) fn apply(&mut self, commit: Commit) {
        for ended in commit.ended() {
            let redemption = self
                .redemptions
                .get_mut(&ended.id)
                .expect("it was reserved");
            redemption.status = ended.status;
            redemption.version += 1;
        }
        for write in &commit.redemptions {
            let Redemption { id, version, .. } = &write.redemption;
            let stored = self.redemptions.get(id).map(|stored| stored.version);
            assert_eq!(
                (stored, *version),
                (write.expected, stored.unwrap_or(0) + 1)
            );
            self.redemptions
                .insert(id.clone(), write.redemption.clone());
        }
        for entry in &commit.entries {
            let log = self.entries.iter().filter(|e| e.account == entry.account);
            let latest = log.map(|entry| entry.seq).max().unwrap_or(0);
            assert_eq!(entry.seq, latest + 1, "the log has no gaps");
            self.entries.push(entry.clone());
        }
        for write in commit.accounts {
            let stored = |id: &str| self.accounts.get(id).map_or(0, |account| account.version);
            let (account, before) = match write {
                AccountWrite::Create(account) => (account, 0),
                AccountWrite::Update { version, account } => (account, version),
                AccountWrite::Check { id, version } => {
                    assert_eq!(stored(&id), version);
                    continue;
                }
            };
            assert_eq!((stored(&account.id), account.version), (before, before + 1));
            let lifetime_before = self
                .accounts
                .get(&account.id)
                .map_or(0, |account| account.lifetime_points);
            assert!(
                account.lifetime_points >= lifetime_before,
                "lifetime points never fall"
            );
            self.check_account(&account);
            self.accounts.insert(account.id.clone(), account);
        }
        for write in commit.records {
            let stored = self
                .records
                .get(&write.record.key)
                .map(|record| record.version);
            assert_eq!(stored, write.expected);
            assert_eq!(write.record.version, stored.unwrap_or(0) + 1);
            self.check_record(&write.record);
            self.records.insert(write.record.key.clone(), write.record);
        }
        for claim in commit.claims {
            let key = (claim.kind, claim.value);
            let expected = match &claim.write {
                ClaimWrite::Take { from } => from.clone(),
                ClaimWrite::Keep | ClaimWrite::Release => Some(claim.account.clone()),
            };
            assert_eq!(self.claims.remove(&key), expected, "names are unique");
            if claim.write != ClaimWrite::Release {
                self.claims.insert(key, claim.account);
            }
        }
    }

    /// Invariants 1 and 2: the account is what its log says.
    fn check_account(&self, account: &Account) {
        let log = || {
            self.entries
                .iter()
                .filter(|entry| entry.account == account.id)
        };
        let transactions = || log().flat_map(|entry| &entry.transactions);
        let is_posted = |t: &&Transaction| t.available_at.is_none_or(|from| from <= self.now);
        let posted: i64 = transactions().filter(is_posted).map(|t| t.amount).sum();
        let pending: i64 = transactions()
            .filter(|t| !is_posted(t))
            .map(|t| t.amount)
            .sum();
        let counted = (account.balance(self.now), account.pending(self.now));
        assert_eq!(
            counted,
            (posted, pending),
            "balance and pending are the sum of the log"
        );
        let earned = |t: &&Transaction| t.kind == TransactionType::Earn;
        let lifetime: i64 = transactions().filter(earned).map(|t| t.amount).sum();
        assert_eq!(account.lifetime_points, lifetime);
        assert!(account.points.lots.iter().all(|lot| lot.remaining > 0));
        assert!(account.points.deficit >= 0);
        if account.points.deficit > 0 {
            assert_eq!(
                account.balance(self.now),
                -account.points.deficit,
                "who owes has nothing left"
            );
        }
        assert_eq!(account.seq, log().map(|entry| entry.seq).max().unwrap_or(0));
        // An expiry tells the balance at its own instant, before later lots matured.
        let latest = log().next_back().filter(|entry| entry.created == self.now);
        let latest = latest.and_then(|entry| entry.transactions.last());
        if let Some(latest) = latest.filter(|made| made.kind != TransactionType::Expire) {
            assert_eq!(latest.balance_after, account.balance(self.now));
        }
    }

    /// Invariant 5: no more is reversed than was awarded.
    fn check_record(&self, record: &EventRecord) {
        let Some(handled) = &record.handled else {
            return;
        };
        assert!(
            record.refunds.early.is_empty(),
            "a handled payment has no waiting refunds"
        );
        assert!(record.refunds.total <= handled.amount);
        for award in &handled.awards {
            assert!((0..=award.points).contains(&award.reversed), "{award:?}");
        }
    }

    /// The member as read now: time has passed since it was written.
    pub(crate) fn account(&self, id: &str) -> Account {
        let mut account = self.accounts[id].clone();
        account.settle(&self.program, self.now);
        account
    }

    pub(crate) fn close(&mut self, id: &str) {
        self.accounts.get_mut(id).expect("a member").status = Status::Closed;
    }

    /// What every listening rule makes of `event`, without writing.
    pub(crate) fn verdicts(&self, event: &Event) -> Result<Vec<(String, String)>, Refusal> {
        let catalog = self.catalog();
        let account = self.member_of(&event.member);
        let past = account.map(|account| self.past(account));
        let standing = Standing {
            account,
            past: past.as_ref().map(|past| past.awards.as_slice()),
            now: self.now,
            ..Standing::default()
        };
        let Evaluation::Done(verdicts) = evaluate(&catalog, event, &self.boosts, standing)? else {
            panic!("asked for the past that was given");
        };
        Ok(verdicts
            .iter()
            .map(|verdict| match verdict {
                Verdict::Fires(fired) if fired.is_capped() => (
                    fired.rule.id.clone(),
                    format!("{} of {}", fired.points, fired.rounded),
                ),
                Verdict::Fires(fired) => (fired.rule.id.clone(), fired.points.to_string()),
                Verdict::Silent { rule, reason, .. } => {
                    (rule.id.clone(), reason.as_str().to_owned())
                }
            })
            .collect())
    }
}

/// An event of the member [`MEMBER`], without amount.
pub(crate) fn event(trigger: &str, id: &str, occurred_at: Timestamp) -> Event {
    Event {
        trigger: trigger.to_owned(),
        source_id: id.to_owned(),
        program: PROGRAM.to_owned(),
        occurred_at,
        is_dated: true,
        member: MemberRef {
            accounts: vec![MEMBER.to_owned()],
            ..MemberRef::default()
        },
        amount: None,
        currency: None,
        line_items: Vec::new(),
        data: serde_json::Map::new(),
        content: String::new(),
        intent: Intent::Earn,
    }
}

/// A payment of [`MEMBER`].
pub(crate) fn payment(id: &str, amount: i64, currency: &str, occurred_at: Timestamp) -> Event {
    assert!(is_payment(PAYMENT_COMPLETED));
    Event {
        amount: Some(amount),
        currency: iso_currency::Currency::from_code(currency),
        content: format!("{amount} {currency}"),
        ..event(PAYMENT_COMPLETED, id, occurred_at)
    }
}

/// A refund of `payment`, wholly where `amount` is absent.
pub(crate) fn refund(
    id: &str,
    payment: &str,
    amount: Option<i64>,
    occurred_at: Timestamp,
) -> Event {
    Event {
        content: format!("{payment} {amount:?}"),
        intent: Intent::Refund {
            payment: payment.to_owned(),
            amount,
        },
        ..event("payment.refunded", id, occurred_at)
    }
}
