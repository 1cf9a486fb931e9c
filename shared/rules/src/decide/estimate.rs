//! What an event would give (spec section 1, "Explain"): the decision about it, of which nothing
//! is written.

use std::sync::Arc;

use super::{
    Commit, Draft, EventSnapshot, Holders, Plan, Progress,
    account::{enrol, found},
    chain::chain,
    close::active,
    earn::{award, verdicts_on},
};
use crate::{
    Account, Code, Event, Refusal, Rule, Transaction,
    campaign::Campaign,
    condition::Facts,
    evaluate::{Reason, Verdict},
    event::{ACCOUNT_CREATED, Intent, REFERRAL_ATTRIBUTED},
    exact::Factor,
    rule::Recipient,
};

/// What an event would give.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The member; nobody yet where it would be for a new one.
    pub account: Option<String>,
    /// The time that it was judged at.
    pub occurred_at: jiff::Timestamp,
    /// The points of all rules together.
    pub points: i64,
    /// The key of the tier in effect, and its multiplier.
    pub tier: Option<(String, Factor)>,
    /// Each rule that listens to the event's type, in the order in which they are tried; then those
    /// that would fire by what these give.
    pub rules: Vec<RuleEstimate>,
    /// Each campaign that multiplies awards for events of this type.
    pub campaigns: Vec<CampaignEstimate>,
}

/// What one rule would give.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleEstimate {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Why it gives nothing; absent where it fires.
    pub reason: Option<Reason>,
    /// The transaction that it would make; absent where it does not fire.
    pub transaction: Option<Transaction>,
}

/// What one campaign does to the awards.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignEstimate {
    /// The campaign.
    pub campaign: Arc<Campaign>,
    /// Why it multiplies nothing; absent where it is in effect.
    pub reason: Option<Reason>,
}

/// Estimates what an event would give if it came now: to the member of the snapshot, or to
/// somebody whom it makes a member. What a welcome bonus, a referral or a redemption would do
/// beside is not in it. Nothing that the event's id names is looked at.
///
/// # Errors
/// `parameter_invalid` at `type` where such events never earn; `account_closed`; what handling the
/// event would refuse.
pub fn estimate(snapshot: &EventSnapshot, event: &Event) -> Result<Plan<Estimate>, Refusal> {
    can_earn(event)?;
    snapshot.check(event)?;
    let catalog = &*snapshot.catalog;
    let mut draft = match &snapshot.account {
        Some(account) => member(snapshot, account, event)?,
        None => match newcomer(snapshot, event)? {
            Progress::Done(draft) => draft,
            Progress::Needs(needs) => return Ok(Plan::Needs(needs)),
        },
    };
    // What time has done, or the welcome, is no part of it.
    if let Progress::Needs(needs) = chain(&mut draft)? {
        return Ok(Plan::Needs(needs));
    }
    let boosts = snapshot.boosts_for(&draft, event);
    let facts = Facts::of_event(catalog, event, Some(&draft.account), snapshot.now);
    let campaigns = catalog.campaigns().iter();
    let campaigns = campaigns.filter(|campaign| campaign.listens_to(&event.trigger));
    let campaigns = campaigns.map(|campaign| CampaignEstimate {
        campaign: Arc::clone(campaign),
        reason: catalog.campaign_obstacle(campaign, &facts),
    });
    let campaigns = campaigns.collect();
    let side = Recipient::Member;
    let verdicts = match verdicts_on(&draft, event, &boosts, side)? {
        Progress::Done(verdicts) => verdicts,
        Progress::Needs(needs) => return Ok(Plan::Needs(needs)),
    };
    let heard = catalog.rules(&event.trigger).iter().zip(&verdicts);
    let mut rules: Vec<RuleEstimate> = heard
        .map(|(compiled, verdict)| RuleEstimate {
            rule: Arc::clone(&compiled.rule),
            reason: match verdict {
                Verdict::Fires(_) => None,
                Verdict::Silent { reason, .. } => Some(reason.clone()),
            },
            transaction: None,
        })
        .collect();
    let earned = match award(&mut draft, event, &boosts, side, None, verdicts)? {
        Progress::Done(earned) => earned,
        Progress::Needs(needs) => return Ok(Plan::Needs(needs)),
    };
    let written = earned.entry.map(|written| written.seq);
    let entry = draft.entries.iter().find(|it| Some(it.seq) == written);
    let made = entry.map_or(&[][..], |entry| &entry.transactions);
    let fired = rules.iter_mut().filter(|rule| rule.reason.is_none());
    for (rule, made) in fired.zip(made) {
        rule.transaction = Some(made.clone());
    }
    let chained = match chain(&mut draft)? {
        Progress::Done(chained) => chained,
        Progress::Needs(needs) => return Ok(Plan::Needs(needs)),
    };
    rules.extend(
        chained
            .entries
            .iter()
            .flat_map(|written| followed(&draft, written.seq)),
    );
    let points = rules.iter().filter_map(|rule| rule.transaction.as_ref());
    Ok(Plan::Answer(Estimate {
        account: snapshot.account.as_ref().map(|account| account.id.clone()),
        occurred_at: event.occurred_at,
        points: points.map(|made| made.amount).sum(),
        tier: boosts.tier,
        rules,
        campaigns,
    }))
}

/// What rules would give that hear of the awards, or of a tier that is reached by them: those that
/// fire.
fn followed(draft: &Draft<'_>, seq: u64) -> Vec<RuleEstimate> {
    let entry = draft.entries.iter().find(|entry| entry.seq == seq);
    let Some(entry) = entry else {
        return Vec::new();
    };
    let listening = draft.catalog.rules(&entry.trigger);
    let made = entry.transactions.iter().filter_map(|made| {
        let (id, _) = made.rule.as_ref()?;
        let compiled = listening.iter().find(|compiled| compiled.rule.id == *id)?;
        Some(RuleEstimate {
            rule: Arc::clone(&compiled.rule),
            reason: None,
            transaction: Some(made.clone()),
        })
    });
    made.collect()
}

fn can_earn(event: &Event) -> Result<(), Refusal> {
    let trigger = &event.trigger;
    let problem = match event.intent {
        Intent::Earn if trigger == REFERRAL_ATTRIBUTED => {
            "gives what the program promises for a referral, which an estimate knows nothing of"
        }
        Intent::Earn => return Ok(()),
        Intent::Refund { .. } => "takes points back and never earns",
        Intent::Update { .. } | Intent::Close | Intent::Ignore => "never earns",
    };
    let message = format!("An event `{trigger}` {problem}.");
    Err(Refusal::invalid("type", message))
}

/// The account of a member, brought up to now.
fn member<'s>(
    snapshot: &'s EventSnapshot,
    account: &Account,
    event: &Event,
) -> Result<Draft<'s>, Refusal> {
    active(account, "account")?;
    if event.trigger == ACCOUNT_CREATED {
        let message = "The welcome bonus is for new members; leave the account out.";
        return Err(Refusal::new(Code::ParameterInvalid, message).at("account"));
    }
    Ok(snapshot.draft_of(account))
}

/// The account of somebody whom the event makes a member: with what the welcome gave them, since
/// tiers and conditions go by it, but where the welcome itself is the question.
fn newcomer<'s>(
    snapshot: &'s EventSnapshot,
    event: &Event,
) -> Result<Progress<Draft<'s>>, Refusal> {
    let mut draft = snapshot.newcomer(event);
    let at = event.occurred_at;
    if event.trigger == ACCOUNT_CREATED {
        found(&mut draft, at, "");
        return Ok(Progress::Done(draft));
    }
    let (holders, mut unwritten) = (Holders::default(), Commit::default());
    let enrolled = enrol(
        &mut draft,
        &snapshot.catalog,
        at,
        "",
        &holders,
        &mut unwritten,
    )?;
    Ok(enrolled.map(|()| draft))
}
