//! Bugs that simulations plant, to show that they would find them: a check that cannot fail is
//! none.
//!
//! Without the feature `on`, as in all that ships, [`is`] is the constant `false`, and what stands
//! behind it is not compiled.

/// A bug to plant, one line where the code would be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// An event leaves no record, so that a repeat of it awards again.
    NoRecords,
    /// Accounts and entries are written whatever there is.
    NoVersions,
    /// A repeat with other content is answered as if it were the same.
    AnyContent,
    /// A commit of which it is unknown whether it happened is taken for done.
    UnclearIsDone,
    /// Each refund rounds for itself.
    PartsRounded,
    /// A refund that came before its payment is forgotten.
    EarlyRefundsForgotten,
    /// A refund does not give back what the award used of its cap.
    CapsNotReturned,
    /// A merge keeps the survivor's lifetime points only.
    MergeLosesLifetime,
    /// What rounding cut off is lost.
    CarriesDropped,
    /// A campaign is in effect at its end, too.
    CampaignEndsLate,
    /// Points expire an hour after they should.
    ExpiresLate,
    /// Points are spent from the lot that expires last.
    LastLotFirst,
    /// What is reserved is given back, and stays reserved.
    HoldsKept,
    /// Whoever takes a request over from one that died does it under other ids.
    OtherSeeds,
    /// A process never learns of changes of the configuration.
    StaleCatalogs,
    /// An event that the bus refused is taken for announced.
    RefusalsIgnored,
    /// What is owed is counted as often as the stream tells of it.
    CountedAgain,
    /// Conversions do not count against the referrer's velocity.
    ConversionsNotCounted,
    /// Who came by a code comes again by another.
    LaterTouchWins,
    /// A refund takes the referrer's reward back and leaves the referee's.
    OneSideKept,
    /// A card or device of another referee is none of anybody's business.
    SharedCardsPass,
    /// A click of the landing page is taken for one whoever made it.
    AnyClick,
    /// An erased member's names still lead to the account.
    NamesOutliveErasure,
    /// A revoked API key still works.
    RevokedKeysWork,
    /// A delivery that failed is not tried again.
    NoSecondAttempt,
}

impl Bug {
    /// All of them.
    pub const ALL: [Bug; 25] = [
        Bug::NoRecords,
        Bug::NoVersions,
        Bug::AnyContent,
        Bug::UnclearIsDone,
        Bug::PartsRounded,
        Bug::EarlyRefundsForgotten,
        Bug::CapsNotReturned,
        Bug::MergeLosesLifetime,
        Bug::CarriesDropped,
        Bug::CampaignEndsLate,
        Bug::ExpiresLate,
        Bug::LastLotFirst,
        Bug::HoldsKept,
        Bug::OtherSeeds,
        Bug::StaleCatalogs,
        Bug::RefusalsIgnored,
        Bug::CountedAgain,
        Bug::ConversionsNotCounted,
        Bug::LaterTouchWins,
        Bug::OneSideKept,
        Bug::SharedCardsPass,
        Bug::AnyClick,
        Bug::NamesOutliveErasure,
        Bug::RevokedKeysWork,
        Bug::NoSecondAttempt,
    ];
}

/// Whether the bug is there.
#[cfg(not(feature = "on"))]
#[inline(always)]
#[must_use]
pub const fn is(_: Bug) -> bool {
    false
}

#[cfg(feature = "on")]
pub use planting::{is, plant};

#[cfg(feature = "on")]
mod planting {
    use std::cell::Cell;

    use super::Bug;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Whether the bug is there, on this thread.
    #[must_use]
    pub fn is(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }

    /// Plants a bug in the place of any other, on this thread.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }
}
