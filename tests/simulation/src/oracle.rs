//! The reference model beside the engine: what the engine's answers and its state must be.

use std::iter;

use jiff::Timestamp;
use laurel_model::{
    Answer, CodeId, MemberId, Model, Names, Op, ProgramSettings, RedemptionId, Rule,
};
use laurel_tests::World;

use crate::script::{Concerns, concerns};

/// The model, with what the engine calls its members and redemptions.
#[derive(Debug, Clone)]
pub(crate) struct Oracle {
    pub(crate) model: Model,
    pub(crate) members: Vec<String>,
    /// What is given for a referral has its name found afterwards, and none until then.
    pub(crate) redemptions: Vec<String>,
    pub(crate) codes: Vec<String>,
    /// The keys of tiers that were deleted, each as often as it was.
    pub(crate) deleted_tiers: Vec<String>,
    pub(crate) steps: usize,
}

impl Names for Oracle {
    fn member(&self, member: MemberId) -> String {
        let known = self.members.get(member.0).cloned();
        known.unwrap_or_else(|| "loy_nobody".to_owned())
    }

    fn redemption(&self, redemption: RedemptionId) -> String {
        let known = self.redemptions.get(redemption.0).cloned();
        known.unwrap_or_else(|| "rdm_loy_nobody_1".to_owned())
    }

    fn code(&self, code: CodeId) -> String {
        let known = self.codes.get(code.0).cloned();
        known.unwrap_or_else(|| "NOBODY-2222".to_owned())
    }
}

/// What the engine says to an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) outcome: String,
    pub(crate) duplicate: bool,
    pub(crate) account: Option<String>,
    /// The redemption that was made.
    pub(crate) redemption: Option<String>,
    /// The referral code that the member has.
    pub(crate) code: Option<String>,
    pub(crate) transactions: Vec<(String, i64)>,
}

impl Said {
    /// That something was done, and no more.
    pub(crate) fn plain(outcome: &str, account: Option<String>) -> Said {
        Said {
            outcome: outcome.to_owned(),
            duplicate: false,
            account,
            redemption: None,
            code: None,
            transactions: Vec::new(),
        }
    }
}

/// An operation with all that the engine said to it.
#[derive(Debug)]
pub(crate) struct Answered<'a> {
    pub(crate) op: &'a Op,
    /// What it said, each time that it was asked and came to an end; or the code of a refusal.
    pub(crate) answers: Vec<Result<Said, String>>,
    /// Whether it was asked once and nothing went wrong, so that there is nothing to excuse.
    pub(crate) is_plain: bool,
    /// Whether a request was tried again under its name, whose answer is then the first one.
    pub(crate) is_request: bool,
    /// Whether nothing else went on.
    pub(crate) is_alone: bool,
}

impl Oracle {
    pub(crate) fn new(settings: &ProgramSettings, rules: &[Rule]) -> Oracle {
        Oracle {
            model: Model::new(settings.clone(), rules.to_vec()),
            members: Vec::new(),
            redemptions: Vec::new(),
            codes: Vec::new(),
            deleted_tiers: Vec::new(),
            steps: 0,
        }
    }

    /// Whether members, redemptions and codes have the numbers that they have in the other.
    pub(crate) fn calls_all_as(&self, other: &Oracle) -> bool {
        self.members == other.members
            && self.redemptions == other.redemptions
            && self.codes == other.codes
    }

    /// Whether all that an operation is about is there.
    pub(crate) fn knows(&self, op: &Op) -> bool {
        let Concerns {
            members,
            redemption,
            code,
        } = concerns(op);
        let is_there = |member: &MemberId| member.0 < self.members.len();
        members.iter().all(is_there)
            && code.is_none_or(|it| it.0 < self.codes.len() || it.0 == usize::MAX)
            && redemption.is_none_or(|it| it.0 < self.redemptions.len())
            && match op {
                Op::AttributionTold(number) => *number < self.model.referrals().len(),
                Op::DeleteTier(key) => self.model.tiers().iter().any(|tier| tier.key == *key),
                Op::Redeem {
                    wanted: laurel_model::Wanted::Reward(id),
                    ..
                } => self.model.rewards().iter().any(|reward| reward.id == *id),
                _ => true,
            }
    }

    /// Leaves out of an event what is open: whether who is enrolled by an event gets its email.
    pub(crate) fn settle(&self, op: &mut Op, is_with_others: bool) {
        let Op::Event(event) = op else { return };
        let is_new = |email| self.model.member_of_email(email).is_none();
        let is_open = event.text("email").is_some_and(is_new) || is_with_others;
        if event.data.contains_key("customer") && is_open {
            event.data.remove("email");
        }
    }

    /// Every way in which the model comes to the same answers: the operations in some order, each
    /// at one of these times, which do not fall.
    ///
    /// # Errors
    /// Where there is none: how the engine's answers differ from those of the model, which did
    /// them in the order given.
    pub(crate) fn explain(
        &self,
        answered: &[Answered<'_>],
        times: &[Timestamp],
    ) -> Result<Vec<Oracle>, String> {
        let mut found = Vec::new();
        let mut difference = None;
        let all: Vec<&Answered<'_>> = answered.iter().collect();
        self.orders(&all, times, &mut found, &mut difference);
        if found.is_empty() {
            return Err(difference.unwrap_or_default());
        }
        Ok(found)
    }

    fn orders(
        &self,
        left: &[&Answered<'_>],
        times: &[Timestamp],
        found: &mut Vec<Oracle>,
        difference: &mut Option<String>,
    ) {
        if left.is_empty() {
            found.push(self.clone());
            return;
        }
        for (place, next) in left.iter().enumerate() {
            for (from, now) in times.iter().enumerate() {
                let mut after = self.clone();
                match after.takes(next, *now) {
                    Ok(()) => {
                        let mut others = left.to_vec();
                        others.remove(place);
                        after.orders(&others, &times[from..], found, difference);
                    }
                    Err(problem) => {
                        difference.get_or_insert(problem);
                    }
                }
            }
        }
    }

    /// Does one operation; the error says how the engine's answer differs.
    fn takes(&mut self, answered: &Answered<'_>, now: Timestamp) -> Result<(), String> {
        let op = answered.op;
        let answer = self.model.apply(now, op);
        if let Op::DeleteTier(key) = op {
            self.deleted_tiers.push(key.clone());
        }
        let engine_said = answered.answers.iter().flatten();
        if let Answer::Done(done) = &answer {
            let is_new = done.account == Some(MemberId(self.members.len()));
            let account = engine_said.clone().find_map(|said| said.account.clone());
            if let (true, Some(account)) = (is_new, account) {
                if self.members.contains(&account) {
                    return Err(format!(
                        "the model enrolls somebody, the engine has {account}"
                    ));
                }
                self.members.push(account);
            }
            let redemption = engine_said.clone().find_map(|said| said.redemption.clone());
            let redemption = redemption.filter(|_| matches!(op, Op::Redeem { .. }));
            let unnamed = self.model.redemption_count() - self.redemptions.len();
            let names = redemption.into_iter().chain(iter::repeat(String::new()));
            self.redemptions.extend(names.take(unnamed));
            let code = engine_said.clone().find_map(|said| said.code.clone());
            if let (true, Some(code)) = (self.codes.len() < self.model.codes().len(), code) {
                self.codes.push(code);
            }
        }
        let expected = self.expected(op, &answer);
        let mut firsts = 0;
        for said in &answered.answers {
            let mut said = said.clone();
            if let Ok(said) = &mut said {
                said.redemption = None;
                said.code = None;
                firsts += usize::from(!said.duplicate);
            }
            let mut expected = expected.clone();
            // Whoever is told that an event was done already may have done it, and died.
            let may_repeat = !answered.is_plain && !answered.is_request;
            if let (true, Ok(said), Ok(expected)) = (may_repeat, &mut said, &mut expected) {
                expected.duplicate |= said.duplicate;
            }
            if let (false, Op::Attribute(_), Ok(said), Ok(expected)) =
                (answered.is_alone, op, &said, &mut expected)
            {
                // How far the referral has come is read once it is made, and others go on.
                expected.outcome.clone_from(&said.outcome);
            }
            if said != expected {
                return Err(format!("the engine says {said:?}, the model {expected:?}"));
            }
        }
        let is_remembered = matches!(&expected, Ok(said)
            if !["unlinked", "account_closed", "ignored"].contains(&said.outcome.as_str()));
        if matches!(op, Op::Event(_)) && is_remembered && firsts > 1 {
            return Err(format!("one event was done {firsts} times"));
        }
        Ok(())
    }

    fn expected(&self, op: &Op, answer: &Answer) -> Result<Said, String> {
        let done = match answer {
            Answer::Refused(code) => return Err((*code).to_owned()),
            Answer::Done(done) => done,
        };
        Ok(Said {
            outcome: done.outcome.as_str().to_owned(),
            duplicate: done.duplicate,
            account: done.account.map(|member| self.member(member)),
            redemption: None,
            code: None,
            transactions: match op {
                Op::CreateAccount { .. } | Op::UpdateAccount { .. } | Op::Attribute(_) => {
                    Vec::new()
                }
                Op::AccountCreatedAgain(_) => posted(&done.welcome)
                    .into_iter()
                    .chain(posted(&done.transactions))
                    .collect(),
                _ => posted(&done.transactions),
            },
        })
    }

    /// Whether budgets, redemptions and stocks are what the model says.
    ///
    /// # Errors
    /// The first difference, in words.
    pub(crate) async fn compare_the_rest(
        &self,
        world: &World,
        now: Timestamp,
        ahead_hours: &[i64],
    ) -> Result<(), String> {
        self.compare_budgets(&world.ledger, now).await?;
        self.compare_referrals(world, now, ahead_hours).await?;
        self.compare_redemptions(world, now, ahead_hours).await
    }
}

/// What a transaction is, and whether it is about a referral.
pub(crate) fn kind_in_words(kind: &str, for_referral: bool) -> String {
    match for_referral {
        true => format!("{kind} for a referral"),
        false => kind.to_owned(),
    }
}

fn posted(made: &[laurel_model::Posted]) -> Vec<(String, i64)> {
    made.iter()
        .map(|posted| {
            (
                kind_in_words(posted.kind.as_str(), posted.for_referral),
                posted.amount,
            )
        })
        .collect()
}
