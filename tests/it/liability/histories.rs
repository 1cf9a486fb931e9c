//! Random histories, whose entries come twice, late, in any order, or not at all.

use laurel_ledger::Seed;
use laurel_rules::{
    Reward,
    decide::{Act, Redeem, Wanted},
    pay_with_points::PointsPayment,
    store_credit::Money,
};
use laurel_tests::rewards::used_by;

use super::*;

const MEMBERS: usize = 6;

struct History {
    world: World,
    random: fastrand::Rng,
    accounts: Vec<String>,
    payments: Vec<String>,
    /// One that takes money off, and one that pays store credit out.
    rewards: [Reward; 2],
    redemptions: Vec<String>,
    told: BTreeSet<(String, u64)>,
}

impl History {
    async fn begin(seed: u64) -> History {
        let mut random = fastrand::Rng::with_seed(seed);
        let expires = [
            json!(null),
            json!({"after": "P1M"}),
            json!({"after": "P2M", "round": "month"}),
            json!({"inactivity": "P20D"}),
        ];
        let settings = json!({
            "expires": expires[random.usize(..expires.len())],
            "pending_days": random.u8(..3) * 10,
            "negative_balance": if random.bool() { "allow" } else { "clamp" },
            "cancel_redemptions_on_refund": random.bool(),
            "redeem_rate": {"points": 1, "amount": 1, "currency": "EUR"},
        });
        let world = a_rule_for_payments(settings).await;
        let payout = json!({"type": "store_credit", "amount": 70, "currency": "EUR"});
        let rewards = [
            world.add_reward(json!({"cost": 20})).await,
            world.add_reward(json!({"cost": 15, "value": payout})).await,
        ];
        let mut accounts = Vec::new();
        for number in 0..MEMBERS {
            let account = world.create(&format!("cust_{number}")).await;
            world.grant(&account, 100, None).await;
            let gift = laurel_ledger::CreditAdjustmentRequest {
                account: account.clone(),
                currency: "EUR".to_owned(),
                amount: 100,
                reason: "a gift".to_owned(),
                allow_negative: false,
                expires_at: None,
                metadata: BTreeMap::new(),
                request: format!("adj_{number}"),
            };
            let given = world.ledger.adjust_store_credit(gift).await;
            given.expect("is given");
            accounts.push(account);
        }
        History {
            world,
            random,
            accounts,
            payments: Vec::new(),
            rewards,
            redemptions: Vec::new(),
            told: BTreeSet::new(),
        }
    }

    fn account(&mut self) -> String {
        self.accounts[self.random.usize(..MEMBERS)].clone()
    }

    /// Points for a reward or as money, or store credit; reserved, or at once.
    async fn redeem(&mut self) {
        let account = self.account();
        let currency = "EUR".to_owned();
        let amount = self.random.i64(1..80);
        let wanted = match self.random.u8(..4) {
            0 => Wanted::Reward(self.rewards[0].id.clone()),
            1 => Wanted::Reward(self.rewards[1].id.clone()),
            2 => Wanted::Discount(PointsPayment {
                points: amount,
                currency,
                order_amount: None,
            }),
            _ => Wanted::StoreCredit(Money { amount, currency }),
        };
        let redeem = Redeem {
            id: Ledger::redemption_id(&account, Seed::fresh()),
            account,
            wanted,
            reserve_minutes: self.random.bool().then(|| self.random.i64(1..60 * 24 * 5)),
            metadata: BTreeMap::new(),
        };
        if self.world.ledger.redeem(&redeem).await.is_ok() {
            self.redemptions.push(redeem.id);
        }
    }

    /// Something becomes of a redemption.
    async fn act(&mut self) {
        let Some(id) = self.redemption() else { return };
        let act = match self.random.u8(..5) {
            0..2 => Act::Confirm,
            2..4 => Act::Cancel,
            _ => used_by("till"),
        };
        let _ = self.world.ledger.act_on_redemption(&id, &act).await;
    }

    /// One of the latest redemptions.
    fn redemption(&mut self) -> Option<String> {
        let latest = self.redemptions.len().saturating_sub(4)..;
        let latest = &self.redemptions[latest];
        let place = self.random.usize(..latest.len().max(1));
        latest.get(place).cloned()
    }

    /// Something happens; what is refused changes nothing.
    async fn step(&mut self) {
        let named = self.redemption().filter(|_| self.random.bool());
        let world = &self.world;
        match self.random.u8(..165) {
            100..140 => self.redeem().await,
            140..165 => self.act().await,
            0..30 => {
                let id = format!("pay_{}", self.payments.len());
                let customer = format!("cust_{}", self.random.usize(..MEMBERS));
                let mut event = payment(&id, &customer, self.random.i64(100..20_000));
                if let Some(named) = named {
                    let metadata = json!({"metadata": {"redemption": named}});
                    merge(&mut event["data"], metadata);
                }
                let ago = SignedDuration::from_hours(self.random.i64(0..24 * 50));
                merge(&mut event, json!({"occurred_at": world.ledger.now() - ago}));
                let _ = world.apply(event).await;
                self.payments.push(id);
            }
            30..45 if !self.payments.is_empty() => {
                let of = &self.payments[self.random.usize(..self.payments.len())];
                let amount = self.random.i64(1..10_000);
                let id = format!("re_{}", self.random.u64(..));
                let mut event = refund(&id, of, Some(amount));
                merge(&mut event, json!({"occurred_at": world.ledger.now()}));
                let _ = world.apply(event).await;
            }
            45..65 => {
                let amount = self.random.i64(-120..100);
                let account = self.account();
                let request = laurel_ledger::AdjustmentRequest {
                    account,
                    amount,
                    reason: "by hand".to_owned(),
                    allow_negative: self.random.bool(),
                    lifetime: false,
                    expires_at: None,
                    metadata: BTreeMap::new(),
                    request: None,
                };
                let _ = self.world.ledger.adjust(request).await;
            }
            65..70 => {
                let account = self.account();
                let _ = self.world.ledger.close_account(&account).await;
            }
            70..75 => {
                let account = self.account();
                let _ = self.world.ledger.reopen_account(&account).await;
            }
            75..79 => {
                let (source, target) = (self.account(), self.account());
                let seed = laurel_ledger::Seed::fresh();
                let _ = self
                    .world
                    .ledger
                    .merge_accounts(&source, &target, seed)
                    .await;
            }
            82..88 => {
                let ahead = SignedDuration::from_hours(self.random.i64(1..24 * 40));
                let expires_at = self.random.bool().then(|| self.world.ledger.now() + ahead);
                let account = self.account();
                let request = laurel_ledger::CreditAdjustmentRequest {
                    account,
                    currency: ["EUR", "USD"][self.random.usize(..2)].to_owned(),
                    amount: self.random.i64(-300..500),
                    reason: "by hand".to_owned(),
                    allow_negative: self.random.bool(),
                    expires_at: Some(expires_at),
                    metadata: BTreeMap::new(),
                    request: format!("adj_{}", self.random.u64(..)),
                };
                let _ = self.world.ledger.adjust_store_credit(request).await;
            }
            79..82 => {
                tick(&self.world.ledger).await;
            }
            _ => {
                let passes = SignedDuration::from_hours(self.random.i64(1..24 * 20));
                self.world.clock.set(self.world.ledger.now() + passes);
            }
        }
    }

    /// Some records come, some of them again, in any order.
    async fn tell(&mut self, share: u8) {
        let mut all = entries(&self.world).await;
        self.random.shuffle(&mut all);
        let mut batch = Vec::new();
        for entry in all {
            let place = (entry.account.clone(), entry.seq);
            let is_new = !self.told.contains(&place);
            if is_new && self.random.u8(..100) < share || !is_new && self.random.u8(..100) < 5 {
                self.told.insert(place);
                batch.push(entry);
            }
        }
        for part in batch.chunks(1 + self.random.usize(..20)) {
            let counted = self.world.ledger.count_entries(PROGRAM, part).await;
            counted.expect("is counted");
        }
    }
}

#[tokio::test]
async fn figures_equal_a_scan_after_any_history() {
    let mut redemptions = 0;
    for seed in 0..12 {
        let mut history = History::begin(seed).await;
        for round in 0..3 {
            for _ in 0..12 {
                history.step().await;
                if history.random.u8(..4) == 0 {
                    history.tell(40).await;
                }
            }
            history.tell(100).await;
            is_exact(&history.world, &format!("seed {seed}, round {round}")).await;
        }
        let totals = booked(&history.world).await;
        tick(&history.world.ledger).await;
        history.tell(100).await;
        is_exact(&history.world, &format!("seed {seed}, at the end")).await;
        let journal = journal(&history.world, whole(7)).await;
        let mut added = Figures::new();
        for line in &journal {
            let mut words = line.split(' ').skip(1);
            let mut word = || words.next().expect("a word");
            let first = word();
            let name = match first.len() {
                3 => format!("{first} {} {}", word(), word()),
                _ => format!("{first} {}", word()),
            };
            let amount: i128 = word().parse().expect("an amount");
            *added.entry(name).or_default() += amount;
        }
        added.retain(|_, amount| *amount != 0);
        assert_eq!(added, booked(&history.world).await, "seed {seed}");
        // That it is written off changes no figure.
        assert_eq!(added, totals, "seed {seed}");
        redemptions += history.redemptions.len();
    }
    assert!(redemptions > 50, "{redemptions} redemptions are hardly any");
}

/// What was booked, by month and flow.
async fn booked(world: &World) -> Figures {
    let mut shown = shown(&liability(&world.ledger).await);
    shown.retain(|name, _| name.contains("20") && !name.contains("until"));
    shown
}

#[tokio::test]
async fn lost_records_are_counted_with_the_next() {
    for seed in 100..106 {
        let mut history = History::begin(seed).await;
        for _ in 0..30 {
            history.step().await;
        }
        // These never come.
        let lost = entries(&history.world).await;
        let lost: Vec<(String, u64)> = lost.into_iter().map(|it| (it.account, it.seq)).collect();
        history.told.extend(lost);
        for account in history.accounts.clone() {
            let _ = history.world.ledger.reopen_account(&account).await;
            let active = history
                .world
                .ledger
                .account(&account)
                .await
                .expect("an account");
            if active.account.status == laurel_rules::account::Status::Active {
                adjust(&history.world, &account, 1).await;
            }
        }
        history.tell(100).await;
        // Merged accounts have no next entry; a recount has all.
        history
            .world
            .ledger
            .recount(PROGRAM, None, 100)
            .await
            .expect("is counted");
        is_exact(&history.world, &format!("seed {seed}")).await;
    }
}
