//! Webhook endpoints: create, read, change, delete, list.
//!
//! All of them share one version, on the item that counts them: whoever matches events against
//! them reads that one small item and keeps the rest in memory while it stands.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use laurel_rules::{Code, Refusal};
use laurel_webhooks::{ENDPOINTS_MAX, Endpoint, EndpointStatus};

use crate::{
    Error, Ledger, Page, PageRequest,
    commit::{invalid, put},
    item::{Item, Reader, Writer},
    programs::json,
    retry::Pause,
    store::{Committed, Consistency, key_item},
    table::{ENDPOINTS, Key},
};

/// All endpoints, kept in memory while their version stands. Clones share what they keep.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    kept: Arc<Mutex<Option<Kept>>>,
}

/// The endpoints as of a version.
#[derive(Debug)]
struct Kept {
    version: u64,
    endpoints: Arc<Vec<Endpoint>>,
}

impl Endpoints {
    /// All endpoints as they are now.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn current(&self, ledger: &Ledger) -> Result<Arc<Vec<Endpoint>>, Error> {
        let version = ledger.endpoints_head().await?.version.unwrap_or(0);
        if let Some(kept) = self.lock().as_ref().filter(|kept| kept.version == version) {
            return Ok(Arc::clone(&kept.endpoints));
        }
        // Read after the version: what is kept may be newer than it says, never older.
        let endpoints = Arc::new(ledger.all_endpoints().await?);
        *self.lock() = Some(Kept {
            version,
            endpoints: Arc::clone(&endpoints),
        });
        Ok(endpoints)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The item that counts the endpoints.
struct Head {
    version: Option<u64>,
    count: u64,
}

fn no_such_endpoint(id: &str) -> Refusal {
    let message = format!("No such webhook endpoint: `{id}`.");
    Refusal::new(Code::ResourceMissing, message)
}

impl Ledger {
    /// Creates an endpoint. The same one again is answered as it was created.
    ///
    /// # Errors
    /// `limit_reached`; `resource_missing` where there is no such program.
    pub async fn create_endpoint(&self, endpoint: Endpoint) -> Result<Endpoint, Error> {
        self.check_endpoint_program(&endpoint).await?;
        let mut pause = Pause::new();
        loop {
            let head = self.endpoints_head().await?;
            // An id is never used twice, so an endpoint that has ours is ours.
            if let Some((found, _)) = self.stored_endpoint(&endpoint.id).await? {
                return Ok(found);
            }
            if head.count >= ENDPOINTS_MAX as u64 {
                let message = format!(
                    "There are {ENDPOINTS_MAX} webhook endpoints already; delete one first."
                );
                return Err(Refusal::new(Code::LimitReached, message).into());
            }
            let writes = vec![
                put(&self.store.table, endpoint_item(&endpoint, 1)?, None)?,
                put(
                    &self.store.table,
                    Writer::keyed(Key::listed_endpoint(&endpoint.id)).done(),
                    None,
                )?,
                self.head_put(&head, head.count.saturating_add(1))?,
            ];
            match self.store.transact(writes).await? {
                Committed::Yes => return Ok(endpoint),
                Committed::Stale | Committed::Unclear => pause.or_busy().await?,
            }
        }
    }

    /// Refuses a program that does not exist, and all programs where only some are known.
    async fn check_endpoint_program(&self, endpoint: &Endpoint) -> Result<(), Error> {
        if let Some(program) = &endpoint.program {
            self.program(program).await?;
        } else if !self.sees_all_of(None) {
            let message = "Name a `program`: this key is limited to some, and an endpoint \
                           without one gets the events of all.";
            return Err(Refusal::new(Code::ScopeInsufficient, message)
                .at("program")
                .into());
        }
        Ok(())
    }

    /// The endpoint with this id.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn endpoint(&self, id: &str) -> Result<Endpoint, Error> {
        let found = self.stored_endpoint(id).await?;
        Ok(found.ok_or_else(|| no_such_endpoint(id))?.0)
    }

    /// Lists endpoints, the newest first.
    ///
    /// # Errors
    /// `parameter_invalid` where a cursor names none of them.
    pub async fn endpoints(&self, request: &PageRequest) -> Result<Page<Endpoint>, Error> {
        let mut endpoints = self.all_endpoints().await?;
        endpoints.retain(|endpoint| self.sees_all_of(endpoint.program.as_ref()));
        endpoints.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        Ok(Page::cut(endpoints, request, |endpoint| &endpoint.id)?)
    }

    /// Changes an endpoint. One that is enabled by it begins with a clean record.
    ///
    /// # Errors
    /// `resource_missing`, and whatever `change` refuses.
    pub async fn update_endpoint(
        &self,
        id: &str,
        change: impl Fn(&mut Endpoint) -> Result<(), Refusal>,
    ) -> Result<Endpoint, Error> {
        let mut pause = Pause::new();
        loop {
            let found = self.stored_endpoint(id).await?;
            let (before, version) = found.ok_or_else(|| no_such_endpoint(id))?;
            let mut endpoint = before.clone();
            change(&mut endpoint)?;
            if endpoint.program != before.program {
                self.check_endpoint_program(&endpoint).await?;
            }
            if endpoint == before || self.put_endpoint(&before, &endpoint, version).await? {
                return Ok(endpoint);
            }
            pause.or_busy().await?;
        }
    }

    /// Disables an endpoint that is still as it was read; whoever has changed it in between knows
    /// better.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn disable_endpoint(
        &self,
        before: &Endpoint,
        version: u64,
        reason: &str,
    ) -> Result<(), Error> {
        let mut pause = Pause::new();
        let mut endpoint = before.clone();
        endpoint.disable(reason);
        while !self.put_endpoint(before, &endpoint, version).await? {
            let found = self.stored_endpoint(&before.id).await?;
            if found.is_none_or(|(_, now_at)| now_at != version) {
                return Ok(());
            }
            pause.or_busy().await?;
        }
        Ok(())
    }

    async fn put_endpoint(
        &self,
        before: &Endpoint,
        endpoint: &Endpoint,
        version: u64,
    ) -> Result<bool, Error> {
        let head = self.endpoints_head().await?;
        let item = endpoint_item(endpoint, version.saturating_add(1))?;
        let mut writes = vec![
            put(&self.store.table, item, Some(version))?,
            self.head_put(&head, head.count)?,
        ];
        let is_enabled = endpoint.status == EndpointStatus::Enabled;
        if is_enabled && before.status != EndpointStatus::Enabled {
            writes.push(self.removal(&Key::endpoint_health(&endpoint.id), None)?);
        }
        Ok(self.store.transact(writes).await? == Committed::Yes)
    }

    /// Deletes an endpoint. Its deliveries stay for as long as they would have.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn delete_endpoint(&self, id: &str) -> Result<(), Error> {
        let mut pause = Pause::new();
        let mut tried = false;
        loop {
            let head = self.endpoints_head().await?;
            let Some((_, version)) = self.stored_endpoint(id).await? else {
                // An answer of ours may have been lost.
                return match tried {
                    true => Ok(()),
                    false => Err(no_such_endpoint(id).into()),
                };
            };
            let writes = vec![
                self.removal(&Key::endpoint(id), Some(version))?,
                self.removal(&Key::listed_endpoint(id), None)?,
                self.removal(&Key::endpoint_health(id), None)?,
                self.head_put(&head, head.count.saturating_sub(1))?,
            ];
            match self.store.transact(writes).await? {
                Committed::Yes => return Ok(()),
                Committed::Stale => {}
                Committed::Unclear => tried = true,
            }
            pause.or_busy().await?;
        }
    }

    async fn all_endpoints(&self) -> Result<Vec<Endpoint>, Error> {
        let listed = self.store.query_all(ENDPOINTS, "0", "~").await?;
        let mut keys = Vec::with_capacity(listed.len());
        for item in &listed {
            keys.push(Key::endpoint(Reader::new(item).text("sk")?));
        }
        let found = self.store.get(keys, Consistency::Strong).await?;
        let endpoints = found.values().map(|item| Ok(endpoint_in(item)?.0));
        endpoints.collect()
    }

    async fn stored_endpoint(&self, id: &str) -> Result<Option<(Endpoint, u64)>, Error> {
        let found = self
            .store
            .get([Key::endpoint(id)], Consistency::Strong)
            .await?;
        let found = found.values().next().map(endpoint_in).transpose()?;
        Ok(found.filter(|(endpoint, _)| self.sees_all_of(endpoint.program.as_ref())))
    }

    async fn endpoints_head(&self) -> Result<Head, Error> {
        let found = self
            .store
            .get([Key::endpoints()], Consistency::Strong)
            .await?;
        let Some(item) = found.values().next() else {
            return Ok(Head {
                version: None,
                count: 0,
            });
        };
        let reader = Reader::new(item);
        Ok(Head {
            version: Some(reader.number("v")?),
            count: reader.number("n")?,
        })
    }

    /// The write that counts the endpoints anew, a part of every change of one.
    fn head_put(&self, head: &Head, count: u64) -> Result<TransactWriteItem, Error> {
        let version = head.version.unwrap_or(0).saturating_add(1);
        let item = Writer::keyed(Key::endpoints())
            .number("v", version)
            .number("n", count)
            .done();
        put(&self.store.table, item, head.version)
    }

    fn removal(&self, key: &Key, version: Option<u64>) -> Result<TransactWriteItem, Error> {
        let delete = Delete::builder()
            .table_name(&self.store.table)
            .set_key(Some(key_item(key)));
        let delete = match version {
            None => delete,
            Some(version) => delete
                .condition_expression("v = :v")
                .expression_attribute_values(":v", crate::item::number(version)),
        };
        Ok(TransactWriteItem::builder()
            .delete(delete.build().map_err(invalid)?)
            .build())
    }
}

fn endpoint_item(endpoint: &Endpoint, version: u64) -> Result<Item, Error> {
    let writer = Writer::keyed(Key::endpoint(&endpoint.id));
    Ok(writer
        .text("cfg", json(endpoint)?)
        .number("v", version)
        .done())
}

pub(crate) fn endpoint_in(item: &Item) -> Result<(Endpoint, u64), Error> {
    let reader = Reader::new(item);
    let endpoint = serde_json::from_str(reader.text("cfg")?)
        .map_err(|problem| reader.corrupt(format!("an endpoint does not read: {problem}")))?;
    Ok((endpoint, reader.number("v")?))
}
