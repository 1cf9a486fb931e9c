//! Segments: named conditions on members, for rules, campaigns and rewards (spec section 6).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Refusal, id, tier::KEY_LEN_MAX};

/// What ids of segments begin with.
pub const SEGMENT_PREFIX: &str = "seg_";

/// A segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// `seg_…`.
    pub id: String,
    /// The program it belongs to.
    pub program: String,
    /// What conditions call it; unique in the program, and for good.
    pub key: String,
    /// What the operator calls it.
    pub name: String,
    /// Who is in it: a condition on the member.
    pub when: String,
    /// The operator's own keys and values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Grows with each change, from 1.
    pub version: u64,
    /// When it was created.
    pub created: Timestamp,
}

impl Segment {
    /// Checks all but the condition.
    ///
    /// # Errors
    /// `parameter_invalid` at the field at fault.
    pub fn check(&self) -> Result<(), Refusal> {
        id::check("id", &self.id)?;
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
        let fits = (1..=KEY_LEN_MAX).contains(&self.key.len()) && self.key.bytes().all(allowed);
        if !fits {
            let message = format!(
                "`key` must be 1 to {KEY_LEN_MAX} lower-case letters, digits, _ or -, as in `vip`."
            );
            return Err(Refusal::invalid("key", message));
        }
        Ok(())
    }
}
