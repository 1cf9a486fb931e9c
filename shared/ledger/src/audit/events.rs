//! Whether what was written was announced.

use jiff::SignedDuration;

use super::{Dossier, Invariant, Terms};
use crate::{Error, Ledger, emitted, store::Consistency, table::Key};

/// How long what is written may wait to be announced.
const WAIT_HOURS_MAX: i64 = 1;

impl Ledger {
    /// Each change and transaction of late was announced. What is older than a note of it is kept
    /// cannot be told any more, nor can what a program writes whose time is its own.
    pub(super) async fn check_events(
        &self,
        dossier: &mut Dossier,
        terms: &Terms<'_>,
        consistency: Consistency,
    ) -> Result<(), Error> {
        if !terms.is_announced || terms.program.clock.is_some() {
            return Ok(());
        }
        let ago = |hours| self.now().checked_sub(SignedDuration::from_hours(hours));
        // A day less than notes are kept, so that none goes while it is looked for.
        let (Ok(from), Ok(to)) = (ago((emitted::KEPT_DAYS - 1) * 24), ago(WAIT_HOURS_MAX)) else {
            return Ok(());
        };
        let mut noted: Vec<(Key, String)> = Vec::new();
        let late = dossier.entries.iter().map(|(_, entry)| entry);
        for entry in late.filter(|entry| from < entry.created && entry.created < to) {
            let events = laurel_events::outgoing(entry).into_iter();
            noted.extend(events.filter_map(|event| Some((emitted::note_key(&event)?, event.id))));
        }
        let keys = noted.iter().map(|(key, _)| key.clone());
        let found = self.store.get(keys, consistency).await?;
        noted.retain(|(key, _)| !found.contains_key(key));
        if !noted.is_empty() {
            let ids: Vec<String> = noted.into_iter().map(|(_, id)| id).collect();
            let message = format!("Not announced: {}.", ids.join(", "));
            dossier.violated(Invariant::Events, message, Vec::new());
        }
        Ok(())
    }
}
