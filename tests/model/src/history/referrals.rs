//! Referrals: codes, who comes by them, cards and devices that are shared.

use super::*;
use crate::ops::{Coming, Via};
use crate::referrals::{CodeId, Qualify, ReferralSettings, Side, Sides, Velocity};
use crate::settings::Recipient;

/// Customers who are not there at first.
const NEWCOMERS: [&str; 6] = ["new_1", "new_2", "new_3", "new_4", "new_5", "new_6"];
/// Together with the devices no more than an account remembers.
const CARDS: usize = 6;
const DEVICES: [&str; 2] = ["phone", "tablet"];
const ADDRESSES: [&str; 3] = [
    "ada+friend@example.com",
    "eve@throwaway.example",
    "fay@example.com",
];
/// Nobody shares it.
const NO_CODE: CodeId = CodeId(usize::MAX);

/// What a program says of referrals.
pub(super) fn settings(rng: &mut Rng) -> ReferralSettings {
    let blocked = chance(rng, 25).then(|| (*pick(rng, &NEWCOMERS)).to_owned());
    ReferralSettings {
        reward: sides(rng),
        qualify: qualify(rng),
        velocity: Velocity {
            most: rng.usize(1..=3),
            days: *pick(rng, &[1, 7, 30]),
        },
        blocked_customers: blocked.into_iter().collect(),
        disposable: vec!["throwaway.example".to_owned()],
    }
}

pub(super) fn sides(rng: &mut Rng) -> Sides {
    let side = |rng: &mut Rng| match rng.u32(..100) {
        0..10 => None,
        10..75 => Some(Side::Points(rng.i64(1..600))),
        _ => Some(Side::StoreCredit(Money::new(rng.i64(1..900), "EUR"))),
    };
    Sides {
        referrer: side(rng),
        referee: side(rng),
    }
}

pub(super) fn qualify(rng: &mut Rng) -> Qualify {
    Qualify {
        minimum: *pick(rng, &[None, None, Some(500), Some(3_000)]),
        window_days: *pick(rng, &[None, Some(1), Some(7), Some(90)]),
        trigger: chance(rng, 12).then(|| "review_submitted".to_owned()),
    }
}

/// Rules that pay one side for a referral, with numbers from `first` on.
pub(super) fn rules(seed: u64, first: usize) -> Vec<Rule> {
    let mut rng = Rng::with_seed(!seed);
    let rng = &mut rng;
    (first..first + rng.usize(1..=2))
        .map(|number| {
            let points = *pick(rng, &[1, 7, 40, 300]);
            let award = Award::Fixed { points };
            let trigger = *pick(rng, &["referral.converted", "referral.attributed"]);
            let mut rule = Rule::new(&format!("rule{number}"), trigger, award);
            rule.recipient = Some(*pick(rng, &[Recipient::Referrer, Recipient::Referee]));
            if chance(rng, 40) {
                rule.multiplier = Decimal::new(15, 1);
            }
            if chance(rng, 40) {
                rule.cap = Some(Cap {
                    points: Some(rng.u64(1..500)),
                    awards: None,
                    rolling: rng.bool(),
                });
                rule.window = Some(*pick(rng, &[Window::Day, Window::Month]));
            }
            if chance(rng, 30) {
                rule.pending_days = Some(*pick(rng, &[0, 3]));
            }
            if chance(rng, 30) {
                rule.expires = Some(program::expires(rng));
            }
            rule
        })
        .collect()
}

impl Generator {
    pub(super) fn referral(&mut self) -> Op {
        let codes = self.model.codes().len();
        let referrals = self.model.referrals().len();
        if self.features.customers && referrals > 0 && chance(&mut self.rng, 25) {
            return Op::AttributionTold(self.rng.usize(..referrals));
        }
        match self.rng.u32(..100) {
            0..15 => self.mint(),
            _ if codes == 0 => self.mint(),
            15..50 => self.attribution(),
            50..70 => Op::Event(self.customer_created()),
            _ => {
                let mut event = self.new_payment();
                event.account = None;
                event.loyalty_account = None;
                let customer = self.newcomer();
                event.data.remove("email");
                event.data.insert("customer".to_owned(), json!(customer));
                Op::Event(event)
            }
        }
    }

    fn newcomer(&mut self) -> String {
        let any = chance(&mut self.rng, 20);
        let list: &[&str] = if any { &CUSTOMERS } else { &NEWCOMERS };
        (*pick(&mut self.rng, list)).to_owned()
    }

    fn mint(&mut self) -> Op {
        let Some(member) = self.some_member() else {
            return self.create_account();
        };
        let rng = &mut self.rng;
        let mut reward = chance(rng, 15).then(|| sides(rng));
        let qualify = chance(rng, 15).then(|| qualify(rng));
        let rewards = self.model.rewards();
        if self.features.customers && !rewards.is_empty() && chance(rng, 50) {
            let gift = Some(Side::Reward(pick(rng, rewards).id.clone()));
            let sides = reward.get_or_insert_with(|| sides(rng));
            match rng.bool() {
                true => sides.referrer = gift,
                false => sides.referee = gift,
            }
        }
        Op::Mint {
            member,
            reward,
            qualify,
        }
    }

    fn some_code(&mut self) -> CodeId {
        let count = self.model.codes().len();
        if count == 0 || chance(&mut self.rng, 4) {
            return NO_CODE;
        }
        CodeId(self.rng.usize(..count))
    }

    fn attribution(&mut self) -> Op {
        let code = self.some_code();
        let customer = Some(self.newcomer());
        let account = self.some_member();
        let rng = &mut self.rng;
        let email = chance(rng, 30).then(|| {
            let list: &[&str] = if rng.bool() { &EMAILS } else { &ADDRESSES };
            (*pick(rng, list)).to_owned()
        });
        let device = chance(rng, 35).then(|| (*pick(rng, &DEVICES)).to_owned());
        let account = account.filter(|_| chance(rng, 12));
        // What nobody shares has no page to click on.
        let via = match rng.u32(..100) {
            0..20 if code != NO_CODE => Via::Click,
            20..24 if code != NO_CODE => Via::OldClick,
            24..28 if code != NO_CODE => Via::ForgedClick,
            _ => Via::Code,
        };
        Op::Attribute(Coming {
            code,
            via,
            customer: customer.filter(|_| account.is_none()),
            account,
            email,
            device,
        })
    }

    fn customer_created(&mut self) -> Event {
        let mut event = self.event("customer.created", "cus");
        let customer = self.newcomer();
        event.data.insert("id".to_owned(), json!(customer));
        event.referral_code = Some(self.some_code());
        event
    }

    /// The card that pays, and at times the code that a new customer names.
    pub(super) fn refer_payment(&mut self, event: &mut Event) {
        let who = event.text("customer").unwrap_or_default();
        let own = who.bytes().map(usize::from).sum::<usize>() % CARDS;
        let rng = &mut self.rng;
        if chance(rng, 50) {
            let card = if chance(rng, 75) {
                own
            } else {
                rng.usize(..CARDS)
            };
            let method = json!({"type": "card", "fingerprint": format!("card_{card}")});
            event.data.insert("payment_method".to_owned(), method);
        }
        if chance(rng, 20) {
            event.referral_code = Some(self.some_code());
        }
    }

    /// A payment that has converted a referral.
    pub(super) fn converting(&mut self) -> Option<(String, u64)> {
        let by = self.model.referrals().iter();
        let by: Vec<String> = by
            .filter_map(|it| it.converted_by.clone())
            .map(|(_, id)| id)
            .collect();
        if by.is_empty() || !chance(&mut self.rng, 40) {
            return None;
        }
        let id = pick(&mut self.rng, &by).clone();
        let sent = self.sent.iter().find(|event| event.source_id() == id);
        let amount = sent.and_then(|event| event.number("amount"));
        Some((id, amount.unwrap_or(0)))
    }

    pub(super) fn change_program(&mut self) -> Op {
        let mut settings = self.model.settings().clone();
        let features = self.features;
        let rng = &mut self.rng;
        match rng.u32(..8) {
            0 => settings.expires = chance(rng, 70).then(|| program::expires(rng)),
            1 => settings.pending_days = *pick(rng, &[0, 0, 1, 7]),
            2 => settings.auto_enroll = !settings.auto_enroll,
            3 => {
                settings.negative_balance = match settings.negative_balance {
                    NegativeBalance::Allow => NegativeBalance::Clamp,
                    NegativeBalance::Clamp => NegativeBalance::Allow,
                }
            }
            4 => {
                let all = [Rounding::Floor, Rounding::HalfUp, Rounding::Ceil];
                settings.rounding = *pick(rng, &all);
            }
            5 if features.referrals => settings.referrals.reward = sides(rng),
            6 if features.referrals => settings.referrals.qualify = qualify(rng),
            5 if features.rewards => {
                settings.cancel_redemptions_on_refund = !settings.cancel_redemptions_on_refund;
            }
            // Open: which awards count where a program gets a budget later, or another window.
            _ => match &mut settings.budget {
                Some(budget) => budget.points = (budget.points + rng.i64(-300..300)).max(1),
                None => settings.pending_days = 0,
            },
        }
        Op::SetProgram(Box::new(settings))
    }

    pub(super) fn erasure(&mut self) -> Op {
        match self.some_member() {
            Some(member) => Op::Erase(member),
            None => self.create_account(),
        }
    }
}
