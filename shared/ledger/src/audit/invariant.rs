//! What an audit checks, and what it finds.

use serde::{Deserialize, Serialize};

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Invariant {
    /// Every item reads as it is written.
    Items,
    /// Entries are numbered without gaps, up to the number that the account says.
    Log,
    /// Every entry bears the hash of itself and of the one before.
    Seals,
    /// Σ amounts = Σ lots − deficit.
    Balance,
    /// Lifetime points = Σ of all that was ever earned.
    Lifetime,
    /// The tier is the one that the log says last, and each change begins where the one before ended.
    Tiers,
    /// The same as `balance`, for each currency of store credit.
    StoreCredit,
    /// Of an award no more is reversed than it gave.
    Reversals,
    /// A rule awards at most once for one event.
    Once,
    /// No award exceeds the cap that it was judged by.
    Caps,
    /// The record of an event names the entries that it made.
    Records,
    /// Customer and email of an active account lead to it, and every name to an account that
    /// bears it.
    Names,
    /// Reservations on an account are those of its redemptions.
    Reservations,
    /// What a merge moved is what the merged account had.
    Merges,
    /// A code leads to the redemption that it was issued for, and the reverse.
    Codes,
    /// A referral that converted gave what it promised to both sides, and the referee knows of it.
    Referrals,
    /// A referrer's conversions are those of its referrals, and no window has too many.
    Conversions,
    /// A member's referral code leads to the member, and the reverse.
    ReferralCodes,
    /// What budgets say is used is what the transactions took of them, and no more than the limit.
    Budgets,
    /// What rewards say is taken of stock and codes is what the redemptions took.
    Stock,
    /// Each transaction and change was announced, where announcements are still kept.
    Events,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Invariant; 21] = [
        Invariant::Items,
        Invariant::Log,
        Invariant::Seals,
        Invariant::Balance,
        Invariant::Lifetime,
        Invariant::Tiers,
        Invariant::StoreCredit,
        Invariant::Reversals,
        Invariant::Once,
        Invariant::Caps,
        Invariant::Records,
        Invariant::Names,
        Invariant::Reservations,
        Invariant::Merges,
        Invariant::Codes,
        Invariant::Referrals,
        Invariant::Conversions,
        Invariant::ReferralCodes,
        Invariant::Budgets,
        Invariant::Stock,
        Invariant::Events,
    ];

    /// The invariant as it is told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Invariant::Items => "items",
            Invariant::Log => "log",
            Invariant::Seals => "seals",
            Invariant::Balance => "balance",
            Invariant::Lifetime => "lifetime",
            Invariant::Tiers => "tiers",
            Invariant::StoreCredit => "store_credit",
            Invariant::Reversals => "reversals",
            Invariant::Once => "once",
            Invariant::Caps => "caps",
            Invariant::Records => "records",
            Invariant::Names => "names",
            Invariant::Reservations => "reservations",
            Invariant::Merges => "merges",
            Invariant::Codes => "codes",
            Invariant::Referrals => "referrals",
            Invariant::Conversions => "conversions",
            Invariant::ReferralCodes => "referral_codes",
            Invariant::Budgets => "budgets",
            Invariant::Stock => "stock",
            Invariant::Events => "events",
        }
    }
}

/// Something that must hold and does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// In which program.
    pub program: String,
    /// Of which account; none where it is about a program as a whole.
    #[serde(default)]
    pub account: Option<String>,
    /// What does not hold.
    pub invariant: Invariant,
    /// How, for a person.
    pub message: String,
    /// The transactions behind it, where single ones are.
    pub transactions: Vec<String>,
}
