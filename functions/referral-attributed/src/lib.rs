//! New customers, who may have come by a member's code, and the news that somebody has: what rules
//! give both sides for that.

use laurel_host::{Apply, Only};
use laurel_rules::event::{CUSTOMER_CREATED, REFERRAL_ATTRIBUTED};

/// The event types that come here.
pub const TRIGGERS: &[&str] = &[CUSTOMER_CREATED, REFERRAL_ATTRIBUTED];

/// Passes on to `ledger` what belongs here.
pub fn handler(ledger: impl Apply + 'static) -> Only {
    let is_its = |trigger: &str| TRIGGERS.contains(&trigger);
    Only::new("referral-attributed", is_its, ledger)
}
