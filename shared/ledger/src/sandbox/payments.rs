//! Payments of the sandbox: kept for a while, so that they can be looked up and refunded.
//!
//! A payment is stored before its event is handled, and the event follows from what is stored.
//! Whoever sends the request again, with the ids of the first try, thus makes the same event of
//! the same payment, and the event's own record sees to the rest.

use jiff::{SignedDuration, Timestamp};
use laurel_rules::{Code, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    Error, Ledger, Page, PageRequest, Seed, TimeRange,
    commit::put,
    item::{Item, Reader, Writer},
    listed::ListedKind,
    programs::json,
    retry::Pause,
    store::{Committed, Consistency},
    table::{Key, SANDBOX_PAYMENT_PREFIX},
};

/// How long a payment is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most refunds of one payment.
const REFUNDS_MAX: usize = 100;

/// A payment that nobody made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SandboxPayment {
    /// `pay_…`, or what the caller gave.
    pub id: String,
    /// The program whose members it may concern.
    pub program: String,
    /// Why it failed; it completed where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
    /// Minor units.
    pub amount: i64,
    /// ISO 4217, in capitals.
    pub currency: String,
    /// How it was paid.
    pub card: Card,
    /// What the caller said of it beside: `customer`, `account`, `email`, `line_items`,
    /// `metadata`, as an event carries them.
    pub details: Map<String, Value>,
    /// When it was made, by the program's time.
    pub created: Timestamp,
    /// What was given back, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<SandboxRefund>,
}

/// A card as events tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// As `visa`.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// The same for one card in one program, and nothing that leads back to its number.
    pub fingerprint: String,
}

/// A refund of a sandbox payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxRefund {
    /// `re_…`, or what the caller gave.
    pub id: String,
    /// Minor units.
    pub amount: i64,
    /// When it was made, by the program's time.
    pub created: Timestamp,
    /// Which request made it.
    request: String,
}

impl SandboxPayment {
    /// Whether it completed.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.failure_code.is_none()
    }

    /// What of it was given back, in minor units.
    #[must_use]
    pub fn amount_refunded(&self) -> i64 {
        self.refunds
            .iter()
            .fold(0, |sum, refund| sum.saturating_add(refund.amount))
    }

    /// Adds a refund of `amount`, or of what is left.
    fn refund(&mut self, refund: &NewRefund<'_>, created: Timestamp) -> Result<(), Refusal> {
        if !self.is_completed() {
            let message = format!(
                "The payment `{}` failed; there is nothing to refund.",
                self.id
            );
            return Err(Refusal::new(Code::PaymentNotRefundable, message));
        }
        let left = self.amount.saturating_sub(self.amount_refunded());
        let is_spent = left == 0 && !(self.amount == 0 && self.refunds.is_empty());
        if is_spent {
            let message = format!("The payment `{}` is refunded wholly already.", self.id);
            return Err(Refusal::new(Code::PaymentNotRefundable, message).at("amount"));
        }
        let amount = refund.amount.unwrap_or(left);
        if amount > left || (amount == 0 && left > 0) {
            let message =
                format!("`amount` must be from 1 to {left}, which is left of the payment.");
            return Err(Refusal::new(Code::PaymentNotRefundable, message).at("amount"));
        }
        if self.refunds.len() >= REFUNDS_MAX {
            let message = format!("A payment of the sandbox takes at most {REFUNDS_MAX} refunds.");
            return Err(Refusal::new(Code::LimitReached, message));
        }
        self.refunds.push(SandboxRefund {
            id: refund.id.to_owned(),
            amount,
            created,
            request: refund.request.to_text(),
        });
        Ok(())
    }
}

/// A refund as it is asked for.
struct NewRefund<'a> {
    id: &'a str,
    amount: Option<i64>,
    request: Seed,
}

fn no_such_payment(id: &str) -> Refusal {
    Refusal::new(
        Code::ResourceMissing,
        format!("No such payment in this sandbox: `{id}`; they are kept for 30 days."),
    )
}

struct Stored {
    payment: SandboxPayment,
    request: String,
    version: u64,
}

fn stored(item: &Item) -> Result<Stored, Error> {
    let reader = Reader::new(item);
    let payment = serde_json::from_str(reader.text("cfg")?)
        .map_err(|problem| reader.corrupt(format!("a payment does not read: {problem}")))?;
    Ok(Stored {
        payment,
        request: reader.text("rq")?.to_owned(),
        version: reader.number("v")?,
    })
}

const LISTED: ListedKind = ListedKind {
    letter: SANDBOX_PAYMENT_PREFIX,
    key: Key::sandbox_payment,
};

impl Ledger {
    /// What stands for a card in a program: the same for the same number, keyed by the program's
    /// secret.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program.
    pub async fn card_fingerprint(&self, program: &str, number: &str) -> Result<String, Error> {
        let salt = self.program(program).await?.salt;
        let digest = Sha256::new()
            .chain_update(salt.as_bytes())
            .chain_update(b"\0card\0")
            .chain_update(number.as_bytes())
            .finalize();
        Ok(digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect())
    }

    /// Keeps a payment; the same request again is answered with what it kept.
    ///
    /// # Errors
    /// `resource_already_exists` where another request made one with its id.
    pub async fn create_sandbox_payment(
        &self,
        payment: SandboxPayment,
        request: Seed,
    ) -> Result<SandboxPayment, Error> {
        let item = self.payment_item(&payment, &request.to_text(), 1)?;
        let mut pause = Pause::new();
        loop {
            let writes = vec![put(&self.store.table, item.clone(), None)?];
            if self.store.transact(writes).await? == Committed::Yes {
                return Ok(payment);
            }
            // An id may be taken in a program that must not be known; it is taken all the same.
            if let Some(found) = self.within(None).stored_payment(&payment.id).await? {
                if found.request == request.to_text() {
                    return Ok(found.payment);
                }
                let message = format!("The payment `{}` exists already.", payment.id);
                return Err(Refusal::new(Code::ResourceAlreadyExists, message)
                    .at("id")
                    .into());
            }
            pause.or_busy().await?;
        }
    }

    /// The payment with this id.
    ///
    /// # Errors
    /// `resource_missing` where there is none, or none any more.
    pub async fn sandbox_payment(&self, id: &str) -> Result<SandboxPayment, Error> {
        let found = self.stored_payment(id).await?;
        Ok(found.ok_or_else(|| no_such_payment(id))?.payment)
    }

    /// Refunds a payment, wholly where no amount is given, and answers it as it is then; the
    /// same request again is answered likewise.
    ///
    /// # Errors
    /// `resource_missing`; `payment_not_refundable` where it failed; `parameter_invalid` where
    /// less is left of it; `resource_already_exists` where another refund of it has this id.
    pub async fn refund_sandbox_payment(
        &self,
        payment: &str,
        id: &str,
        amount: Option<i64>,
        request: Seed,
    ) -> Result<(SandboxPayment, SandboxRefund), Error> {
        let refund = NewRefund {
            id,
            amount,
            request,
        };
        let mut pause = Pause::new();
        loop {
            let found = self.stored_payment(payment).await?;
            let mut found = found.ok_or_else(|| no_such_payment(payment))?;
            let made = found.payment.refunds.iter().find(|made| made.id == id);
            if let Some(made) = made.cloned() {
                if made.request == request.to_text() {
                    return Ok((found.payment, made));
                }
                let message = format!("The refund `{id}` exists already.");
                return Err(Refusal::new(Code::ResourceAlreadyExists, message)
                    .at("id")
                    .into());
            }
            let now = self.time_of(&found.payment.program).await?;
            found.payment.refund(&refund, now)?;
            let item = self.payment_item(&found.payment, &found.request, found.version + 1)?;
            let writes = vec![put(&self.store.table, item, Some(found.version))?];
            if self.store.transact(writes).await? == Committed::Yes
                && let Some(made) = found.payment.refunds.last().cloned()
            {
                return Ok((found.payment, made));
            }
            pause.or_busy().await?;
        }
    }

    /// Lists a program's payments, the newest first.
    ///
    /// # Errors
    /// `parameter_invalid` where a cursor names none of them.
    pub async fn sandbox_payments(
        &self,
        program: &str,
        created: TimeRange,
        request: &PageRequest,
    ) -> Result<Page<SandboxPayment>, Error> {
        let read = |item: &Item| {
            let payment = stored(item)?.payment;
            Ok(Some(payment).filter(|payment| created.contains(payment.created)))
        };
        self.listed_objects(&LISTED, program, request, read).await
    }

    async fn stored_payment(&self, id: &str) -> Result<Option<Stored>, Error> {
        let key = Key::sandbox_payment(id);
        let found = self.store.get([key], Consistency::Strong).await?;
        let found = found.values().next().map(stored).transpose()?;
        Ok(found.filter(|stored| self.sees(&stored.payment.program)))
    }

    fn payment_item(
        &self,
        payment: &SandboxPayment,
        request: &str,
        version: u64,
    ) -> Result<Item, Error> {
        // DynamoDB goes by the machine's time, and in seconds.
        let gone_at = self
            .now()
            .saturating_add(KEPT)
            .map_or(0, Timestamp::as_second);
        let writer = Writer::keyed(Key::sandbox_payment(&payment.id));
        let writer = LISTED.place(writer, &payment.program, payment.created, &payment.id);
        Ok(writer
            .text("rq", request)
            .text("cfg", json(payment)?)
            .number("v", version)
            .number("ttl", gone_at)
            .done())
    }
}
