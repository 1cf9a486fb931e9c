//! A naive, in-memory reference model of Laurel, written from `SPEC.md` alone.
//!
//! It is the oracle for the ledger: the same history goes through both, and after every step the
//! answers, the balances and the lists of transactions must agree. It shares no code and no
//! design with the engine. Nothing is cached or pruned: the model keeps every transaction ever
//! written and works everything else out from that list, by brute force, each time it is asked.
//! Slow on purpose, so that each rule of the spec stands here in its plainest form.
//!
//! - [`settings`]: programs and earning rules.
//! - [`ops`]: what can be asked of the model, and how it answers.
//! - [`points`]: the exact value of an award and its one rounding.
//! - [`calendar`]: windows, maturity and expiry in the program's time zone.
//! - [`lots`]: what is left of every lot at an instant.
//! - `tiers`: where a member stands, and stood.
//! - [`rewards`]: rewards and redemptions.
//! - [`campaigns`]: which campaign is in effect.
//! - [`referrals`]: codes, and who came by them.
//! - [`goals`]: milestones and streaks.
//! - [`model`]: events, refunds, adjustments and accounts.
//! - [`Model::check_invariants`]: I1 to I8 of the reliability guide, on the whole state.
//! - [`history`]: random histories to run both sides through.
//!
//! Where the spec is silent the comment of the function says "Ruling" and what was settled.

pub mod calendar;
pub mod campaigns;
pub mod goals;
pub mod history;
mod invariants;
pub mod lots;
pub mod model;
pub mod ops;
pub mod points;
pub mod referrals;
pub mod rewards;
pub mod settings;
#[cfg(test)]
mod tests;
mod tiers;

pub use campaigns::{Campaign, Schedule};
pub use model::{Model, Status, Transaction};
pub use ops::{
    Answer, Coming, CreditExpiry, Done, Event, MemberId, Names, Op, Outcome, Posted, RedemptionId,
    TransactionKind, Via,
};
pub use referrals::{
    CodeId, Qualify, Referral, ReferralCode, ReferralSettings, Side, Sides, Velocity,
};
pub use rewards::{
    Act, Gives, Limit, Money, RedeemRate, Redemption, RedemptionStatus, Reward, Wanted,
};
pub use settings::{
    Award, Budget, Cap, Decimal, Downgrade, EarnOn, Exclusive, Expires, NegativeBalance,
    ProgramSettings, Recipient, RoundUpTo, Rounding, Rule, Tier, TierBasis, TierPeriod, Window,
};
