//! Ids that say where something stands: cursors of lists, and what paths name.

use laurel_ledger::Seed;
use laurel_rules::{
    id::{CreditId, EventId, TransactionId},
    redemption::RedemptionId,
    referral::ReferralId,
};
use laurel_webhooks::DeliveryId;

use crate::check_key_part;

/// What is read as an id has one spelling, and each part of it can be a part of a key.
///
/// # Panics
/// Where that does not hold.
pub fn cursors(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Some(id) = TransactionId::parse(text) {
        check(text, &id.to_string(), &id.account);
    }
    if let Some(CreditId(id)) = CreditId::parse(text) {
        check(text, &CreditId(id.clone()).to_string(), &id.account);
    }
    if let Some(id) = EventId::parse(text) {
        check(text, &id.to_string(), &id.account);
    }
    if let Some(id) = RedemptionId::parse(text) {
        check(text, &id.to_string(), &id.account);
        check_key_part(&id.place);
    }
    if let Some(id) = ReferralId::parse(text) {
        check(text, &id.to_string(), &id.account);
        check_key_part(&id.place);
    }
    if let Some(id) = DeliveryId::parse(text) {
        check(text, &id.to_string(), &id.endpoint);
    }
    if let Some(seed) = Seed::parse(text) {
        assert_eq!(Seed::parse(&seed.to_text()), Some(seed), "{text}");
    }
}

/// `spelt` is what an id that was read from `text` is written as, and `owner` whose it is.
fn check(text: &str, spelt: &str, owner: &str) {
    assert_eq!(spelt, text);
    check_key_part(text);
    // An id may be as long as ids are, and the prefix of its owner one longer than its own.
    assert!(!owner.contains('#') && owner.is_ascii(), "{owner}");
}
