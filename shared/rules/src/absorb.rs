//! What a merge does to two accounts (spec section 3): the survivor takes over all that counts,
//! the other keeps its log.

use jiff::Timestamp;
use laurel_planted::{Bug, is};

use crate::{
    Account, Catalog, Code, POINTS_MAX, Program, Refusal, account::Status, counter::Counter,
    purse::out_of_range, rule::Window,
};

/// How many accounts one account can absorb, one after another or through each other: 1,000, some
/// 50 kB of its item.
pub const ABSORBED_MAX: usize = 1000;

/// An account that was merged into another, which keeps this of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absorbed {
    /// The account.
    pub account: String,
    /// The number of the last entry in its log.
    pub seq: u64,
    /// When that entry was written.
    pub logged_at: Timestamp,
}

impl Account {
    /// Whether `id` is this account, or one that was merged into it.
    #[must_use]
    pub fn is_or_absorbed(&self, id: &str) -> bool {
        self.id == id || self.absorbed.iter().any(|absorbed| absorbed.account == id)
    }

    /// Takes over everything that counts of `source`, which ends with nothing and points here.
    /// Both must be settled to `now`, and the log of `source` must have its last entry.
    ///
    /// Lots keep their expiry; what either owes is repaid as spending would, from what expires
    /// first. Uses of caps add up where both accounts know them; where one of them does not, the
    /// logs tell when they are asked for.
    ///
    /// # Errors
    /// `points_out_of_range` where the sums do not fit; `parameter_invalid` at `source` where the
    /// account has absorbed too many.
    pub fn absorb(
        &mut self,
        source: &mut Account,
        catalog: &Catalog,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.absorbed.len() + 1 + source.absorbed.len() > ABSORBED_MAX {
            let message = format!(
                "The account `{}` would hold more than {ABSORBED_MAX} merged accounts; merge the \
                 other way round, or into a new account.",
                self.id
            );
            return Err(Refusal::new(Code::ParameterInvalid, message).at("source"));
        }
        self.absorb_points(source, now)?;
        self.absorb_counters(source, &catalog.program);
        for carry in source.carries.drain(..) {
            let sum = self.carried(&carry.rule).plus(carry.fraction);
            let sum = sum.ok_or_else(out_of_range)?.storable();
            self.set_carried(&carry.rule, sum);
        }
        self.absorb_goals(source, catalog);
        self.experiments.absorb(&mut source.experiments);
        self.latest_event_at = self.latest_event_at.max(source.latest_event_at);
        self.active_at = self.active_at.max(source.active_at);
        // The list of all entries stays in the order of time.
        self.logged_at = self.logged_at.max(source.logged_at);
        self.absorbed.push(Absorbed {
            account: source.id.clone(),
            seq: source.seq,
            logged_at: source.logged_at,
        });
        self.absorbed.append(&mut source.absorbed);
        source.status = Status::Merged;
        source.merged_into = Some(self.id.clone());
        Ok(())
    }

    fn absorb_points(&mut self, source: &mut Account, now: Timestamp) -> Result<(), Refusal> {
        // The source comes first in the list of the newly absorbed, before its own absorbed.
        let origin = u32::try_from(self.absorbed.len() + 1).map_err(|_| out_of_range())?;
        self.points.absorb(&mut source.points, origin, now)?;
        self.store_credit
            .absorb(&mut source.store_credit, origin, now)?;
        let mut lifetime = self.lifetime_points + std::mem::take(&mut source.lifetime_points);
        if is(Bug::MergeLosesLifetime) {
            lifetime = self.lifetime_points;
        }
        if lifetime > POINTS_MAX {
            return Err(out_of_range());
        }
        self.lifetime_points = lifetime;
        Ok(())
    }

    fn absorb_counters(&mut self, source: &mut Account, program: &Program) {
        for account in [&mut *self, &mut *source] {
            if account.counter_zone != program.timezone_name() {
                account.counters.retain(|counter| {
                    counter.unit.rolling || counter.unit.window == Window::Lifetime
                });
                program
                    .timezone_name()
                    .clone_into(&mut account.counter_zone);
            }
        }
        let latest = self.latest_event_at.max(source.latest_event_at);
        let others = std::mem::take(&mut source.counters);
        self.counters.retain_mut(|counter| {
            let is_same =
                |other: &&Counter| other.rule == counter.rule && other.unit == counter.unit;
            let Some(other) = others.iter().find(is_same) else {
                return false;
            };
            counter.absorb(other);
            counter.prune(latest, &program.timezone);
            true
        });
    }
}
