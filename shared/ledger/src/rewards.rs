//! Rewards as they are stored, and what is taken of them: their stock and their imported codes.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use laurel_conditions::Scope;
use laurel_rules::{Refusal, Reward, decide::Stock, redemption::lookup_form};

use crate::{
    Error, Ledger, Seed,
    codes::stock_in,
    commit::put,
    configured::{Configured, getters},
    item::{Reader, Writer},
    redemption_writes::codes_added,
    retry::Pause,
    segments::check_condition,
    store::{Committed, Consistency},
    table::Key,
};

/// How many codes one call can import.
pub const CODES_IMPORTED_MAX: usize = 1000;
/// How many codes one transaction imports: each is two items, and there are at most 100 in all.
const CODES_WRITTEN_MAX: usize = 49;

impl Configured for Reward {
    const NOUN: &'static str = "reward";
    const LETTER: char = 'W';
    const COUNT_MAX: usize = 500;

    getters!();

    fn check(&self) -> Result<(), Refusal> {
        Reward::check(self)?;
        check_condition(self.when.as_ref(), Scope::Member)
    }
}

/// What became of codes that were to be imported.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// How many are new.
    pub imported: usize,
    /// Those that the program has already, as they were sent.
    pub duplicates: Vec<String>,
    /// What the reward has then.
    pub stock: Stock,
}

impl Ledger {
    /// What is taken of rewards, in their order.
    ///
    /// # Errors
    /// The transient ones.
    pub async fn stocks(&self, rewards: &[Reward]) -> Result<Vec<Stock>, Error> {
        let keys = rewards.iter().map(|reward| Key::stock(&reward.id));
        let found = self.store.get(keys, Consistency::Strong).await?;
        let stocks = rewards.iter();
        stocks
            .map(|reward| stock_in(found.get(&Key::stock(&reward.id))))
            .collect()
    }

    /// Adds codes to those that are issued for a reward. Codes that the program has already, under
    /// whatever reward, are left out and told; what an earlier try of the same request has
    /// imported counts as imported.
    ///
    /// # Errors
    /// `resource_missing`; `parameter_invalid` where the reward makes its codes itself, or at the
    /// code that is none.
    pub async fn import_codes(
        &self,
        reward: &str,
        codes: &[String],
        seed: Seed,
    ) -> Result<Imported, Error> {
        let reward: Reward = self.configured(reward).await?;
        if !reward.code_pool {
            let message = "This reward makes its codes itself; set its `code_pool` first.";
            return Err(Refusal::invalid("codes", message).into());
        }
        let (mut wanted, mut answer) = (Vec::new(), Imported::default());
        let mut seen = BTreeSet::new();
        for (place, code) in codes.iter().enumerate() {
            let key = lookup_form(&format!("codes[{place}]"), code)?;
            if seen.insert(key.clone()) {
                wanted.push((key, code));
            } else {
                answer.duplicates.push(code.clone());
            }
        }
        for chunk in wanted.chunks(CODES_WRITTEN_MAX) {
            self.import_chunk(&reward, chunk, &seed.to_text(), &mut answer)
                .await?;
        }
        answer.stock = self.stocks(std::slice::from_ref(&reward)).await?[0];
        Ok(answer)
    }

    async fn import_chunk(
        &self,
        reward: &Reward,
        codes: &[(String, &String)],
        request: &str,
        answer: &mut Imported,
    ) -> Result<(), Error> {
        let (stock_key, mut pause) = (Key::stock(&reward.id), Pause::new());
        loop {
            let claims = codes.iter().map(|(key, _)| Key::code(&reward.program, key));
            let keys = claims.chain([stock_key.clone()]);
            let found = self.store.get(keys, Consistency::Strong).await?;
            let (mut new, mut known, mut duplicates) = (Vec::new(), 0, Vec::new());
            for (key, code) in codes {
                match found.get(&Key::code(&reward.program, key)) {
                    None => new.push((key, *code)),
                    Some(item) if Reader::new(item).maybe_text("rq") == Some(request) => known += 1,
                    Some(_) => duplicates.push((*code).clone()),
                }
            }
            let stock = stock_in(found.get(&stock_key))?;
            let done = new.is_empty() || {
                let writes = self.import_writes(reward, stock, &new, request)?;
                self.store.transact(writes).await? == Committed::Yes
            };
            if done {
                answer.imported += new.len() + known;
                answer.duplicates.extend(duplicates);
                return Ok(());
            }
            pause.or_busy().await?;
        }
    }

    fn import_writes(
        &self,
        reward: &Reward,
        stock: Stock,
        codes: &[(&String, &String)],
        request: &str,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let table = &self.store.table;
        let mut writes = vec![codes_added(table, &reward.id, stock.codes, codes.len())?];
        for ((key, code), number) in codes.iter().zip(stock.codes..) {
            let stored = Writer::keyed(Key::imported_code(&reward.id, number))
                .text("c", code.as_str())
                .done();
            let claim = Writer::keyed(Key::code(&reward.program, key))
                .text("rw", &reward.id)
                .text("rq", request)
                .done();
            writes.push(put(table, stored, None)?);
            writes.push(put(table, claim, None)?);
        }
        Ok(writes)
    }
}
