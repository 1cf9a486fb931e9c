//! Transactions in words.

use std::collections::HashMap;

use laurel_rules::{
    Entry,
    explain::{Subject, explain},
};

use crate::{Error, Ledger, TransactionView, item, store::Consistency, table::Key};

impl Ledger {
    /// Says of each of these transactions, which are of one program, in short sentences how it came
    /// about. It takes one request: for the program, whose tiers and campaigns have names, and for
    /// the earnings that others are about.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn explain(&self, views: &[TransactionView]) -> Result<Vec<Vec<String>>, Error> {
        let Some(program) = views.first().map(|view| &view.entry.program) else {
            return Ok(Vec::new());
        };
        let kept = self.kept_catalog(program).await?;
        let program = Key::program(program);
        let mut keys = vec![program.clone()];
        for earning in views
            .iter()
            .filter_map(|view| view.transaction().of.as_ref())
        {
            let key = Key::entry(&earning.account, earning.seq);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let found = self.store.get(keys, Consistency::Strong).await?;
        let catalog = self.current_catalog(kept, found.get(&program)).await?;
        let mut entries: HashMap<&Key, Entry> = HashMap::new();
        for (key, item) in found.iter().filter(|(key, _)| **key != program) {
            entries.insert(key, item::entry(item)?);
        }
        let said = views.iter().map(|view| {
            let of = view.transaction().of.as_ref().and_then(|earning| {
                let entry = entries.get(&Key::entry(&earning.account, earning.seq))?;
                let place = usize::try_from(earning.place).ok()?;
                Some((entry, entry.transactions.get(place)?))
            });
            explain(Subject {
                entry: &view.entry,
                place: view.place,
                of,
                catalog: Some(&catalog),
            })
        });
        Ok(said.collect())
    }
}
