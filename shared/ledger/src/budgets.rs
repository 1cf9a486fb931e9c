//! Budgets: what is used of them in the current window, and what a new limit does to it.

use jiff::Timestamp;
use laurel_rules::{
    Code, Program, Refusal,
    campaign::Campaign,
    pool::{PoolSpec, used},
    rule::Window,
};

use crate::{Error, Ledger, accounts::CURRENT, catalogs::no_such_program};

/// What is used of a budget in its current window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetUse {
    /// The program.
    pub program: String,
    /// The campaign whose budget it is; the program's own where absent.
    pub campaign: Option<String>,
    /// The limit in points.
    pub points: i64,
    /// The window that it counts over.
    pub window: Window,
    /// When the current one began; absent for all time.
    pub starts_at: Option<Timestamp>,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
    /// Points awarded in it, less what was reversed.
    pub used: i64,
}

impl BudgetUse {
    /// Points that are left; 0 where the limit was lowered below what is used.
    #[must_use]
    pub fn remaining(&self) -> i64 {
        (self.points - self.used).max(0)
    }
}

impl Ledger {
    /// What is used of a program's budget in the current window; `None` where it has none.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program.
    pub async fn program_budget(&self, program: &str) -> Result<Option<BudgetUse>, Error> {
        self.budget_use(program, None).await
    }

    /// What is used of a campaign's budget in the current window; `None` where it has none.
    ///
    /// # Errors
    /// `resource_missing` where there is no such campaign.
    pub async fn campaign_budget(&self, campaign: &Campaign) -> Result<Option<BudgetUse>, Error> {
        self.budget_use(&campaign.program, Some(&campaign.id)).await
    }

    async fn budget_use(
        &self,
        program: &str,
        campaign: Option<&str>,
    ) -> Result<Option<BudgetUse>, Error> {
        let Some((pool, program)) = self.current_pool(program, campaign).await? else {
            return Ok(None);
        };
        let used = match self.whole_pool(&pool.id).await? {
            Some((head, shares)) => {
                let shares: Vec<_> = shares.into_iter().map(|(_, share)| share).collect();
                used(&head, &shares)
            }
            None => 0,
        };
        let range = pool.id.window.range(&program.timezone);
        Ok(Some(BudgetUse {
            program: pool.id.program,
            campaign: pool.id.campaign,
            points: pool.limit,
            window: pool.id.window.kind(),
            starts_at: range.start,
            ends_at: range.end,
            used,
        }))
    }

    async fn current_pool(
        &self,
        program: &str,
        campaign: Option<&str>,
    ) -> Result<Option<(PoolSpec, Program)>, Error> {
        if self.stored_program(program).await?.is_none() {
            return Err(no_such_program(program).into());
        }
        let catalog = self.checked_catalog(program, CURRENT).await?;
        let campaign = match campaign {
            None => None,
            Some(id) => {
                let mut campaigns = catalog.campaigns().iter();
                let found = campaigns.find(|campaign| campaign.id == id);
                Some(found.ok_or_else(|| {
                    let message = format!("No such campaign: `{id}`.");
                    Refusal::new(Code::ResourceMissing, message)
                })?)
            }
        };
        let now = self.now_in(&catalog.program);
        let pool = catalog.pool_of(campaign.map(|campaign| &**campaign), now);
        Ok(pool.map(|pool| (pool, catalog.program.clone())))
    }

    /// Makes a limit that was just written hold in the current window before anybody is told so:
    /// what was leased under the one before is recalled.
    pub(crate) async fn enforce_budget(
        &self,
        program: &str,
        campaign: Option<&str>,
    ) -> Result<(), Error> {
        match self.current_pool(program, campaign).await? {
            Some((pool, _)) => self.recall(&pool).await,
            None => Ok(()),
        }
    }
}
