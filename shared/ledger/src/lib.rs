//! The ledger: one DynamoDB table, and the only code that writes to it.
//!
//! Every write goes through one loop (`commit.rs`): load a snapshot, let [`laurel_rules`] decide,
//! commit the decision as one conditional transaction whose conditions are the facts that the
//! decision relied on; when one of them has moved on, begin again. [`table`] names the keys,
//! [`item`] the spelling of items.

mod account_list;
mod accounts;
mod adjustments;
mod archive;
mod audit;
mod budgets;
mod campaigns;
mod catalogs;
mod chaining;
mod chance;
mod claims;
pub mod clicks;
mod clock;
mod codes;
mod commit;
mod configured;
mod deliveries;
mod due;
mod emitted;
mod endpoints;
mod erasure;
mod error;
mod estimates;
mod event_types;
mod events;
mod experiments;
mod explanations;
mod idempotency;
mod imports;
pub mod item;
mod keys;
mod liability;
mod lifecycle;
mod listed;
mod logs;
mod more_time;
mod page;
mod placed_list;
mod pools;
mod programs;
mod rates;
mod redemption_list;
mod redemption_writes;
mod redemptions;
mod referral_codes;
mod referral_list;
mod referral_scene;
mod referral_views;
mod referral_writes;
mod referrals;
mod retry;
mod rewards;
mod sandbox;
mod scope;
mod seals;
mod seed;
mod segments;
mod simulations;
mod store;
mod store_credit;
pub mod table;
mod tier_evaluation;
mod tiers;
mod transaction_list;
mod transactions;
mod turns;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;

pub use account_list::AccountFilter;
pub use accounts::AccountView;
pub use adjustments::AdjustmentRequest;
pub use audit::{
    AuditCounts, AuditLimits, AuditProgress, AuditRan, AuditReport, AuditRound, Invariant,
    Violation,
};
pub use budgets::BudgetUse;
pub use chance::{Chance, SystemChance};
pub use clock::{Clock, SystemClock};
pub use configured::{Configured, Listing, Named};
pub use deliveries::{DeliveryFilter, Loaded, Versioned};
pub use due::{Due, DueCursor, DuePage};
pub use emitted::EventFilter;
pub use endpoints::Endpoints;
pub use error::Error;
pub use event_types::EventType;
pub use experiments::ExperimentView;
pub use idempotency::{Attempt, Begun, KeptAnswer, LEASE};
pub use imports::Wanted;
pub use keys::{KeyKind, StoredKey};
pub use laurel_conditions::SOURCE_BYTES_MAX as CONDITION_BYTES_MAX;
pub use liability::{
    JournalLine, JournalPage, JournalRequest, Liability, MonthFigures, Recounted, UnitFigures,
};
pub use page::{Page, PageRequest, TimeRange};
pub use redemption_list::RedemptionFilter;
pub use redemptions::{RedemptionView, Shown};
pub use referral_codes::SharedCode;
pub use referral_list::ReferralFilter;
pub use referral_views::ReferralView;
pub use referrals::{AttributionRequest, Minted};
pub use rewards::{CODES_IMPORTED_MAX, Imported};
pub use sandbox::{
    ProgramTime,
    payments::{Card, SandboxPayment, SandboxRefund},
};
pub use seals::seal_of;
pub use seed::Seed;
pub use simulations::{SIMULATED_EVENTS_MAX, SimulationStatus, StoredSimulation};
pub use store_credit::{CreditAdjustmentRequest, CreditFilter, CreditView};
pub use tier_evaluation::TierEvaluation;
pub use transaction_list::TransactionFilter;
pub use transactions::{Gain, TransactionStatus, TransactionView};

use catalogs::Catalogs;
use scope::Scope;
use store::Store;
use turns::Turns;

/// The ledger on one table. Clones share its connections, its cache of catalogs and its
/// turns.
#[derive(Debug, Clone)]
pub struct Ledger {
    store: Store,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    catalogs: Arc<Catalogs>,
    turns: Arc<Turns>,
    is_sandbox: bool,
    scope: Scope,
}

impl Ledger {
    /// A ledger on `table`.
    pub fn new(client: Client, table: impl Into<String>, clock: Arc<dyn Clock>) -> Ledger {
        Ledger {
            store: Store::new(client, table.into()),
            clock,
            chance: Arc::new(SystemChance),
            catalogs: Arc::new(Catalogs::default()),
            turns: Arc::new(Turns::default()),
            is_sandbox: false,
            scope: Scope::default(),
        }
    }

    /// The same ledger as that of a sandbox: a program may have a time of its own.
    #[must_use]
    pub fn in_sandbox(self) -> Ledger {
        Ledger {
            is_sandbox: true,
            ..self
        }
    }

    /// The same ledger with another source of chance.
    #[must_use]
    pub fn with_chance(self, chance: Arc<dyn Chance>) -> Ledger {
        Ledger { chance, ..self }
    }

    /// Now, in whole milliseconds, by the machine's clock. What concerns a program goes by
    /// [`Ledger::time_of`] instead.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh id that sorts by time: `prefix` and 26 characters.
    #[must_use]
    pub fn new_id(&self, prefix: &str) -> String {
        self.chance.seed().id(prefix)
    }
}
