//! What happens in a history: a program, and steps of one deed or of several at once.

use fastrand::Rng;
use jiff::Timestamp;
use laurel_model::{
    Act, CodeId, Event, MemberId, Op, ProgramSettings, RedemptionId, Rule, history,
};

/// A history before it happens. The same seed and length make the same one.
#[derive(Debug, Clone)]
pub struct Script {
    /// What it was made of, and what its weather and its ids follow from.
    pub seed: u64,
    /// The settings of the program.
    pub settings: ProgramSettings,
    /// Its rules at the beginning, the oldest first.
    pub rules: Vec<Rule>,
    /// The steps, in the order of time.
    pub steps: Vec<Step>,
}

/// Something that happens, or several things at the same time.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its number in the whole history, which its weather follows from: to leave out other steps
    /// does not change it.
    pub number: usize,
    /// When, unless the clock has gone further by then.
    pub at: Timestamp,
    /// What.
    pub deeds: Vec<Deed>,
    /// Whether what the table's stream has to tell is told afterwards.
    pub tell: bool,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Deed {
    /// What is done.
    pub op: Op,
    /// On which way it comes, where there are two.
    pub way: Way,
    /// How often the message comes at once, where it comes by a queue.
    pub copies: u32,
    /// Whether a message that nobody can read comes in the same batch.
    pub poison: bool,
}

/// The ways of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Over the bus and a queue to its function.
    Queue,
    /// By a request to the API.
    Request,
}

impl Script {
    /// The history of this seed, with so many operations.
    #[must_use]
    pub fn of(seed: u64, length: usize) -> Script {
        let (settings, rules, ops) = history::generate(seed, length);
        let mut rng = Rng::with_seed(seed ^ 0x5151_7a11);
        let mut steps: Vec<Step> = Vec::new();
        // Histories in which nothing goes side by side are about faults alone.
        let together_percent = [0, 0, 15, 50][rng.usize(..4)];
        for (number, (at, op)) in ops.into_iter().enumerate() {
            let deed = Deed {
                way: if rng.u32(..100) < 70 {
                    Way::Queue
                } else {
                    Way::Request
                },
                copies: if rng.u32(..100) < 15 {
                    rng.u32(2..=3)
                } else {
                    1
                },
                poison: rng.u32(..100) < 4,
                op,
            };
            let joins = rng.u32(..100) < together_percent && can_go_with_others(&deed.op);
            match steps.last_mut() {
                Some(step) if joins && step.takes_another() => {
                    step.at = step.at.max(at);
                    step.deeds.push(deed);
                }
                _ => steps.push(Step {
                    number,
                    at,
                    deeds: vec![deed],
                    tell: rng.u32(..100) < 40,
                }),
            }
        }
        for step in steps.iter_mut().filter(|step| step.deeds.len() > 1) {
            // A copy could do what the first could not, once another deed is done.
            step.deeds.iter_mut().for_each(|deed| deed.copies = 1);
        }
        Script {
            seed,
            settings,
            rules,
            steps,
        }
    }
}

impl Step {
    fn takes_another(&self) -> bool {
        self.deeds.len() < 3 && self.deeds.iter().all(|deed| can_go_with_others(&deed.op))
    }
}

/// What is configured is in force with the next event, so nothing goes on meanwhile.
fn can_go_with_others(op: &Op) -> bool {
    match op {
        Op::CreateAccount { .. }
        | Op::UpdateAccount { .. }
        | Op::Event(_)
        | Op::AccountCreatedAgain(_)
        | Op::AttributionTold(_)
        | Op::Adjust { .. }
        | Op::Redeem { .. }
        | Op::Act { .. }
        | Op::AdjustCredit { .. }
        | Op::Close(_)
        | Op::Reopen(_)
        | Op::Mint { .. }
        | Op::Attribute(_)
        | Op::Erase(_)
        | Op::Merge { .. } => true,
        Op::UpdateRule(_)
        | Op::SetTier(_)
        | Op::DeleteTier(_)
        | Op::SetCampaign(_)
        | Op::SetReward(_)
        | Op::SetProgram(_)
        | Op::RotateKey
        | Op::Tick => false,
    }
}

/// What an operation is about, which must be there.
#[derive(Debug, Default)]
pub(crate) struct Concerns {
    pub(crate) members: Vec<MemberId>,
    pub(crate) redemption: Option<RedemptionId>,
    pub(crate) code: Option<CodeId>,
}

pub(crate) fn concerns(op: &Op) -> Concerns {
    let of = |members: Vec<MemberId>| Concerns {
        members,
        ..Concerns::default()
    };
    match op {
        Op::UpdateAccount { member, .. }
        | Op::AccountCreatedAgain(member)
        | Op::Adjust { member, .. }
        | Op::Redeem { member, .. }
        | Op::AdjustCredit { member, .. }
        | Op::Close(member)
        | Op::Reopen(member)
        | Op::Mint { member, .. }
        | Op::Erase(member) => of(vec![*member]),
        Op::Merge { source, target } => of(vec![*source, *target]),
        Op::Act { redemption, .. } => Concerns {
            redemption: Some(*redemption),
            ..Concerns::default()
        },
        Op::Attribute(coming) => Concerns {
            code: Some(coming.code),
            ..of(coming.account.into_iter().collect())
        },
        Op::Event(event) => Concerns {
            members: event
                .account
                .into_iter()
                .chain(event.loyalty_account)
                .collect(),
            redemption: event.redemption,
            code: event.referral_code,
        },
        _ => Concerns::default(),
    }
}

/// An operation in a line.
#[must_use]
pub fn in_words(op: &Op) -> String {
    match op {
        Op::Event(event) => event_in_words(event),
        Op::CreateAccount { customer, email } => {
            format!("create account of {customer:?} {email:?}")
        }
        Op::UpdateAccount {
            member,
            customer,
            email,
        } => format!("update {member}: customer {customer:?}, email {email:?}"),
        Op::AccountCreatedAgain(member) => format!("loyalty.account.created of {member} again"),
        Op::AttributionTold(referral) => format!("referral.attributed of referral {referral}"),
        Op::Adjust {
            member,
            amount,
            allow_negative,
            lifetime,
            expires_at,
        } => {
            let mut line = format!("adjust {member} by {amount}");
            for (is_so, word) in [(*allow_negative, "below zero"), (*lifetime, "lifetime")] {
                if is_so {
                    line = format!("{line}, {word}");
                }
            }
            match expires_at {
                Some(at) => format!("{line}, until {at}"),
                None => line,
            }
        }
        Op::Act { redemption, act } => {
            let act = match act {
                Act::Confirm => "confirm",
                Act::Cancel => "cancel",
                Act::Use => "use",
            };
            format!("{act} {redemption}")
        }
        Op::Close(member) => format!("close {member}"),
        Op::Reopen(member) => format!("reopen {member}"),
        Op::Merge { source, target } => format!("merge {source} into {target}"),
        Op::Erase(member) => format!("erase {member}"),
        Op::RotateKey => "another API key".to_owned(),
        Op::Tick => "the clock's minute".to_owned(),
        other => format!("{other:?}"),
    }
}

fn event_in_words(event: &Event) -> String {
    let mut line = format!(
        "{} {} of {}",
        event.kind,
        event.source_id(),
        event.occurred_at
    );
    for (word, member) in [
        ("account", event.account),
        ("metadata", event.loyalty_account),
    ] {
        if let Some(member) = member {
            line = format!("{line}, {word} {member}");
        }
    }
    if let Some(redemption) = event.redemption {
        line = format!("{line}, {redemption}");
    }
    if let Some(code) = event.referral_code {
        line = format!("{line}, {code}");
    }
    let data = event.data.iter().filter(|(key, _)| *key != "id");
    for (key, value) in data {
        line = format!("{line}, {key} {value}");
    }
    line
}
