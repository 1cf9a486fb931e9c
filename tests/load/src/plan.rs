//! What is asked for, and of whom: the profiles, and the program that each begins with.

use anyhow::Context;
use clap::ValueEnum;
use serde_json::json;

use crate::http::{Call, Client};

/// Where the load meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Nowhere in particular: many members.
    Spread,
    /// On one member.
    HotMember,
    /// On one member whose code all newcomers name, of whom only some are rewarded.
    HotReferrer,
    /// On one budget, which runs out on the way.
    HotBudget,
}

/// What clients do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Payment,
    Twins,
    Repeat,
    Refund,
    Behaviour,
    Adjustment,
    Redemption,
    Referral,
    Queued,
    Read,
}

impl Kind {
    pub(crate) const ALL: [Kind; 10] = [
        Kind::Payment,
        Kind::Twins,
        Kind::Repeat,
        Kind::Refund,
        Kind::Behaviour,
        Kind::Adjustment,
        Kind::Redemption,
        Kind::Referral,
        Kind::Queued,
        Kind::Read,
    ];

    /// What it is, for people.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Kind::Payment => "payment",
            Kind::Twins => "payment, twice at once",
            Kind::Repeat => "payment again",
            Kind::Refund => "refund",
            Kind::Behaviour => "behaviour",
            Kind::Adjustment => "adjustment",
            Kind::Redemption => "redeem, confirm, cancel",
            Kind::Referral => "sign-up by a code",
            Kind::Queued => "payment by the bus",
            Kind::Read => "read an account",
        }
    }

    /// Whether it is sent under an `Idempotency-Key`, whose holder's death is waited out.
    pub(crate) fn is_named(self) -> bool {
        matches!(self, Kind::Adjustment | Kind::Redemption | Kind::Referral)
    }
}

impl Profile {
    pub(crate) const ALL: [Profile; 4] = [
        Profile::Spread,
        Profile::HotMember,
        Profile::HotReferrer,
        Profile::HotBudget,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Profile::Spread => "spread",
            Profile::HotMember => "hot-member",
            Profile::HotReferrer => "hot-referrer",
            Profile::HotBudget => "hot-budget",
        }
    }

    /// How often a client does this, beside the others.
    pub(crate) fn weight(self, kind: Kind) -> u32 {
        match (self, kind) {
            // What referrals give would be cut by the budget, too.
            (Profile::HotBudget, Kind::Referral) => 0,
            (Profile::HotReferrer, Kind::Referral) => 60,
            (_, Kind::Payment) => 36,
            (_, Kind::Twins | Kind::Referral | Kind::Read) => 4,
            (_, Kind::Repeat | Kind::Queued) => 6,
            (_, Kind::Refund | Kind::Redemption) => 10,
            (_, Kind::Behaviour) => 12,
            (_, Kind::Adjustment) => 8,
        }
    }
}

/// What the program gives, which the clients reckon with.
pub(crate) const MINOR_PER_POINT: i64 = 100;
pub(crate) const BEHAVIOUR_POINTS: i64 = 5;
pub(crate) const REFERRER_POINTS: i64 = 500;
pub(crate) const REFEREE_POINTS: i64 = 250;
pub(crate) const QUALIFYING_AMOUNT: i64 = 2000;
pub(crate) const REWARD: &str = "rwd_load";
pub(crate) const REWARD_COST: i64 = 20;
pub(crate) const BEHAVIOUR: &str = "review_submitted";
/// The budget until it is known how fast points are awarded.
const BUDGET_FIRST: i64 = 1_000_000_000_000;

/// A program with its members, ready to be loaded.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) profile: Profile,
    pub(crate) members: usize,
    /// Conversions that a referrer may have.
    pub(crate) velocity: usize,
    /// Of those who refer: the account, and its code.
    pub(crate) referrers: Vec<(String, String)>,
}

impl Plan {
    pub(crate) fn new(profile: Profile, members: usize, velocity: usize) -> Plan {
        Plan {
            profile,
            members: if profile == Profile::HotMember {
                1
            } else {
                members
            },
            velocity,
            referrers: Vec::new(),
        }
    }

    /// A member's customer.
    pub(crate) fn customer(number: usize) -> String {
        format!("m{number}")
    }

    /// The account of a member, by the customer.
    pub(crate) fn account(customer: &str) -> String {
        format!("loy_{customer}")
    }

    /// Makes the program, its rules, its reward and its members.
    ///
    /// # Errors
    /// The stack refuses something.
    pub(crate) async fn set_up(&mut self, client: &mut Client) -> anyhow::Result<()> {
        let budget = match self.profile {
            Profile::HotBudget => json!({"points": BUDGET_FIRST}),
            _ => json!(null),
        };
        let program = json!({
            "auto_enroll": true,
            "budget": budget,
            "reward": {
                "referrer": {"points": REFERRER_POINTS},
                "referee": {"points": REFEREE_POINTS},
            },
            "qualify": {"firstPaymentMinimum": QUALIFYING_AMOUNT, "windowDays": 30},
            "velocity": {"maxConversionsPerWindow": self.velocity, "windowDays": 30},
        });
        let made = [
            ("programs/prog_default", program),
            (
                "earning_rules",
                json!({
                    "trigger": "payment.completed",
                    "award": {"type": "per_amount", "per": MINOR_PER_POINT, "points": 1},
                }),
            ),
            (
                "earning_rules",
                json!({
                    "trigger": BEHAVIOUR,
                    "award": {"type": "fixed", "points": BEHAVIOUR_POINTS},
                }),
            ),
            (
                "rewards",
                json!({"id": REWARD, "type": "custom", "name": "A mug", "cost": REWARD_COST}),
            ),
        ];
        for (path, body) in made {
            let call = Call::post(format!("/v1/loyalty/{path}"), body);
            client.must(&call).await?;
        }
        for number in 0..self.members {
            enrol(client, &Plan::customer(number)).await?;
        }
        let referrers = match self.profile {
            Profile::HotReferrer => 1,
            _ => 16,
        };
        for number in 0..referrers {
            let customer = format!("ref{number}");
            enrol(client, &customer).await?;
            let account = Plan::account(&customer);
            let mint = Call::post("/v1/loyalty/referrals", json!({"referrer": account}));
            let minted = client.must(&mint).await?;
            let code = minted["code"].as_str().context("a code")?.to_owned();
            self.referrers.push((account, code));
        }
        Ok(())
    }
}

async fn enrol(client: &mut Client, customer: &str) -> anyhow::Result<()> {
    let account = json!({"id": Plan::account(customer), "customer": customer});
    let call = Call::post("/v1/loyalty/accounts", account);
    client.must(&call).await?;
    Ok(())
}
