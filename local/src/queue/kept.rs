//! What lies in the queues, in a file beside the store: SQS, too, has the messages still when
//! those who work on them have ended.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, Result, params};
use tokio::time::Instant;

use super::Message;

/// The messages of all queues of a stack. Clones are the same file.
#[derive(Clone)]
pub(crate) struct Kept {
    file: Arc<Mutex<Connection>>,
}

impl Kept {
    /// The messages in this file, which is created where it does not exist.
    pub(crate) fn open(path: &Path) -> Result<Kept> {
        let file = Connection::open(path)?;
        file.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = NORMAL;
             CREATE TABLE IF NOT EXISTS messages (
                 queue TEXT NOT NULL,
                 id TEXT NOT NULL,
                 body TEXT NOT NULL,
                 receives INTEGER NOT NULL,
                 visible_at_ms INTEGER NOT NULL,
                 PRIMARY KEY (queue, id)
             ) WITHOUT ROWID;",
        )?;
        let file = Arc::new(Mutex::new(file));
        Ok(Kept { file })
    }

    /// Adds a message, or notes how far it is.
    pub(super) fn put(&self, queue: &str, message: &Message) -> Result<()> {
        let wait = message.visible_at.saturating_duration_since(Instant::now());
        let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let visible_at_ms = now_ms().saturating_add(wait_ms);
        let Message {
            id, body, receives, ..
        } = message;
        self.lock()
            .prepare_cached("INSERT OR REPLACE INTO messages VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![queue, id, body, receives, visible_at_ms])?;
        Ok(())
    }

    /// Forgets a message.
    pub(super) fn remove(&self, queue: &str, id: &str) -> Result<()> {
        self.lock()
            .prepare_cached("DELETE FROM messages WHERE queue = ?1 AND id = ?2")?
            .execute([queue, id])?;
        Ok(())
    }

    /// What lies in a queue, the oldest first: ids begin with the time.
    pub(super) fn of(&self, queue: &str) -> Result<Vec<Message>> {
        let file = self.lock();
        let mut found = file.prepare(
            "SELECT id, body, receives, visible_at_ms FROM messages WHERE queue = ?1 ORDER BY id",
        )?;
        let rows = found.query_map([queue], |row| {
            let wait_ms = row.get::<_, i64>(3)?.saturating_sub(now_ms());
            let wait = Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0));
            Ok(Message {
                id: row.get(0)?,
                body: row.get(1)?,
                receives: row.get(2)?,
                visible_at: Instant::now() + wait,
                is_later: !wait.is_zero(),
            })
        })?;
        rows.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}
