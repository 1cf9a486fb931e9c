//! Referrals in a world: a member with a code, and those who come by it.

use laurel_ledger::{AttributionRequest, ReferralView};
use laurel_rules::decide::Mint;
use serde_json::{Value, json};

use crate::{World, merge, payment};

/// What most tests promise: 500 points for who shares, 250 for who comes, from 20.00 on.
#[must_use]
pub fn settings() -> Value {
    json!({
        "auto_enroll": true,
        "reward": {"referrer": {"points": 500}, "referee": {"points": 250}},
        "qualify": {"firstPaymentMinimum": 2000, "windowDays": 30},
    })
}

/// A payment at an hour of 20 November, with the card that it was made with.
#[must_use]
pub fn paid(id: &str, customer: &str, amount: i64, time: &str, card: &str) -> Value {
    let mut payment = payment(id, customer, amount);
    payment["occurred_at"] = format!("2026-11-20T{time}:00Z").into();
    payment["data"]["payment_method"] = json!({"type": "card", "fingerprint": card});
    payment
}

/// A new customer who names a code.
#[must_use]
pub fn came(customer: &str, code: &str, time: &str) -> Value {
    json!({
        "type": "customer.created",
        "occurred_at": format!("2026-11-20T{time}:00Z"),
        "data": {"id": customer, "metadata": {"referral_code": code}},
    })
}

/// The same event with these fields in its data's metadata.
#[must_use]
pub fn with_metadata(mut event: Value, metadata: Value) -> Value {
    merge(&mut event["data"], json!({"metadata": metadata}));
    event
}

impl World {
    /// The code of a member.
    ///
    /// # Panics
    /// Where it is refused.
    pub async fn code_of(&self, account: &str) -> String {
        let mint = Mint {
            referrer: account.to_owned(),
            ..Mint::default()
        };
        let minted = self.ledger.mint_referral_code(None, &mint).await;
        minted.expect("a code").view.code.expect("a code")
    }

    /// A member with a code: account and code.
    ///
    /// # Panics
    /// Where that is refused.
    pub async fn referrer(&self, customer: &str) -> (String, String) {
        let account = self.create(customer).await;
        let code = self.code_of(&account).await;
        (account, code)
    }

    /// Attributes a customer to a code.
    ///
    /// # Panics
    /// Where it is refused.
    pub async fn attribute(&self, customer: &str, code: &str) -> ReferralView {
        let request = AttributionRequest {
            code: Some(code.to_owned()),
            customer: Some(customer.to_owned()),
            ..AttributionRequest::default()
        };
        let attributed = self.ledger.attribute(&request).await;
        attributed.expect("an attribution")
    }

    /// How far the referral of a customer has come: `converted`, or `rejected velocity`.
    ///
    /// # Panics
    /// Where there is none.
    pub async fn referral_text(&self, customer: &str) -> String {
        let member = self.member(customer).await;
        let referred = member.account.referrals.referred;
        let Some(referred) = referred else {
            return "none".to_owned();
        };
        let view = self.ledger.referral(&referred.id).await;
        let view = view.expect("a referral");
        match view.reason {
            Some(reason) => format!("{} {}", view.status.as_str(), reason.as_str()),
            None => view.status.as_str().to_owned(),
        }
    }

    /// The balance of a customer's account.
    ///
    /// # Panics
    /// Where there is none.
    pub async fn balance_of(&self, customer: &str) -> i64 {
        self.member(customer).await.balance
    }
}
