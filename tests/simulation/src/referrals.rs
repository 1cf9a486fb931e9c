//! Referrals on both sides: whose codes there are, who came by them, how far that has come.

use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{Clock as _, PageRequest, ReferralFilter, ReferralView};
use laurel_model::Referral;
use laurel_rules::referral::{Gift, ReferralStatus};
use laurel_tests::{PROGRAM, World};

use crate::oracle::Oracle;

impl Oracle {
    /// All codes and all referrals, now and ahead.
    pub(crate) async fn compare_referrals(
        &self,
        world: &World,
        now: Timestamp,
        ahead_hours: &[i64],
    ) -> Result<(), String> {
        if self.codes.is_empty() {
            return Ok(());
        }
        for hours in ahead_hours {
            let then = now + SignedDuration::from_hours(*hours);
            world.clock.set(then);
            let page = world.ledger.referrals(&of_program(), &all()).await;
            let page = page.map_err(|error| format!("{error:?}"))?;
            let mut engine: Vec<String> = page.data.iter().map(in_words).collect();
            let referrals = self.model.referrals().iter();
            let referrals = referrals.map(|it| self.referral_in_words(it, then));
            let codes = self.model.codes().iter().zip(&self.codes);
            let codes = codes.filter(|(code, _)| !code.erased).map(|(code, text)| {
                let owner = self.name_of(code.member);
                format!("{text} of {owner}")
            });
            let mut model: Vec<String> = referrals.chain(codes).collect();
            engine.sort();
            model.sort();
            if engine != model {
                let only = |these: &[String], those: &[String]| {
                    let only = these.iter().filter(|it| !those.contains(it));
                    only.cloned().collect::<Vec<_>>().join("\n")
                };
                return Err(format!(
                    "in {hours} h the referrals of the engine have\n{}\nand those of the model\n{}",
                    only(&engine, &model),
                    only(&model, &engine)
                ));
            }
        }
        world.clock.set(now);
        Ok(())
    }

    /// Finds what the engine calls the redemptions that were given for referrals.
    pub(crate) async fn name_gifts(&mut self, world: &World) -> Result<(), String> {
        if self.redemptions.iter().all(|name| !name.is_empty()) {
            return Ok(());
        }
        let page = world.ledger.referrals(&of_program(), &all()).await;
        let views = page.map_err(|error| format!("{error:?}"))?.data;
        let redemptions = self.model.redemptions(world.clock.now());
        for number in 0..self.redemptions.len() {
            if !self.redemptions[number].is_empty() {
                continue;
            }
            let of = redemptions[number].referral;
            let before = redemptions[..number].iter();
            let before = before.filter(|it| it.referral == of).count();
            let referral = of.and_then(|of| self.model.referrals().get(of));
            let name = referral.and_then(|referral| {
                let (referrer, referee) = (
                    self.name_of(referral.referrer),
                    self.name_of(referral.referee),
                );
                let view = views.iter().find(|view| {
                    view.referrer == referrer
                        && view.referee.as_ref() == Some(&referee)
                        && view.attributed_at == Some(referral.came_at)
                });
                issued(view?).nth(before)
            });
            let name = name.ok_or_else(|| format!("gift {number} is not in the engine"))?;
            self.redemptions[number] = name.to_owned();
        }
        Ok(())
    }

    /// What the engine calls the referral with this number.
    pub(crate) async fn find_referral(&self, world: &World, number: usize) -> Option<String> {
        let words = self.referral_in_words(self.model.referrals().get(number)?, world.clock.now());
        let found = world.ledger.referrals(&of_program(), &all()).await.ok()?;
        let is_it = |view: &ReferralView| in_words(view) == words;
        found.data.into_iter().find(is_it).map(|view| view.id)
    }

    fn name_of(&self, member: laurel_model::MemberId) -> String {
        let member = self.model.survivor(member);
        laurel_model::Names::member(self, member)
    }

    fn referral_in_words(&self, it: &Referral, then: Timestamp) -> String {
        let given: Vec<i64> = it
            .given
            .iter()
            .map(|number| self.model.transaction(*number).amount)
            .collect();
        let redemptions = self
            .model
            .redemptions(then)
            .into_iter()
            .zip(&self.redemptions);
        let issued = redemptions.filter(|(gift, _)| {
            let referral = gift.referral.map(|of| &self.model.referrals()[of]);
            referral.is_some_and(|of| std::ptr::eq(of, it))
        });
        let issued: Vec<&str> = issued.map(|(_, name)| name.as_str()).collect();
        format!(
            "{} brought {} as {:?} at {}, until {:?}: {}, {:?} by {:?}, gave {given:?} {issued:?}",
            self.name_of(it.referrer),
            self.name_of(it.referee),
            it.customer,
            it.came_at,
            it.expires_at,
            it.status_at(then),
            it.reason,
            it.converted_by,
        )
    }
}

fn of_program() -> ReferralFilter {
    ReferralFilter {
        program: PROGRAM.to_owned(),
        ..ReferralFilter::default()
    }
}

fn all() -> PageRequest {
    PageRequest {
        limit: 100_000,
        ..PageRequest::default()
    }
}

fn in_words(view: &ReferralView) -> String {
    if view.status == ReferralStatus::Pending {
        let code = view.code.as_deref().unwrap_or_default();
        return format!("{code} of {}", view.referrer);
    }
    let given = view.given.iter().filter_map(|given| match &given.gift {
        Gift::Points { points, .. } => Some(*points),
        Gift::StoreCredit { money, .. } => Some(money.amount),
        Gift::Reward { .. } => None,
    });
    format!(
        "{} brought {} as {:?} at {}, until {:?}: {}, {:?} by {:?}, gave {:?} {:?}",
        view.referrer,
        view.referee.as_deref().unwrap_or_default(),
        view.customer,
        view.attributed_at.unwrap_or_default(),
        view.expires_at,
        view.status.as_str(),
        view.reason.map(|reason| reason.as_str()),
        view.converted_by,
        given.collect::<Vec<_>>(),
        issued(view).collect::<Vec<_>>(),
    )
}

/// The redemptions that were given for a referral.
fn issued(view: &ReferralView) -> impl Iterator<Item = &str> {
    view.given.iter().filter_map(|given| match &given.gift {
        Gift::Reward { redemption } => Some(redemption.as_str()),
        Gift::Points { .. } | Gift::StoreCredit { .. } => None,
    })
}
