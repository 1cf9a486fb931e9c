//! API keys as they are stored: never their text, only its hash.

use jiff::Timestamp;
use laurel_rules::{Code, Refusal};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Ledger, Page, PageRequest,
    item::{Item, Reader, Writer, number},
    programs::json,
    retry::Pause,
    store::{Consistency, Put},
    table::{API_KEYS, Key},
};

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// A back end of the operator's: everything.
    Secret,
    /// A back end that may do what its scopes name.
    Restricted,
    /// A page that anybody can read.
    Publishable,
}

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    /// Its id.
    pub id: String,
    /// What the operator calls it.
    pub name: Option<String>,
    /// What it is for.
    pub kind: KeyKind,
    /// What a restricted key may do, as `accounts:read`.
    pub scopes: Vec<String>,
    /// The programs that it may know; all where absent.
    pub programs: Option<Vec<String>>,
    /// Requests a second, where other than what holds for all keys.
    pub rate_limit: Option<u32>,
    /// What its text begins with, as `sk_test_`.
    pub prefix: String,
    /// What its text ends with.
    pub last4: String,
    /// SHA-256 of its text, in hexadecimal digits.
    pub hash: String,
    /// When it was created.
    pub created: Timestamp,
    /// When it ceased to be valid.
    pub revoked_at: Option<Timestamp>,
}

fn no_such_key(id: &str) -> Refusal {
    Refusal::new(Code::ResourceMissing, format!("No such API key: `{id}`."))
}

impl Ledger {
    /// Creates a key, or gives the one that an earlier try of the same request made its present
    /// text: nobody was ever shown the text of an earlier try, or it would not be tried again.
    ///
    /// # Errors
    /// The transient ones.
    pub async fn create_key(&self, key: StoredKey) -> Result<StoredKey, Error> {
        let first = (key_item(&key, 1)?, "attribute_not_exists(pk)", None);
        let mut write = first.clone();
        let mut pause = Pause::new();
        loop {
            let (item, condition, version) = write;
            let version = version.map(|version: u64| (":v", number(version)));
            match self.store.put_if(item, condition, version).await? {
                Put::Done => return Ok(key),
                Put::Refused(None) => write = first.clone(),
                Put::Refused(Some(item)) => {
                    let (made, version) = key_in(&item)?;
                    if made.hash == key.hash {
                        return Ok(key);
                    }
                    write = (key_item(&key, version + 1)?, "v = :v", Some(version));
                }
            }
            if !pause.wait().await {
                return Err(Error::Busy {
                    attempts: pause.attempts(),
                });
            }
        }
    }

    /// The key with this id, revoked or not.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn key(&self, id: &str) -> Result<StoredKey, Error> {
        let (key, _) = self.stored_key(id).await?;
        Ok(key)
    }

    /// Lists all keys, also revoked ones, the newest first.
    ///
    /// # Errors
    /// `parameter_invalid` where a cursor names no key.
    pub async fn keys(&self, request: &PageRequest) -> Result<Page<StoredKey>, Error> {
        let items = self.store.query_all(API_KEYS, "0", "~").await?;
        let keys = items.iter().map(|item| Ok(key_in(item)?.0));
        let mut keys = keys.collect::<Result<Vec<_>, Error>>()?;
        keys.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        Ok(Page::cut(keys, request, |key| &key.id)?)
    }

    /// Makes a key invalid for good. One that is invalid already stays as it is.
    ///
    /// # Errors
    /// `resource_missing` where there is none.
    pub async fn revoke_key(&self, id: &str) -> Result<StoredKey, Error> {
        let mut pause = Pause::new();
        loop {
            let (mut key, version) = self.stored_key(id).await?;
            if key.revoked_at.is_some() {
                return Ok(key);
            }
            key.revoked_at = Some(self.now());
            let item = key_item(&key, version + 1)?;
            let values = [(":v", number(version))];
            if let Put::Done = self.store.put_if(item, "v = :v", values).await? {
                return Ok(key);
            }
            if !pause.wait().await {
                return Err(Error::Busy {
                    attempts: pause.attempts(),
                });
            }
        }
    }

    async fn stored_key(&self, id: &str) -> Result<(StoredKey, u64), Error> {
        let found = self
            .store
            .get([Key::api_key(id)], Consistency::Strong)
            .await?;
        let item = found.values().next().ok_or_else(|| no_such_key(id))?;
        key_in(item)
    }
}

fn key_item(key: &StoredKey, version: u64) -> Result<Item, Error> {
    let writer = Writer::keyed(Key::api_key(&key.id));
    Ok(writer.text("cfg", json(key)?).number("v", version).done())
}

fn key_in(item: &Item) -> Result<(StoredKey, u64), Error> {
    let reader = Reader::new(item);
    let key = serde_json::from_str(reader.text("cfg")?)
        .map_err(|problem| reader.corrupt(format!("a key does not read: {problem}")))?;
    Ok((key, reader.number("v")?))
}
