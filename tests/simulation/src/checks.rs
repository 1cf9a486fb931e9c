//! What must hold after each step, and when all is quiet.

use std::iter;

use jiff::{SignedDuration, Timestamp};
use laurel_ledger::Clock as _;
use laurel_model::{Op, TierBasis, Wanted};

use crate::{
    attempts::Place,
    compare::Written,
    keys::{REMEMBERED, must_be},
    oracle::{Answered, Oracle},
    run::History,
    script::Deed,
};

/// So many steps apart more is looked at than balances now.
const STEPS_BETWEEN_LOOKS: usize = 6;
/// How far ahead is looked then, where time alone changes something.
const AHEAD_HOURS: [i64; 3] = [0, 26, 24 * 40];

impl History {
    /// Lets the clock come, which it does every minute, where a deed shows whether it has: what
    /// reservations that ended have kept of a stock returns once that is written, and reviews of
    /// tiers that are not are judged by the tiers of later.
    pub(crate) async fn let_clock_come(&self, deeds: &[Deed]) {
        let now = self.room.base.clock.now();
        let model = &self.oracle.model;
        let is_sensitive = |deed: &Deed| match &deed.op {
            Op::Redeem {
                wanted: Wanted::Reward(id),
                ..
            } => model.stock_left(id, now).is_some(),
            Op::Event(_) => model.promises_stock(),
            Op::SetTier(_) | Op::DeleteTier(_) => {
                model.settings().tier_basis == TierBasis::QualifyingPoints
            }
            _ => false,
        };
        if deeds.iter().any(is_sensitive) {
            laurel_tests::rewards::tick(&self.room.base.ledger).await;
        }
    }

    /// Looks for an order and times of the deeds that explain the answers and the state.
    pub(crate) async fn judge(
        &mut self,
        answered: &[Answered<'_>],
        times: &[Timestamp],
    ) -> Result<(), String> {
        let now = self.room.base.clock.now();
        let every_few = self.oracle.steps.is_multiple_of(STEPS_BETWEEN_LOOKS);
        let ahead_hours = if every_few {
            &AHEAD_HOURS[..]
        } else {
            &AHEAD_HOURS[..1]
        };
        let mut explained = Vec::new();
        let mut difference = None;
        for before in iter::once(&self.oracle).chain(&self.alternatives) {
            match before.explain(answered, times) {
                Ok(found) => explained.extend(found),
                Err(problem) => {
                    difference.get_or_insert(problem);
                }
            }
        }
        let are_several = explained.len() > 1;
        let world = &self.room.base;
        let mut fitting: Vec<Oracle> = Vec::new();
        for mut after in explained {
            let hidden = after.model.hidden();
            if fitting.iter().any(|it| it.model.hidden() == hidden) {
                continue;
            }
            if let Err(problem) = after.name_gifts(world).await {
                difference.get_or_insert(problem);
                continue;
            }
            after.model.apply(now, &Op::Tick);
            let mut compared = after.compare_balances(world, now, ahead_hours).await;
            if compared.is_ok() && (are_several || every_few) {
                compared = after.compare_the_rest(world, now, ahead_hours).await;
            }
            if are_several && compared.is_ok() {
                // Two orders may come to the same balances; the log tells which it was.
                compared = after.compare_logs(world, now, Written::SoFar).await;
            }
            if are_several && compared.is_ok() {
                compared = after.compare_credit_logs(world, now, Written::SoFar).await;
            }
            match compared {
                Ok(()) => {
                    after.steps += 1;
                    fitting.push(after);
                }
                Err(problem) => {
                    difference.get_or_insert(problem);
                }
            }
        }
        let mut fitting = fitting.into_iter();
        let Some(first) = fitting.next() else {
            return Err(difference.unwrap_or_default());
        };
        self.alternatives = fitting.filter(|it| it.calls_all_as(&first)).collect();
        self.oracle = first;
        self.oracle.model.check_invariants(now)
    }

    /// Waits until nothing is under way and looks at everything.
    pub(crate) async fn audit(&mut self) -> Result<(), String> {
        self.settle_down().await?;
        let now = self.room.base.clock.now();
        self.trace.line(0, format!("audit at {now}"));
        self.check_keys().await?;
        laurel_tests::rewards::tick(&self.room.base.ledger).await;
        for oracle in iter::once(&mut self.oracle).chain(&mut self.alternatives) {
            oracle.model.apply(now, &Op::Tick);
        }
        let process = self.room.process();
        self.stream.tell_all(&process).await?;
        self.room.orders.set_time(now);
        let place = Place {
            step: usize::MAX >> 8,
            deed: 0,
            attempt: 0,
        };
        self.deliver(place, None).await?;
        self.oracle
            .compare_logs(&self.room.base, now, Written::All)
            .await?;
        self.oracle
            .compare_credit_logs(&self.room.base, now, Written::All)
            .await?;
        let audited = self.room.base.audit().await;
        if !audited.violations.is_empty() {
            return Err(format!("{:#?}", audited.violations));
        }
        self.stream.check(&self.room).await
    }

    /// Lets pass what time it takes until deliveries have come to their end and nobody remembers a
    /// key that was revoked.
    async fn settle_down(&mut self) -> Result<(), String> {
        if self.keys.refused(self.room.base.clock.now()).1 {
            let later = self.room.base.clock.now() + REMEMBERED + SignedDuration::from_secs(1);
            self.room.base.clock.set(later);
        }
        let process = self.room.process();
        self.room.orders.set_time(self.room.base.clock.now());
        self.stream.tell_all(&process).await?;
        let place = Place {
            step: usize::MAX >> 8,
            deed: 1,
            attempt: 0,
        };
        self.deliver(place, None).await
    }

    /// Revoked keys are refused by every process, and the one in use by none.
    async fn check_keys(&self) -> Result<(), String> {
        let (refused, _) = self.keys.refused(self.room.base.clock.now());
        for process in &self.processes {
            must_be(process, &self.keys.current(), true).await?;
            for text in &refused {
                must_be(process, text, false).await?;
            }
        }
        Ok(())
    }
}
