//! How much of its rate a key's owner has used up, over all processes.

use crate::{Error, Ledger, table::Key};

impl Ledger {
    /// Uses up `by` of what `owner` may do in `window`, and answers what has been used up then;
    /// `None` where `budget` was used up before. More than the budget may be asked for: what lies
    /// beyond is not the owner's. The counter goes at `expires_s`, in Unix seconds.
    ///
    /// # Errors
    /// The transient ones.
    pub async fn use_up(
        &self,
        owner: &str,
        window: i64,
        by: u64,
        budget: u64,
        expires_s: i64,
    ) -> Result<Option<u64>, Error> {
        let key = Key::used(owner, window);
        self.store.count(&key, by, budget, expires_s).await
    }
}
