//! What an event would give, if it came now: decided on what the event would be decided on, and
//! forgotten.

use laurel_rules::{
    Event, Plan,
    boosts::Boosts,
    decide::{Estimate, EventSnapshot, estimate},
    event::ACCOUNT_CREATED,
};

use crate::{
    Error, Ledger,
    accounts::{CURRENT, no_such_account},
    commit::Reading,
    events::{Keys, dated, new_account_id},
    pools::PoolKeys,
    retry::Pause,
    store::Consistency,
    table::Key,
};

impl Ledger {
    /// The program of an account.
    ///
    /// # Errors
    /// `resource_missing` where there is no such account.
    pub async fn program_of(&self, account: &str) -> Result<String, Error> {
        let account = self.stored_account(account, Consistency::Strong).await?;
        Ok(account.program)
    }

    /// Estimates what an event would give now, and writes nothing. With `account` it is that
    /// member's, whomever the event names; one who was merged is the survivor.
    ///
    /// It takes one request, as far as the event names its member by what can be guessed; one more
    /// for the member's log where a cap depends on it, and some where a budget is nearly used up.
    ///
    /// # Errors
    /// `resource_missing` where there is no such account or program; what
    /// [`estimate`](laurel_rules::decide::estimate) refuses.
    pub async fn estimate(&self, event: &Event, account: Option<&str>) -> Result<Estimate, Error> {
        let mut reading = CURRENT;
        let mut is_gathered = false;
        let mut pause = Pause::new();
        loop {
            let snapshot = self.estimated_on(event, reading, is_gathered).await?;
            if let (Some(id), None) = (account, &snapshot.account) {
                return Err(no_such_account(id).into());
            }
            match estimate(&snapshot, &dated(event, &snapshot))? {
                Plan::Needs(needs) => {
                    let is_new = (needs.past && !reading.past)
                        || (!needs.gathered.is_empty() && !is_gathered);
                    if !is_new {
                        // The program, or a budget, is changed at this moment.
                        pause.or_busy().await?;
                    }
                    reading.past |= needs.past;
                    is_gathered |= !needs.gathered.is_empty();
                }
                Plan::Answer(estimate) | Plan::Final(estimate) | Plan::Commit(_, estimate) => {
                    return Ok(estimate);
                }
            }
        }
    }

    async fn estimated_on(
        &self,
        event: &Event,
        reading: Reading,
        is_gathered: bool,
    ) -> Result<EventSnapshot, Error> {
        let kept = self.kept_catalog(&event.program).await?;
        let mut keys = Keys::of(event, &kept.program);
        let at = self.time_of_event(event, &kept.program);
        let welcome = kept.pools(ACCOUNT_CREATED, at);
        let pools = kept.pools(&event.trigger, at).into_iter().chain(welcome);
        keys.pools = PoolKeys::of(pools.collect(), &event.source_id);
        let all = keys.members().into_iter().chain(keys.pools.all());
        let all: Vec<Key> = all.chain([keys.program.clone()]).collect();
        let found = self.store.get(all, reading.consistency).await?;
        let catalog = self.current_catalog(kept, found.get(&keys.program)).await?;
        let account = self.member(event, &keys, &found, reading).await?;
        let past = match &account {
            Some(account) if reading.past => Some(self.past(account).await?),
            _ => None,
        };
        let mut pools = keys.pools.read(&found, reading)?;
        if is_gathered {
            pools = self.read_gathered(pools).await?;
        }
        Ok(EventSnapshot {
            now: self.now_in(&catalog.program),
            catalog,
            record: None,
            payment: None,
            account,
            past,
            redemption: None,
            offer: None,
            email: None,
            referral: None,
            card: None,
            boosts: Boosts::default(),
            pools,
            new_account_id: new_account_id(self, &keys, &found),
        })
    }
}
