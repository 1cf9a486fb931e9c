//! Requests that are to be carried out once, however often they are sent (spec section 7).
//!
//! Before a request is carried out its seed is written down, under the name that its sender gave
//! it; afterwards its answer. Whoever finds no answer yet waits while the one who is at it holds
//! the lease. A holder that died leaves the seed: the next one carries the request out again with
//! the same ids, and so finds what was made before. The lease only keeps two from doing the same
//! work; what is done once is up to the ids.

use std::time::Duration;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use jiff::Timestamp;
use laurel_planted::{Bug, is};
use sha2::{Digest, Sha256};

use crate::{
    Error, Ledger, Seed,
    item::{Item, Reader, Writer, number},
    retry::Pause,
    store::{Consistency, Put, text},
    table::Key,
};

/// How long one may be at a request before another one takes it over. It must be longer than any
/// function may run.
pub const LEASE: Duration = Duration::from_secs(30);
/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// An answer as it was first given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The type of the body, where it has one.
    pub content_type: Option<String>,
    /// The body; of an error only what is inside of `error`, without the request's id.
    pub body: Vec<u8>,
    /// Whether it is an error.
    pub is_error: bool,
}

/// The right to carry a request out.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What the ids of all that it makes are made of.
    pub seed: Seed,
    key: Key,
    digest: String,
    holder: String,
    expires: Timestamp,
}

/// What is known of a request when it comes.
#[derive(Debug)]
pub enum Begun {
    /// Nothing, or that whoever was at it has died or given up: carry it out.
    Run(Attempt),
    /// It was carried out.
    Done(KeptAnswer),
    /// Somebody is at it.
    Running,
    /// Its name was given to another request.
    Other,
}

impl Ledger {
    /// Takes up the request that `owner` named `name`, or tells why not. `digest` stands for its
    /// content.
    ///
    /// # Errors
    /// The transient ones.
    pub async fn begin(&self, owner: &str, name: &str, digest: &str) -> Result<Begun, Error> {
        let now = self.now();
        let fresh = Attempt {
            seed: self.chance.seed(),
            key: request_key(owner, name),
            digest: digest.to_owned(),
            holder: self.chance.seed().to_text(),
            expires: now.saturating_add(KEPT).unwrap_or(Timestamp::MAX),
        };
        let mut pause = Pause::new();
        loop {
            let condition = "attribute_not_exists(pk) OR ex <= :now";
            let values = [(":now", number(now.as_millisecond()))];
            let put = self.store.put_if(fresh.running(now), condition, values);
            let found = match put.await? {
                Put::Done => return Ok(Begun::Run(fresh)),
                Put::Refused(found) => found,
            };
            if let Some(item) = found {
                let known = Known::read(&item)?;
                if known.holder == fresh.holder {
                    // The client asked again for an answer that was lost.
                    return Ok(Begun::Run(fresh));
                }
                if known.digest != digest {
                    return Ok(Begun::Other);
                }
                if let Some(answer) = known.answer {
                    return Ok(Begun::Done(answer));
                }
                if known.lease > now {
                    return Ok(Begun::Running);
                }
                let taken_over = Attempt {
                    seed: if is(Bug::OtherSeeds) {
                        fresh.seed
                    } else {
                        known.seed
                    },
                    expires: known.expires,
                    ..fresh.clone()
                };
                if self
                    .write(&taken_over, taken_over.running(now), &known.holder)
                    .await?
                {
                    return Ok(Begun::Run(taken_over));
                }
            }
            if !pause.wait().await {
                return Err(Error::Busy {
                    attempts: pause.attempts(),
                });
            }
        }
    }

    /// Whether somebody is still at a request that was found to be running.
    ///
    /// # Errors
    /// The transient ones.
    pub async fn is_running(&self, owner: &str, name: &str) -> Result<bool, Error> {
        let key = request_key(owner, name);
        let found = self.store.get([key], Consistency::Strong).await?;
        match found.values().next() {
            Some(item) => {
                let known = Known::read(item)?;
                Ok(known.answer.is_none() && known.lease > self.now())
            }
            None => Ok(false),
        }
    }

    /// Keeps the answer; `false` where another one has taken the request over, whose answer then
    /// is the answer.
    ///
    /// # Errors
    /// The transient ones.
    pub async fn keep(&self, attempt: &Attempt, answer: &KeptAnswer) -> Result<bool, Error> {
        let mut writer = attempt
            .item()
            .number("st", answer.status)
            .maybe_text("ct", answer.content_type.as_ref());
        if answer.is_error {
            writer = writer.number("er", 1);
        }
        let mut item = writer.done();
        let body = AttributeValue::B(Blob::new(answer.body.clone()));
        item.insert("b".to_owned(), body);
        self.write(attempt, item, &attempt.holder).await
    }

    /// Gives the request up without an answer: the next one to send it carries it out, under the
    /// same seed.
    ///
    /// # Errors
    /// The transient ones.
    pub async fn give_up(&self, attempt: &Attempt) -> Result<bool, Error> {
        self.write(
            attempt,
            attempt.item().number("le", 0).done(),
            &attempt.holder,
        )
        .await
    }

    /// Forgets the request, which has done nothing: its name is free for another one.
    ///
    /// # Errors
    /// The transient ones.
    pub async fn forget(&self, attempt: &Attempt) -> Result<bool, Error> {
        let mut over = attempt.item().number("le", 0).done();
        // An item whose time is up is as good as none, here as everywhere.
        over.insert("ex".to_owned(), number(0));
        self.write(attempt, over, &attempt.holder).await
    }

    async fn write(&self, attempt: &Attempt, item: Item, holder: &str) -> Result<bool, Error> {
        let condition = "ho = :holder AND attribute_not_exists(st)";
        match self
            .store
            .put_if(item, condition, [(":holder", text(holder))])
            .await?
        {
            Put::Done => Ok(true),
            // It may have failed on its own write.
            Put::Refused(Some(item)) => Ok(Known::read(&item)?.holder == attempt.holder),
            Put::Refused(None) => Ok(false),
        }
    }
}

/// The item of a request. What its sender calls it may be anything, so its hash stands for it.
fn request_key(owner: &str, name: &str) -> Key {
    Key::request(owner, &format!("{:x}", Sha256::digest(name)))
}

impl Attempt {
    fn item(&self) -> Writer {
        Writer::keyed(self.key.clone())
            .text("h", &self.digest)
            .text("sd", self.seed.to_text())
            .text("ho", &self.holder)
            .time("ex", self.expires)
            .number("ttl", self.expires.as_second())
    }

    fn running(&self, now: Timestamp) -> Item {
        let lease = now.saturating_add(LEASE).unwrap_or(Timestamp::MAX);
        self.item().time("le", lease).done()
    }
}

/// What the table knows of a request.
struct Known {
    digest: String,
    seed: Seed,
    holder: String,
    expires: Timestamp,
    lease: Timestamp,
    answer: Option<KeptAnswer>,
}

impl Known {
    fn read(item: &Item) -> Result<Known, Error> {
        let reader = Reader::new(item);
        let seed = Seed::parse(reader.text("sd")?);
        let answer = match reader.maybe_number("st")? {
            None => None,
            Some(status) => Some(KeptAnswer {
                status,
                content_type: reader.owned("ct"),
                body: match item.get("b") {
                    Some(AttributeValue::B(body)) => body.as_ref().to_vec(),
                    _ => Vec::new(),
                },
                is_error: reader.count("er")? == 1,
            }),
        };
        Ok(Known {
            digest: reader.text("h")?.to_owned(),
            seed: seed.ok_or_else(|| reader.corrupt("sd is no seed"))?,
            holder: reader.text("ho")?.to_owned(),
            expires: reader.time("ex")?,
            lease: reader.maybe_time("le")?.unwrap_or(Timestamp::MIN),
            answer,
        })
    }
}
