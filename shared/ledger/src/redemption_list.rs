//! Redemptions listed.

use jiff::Timestamp;
use laurel_rules::{
    Redemption,
    redemption::{RedemptionId, RedemptionStatus},
};

use crate::{
    Error, Ledger, Page, PageRequest, RedemptionView, TimeRange,
    accounts::CURRENT,
    item::{self, Item, redemptions_of},
    placed_list::{Placed, partitions_of},
    redemptions::view,
    store::Consistency,
    table::{Key, REDEMPTION_PLACE_PREFIX},
};

/// Which redemptions to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RedemptionFilter {
    /// Of this program.
    pub program: String,
    /// Only those of this account.
    pub account: Option<String>,
    /// Only those of this reward.
    pub reward: Option<String>,
    /// Only those that have come so far.
    pub status: Option<RedemptionStatus>,
    /// Only those made in this range of time.
    pub created: TimeRange,
}

impl RedemptionFilter {
    fn admits(&self, redemption: &Redemption, now: Timestamp) -> bool {
        let reward = redemption.reward.as_ref().map(|reward| &reward.id);
        let has_status = |status| redemption.status_at(now) == status;
        (self.reward.is_none() || self.reward.as_ref() == reward)
            && self.status.is_none_or(has_status)
            && self.created.contains(redemption.created)
    }
}

impl Placed for Redemption {
    const PLACE_PREFIX: &'static str = REDEMPTION_PLACE_PREFIX;

    fn read(item: &Item) -> Result<Redemption, Error> {
        item::redemption(item)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn program(&self) -> &str {
        &self.program
    }

    fn created(&self) -> Timestamp {
        self.created
    }

    fn key_of(id: &str) -> Option<Key> {
        RedemptionId::parse(id).as_ref().map(Key::redemption)
    }

    fn listed_in(program: &str) -> String {
        redemptions_of(program)
    }
}

impl Ledger {
    /// Lists redemptions, the newest first.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program or account; `parameter_invalid` where a
    /// cursor names no redemption of the list.
    pub async fn redemptions(
        &self,
        filter: &RedemptionFilter,
        request: &PageRequest,
    ) -> Result<Page<RedemptionView>, Error> {
        if let Some(account) = &filter.account {
            let account = self.stored_account(account, Consistency::Strong).await?;
            let now = self.time_of(&account.program).await?;
            let partitions = partitions_of(&account);
            let admits = |redemption: &Redemption| filter.admits(redemption, now);
            let page = self.placed_in(partitions, request, admits).await?;
            return Ok(page.map(|redemption| view(redemption, account.id.clone(), now)));
        }
        let catalog = self.checked_catalog(&filter.program, CURRENT).await?;
        let now = self.now_in(&catalog.program);
        let admits = |redemption: &Redemption| filter.admits(redemption, now);
        let page = self.placed_of_program(&filter.program, filter.created, request, admits);
        let page = page.await?;
        let owners = page
            .data
            .iter()
            .map(|redemption| redemption.account.as_str());
        let survivors = self.survivors(owners).await?;
        Ok(page.map(|redemption| {
            let account = survivors.of(&redemption.account);
            view(redemption, account, now)
        }))
    }
}
