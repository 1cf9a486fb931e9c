//! A world to test in: an embedded table, a clock that stands still until it is told, and a
//! ledger on both.

mod crash;
pub mod logs;
pub mod referrals;
pub mod rewards;

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use laurel::embedded::Embedded;
use laurel_events::{from_api, parse};
use laurel_ledger::{
    AccountView, AuditCounts, AuditRound, Clock, Error, Ledger, PageRequest, Seed,
    TransactionFilter, TransactionView, Violation, table::create_table,
};
use laurel_rules::{Event, EventOutcome, Program, Refusal, Rule, decide::NewAccount};
use serde_json::{Value, json};

pub use crash::Crash;

/// The program that worlds have.
pub const PROGRAM: &str = "prog_default";
const TABLE: &str = "laurel";

/// A clock that shows what it was set to.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that shows this time.
    #[must_use]
    pub fn showing(now: Timestamp) -> ManualClock {
        ManualClock(Mutex::new(now))
    }

    /// Sets the time, forward or back.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An instant from its RFC 3339 form.
///
/// # Panics
/// Where `text` is not one.
#[must_use]
pub fn at(text: &str) -> Timestamp {
    text.parse()
        .unwrap_or_else(|problem| panic!("{text}: {problem}"))
}

/// The store that worlds are in: an embedded one, or the emulated DynamoDB at the address that
/// `LAUREL_TEST_DYNAMODB` names.
fn empty_store() -> Embedded {
    let store = match std::env::var("LAUREL_TEST_DYNAMODB") {
        Ok(server) => {
            let server = server.parse().expect("an address and a port");
            Embedded::elsewhere(server)
        }
        Err(_) => Embedded::memory(),
    };
    store.expect("a store")
}

/// What came of an audit.
#[derive(Debug)]
pub struct Audit {
    /// How much was audited.
    pub counts: AuditCounts,
    /// What does not hold.
    pub violations: Vec<Violation>,
}

/// A table with a ledger on it.
pub struct World {
    /// The store below.
    pub store: Embedded,
    /// The ledger's clock.
    pub clock: Arc<ManualClock>,
    /// The ledger.
    pub ledger: Ledger,
}

impl World {
    /// An empty table at noon of 20 November 2026.
    ///
    /// # Panics
    /// Where the store cannot be opened.
    pub async fn empty() -> World {
        logs::watch();
        let store = empty_store();
        create_table(&store.client(), TABLE, false)
            .await
            .expect("a new table");
        let clock = Arc::new(ManualClock::showing(at("2026-11-20T12:00:00Z")));
        let ledger = Ledger::new(store.client(), TABLE, Arc::clone(&clock) as Arc<dyn Clock>);
        World {
            store,
            clock,
            ledger,
        }
    }

    /// A table with a program that has these settings beside the defaults, and these rules.
    ///
    /// # Panics
    /// Where a setting or rule is not one.
    pub async fn with(settings: Value, rules: &[Value]) -> World {
        let world = World::empty().await;
        world.set_program(settings).await;
        for rule in rules {
            world.add_rule(rule.clone()).await;
        }
        world
    }

    /// Creates the program.
    ///
    /// # Panics
    /// Where a setting is not one.
    pub async fn set_program(&self, settings: Value) {
        let defaults = self.ledger.new_program(Some(PROGRAM.to_owned()));
        let mut value = serde_json::to_value(defaults).expect("a program as JSON");
        merge(&mut value, settings);
        let program: Program = serde_json::from_value(value).expect("settings of a program");
        logs::keep_secret(&program.salt);
        self.ledger
            .create_program(program, "set up")
            .await
            .expect("a new program");
    }

    /// Adds a rule; absent fields get their defaults.
    ///
    /// # Panics
    /// Where it is not one.
    pub async fn add_rule(&self, rule: Value) -> Rule {
        let mut value = json!({
            "id": self.ledger.new_id("rule_"),
            "program": PROGRAM,
            "trigger": "payment.completed",
            "active": true,
            "version": 1,
            "created": self.ledger.now(),
        });
        merge(&mut value, rule);
        let rule: Rule = serde_json::from_value(value).expect("a rule");
        let created = self.ledger.create_configured(rule, "set up").await;
        created.expect("a new rule")
    }

    /// Another ledger on the same table, as another process has it: nothing is shared but the
    /// table and the clock.
    #[must_use]
    pub fn another_ledger(&self) -> Ledger {
        self.ledger_on(self.store.client())
    }

    /// A ledger on the same table through `client`.
    #[must_use]
    pub fn ledger_on(&self, client: Client) -> Ledger {
        Ledger::new(client, TABLE, Arc::clone(&self.clock) as Arc<dyn Clock>)
    }

    /// The event in the form of `POST /v1/events`.
    ///
    /// # Errors
    /// What the parser refuses.
    pub fn event(&self, value: Value) -> Result<Event, Refusal> {
        parse(from_api(value)?, self.ledger.now())
    }

    /// Applies an event in the form of `POST /v1/events`.
    ///
    /// # Errors
    /// What the parser or the ledger refuses.
    pub async fn apply(&self, value: Value) -> Result<EventOutcome, Error> {
        self.ledger.apply(&self.event(value)?).await
    }

    /// The account of a customer.
    ///
    /// # Panics
    /// Where there is none.
    pub async fn member(&self, customer: &str) -> AccountView {
        let found = self.find_member(customer).await;
        found.unwrap_or_else(|| panic!("no account of {customer}"))
    }

    /// The account of a customer, where there is one.
    ///
    /// # Panics
    /// Where the table does not answer.
    pub async fn find_member(&self, customer: &str) -> Option<AccountView> {
        find_member(&self.ledger, customer).await
    }

    /// A new account with this customer.
    ///
    /// # Panics
    /// Where it is refused.
    pub async fn create(&self, customer: &str) -> String {
        let new = NewAccount {
            program: PROGRAM.to_owned(),
            customer: Some(customer.to_owned()),
            ..NewAccount::default()
        };
        let created = self.ledger.create_account(new, Seed::fresh()).await;
        created.expect("a new account").account.id
    }

    /// Merges one account into another.
    ///
    /// # Panics
    /// Where it is refused.
    pub async fn merge(&self, source: &str, target: &str) -> AccountView {
        let merged = self
            .ledger
            .merge_accounts(source, target, Seed::fresh())
            .await;
        merged.expect("a merge")
    }

    /// All transactions of an account, the oldest first.
    ///
    /// # Panics
    /// Where the table does not answer.
    pub async fn log(&self, account: &str) -> Vec<TransactionView> {
        let filter = TransactionFilter {
            account: account.to_owned(),
            kind: None,
            created: laurel_ledger::TimeRange::default(),
        };
        let all = PageRequest {
            limit: 100_000,
            ..PageRequest::default()
        };
        let page = self.ledger.transactions(&filter, &all).await;
        let mut data = page.expect("a list of transactions").data;
        data.reverse();
        data
    }

    /// Audits all members.
    ///
    /// # Panics
    /// Where the table does not answer.
    pub async fn audit(&self) -> Audit {
        let round = AuditRound::new(self.ledger.now(), Some(PROGRAM.to_owned()));
        self.audit_by(round.at_rest()).await
    }

    /// Goes through a whole round.
    ///
    /// # Panics
    /// Where the table does not answer.
    pub async fn audit_by(&self, mut round: AuditRound) -> Audit {
        let mut violations = Vec::new();
        while !round.is_done() {
            let step = self.ledger.audit_step(&mut round, 50).await;
            violations.extend(step.expect("a step of an audit"));
        }
        Audit {
            counts: round.counts(),
            violations,
        }
    }

    /// The log in words: `earn 10, reverse -5`.
    pub async fn log_text(&self, account: &str) -> String {
        let log = self.log(account).await;
        let words = log.iter().map(|view| {
            let transaction = view.transaction();
            format!("{} {}", transaction.kind.as_str(), transaction.amount)
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// Lays the fields of `over` over those of `value`.
pub fn merge(value: &mut Value, over: Value) {
    if let (Value::Object(value), Value::Object(over)) = (value, over) {
        for (key, field) in over {
            value.insert(key, field);
        }
    }
}

/// A payment in euros, in the form of `POST /v1/events`.
#[must_use]
pub fn payment(id: &str, customer: &str, amount: i64) -> Value {
    json!({
        "type": "payment.completed",
        "occurred_at": "2026-11-20T11:00:00Z",
        "data": {"id": id, "customer": customer, "amount": amount, "currency": "EUR"},
    })
}

/// A refund, in the form of `POST /v1/events`.
#[must_use]
pub fn refund(id: &str, payment: &str, amount: Option<i64>) -> Value {
    let mut data = json!({"id": id, "payment": payment});
    if let Some(amount) = amount {
        merge(&mut data, json!({"amount": amount}));
    }
    json!({"type": "payment.refunded", "occurred_at": "2026-11-20T11:30:00Z", "data": data})
}

/// The account of a customer, as this process finds it.
///
/// # Panics
/// Where the table does not answer.
pub async fn find_member(ledger: &Ledger, customer: &str) -> Option<AccountView> {
    let filter = laurel_ledger::AccountFilter {
        customer: Some(customer.to_owned()),
        ..laurel_ledger::AccountFilter::of(PROGRAM)
    };
    let page = ledger.accounts(&filter, &PageRequest::default()).await;
    page.expect("a list of accounts").data.pop()
}
