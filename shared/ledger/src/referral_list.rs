//! Referrals listed, with the codes that they come by.

use jiff::Timestamp;
use laurel_rules::{
    Account,
    event::MemberRef,
    referral::{Referral, ReferralCode, ReferralId, ReferralStatus, code_form},
};

use crate::{
    Error, Ledger, Page, PageRequest, ReferralView, TimeRange,
    accounts::{CURRENT, no_such_account},
    item::{self, Item, Reader, referrals_of},
    placed_list::{Placed, partitions_of},
    store::Consistency,
    table::{Key, REFERRAL_PLACE_PREFIX},
};

/// Which referrals to list; all that is said holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReferralFilter {
    /// Of this program, where neither an account nor a code says which.
    pub program: String,
    /// Only those who came by the code of this account.
    pub referrer: Option<String>,
    /// Only the one that this account came by.
    pub referee: Option<String>,
    /// Only the one that this customer of the program came by.
    pub customer: Option<String>,
    /// Only those who came by this code, and the code itself.
    pub code: Option<String>,
    /// Only those that have come so far.
    pub status: Option<ReferralStatus>,
    /// Only those made in this range of time.
    pub created: TimeRange,
}

impl ReferralFilter {
    fn admits(&self, listed: &Listed, now: Timestamp) -> bool {
        let status = match listed {
            Listed::Code(_) => ReferralStatus::Pending,
            Listed::Referral(referral) => referral.status_at(now),
        };
        self.status.is_none_or(|wanted| wanted == status) && self.created.contains(listed.created())
    }
}

/// A referral or the code that one can come by: both stand in the partition of whose the code is.
pub(crate) enum Listed {
    Code(Box<ReferralCode>),
    Referral(Box<Referral>),
}

impl Listed {
    pub(crate) fn referral(&self) -> Option<&Referral> {
        match self {
            Listed::Code(_) => None,
            Listed::Referral(referral) => Some(referral),
        }
    }

    /// The accounts that it is about, as they were.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &str> {
        let (referrer, referee) = match self {
            Listed::Code(code) => (&code.account, None),
            Listed::Referral(referral) => (&referral.referrer, Some(&referral.referee)),
        };
        std::iter::once(referrer).chain(referee).map(String::as_str)
    }
}

/// Where the code of an account stands.
pub(crate) fn code_key(account: &str) -> Key {
    Key::referral(&ReferralId::of_code(account))
}

impl Placed for Listed {
    const PLACE_PREFIX: &'static str = REFERRAL_PLACE_PREFIX;

    fn read(item: &Item) -> Result<Listed, Error> {
        let is_code = Reader::new(item).text("sk")? == code_key("").sk;
        Ok(if is_code {
            Listed::Code(Box::new(item::referral_code(item)?))
        } else {
            Listed::Referral(Box::new(item::referral(item)?))
        })
    }

    fn id(&self) -> &str {
        match self {
            Listed::Code(code) => &code.id,
            Listed::Referral(referral) => &referral.id,
        }
    }

    fn program(&self) -> &str {
        match self {
            Listed::Code(code) => &code.program,
            Listed::Referral(referral) => &referral.program,
        }
    }

    fn created(&self) -> Timestamp {
        match self {
            Listed::Code(code) => code.created,
            Listed::Referral(referral) => referral.created,
        }
    }

    fn key_of(id: &str) -> Option<Key> {
        ReferralId::parse(id).as_ref().map(Key::referral)
    }

    fn listed_in(program: &str) -> String {
        referrals_of(program)
    }
}

impl Ledger {
    /// Lists referrals and codes, the newest first. In the list of a referrer or of a code the
    /// codes come last, since all who came by them came later.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program or account; `parameter_invalid` where a
    /// cursor names nothing of the list. An unknown code or customer has none.
    pub async fn referrals(
        &self,
        filter: &ReferralFilter,
        request: &PageRequest,
    ) -> Result<Page<ReferralView>, Error> {
        let page = self.listed_referrals(filter, request).await?;
        Ok(Page {
            has_more: page.has_more,
            data: self.referral_views(page.data).await?,
        })
    }

    async fn listed_referrals(
        &self,
        filter: &ReferralFilter,
        request: &PageRequest,
    ) -> Result<Page<Listed>, Error> {
        let referrer = self.listing_account("referrer", filter.referrer.as_deref());
        let referrer = referrer.await?;
        let referee = self.listing_account("referee", filter.referee.as_deref());
        let referee = referee.await?;
        let owner = match &filter.code {
            Some(code) => Some(self.owner_of(code).await?),
            None => None,
        };
        let of_account = referrer.as_ref().or(referee.as_ref());
        let of_code = owner.as_ref().and_then(Option::as_ref);
        let program = of_account.map(|account| account.program.as_str());
        let program = program.or(of_code.map(|code| code.program.as_str()));
        let program = program.unwrap_or(&filter.program).to_owned();
        let catalog = self.checked_catalog(&program, CURRENT).await?;
        let now = self.now_in(&catalog.program);
        let admits = |listed: &Listed| filter.admits(listed, now);
        let of_referrer = referrer.as_ref().map(partitions_of);
        let of_code: Option<Vec<String>> = owner.map(|owner| {
            let owner = owner.into_iter();
            owner.map(|code| Key::account(&code.account).pk).collect()
        });
        let partitions: Option<Vec<String>> = match (of_referrer, of_code) {
            (Some(mut both), Some(of_code)) => {
                both.retain(|partition| of_code.contains(partition));
                Some(both)
            }
            (one, other) => one.or(other),
        };
        let customer = match &filter.customer {
            Some(customer) => {
                let member = MemberRef {
                    customer: Some(customer.clone()),
                    ..MemberRef::default()
                };
                let found = self.find_member(&catalog.program, &member, CURRENT).await?;
                Some(found.0)
            }
            None => None,
        };
        if referee.is_some() || customer.is_some() {
            let mut wanted = [referee.map(Some), customer].into_iter().flatten();
            let one = wanted.next().flatten();
            let is_same = |other: &Option<Account>| {
                other.as_ref().map(|it| &it.id) == one.as_ref().map(|it| &it.id)
            };
            let one = if wanted.all(|other| is_same(&other)) {
                one
            } else {
                None
            };
            let found = self.listed_referral_of(one.as_ref()).await?;
            let found = found.filter(|listed| {
                let key = Listed::key_of(listed.id());
                let is_of = |partitions: &Vec<String>| {
                    key.as_ref().is_some_and(|key| partitions.contains(&key.pk))
                };
                partitions.as_ref().is_none_or(is_of)
            });
            let all = found.into_iter().collect();
            return Ok(Page::cut_where(all, request, Listed::id, admits)?);
        }
        match partitions {
            Some(partitions) => self.placed_in(partitions, request, admits).await,
            None => {
                let created = filter.created;
                self.placed_of_program(&program, created, request, admits)
                    .await
            }
        }
    }

    async fn listing_account(
        &self,
        param: &str,
        id: Option<&str>,
    ) -> Result<Option<Account>, Error> {
        let Some(id) = id else { return Ok(None) };
        let found = self.store.get([Key::account(id)], Consistency::Strong);
        let found = found.await?;
        let account = found.values().next().map(item::account).transpose()?;
        let account = account.filter(|account| self.sees(&account.program));
        let account = account.ok_or_else(|| no_such_account(id).at(param))?;
        Ok(Some(account))
    }

    /// The code as it is stored, where there is such a one.
    async fn owner_of(&self, code: &str) -> Result<Option<ReferralCode>, Error> {
        let Some(form) = code_form(code) else {
            return Ok(None);
        };
        let found = self.code_with_owner(&form, CURRENT).await?;
        let code = found.map(|(code, _)| code);
        Ok(code.filter(|code| self.sees(&code.program)))
    }

    /// The referral that an account came by.
    async fn listed_referral_of(&self, account: Option<&Account>) -> Result<Option<Listed>, Error> {
        let referred = account.and_then(|account| account.referrals.referred.as_ref());
        let key = referred.and_then(|referred| Listed::key_of(&referred.id));
        let Some(key) = key else { return Ok(None) };
        let found = self.store.get([key], Consistency::Strong).await?;
        found.values().next().map(Listed::read).transpose()
    }
}
