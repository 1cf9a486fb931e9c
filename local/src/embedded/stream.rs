//! The table's stream, read like a queue.

use std::sync::{Arc, Mutex, PoisonError};

use dynoxide::{
    DynoxideError,
    actions::{
        describe_table::DescribeTableRequest, get_records::GetRecordsRequest,
        get_shard_iterator::GetShardIteratorRequest,
    },
};
use rusqlite::Connection;
use serde_json::Value;

use super::store::Inner;

/// Takes the records of one table's stream, oldest first. Clones read the same records.
///
/// Records stay until [`StreamReader::done_with`] says that they were handled, also across a
/// restart: what was not handled comes again, and nothing else does. AWS keeps them for 24 hours
/// instead and remembers how far each reader has got.
#[derive(Clone)]
pub struct StreamReader {
    store: Arc<Inner>,
    table: String,
    stream_arn: String,
    /// Records can only be deleted past the store, on a connection of our own.
    side: Arc<Mutex<Connection>>,
}

/// Why the stream cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The table has no stream.
    #[error("the table has no stream")]
    None,
    /// The store refused.
    #[error("the store refused to read its stream")]
    Store(#[from] DynoxideError),
    /// The second connection failed.
    #[error("the store's stream records cannot be reached")]
    Records(#[from] rusqlite::Error),
    /// A record has no JSON form.
    #[error("a stream record has no JSON form")]
    Form(#[from] serde_json::Error),
    /// The thread that worked for it has ended.
    #[error("the thread that read the stream has ended")]
    Thread(#[from] tokio::task::JoinError),
}

impl StreamReader {
    pub(super) fn open(store: Arc<Inner>, table: &str) -> Result<StreamReader, StreamError> {
        let request = DescribeTableRequest {
            table_name: table.to_owned(),
        };
        let described = store.db.describe_table(request)?;
        let stream_arn = described.table.latest_stream_arn.ok_or(StreamError::None)?;
        let side = Connection::open(&store.location)?;
        let alone = store.gate.write();
        // The store looks for the last record at each write, and without an index it looks at all
        // of them: writes would slow down with every record that waits.
        side.execute_batch(
            "PRAGMA synchronous = NORMAL;
             CREATE INDEX IF NOT EXISTS laurel_stream_records
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER));",
        )?;
        drop(alone);
        let side = Arc::new(Mutex::new(side));
        Ok(StreamReader {
            store,
            table: table.to_owned(),
            stream_arn,
            side,
        })
    }

    /// At most `limit` of the oldest records, in the JSON form in which a function gets them.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn next(&self, limit: usize) -> Result<Vec<Value>, StreamError> {
        let reader = self.clone();
        tokio::task::spawn_blocking(move || reader.read(limit)).await?
    }

    fn read(&self, limit: usize) -> Result<Vec<Value>, StreamError> {
        let from = self.store.db.get_shard_iterator(GetShardIteratorRequest {
            stream_arn: self.stream_arn.clone(),
            shard_id: dynoxide::streams::shard_id(&self.table),
            shard_iterator_type: "TRIM_HORIZON".to_owned(),
            sequence_number: None,
        })?;
        let answer = self.store.db.get_records(GetRecordsRequest {
            shard_iterator: from.shard_iterator.unwrap_or_default(),
            limit: Some(limit),
        })?;
        let form = |record| {
            let mut record = serde_json::to_value(record)?;
            record["eventSourceARN"] = Value::from(self.stream_arn.as_str());
            Ok(record)
        };
        answer.records.into_iter().map(form).collect()
    }

    /// Forgets the record with this sequence number and all before it.
    ///
    /// # Errors
    /// The store cannot be written; the records will come again.
    pub async fn done_with(&self, sequence_number: &str) -> Result<(), StreamError> {
        // Outside, sequence numbers are padded to 21 digits by a leading 1 and zeros.
        let stored: i64 = sequence_number
            .get(1..)
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        let reader = self.clone();
        tokio::task::spawn_blocking(move || reader.delete(stored)).await?
    }

    fn delete(&self, up_to: i64) -> Result<(), StreamError> {
        let side = self.side.lock().unwrap_or_else(PoisonError::into_inner);
        let _alone = self.store.gate.write();
        side.prepare_cached(
            "DELETE FROM _stream_records
             WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2",
        )?
        .execute((&self.table, up_to))?;
        Ok(())
    }

    /// Waits until something was written since the last call.
    pub async fn written(&self) {
        self.store.written.notified().await;
    }
}
