//! When time next does something to an account.
//!
//! A read lets time pass by itself. What has to be written or announced, though, waits for
//! somebody to look, and accounts say when that is to be ([`Account::due_at`]).

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{Account, Program, account::Status, window};

/// That a lot expires, and when that is to be announced.
struct Reminder<'a> {
    at: Timestamp,
    /// Of store credit; absent of points.
    currency: Option<&'a str>,
    expires_at: Timestamp,
    /// What is left of it.
    remaining: i64,
}

impl Account {
    /// The first instant at which time does something to the account that is to be written or
    /// announced: points or store credit expire, or that is to be announced, a reservation ends,
    /// the tier is reviewed, a referral is over. The account must be settled to the time of its latest write.
    #[must_use]
    pub fn next_due(&self, program: &Program) -> Option<Timestamp> {
        if self.status == Status::Merged {
            return None;
        }
        let points = self.points.next_due(self.idle_at(program));
        let reminders = self.reminders(program).map(|reminder| reminder.at);
        let ahead = reminders.filter(|at| *at > self.logged_at);
        let credit = self.store_credit.next_due();
        let review = self.tier_review_at(program);
        let points = points.into_iter().chain(ahead);
        let referral = self.referrals.expires_at();
        points.chain(credit).chain(review).chain(referral).min()
    }

    /// The expiries whose reminders come due after `since` and by `now`: of points, and of store
    /// credit in a currency, with what expires at each. The account must be settled to `now`.
    ///
    /// Every write lets time pass from the log's latest entry on, so each reminder is given once,
    /// however often somebody looks, and nothing need be kept for it. What comes with less than
    /// the reminder's days to live is not announced: the event of the earning says when it
    /// expires. Where activity puts an expiry off, the new one has a reminder of its own.
    pub(crate) fn reminders_between(
        &self,
        program: &Program,
        since: Timestamp,
        now: Timestamp,
    ) -> BTreeMap<(Option<String>, Timestamp), i64> {
        let mut sums = BTreeMap::new();
        let due = self.reminders(program);
        for reminder in due.filter(|reminder| since < reminder.at && reminder.at <= now) {
            let currency = reminder.currency.map(str::to_owned);
            *sums.entry((currency, reminder.expires_at)).or_insert(0) += reminder.remaining;
        }
        sums
    }

    /// The reminder of each lot that expires.
    fn reminders<'a>(&'a self, program: &'a Program) -> impl Iterator<Item = Reminder<'a>> {
        // Nobody can spend what a closed account holds.
        let is_on = program.reminder_days > 0 && self.status == Status::Active;
        let credit = self.store_credit.purses.iter();
        // Doing nothing loses no store credit.
        let credit = credit.map(|(currency, purse)| (Some(currency.as_str()), purse, None));
        let points = (None, &self.points, self.idle_at(program));
        let purses = std::iter::once(points).chain(credit);
        purses
            .filter(move |_| is_on)
            .flat_map(move |(currency, purse, idle)| {
                purse.lots.iter().filter_map(move |lot| {
                    let expires_at = lot.expiry(idle)?;
                    let (days, zone) = (program.reminder_days, &program.timezone);
                    Some(Reminder {
                        at: window::reminder_at(days, expires_at, zone),
                        currency,
                        expires_at,
                        remaining: lot.remaining,
                    })
                })
            })
    }

    /// When the account's points expire by inactivity, should the member do nothing until then.
    pub(crate) fn idle_at(&self, program: &Program) -> Option<Timestamp> {
        window::inactivity_deadline(program.expires.as_ref(), self.active_at, &program.timezone)
    }

    /// Says when the account is to be visited, given that it is written at `now`.
    ///
    /// A visit that was planned for earlier stands: one that comes too early does no harm and
    /// plans the next one, so that neither an earning that expires after another nor activity
    /// that puts expiry off moves the plan. Where a program's time stands still, nobody waits for
    /// it: whoever moves it visits all of its members.
    pub(crate) fn plan_visit(&mut self, program: &Program, now: Timestamp) {
        let next = self.next_due(program).filter(|_| program.clock.is_none());
        let planned = self.due_at.filter(|planned| *planned > now);
        self.due_at = match (planned, next) {
            (Some(planned), Some(next)) => Some(planned.min(next)),
            (_, next) => next,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purse::{Lot, LotId};

    /// What is left of each lot, and when it expires.
    type Lots<'a> = &'a [(i64, &'a str)];

    /// Expiries that are announced, with their points.
    type Told<'a> = &'a [(&'a str, i64)];

    fn at(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    fn program(expires: &str) -> Program {
        let mut program = Program::new("prog_1", "salt", at("2026-01-01T00:00:00Z"));
        program.expires = serde_json::from_str(expires).expect(expires);
        program
    }

    fn account(program: &Program, lots: Lots<'_>) -> Account {
        let start = program.created;
        let mut account = Account::new("loy_1".to_owned(), program, start, start);
        account.points.lots = lots
            .iter()
            .zip(1..)
            .map(|((remaining, expires_at), seq)| Lot {
                id: LotId::own(seq, 0),
                remaining: *remaining,
                available_at: None,
                expires_at: expires_at.parse().ok(),
            })
            .collect();
        account
    }

    #[test]
    fn what_is_due_next_table() {
        let never = program("null");
        let idle = program(r#"{"inactivity":"P1M"}"#);
        let (early, late) = ("2026-01-20T00:00:00Z", "2026-03-01T00:00:00Z");
        let table: [(&Program, Lots<'_>, Option<&str>); 6] = [
            (&never, &[], None),
            (&never, &[(5, "never")], None),
            (&never, &[(5, late), (5, early), (5, "never")], Some(early)),
            // Nothing is there to expire.
            (&idle, &[], None),
            (&idle, &[(5, "never")], Some("2026-02-01T00:00:00Z")),
            (&idle, &[(5, early), (5, late)], Some(early)),
        ];
        for (program, lots, expected) in table {
            let next = account(program, lots).next_due(program);
            assert_eq!(next, expected.map(at), "{lots:?}");
        }
    }

    #[test]
    fn a_plan_moves_only_where_it_would_come_too_late() {
        let now = at("2026-01-10T00:00:00Z");
        let next = "2026-03-01T00:00:00Z";
        let table = [
            // planned, next, what is planned then
            (None, next, Some(next)),
            (
                Some("2026-02-01T00:00:00Z"),
                next,
                Some("2026-02-01T00:00:00Z"),
            ),
            (Some("2026-04-01T00:00:00Z"), next, Some(next)),
            // It is over.
            (Some("2026-01-10T00:00:00Z"), next, Some(next)),
            (Some("2026-02-01T00:00:00Z"), "never", None),
            (None, "never", None),
        ];
        for (planned, next, expected) in table {
            let program = program("null");
            let mut account = account(&program, &[(5, next)]);
            account.due_at = planned.map(at);
            account.plan_visit(&program, now);
            assert_eq!(account.due_at, expected.map(at), "{planned:?} {next}");
        }
    }

    #[test]
    fn reminders_are_due_once_table() {
        let mut program = program("null");
        program.reminder_days = 10;
        let lots: Lots<'_> = &[
            (5, "2026-01-31T00:00:00Z"),
            (6, "2026-01-31T00:00:00Z"),
            (7, "2026-02-05T00:00:00Z"),
            (8, "never"),
        ];
        let table: [(&str, &str, Told<'_>, &str); 6] = [
            // The latest entry, now, what is announced, what is due next once that is written.
            ("01-01", "01-20", &[], "01-21"),
            ("01-01", "01-21", &[("01-31", 11)], "01-26"),
            ("01-21", "01-25", &[], "01-26"),
            ("01-01", "01-26", &[("01-31", 11), ("02-05", 7)], "01-31"),
            // With less than ten days to live when it came.
            ("01-22", "01-25", &[], "01-26"),
            ("01-28", "01-30", &[], "01-31"),
        ];
        let day = |text: &str| at(&format!("2026-{text}T00:00:00Z"));
        for (logged, now, announced, next) in table {
            let mut account = account(&program, lots);
            let due = account.reminders_between(&program, day(logged), day(now));
            let expected = announced.iter();
            let expected = expected.map(|(at, points)| ((None, day(at)), *points));
            assert_eq!(due, expected.collect(), "{logged} {now}");
            account.logged_at = day(now);
            assert_eq!(
                account.next_due(&program),
                Some(day(next)),
                "{logged} {now}"
            );
            account.status = Status::Closed;
            let due = account.reminders_between(&program, day(logged), day(now));
            assert!(due.is_empty());
        }
    }

    #[test]
    fn nobody_waits_where_time_stands_still() {
        let mut program = program("null");
        program.clock = Some(at("2026-01-10T00:00:00Z"));
        let mut account = account(&program, &[(5, "2026-03-01T00:00:00Z")]);
        account.due_at = Some(at("2026-02-01T00:00:00Z"));
        account.plan_visit(&program, at("2026-01-10T00:00:00Z"));
        assert_eq!(account.due_at, None);
    }
}
