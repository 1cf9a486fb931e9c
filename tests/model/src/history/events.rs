//! Events: payments, refunds, behaviours, and their repeats.

use super::*;

impl Generator {
    /// An event of somebody, with nothing in its data but its id.
    pub(super) fn event(&mut self, kind: &str, prefix: &str) -> Event {
        let number = self.number();
        let mut event = Event::new(kind, format!("env_{number}"), self.occurred_at());
        event
            .data
            .insert("id".to_owned(), json!(format!("{prefix}_{number}")));
        event
    }

    pub(super) fn identify(&mut self, event: &mut Event) {
        let member = self.some_member();
        let rng = &mut self.rng;
        let customer = json!(pick(rng, &CUSTOMERS));
        let email = json!(pick(rng, &EMAILS));
        match rng.u32(..100) {
            0..65 => {
                event.data.insert("customer".to_owned(), customer);
            }
            65..75 => {
                event.data.insert("email".to_owned(), email);
            }
            75..83 => event.account = member,
            83..89 => event.loyalty_account = member,
            89..91 => {
                event.loyalty_account = Some(MemberId(usize::MAX));
                event.data.insert("customer".to_owned(), customer);
            }
            91..97 => {
                event.account = member.filter(|_| rng.bool());
                event.data.insert("customer".to_owned(), customer);
                event.data.insert("email".to_owned(), email);
            }
            _ => {}
        }
        self.settle_identity(event);
    }

    /// Open: whether an account that an event enrolls gets the event's email as well.
    pub(super) fn settle_identity(&self, event: &mut Event) {
        if event
            .text("email")
            .is_some_and(|email| self.model.member_of_email(email).is_none())
            && event.data.contains_key("customer")
        {
            event.data.remove("email");
        }
    }

    pub(super) fn payment(&mut self) -> Op {
        if !self.announced.is_empty() && chance(&mut self.rng, 45) {
            let index = self.rng.usize(..self.announced.len());
            let mut event = self.announced.swap_remove(index);
            event.occurred_at = self.occurred_at();
            self.settle_identity(&mut event);
            return Op::Event(event);
        }
        Op::Event(self.new_payment())
    }

    pub(super) fn new_payment(&mut self) -> Event {
        let invoice = chance(&mut self.rng, 18);
        let (kind, prefix) = if invoice {
            ("invoice.paid", "in")
        } else {
            ("payment.completed", "pay")
        };
        let mut event = self.event(kind, prefix);
        self.identify(&mut event);
        event.redemption = self.named_redemption();
        if let Some(RedemptionId(number)) = event.redemption
            && chance(&mut self.rng, 70)
        {
            event.loyalty_account = Some(self.model.redemptions[number].member);
        }
        let rng = &mut self.rng;
        let amount = match rng.u32(..100) {
            0..4 => 0,
            4..25 => rng.u64(1..200),
            25..40 => 100 * rng.u64(1..100),
            // Once at most. Open: whether `lifetime_points` has the limit of the balance.
            _ if self.at_limit && !self.huge_sent && chance(rng, 8) => {
                self.huge_sent = true;
                1 << 52
            }
            _ => rng.u64(100..20_000),
        };
        event.data.insert("amount".to_owned(), json!(amount));
        event
            .data
            .insert("currency".to_owned(), json!(pick(rng, &CURRENCIES)));
        if chance(rng, 80) {
            let net = amount - amount.min(1 << 40) * rng.u64(0..30) / 100;
            event.data.insert("amount_net".to_owned(), json!(net));
        }
        if chance(rng, 55) {
            event
                .data
                .insert("line_items".to_owned(), line_items(rng, amount));
        }
        if invoice {
            event.data.insert("subscription".to_owned(), json!("sub_1"));
        }
        if self.features.referrals {
            self.refer_payment(&mut event);
        }
        event
    }

    pub(super) fn behaviour(&mut self) -> Op {
        let kind = *pick(&mut self.rng, &BEHAVIOURS);
        let mut event = self.event(kind, "beh");
        // Without an id of its own the envelope's counts.
        if chance(&mut self.rng, 25) {
            event.data.remove("id");
        }
        self.identify(&mut event);
        let rng = &mut self.rng;
        if chance(rng, 50) {
            event
                .data
                .insert("amount".to_owned(), json!(rng.u64(0..5_000)));
            event
                .data
                .insert("currency".to_owned(), json!(pick(rng, &CURRENCIES)));
        }
        if chance(rng, 40) {
            let metadata = event.data.entry("metadata").or_insert_with(|| json!({}));
            metadata["stars"] = json!(rng.u32(1..=5));
        }
        Op::Event(event)
    }

    /// A payment to refund: one that was sent, one that will be, or one that never is.
    pub(super) fn target(&mut self) -> (String, u64) {
        if self.features.referrals
            && let Some(converting) = self.converting()
        {
            return converting;
        }
        let roll = self.rng.u32(..100);
        let paid_with = self
            .model
            .redemptions
            .iter()
            .filter_map(|it| it.payment.clone());
        let paid_with: Vec<String> = paid_with.collect();
        if !paid_with.is_empty() && chance(&mut self.rng, 40) {
            let id = pick(&mut self.rng, &paid_with).clone();
            let sent = self.sent.iter().find(|event| event.source_id() == id);
            let amount = sent.and_then(|event| event.number("amount"));
            return (id, amount.unwrap_or(0));
        }
        let sources: Vec<_> = self.model.transactions.iter().map(|t| &t.source).collect();
        let earned: BTreeSet<String> = sources
            .into_iter()
            .flatten()
            .map(|(_, id)| id.clone())
            .collect();
        let fits = |event: &Event| {
            let payment = PAYMENTS.contains(&event.kind.as_str());
            payment && (roll < 25 || earned.contains(event.source_id()))
        };
        if roll < 78
            && let Some(event) = self.some_sent(fits)
        {
            return (
                event.source_id().to_owned(),
                event.number("amount").unwrap_or(0),
            );
        }
        if roll < 94 {
            let again = chance(&mut self.rng, 40) && !self.announced.is_empty();
            let event = if again {
                pick(&mut self.rng, &self.announced).clone()
            } else {
                let event = self.new_payment();
                self.announced.push(event.clone());
                event
            };
            return (
                event.source_id().to_owned(),
                event.number("amount").unwrap_or(0),
            );
        }
        (format!("pay_never_{}", self.number()), 1_000)
    }

    pub(super) fn refund(&mut self) -> Op {
        let (payment, paid) = self.target();
        let mut event = self.event("payment.refunded", "re");
        event.data.insert("payment".to_owned(), json!(payment));
        let rng = &mut self.rng;
        let amount = match rng.u32(..100) {
            0..25 => None,
            25..32 => Some(paid),
            32..50 => Some(paid / 3),
            50..58 => Some(paid.div_ceil(3)),
            58..64 => Some(1.min(paid)),
            64..68 => Some(0),
            68..74 => Some(paid + rng.u64(1..500)),
            _ => Some(rng.u64(0..=paid)),
        };
        if let Some(amount) = amount {
            event.data.insert("amount".to_owned(), json!(amount));
        }
        Op::Event(event)
    }

    pub(super) fn dispute(&mut self) -> Op {
        let (payment, _) = self.target();
        let mut event = self.event("payment.disputed", "dp");
        event.data.insert("payment".to_owned(), json!(payment));
        let status = if chance(&mut self.rng, 70) {
            "lost"
        } else {
            "won"
        };
        event.data.insert("status".to_owned(), json!(status));
        Op::Event(event)
    }

    /// A decline, at times of a payment that completes later under the same id. Open: whether
    /// one from the future is refused or ignored.
    pub(super) fn failed(&mut self) -> Op {
        let mut event = if chance(&mut self.rng, 40) {
            let event = self.new_payment();
            self.announced.push(event.clone());
            event
        } else {
            self.new_payment()
        };
        event.kind = "payment.failed".to_owned();
        event.occurred_at = event.occurred_at.min(self.now);
        Op::Event(event)
    }

    /// An event that was sent before, the same or altered. Open: whether a repeat from the future
    /// is refused or answered.
    pub(super) fn repeat(&mut self) -> Op {
        let Some(mut event) = self.some_sent(|_| true) else {
            return self.create_account();
        };
        event.occurred_at = event.occurred_at.min(self.now);
        let own_id = event.data.contains_key("id");
        let number = self.number();
        let rng = &mut self.rng;
        if own_id && rng.bool() {
            event.envelope_id = format!("env_{number}");
        }
        if chance(rng, 30) {
            let before = SignedDuration::from_millis(rng.i64(0..86_400_000));
            event.occurred_at -= before;
        }
        if chance(rng, 35) {
            match rng.u32(..3) {
                0 => {
                    let amount = event.number("amount").unwrap_or(0);
                    event
                        .data
                        .insert("amount".to_owned(), json!(amount / 2 + 1));
                }
                1 => {
                    event
                        .data
                        .insert("customer".to_owned(), json!(pick(rng, &CUSTOMERS)));
                }
                _ => {
                    event.data.insert("note".to_owned(), json!("altered"));
                }
            }
            self.settle_identity(&mut event);
        }
        Op::Event(event)
    }
}

/// One to four lines whose amounts add up to the payment's.
pub(super) fn line_items(rng: &mut Rng, amount: u64) -> Value {
    let count = rng.u64(1..=4);
    let mut left = amount;
    let mut items = Vec::new();
    for line in 1..=count {
        let share = if line == count {
            left
        } else {
            rng.u64(0..=left)
        };
        left -= share;
        items.push(json!({
            "product": pick(rng, &PRODUCTS),
            "category": pick(rng, &CATEGORIES),
            "quantity": rng.u32(1..=3),
            "amount": share,
        }));
    }
    Value::Array(items)
}
