//! The field `when`: a condition, as it is written.

use laurel_ledger::CONDITION_BYTES_MAX;
use laurel_rules::Refusal;

use crate::fields::{Field, Fields, Kind};

/// A condition of rules and campaigns.
pub(crate) const WHEN: Field = Field::new(
    "when",
    Kind::Source(CONDITION_BYTES_MAX),
    "The condition, in CEL, on `event`, `member`, `program` and `now`; always where null. Keys of \
     the event's metadata are also there by their bare names. See docs/conditions.md.",
)
.example("event.amount >= 2000 && member.tier in ['gold', 'platinum']")
.nullable();

/// A condition of rewards.
pub(crate) const MEMBER_WHEN: Field = Field::new(
    "when",
    Kind::Source(CONDITION_BYTES_MAX),
    "The condition, in CEL, on `member`, `program` and `now`, when it is redeemed; for everybody \
     where null. See docs/conditions.md.",
)
.example("'vip' in member.segments")
.nullable();

/// Reads a condition; whoever saves it compiles it.
///
/// # Errors
/// `parameter_invalid` where it is no text.
pub(crate) fn when(fields: &mut Fields) -> Result<Option<Option<String>>, Refusal> {
    fields.nullable("when", Fields::source)
}
