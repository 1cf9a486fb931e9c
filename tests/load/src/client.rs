//! One of those who load the stack: does one thing after the other, each again until it knows what
//! came of it, and keeps the books.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use fastrand::Rng;
use serde_json::{Value, json};

use crate::{
    books::{Books, Due, Referee, reversed},
    http::{Address, Answer, Call, Client},
    measured::Measured,
    plan::{
        BEHAVIOUR, BEHAVIOUR_POINTS, Kind, MINOR_PER_POINT, Plan, Profile, QUALIFYING_AMOUNT,
        REWARD, REWARD_COST,
    },
};

/// How long a request is sent again and again. A name whose holder was killed is held for half a
/// minute, and the next one to hold it may be killed, too.
const GIVE_UP: Duration = Duration::from_secs(300);
/// The pause before a request is sent again, where the answer does not name one.
const PAUSE_MS: std::ops::Range<u64> = 20..200;
/// Payments that a client remembers, to repeat or refund them.
const REMEMBERED: usize = 100;

/// What all clients share.
#[derive(Debug)]
pub(crate) struct Orders {
    pub(crate) plan: Plan,
    /// Whether to begin anything more.
    pub(crate) go_on: AtomicBool,
    /// Whether requests under an `Idempotency-Key` may be sent.
    pub(crate) may_name: AtomicBool,
    /// What was settled so far.
    pub(crate) settled: AtomicU64,
}

/// A connection with what was measured on it.
struct Line {
    client: Client,
    measured: Measured,
    random: Rng,
}

impl Line {
    /// Sends until it is known what came of it.
    async fn settle(&mut self, kind: Kind, call: &Call) -> anyhow::Result<Answer> {
        let begun = Instant::now();
        loop {
            let pause = match self.client.call(call).await {
                Err(_) => {
                    self.measured.lost += 1;
                    None
                }
                Ok(answer) => {
                    self.measured.note(kind, &answer);
                    if answer.is_final() {
                        return Ok(answer);
                    }
                    answer.retry_after_s.map(Duration::from_secs)
                }
            };
            if begun.elapsed() > GIVE_UP {
                bail!("for {GIVE_UP:?} nobody said what came of {call:?}");
            }
            let random = Duration::from_millis(self.random.u64(PAUSE_MS));
            tokio::time::sleep(pause.unwrap_or(random)).await;
            self.measured.again += 1;
        }
    }
}

/// A payment that was acknowledged.
#[derive(Debug, Clone)]
struct Payment {
    id: String,
    customer: String,
    amount: i64,
    /// What it was answered.
    transactions: Value,
    refunded: i64,
    /// How many parts have been refunded.
    parts: usize,
}

impl Payment {
    fn points(&self) -> i64 {
        self.amount / MINOR_PER_POINT
    }

    /// The id of the latest refund of it.
    fn refund(&self) -> String {
        format!("{}_back{}", self.id, self.parts)
    }
}

/// One of those who load the stack.
pub(crate) struct Worker {
    orders: Arc<Orders>,
    number: usize,
    next: u64,
    line: Line,
    twin: Line,
    random: Rng,
    books: Books,
    payments: Vec<Payment>,
}

impl Worker {
    pub(crate) fn new(orders: Arc<Orders>, number: usize, seed: u64, address: &Address) -> Worker {
        let mut random = Rng::with_seed(seed ^ ((number as u64) << 32));
        let mut line = || Line {
            client: Client::new(address.clone()),
            measured: Measured::default(),
            random: random.fork(),
        };
        Worker {
            orders,
            number,
            next: 0,
            line: line(),
            twin: line(),
            random,
            books: Books::default(),
            payments: Vec::new(),
        }
    }

    /// Works until it is told to stop, and all that it began is settled.
    pub(crate) async fn run(mut self) -> anyhow::Result<(Books, Measured)> {
        while self.orders.go_on.load(Ordering::Relaxed) {
            let kind = self.choose();
            self.carry_out(kind)
                .await
                .with_context(|| kind.in_words().to_owned())?;
            self.orders.settled.fetch_add(1, Ordering::Relaxed);
        }
        let mut measured = self.line.measured;
        measured.add(&self.twin.measured);
        Ok((self.books, measured))
    }

    fn choose(&mut self) -> Kind {
        let profile = self.orders.plan.profile;
        let may_name = self.orders.may_name.load(Ordering::Relaxed);
        let weight = |kind: Kind| match may_name || !kind.is_named() {
            true => profile.weight(kind),
            false => 0,
        };
        let mut left = self.random.u32(0..Kind::ALL.into_iter().map(weight).sum());
        for kind in Kind::ALL {
            match left.checked_sub(weight(kind)) {
                Some(rest) => left = rest,
                None => return kind,
            }
        }
        Kind::Payment
    }

    async fn carry_out(&mut self, kind: Kind) -> anyhow::Result<()> {
        match kind {
            Kind::Payment => self.pay().await,
            Kind::Twins => self.pay_twice().await,
            Kind::Repeat => self.repeat().await,
            Kind::Refund => self.refund().await,
            Kind::Behaviour => self.behave().await,
            Kind::Adjustment => self.adjust().await,
            Kind::Redemption => self.redeem().await,
            Kind::Referral => self.sign_up().await,
            Kind::Queued => self.queue().await,
            Kind::Read => self.read().await,
        }
    }

    /// An id that nobody else gives.
    fn id(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}_{}_{}", self.number, self.next)
    }

    fn customer(&mut self) -> String {
        Plan::customer(self.random.usize(0..self.orders.plan.members))
    }

    fn new_payment(&mut self) -> Payment {
        Payment {
            id: self.id("pay"),
            customer: self.customer(),
            amount: self.random.i64(MINOR_PER_POINT..20_000),
            transactions: Value::Null,
            refunded: 0,
            parts: 0,
        }
    }

    /// What an award comes to; a budget may cut it.
    fn due(&self, points: i64) -> Due {
        match self.orders.plan.profile {
            Profile::HotBudget => Due::AtMost(points),
            _ => Due::Points(points),
        }
    }

    /// Looks whether an answer is a success.
    fn is_granted(&mut self, kind: Kind, answer: &Answer) -> bool {
        if !answer.is_success() {
            let Answer { status, body, .. } = answer;
            let kind = kind.in_words();
            self.books.wrong.push(format!("{kind}: {status} {body}"));
        }
        answer.is_success()
    }

    fn acknowledge(&mut self, mut payment: Payment, answer: &Answer) {
        let due = self.due(payment.points());
        self.books.award(&payment.customer, &payment.id, due);
        answer.body["transactions"].clone_into(&mut payment.transactions);
        if self.payments.len() == REMEMBERED {
            let place = self.random.usize(0..REMEMBERED);
            self.payments.swap_remove(place);
        }
        self.payments.push(payment);
    }

    async fn pay(&mut self) -> anyhow::Result<()> {
        let payment = self.new_payment();
        let answer = self.line.settle(Kind::Payment, &paying(&payment)).await?;
        if self.is_granted(Kind::Payment, &answer) {
            self.acknowledge(payment, &answer);
        }
        Ok(())
    }

    /// The same payment on two connections at the same time.
    async fn pay_twice(&mut self) -> anyhow::Result<()> {
        let payment = self.new_payment();
        let call = paying(&payment);
        let (one, other) = tokio::join!(
            self.line.settle(Kind::Twins, &call),
            self.twin.settle(Kind::Twins, &call)
        );
        let (one, other) = (one?, other?);
        if self.is_granted(Kind::Twins, &one) && self.is_granted(Kind::Twins, &other) {
            if one.body["transactions"] != other.body["transactions"] {
                let wrong = format!("`{}` twice: {} and {}", payment.id, one.body, other.body);
                self.books.wrong.push(wrong);
            }
            self.acknowledge(payment, &one);
        }
        Ok(())
    }

    /// A payment that was acknowledged before.
    async fn repeat(&mut self) -> anyhow::Result<()> {
        let Some(payment) = self.random.choice(&self.payments).cloned() else {
            return self.pay().await;
        };
        let answer = self.line.settle(Kind::Repeat, &paying(&payment)).await?;
        let is_same = answer.body["transactions"] == payment.transactions;
        if self.is_granted(Kind::Repeat, &answer) && !(is_same && answer.body["duplicate"] == true)
        {
            let (id, first) = (&payment.id, &payment.transactions);
            let wrong = format!("`{id}` made {first}, and again: {}", answer.body);
            self.books.wrong.push(wrong);
        }
        Ok(())
    }

    /// A part of a payment, or the rest of it.
    async fn refund(&mut self) -> anyhow::Result<()> {
        let refundable = |payment: &Payment| payment.refunded < payment.amount;
        let places = (0..self.payments.len()).filter(|place| {
            let payment = self.payments.get(*place);
            payment.is_some_and(refundable)
        });
        let places: Vec<usize> = places.collect();
        let Some(place) = self.random.choice(&places).copied() else {
            return self.pay().await;
        };
        let payment = self.payments.swap_remove(place);
        let left = payment.amount - payment.refunded;
        let part = self.random.i64(1..=left);
        let payment = self.refund_part(payment, part).await?;
        self.payments.push(payment);
        Ok(())
    }

    async fn refund_part(&mut self, mut payment: Payment, part: i64) -> anyhow::Result<Payment> {
        let points = self.awarded(&payment).await?;
        let before = reversed(points, payment.amount, payment.refunded);
        payment.refunded += part;
        payment.parts += 1;
        let id = payment.refund();
        let data = json!({"id": id, "payment": payment.id, "amount": part});
        let answer = self
            .line
            .settle(Kind::Refund, &event("payment.refunded", data))
            .await?;
        if self.is_granted(Kind::Refund, &answer) {
            let back = reversed(points, payment.amount, payment.refunded) - before;
            if back != 0 {
                self.books.take_back(&payment.customer, &id, back);
            }
        }
        Ok(payment)
    }

    /// What a payment was awarded, which only the stack knows where a budget cuts.
    async fn awarded(&mut self, payment: &Payment) -> anyhow::Result<i64> {
        if self.due(0) == Due::Points(0) {
            return Ok(payment.points());
        }
        let Some(id) = payment.transactions[0].as_str() else {
            return Ok(0);
        };
        let call = Call::get(format!("/v1/loyalty/transactions/{id}"));
        let answer = self.line.settle(Kind::Read, &call).await?;
        answer.body["points"].as_i64().context("points")
    }

    async fn behave(&mut self) -> anyhow::Result<()> {
        let (id, customer) = (self.id("review"), self.customer());
        let data = json!({"id": id, "customer": customer});
        let answer = self
            .line
            .settle(Kind::Behaviour, &event(BEHAVIOUR, data))
            .await?;
        if self.is_granted(Kind::Behaviour, &answer) {
            let due = self.due(BEHAVIOUR_POINTS);
            self.books.award(&customer, &id, due);
        }
        Ok(())
    }

    /// Points by hand, given or taken.
    async fn adjust(&mut self) -> anyhow::Result<()> {
        let (name, customer) = (self.id("adjust"), self.customer());
        let sign = if self.random.bool() { 1 } else { -1 };
        let amount = sign * self.random.i64(1..50);
        let account = Plan::account(&customer);
        let fields = json!({
            "account": account, "type": "adjust", "amount": amount, "reason": "Under load",
        });
        let call = Call::post("/v1/loyalty/transactions", fields).named(name);
        let answer = self.line.settle(Kind::Adjustment, &call).await?;
        if answer.code() != "insufficient_points" && self.is_granted(Kind::Adjustment, &answer) {
            let source = answer.body["source"]["id"].as_str().context("a source")?;
            self.books.change(&customer, source, amount);
        }
        Ok(())
    }

    /// A reward at once, or reserved and then confirmed or canceled.
    async fn redeem(&mut self) -> anyhow::Result<()> {
        let (name, customer) = (self.id("redeem"), self.customer());
        let then = self.random.choice([None, Some("confirm"), Some("cancel")]);
        let then = then.flatten();
        let account = Plan::account(&customer);
        let fields = json!({"account": account, "reward": REWARD, "capture": then.is_none()});
        let call = Call::post("/v1/loyalty/redemptions", fields).named(name.clone());
        let answer = self.line.settle(Kind::Redemption, &call).await?;
        // An account has at most twenty reservations at a time.
        let is_refused = ["insufficient_points", "limit_reached"].contains(&answer.code());
        if is_refused || !self.is_granted(Kind::Redemption, &answer) {
            return Ok(());
        }
        let id = answer.body["id"].as_str().context("a redemption")?;
        let taken = match then {
            Some("cancel") => 0,
            _ => -REWARD_COST,
        };
        self.books.change(&customer, id, taken);
        if let Some(then) = then {
            let path = format!("/v1/loyalty/redemptions/{id}/{then}");
            let call = Call::post(path, json!({})).named(format!("{name}_{then}"));
            let answer = self.line.settle(Kind::Redemption, &call).await?;
            self.is_granted(Kind::Redemption, &answer);
        }
        Ok(())
    }

    /// Somebody new, who names a code in one of three ways, pays, and may want it back.
    async fn sign_up(&mut self) -> anyhow::Result<()> {
        let customer = self.id("new");
        let referrer = self.random.usize(0..self.orders.plan.referrers.len());
        let referrers = &self.orders.plan.referrers;
        let (_, code) = referrers.get(referrer).context("a referrer")?;
        let code = code.clone();
        let told = match self.random.u8(0..3) {
            0 => {
                let fields = json!({"code": code, "customer": customer});
                let path = "/v1/loyalty/referrals/attribute";
                Some(Call::post(path, fields).named(format!("attribute_{customer}")))
            }
            1 => {
                let data = json!({"id": customer, "metadata": {"referral_code": code}});
                Some(event("customer.created", data))
            }
            _ => None,
        };
        let is_told = told.is_some();
        if let Some(call) = told {
            let answer = self.line.settle(Kind::Referral, &call).await?;
            self.is_granted(Kind::Referral, &answer);
        }
        let payment = Payment {
            id: self.id("pay"),
            customer: customer.clone(),
            amount: self.random.i64(QUALIFYING_AMOUNT..20_000),
            transactions: Value::Null,
            refunded: 0,
            parts: 0,
        };
        let metadata = match is_told {
            true => json!({}),
            false => json!({"referral_code": code}),
        };
        let data = json!({
            "id": payment.id, "amount": payment.amount, "currency": "EUR", "customer": customer,
            "payment_method": {"type": "card", "fingerprint": format!("card_{customer}")},
            "metadata": metadata,
        });
        let call = event("payment.completed", data);
        let answer = self.line.settle(Kind::Referral, &call).await?;
        if !self.is_granted(Kind::Referral, &answer) {
            return Ok(());
        }
        let due = self.due(payment.points());
        self.books.award(&customer, &payment.id, due);
        let mut refund = None;
        if self.random.u8(0..8) == 0 {
            let amount = payment.amount;
            refund = Some(self.refund_part(payment, amount).await?.refund());
        }
        self.books.referees.insert(customer, Referee { refund });
        Ok(())
    }

    /// A payment that the bus brings: it is acknowledged before it is handled.
    async fn queue(&mut self) -> anyhow::Result<()> {
        let payment = self.new_payment();
        let call = Call::post("/v1/events?async=true", payload(&payment));
        let answer = self.line.settle(Kind::Queued, &call).await?;
        if self.is_granted(Kind::Queued, &answer) {
            let due = self.due(payment.points());
            self.books.award(&payment.customer, &payment.id, due);
        }
        Ok(())
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        let account = Plan::account(&self.customer());
        let call = Call::get(format!("/v1/loyalty/accounts/{account}"));
        let answer = self.line.settle(Kind::Read, &call).await?;
        self.is_granted(Kind::Read, &answer);
        Ok(())
    }
}

fn paying(payment: &Payment) -> Call {
    Call::post("/v1/events", payload(payment))
}

fn payload(payment: &Payment) -> Value {
    let Payment {
        id,
        customer,
        amount,
        ..
    } = payment;
    let data = json!({"id": id, "amount": amount, "currency": "EUR", "customer": customer});
    json!({"type": "payment.completed", "data": data})
}

fn event(kind: &str, data: Value) -> Call {
    Call::post("/v1/events", json!({"type": kind, "data": data}))
}
