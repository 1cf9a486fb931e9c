//! Reminders of points and of store credit that will expire.

use jiff::Timestamp;

use super::{Cause, Draft};
use crate::{entry::Change, event::REMINDER};

impl Draft<'_> {
    /// Announces the expiries whose reminders have come due since the log's latest entry, which
    /// was written at `since`, in an entry of its own.
    pub(super) fn remind(&mut self, since: Timestamp) {
        let reminders = self
            .account
            .reminders_between(self.program, since, self.now);
        if reminders.is_empty() {
            return;
        }
        let reminders = reminders.into_iter();
        let changes = reminders
            .map(|((currency, expires_at), amount)| match currency {
                None => Change::PointsExpiring {
                    points: amount,
                    expires_at,
                },
                Some(currency) => Change::CreditExpiring {
                    currency,
                    amount,
                    expires_at,
                },
            })
            .collect();
        let source_id = self.account.id.clone();
        let cause = Cause {
            trigger: REMINDER,
            source_id: &source_id,
            payment: None,
            occurred_at: self.now,
        };
        self.append(&cause, changes, Vec::new());
    }
}
