//! The evaluation of all members of a program, which a change of its tiers starts: members get what
//! they have earned without waiting for their next event, and it is announced. A change of the
//! settings that say when time does something starts one, too: members are found by the clock from
//! the time that was planned when they were last written, which may be too late by then.
//!
//! It is a cursor that moves through the program's members under its item's version. Who moves it
//! may stop anywhere, or meet another who does the same: members are evaluated one by one, which
//! does no harm twice, and a page counts once, for whoever moved the cursor past it.

use std::time::Instant;

use aws_sdk_dynamodb::types::TransactWriteItem;
use futures::{TryStreamExt, stream};
use jiff::Timestamp;
use laurel_rules::{
    Account, Code, Plan, Program, Refusal,
    decide::{Resources, visit_account},
};
use serde::{Deserialize, Serialize};

use crate::{
    AccountFilter, Error, Ledger, PageRequest,
    catalogs::no_such_program,
    commit::put,
    due::Visiting,
    item::{Item, Reader, Writer},
    programs::json,
    retry::Pause,
    store::{Committed, Consistency},
    table::{Key, TIER_EVALUATIONS},
};

/// How many members a step evaluates.
const PAGE: usize = 100;
/// How many of them at a time.
const VISITS_AT_A_TIME: usize = 8;

/// How far the evaluation of a program's members is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierEvaluation {
    /// The program.
    pub program: String,
    /// How many members it has come to.
    pub evaluated: u64,
    /// How many of them have got another tier since it was started.
    pub changed: u64,
    /// When it was started, by the program's time.
    pub started: Timestamp,
    /// When it came to the last member.
    pub finished: Option<Timestamp>,
    /// The member that it came to last.
    cursor: Option<String>,
    /// Which request started it.
    request: String,
    version: u64,
}

impl Ledger {
    /// Starts an evaluation of all members of a program, over again where one is under way.
    /// `request` names the request, the same over all its tries.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program.
    pub async fn start_tier_evaluation(
        &self,
        program: &str,
        request: &str,
    ) -> Result<TierEvaluation, Error> {
        let mut pause = Pause::new();
        loop {
            let (settings, _) = self
                .stored_program(program)
                .await?
                .ok_or_else(|| no_such_program(program))?;
            let before = self.stored_tier_evaluation(program).await?;
            if let Some(found) = &before
                && found.request == request
            {
                return Ok(found.clone());
            }
            let evaluation = self.afresh(&settings, before.as_ref(), request);
            let expected = before.map(|before| before.version);
            let writes = vec![put(&self.store.table, item_of(&evaluation)?, expected)?];
            if self.store.transact(writes).await? == Committed::Yes {
                return Ok(evaluation);
            }
            pause.or_busy().await?;
        }
    }

    /// The write that starts an evaluation together with a change of the program or of its tiers.
    pub(crate) async fn evaluation_put(
        &self,
        program: &Program,
    ) -> Result<TransactWriteItem, Error> {
        let before = self.stored_tier_evaluation(&program.id).await?;
        let evaluation = self.afresh(program, before.as_ref(), &self.new_id("req_"));
        let expected = before.map(|before| before.version);
        put(&self.store.table, item_of(&evaluation)?, expected)
    }

    /// An evaluation that begins with the first member, over `before`.
    fn afresh(
        &self,
        program: &Program,
        before: Option<&TierEvaluation>,
        request: &str,
    ) -> TierEvaluation {
        TierEvaluation {
            program: program.id.clone(),
            evaluated: 0,
            changed: 0,
            started: self.now_in(program),
            finished: None,
            cursor: None,
            request: request.to_owned(),
            version: before.map_or(0, |before| before.version) + 1,
        }
    }

    /// The evaluation that was started last.
    ///
    /// # Errors
    /// `resource_missing` where there is no such program, or none was ever started.
    pub async fn tier_evaluation(&self, program: &str) -> Result<TierEvaluation, Error> {
        self.program(program).await?;
        let found = self.stored_tier_evaluation(program).await?;
        found.ok_or_else(|| {
            let message = format!(
                "No evaluation of the members of `{program}` was started; start one by POST."
            );
            Refusal::new(Code::ResourceMissing, message).into()
        })
    }

    async fn stored_tier_evaluation(&self, program: &str) -> Result<Option<TierEvaluation>, Error> {
        let key = Key::tier_evaluation(program);
        let found = self.store.get([key], Consistency::Strong).await?;
        found.values().next().map(evaluation_in).transpose()
    }

    /// Goes on with all evaluations that are under way, until they are done or no step should
    /// begin any more. Answers how many steps were made.
    ///
    /// # Errors
    /// The table does not answer; the next call goes on.
    pub async fn evaluate_tiers(&self, until: Instant) -> Result<u64, Error> {
        let items = self.store.query_all(TIER_EVALUATIONS, "!", "~").await?;
        let mut steps = 0;
        for item in &items {
            let mut evaluation = evaluation_in(item)?;
            while evaluation.finished.is_none() && Instant::now() < until {
                evaluation = self.step(evaluation).await?;
                steps += 1;
            }
        }
        Ok(steps)
    }

    /// Evaluates the next members and moves the cursor past them; answers where it is now.
    async fn step(&self, before: TierEvaluation) -> Result<TierEvaluation, Error> {
        let filter = AccountFilter::of(&before.program);
        let request = PageRequest {
            limit: PAGE,
            starting_after: before.cursor.clone(),
            ..PageRequest::default()
        };
        let page = self.listed_accounts(&filter, &request).await?;
        let catalog = self
            .checked_catalog(&before.program, crate::accounts::CURRENT)
            .await?;
        let now = self.now_in(&catalog.program);
        let mut changed = 0;
        let mut stale = Vec::new();
        for account in &page.data {
            let mut settled: Account = account.clone();
            settled.settle_tier(&catalog.program, &catalog.tiers, now);
            changed += u64::from(settled.tier.since >= Some(before.started));
            let visit = visit_account(&catalog, account, &Resources::default(), now);
            if !matches!(visit, Ok(Plan::Answer(_) | Plan::Final(_))) {
                stale.push(account.id.as_str());
            }
        }
        stream::iter(stale.into_iter().map(Ok::<_, Error>))
            .try_for_each_concurrent(VISITS_AT_A_TIME, async |id| {
                let visiting = Visiting { id, loaded: None };
                self.run(&visiting).await.map(|_| ())
            })
            .await?;
        let last = page.data.last().map(|account| account.id.clone());
        let after = TierEvaluation {
            evaluated: before.evaluated + u64::try_from(page.data.len()).unwrap_or(0),
            changed: before.changed + changed,
            finished: (!page.has_more).then_some(now),
            cursor: last.or_else(|| before.cursor.clone()),
            version: before.version + 1,
            ..before.clone()
        };
        let expected = Some(before.version);
        let writes = vec![put(&self.store.table, item_of(&after)?, expected)?];
        match self.store.transact(writes).await? {
            Committed::Yes => Ok(after),
            // Another has moved it, or it was started over.
            Committed::Stale | Committed::Unclear => {
                let found = self.stored_tier_evaluation(&before.program).await?;
                Ok(found.unwrap_or(before))
            }
        }
    }
}

fn item_of(evaluation: &TierEvaluation) -> Result<Item, Error> {
    Ok(Writer::keyed(Key::tier_evaluation(&evaluation.program))
        .text("cfg", json(evaluation)?)
        .number("v", evaluation.version)
        .done())
}

fn evaluation_in(item: &Item) -> Result<TierEvaluation, Error> {
    let reader = Reader::new(item);
    serde_json::from_str(reader.text("cfg")?)
        .map_err(|problem| reader.corrupt(format!("an evaluation does not read: {problem}")))
}
